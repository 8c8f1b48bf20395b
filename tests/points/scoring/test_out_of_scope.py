"""Records that a later exemption, move or leaving put out of scope count nothing, and everything says so (D16)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from members.models import Exemption, Membership
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import PointEvent, Review
from points.papers.record_form.form import build_member_form
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_attendance
from points.reviews.late import Lateness, late_records
from points.rules.rulebook import load_shipped_rulebook
from points.rules.score import OUT_OF_SCOPE, ScoreSheet
from points.scoring.adoption import rulebook_for
from points.scoring.archive import read_archive
from points.scoring.explanations import explain_sheet
from points.scoring.freezing import current_lines, recompute_sheets
from points.scoring.squares import Square
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_membership
from tests.points.half_stages import HOUR, JULY, bring_to, line_of, score_of
from tests.points.scoring.scores import score_one


def record_year(cast: Cast) -> None:
    """March's dues, May's party day, a deed led in May, and June's dues: 1 + 1 + 2 + 1 points."""
    member = cast.member_a
    record_events(
        actor=cast.recorder_a,
        now=JULY,
        town=cast.town,
        entries=[
            EventEntry(member.pk, "dues", date(2025, 3, 10), "2025-03"),
            EventEntry(member.pk, "dues", date(2025, 6, 10), "2025-06"),
            EventEntry(member.pk, "volunteering", date(2025, 5, 10), points=10, led=True, note="清河道"),
        ],
    )
    record_meeting(
        actor=cast.recorder_a,
        now=JULY,
        branch=cast.branch_a,
        held_on=date(2025, 5, 5),
        kinds=[("party_day", "2025-05")],
        statuses={member.pk: "attended"},
    )


def exempt_in_may(cast: Cast) -> None:
    Exemption.objects.create(
        member=cast.member_a,
        ground="unable",
        applied_on=date(2025, 4, 20),
        decided_on=date(2025, 4, 25),
        from_date=date(2025, 5, 1),
        ended_on=date(2025, 6, 1),
    )


def annual(cast: Cast) -> ScoreSheet:
    scored = score_one(cast.member_a, 2025)
    assert scored is not None
    assert scored.score is not None
    return scored.score.annual


def outside(sheet: ScoreSheet) -> Iterable[str]:
    return sorted(entry.record.item for entry in sheet.uncounted if entry.reason == OUT_OF_SCOPE)


def test_a_later_exemption_takes_its_days_out_and_everything_says_so(cast: Cast) -> None:
    record_year(cast)
    assert (annual(cast).total, outside(annual(cast))) == (50, [])
    exempt_in_may(cast)
    sheet = annual(cast)
    assert (sheet.total, outside(sheet)) == (20, ["party_day", "volunteering"])

    why = explain_sheet(load_shipped_rulebook(), sheet, on=TODAY, with_grounds=False)
    items = {item.code: item for item in (*why.base.items, *why.incentive.items)}
    assert items["party_day"].ticks[4].state is Square.OUT_OF_SCOPE
    for code in ("party_day", "volunteering"):
        (line,) = items[code].records
        assert (items[code].points, line.counted, line.shown, line.remark) == (0, False, "0.0", "不计分期间，不计分")

    rulebook = rulebook_for(cast.town, 2025)
    archive = read_archive(cast.member_a, rulebook=rulebook, year=2025, reader=cast.recorder_a, on=TODAY)
    assert [(line.event.item, line.total, line.uncounted) for line in archive.lines] == [
        ("dues", 10, ""),
        ("party_day", 10, "不计分期间，不计分"),
        ("volunteering", 10, "不计分期间，不计分"),
        ("dues", 20, ""),
    ]

    form = build_member_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False)
    assert form is not None
    assert [(row.content, row.shown) for row in form.rows] == [
        ("交纳党费（2025年3月，3月10日交纳）", "1.0"),
        ("党员活动日（2025年5月，5月5日，不计分期间，不计分）", "0.0"),
        ("志愿服务：清河道（5月10日，不计分期间，不计分）", "0.0"),
        ("交纳党费（2025年6月，6月10日交纳）", "1.0"),
    ]
    assert {row.day for row in form.rows} == {JULY.date()}
    assert (form.rows_total, form.total) == (20, 20)


def test_a_line_frozen_then_names_what_was_out_of_scope_and_is_computed_again_alike(cast: Cast) -> None:
    record_year(cast)
    exempt_in_may(cast)
    review = bring_to(cast, "approved", start=JULY + HOUR)
    line = line_of(review, cast.member_a)
    assert score_of(review, cast.member_a).cumulative == 20
    named = PointEvent.objects.filter(uuid__in=json.loads(line.payload)["out_of_scope"])
    assert sorted(named.values_list("item", flat=True)) == ["party_day", "volunteering"]
    again = recompute_sheets([line], rulebook=load_shipped_rulebook(), year=2025)[line.pk]
    assert again is not None
    assert (again.total, outside(again)) == (20, ["party_day", "volunteering"])
    assert late_records(current_lines(review)) == []
    assert list(verify_ledger()) == []


def test_a_frozen_line_stays_and_the_year_follows(cast: Cast) -> None:
    record_year(cast)
    review: Review = bring_to(cast, "approved", start=JULY + HOUR)
    exempt_in_may(cast)
    assert score_of(review, cast.member_a).cumulative == 50
    assert annual(cast).total == 20
    assert [(late.lateness, late.months) for late in late_records(current_lines(review))] == [
        (Lateness.ROSTER, (6, 5)),
    ]
    assert list(verify_ledger()) == []


def test_moving_within_the_town_takes_nothing_out(cast: Cast) -> None:
    record_year(cast)
    make_membership(cast.member_a, cast.branch_b, date(2025, 5, 7), Membership.Why.MOVED)
    assert (annual(cast).total, outside(annual(cast))) == (50, [])


def test_suspended_and_restored(cast: Cast) -> None:
    record_year(cast)
    make_membership(cast.member_a, None, date(2025, 5, 6), Membership.Why.SUSPENDED)
    make_membership(cast.member_a, cast.branch_a, date(2025, 5, 31), Membership.Why.RESTORED)
    # May is in scope by its last day; the party day of 5 May was in, the deed of 10 May was not.
    assert (annual(cast).months_in_scope, annual(cast).total) == (tuple(range(1, 13)), 30)
    assert outside(annual(cast)) == ["volunteering"]


def test_an_attendance_out_of_scope_earns_in_nobodys_place(cast: Cast) -> None:
    """Two lectures in a quarter; exempt since the second: what takes its place when the first is voided is nothing."""
    member = cast.member_a
    meetings = [
        record_meeting(
            actor=cast.recorder_a,
            now=NOW,
            branch=cast.branch_a,
            held_on=day,
            kinds=[("lecture", "2026Q1")],
            statuses={member.pk: "attended"},
        )
        for day in (date(2026, 1, 10), date(2026, 3, 10))
    ]
    since = date(2026, 2, 1)
    exemption = Exemption.objects.create(
        member=member, ground="unable", applied_on=since, decided_on=since, from_date=since
    )
    assert PointEvent.objects.get(voided_at=None).date == date(2026, 1, 10)
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=meetings[0].attendances.get(), reason="登错")
    assert not PointEvent.objects.filter(voided_at=None).exists()
    # In scope it does.
    exemption.delete()
    third = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 1, 12),
        kinds=[("lecture", "2026Q1")],
        statuses={member.pk: "attended"},
    )
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=third.attendances.get(), reason="登错")
    assert PointEvent.objects.get(voided_at=None).date == date(2026, 3, 10)
