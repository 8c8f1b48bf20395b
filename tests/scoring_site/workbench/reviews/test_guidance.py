"""Remarks from above on screen: written on a half, found on the branch's home, read, answered and listed (5.3)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from members.models import Branch, User
from points.models import Guidance
from points.reviews.steps import open_review
from tests.cast import Cast
from tests.factories import make_overseer
from tests.pages import browse
from tests.points.half_stages import JULY
from tests.scoring_site.screens import get, status, visible
from tests.scoring_site.workbench.reviews.addresses import url as review_url


def url(name: str, *args: object) -> str:
    return reverse(f"workbench:points_guidance_{name}", args=args)


@pytest.fixture
def overseer(july: Cast) -> User:
    """The secretary of a general branch over the first branch."""
    return make_overseer(july.branch_a)


def give(july: Cast, by: User, branch: Branch | None = None, **fields: object) -> Guidance:
    about = {"branch": branch or july.branch_a, "year": 2025, "half": "H1", "text": "请补上二季度党课"}
    return Guidance.objects.create(**about | fields, by=by, at=JULY)


@pytest.mark.django_db
def test_from_a_half_nobody_opened_to_the_branchs_answer(july: Cast, overseer: User, client: Client) -> None:
    """The general branch's list of halves leads to the form, the branch's home to the answer, both to the half."""
    above = browse(overseer)
    way = f"{url('new')}?branch={july.branch_a.pk}&half=2025H1"
    assert escape(way) in above.get(review_url("changelist")).content.decode()
    form = above.get(way)
    assert "对一支部提指导意见" in visible(form)
    assert form.context["form"]["half"].value() == "2025H1"
    sent = {"half": "2025H1", "text": "请补上二季度党课", "token": str(uuid4())}
    answer = above.post(way, sent, follow=True)
    assert "已发出。支部阅后会告知您。" in visible(answer)
    given = Guidance.objects.get()
    assert (given.branch, given.year, given.half, given.text, given.by) == (
        july.branch_a,
        2025,
        "H1",
        "请补上二季度党课",
        overseer,
    )
    assert "阅后答复" not in visible(answer), "it is not the giver's to read for the branch"

    below = browse(july.recorder_a)
    home = below.get(reverse("workbench:index"))
    assert "一支部2025年上半年：收到指导意见，请阅并答复" in visible(home)
    assert url("change", given.pk) in home.content.decode()
    assert "阅后答复" in visible(below.get(url("change", given.pk)))
    page = below.post(url("answer", given.pk), {"answer": "已安排补课", "token": str(uuid4())}, follow=True)
    assert "已记下，并已告知提出意见的人。" in visible(page)
    assert "收到指导意见" not in visible(below.get(reverse("workbench:index")))

    review = open_review(branch=july.branch_a, year=2025, half="H1")
    shown = get(client, july.supervisor, review_url("change", review.pk))
    assert "请补上二季度党课" in shown
    assert "答复：已安排补课" in shown
    assert "已阅并答复" in get(client, overseer, url("changelist"))


@pytest.mark.django_db
def test_the_list_shows_each_desk_its_own_branches_and_finds_what_waits(
    july: Cast, overseer: User, client: Client
) -> None:
    give(july, overseer)
    give(july, july.staff, july.branch_b, text="二支部的意见")
    give(july, july.staff, text="早已阅过", read_by=july.recorder_a, read_at=JULY)
    for user, shown, hidden in (
        (july.recorder_a, ("请补上二季度党课", "早已阅过"), ("二支部的意见",)),
        (july.recorder_b, ("二支部的意见",), ("请补上二季度党课", "早已阅过")),
        (overseer, ("请补上二季度党课", "早已阅过"), ("二支部的意见",)),
        (july.staff, ("请补上二季度党课", "早已阅过", "二支部的意见"), ()),
        (july.supervisor, ("请补上二季度党课", "早已阅过", "二支部的意见"), ()),
    ):
        text = get(client, user, url("changelist"))
        assert [word for word in shown if word not in text] == []
        assert [word for word in hidden if word in text] == []
    text = get(client, july.staff, f"{url('changelist')}?state=unread")
    assert "请补上二季度党课" in text
    assert "早已阅过" not in text


@pytest.mark.django_db
def test_who_may_not_remark_is_offered_no_way_and_refused(july: Cast, overseer: User, client: Client) -> None:
    review = open_review(branch=july.branch_a, year=2025, half="H1")
    for user, offered in ((overseer, True), (july.staff, True), (july.secretary_a, False), (july.supervisor, False)):
        for address in (review_url("change", review.pk), url("changelist")):
            assert ("提指导意见" in get(client, user, address)) is offered, (user, address)
        assert status(client, user, url("new")) == (200 if offered else 403)
    # The address names a branch that is not below: the form is about the one that is.
    client.force_login(overseer)
    sent = {"half": "2025H1", "text": "不归我管", "token": str(uuid4())}
    page = client.post(f"{url('new')}?branch={july.branch_b.pk}", sent, follow=True)
    assert not Guidance.objects.filter(branch=july.branch_b).exists(), visible(page)


@pytest.mark.django_db
def test_the_town_does_not_read_in_the_branchs_stead(july: Cast, overseer: User, client: Client) -> None:
    given = give(july, overseer)
    assert status(client, july.staff, url("answer", given.pk)) == 403
    assert status(client, july.recorder_b, url("answer", given.pk)) == 404
    client.force_login(july.staff)
    assert client.post(url("answer", given.pk), {"answer": "代答", "token": str(uuid4())}).status_code == 403
    given.refresh_from_db()
    assert given.read_at is None
