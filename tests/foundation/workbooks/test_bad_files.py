"""Files that must be refused with a code and a Chinese message, quickly and without eating the memory."""

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.reader import read_workbook
from tests.foundation.measured import measure_files
from tests.foundation.workbooks.excel import CONTENT_TYPES, pack, parts_of, sheet_xml, workbook
from tests.work import counting_calls

ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def _parts() -> dict[str, bytes]:
    return parts_of({"S": sheet_xml(ONE)})


def _with(name: str, content: bytes) -> bytes:
    return pack(_parts() | {name: content})


def _sheet(content: bytes) -> bytes:
    return _with("xl/worksheets/sheet1.xml", content)


def _bomb() -> bytes:
    block = b"<!-- -->" + b" " * ((1 << 20) - 8)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _parts().items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet2.xml", "w") as stream:
            for _ in range(300):
                stream.write(block)
    return buffer.getvalue()


def _duplicate_member() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pack([*_parts().items(), ("xl/worksheets/sheet1.xml", sheet_xml("").encode())])


def _two_sheets_of_one_name() -> bytes:
    parts = parts_of({"S": sheet_xml(ONE), "T": sheet_xml(ONE)})
    return pack(parts | {"xl/workbook.xml": parts["xl/workbook.xml"].replace(b'name="T"', b'name="S"')})


def _encrypted_member() -> bytes:
    data = bytearray(pack(_parts()))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def _wrong_checksum() -> bytes:
    data = pack(_parts())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def _shared_text_blown_up() -> bytes:
    cells = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}" t="s"><v>0</v></c>' for column in "ABCD") + "</row>"
        for row in range(1, 1000)
    )
    return workbook(cells, shared=f"<si><t>{'长' * 32_000}</t></si>")


