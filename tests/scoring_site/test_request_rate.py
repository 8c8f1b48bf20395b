"""How fast one account may read: nobody who clicks is stopped, a program that copies is, and nobody beside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AccessEntry, Member
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.scoring_site.screens import visible

pytestmark = pytest.mark.django_db
PAGE = "/workbench/members/member/"


@pytest.fixture(autouse=True)
def most(settings: Any) -> int:
    settings.REQUESTS_PER_MINUTE = 5
    return 5


def test_beyond_its_number_an_account_waits_for_the_next_minute(cast: Cast, clock: FrozenClock, most: int) -> None:
    clock.set(2026, 3, 2, 9, 0)
    recorder = browse(cast.recorder_a)
    assert [recorder.get(PAGE).status_code for _time in range(most)] == [200] * most
    refused = recorder.get(PAGE)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "这个账号一分钟内打开的页面太多，请等一分钟再继续" in visible(refused)
    # Another account is not touched; the same one, logged in anew, is the same account.
    recorder.force_login(cast.secretary_a)
    assert recorder.get(PAGE).status_code == 200
    recorder.force_login(cast.recorder_a)
    assert recorder.get(PAGE).status_code == 429
    clock.advance(seconds=60)
    assert recorder.get(PAGE).status_code == 200


def test_what_was_sent_beyond_it_is_not_saved_and_the_page_says_so(cast: Cast, clock: FrozenClock, most: int) -> None:
    staff = browse(cast.staff)
    for _time in range(most):
        staff.get(PAGE)
    before = Member.objects.count()
    page = staff.post(reverse("workbench:members_member_new"), {"name": "新来"})
    assert page.status_code == 429
    assert "这一次发送的内容没有保存" in visible(page)
    assert Member.objects.count() == before


def test_the_log_notes_it_once_a_minute(cast: Cast, clock: FrozenClock, most: int) -> None:
    recorder = browse(cast.recorder_a)
    for _time in range(most + 20):
        recorder.get(PAGE)
    noted = AccessEntry.objects.filter(kind=AccessEntry.Kind.REFUSED)
    assert list(noted.values_list("user__username", "path")) == [("recorder-a", PAGE)]


def test_who_is_not_logged_in_is_not_counted(most: int, client: Client) -> None:
    assert {client.get(reverse("login")).status_code for _time in range(most + 5)} == {200}


def test_a_page_that_everybody_may_open_asks_for_no_session(
    cast: Cast, most: int, django_assert_num_queries: Any
) -> None:
    """So it answers while the database is away."""
    recorder = browse(cast.recorder_a)
    with django_assert_num_queries(0):
        assert {recorder.get("/health/").status_code for _time in range(most + 5)} == {200}


def test_nothing_is_counted_where_the_setting_says_so(settings: Any, cast: Cast, most: int) -> None:
    settings.REQUESTS_PER_MINUTE = 0
    recorder = browse(cast.recorder_a)
    assert {recorder.get(PAGE).status_code for _time in range(most + 5)} == {200}
