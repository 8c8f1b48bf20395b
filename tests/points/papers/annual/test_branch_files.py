"""The archive of a town's branches: each workbook is what the branch exports for itself, and only the town has all."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from members.errors import NotAllowed
from members.jobs.results import open_result
from members.models import AuditEntry, Job
from points.errors import NoRulebook
from points.papers.annual.workbook import write_annual_workbook
from points.papers.exports import ask_for_branch_files, export_annual_report
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, base_entry, make_branch
from tests.members.jobs.working import work_off

Rows = dict[str, list[tuple[object, ...]]]


def read_all(content: bytes) -> Rows:
    """Every sheet of a workbook by its name."""
    book = openpyxl.load_workbook(BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def export_own(cast: Cast, name: str) -> Rows:
    branch = {"一支部": cast.branch_a, "二支部": cast.branch_b}[name]
    content = BytesIO()
    report = export_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2026, branch=branch)
    write_annual_workbook(report, content)
    return read_all(content.getvalue())


def test_every_branch_has_its_own_workbook_and_an_empty_one_none(cast: Cast, jobs_dir: Path) -> None:
    record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(cast.member_b, "dues", "2026-02")])
    make_branch(cast.town, "空支部", position=9)
    job = ask_for_branch_files(actor=cast.staff, now=NOW, town=cast.town, year=2026)
    assert (job.file_name, job.branch) == ("甲镇-2026年-各支部年度积分汇总.zip", None)
    steps: list[tuple[int, int]] = []
    job = work_off(steps=steps)
    assert steps == [(1, 2), (2, 2)]
    with open_result(job) as file, ZipFile(file) as archive:
        assert archive.namelist() == [
            "01-一支部-2026年-年度积分汇总.xlsx",
            "02-二支部-2026年-年度积分汇总.xlsx",
        ]
        found = [read_all(archive.read(name)) for name in archive.namelist()]
    assert found == [export_own(cast, "一支部"), export_own(cast, "二支部")]
    assert "周外" not in str(found)
    entry = AuditEntry.objects.filter(verb="export_branch_files").get()
    assert (entry.actor, entry.new) == (cast.staff, {"year": 2026})


def test_only_who_exports_the_whole_town_asks_for_it(cast: Cast) -> None:
    for actor in (cast.recorder_a, cast.secretary_a, cast.supervisor, cast.other_staff):
        with pytest.raises(NotAllowed):
            ask_for_branch_files(actor=actor, now=NOW, town=cast.town, year=2026)
    with pytest.raises(NoRulebook):
        ask_for_branch_files(actor=cast.staff, now=NOW, town=cast.town, year=2019)
    assert Job.objects.count() == 0
