"""The first account of an installation (`createsuperuser`): from nothing to the town's staff, as the README says."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from members.models import Appointment, Town, User
from tests.clock import FrozenClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def first_account(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    call_command("setup_town", "示范镇", "--year", "2025")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-first-password")
    call_command("createsuperuser", "--noinput", "--username", "first", "--email", "first@example.org")
    client.force_login(User.objects.get(username="first"))
    return client


@pytest.mark.parametrize(
    "page",
    ["index", "members_user_changelist", "members_user_new", "import_roster", "points_assessmentyear_changelist"],
)
def test_the_workbench_opens(first_account: Client, page: str) -> None:
    assert first_account.get(reverse(f"workbench:{page}")).status_code == 200


def test_it_makes_an_account_for_the_towns_staff(first_account: Client, clock: FrozenClock) -> None:
    answer = first_account.post(
        reverse("workbench:members_user_new"),
        {"username": "qin", "name": "秦淑云", "town": str(Town.objects.get().pk)},
    )
    assert answer.status_code == 302
    account = User.objects.get(username="qin")
    answer = first_account.post(
        reverse("workbench:members_user_appoint", args=[account.pk]),
        {"role": Appointment.Role.TOWN_STAFF, "from_date": clock.now.date().isoformat()},
    )
    assert answer.status_code == 302
    # Nobody else is there to confirm it, and the town must begin with somebody.
    [row] = account.appointments.all()
    assert (row.role, row.state) == (Appointment.Role.TOWN_STAFF, Appointment.State.STANDS)
