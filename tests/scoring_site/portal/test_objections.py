"""A member's objections in the portal: raised on a notice, followed to their answer, nobody else's (D11)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from publicity.models import Notice, Objection
from publicity.notices.publication import close_notice
from publicity.objections.objections import answer_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.publicity.stages import at
from tests.scoring_site.objecting import LATER, TEXT, page, raise_it

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_member_raises_one_and_follows_it_to_its_answer(cast: Cast, notice: Notice, language: str) -> None:
    client = browse(cast.member_user_a, language)
    form = client.get(page("object_to_notice", notice.uuid))
    said = form.content.decode()
    assert ("十个工作日" in said) == (language == "zh-hans")
    assert ("ten working days" in said) == (language == "en")
    token = form.context["form"]["token"].value()
    sent = client.post(
        page("object_to_notice", notice.uuid), {"text": TEXT, "about": str(cast.member_a.pk), "token": token}
    )
    objection = Objection.objects.get()
    assert sent.url == page("objection", objection.uuid)
    assert (objection.uuid, objection.about, objection.objector) == (UUID(token), cast.member_a, cast.member_user_a)
    shown = client.get(sent.url).content.decode()
    assert objection.receipt in shown
    assert "2025-07-22" in shown
    assert TEXT in shown
    assert objection.receipt in client.get(page("objections")).content.decode()
    answer_objection(
        actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对签到表，登记无误。", is_unrelated=True
    )
    assert "已核对签到表，登记无误。" in client.get(sent.url).content.decode()
    client.post(page("objection_dissatisfied", objection.uuid), {"text": "签到表不全"})
    objection.refresh_from_db()
    assert objection.dissatisfaction == "签到表不全"
    assert "签到表不全" in client.get(sent.url).content.decode()


def test_nothing_typed_is_lost(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    long = "很长的异议。" * 1000
    answer = client.post(page("object_to_notice", notice.uuid), {"text": long, "about": "", "token": uuid4()})
    assert answer.status_code == 200
    assert long in answer.content.decode()
    assert "6000" in answer.content.decode()
    assert "maxlength" not in answer.content.decode()
    assert not Objection.objects.exists()


def test_sent_twice_it_is_one(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    values = {"text": TEXT, "about": "", "token": uuid4()}
    first = client.post(page("object_to_notice", notice.uuid), values)
    assert client.post(page("object_to_notice", notice.uuid), values).url == first.url
    assert Objection.objects.count() == 1


def test_after_the_notice_is_closed_one_can_still_object(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    clock.now = at(8, 4)
    close_notice(actor=cast.secretary_a, now=clock.now, notice=notice)
    client = browse(cast.member_user_a)
    assert client.get(page("object_to_notice", notice.uuid)).status_code == 200
    client.post(page("object_to_notice", notice.uuid), {"text": TEXT, "about": "", "token": uuid4()})
    assert Objection.objects.get().received_on == clock.now.date()


def test_somebody_elses_line_only_of_the_notice(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    values = {"text": TEXT, "about": str(cast.member_b.pk), "token": uuid4()}
    assert client.post(page("object_to_notice", notice.uuid), values).status_code == 200
    assert not Objection.objects.exists()


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "staff"])
def test_who_works_on_an_objection_does_not_follow_it_in_the_portal(cast: Cast, notice: Notice, who: str) -> None:
    objection = raise_it(cast, notice)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对。", is_unrelated=True)
    client = browse(getattr(cast, who))
    assert client.post(page("objection_dissatisfied", objection.uuid)).status_code == 404
    assert objection.receipt not in client.get(page("objections")).content.decode()


def test_overdue_is_said_kindly(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    objection = raise_it(cast, notice)
    clock.now = at(7, 23)
    said = browse(cast.member_user_a).get(page("objection", objection.uuid)).content.decode()
    assert "很抱歉" in said


def test_the_notice_page_leads_to_objecting(cast: Cast, notice: Notice) -> None:
    said = browse(cast.member_user_a).get(page("notice", notice.uuid)).content.decode()
    assert page("object_to_notice", notice.uuid) in said
