"""The first page of a PDF as a small picture, so that whoever looks through scans need not open each.

A PDF is a stranger's file: PDFium draws it in a process of its own, under limits. Its build here runs no scripts, and
nothing of the file but the pixels comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pypdfium2
from django.conf import settings

from foundation.limited_process import LimitedProcess, ProcessBusy, ProcessFailed

MEGABYTES = 1024
"""Address space of the process that draws."""
SIDE = 320
"""Pixels of the picture's longer side."""

DRAWER = LimitedProcess(f"{__name__}:work", megabytes=MEGABYTES, answer_megabytes=1)
"""Of this process."""


def draw_first_page(data: bytes) -> bytes | None:
    """A JPEG of the first page, no side longer than `SIDE`, within `settings.FILE_SECONDS`.

    None where it cannot be drawn: damaged, without a page, closed by a password, or too much at once.
    """
    if not settings.FILE_SECONDS:
        return _draw(data)
    try:
        answer = DRAWER.do(data, seconds=settings.FILE_SECONDS)
    except (ProcessBusy, ProcessFailed):
        return None
    return answer[0] if answer else None


def work(message: bytes) -> Iterator[bytes]:
    """What the process does: draw one page, or nothing."""
    picture = _draw(message)
    if picture is not None:
        yield picture


def _draw(data: bytes) -> bytes | None:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None
    try:
        page = document[0]
        longest = max(page.get_size())
        if not longest:
            return None
        # What a page says of its size is no measure of what is drawn: the picture's is.
        bitmap = page.render(scale=SIDE / longest, draw_annots=False, may_draw_forms=False)
        written = BytesIO()
        bitmap.to_pil().convert("RGB").save(written, "JPEG", quality=80)
        return written.getvalue()
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        return None
    finally:
        document.close()
