"""What the benchmark times: the files of a big town, and the steps of its days, which stand in `daily.py`.

Each step runs in a process of its own and returns the time it took; see `bench.py`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine
from django.core.management import call_command
from django.db import connection, transaction
from openpyxl import Workbook

from foundation.clock import read_clock
from members.models import Member, Town
from members.seals.notes import remove_notes
from members.selectors import system_account
from points.models import PointEvent
from points.papers.annual.report import read_annual_report
from points.papers.annual.workbook import write_annual_workbook
from tests.bench import daily
from tests.bench.big_town import MEMBERS, RECORDS_EACH, TOWN, YEAR, write_files
from tests.bench.settings import BENCH_DIRECTORY
from tests.bench.timing import Timing, time_work
from tests.factories import make_batch
from tests.points.scoring.scores import score_town


def _place(name: str) -> Path:
    return BENCH_DIRECTORY / name


def _command(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        with redirect_stdout(io.StringIO()):
            call_command(*arguments)

    return run


def prepare() -> Timing:
    """The town's files and an empty database with the town in it; not shown."""

    def work() -> None:
        write_files(BENCH_DIRECTORY)
        _command("migrate")()
        _command("setup_town", TOWN, "--year", str(YEAR), str(YEAR + 1))()

    return time_work(work)


def read_files() -> Timing:
    """Floor of the import: every cell of both files, read and dropped."""

    def work() -> None:
        for name in ("roster.xlsx", "records.xlsx"):
            for _row in python_calamine.load_workbook(str(_place(name))).get_sheet_by_index(0).iter_rows():
                pass

    return time_work(work, repeats=3)


def read_and_insert() -> Timing:
    """Floor of the import with its writing: every cell read, and as many rows by `bulk_create`, with nothing asked.

    Without the triggers that note rows for their seal; the rows are taken back.
    """
    town = Town.objects.get(name=TOWN)
    batch = make_batch(system_account(town), town)
    members = list(Member.objects.filter(town=town).order_by("pk").values_list("pk", flat=True))
    days = {f"{day:%Y-%m-%d}": day for day in (date(YEAR, 1, 1) + timedelta(days) for days in range(366))}

    def work() -> None:
        book = python_calamine.load_workbook(str(_place("roster.xlsx")))
        for _row in book.get_sheet_by_index(0).iter_rows():
            pass
        rows = python_calamine.load_workbook(str(_place("records.xlsx"))).get_sheet_by_index(0).iter_rows()
        with transaction.atomic():
            remove_notes(connection)
            PointEvent.objects.bulk_create(
                (
                    PointEvent(
                        batch=batch,
                        member_id=members[number // RECORDS_EACH],
                        item=f"item{number % RECORDS_EACH}",
                        date=days.get(str(row[-1]), date(YEAR, 1, 1)),
                        year=YEAR,
                        points=10,
                    )
                    for number, row in enumerate(islice(rows, MEMBERS * RECORDS_EACH))
                ),
                batch_size=5000,
            )
            transaction.set_rollback(True)

    return time_work(work)


def import_roster() -> Timing:
    return time_work(_command("import_roster", str(_place("roster.xlsx")), "--town", TOWN))


def import_records() -> Timing:
    timing = time_work(_command("import_records", str(_place("records.xlsx")), "--town", TOWN))
    deductions = MEMBERS // 50
    assert PointEvent.objects.count() == MEMBERS * RECORDS_EACH - deductions
    return timing


def import_records_again() -> Timing:
    """The same file once more: every row is found to be there already."""
    timing = time_work(_command("import_records", str(_place("records.xlsx")), "--town", TOWN))
    assert PointEvent.objects.count() == MEMBERS * RECORDS_EACH - MEMBERS // 50
    return timing


def fetch_rows() -> Timing:
    """Floor of the scoring: the same rows as tuples, in the same order."""
    columns = ("member_id", "pk", "item", "period", "date", "points", "led")
    rows = PointEvent.objects.live().filter(year=YEAR).order_by("member_id").values_list(*columns)

    def work() -> None:
        for _row in rows.iterator(chunk_size=5000):
            pass

    return time_work(work, repeats=3)


def score() -> Timing:
    town = Town.objects.get(name=TOWN)

    def work() -> None:
        assert sum(1 for _member in score_town(town, YEAR)) == MEMBERS

    return time_work(work, repeats=3)


def write_report() -> Timing:
    """The report's workbook alone, from figures already read."""
    town = Town.objects.get(name=TOWN)
    report = read_annual_report(actor=system_account(town), now=read_clock(), town=town, year=YEAR)

    def work() -> None:
        with _place("report.xlsx").open("wb") as file:
            write_annual_workbook(report, file)

    return time_work(work, repeats=3)


def _write_plainly(sheets: Iterable[tuple[str, list[tuple[Any, ...]]]], output: Path) -> None:
    workbook = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(output)


def _plain_floor(name: str, repeats: int) -> Timing:
    source = python_calamine.load_workbook(str(_place(name)))
    sheets = []
    for title in source.sheet_names:
        rows = source.get_sheet_by_name(title).to_python(skip_empty_area=False)
        sheets.append((title, [tuple(None if cell == "" else cell for cell in row) for row in rows]))
    return time_work(lambda: _write_plainly(sheets, _place("floor.xlsx")), repeats)


def write_report_cells() -> Timing:
    """Floor of the report: openpyxl writing the same cells without any style."""
    return _plain_floor("report.xlsx", repeats=3)


def annual_report() -> Timing:
    command = _command("annual_report", str(YEAR), "--town", TOWN, "--output", str(_place("report.xlsx")))
    return time_work(command, repeats=3)


def export_records() -> Timing:
    return time_work(_command("export_records", str(YEAR), "--town", TOWN, "--output", str(_place("export.xlsx"))))


def write_export_cells() -> Timing:
    """Floor of the export: openpyxl writing the same cells without any style."""
    return _plain_floor("export.xlsx", repeats=1)


STEPS: dict[str, Callable[[], Timing]] = {
    step.__name__: step
    for step in (
        prepare,
        read_files,
        read_and_insert,
        import_roster,
        import_records,
        import_records_again,
        fetch_rows,
        score,
        annual_report,
        write_report,
        write_report_cells,
        export_records,
        write_export_cells,
        daily.settle,
        daily.record_one,
        daily.insert_rows,
        daily.save_tick,
        daily.read_sheets,
        daily.approve_half,
        daily.score_half,
        daily.list_events,
        daily.find_page,
        daily.list_half,
        daily.find_page_of_half,
        daily.show_month,
        daily.show_meeting,
        daily.show_activity,
        daily.open_notice,
        daily.bare_page,
        daily.small_page,
        daily.small_page_on_one_connection,
    )
}
