"""Confirmations of half-year results: in the portal, on paper, at a meeting; once for each revision (3.3, D26)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry
from points.errors import ConfirmationRefused
from points.models import Confirmation
from points.records.entries import EventEntry
from points.reviews.confirmations import confirm_line, confirm_members, read_confirmations, unconfirmed_lines
from points.reviews.steps import mark_final
from tests.cast import Cast
from tests.factories import make_member
from tests.points.half_stages import HOUR, JULY, bring_to, line_of
from tests.two_officers import correct_line
from tests.work import count_queries

How = Confirmation.How
LATER = JULY + timedelta(days=2)
DAY = LATER.date()


@pytest.mark.django_db
def test_a_member_confirms_their_own_line_in_the_portal(cast: Cast) -> None:
    review = bring_to(cast, "published")
    line = line_of(review, cast.member_a)
    confirmation = confirm_line(actor=cast.member_user_a, now=LATER, line=line, how=How.PORTAL, confirmed_on=DAY)
    assert (confirmation.line, confirmation.how, confirmation.entered_by) == (line, "portal", cast.member_user_a)
    assert [line.member.name for line in unconfirmed_lines(review)] == ["李娜", "曾国华", "王五"]
    with pytest.raises(ConfirmationRefused, match="已经确认"):
        confirm_line(actor=cast.member_user_a, now=LATER, line=line, how=How.PORTAL, confirmed_on=DAY)
    other = line_of(review, cast.members_a[1])
    for actor in (cast.member_user_a, cast.recorder_a, cast.staff, cast.outsider):
        with pytest.raises(PermissionDenied):
            confirm_line(actor=actor, now=LATER, line=other, how=How.PORTAL, confirmed_on=DAY)


@pytest.mark.django_db
@pytest.mark.parametrize("how", [How.FORM, How.SLIP])
def test_paper_is_entered_by_the_branch(cast: Cast, how: Confirmation.How) -> None:
    review = bring_to(cast, "approved")
    line = line_of(review, cast.members_a[1])
    for actor in (cast.member_user_a, cast.committee_a, cast.recorder_b, cast.supervisor, cast.outsider):
        with pytest.raises(PermissionDenied):
            confirm_line(actor=actor, now=LATER, line=line, how=how, confirmed_on=DAY)
    for day in (JULY.date() - timedelta(days=1), DAY + timedelta(days=1)):
        with pytest.raises(ConfirmationRefused):
            confirm_line(actor=cast.recorder_a, now=LATER, line=line, how=how, confirmed_on=day)
    confirmation = confirm_line(
        actor=cast.recorder_a, now=LATER, line=line, how=how, confirmed_on=JULY.date(), scan="slip-7.jpg"
    )
    assert (confirmation.how, confirmation.confirmed_on, confirmation.scan) == (how, JULY.date(), "slip-7.jpg")


@pytest.mark.django_db
def test_a_meeting_confirms_those_who_were_there_and_waits_for_nobody(cast: Cast) -> None:
    review = bring_to(cast, "published")
    first, second, third = cast.members_a
    confirm_line(actor=cast.member_user_a, now=LATER, line=line_of(review, first), how=How.PORTAL, confirmed_on=DAY)
    confirmed = confirm_members(
        actor=cast.secretary_a,
        now=LATER + HOUR,
        review=review,
        member_ids=[first.pk, second.pk],
        how=How.MEETING,
        confirmed_on=DAY,
        scan="meeting.jpg",
    )
    assert confirmed == 1
    assert list(Confirmation.objects.order_by("pk").values_list("how", "scan")) == [
        ("portal", ""), ("meeting", "meeting.jpg"),
    ]  # fmt: skip
    assert [line.member for line in unconfirmed_lines(review)] == [third, cast.left_a]
    for wrong in ([], [cast.member_b.pk]):
        with pytest.raises(ConfirmationRefused):
            confirm_members(
                actor=cast.secretary_a, now=LATER, review=review, member_ids=wrong, how=How.MEETING, confirmed_on=DAY
            )
    assert mark_final(actor=cast.secretary_a, now=LATER + HOUR, review=review).state == "final"


@pytest.mark.django_db
def test_a_corrected_line_is_confirmed_anew(cast: Cast) -> None:
    review = bring_to(cast, "published")
    old = line_of(review, cast.member_a)
    confirm_line(actor=cast.recorder_a, now=LATER, line=old, how=How.SLIP, confirmed_on=DAY)
    correct_line(
        actor=cast.secretary_a,
        now=LATER + HOUR,
        review=review,
        member=cast.member_a,
        decided_on=DAY,
        reason="四月漏登",
        record=[EventEntry(cast.member_a.pk, "dues", date(2025, 4, 10), "2025-04")],
    )
    assert cast.member_a in [line.member for line in unconfirmed_lines(review)]
    with pytest.raises(ConfirmationRefused, match="已更正"):
        confirm_line(actor=cast.recorder_a, now=LATER + 2 * HOUR, line=old, how=How.FORM, confirmed_on=DAY)
    new = line_of(review, cast.member_a)
    confirm_line(actor=cast.recorder_a, now=LATER + 2 * HOUR, line=new, how=How.FORM, confirmed_on=DAY)
    assert Confirmation.objects.filter(line__member=cast.member_a).count() == 2
    assert [(row.line, row.how) for row in read_confirmations(review)] == [(new, "form")]


@pytest.mark.django_db
def test_nobody_confirmed_a_result_before_it_was_corrected(cast: Cast) -> None:
    review = bring_to(cast, "published")
    correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=review,
        member=cast.member_a,
        decided_on=DAY,
        reason="四月漏登",
        record=[EventEntry(cast.member_a.pk, "dues", date(2025, 4, 10), "2025-04")],
    )
    both = [cast.member_a.pk, cast.members_a[1].pk]

    def confirm(day: date) -> int:
        return confirm_members(
            actor=cast.recorder_a, now=LATER, review=review, member_ids=both, how=How.SLIP, confirmed_on=day
        )

    with pytest.raises(ConfirmationRefused, match="张伟"):
        confirm(JULY.date())
    assert not Confirmation.objects.exists()
    assert confirm(DAY) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("how", [How.FORM, How.MEETING])
def test_many_confirm_in_as_many_queries_as_one(cast: Cast, how: Confirmation.How) -> None:
    for number in range(20):
        make_member(cast.branch_a, f"党员{number}")
    review = bring_to(cast, "published")
    ids = [line.member_id for line in unconfirmed_lines(review)]

    def confirm(chosen: list[int]) -> None:
        confirmed = confirm_members(
            actor=cast.recorder_a, now=LATER, review=review, member_ids=chosen, how=how, confirmed_on=DAY
        )
        assert confirmed == len(chosen)

    confirm(ids[:1])  # reads what the actor may do
    assert count_queries(lambda: confirm(ids[2:])) == count_queries(lambda: confirm(ids[1:2]))
    assert AuditEntry.objects.filter(verb="confirm_lines").count() == 3
    assert Confirmation.objects.filter(how=how).count() == len(ids) == 24
