"""Files the site sends: always as attachments, with names that name nobody."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO, Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from foundation.errors import DomainError
from points.evidence.sending import HEADERS

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def _headers(name: str) -> dict[str, str]:
    return HEADERS | {"Content-Disposition": content_disposition_header(True, name) or "attachment"}


def name_paper(branch: str, when: int | str, what: str, number: int | str = "") -> str:
    """How a paper's file is called, without its ending: whose, of when (a year in figures), what, and which of several.

    桃源村党支部-2026年上半年-党员积分核定表; nobody's name (D21).
    """
    of = f"{when}年" if isinstance(when, int) else when
    return "-".join(part for part in (branch, of, what, str(number)) if part)


def send_file(content: bytes, name: str) -> HttpResponse:
    """A small file."""
    return HttpResponse(content, content_type=TYPES[name.rpartition(".")[2]], headers=_headers(name))


def send_written(write: Callable[[IO[bytes]], Any], name: str) -> FileResponse:
    """A file written to disk first, so that its length costs no memory; the disk forgets it when it is sent."""
    file = TemporaryFile()  # noqa: SIM115 (closed by the response)
    try:
        write(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return send_open(file, name)


def send_open(file: IO[bytes], name: str) -> FileResponse:
    """A file that lies on the disk already; closed when it is sent."""
    return FileResponse(file, content_type=TYPES[name.rpartition(".")[2]], headers=_headers(name))


def send_or_explain(request: HttpRequest, *, back: str, name: str, write: Callable[[], bytes]) -> HttpResponseBase:
    """Send what `write` returns, or say on the page before why there is nothing to print."""
    try:
        # D21: the name of the file names nobody.
        return send_file(write(), f"{name}.pdf")
    except DomainError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back)
