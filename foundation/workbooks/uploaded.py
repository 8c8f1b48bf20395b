"""Files that people sent, opened and read in a process of its own under limits: what reading them needs or does there
reaches no page of the site.

What comes back is JSON: refusals in the reader's language, rows as plain cells. A file that takes too long or too much
memory is refused like any other that cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.limited_process import LimitedProcess, ProcessBusy, ProcessFailed, speak
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.package import OfficePackage
from foundation.workbooks.reader import Cell, FaultyCell, MergedRange, Row, Sheet, Workbook, read_workbook

MEGABYTES = 1024
"""Address space of the process: a year of a town takes 400."""
ANSWER_MEGABYTES = 256
"""Rows kept for one file: a year of a town takes 30."""
BUSY = "busy"
"""Code of a refusal that says nothing about the file."""
_ROWS_A_PART = 1_000

READER = LimitedProcess(f"{__name__}:work", megabytes=MEGABYTES, answer_megabytes=ANSWER_MEGABYTES)
"""Of this process."""

_SAID = ("name", "hidden", "has_hidden_rows", "has_hidden_columns")
"""What is said of a sheet beside its cells."""


class _PlainSheet(Sheet):
    """A sheet as it came back: its rows in parts, read when they are asked for."""

    def __init__(self, said: dict[str, Any], parts: Sequence[bytes]) -> None:
        super().__init__(**{name: said[name] for name in _SAID})
        self._parts = parts
        self._merged = [MergedRange(*merged) for merged in said["merged"]]
        self._refused = said["refused"]

    def read(self) -> tuple[Iterator[Row], Sequence[MergedRange]]:
        return self._rows(), self._merged

    def _rows(self) -> Iterator[Row]:
        for part in self._parts:
            for number, cells in _DECODER.decode(part.decode()):
                yield number, tuple(cells)
        if self._refused:
            raise UnreadableWorkbook(*self._refused)


def read_upload(data: bytes, filename: str) -> Workbook:
    """`read_workbook` of a file somebody sent, within `settings.FILE_SECONDS`.

    Raises:
        UnreadableWorkbook.
    """
    if not settings.FILE_SECONDS:
        return read_workbook(data, filename)
    said, *parts = _ask("workbook", data, filename)
    sheets = []
    rows: list[bytes] = []
    for part in parts:
        if part.startswith(b"["):
            rows.append(part)
        else:
            sheets.append(_PlainSheet(json.loads(part), rows))
            rows = []
    return Workbook(tuple(sheets), tuple(json.loads(said)["notes"]))


def look_into_upload(data: bytes) -> tuple[list[str], bool]:
    """The names of a .docx's or .xlsx's parts, and whether it loads any from outside, within `settings.FILE_SECONDS`.

    Raises:
        UnreadableWorkbook.
    """
    if not settings.FILE_SECONDS:
        package = OfficePackage(data)
        return package.parts, package.loads_from_outside()
    said = json.loads(_ask("package", data)[0])
    return said["parts"], said["loads_from_outside"]


def work(message: bytes) -> Iterator[bytes]:
    """What the process does: look into one file."""
    head, _newline, data = message.partition(b"\n")
    asked = json.loads(head)
    speak(asked["language"])
    try:
        if asked["what"] == "workbook":
            yield from _say_workbook(read_workbook(data, asked["filename"]))
        else:
            package = OfficePackage(data)
            yield _encode({"parts": package.parts, "loads_from_outside": package.loads_from_outside()})
    except UnreadableWorkbook as refusal:
        yield _encode({"refused": _say(refusal)})


def _ask(what: str, data: bytes, filename: str = "") -> list[bytes]:
    head = json.dumps({"what": what, "filename": filename, "language": get_language() or settings.LANGUAGE_CODE})
    try:
        answer = READER.do(head.encode() + b"\n" + data, seconds=settings.FILE_SECONDS)
    except ProcessBusy as busy:
        raise UnreadableWorkbook(BUSY, _("Other files are being read just now."), _("Try again in a minute.")) from busy
    except ProcessFailed as failed:
        raise UnreadableWorkbook(
            "too_costly",
            _("Reading this file takes longer or more memory than a file may."),
            _("Delete unused sheets, columns and pictures, or split the file."),
        ) from failed
    refused = json.loads(answer[0]).get("refused")
    if refused:
        raise UnreadableWorkbook(*refused)
    return answer


def _say_workbook(book: Workbook) -> Iterator[bytes]:
    """The notes; then of each sheet its rows in parts, and what else is known of it. Hidden sheets are not read."""
    yield _encode({"notes": book.notes})
    for sheet in book.sheets:
        merged: Sequence[MergedRange] = ()
        refused = None
        try:
            rows, merged = ((), ()) if sheet.hidden else sheet.read()
            rows = iter(rows)
            while part := list(islice(rows, _ROWS_A_PART)):
                yield _encode(part)
        except UnreadableWorkbook as refusal:
            refused = _say(refusal)
        about = {name: getattr(sheet, name) for name in _SAID}
        yield _encode({**about, "merged": merged, "refused": refused})


def _say(refusal: UnreadableWorkbook) -> Sequence[str]:
    return refusal.code, refusal.problem, refusal.remedy


def _encode(value: object) -> bytes:
    return _ENCODER.encode(value).encode()


def _as_plain(cell: Cell) -> dict[str, Any]:
    """A cell that JSON has no form for."""
    if isinstance(cell, FaultyCell):
        return {"fault": cell.text}
    if isinstance(cell, timedelta):
        return {"timedelta": (cell.days, cell.seconds, cell.microseconds)}
    assert isinstance(cell, date | time)
    return {type(cell).__name__: cell.isoformat()}


def _as_cell(plain: dict[str, Any]) -> Cell:
    [(kind, said)] = plain.items()
    return _CELLS[kind](said)


_CELLS: dict[str, Callable[[Any], Cell]] = {
    "fault": FaultyCell,
    "timedelta": lambda said: timedelta(*said),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
}
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_as_plain)
_DECODER = json.JSONDecoder(object_hook=_as_cell)
