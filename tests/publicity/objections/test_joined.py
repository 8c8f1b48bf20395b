"""One member's objections about one line are one: what is said further joins the first (D11, P9)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.errors import DuplicateBatch
from members.models import AuditEntry, Notification
from publicity.errors import NoticeRefused, ObjectionRefused
from publicity.models import Notice, Objection, ObjectionAddition
from publicity.notices.publication import close_notice
from publicity.objections.access import objections_for
from publicity.objections.objections import answer_objection, hand_to_town, raise_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.publicity.stages import at, corrected, dues, posted, record
from tests.scoring_site.objecting import LATER, page, raise_it, take_it_down, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Cast, clock: FrozenClock) -> Notice:
    record(cast, dues(cast.member_a))
    found = posted(cast)
    clock.now = LATER
    return found


def hand_in(client: Client, cast: Cast, notice: Notice, text: str) -> str:
    """The page's own words after a member handed in an objection about their line."""
    values = {"text": text, "about": str(cast.member_a.pk), "token": uuid4()}
    return client.post(page("object_to_notice", notice.uuid), values, follow=True).content.decode()


def test_one_member_cannot_hold_a_notice_open_for_ever(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    """P9, as it was seen: objection after objection about the same line, and the notice never closed."""
    client = browse(cast.member_user_a)
    hand_in(client, cast, notice, "三月的党课没有给我登记。")
    objection = Objection.objects.get()
    for number in (4, 5):
        shown = hand_in(client, cast, notice, f"{number}月也没有。")
        assert f"已补充到您对同一人积分的第{objection.receipt}号异议" in shown
        assert f"{number}月也没有。" in shown
    assert Objection.objects.get() == objection
    assert list(objection.additions.values_list("text", flat=True)) == ["4月也没有。", "5月也没有。"]

    worked = browse(cast.secretary_a).get(work("change", objection.pk)).content.decode()
    assert all(text in worked for text in ("三月的党课没有给我登记。", "4月也没有。", "5月也没有。"))
    answer_objection(
        actor=cast.secretary_a, now=LATER, objection=objection, answer="三个月均已核对，登记无误。", is_unrelated=True
    )
    refused = hand_in(client, cast, notice, "六月也没有。")
    assert f"您已对此提出过异议（第{objection.receipt}号），并已得到答复" in refused
    assert "六月也没有。" in refused
    assert (Objection.objects.count(), ObjectionAddition.objects.count()) == (1, 2)

    clock.now = at(7, 15, 0, 1)
    closed = browse(cast.secretary_a).post(reverse("workbench:publicity_notice_close", args=[notice.pk]))
    assert closed.status_code == 302
    notice.review.refresh_from_db()
    assert notice.review.state == "final"


def test_who_handles_it_is_told_and_the_log_names_nobody(cast: Cast, notice: Notice) -> None:
    raise_it(cast, notice)
    told = Notification.objects.filter(user=cast.secretary_a, kind="objection_raised")
    before = told.count()
    token = uuid4()
    raise_it(cast, notice, token=token)
    assert told.count() == before + 1
    entry = AuditEntry.objects.order_by("pk").last()
    assert entry is not None
    assert (entry.verb, entry.actor) == ("add_to_objection", cast.system)
    with pytest.raises(DuplicateBatch):
        raise_it(cast, notice, token=token)
    assert ObjectionAddition.objects.get().uuid == token


def test_each_line_each_person_and_the_hidden_ones_are_apart(cast: Cast, notice: Notice) -> None:
    other = cast.members_a[1]
    raised = [
        raise_it(cast, notice),
        raise_it(cast, notice, about=cast.member_a),
        raise_it(cast, notice, about=other),
        raise_it(cast, notice, about=other, about_officers=True),
        raise_objection(actor=cast.committee_a, now=LATER, notice=notice, text="漏登", about=other),
        take_it_down(cast, notice, about=other),
        take_it_down(cast, notice, about=other),
    ]
    assert len({objection.pk for objection in raised}) == 7
    assert not ObjectionAddition.objects.exists()
    hidden = raise_it(cast, notice, about=other, about_officers=True)
    assert hidden == raised[3]
    assert not objections_for(cast.secretary_a, on=LATER.date()).contains(hidden)
    # What was handed over since is hidden too, so what is said openly afterwards stands by itself.
    hand_to_town(actor=cast.secretary_a, now=LATER, objection=raised[2])
    assert raise_it(cast, notice, about=other) not in raised


def test_a_corrected_line_may_be_objected_to_anew(cast: Cast, notice: Notice) -> None:
    first = raise_it(cast, notice, about=cast.member_a)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=first, answer="登记无误。", is_unrelated=True)
    with pytest.raises(ObjectionRefused, match="镇党建办"):
        raise_it(cast, notice, about=cast.member_a)
    later = LATER + timedelta(hours=2)
    corrected(cast, notice.review, cast.member_a, now=later)
    again = raise_objection(
        actor=cast.member_user_a,
        now=later + timedelta(hours=1),
        notice=notice,
        about=cast.member_a,
        text="更正后的仍不对",
    )
    assert again != first
    with pytest.raises(NoticeRefused, match="异议尚未全部答复"):
        close_notice(actor=cast.secretary_a, now=at(7, 20), notice=notice)
