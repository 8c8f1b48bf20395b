from datetime import date, datetime

import pytest

from foundation.workbooks.reader import Cell, FaultyCell, Row, read_workbook
from tests.foundation.workbooks.excel import pack, parts_of, sheet_xml, workbook

ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


def rows_of(data: bytes, name: str = "a.xlsx") -> list[Row]:
    return list(read_workbook(data, name).sheets[0].rows())


def cell_of(xml: str, **options: str) -> Cell:
    return rows_of(workbook(f'<row r="1">{xml}</row>', **options))[0][1][0]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<c r="A1"><v>13800001111</v></c>', 13800001111.0),
        ('<c r="A1" t="inlineStr"><is><t>张三</t></is></c>', "张三"),
        ('<c r="A1" t="inlineStr"><is><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></is></c>', "张三"),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" s="1"><v>45721</v></c>', date(2025, 3, 5)),
        ('<c r="A1" s="2"><v>45721.5</v></c>', datetime(2025, 3, 5, 12)),
        ('<c r="A1" t="d"><v>2025-03-05</v></c>', date(2025, 3, 5)),
        ('<c r="A1" t="str"><f>B1</f><v>党课</v></c>', "党课"),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', 2.0),
        ('<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c><c r="B1"><v>1</v></c>', None),
        ('<c r="A1"><f>1+1</f></c>', FaultyCell("=")),
        ('<c r="A1"><f>1+1</f><v></v></c>', FaultyCell("=")),
        ('<c r="A1" t="e"><v>#REF!</v></c>', FaultyCell("#REF!")),
        ('<c r="A1" t="e"><f>B1/0</f><v>#DIV/0!</v></c>', FaultyCell("#DIV/0!")),
        ("<c r='A1' t='e' ><v>#N/A</v></c>", FaultyCell("#N/A")),
    ],
)
def test_cell_values(xml: str, expected: Cell) -> None:
    assert cell_of(xml) == expected


def test_workbook_counting_from_1904() -> None:
    assert cell_of('<c r="A1" s="1"><v>44259</v></c>', properties='<workbookPr date1904="1"/>') == date(2025, 3, 5)


def test_rows_carry_the_number_excel_shows_and_keep_columns_in_place() -> None:
    data = workbook('<row r="3"><c r="B3"><v>1</v></c></row><row r="7"><c r="C7"><v>2</v></c></row>')

    assert rows_of(data) == [(3, (None, 1.0, None)), (7, (None, None, 2.0))]


def test_a_lying_dimension_drops_nothing() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 31))

    assert len(rows_of(workbook(rows, before='<dimension ref="A1:A2"/>'))) == 30
    assert len(rows_of(workbook(rows, before='<dimension ref="A1:XFD1048576"/>'))) == 30


@pytest.mark.parametrize("empty", ['<c r="A{n}" s="1"/>', '<c r="XFD{n}" s="1"/>', ""])
def test_ten_thousand_blank_rows_are_harmless(empty: str) -> None:
    blank = "".join(f'<row r="{n}">{empty.format(n=n)}</row>' for n in range(1_000_000, 1_010_000))

    assert rows_of(workbook(ONE + blank)) == [(1, (1.0,))]


def test_a_prefix_on_every_tag_reads_the_same() -> None:
    xml = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="2"><x:c r="A2" t="e"><x:v>#REF!</x:v></x:c><x:c r="B2"><x:v>5</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )

    assert rows_of(pack(parts_of({"S": xml}))) == [(2, (FaultyCell("#REF!"), 5.0))]


def test_merged_rows_share_their_value_with_filled_rows_only() -> None:
    data = workbook(
        '<row r="1"><c r="A1"><v>9</v></c><c r="B1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
        '<row r="4"><c r="B4"><v>4</v></c></row><row r="5"><c r="B5"><v>5</v></c></row>',
        after='<mergeCells><mergeCell ref="A1:A4"/></mergeCells>',
    )

    assert rows_of(data) == [(1, (9.0, 1.0)), (2, (9.0, 2.0)), (4, (9.0, 4.0)), (5, (None, 5.0))]


def test_hidden_sheets_are_left_out_and_named() -> None:
    book = read_workbook(
        pack(parts_of({"名单": sheet_xml(ONE), "旧|hidden": sheet_xml(ONE), "密|veryHidden": sheet_xml(ONE)})), "a.xlsx"
    )

    assert [sheet.name for sheet in book.visible_sheets] == ["名单"]
    assert [note for note in book.notes if "“旧”是隐藏的" in note]
    assert [note for note in book.notes if "“密”是隐藏的" in note]


def test_hidden_rows_are_read_and_told() -> None:
    book = read_workbook(workbook('<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>'), "a.xlsx")

    assert len(list(book.sheets[0].rows())) == 1
    assert "隐藏或被筛选" in book.notes[0]


def test_links_to_other_workbooks_are_told_and_not_followed() -> None:
    parts = parts_of({"S": sheet_xml(ONE)}) | {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}

    assert "链接了其他工作簿" in read_workbook(pack(parts), "a.xlsx").notes[0]


def test_an_empty_sheet_has_no_rows() -> None:
    assert rows_of(workbook("")) == []


@pytest.mark.parametrize(
    "data",
    [
        "党支部,姓名\r\n东湖村,𬱖䶮\r\n".encode(),
        "党支部,姓名\n东湖村,𬱖䶮\n".encode("utf-8-sig"),
        "党支部,姓名\n东湖村,𬱖䶮\n".encode("gb18030"),
        "党支部\t姓名\r\n东湖村\t𬱖䶮".encode("utf-16"),
        "党支部,姓名\r东湖村,𬱖䶮\r".encode(),
        '"党支部",姓名\n东湖村,"𬱖䶮"\n'.encode(),
    ],
    ids=["UTF-8", "UTF-8 with BOM", "GB18030", "UTF-16 and tabs", "old Macintosh lines", "quoted"],
)
def test_csv_in_the_encodings_people_use(data: bytes) -> None:
    assert rows_of(data, "名单.CSV") == [(1, ("党支部", "姓名")), (2, ("东湖村", "𬱖䶮"))]


def test_csv_counts_blank_lines() -> None:
    assert rows_of(b"a,b\n\n,\nc,\n", "a.csv") == [(1, ("a", "b")), (4, ("c", None))]
