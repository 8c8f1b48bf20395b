"""Real towns and the demonstration stand in databases of their own, and the public password holds in one of them."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from members.models import Town, User
from members.models.accounts import DEMONSTRATION_PASSWORD
from scoring_site.demonstration.town import TOWN
from tests.cast import Cast
from tests.factories import make_user
from tests.pages import browse

pytestmark = pytest.mark.django_db

BANNER = 'class="demonstration"'


@pytest.fixture
def marked() -> Town:
    """An empty demonstration: its mark is all that is asked for here."""
    return Town.objects.create(name=TOWN, is_demonstration=True)


def test_no_real_town_is_made_beside_the_demonstration(marked: Town) -> None:
    with pytest.raises(CommandError, match=r"本数据库是演示库.*DATABASE_URL"):
        call_command("setup_town", "青山镇", "--year", "2026", stdout=StringIO())
    assert list(Town.objects.all()) == [marked]


def test_the_demonstration_itself_takes_another_year(marked: Town) -> None:
    call_command("setup_town", TOWN, "--year", "2027", stdout=StringIO())
    marked.refresh_from_db()
    assert marked.is_demonstration
    assert list(marked.assessment_years.values_list("year", flat=True)) == [2027]


def test_a_real_town_is_not_marked_and_a_second_one_may_come() -> None:
    for name in ("青山镇", "绿水镇"):
        call_command("setup_town", name, stdout=StringIO())
    assert list(Town.objects.values_list("is_demonstration", flat=True)) == [False, False]


def test_the_demonstration_is_refused_beside_a_town_that_has_nobody_yet() -> None:
    call_command("setup_town", "青山镇", stdout=StringIO())
    with pytest.raises(CommandError, match="本数据库中有“青山镇”"):
        call_command("demo", stdout=StringIO())
    assert list(Town.objects.values_list("name", flat=True)) == ["青山镇"]


def test_everybodys_password_holds_in_the_demonstration_alone(marked: Town) -> None:
    user = make_user("staff", town=marked)
    user.set_password(DEMONSTRATION_PASSWORD)
    user.save()
    assert authenticate(username="staff", password=DEMONSTRATION_PASSWORD) == user
    Town.objects.create(name="青山镇")  # rows copied beside it
    assert authenticate(username="staff", password=DEMONSTRATION_PASSWORD) is None
    Town.objects.filter(name="青山镇").update(is_demonstration=True)
    assert authenticate(username="staff", password=DEMONSTRATION_PASSWORD) == user
    Town.objects.update(is_demonstration=False)
    assert authenticate(username="staff", password=DEMONSTRATION_PASSWORD) is None
    user.set_password("山高月小-水落石出")
    user.save()
    assert authenticate(username="staff", password="山高月小-水落石出") == user


def test_an_administrator_of_no_town_does_not_have_it_either() -> None:
    user = User.objects.create_superuser("admin", password=DEMONSTRATION_PASSWORD)
    assert not user.check_password(DEMONSTRATION_PASSWORD)


def test_a_demonstration_of_an_older_version_is_marked_by_the_migration() -> None:
    for name in (TOWN, "青山镇"):
        Town.objects.create(name=name)
    import_module("members.migrations.0011_demonstration_town_is_marked").mark_what_was_made_before(
        apps, connection.schema_editor()
    )
    assert list(Town.objects.filter(is_demonstration=True).values_list("name", flat=True)) == [TOWN]


def _pages(cast: Cast) -> list[str]:
    anybody, member, staff = Client(), browse(cast.member_user_a), browse(cast.staff)
    answers: list[Any] = [
        anybody.get(reverse("login")),
        member.get(reverse("home")),
        staff.get(reverse("workbench:index")),
        staff.get(reverse("workbench:members_member_changelist")),
        staff.get(reverse("workbench:import_roster")),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    return [answer.content.decode() for answer in answers]


def test_every_page_of_a_demonstration_says_so_once_and_no_other_page_does(cast: Cast) -> None:
    assert [page.count(BANNER) for page in _pages(cast)] == [0] * 5
    Town.objects.update(is_demonstration=True)
    assert [page.count(BANNER) for page in _pages(cast)] == [1] * 5
