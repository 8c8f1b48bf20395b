"""Files that people sent are read in a process of its own: the same rows, the same refusals, and an end to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import translation

from foundation.limited_process import LimitedProcess
from foundation.workbooks import uploaded
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.reader import Workbook, read_workbook
from foundation.workbooks.uploaded import look_into_upload, read_upload
from tests.foundation.workbooks.excel import pack, parts_of, sheet_xml, workbook
from tests.foundation.workbooks.test_bad_files import BAD_FILES
from tests.foundation.workbooks.test_reader import ONE
from tests.members.evidence.test_documents import RELATIONS, rels, word

AMPLE = 60


@pytest.fixture(autouse=True)
def apart(settings: Any) -> Iterator[None]:
    """Files are read as on a real site."""
    settings.FILE_SECONDS = AMPLE
    yield
    uploaded.READER.stop()


def read_here(data: bytes, name: str) -> Workbook:
    return read_workbook(data, name)


def say_all(read: Callable[[bytes, str], Workbook], data: bytes, name: str) -> object:
    """Everything a workbook says, or the words it is refused with."""
    try:
        book = read(data, name)
        return book.notes, [
            (sheet.name, sheet.hidden, sheet.has_hidden_rows, list(sheet.rows(across=(0, 1))), [*sheet.merged_across()])
            for sheet in book.sheets
            if not sheet.hidden
        ]
    except UnreadableWorkbook as refusal:
        return refusal.code, refusal.problem, refusal.remedy


CELLS = "".join(
    f'<row r="{number}">{cells}</row>'
    for number, cells in enumerate(
        (
            '<c r="B1" t="inlineStr"><is><t>党支部 𠮷 "\\ &#10;</t></is></c><c r="C1"><v>1.5</v></c>',
            '<c r="A2" t="b"><v>1</v></c><c r="B2" s="1"><v>45721</v></c><c r="C2" s="2"><v>45721.5</v></c>',
            '<c r="A3" t="e"><v>#REF!</v></c><c r="D3"><f>1+1</f></c>',
            '<c r="A4" t="inlineStr"><is><t>甲</t></is></c><c r="C4"><v>13800001111</v></c>',
            '<c r="C5"><v>1E300</v></c>',
            '<c r="B6"><v>0.1</v></c>',
        ),
        1,
    )
)
MERGED = '<mergeCells count="2"><mergeCell ref="A4:B5"/><mergeCell ref="C1:C2"/></mergeCells>'


def every_kind_of_cell() -> bytes:
    sheets = {
        "一": sheet_xml(CELLS, after=MERGED),
        "二|hidden": sheet_xml(ONE),
        "三": sheet_xml('<row r="2" hidden="1"><c r="A2"><v>1</v></c></row>'),
        "四": sheet_xml(""),
    }
    return pack(parts_of(sheets))


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "every kind of cell": ("a.xlsx", every_kind_of_cell),
    "more rows than come at once": (
        "a.csv",
        lambda: "".join(f"张伟{number},{number},\n" for number in range(2_345)).encode("gb18030"),
    ),
    "a fault behind good rows": ("a.csv", lambda: b"a,b\n" * 1_200 + b'"open,c\n'),
}


@pytest.mark.parametrize("case", GOOD)
def test_it_says_what_this_process_would(case: str) -> None:
    name, make = GOOD[case]
    data = make()
    assert say_all(read_upload, data, name) == say_all(read_here, data, name)


def test_a_name_in_no_encoding_is_no_fault() -> None:
    assert len(read_upload(workbook(ONE), "\udcff.xlsx").sheets) == 1


def test_rows_in_front_of_a_fault_are_there_before_it_is_told() -> None:
    [sheet] = read_upload(GOOD["a fault behind good rows"][1](), "a.csv").sheets
    rows = sheet.rows()
    assert next(rows) == (1, ("a", "b"))
    with pytest.raises(UnreadableWorkbook, match="第 1201 行") as refused:
        list(rows)
    assert refused.value.code == "csv_syntax"


@pytest.mark.slow
def test_every_bad_file_is_refused_in_the_same_words() -> None:
    files = [(name, make()) for name, _code, make in BAD_FILES.values()]
    here = [say_all(read_here, data, name) for name, data in files]
    assert [say_all(read_upload, data, name) for name, data in files] == here
    assert [words[0] for words in here if isinstance(words, tuple)] == [
        code for _name, code, _make in BAD_FILES.values()
    ]


def test_it_refuses_in_the_language_of_who_asks() -> None:
    with translation.override("en"), pytest.raises(UnreadableWorkbook, match="The file is empty"):
        read_upload(b"", "a.xlsx")
    with pytest.raises(UnreadableWorkbook, match="文件是空的"):
        read_upload(b"", "a.xlsx")


def long_file() -> bytes:
    """A hundred kilobytes that take seconds: millions of tags for the full parser."""
    sheet = sheet_xml(f'<row r="1"><c r="A1"><f>1</f><v>1</v></c></row>{"<row/>" * 4_500_000}')
    return pack(parts_of({"一": sheet, "二": sheet, "三": sheet}))


def test_a_file_that_takes_too_long_is_refused_others_are_served_meanwhile_and_the_next_is_read(settings: Any) -> None:
    read_upload(workbook(ONE), "a.xlsx")
    assert Client().get("/health/").status_code == 200  # what the first page loads is loaded
    settings.FILE_SECONDS = 2
    said: list[object] = []
    data = long_file()
    assert len(data) < 200_000
    thread = Thread(target=lambda: said.append(say_all(read_upload, data, "a.xlsx")))
    thread.start()
    answer = Client().get("/health/")
    assert (answer.status_code, thread.is_alive()) == (200, True)
    thread.join(AMPLE)
    assert said == [
        (
            "too_costly",
            "读取这个文件花费的时间或内存超出了允许的范围。",
            "请删去不用的工作表、列和图片，或分成几个文件导入。",
        )
    ]
    settings.FILE_SECONDS = AMPLE
    assert list(read_upload(workbook(ONE), "a.xlsx").sheets[0].rows()) == [(1, (1.0,))]


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    small = LimitedProcess("foundation.workbooks.uploaded:work", megabytes=128, answer_megabytes=64)
    monkeypatch.setattr(uploaded, "READER", small)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="P{row}"><v>2</v></c></row>' for row in range(1, 150_001)
    )
    said = say_all(read_upload, workbook(rows), "a.xlsx")
    assert isinstance(said, tuple)
    assert said[0] == "too_costly"
    assert list(read_upload(workbook(ONE), "a.xlsx").sheets[0].rows()) == [(1, (1.0,))]


def test_a_file_whose_rows_are_too_much_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = LimitedProcess("foundation.workbooks.uploaded:work", megabytes=1024, answer_megabytes=1)
    monkeypatch.setattr(uploaded, "READER", small)
    said = say_all(read_upload, ("甲" * 1_000 + "\n").encode() * 1_000, "a.csv")
    small.stop()
    assert isinstance(said, tuple)
    assert said[0] == "too_costly"


def test_while_others_are_read_that_is_said(settings: Any) -> None:
    settings.FILE_SECONDS = 1
    with uploaded.READER._lock, pytest.raises(UnreadableWorkbook, match="正在读取其他文件。请过一分钟再试。"):
        read_upload(workbook(ONE), "a.xlsx")


def test_it_knows_no_secret_and_none_of_our_tables() -> None:
    read_upload(workbook(ONE), "a.xlsx")
    child = uploaded.READER._child
    assert child is not None
    process = Path(f"/proc/{child.pid}")
    environment = (process / "environ").read_bytes()
    assert [secret for secret in (site.SECRET_KEY, site.PERSONAL_DATA_HASH_KEY) if secret.encode() in environment] == []
    assert b"sqlite" not in (process / "maps").read_bytes()


def test_a_document_is_looked_into_there_too(settings: Any) -> None:
    link = rels("https://example.org", f"{RELATIONS}/hyperlink")
    documents = [
        word(),
        word(word___rels__a_dot_xml_dot_rels=rels("http://evil/t.dotm")),
        word(word___rels__a_dot_rels=link),
    ]
    apart = [look_into_upload(data) for data in documents]
    settings.FILE_SECONDS = 0
    assert apart == [look_into_upload(data) for data in documents]
    assert [loads for _parts, loads in apart] == [False, True, False]
    settings.FILE_SECONDS = AMPLE
    with pytest.raises(UnreadableWorkbook, match="不完整"):
        look_into_upload(word()[:-40])
