"""The counts on the menu's entries: what the home lists as late or for this week, neither more nor less."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from members.models import User
from points.claims.claims import Deed, file_claim
from points.models import Guidance
from scoring_site.workbench.tasks import is_soon, read_tasks
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_user
from tests.pages import browse

pytestmark = pytest.mark.django_db


def waiting(user: User) -> dict[str, int]:
    """Page of the workbench to how much waits behind its entry."""
    answer = browse(user).get(reverse("workbench:waiting"))
    assert answer.status_code == 200
    return {re.sub("^/workbench/", "", address): count for address, count in answer.json().items()}


def file_claims(cast: Cast, count: int) -> None:
    for number in range(1, count + 1):
        deed = Deed("volunteering", TODAY - timedelta(days=number), "清理河道")
        file_claim(actor=cast.member_user_a, now=NOW, deed=deed)


def test_each_thing_of_a_line_counts_and_stands_at_its_entry(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW + timedelta(hours=1)
    before = waiting(cast.recorder_a)
    file_claims(cast, 3)
    about = {"branch": cast.branch_a, "year": 2026, "half": "H1", "text": "请补课", "by": cast.staff, "at": NOW}
    Guidance.objects.create(**about)
    after = waiting(cast.recorder_a)
    assert after["points/claim/"] == before.get("points/claim/", 0) + 3
    assert after["points/review/"] == before.get("points/review/", 0) + 1
    assert {page: count for page, count in after.items() if count != before.get(page, 0)}.keys() == {
        "points/claim/",
        "points/review/",
    }


def test_the_counts_add_up_to_what_the_home_lists(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW + timedelta(hours=1)
    file_claims(cast, 2)
    for user in (cast.recorder_a, cast.secretary_a, cast.committee_a, cast.staff, cast.supervisor):
        listed = [task for task in read_tasks(User.objects.get(pk=user.pk), on=TODAY) if is_soon(task)]
        outside = [task for task in listed if not urlsplit(task.url).path.startswith("/workbench/")]
        assert sum(waiting(user).values()) == sum(task.count for task in listed if task not in outside), user


def test_another_branch_hears_nothing_of_it_and_a_member_is_not_asked(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW + timedelta(hours=1)
    before = waiting(cast.recorder_b)
    file_claims(cast, 3)
    assert waiting(cast.recorder_b) == before
    assert browse(cast.member_user_a).get(reverse("workbench:waiting")).status_code == 302
    assert Client().get(reverse("workbench:waiting")).status_code == 302
    assert browse(make_user("nobody")).get(reverse("workbench:waiting")).status_code == 302
