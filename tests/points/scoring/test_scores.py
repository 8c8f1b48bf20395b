"""What the ledger gives the engine: who is scored, for which months, from which rows, in how many queries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from members.models import Branch, Exemption, Member, Membership
from points.errors import NoRulebook
from points.models import PointEvent
from points.records.recording import record_events
from points.records.voiding import void_event
from points.rules.facts import DeductionRecord, MemberFacts, PointRecord
from points.rules.rulebook import load_shipped_rulebook
from points.rules.scope import Span
from points.rules.score import score_year
from points.scoring.scores import RosterYear, ScoredMember, YearStatus, read_roster_year, score_members
from tests.cast import Cast
from tests.factories import (
    LONG_AGO,
    NOW,
    TODAY,
    base_entry,
    incentive_entry,
    make_batch,
    make_event,
    make_member,
    make_membership,
)
from tests.points.scoring.scores import score_one, score_town
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import revoke as revoke_finding
from tests.work import count_queries
from veto.deciding import propose_deduction, propose_veto
from veto.models import Answer, Deduction, Finding, VetoRecord

pytestmark = pytest.mark.engine
Why = Membership.Why
WHOLE_YEAR = tuple(range(1, 13))
A, B = 1, 2


def roster_year(*memberships: tuple[date, int | None, str], exempt: tuple[tuple[date, date | None], ...] = ()) -> Any:
    return read_roster_year(2025, memberships, exempt)


SINCE = (date(2020, 1, 1), A, "registered")
STANDINGS: dict[str, tuple[RosterYear | None, RosterYear | None]] = {
    "here all year": (roster_year(SINCE), RosterYear(YearStatus.SCORED, A, "", WHOLE_YEAR, True)),
    "came on the last day of March": (
        roster_year((date(2025, 3, 31), A, "transferred_in")),
        RosterYear(YearStatus.SCORED, A, "", (3, 4, 5, 6, 7, 8, 9, 10, 11, 12), True),
    ),
    "came on the first of April": (
        roster_year((date(2025, 4, 1), A, "transferred_in")),
        RosterYear(YearStatus.SCORED, A, "", (4, 5, 6, 7, 8, 9, 10, 11, 12), True),
    ),
    "came in the second half": (
        roster_year((date(2025, 7, 1), A, "admitted")),
        RosterYear(YearStatus.SCORED, A, "", (7, 8, 9, 10, 11, 12), False),
    ),
    "came on New Year's Eve": (
        roster_year((date(2025, 12, 31), A, "admitted")),
        RosterYear(YearStatus.SCORED, A, "", (12,), False),
    ),
    "came the year after": (roster_year((date(2026, 1, 1), A, "admitted")), None),
    "left the year before": (roster_year(SINCE, (date(2024, 12, 31), None, "deceased")), None),
    "left on New Year": (roster_year(SINCE, (date(2025, 1, 1), None, "deceased")), None),
    "left in May": (
        roster_year(SINCE, (date(2025, 5, 31), None, "transferred_out")),
        RosterYear(YearStatus.LEFT, A, "transferred_out", (1, 2, 3, 4), False),
    ),
    "left on the last day": (
        roster_year(SINCE, (date(2025, 12, 31), None, "deceased")),
        RosterYear(YearStatus.LEFT, A, "deceased", tuple(range(1, 12)), True),
    ),
    "left the year after": (
        roster_year(SINCE, (date(2026, 1, 1), None, "deceased")),
        RosterYear(YearStatus.SCORED, A, "", WHOLE_YEAR, True),
    ),
    "moved to B": (
        roster_year(SINCE, (date(2025, 8, 1), B, "moved")),
        RosterYear(YearStatus.SCORED, B, "", WHOLE_YEAR, True),
    ),
    "moved to B, then left": (
        roster_year(SINCE, (date(2025, 8, 1), B, "moved"), (date(2025, 10, 1), None, "removed")),
        RosterYear(YearStatus.LEFT, B, "removed", tuple(range(1, 10)), True),
    ),
    "suspended and restored": (
        roster_year(SINCE, (date(2025, 3, 10), None, "suspended"), (date(2025, 9, 15), A, "restored")),
        RosterYear(YearStatus.SCORED, A, "", (1, 2, 9, 10, 11, 12), False),
    ),
    "still suspended": (
        roster_year(SINCE, (date(2025, 3, 10), None, "suspended")),
        RosterYear(YearStatus.LEFT, A, "suspended", (1, 2), False),
    ),
    "exempt all year": (
        roster_year(SINCE, exempt=((date(2024, 6, 1), None),)),
        RosterYear(YearStatus.EXEMPT, A, "", (), False),
    ),
    "exempt from October": (
        roster_year(SINCE, exempt=((date(2025, 10, 1), None),)),
        RosterYear(YearStatus.EXEMPT, A, "", tuple(range(1, 10)), True),
    ),
    "exempt until August": (
        roster_year(SINCE, exempt=((date(2024, 6, 1), date(2025, 9, 1)),)),
        RosterYear(YearStatus.SCORED, A, "", (9, 10, 11, 12), False),
    ),
    "exempt on the last day alone": (
        roster_year(SINCE, exempt=((date(2025, 12, 31), date(2026, 1, 1)),)),
        RosterYear(YearStatus.EXEMPT, A, "", tuple(range(1, 12)), True),
    ),
    "exempt twice": (
        roster_year(SINCE, exempt=((date(2025, 2, 1), date(2025, 4, 1)), (date(2025, 6, 1), date(2025, 8, 1)))),
        RosterYear(YearStatus.SCORED, A, "", (1, 4, 5, 8, 9, 10, 11, 12), False),
    ),
    "exempt and then gone": (
        roster_year(SINCE, (date(2025, 11, 1), None, "deceased"), exempt=((date(2025, 2, 1), None),)),
        RosterYear(YearStatus.LEFT, A, "deceased", (1,), False),
    ),
}


@pytest.mark.parametrize(("found", "expected"), STANDINGS.values(), ids=STANDINGS.keys())
def test_where_a_member_stands_in_a_year(found: RosterYear | None, expected: RosterYear | None) -> None:  # D16
    assert found == expected
    if expected is not None:
        assert expected.is_part_year == (len(expected.months_in_scope) < 12)


def score(member: Member, year: int = 2026) -> ScoredMember:
    scored = score_one(member, year)
    assert scored is not None
    return scored


def annual(member: Member, year: int = 2026) -> int:
    year_score = score(member, year).score
    assert year_score is not None
    return year_score.annual.total


def test_the_score_is_the_engines_on_the_same_facts(cast: Cast) -> None:
    member = cast.member_a
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        entries=[
            base_entry(member, "dues", "2025-01", date(2025, 1, 5)),
            base_entry(member, "dues", "2025-11", date(2025, 11, 5)),
            base_entry(member, "appraisal", "2025", date(2026, 1, 15)),
            base_entry(member, "dues", "2026-01", date(2026, 1, 5)),
            incentive_entry(member, "essay", 25, date(2025, 3, 1), led=True),
            incentive_entry(member, "essay", 30, date(2025, 9, 1)),
        ],
    )
    deduction = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=member,
        item="gambling",
        date=date(2025, 10, 3),
        particulars="通报",
        papers="核实材料",
    )
    _confirm(cast, deduction)
    refs = {(event.item, event.date): event.pk for event in PointEvent.objects.filter(year=2025)}
    facts = MemberFacts(
        year=2025,
        points=(
            PointRecord(refs["dues", date(2025, 1, 5)], "dues", "2025-01", date(2025, 1, 5), None, False),
            PointRecord(refs["dues", date(2025, 11, 5)], "dues", "2025-11", date(2025, 11, 5), None, False),
            PointRecord(refs["appraisal", date(2026, 1, 15)], "appraisal", "2025", date(2026, 1, 15), None, False),
            PointRecord(refs["essay", date(2025, 3, 1)], "essay", "", date(2025, 3, 1), 25, True),
            PointRecord(refs["essay", date(2025, 9, 1)], "essay", "", date(2025, 9, 1), 30, False),
        ),
        deductions=(DeductionRecord(deduction.pk, "gambling", date(2025, 10, 3)),),
        in_scheme=(Span(LONG_AGO),),
    )
    scored = score(member, 2025)
    assert scored.score == score_year(load_shipped_rulebook(), facts)
    # By hand: first half 1.0 dues, 2.5 essay and 2.5 for leading; the year 2 dues, 3 appraisal,
    # 4.0 essay (5.5 capped) and 2.5 for leading, less 5.
    assert (scored.first_half, annual(member, 2025), scored.second_half) == (60, 20 + 30 + 40 + 25 - 50, 5)


def _confirm(cast: Cast, finding: Finding, day: date = TODAY) -> None:
    hear_member(
        actor=cast.recorder_a,
        now=NOW,
        finding=finding,
        notified_on=TODAY,
        answered_on=TODAY,
        answer=Answer.Kind.WAIVED,
    )
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=day)


def test_voided_rows_count_nothing(cast: Cast) -> None:
    batch = record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        entries=[base_entry(cast.member_a), incentive_entry(cast.member_a, points=20)],
    )
    assert annual(cast.member_a) == 30
    void_event(actor=cast.recorder_a, now=NOW, event=batch.events.get(item="volunteering"), reason="错")
    assert annual(cast.member_a) == 10


def test_a_deduction_counts_while_it_stands(cast: Cast) -> None:
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        entries=[base_entry(cast.member_a, "lecture", "2026Q1"), incentive_entry(cast.member_a, points=40)],
    )
    deduction = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        item="rumour",
        date=date(2026, 2, 1),
        particulars="通报",
        papers="核实材料",
    )
    assert annual(cast.member_a) == 70
    _confirm(cast, deduction)
    assert annual(cast.member_a) == 20
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=deduction, reason="查无此事")
    assert annual(cast.member_a) == 70


def test_a_veto_makes_its_year_zero_and_leaves_what_was_earned_readable(cast: Cast) -> None:
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        entries=[base_entry(cast.member_a), base_entry(cast.member_a, "dues", "2025-02", date(2025, 2, 3))],
    )
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disciplined",
        date=date(2026, 2, 1),
        year=2025,
        particulars="处分决定",
        papers="核实材料",
    )
    _confirm(cast, veto)
    assert annual(cast.member_a, 2026) == 10
    scored = score(cast.member_a, 2025)
    assert scored.score is not None
    assert (scored.first_half, scored.score.annual.total, scored.second_half) == (10, 0, -10)  # D7, D8
    assert scored.score.annual.earned_before_veto == 10
    (line,) = scored.score.annual.vetoes
    assert (line.ref, line.confirmed_on) == (veto.pk, TODAY)


def test_records_follow_a_member_who_moves(cast: Cast) -> None:
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    make_membership(cast.member_a, cast.branch_b, date(2026, 3, 1), Why.MOVED)
    scored = score(cast.member_a)
    assert scored.roster_year.branch_id == cast.branch_b.pk
    assert annual(cast.member_a) == 10


def test_who_left_or_is_exempt_has_a_standing_and_no_score(cast: Cast) -> None:
    Exemption.objects.create(
        member=cast.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2025, 6, 1),
        decided_on=date(2025, 6, 1),
        from_date=date(2025, 6, 1),
    )
    for member, expected in ((cast.left_a, YearStatus.LEFT), (cast.member_a, YearStatus.EXEMPT)):
        scored = score(member, 2025)
        assert (scored.roster_year.status, scored.score, scored.first_half, scored.second_half) == (
            expected,
            None,
            None,
            None,
        )
    assert score_one(cast.left_a, 2026) is None


def test_a_blank_first_half_leaves_the_year_to_the_second(cast: Cast) -> None:
    member = make_member(cast.branch_a, "新人", since=date(2025, 8, 1), why=Why.TRANSFERRED_IN)
    make_event(make_batch(cast.recorder_a, cast.town), member, "dues", "2025-09", year=2025, date=date(2025, 9, 3))
    scored = score(member, 2025)
    assert (scored.first_half, scored.second_half, annual(member, 2025)) == (None, 10, 10)
    assert scored.roster_year.is_part_year


def test_a_town_is_scored_without_its_neighbours(cast: Cast) -> None:
    make_event(make_batch(cast.other_staff, cast.other_town), cast.other_member)
    ids = [scored.member_id for scored in score_town(cast.town, 2025)]
    assert ids == sorted(member.pk for member in (*cast.members_a, *cast.members_b, cast.left_a))
    with pytest.raises(NoRulebook):
        list(score_town(cast.town, 2024))


def test_members_without_records_between_others_get_none_of_theirs(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town)
    for member in (cast.members_a[0], cast.members_a[2], cast.members_b[2]):
        make_event(batch, member)
    totals = {scored.member_id: scored.score.annual.total for scored in score_town(cast.town, 2026) if scored.score}
    assert [totals[member.pk] for member in (*cast.members_a, *cast.members_b)] == [10, 0, 10, 0, 0, 10]


def test_a_town_costs_the_same_queries_whatever_its_size(cast: Cast) -> None:
    branch = Branch.objects.create(town=cast.other_town, name="大支部")
    batch = make_batch(cast.other_staff, cast.other_town)
    rulebook = load_shipped_rulebook()

    def grow(count: int) -> None:
        for number in range(count):
            member = make_member(branch, f"党员{number}")
            make_event(batch, member)
            finding = {"batch": batch, "member": member, "date": date(2026, 2, 1), "particulars": "x"}
            decided = {"decided_on": date(2026, 2, 9), "decided_by": cast.other_staff, "confirmed_at": NOW}
            Deduction.objects.create(item="rumour", **finding, **decided)
            VetoRecord.objects.create(ground="cult", year=2026, **finding, **decided)

    def score() -> list[ScoredMember]:
        members = Member.objects.filter(memberships__branch=branch)
        return list(score_members(members, rulebook=rulebook, year=2026))

    grow(3)
    few = count_queries(score)
    grow(27)
    assert count_queries(score) == few
    scored = score()
    assert len(scored) == 30
    assert {row.score.annual.total for row in scored if row.score} == {0}
