"""Writing workbooks: text as a cell can hold it, files whole or not at all."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO

import openpyxl
import pytest

from foundation.tenths import in_points
from foundation.workbooks.writing import CUT_MARK, Column, Look, TableSheet, clean_text, stream_workbook, write_file


def write_rows(path: Path, columns: list[Column], rows: list[list[object]]) -> None:
    with path.open("wb") as file, stream_workbook(file, title="表", author="甲镇") as workbook:
        sheet = TableSheet(workbook, "表", columns)
        for row in rows:
            sheet.append(row)  # type: ignore[arg-type]
        sheet.finish()


def test_a_text_longer_than_a_cell_is_cut_where_one_sees_it(tmp_path: Path) -> None:
    assert clean_text("长" * 32_767) == "长" * 32_767
    cut = clean_text("长" * 40_000)
    assert len(cut) == 32_767
    assert cut.endswith(CUT_MARK)
    write_rows(tmp_path / "w.xlsx", [Column("说明")], [["长" * 40_000]])
    assert openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]["A2"].value == cut


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+86", "-1", "@SUM(A1)", "＝1", "\t=1", "#REF!"])
def test_text_stays_text_and_is_no_formula(tmp_path: Path, text: str) -> None:
    write_rows(tmp_path / "w.xlsx", [Column("说明")], [[text]])
    cell = openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("tenths", [-1000, -299, -1, 0, 1, 3, 7, 99, 285, 1000, 32767])
def test_tenths_come_back_exactly(tmp_path: Path, tenths: int) -> None:
    write_rows(tmp_path / "w.xlsx", [Column("分", look=Look.POINTS)], [[in_points(tenths)], [in_points(tenths)]])
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]
    for cell in (sheet["A2"], sheet["A3"]):
        assert (cell.data_type, cell.value, cell.number_format) == ("n", tenths / 10, "0.0")


def test_many_different_numbers_keep_their_look(tmp_path: Path) -> None:
    write_rows(tmp_path / "w.xlsx", [Column("分", look=Look.POINTS)], [[in_points(n)] for n in range(5000)])
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]
    assert [sheet.cell(row, 1).value for row in (2, 4097, 5001)] == [0, 409.5, 499.9]
    assert sheet.cell(5001, 1).number_format == "0.0"


def test_the_filter_covers_the_rows_before_finish(tmp_path: Path) -> None:
    write_rows(tmp_path / "w.xlsx", [Column("甲"), Column("乙")], [["一", None], [None, "二"]])
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]
    assert sheet.auto_filter.ref == "A1:B3"
    assert [[cell.value for cell in row] for row in sheet.rows] == [["甲", "乙"], ["一", None], [None, "二"]]


def test_a_row_of_another_length_is_a_mistake_that_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_so_far = tmp_path / "temporary"
    rows_so_far.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(rows_so_far))
    with pytest.raises(ValueError, match="zip"):
        write_rows(tmp_path / "w.xlsx", [Column("甲"), Column("乙")], [["一", "二"], ["一"]])
    assert (tmp_path / "w.xlsx").read_bytes() == b""
    assert list(rows_so_far.iterdir()) == []


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "w.xlsx"
    target.write_bytes(b"old")

    def fail(file: IO[bytes]) -> None:
        file.write(b"new")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_file(target, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["w.xlsx"]
    assert target.read_bytes() == b"old"
    write_file(target, lambda file: file.write(b"new"))
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o077 == 0


def test_what_is_typed_below_a_column_of_text_stays_text_and_words_are_offered(tmp_path: Path) -> None:
    columns = [Column("号码"), Column("分", look=Look.POINTS), Column("性别", choices=("男", "女"))]
    write_rows(tmp_path / "w.xlsx", columns, [])
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["表"]
    assert [sheet.column_dimensions[letter].number_format for letter in "ABC"] == ["@", "General", "@"]
    [offered] = sheet.data_validations.dataValidation
    assert (str(offered.sqref), offered.formula1, offered.showErrorMessage) == ("C2:C5001", '"男,女"', False)
