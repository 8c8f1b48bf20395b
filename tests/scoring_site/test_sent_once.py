"""A form sent again does nothing again: every form that makes something, resent, and sent twice at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from members.models import AccessEntry, DataRequest, Member, SentForm, Session
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.furnished import Furnished, build_furnished, furnish
from tests.pages import browse, read_form
from tests.scoring_site.creating_forms import CREATING
from tests.scoring_site.screens import told
from tests.threads import run_at_once

pytestmark = pytest.mark.usefixtures("evidence_dir")

SAVED = "这份表单此前已经保存"
BESIDES = {AccessEntry, Session}
"""What is written whatever a form does."""


@pytest.fixture
def furnished(db: None, clock: FrozenClock, evidence_dir: Path) -> Furnished:
    return furnish(clock)


@pytest.fixture
def cast(furnished: Furnished) -> Cast:
    return furnished.cast


def count_rows() -> dict[str, int]:
    models = [model for model in apps.get_models() if model not in BESIDES]
    return {model._meta.label: model._default_manager.count() for model in models}


def fill(browser: Client, furnished: Furnished, name: str) -> tuple[str, Mapping[str, Any]]:
    """The address of a form and what is sent there."""
    creating = CREATING[name]
    address = creating.address(furnished.of_a, furnished.cast)
    page = browser.get(address)
    assert page.status_code == 200, address
    return address, read_form(page.content, by="token") | dict(creating.types(furnished.cast))


def refusals(response: Any) -> str:
    """Why a form was shown again."""
    return str(response.context and response.context["form"].errors)


def send_often(name: str, furnished: Furnished, times: int) -> None:
    browser = browse(getattr(furnished.cast, CREATING[name].who))
    address, sent = fill(browser, furnished, name)
    before = count_rows()
    first = browser.post(address, sent)
    assert first.status_code == 302, refusals(first)
    made = count_rows()
    assert {label for label in made if made[label] > before[label]} > {"members.SentForm"}
    for _again in range(times - 1):
        for value in sent.values():
            if hasattr(value, "seek"):
                value.seek(0)  # a browser sends the file anew
        again = browser.post(address, sent)
        assert (again.status_code, again["Location"]) == (302, first["Location"])
        assert SAVED in told(again)
    assert count_rows() == made


@pytest.mark.parametrize("name", CREATING)
def test_a_form_sent_again_makes_nothing_and_leads_to_what_it_made(name: str, furnished: Furnished) -> None:
    send_often(name, furnished, 3)


@pytest.mark.long
@pytest.mark.parametrize("name", CREATING)
def test_a_form_sent_fifty_times_makes_one(name: str, furnished: Furnished) -> None:
    send_often(name, furnished, 50)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["member", "branch", "question about data", "move", "records"])
def test_a_form_sent_twice_at_once_makes_one(name: str, clock: FrozenClock) -> None:
    clock.now = NOW
    furnished = build_furnished()
    cast = furnished.cast
    browser = browse(getattr(cast, CREATING[name].who))
    address, sent = fill(browser, furnished, name)
    before = count_rows()
    one, other = (browse(getattr(cast, CREATING[name].who)) for _twice in range(2))
    answers = run_at_once(lambda: one.post(address, sent), lambda: other.post(address, sent))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    written = count_rows()
    assert written["members.SentForm"] == before["members.SentForm"] + 1
    assert written["members.AuditEntry"] == before["members.AuditEntry"] + 1


def test_a_form_that_was_refused_is_sent_again_with_its_token(cast: Cast, furnished: Furnished) -> None:
    browser = browse(cast.staff)
    address, sent = fill(browser, furnished, "member")
    count = Member.objects.count()
    refused = browser.post(address, {**sent, "name": ""})
    assert refused.status_code == 200
    assert read_form(refused.content, by="token")["token"] == sent["token"]
    assert SentForm.objects.count() == 0
    assert browser.post(address, sent).status_code == 302
    assert Member.objects.count() == count + 1


def test_who_goes_back_and_changes_something_is_asked_and_loses_nothing(cast: Cast, furnished: Furnished) -> None:
    browser = browse(cast.staff)
    address, sent = fill(browser, furnished, "member")
    assert browser.post(address, sent).status_code == 302
    count = Member.objects.count()
    asked = browser.post(address, {**sent, "name": "另一位"})
    assert "现在填写的还没有保存" in refusals(asked)
    shown = read_form(asked.content, by="token")
    assert shown["name"] == ["另一位"]
    assert shown["token"] != sent["token"]
    assert Member.objects.count() == count
    for _again in range(2):
        assert browser.post(address, shown).status_code == 302
    assert Member.objects.filter(name="另一位").count() == 1
    assert Member.objects.count() == count + 1


def test_in_the_portal_what_was_changed_is_sent_as_something_more(cast: Cast, furnished: Furnished) -> None:
    browser = browse(cast.member_user_a)
    address, sent = fill(browser, furnished, "question about data")
    DataRequest.objects.all().delete()
    for text in ("电话有误", "电话有误", "民族有误", "电话有误"):
        assert browser.post(address, {**sent, "text": text}).status_code == 302
    assert list(DataRequest.objects.order_by("pk").values_list("text", flat=True)) == ["电话有误", "民族有误"]


def test_a_form_shown_anew_makes_another(cast: Cast, furnished: Furnished) -> None:
    browser = browse(cast.staff)
    address, sent = fill(browser, furnished, "member")
    count = Member.objects.count()
    for token in (sent["token"], read_form(browser.get(address).content, by="token")["token"]):
        assert browser.post(address, {**sent, "token": token}).status_code == 302
    assert Member.objects.count() == count + 2


def test_the_token_of_somebody_else_leads_nowhere_of_theirs(cast: Cast, furnished: Furnished) -> None:
    SentForm.objects.create(token=(token := uuid4()), user_id=cast.secretary_a.pk, at="2026-03-01T00:00Z", url="/x/")
    browser = browse(cast.staff)
    address, sent = fill(browser, furnished, "member")
    count = Member.objects.count()
    answer = browser.post(address, {**sent, "token": str(token)})
    assert (answer.status_code, answer["Location"], Member.objects.count()) == (302, address, count)


def test_forms_of_long_ago_are_forgotten(cast: Cast, furnished: Furnished) -> None:
    for user in (cast.staff, cast.recorder_a):
        SentForm.objects.create(token=uuid4(), user_id=user.pk, at="2025-12-01T00:00Z", url="/x/")
    browser = browse(cast.staff)
    address, sent = fill(browser, furnished, "member")
    browser.post(address, sent)
    assert sorted(SentForm.objects.values_list("user_id", flat=True)) == sorted([cast.staff.pk, cast.recorder_a.pk])
    assert SentForm.objects.get(user_id=cast.staff.pk).url.startswith("/workbench/members/member/")


WITHOUT = {
    "portal/accounts": "log-in, log-out, password, second factor, display: nothing is made",
    "admin/base_site.html": "display",
    "portal/base.html": "language and display",
    "portal/more.html": "log-out and display",
    "portal/sign_in.html": "one sign-in a member, by a constraint",
    "portal/results.html": "one confirmation a member and revision, by a constraint",
    "portal/notices/notifications.html": "marks as read",
    "portal/claims/claim.html": "withdraws what waits",
    "portal/meetings/meeting.html": "its first form takes back what stands",
    "portal/own_affairs/exemption.html": "its second form withdraws what waits",
    "portal/hearings/hearing.html": "its second form disowns what stands",
    "workbench/files": "the upload has its token in the address; exports write nothing; a job is asked for once",
    "workbench/base/export_list.html": "a file",
    "workbench/base/export_page.html": "a file",
    "workbench/base/evidence.html": "a file",
    "workbench/roster/login_slips.html": "a file, and each slip replaces the one before",
    "workbench/recording/draft.html": "confirms what waits",
    "workbench/recording/ticks": "a script saves with its own token",
    "workbench/reviews/review_list.html": "one review a half, by a constraint",
    "unfold": "the frame",
}
"""Templates whose forms carry no token, and why they need none."""
FORM = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)
CARRIES = ("{% form_token %}", "workbench/base/submit.html", "{{ form.token }}", "field.is_hidden")


def test_every_form_that_is_posted_carries_a_token() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    bare = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.html")
        for form in FORM.findall(path.read_text())
        if not any(word in form for word in CARRIES)
    }
    assert {name for name in bare if not name.startswith(tuple(WITHOUT))} == set()
