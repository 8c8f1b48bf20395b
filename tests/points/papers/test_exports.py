"""What leaves the town is authorised and logged; the papers themselves are tested beside their writers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundation.workbooks.reader import read_workbook
from members.errors import MissingReason, NotAllowed
from members.jobs.results import open_result
from members.models import AuditEntry, Job
from points.errors import NoRulebook, NothingToPrint
from points.papers.exports import ask_for_record_forms, ask_for_register, export_annual_report, export_tick_workbook
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, base_entry, forbid_grounds, permit_grounds
from tests.members.jobs.working import work_off


def last_entry() -> tuple[str, Any, dict[str, Any]]:
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    return entry.verb, entry.actor, entry.new


def test_the_annual_report_is_logged(cast: Cast) -> None:
    report = export_annual_report(
        actor=cast.recorder_a, now=NOW, town=cast.town, year=2026, branch=cast.branch_a, with_findings=False
    )
    assert [branch.name for branch in report.branches] == ["一支部"]
    assert last_entry() == (
        "export_annual_report",
        cast.recorder_a,
        {"year": 2026, "with_findings": False, "reason": ""},
    )


def test_findings_need_a_reason_and_the_permission(cast: Cast) -> None:
    asked: dict[str, Any] = {"now": NOW, "town": cast.town, "year": 2026, "with_findings": True}
    forbid_grounds(cast.staff)
    with pytest.raises(MissingReason):
        export_annual_report(actor=cast.staff, reason="  ", **asked)
    with pytest.raises(NotAllowed):
        export_annual_report(actor=cast.staff, reason="年度检查", **asked)
    permit_grounds(cast.staff)
    actor = type(cast.staff).objects.get(pk=cast.staff.pk)
    report = export_annual_report(actor=actor, reason=" 年度检查 ", **asked)
    assert report.finding_counts == ()
    assert last_entry() == (
        "export_annual_report",
        cast.staff,
        {"year": 2026, "with_findings": True, "reason": "年度检查"},
    )


def test_record_forms_of_the_own_branch_are_logged_when_they_lie_ready(cast: Cast, jobs_dir: Path) -> None:
    before = AuditEntry.objects.count()
    job = ask_for_record_forms(actor=cast.secretary_a, now=NOW, branch=cast.branch_a, year=2026)
    assert (job.file_name, job.town, job.branch) == (
        "一支部-2026年-党员积分制教育管理记录表.pdf",
        cast.town,
        cast.branch_a,
    )
    assert AuditEntry.objects.count() == before
    steps: list[tuple[int, int]] = []
    job = work_off(steps=steps)
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert open_result(job).read(4) == b"%PDF"
    assert last_entry() == ("export_record_forms", cast.secretary_a, {"year": 2026})


def test_the_register_is_made_as_one_paper_and_logged(cast: Cast, jobs_dir: Path) -> None:
    job = ask_for_register(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, year=2026)
    assert job.file_name == "一支部-2026年-党员积分登记册.pdf"
    steps: list[tuple[int, int]] = []
    job = work_off(steps=steps)
    assert steps == [(1, 1)]
    assert open_result(job).read(4) == b"%PDF"
    assert last_entry() == ("export_register", cast.recorder_a, {"year": 2026})


def test_record_forms_nobody_has_are_refused_before_they_wait(cast: Cast) -> None:
    empty = cast.town.branches.create(name="空支部", position=9)
    with pytest.raises(NothingToPrint, match="空支部"):
        ask_for_record_forms(actor=cast.staff, now=NOW, branch=empty, year=2026)
    with pytest.raises(NoRulebook):
        ask_for_record_forms(actor=cast.staff, now=NOW, branch=cast.branch_a, year=2019)
    assert Job.objects.count() == 0


def test_a_tick_workbook_holds_the_branch_and_what_stands(cast: Cast) -> None:
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[base_entry(cast.member_a, "dues", "2026-02")],
    )
    content = export_tick_workbook(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, year=2026)
    rows = read_ticks(content)
    assert [row["姓名"] for row in rows] == ["张伟", "李娜", "曾国华"]
    assert (rows[0]["1月"], rows[0]["2月"], rows[1]["2月"]) == (None, "√", None)
    assert last_entry() == ("export_tick_workbook", cast.recorder_a, {"year": 2026})


def read_ticks(content: bytes) -> list[dict[str, Any]]:
    """The rows of the first tick sheet, below its title and header."""
    rows = [cells for _number, cells in read_workbook(content, "t.xlsx").sheets[0].rows()][1:]
    header = [str(cell) for cell in rows[0]]
    return [dict(zip(header, [*cells, *[None] * len(header)], strict=False)) for cells in rows[1:]]


@pytest.mark.parametrize("who", ["recorder_b", "committee_a", "supervisor", "outsider", "other_staff"])
def test_other_branches_are_refused_and_not_logged(cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    before = AuditEntry.objects.count()
    for export in (ask_for_record_forms, ask_for_register, export_tick_workbook):
        with pytest.raises(NotAllowed):
            export(actor=actor, now=NOW, branch=cast.branch_a, year=2026)
    with pytest.raises(NotAllowed):
        export_annual_report(actor=actor, now=NOW, town=cast.town, year=2026, branch=cast.branch_a)
    assert AuditEntry.objects.count() == before
    assert Job.objects.count() == 0


def test_a_year_without_a_rulebook_is_refused(cast: Cast) -> None:
    with pytest.raises(NoRulebook):
        export_tick_workbook(actor=cast.staff, now=NOW, branch=cast.branch_a, year=2019)