def _ole(marker: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + marker.encode("utf-16-le") + b"\0" * 500


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'

BAD_FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "no bytes": ("a.xlsx", "empty_file", lambda: b""),
    "20 MB and one byte": ("a.xlsx", "too_large", lambda: b"PK\x03\x04" + b"\0" * limits.FILE_BYTES),
    "a name we do not read": ("a.pdf", "unknown_format", lambda: b"%PDF-1.4"),
    "no extension": ("roster", "unknown_format", lambda: workbook(ONE)),
    "old Excel": ("a.xls", "unknown_format", lambda: _ole("Workbook")),
    "old Excel renamed": ("a.xlsx", "format_xls", lambda: _ole("Workbook")),
    "encrypted": ("a.xlsx", "encrypted", lambda: _ole("EncryptedPackage")),
    "an encrypted part": ("a.xlsx", "encrypted", _encrypted_member),
    "HTML renamed": ("a.xlsx", "format_html", lambda: "<html><table><tr><td>姓名</td></tr></table></html>".encode()),
    "XML table renamed": ("a.xlsx", "format_html", lambda: b'<?xml version="1.0"?><Workbook/>'),
    "CSV renamed": ("a.xlsx", "text_named_xlsx", lambda: "党支部,姓名\n".encode()),
    "xlsx renamed to csv": ("a.csv", "unknown_format", lambda: workbook(ONE)),
    "picture renamed": ("a.xlsx", "damaged", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "zip of something else": ("a.xlsx", "not_a_workbook", lambda: pack({"readme.txt": b"hello"})),
    "OpenDocument": ("a.xlsx", "format_ods", lambda: pack({"mimetype": b"x", "content.xml": b"<x/>"})),
    "binary workbook": ("a.xlsx", "format_xlsb", lambda: pack({"xl/workbook.bin": b"x"})),
    "macros": ("a.xlsx", "macros", lambda: _with("xl/vbaProject.bin", b"x")),
    "macros by content type": (
        "a.xlsx",
        "macros",
        lambda: _with(
            "[Content_Types].xml",
            CONTENT_TYPES.replace("application/xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml").encode(),
        ),
    ),
    "macro workbook under its own name": ("a.xlsm", "unknown_format", lambda: _with("xl/vbaProject.bin", b"x")),
    "cut off": ("a.xlsx", "damaged", lambda: workbook(ONE)[:-40]),
    "half of it": ("a.xlsx", "damaged", lambda: workbook(ONE * 50)[:700]),
    "wrong checksum": ("a.xlsx", "damaged", _wrong_checksum),
    "something in front of the zip": ("a.xlsx", "damaged", lambda: b"PK\x03\x04" + b"x" * 90 + workbook(ONE)),
    "something behind the zip": ("a.xlsx", "damaged", lambda: workbook(ONE) + b"x" * 90),
    "one part twice": ("a.xlsx", "damaged", _duplicate_member),
    "one part twice but for case": ("a.xlsx", "damaged", lambda: _with("xl/Worksheets/SHEET1.xml", b"<x/>")),
    "a part above the folder": ("a.xlsx", "unsafe_part_name", lambda: _with("../evil.xml", b"<x/>")),
    "a part above the folder, Windows": ("a.xlsx", "unsafe_part_name", lambda: _with("xl\\..\\..\\evil.xml", b"<x/>")),
    "an absolute part": ("a.xlsx", "unsafe_part_name", lambda: _with("/etc/evil.xml", b"<x/>")),
    "10,000 parts": ("a.xlsx", "too_many_parts", lambda: pack(_parts() | {f"m{i}": b"" for i in range(10_000)})),
    "zip bomb": ("a.xlsx", "too_large_inflated", _bomb),
    "billion laughs": ("a.xlsx", "entities", lambda: _sheet(LAUGHS.encode())),
    "external entity": ("a.xlsx", "entities", lambda: _with("xl/sharedStrings.xml", EXTERNAL.encode())),
    "external entity in the list of sheets": (
        "a.xlsx",
        "entities",
        lambda: _with("xl/workbook.xml", EXTERNAL.encode()),
    ),
    "entities in UTF-16": ("a.xlsx", "xml_encoding", lambda: _sheet(LAUGHS.encode("utf-16"))),
    "another encoding": ("a.xlsx", "xml_encoding", lambda: _sheet(b'<?xml version="1.0" encoding="UTF-7"?><x/>')),
    "sheet that ends in the middle": ("a.xlsx", "damaged", lambda: _sheet(sheet_xml(ONE).encode()[:-30])),
    "sheet that is no XML": ("a.xlsx", "damaged", lambda: _sheet(b"<c r='A1'><v>1</c></v>")),
    "list of sheets that is no XML": ("a.xlsx", "damaged", lambda: _with("xl/workbook.xml", b"<workbook>")),
    "sheet under a foreign name": (
        "a.xlsx",
        "damaged",
        lambda: pack(
            {
                name: content.replace(b"worksheets/sheet1.xml", b"worksheets/sheet1.bin")
                for name, content in _parts().items()
            }
        ),
    ),
    "two sheets of one name": ("a.xlsx", "damaged", _two_sheets_of_one_name),
    "300 sheets": ("a.xlsx", "too_many_sheets", lambda: pack(parts_of({f"S{i}": sheet_xml("") for i in range(300)}))),
    "cell XFD1048576": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook(ONE + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "cell xfd1048576": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook(ONE + '<row><c r="xfd1048576"><v>1</v></c></row>'),
    ),
    "row 1048576, cell without a place": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook('<row r="1048576"><c><v>1</v></c></row>'),
    ),
    "cell in column 201": ("a.xlsx", "too_many_cells", lambda: workbook('<row r="1"><c r="GS1"><v>1</v></c></row>')),
    "cell in row 300,001": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook('<row r="300001"><c r="A300001"><v>1</v></c></row>'),
    ),
    "wide and long": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook('<row r="1"><c r="Z1"><v>1</v></c></row><row r="90000"><c r="A90000"><v>1</v></c></row>'),
    ),
    "wide and long, written oddly": (
        "a.xlsx",
        "too_many_cells",
        lambda: workbook("<row r='1'><c r='Z1'><v>1</v></c></row><row r='90000'><c r='A90000'><v>1</v></c></row>"),
    ),
    "impossible place": ("a.xlsx", "damaged", lambda: workbook('<row r="1"><c r="A1B2"><v>1</v></c></row>')),
    "merged A1:XFD1048576": (
        "a.xlsx",
        "merged_cells",
        lambda: workbook(ONE, after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    ),
    "merged A1:XFD1048576 beside a formula": (
        "a.xlsx",
        "merged_cells",
        lambda: workbook(
            '<row r="1"><c r="A1"><f>1</f><v>1</v></c></row>',
            after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        ),
    ),
    "one long text in thousands of cells": ("a.xlsx", "too_many_cells", _shared_text_blown_up),
    "text that is not in the list": (
        "a.xlsx",
        "damaged",
        lambda: workbook('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'),
    ),
    "a tag of 6 MB": (
        "a.xlsx",
        "damaged",
        lambda: workbook("<row><c><f>1</f><v>1</v></c></row>", after=f"<a b='{' > ' * 2_000_000}'/>"),
    ),
    "a comment of 6 MB": ("a.xlsx", "damaged", lambda: workbook(ONE, after=f"<!--{'<' * 6_000_000}-->")),
    "a comment of 6 MB beside the texts": (
        "a.xlsx",
        "damaged",
        lambda: workbook(ONE, shared=f"<!--{'<' * 6_000_000}-->"),
    ),
    "another encoding, declared late": (
        "a.xlsx",
        "xml_encoding",
        lambda: _with("xl/other.xml", b"<?xml version='1.0'" + b" " * 2_000_000 + b"encoding='UTF-7'?><a/>"),
    ),
    "6 MB without a tag": ("a.xlsx", "damaged", lambda: _sheet(sheet_xml(" " * 6_000_000).encode())),
    "CSV in no encoding": ("a.csv", "csv_encoding", lambda: b"\xff\x80\x81,\xfe\xff\xff\n"),
    "CSV with NUL": ("a.csv", "csv_encoding", lambda: "姓名\0,党支部\n".encode()),
}


