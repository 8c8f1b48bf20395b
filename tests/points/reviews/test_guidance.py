"""Remarks from above on a branch's half (5.3): who gives and who answers them, and what they leave alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.access import Action, branches_for
from members.errors import MissingReason, NotAllowed, TextTooLong
from members.models import Appointment, AuditEntry, Branch, Notification, User
from points.errors import GuidanceRefused, NoRulebook
from points.models import Guidance, Review
from points.reviews.guidance import answer_guidance, give_guidance, guidance_link, read_guidance_tasks
from points.reviews.steps import open_review, withdraw_review
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import appoint, make_branch, make_user
from tests.points.half_stages import JULY

TODAY = JULY.date()


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 5 July 2025, the first half just over."""
    clock.now = JULY
    return cast


def make_officer(branch: Branch, role: str) -> User:
    officer = make_user(f"{role}-{branch.pk}")
    appoint(officer, Appointment.Role(role), branch=branch)
    return officer


@pytest.fixture
def general(july: Cast) -> Branch:
    """A general branch over the first branch alone."""
    above = make_branch(july.town, "云岭社区党总支")
    Branch.objects.filter(pk=july.branch_a.pk).update(parent=above)
    july.branch_a.refresh_from_db()
    return above


@pytest.fixture
def overseer(july: Cast, general: Branch) -> User:
    return make_officer(general, "secretary")


def give(actor: User, branch: Branch, *, year: int = 2025, half: str = "H1", text: str = "请补上党课") -> Guidance:
    return give_guidance(actor=actor, now=JULY, branch=branch, year=year, half=half, remark=text)


@pytest.mark.django_db
def test_a_general_branch_remarks_on_the_branches_below_it_and_on_no_other(
    july: Cast, general: Branch, overseer: User
) -> None:
    given = give(overseer, july.branch_a)
    assert (given.year, given.half, given.text, given.by, given.at) == (2025, "H1", "请补上党课", overseer, JULY)
    for branch in (july.branch_b, general):
        with pytest.raises(PermissionDenied):
            give(overseer, branch)
    assert [branch.name for branch in branches_for(overseer, on=TODAY, action=Action.GUIDE)] == ["一支部"]
    assert list(AuditEntry.objects.filter(verb="give_guidance").values_list("actor", "object_id")) == [
        (overseer.pk, str(given.uuid))
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "may_give"), [("recorder", True), ("committee_member", False), ("assistant", False)])
def test_of_the_general_branch_its_secretary_and_recorder_remark(
    july: Cast, general: Branch, role: str, may_give: bool
) -> None:
    officer = make_officer(general, role)
    if may_give:
        assert give(officer, july.branch_a).by == officer
    else:
        with pytest.raises(PermissionDenied):
            give(officer, july.branch_a)


@pytest.mark.django_db
def test_the_town_remarks_on_every_branch_and_the_branch_on_none(july: Cast) -> None:
    assert give(july.staff, july.branch_b).branch == july.branch_b
    for actor in (july.secretary_a, july.recorder_a, july.supervisor):
        with pytest.raises(PermissionDenied):
            give(actor, july.branch_a)


@pytest.mark.django_db
def test_a_remark_needs_words_and_a_half_that_has_begun_of_a_year_that_is_scored(july: Cast) -> None:
    with pytest.raises(MissingReason):
        give(july.staff, july.branch_a, text="  ")
    with pytest.raises(TextTooLong):
        give(july.staff, july.branch_a, text="长" * 501)
    with pytest.raises(NoRulebook):
        give(july.staff, july.branch_a, year=2019)
    with pytest.raises(GuidanceRefused, match="尚未开始"):
        give(july.staff, july.branch_a, year=TODAY.year + 1)
    assert not Guidance.objects.exists()


@pytest.mark.django_db
def test_the_branch_reads_and_answers_it_once_and_who_gave_it_is_told(july: Cast, overseer: User) -> None:
    given = give(overseer, july.branch_a)
    later = JULY + timedelta(days=2)
    answer_guidance(actor=july.recorder_a, now=later, guidance=given, answer=" 已补登 ")
    given.refresh_from_db()
    assert (given.answer, given.read_by, given.read_at) == ("已补登", july.recorder_a, later)
    told = Notification.objects.get(kind=Notification.Kind.GUIDANCE_READ)
    assert (told.user, told.branch, told.period, told.link) == (
        overseer,
        july.branch_a,
        "2025H1",
        guidance_link(given),
    )
    with pytest.raises(GuidanceRefused, match="已经阅办"):
        answer_guidance(actor=july.secretary_a, now=later, guidance=given, answer="另一个答复")
    given.refresh_from_db()
    assert given.answer == "已补登"


@pytest.mark.django_db
def test_only_the_branchs_officers_read_it_and_nobody_their_own(july: Cast, overseer: User, general: Branch) -> None:
    given = give(overseer, july.branch_a)
    both = make_officer(july.branch_a, "recorder")
    for actor in (july.staff, overseer, july.recorder_b, july.supervisor):
        with pytest.raises(NotAllowed):
            answer_guidance(actor=actor, now=JULY, guidance=given)
    own = Guidance.objects.create(branch=july.branch_a, year=2025, half="H1", text="自己提的", by=both, at=JULY)
    with pytest.raises(NotAllowed, match="自己提的"):
        answer_guidance(actor=both, now=JULY, guidance=own)
    assert not Guidance.objects.exclude(read_at=None).exists()


@pytest.mark.django_db
def test_it_waits_for_the_branchs_officers_until_it_is_read(july: Cast, overseer: User) -> None:
    given = give(overseer, july.branch_a)
    give(july.staff, july.branch_b, text="二支部的")
    for actor in (july.recorder_a, july.secretary_a):
        assert [(task.text, task.url) for task in read_guidance_tasks(actor, on=TODAY)] == [
            ("一支部2025年上半年：收到指导意见，请阅并答复", guidance_link(given))
        ]
    for actor in (july.staff, overseer, july.supervisor):
        assert read_guidance_tasks(actor, on=TODAY) == []
    answer_guidance(actor=july.secretary_a, now=JULY, guidance=given)
    assert read_guidance_tasks(july.recorder_a, on=TODAY) == []


@pytest.mark.django_db
def test_it_outlives_a_half_that_is_taken_back(july: Cast, overseer: User) -> None:
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    given = give(overseer, july.branch_a)
    withdraw_review(actor=july.recorder_a, now=JULY, review=review)
    assert not Review.objects.filter(branch=july.branch_a).exists()
    assert Guidance.objects.get() == given
