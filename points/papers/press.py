"""The press: a process under limits (`foundation.limited_process`) that lays out the papers of one web process."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from foundation.limited_process import LimitedProcess
from points.papers.layout import Layout, lay_out

MEGABYTES = 1024
"""Address space of the press: the largest paper of a branch takes a third of it."""
PDF_MEGABYTES = 256


def make_press(*, megabytes: int = MEGABYTES) -> LimitedProcess:
    """A press that is started with its first paper."""
    return LimitedProcess(f"{__name__}:work", megabytes=megabytes, answer_megabytes=PDF_MEGABYTES)


def print_layout(press: LimitedProcess, layout: Layout, *, seconds: int) -> bytes:
    """The PDF.

    Raises:
        ProcessBusy, ProcessFailed.
    """
    [pdf] = press.do(_pack(layout), seconds=seconds)
    return pdf


def work(message: bytes) -> Iterator[bytes]:
    """What the process does: the PDF of a layout."""
    yield lay_out(_unpack(message))


def _pack(layout: Layout) -> bytes:
    pictures = {name: base64.b64encode(data).decode() for name, data in layout.pictures.items()}
    values = {name: getattr(layout, name) for name in ("papers", "stylesheets", "title", "roots")}
    return json.dumps(values | {"pictures": pictures}).encode()


def _unpack(message: bytes) -> Layout:
    values: Mapping[str, Any] = json.loads(message)
    pictures = {name: base64.b64decode(data) for name, data in values["pictures"].items()}
    return Layout(**{**values, "pictures": pictures})
