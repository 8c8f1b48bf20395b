"""Moves and exemptions that reach back into a reviewed half: late, refused, or by correction (D10, D15, D16, D20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry, Exemption, Member, Membership, User
from points.errors import CorrectionRefused, HalfLocked, MembershipRefused, TransitionRefused
from points.integrity.ledger import verify_ledger
from points.models import Correction, Review
from points.reviews.late import Lateness, late_records, late_records_of
from points.reviews.line import read_line_view
from points.reviews.steps import approve_review, mark_final, mark_published, open_review, return_review, submit_review
from points.roster.exemptions import EndOfExemption, plan_exemption
from points.roster.moves import Move, RosterChange, change_membership, end_exemption
from points.scoring.adoption import adopt_rulebook, rulebook_for
from points.scoring.freezing import current_lines
from points.scoring.scores import score_members
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.exemptions import apply_on_paper, exempt_member, vote_on
from tests.factories import NOW, make_membership
from tests.points.half_stages import (
    HOUR,
    JANUARY,
    JULY,
    bring_to,
    line_of,
    meeting_on,
    record_dues,
    score_of,
    settle_year_end,
)
from tests.two_officers import correct_line
from veto.deciding import propose_deduction

Why = Membership.Why
LATER = JULY + timedelta(days=40)
AFTER = JANUARY + timedelta(days=20)
JULY_2026 = datetime(2026, 7, 5, 10, 0, tzinfo=SHANGHAI)
JANUARY_2027 = datetime(2027, 1, 8, 10, 0, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


@pytest.fixture
def prorating(cast: Cast) -> Cast:
    """The cast whose town scores part of a year in proportion, so that months in the scheme make points (D16)."""
    rulebook = rulebook_for(cast.town, 2025)
    settings = replace(rulebook.settings, part_year="prorate_base")
    adopt_rulebook(actor=cast.staff, now=NOW, town=cast.town, year=2025, rulebook=replace(rulebook, settings=settings))
    return cast


def pay_four_months(cast: Cast) -> None:
    for month in (1, 2, 3, 4):
        record_dues(cast, month=month, now=JULY)


def move(cast: Cast, why: Why, day: date, *, now: datetime, member: Member | None = None, **given: Any) -> None:
    change_membership(
        actor=cast.staff, now=now, member=member or cast.member_a, from_date=day, why=why, **{"branch": None, **given}
    )


def suspension(day: date) -> Move:
    return Move(None, day, Why.SUSPENDED)


def correct(cast: Cast, review: Review, roster: RosterChange | None, *, now: datetime, **given: Any) -> Correction:
    defaults = {"actor": cast.staff, "member": cast.member_a, "decided_on": now.date(), "reason": "名册核查后更正"}
    return correct_line(now=now, review=review, roster=roster, **{**defaults, **given})


def annual_of(cast: Cast, member: Member) -> int | None:
    members = Member.objects.filter(pk=member.pk)
    (scored,) = score_members(members, rulebook=rulebook_for(cast.town, 2025), year=2025)
    return scored.score.annual.total if scored.score else None


def test_a_suspension_entered_after_the_approval_counts_in_the_annual_score_and_shows_as_late(
    prorating: Cast,
) -> None:
    cast = prorating
    pay_four_months(cast)
    first = bring_to(cast, "published", start=JULY + HOUR)
    frozen = line_of(first, cast.member_a)
    assert (score_of(first, cast.member_a).cumulative, annual_of(cast, cast.member_a)) == (40, 40)
    move(cast, Why.SUSPENDED, date(2025, 5, 10), now=LATER)
    move(cast, Why.RESTORED, date(2025, 8, 1), now=LATER, branch=cast.branch_a)
    # The line stands; the year has 9 months (January to April, August to December): 4.0 × 12 ÷ 9 = 5.3.
    assert line_of(first, cast.member_a) == frozen
    assert annual_of(cast, cast.member_a) == 53
    second = bring_to(cast, "approved", half="H2")
    score = score_of(second, cast.member_a)
    assert (score.cumulative, score.first_half, score.half_score) == (53, 40, 13)
    assert score.months_in_scope == (1, 2, 3, 4, 8, 9, 10, 11, 12)
    assert [(late.lateness, late.record, late.months) for late in late_records_of(second)] == [
        (Lateness.ROSTER, None, (6, 4))
    ]
    view = read_line_view(second, cast.member_a)
    assert view is not None
    assert view.late == ("名册变动：计分4个月，核定时为6个月",)
    assert list(verify_ledger()) == []


def test_an_exemption_entered_after_the_approval_leaves_the_line_and_no_annual_score(cast: Cast) -> None:
    pay_four_months(cast)
    first = bring_to(cast, "published", start=JULY + HOUR)
    exempt_member(
        actor=cast.secretary_a,
        now=LATER,
        member=cast.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2025, 6, 1),
        decided_on=date(2025, 6, 10),
        from_date=date(2025, 6, 10),
    )
    assert (score_of(first, cast.member_a).cumulative, annual_of(cast, cast.member_a)) == (40, None)
    assert [(late.lateness, late.months) for late in late_records(current_lines(first))] == [(Lateness.ROSTER, (6, 5))]


def test_a_move_between_branches_is_not_late(cast: Cast) -> None:
    first = bring_to(cast, "published", start=JULY)
    move(cast, Why.MOVED, date(2025, 6, 1), now=LATER, branch=cast.branch_b)
    assert late_records(current_lines(first)) == []


def test_a_correction_takes_the_late_change_into_the_first_half(prorating: Cast) -> None:
    cast = prorating
    pay_four_months(cast)
    first = bring_to(cast, "published", start=JULY + HOUR)
    move(cast, Why.SUSPENDED, date(2025, 5, 10), now=LATER)
    correct(cast, first, None, now=LATER + HOUR, actor=cast.secretary_a)
    # Four of six months: 4.0 × 6 ÷ 4.
    assert (score_of(first, cast.member_a).cumulative, line_of(first, cast.member_a).revision) == (60, 2)
    assert late_records(current_lines(first)) == []
    assert list(verify_ledger()) == []


def test_a_submitted_half_is_returned_first(cast: Cast) -> None:
    review = bring_to(cast, "submitted")
    with pytest.raises(HalfLocked, match="已提交"):
        move(cast, Why.SUSPENDED, date(2025, 5, 10), now=LATER)
    with pytest.raises((HalfLocked, CorrectionRefused)):
        correct(cast, review, suspension(date(2025, 5, 10)), now=LATER)
    assert cast.member_a.memberships.count() == 1
    return_review(actor=cast.secretary_a, now=LATER, review=review, remark="名册有变动")
    move(cast, Why.SUSPENDED, date(2025, 5, 10), now=LATER)
    assert cast.member_a.memberships.count() == 2


def test_the_year_does_not_become_final_over_a_late_change(prorating: Cast) -> None:
    cast = prorating
    pay_four_months(cast)
    bring_to(cast, "final", start=JULY + HOUR)
    second = bring_to(cast, "published", half="H2")
    move(cast, Why.SUSPENDED, date(2025, 11, 10), now=AFTER)
    with pytest.raises(TransitionRefused, match=r"张伟.*名册变动"):
        mark_final(actor=cast.secretary_a, now=AFTER, review=second)
    correct(cast, second, None, now=AFTER + HOUR, actor=cast.secretary_a)
    assert score_of(second, cast.member_a).cumulative == 48  # 4.0 × 12 ÷ 10
    assert mark_final(actor=cast.secretary_a, now=AFTER + 2 * HOUR, review=second).state == "final"
    assert list(verify_ledger()) == []


def test_a_change_reaching_a_final_year_is_a_correction_with_the_towns_consent(prorating: Cast) -> None:
    cast = prorating
    pay_four_months(cast)
    bring_to(cast, "final", start=JULY + HOUR)
    second = bring_to(cast, "final", half="H2")
    change = suspension(date(2025, 11, 10))
    with pytest.raises(HalfLocked, match=r"已定稿.*更正"):
        move(cast, Why.SUSPENDED, change.from_date, now=AFTER)
    with pytest.raises(PermissionDenied):
        correct(cast, second, change, now=AFTER, actor=cast.secretary_a)
    correction = correct(cast, second, change, now=AFTER)
    second.refresh_from_db()
    line = line_of(second, cast.member_a)
    assert (line.revision, line.correction, correction.consent_by) == (2, correction, cast.staff)
    assert (second.state, score_of(second, cast.member_a).cumulative) == ("published", 48)
    assert score_of(second, cast.member_a).months_in_scope == tuple(range(1, 11))
    assert [entry.verb for entry in AuditEntry.objects.order_by("-pk")[:4]] == [
        "review_correction", "correct_line", "change_membership", "enter_correction",
    ]  # fmt: skip
    assert AuditEntry.objects.get(verb="correct_line").new["roster"] is True
    assert mark_final(actor=cast.secretary_a, now=AFTER + HOUR, review=second).state == "final"
    assert list(verify_ledger()) == []


def test_what_reaches_the_first_half_is_corrected_there_and_the_second_follows(prorating: Cast) -> None:
    cast = prorating
    pay_four_months(cast)
    first = bring_to(cast, "final", start=JULY + HOUR)
    second = bring_to(cast, "final", half="H2")
    with pytest.raises(CorrectionRefused, match=r"一支部.*上半年"):
        correct(cast, second, suspension(date(2025, 5, 10)), now=AFTER)
    with pytest.raises(CorrectionRefused, match="不改变"):
        correct(cast, first, suspension(date(2025, 7, 1)), now=AFTER)
    correct(cast, first, suspension(date(2025, 5, 10)), now=AFTER)
    assert [score_of(each, cast.member_a).cumulative for each in (first, second)] == [60, 120]
    assert [line_of(each, cast.member_a).revision for each in (first, second)] == [2, 2]
    assert Membership.objects.filter(member=cast.member_a).count() == 2
    assert list(verify_ledger()) == []


def test_a_leaving_that_is_a_correction_ends_what_is_open_too(cast: Cast) -> None:
    """Every way of leaving is one (D18)."""
    bring_to(cast, "final")
    second = bring_to(cast, "final", half="H2")
    open_one = propose_deduction(
        actor=cast.recorder_a,
        now=AFTER,
        member=cast.member_a,
        item="gambling",
        date=AFTER.date(),
        particulars="当场查实",
        papers="派出所登记",
    )
    correct(cast, second, suspension(date(2025, 12, 1)), now=AFTER)
    open_one.refresh_from_db()
    assert (open_one.state, open_one.ended_on, open_one.ended_why) == ("ended", date(2025, 12, 1), "suspended")


def test_a_refused_correction_changes_nothing_on_the_roster(cast: Cast) -> None:
    bring_to(cast, "final")
    second = bring_to(cast, "final", half="H2")
    for wrong in (Move(None, date(2010, 1, 1), Why.SUSPENDED), Move(cast.branch_a, date(2025, 11, 1), Why.RESTORED)):
        with pytest.raises((MembershipRefused, CorrectionRefused)):
            correct(cast, second, wrong, now=AFTER)
    assert (Membership.objects.filter(member=cast.member_a).count(), Correction.objects.count()) == (1, 0)


def test_an_exemption_in_a_final_year_and_its_end(cast: Cast) -> None:
    bring_to(cast, "final")
    second = bring_to(cast, "final", half="H2")
    application = apply_on_paper(
        actor=cast.secretary_a,
        now=AFTER,
        member=cast.member_a,
        applied_on=date(2025, 11, 1),
        wanted_from=date(2025, 11, 2),
    )
    new = plan_exemption(application, vote_on(date(2025, 11, 5)))
    assert new.from_date == date(2025, 11, 5)  # never before the decision
    correct(cast, second, new, now=AFTER)
    application.refresh_from_db()
    assert application.state == "granted"
    assert score_of(second, cast.member_a).months_in_scope == tuple(range(1, 11))
    mark_final(actor=cast.secretary_a, now=AFTER + HOUR, review=second)
    exemption = Exemption.objects.get(member=cast.member_a)
    with pytest.raises(HalfLocked):
        end_exemption(
            actor=cast.secretary_a,
            now=AFTER + HOUR,
            exemption=exemption,
            ended_on=date(2025, 12, 1),
            reason="恢复",
            is_unrelated=True,
        )
    correct(cast, second, EndOfExemption(exemption, date(2025, 12, 1), "恢复"), now=AFTER + 2 * HOUR)
    assert score_of(second, cast.member_a).months_in_scope == (*range(1, 11), 12)
    mark_final(actor=cast.secretary_a, now=AFTER + 3 * HOUR, review=second)
    assert list(verify_ledger()) == []


def review_2026(cast: Cast, half: str, start: datetime, *, final: bool) -> Review:
    review = open_review(branch=cast.branch_a, year=2026, half=half)
    settle_year_end(cast.branch_a, by=cast.recorder_a, at=start, year=2026)
    review = submit_review(actor=cast.recorder_a, now=start, review=review)
    meeting = meeting_on((start + HOUR).date())
    review = approve_review(actor=cast.secretary_a, now=start + HOUR, review=review, meeting=meeting)
    if final:
        review = mark_published(actor=cast.secretary_a, now=start + 2 * HOUR, review=review)
        review = mark_final(actor=cast.secretary_a, now=start + 3 * HOUR, review=review)
    return review


@pytest.mark.parametrize("is_next_year_final", [True, False])
def test_a_change_reaching_two_years_revises_the_final_ones(cast: Cast, is_next_year_final: bool) -> None:
    bring_to(cast, "final")
    second = bring_to(cast, "final", half="H2")
    third = review_2026(cast, "H1", JULY_2026, final=True)
    fourth = review_2026(cast, "H2", JANUARY_2027, final=is_next_year_final)
    now = JANUARY_2027 + timedelta(days=30)
    correct(cast, second, suspension(date(2025, 12, 10)), now=now)
    revisions = [line_of(each, cast.member_a).revision for each in (second, third, fourth)]
    assert revisions == ([2, 2, 2] if is_next_year_final else [2, 1, 1])
    states = [Review.objects.get(pk=each.pk).state for each in (second, third, fourth)]
    assert states == (["published"] * 3 if is_next_year_final else ["published", "final", "approved"])
    if is_next_year_final:
        assert score_of(fourth, cast.member_a).months_in_scope == ()
    assert len(late_records(current_lines(third))) == (0 if is_next_year_final else 1)
    assert list(verify_ledger()) == []


def test_the_ledger_names_a_roster_changed_behind_a_final_year(cast: Cast) -> None:
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    assert list(verify_ledger()) == []
    make_membership(cast.member_a, None, date(2025, 11, 10), Why.SUSPENDED)
    (difference,) = verify_ledger()
    assert str(cast.member_a.uuid) in str(difference)
    assert "名册有变动" in str(difference)


# Nobody is put into a half whose list is closed


@pytest.mark.parametrize("state", ["submitted", "approved", "published", "final"])
def test_nobody_is_put_back_into_a_closed_half(cast: Cast, state: str) -> None:
    bring_to(cast, "final")
    review = bring_to(cast, state, half="H2")
    with pytest.raises(HalfLocked, match=r"一支部2025年下半年.*2026-01-01"):
        move(cast, Why.RESTORED, date(2025, 12, 1), now=AFTER, member=cast.left_a, branch=cast.branch_a)
    assert cast.left_a.memberships.count() == 2
    move(cast, Why.RESTORED, date(2026, 1, 1), now=AFTER, member=cast.left_a, branch=cast.branch_a)
    assert review.lines.filter(member=cast.left_a).exists() is False


def test_nobody_is_moved_into_another_branchs_closed_half(cast: Cast) -> None:
    bring_to(cast, "approved")
    with pytest.raises(HalfLocked, match="一支部2025年上半年"):
        move(cast, Why.MOVED, date(2025, 6, 20), now=LATER, member=cast.member_b, branch=cast.branch_a)
    bring_to(cast, "approved", branch=cast.branch_b)
    # Now branch B's own line covers the half, and it stays there.
    move(cast, Why.MOVED, date(2025, 6, 20), now=LATER, member=cast.member_b, branch=cast.branch_a)
    assert cast.member_b.memberships.count() == 2


def test_an_exemption_does_not_end_inside_a_closed_half(cast: Cast) -> None:
    exempt = exempt_member(
        actor=cast.secretary_a,
        now=JULY,
        member=cast.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2025, 3, 1),
        decided_on=date(2025, 3, 5),
        from_date=date(2025, 3, 5),
    )
    bring_to(cast, "approved", start=JULY + HOUR)

    def end(day: date, actor: User) -> None:
        end_exemption(actor=actor, now=LATER, exemption=exempt, ended_on=day, reason="恢复", is_unrelated=True)

    with pytest.raises(HalfLocked, match="2025-07-01"):
        end(date(2025, 6, 1), cast.secretary_a)
    exempt.refresh_from_db()
    assert exempt.ended_on is None
    end(date(2025, 7, 1), cast.secretary_a)
    assert len(current_lines(bring_to(cast, "approved", half="H2"))) == 3
