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
from tests.factories import appoint, make_overseer, make_user
from tests.points.half_stages import JULY

TODAY = JULY.date()
Role = Appointment.Role


@pytest.fixture
def overseer(cast: Cast) -> User:
    """The secretary of a general branch over the first branch."""
    return make_overseer(cast.branch_a)


def give(actor: User, branch: Branch, *, year: int = 2025, half: str = "H1", text: str = "请补上党课") -> Guidance:
    return give_guidance(actor=actor, now=JULY, branch=branch, year=year, half=half, remark=text)


@pytest.mark.django_db
def test_a_general_branch_remarks_on_the_branches_below_it_and_on_no_other(cast: Cast, overseer: User) -> None:
    given = give(overseer, cast.branch_a)
    assert (given.year, given.half, given.text, given.by, given.at) == (2025, "H1", "请补上党课", overseer, JULY)
    assert cast.branch_a.parent is not None
    for branch in (cast.branch_b, cast.branch_a.parent):
        with pytest.raises(PermissionDenied):
            give(overseer, branch)
    assert [branch.name for branch in branches_for(overseer, on=TODAY, action=Action.GUIDE)] == ["一支部"]
    assert list(AuditEntry.objects.filter(verb="give_guidance").values_list("actor", "object_id")) == [
        (overseer.pk, str(given.uuid))
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "may_give"), [(Role.RECORDER, True), (Role.COMMITTEE_MEMBER, False), (Role.ASSISTANT, False)]
)
def test_of_the_general_branch_its_secretary_and_recorder_remark(cast: Cast, role: Role, may_give: bool) -> None:
    officer = make_overseer(cast.branch_a, role)
    if may_give:
        assert give(officer, cast.branch_a).by == officer
    else:
        with pytest.raises(PermissionDenied):
            give(officer, cast.branch_a)


@pytest.mark.django_db
def test_the_town_remarks_on_every_branch_and_the_branch_on_none(cast: Cast) -> None:
    assert give(cast.staff, cast.branch_b).branch == cast.branch_b
    for actor in (cast.secretary_a, cast.recorder_a, cast.supervisor):
        with pytest.raises(PermissionDenied):
            give(actor, cast.branch_a)


@pytest.mark.django_db
def test_a_remark_needs_words_and_a_half_that_has_begun_of_a_year_that_is_scored(cast: Cast) -> None:
    with pytest.raises(MissingReason):
        give(cast.staff, cast.branch_a, text="  ")
    with pytest.raises(TextTooLong):
        give(cast.staff, cast.branch_a, text="长" * 501)
    with pytest.raises(NoRulebook):
        give(cast.staff, cast.branch_a, year=2019)
    with pytest.raises(GuidanceRefused, match="尚未开始"):
        give(cast.staff, cast.branch_a, year=TODAY.year + 1)
    assert not Guidance.objects.exists()


@pytest.mark.django_db
def test_the_branch_reads_and_answers_it_once_and_who_gave_it_is_told(cast: Cast, overseer: User) -> None:
    given = give(overseer, cast.branch_a)
    later = JULY + timedelta(days=2)
    answer_guidance(actor=cast.recorder_a, now=later, guidance=given, answer=" 已补登 ")
    given.refresh_from_db()
    assert (given.answer, given.read_by, given.read_at) == ("已补登", cast.recorder_a, later)
    told = Notification.objects.get(kind=Notification.Kind.GUIDANCE_READ)
    assert (told.user, told.branch, told.period, told.link) == (
        overseer,
        cast.branch_a,
        "2025H1",
        guidance_link(given),
    )
    with pytest.raises(GuidanceRefused, match="已经阅办"):
        answer_guidance(actor=cast.secretary_a, now=later, guidance=given, answer="另一个答复")
    given.refresh_from_db()
    assert given.answer == "已补登"


@pytest.mark.django_db
def test_only_the_branchs_officers_read_it_and_nobody_their_own(cast: Cast, overseer: User) -> None:
    given = give(overseer, cast.branch_a)
    both = make_user("both")
    appoint(both, Role.RECORDER, branch=cast.branch_a)
    for actor in (cast.staff, overseer, cast.recorder_b, cast.supervisor):
        with pytest.raises(NotAllowed):
            answer_guidance(actor=actor, now=JULY, guidance=given)
    own = Guidance.objects.create(branch=cast.branch_a, year=2025, half="H1", text="自己提的", by=both, at=JULY)
    with pytest.raises(NotAllowed, match="自己提的"):
        answer_guidance(actor=both, now=JULY, guidance=own)
    assert not Guidance.objects.exclude(read_at=None).exists()


@pytest.mark.django_db
def test_it_waits_for_the_branchs_officers_until_it_is_read(cast: Cast, overseer: User) -> None:
    given = give(overseer, cast.branch_a)
    give(cast.staff, cast.branch_b, text="二支部的")
    for actor in (cast.recorder_a, cast.secretary_a):
        assert [(task.text, task.url) for task in read_guidance_tasks(actor, on=TODAY)] == [
            ("一支部2025年上半年：收到指导意见，请阅并答复", guidance_link(given))
        ]
    for actor in (cast.staff, overseer, cast.supervisor):
        assert read_guidance_tasks(actor, on=TODAY) == []
    answer_guidance(actor=cast.secretary_a, now=JULY, guidance=given)
    assert read_guidance_tasks(cast.recorder_a, on=TODAY) == []


@pytest.mark.django_db
def test_it_outlives_a_half_that_is_taken_back(cast: Cast, overseer: User) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    given = give(overseer, cast.branch_a)
    withdraw_review(actor=cast.recorder_a, now=JULY, review=review)
    assert not Review.objects.filter(branch=cast.branch_a).exists()
    assert Guidance.objects.get() == given
