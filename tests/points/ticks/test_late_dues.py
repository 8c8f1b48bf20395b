"""Dues recorded after the half was approved clear the arrears and earn nothing, by whatever way (D25; S1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from members.models import Exemption
from points.imports.records import import_records
from points.integrity.ledger import verify_ledger
from points.meetings.month import record_month
from points.models import PointEvent
from points.papers.meetings.dues_book import read_dues_rows
from points.papers.record_form.form import build_member_form
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.rules.score import LATE_DUES
from points.scoring.adoption import set_up_town
from points.ticks.saving import CellOutcome, TickChange, save_ticks
from points.ticks.sheet import CellState, read_sheet
from tests.cast import Cast
from tests.members.roster_files.tables import make_xlsx, table_of
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, record_dues, score_of
from tests.points.scoring.scores import score_one
from tests.two_officers import correct_line

LATER = JULY + timedelta(days=7)
PAID_BEFORE = date(2025, 3, 12)
"""What is entered as the day of payment: before the approval."""


def tick(cast: Cast, now: Any) -> None:
    saved = save_ticks(
        actor=cast.recorder_a,
        now=now,
        branch=cast.branch_a,
        item="dues",
        year=2025,
        changes=[TickChange(cast.member_a.pk, "2025-03", ticked=True)],
        token=uuid4(),
    )
    assert [result.outcome for result in saved.results] == [CellOutcome.SAVED]


def import_ticks(cast: Cast, now: Any) -> None:
    data = make_xlsx({"交纳党费": [["打勾表"], ["姓名", "3月"], ["张伟", "√"]]})
    about: dict[str, Any] = {"town": cast.town, "branch": cast.branch_a, "year": 2025}
    assert import_records(actor=cast.staff, now=now, data=data, filename="打勾表.xlsx", **about).added == 1


def import_dated(cast: Cast, now: Any) -> None:
    row = {"党支部": "一支部", "姓名": "张伟", "类别": "得分", "项目": "交纳党费", "日期": f"{PAID_BEFORE}"}
    data = make_xlsx({"积分记录": table_of([row], "2025年度积分记录")})
    report = import_records(actor=cast.staff, now=now, town=cast.town, data=data, filename="记录.xlsx")
    assert (report.errors, report.added) == ([], 1)


def save_month(cast: Cast, now: Any) -> None:
    record_month(
        actor=cast.recorder_a,
        now=now,
        branch=cast.branch_a,
        month="2025-03",
        dues=[cast.member_a.pk],
        dues_on=PAID_BEFORE,
    )


def record_event(cast: Cast, now: Any) -> None:
    entry = EventEntry(cast.member_a.pk, "dues", PAID_BEFORE, "2025-03")
    record_events(actor=cast.recorder_a, now=now, town=cast.town, entries=[entry])


# Each way dues come in, and the day of payment that then stands.
WAYS: list[tuple[Callable[[Cast, Any], None], date | None]] = [
    (tick, None),
    (import_ticks, None),
    (import_dated, PAID_BEFORE),
    (save_month, PAID_BEFORE),
    (record_event, PAID_BEFORE),
]


def total(cast: Cast) -> int:
    scored = score_one(cast.member_a, 2025)
    assert scored is not None
    assert scored.score is not None
    return scored.score.annual.total


@pytest.mark.parametrize(("way", "paid_on"), WAYS, ids=lambda value: getattr(value, "__name__", None))
@pytest.mark.parametrize("after", [timedelta(minutes=1), timedelta(days=7)], ids=["same day", "a week"])
def test_after_the_approval_it_clears_the_arrears_alone(
    cast: Cast, way: Callable[[Cast, Any], None], paid_on: date | None, after: timedelta
) -> None:
    record_dues(cast, month=2, now=JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    now = JULY + 2 * HOUR + after
    cell = read_sheet(actor=cast.recorder_a, now=now, branch=cast.branch_a, item="dues", year=2025)
    blank = cell.cells[cast.member_a.pk, "2025-03"]
    assert blank.state == CellState.EMPTY
    assert "只销欠缴，不计分" in blank.explanation
    way(cast, now)
    assert total(cast) == 10
    event = PointEvent.objects.get(period="2025-03")
    assert event.date == (paid_on or now.date())
    # The arrears are cleared: the month is ticked, and the book has the day of payment and the day it was recorded.
    after_it = read_sheet(actor=cast.recorder_a, now=now, branch=cast.branch_a, item="dues", year=2025)
    assert after_it.cells[cast.member_a.pk, "2025-03"].state == CellState.TICKED
    paid = read_dues_rows(branch=cast.branch_a, year=2025, now=now)[0].months[2]
    assert paid is not None
    assert (paid.on, paid.recorded_on) == (paid_on or now.date(), now.date())
    form = build_member_form(member=cast.member_a, year=2025, now=now, with_grounds=False)
    assert form is not None
    (row,) = (row for row in form.rows if "2025年3月" in row.content)
    said = "（2025年3月，3月12日交纳，支部核定后补交，不计分）" if paid_on else "（2025年3月，支部核定后补交，不计分）"
    assert (row.day, row.content, row.points) == (now.date(), f"交纳党费{said}", 0)
    assert score_of(review, cast.member_a).cumulative == 10
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(("way", "paid_on"), WAYS, ids=lambda value: getattr(value, "__name__", None))
def test_before_the_approval_it_earns(cast: Cast, way: Callable[[Cast, Any], None], paid_on: date | None) -> None:
    way(cast, JULY)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    assert (total(cast), score_of(review, cast.member_a).cumulative) == (10, 10)
    assert PointEvent.objects.get().date == (paid_on or JULY.date())
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(("paid_on", "points"), [(PAID_BEFORE, 10), (LATER.date(), 0)])
def test_paid_before_and_recorded_later_earns_by_a_correction(cast: Cast, paid_on: date, points: int) -> None:
    review = bring_to(cast, "approved", start=JULY)
    correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="核对转账记录",
        record=[EventEntry(cast.member_a.pk, "dues", paid_on, "2025-03")],
    )
    assert (total(cast), score_of(review, cast.member_a).cumulative) == (points, points)
    assert PointEvent.objects.get().batch.get_source_display() == "更正"
    assert list(verify_ledger()) == []


def test_where_the_town_chose_so_late_dues_earn(cast: Cast) -> None:
    set_up_town(now=JULY, name="甲镇", years=(2025,), settings={"late_dues": "always"})
    bring_to(cast, "approved", start=JULY)
    tick(cast, LATER)
    assert total(cast) == 10


def test_the_second_half_is_judged_by_its_own_approval(cast: Cast) -> None:
    """September's dues come in while the first half alone is approved."""
    bring_to(cast, "approved", start=JULY)
    record_events(
        actor=cast.recorder_a,
        now=LATER,
        town=cast.town,
        entries=[EventEntry(cast.member_a.pk, "dues", LATER.date(), month) for month in ("2025-03", "2025-07")],
    )
    scored = score_one(cast.member_a, 2025)
    assert scored is not None
    assert scored.score is not None
    line = scored.score.annual.base_lines[0]
    assert ([record.period for record in line.counted], line.points) == (["2025-07"], 10)
    assert [(entry.record.period, entry.reason) for entry in line.uncounted] == [("2025-03", LATE_DUES)]


def test_they_earn_nothing_for_who_was_exempt_when_the_half_ended_either(cast: Cast) -> None:
    """No line of the first half, but in the scheme before and after: what the branch's approval closed is closed."""
    Exemption.objects.create(
        member=cast.member_a, ground="unable", applied_on=date(2025, 4, 1), decided_on=date(2025, 4, 1),
        from_date=date(2025, 4, 1), ended_on=date(2025, 9, 1),
    )  # fmt: skip
    bring_to(cast, "approved")
    record_dues(cast, month=3, now=LATER)
    record_dues(cast, month=10, now=JANUARY)
    scored = score_one(cast.member_a, 2025)
    assert scored is not None
    assert scored.score is not None
    dues = scored.score.annual.base_lines[0]
    assert (dues.points, [(each.record.period, each.reason) for each in dues.uncounted]) == (
        10, [("2025-03", LATE_DUES)],
    )  # fmt: skip
    year = bring_to(cast, "approved", half="H2", start=JANUARY + HOUR)
    assert (score_of(year, cast.member_a).base_items["dues"], list(verify_ledger())) == (10, [])