def _read_all(data: bytes, name: str) -> None:
    for sheet in read_workbook(data, name).sheets:
        list(sheet.rows())


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file_is_refused_with_its_reason(case: str) -> None:
    name, code, make = BAD_FILES[case]
    data = make()

    with pytest.raises(UnreadableWorkbook) as caught, counting_calls() as work:
        _read_all(data, name)

    assert caught.value.code == code
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.problem)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.remedy)
    # Reading the names of 10,000 parts takes the most; a grid of a million cells would take many millions.
    assert work.calls < 250_000


def test_csv_with_an_open_quotation_mark() -> None:
    with pytest.raises(UnreadableWorkbook) as caught:
        list(read_workbook('党支部,姓名\n"东湖,张三\n'.encode(), "a.csv").sheets[0].rows())

    assert caught.value.code == "csv_syntax"


def test_csv_with_too_many_columns() -> None:
    with pytest.raises(UnreadableWorkbook) as caught:
        list(read_workbook(b"1," * 300, "a.csv").sheets[0].rows())

    assert caught.value.code == "too_many_cells"


MOST_MEMORY = 512 * 1024 * 1024
"""Beyond what the program has before."""
ELEVEN = list(enumerate("ABCDEFGHIJK", 1))
RECORDS = 270_000


def _year_of_a_town() -> bytes:
    """The records of a town, no number twice."""
    rows = (
        "".join(f'<c r="{column}{row}"><v>{row}.{place}</v></c>' for place, column in ELEVEN)
        for row in range(1, RECORDS + 1)
    )
    return workbook("".join(f'<row r="{row}">{cells}</row>' for row, cells in enumerate(rows, 1)))


@pytest.mark.sweep
def test_no_file_costs_more_memory_than_a_server_has(tmp_path: Path) -> None:
    """Each bad one, and a whole year of a town; read in a program of its own, whose peak says."""
    (tmp_path / "small.xlsx").write_bytes(workbook(ONE))
    expected = {}
    for number, (name, code, make) in enumerate(BAD_FILES.values()):
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(make())
        expected[path.name] = code
    (tmp_path / "year.xlsx").write_bytes(_year_of_a_town())
    expected["year.xlsx"] = f"{RECORDS} rows"

    found = measure_files(
        "tests.foundation.workbooks.read_files", (tmp_path / name for name in ("small.xlsx", *expected))
    )
    assert {name: became for name, became, _peak in found} == expected
    assert [(name, peak) for name, _became, peak in found if peak > MOST_MEMORY] == []
