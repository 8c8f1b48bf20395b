"""The sample town, from its files to its annual report: every figure equals those worked out from the regulation."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command

from members.models import Member
from points.models import PointEvent
from tests.points.papers.workbooks import read_scores
from veto.models import Deduction, VetoRecord

SAMPLE = Path(__file__).parents[2] / "data/sample-town"
READINGS = {
    "default": (),
    "within_item_cap": ("--set", "lead_bonus=within_item_cap"),
    "prorate_base": ("--set", "part_year=prorate_base"),
}

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def load_town(name: str, *settings: str, records: Path = SAMPLE / "records.xlsx") -> None:
    call_command("setup_town", name, "--year", "2025", *settings)
    call_command("import_roster", str(SAMPLE / "roster.xlsx"), "--town", name)
    call_command("import_records", str(records), "--town", name)


def write_report(name: str, output: Path) -> Path:
    call_command("annual_report", "2025", "--town", name, "--output", str(output))
    return output


def read_expected(reading: str) -> list[dict[str, str]]:
    with (SAMPLE / f"expected-{reading}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def is_equal(cell: Any, expected: str) -> bool:
    """A number must be a number and equal to the last digit; a blank must be blank."""
    if expected == "":
        return cell is None
    try:
        number = float(expected)
    except ValueError:
        return bool(cell == expected)
    return isinstance(cell, int | float) and cell == number


@pytest.mark.parametrize("reading", READINGS)
def test_the_annual_report_equals_the_expected_file_in_every_cell(reading: str, tmp_path: Path) -> None:
    load_town("样镇", *READINGS[reading])
    scores = read_scores(write_report("样镇", tmp_path / "report.xlsx"))
    expected = read_expected(reading)
    assert {row["姓名"] for row in expected} == set(scores)
    different = [
        (row["姓名"], header, value, scores[row["姓名"]][header])
        for row in expected
        for header, value in row.items()
        if not is_equal(scores[row["姓名"]][header], value)
    ]
    assert different == []
    assert sum(len(row) for row in expected) == 60 * 26


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    load_town("样镇")
    counts = [model.objects.count() for model in (Member, PointEvent, Deduction, VetoRecord)]
    first = read_scores(write_report("样镇", tmp_path / "first.xlsx"))
    call_command("import_roster", str(SAMPLE / "roster.xlsx"), "--town", "样镇")
    call_command("import_records", str(SAMPLE / "records.xlsx"), "--town", "样镇")
    assert [model.objects.count() for model in (Member, PointEvent, Deduction, VetoRecord)] == counts
    assert read_scores(write_report("样镇", tmp_path / "second.xlsx")) == first


def read_cells(output: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every cell of every sheet, but for the lines that name the town and the moment."""
    workbook = openpyxl.load_workbook(output)
    return {
        sheet.title: [row for row in sheet.iter_rows(min_row=3, values_only=True) if row[0] != "制表时间"]
        for sheet in workbook.worksheets
    }


def test_the_exported_records_make_the_same_report_in_an_empty_town(tmp_path: Path) -> None:
    load_town("样镇")
    exported = tmp_path / "records.xlsx"
    call_command("export_records", "2025", "--town", "样镇", "--output", str(exported))
    load_town("新镇", records=exported)
    first = read_cells(write_report("样镇", tmp_path / "first.xlsx"))
    second = read_cells(write_report("新镇", tmp_path / "second.xlsx"))
    assert second == first
    again = tmp_path / "again.xlsx"
    call_command("export_records", "2025", "--town", "新镇", "--output", str(again))
    assert read_cells(again) == read_cells(exported)


def test_the_exported_records_are_all_there_already(tmp_path: Path) -> None:
    load_town("样镇")
    exported = tmp_path / "records.xlsx"
    call_command("export_records", "2025", "--town", "样镇", "--output", str(exported))
    before = PointEvent.objects.count()
    call_command("import_records", str(exported), "--town", "样镇")
    assert PointEvent.objects.count() == before
