"""Accounts and appointments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from members.access import Action, may
from members.accounts.creating import appoint, create_user
from members.errors import AccountRefused
from members.models import Appointment, AuditEntry, User
from tests.cast import Cast
from tests.factories import NOW, TODAY

Role = Appointment.Role


def test_account_of_a_member_bears_their_name_and_logs_in(cast: Cast) -> None:
    member = cast.members_a[1]
    user = create_user(
        actor=cast.staff, now=NOW, town=cast.town, username=" lina ", member=member, password="山高月小-2026"
    )
    user.refresh_from_db()
    assert (user.username, user.get_full_name(), user.member, user.town) == ("lina", "李娜", member, cast.town)
    assert user.check_password("山高月小-2026")
    assert not user.is_staff
    assert not user.is_superuser
    entry = AuditEntry.objects.get(verb="create_user")
    assert (entry.actor, entry.object_id) == (cast.staff, str(user.uuid))
    assert entry.new == {"username": "lina", "member": str(member.uuid)}


def test_account_without_a_password_lets_nobody_in(cast: Cast) -> None:
    user = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", name="村文书")
    assert not user.has_usable_password()
    assert user.get_full_name() == "村文书"


def test_weak_password_is_refused(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", password="12345678")
    assert not User.objects.filter(username="cun").exists()


def test_account_that_contradicts_what_stands_is_refused(cast: Cast) -> None:
    before = User.objects.count()
    for username, member in (
        (" ", None),
        ("recorder-b", None),
        ("zhang-wei", cast.members_a[0]),
        ("zhou", cast.other_member),
    ):
        with pytest.raises(AccountRefused):
            create_user(actor=cast.staff, now=NOW, town=cast.town, username=username, member=member)
    assert User.objects.count() == before


def test_only_the_towns_staff_make_accounts_and_appointments(cast: Cast) -> None:
    user = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun")
    for actor in (cast.secretary_a, cast.supervisor, cast.other_staff, cast.outsider):
        with pytest.raises(PermissionDenied):
            create_user(actor=actor, now=NOW, town=cast.town, username="other")
        with pytest.raises(PermissionDenied):
            appoint(actor=actor, now=NOW, user=user, role=Role.TOWN_STAFF, town=cast.town, from_date=TODAY)


def test_appointment_works_from_its_day_on(cast: Cast) -> None:
    made = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun")
    tomorrow = TODAY + timedelta(days=1)
    appointment = appoint(
        actor=cast.staff,
        now=NOW,
        user=made,
        role=Role.RECORDER,
        town=cast.town,
        branch=cast.branch_a,
        from_date=tomorrow,
    )
    assert appointment.to_date is None
    user = User.objects.get(pk=made.pk)
    assert not may(user, Action.RECORD, cast.branch_a, on=TODAY)
    assert may(user, Action.RECORD, cast.branch_a, on=tomorrow)
    assert not may(user, Action.RECORD, cast.branch_b, on=tomorrow)
    assert AuditEntry.objects.get(verb="appoint").new == {
        "username": "cun",
        "role": "recorder",
        "branch": "一支部",
        "from": "2026-03-16",
    }


def test_appointment_in_the_wrong_place_or_twice_is_refused(cast: Cast) -> None:
    user = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun")
    appoint(actor=cast.system, now=NOW, user=user, role=Role.SUPERVISOR, town=cast.town, from_date=TODAY)
    attempts = (
        (user, Role.SUPERVISOR, None),
        (user, Role.TOWN_STAFF, cast.branch_a),
        (user, Role.RECORDER, None),
        (user, Role.RECORDER, cast.other_branch),
        (cast.other_recorder, Role.RECORDER, cast.branch_a),
        (cast.outsider, Role.SUPERVISOR, None),
    )
    for holder, role, branch in attempts:
        with pytest.raises(AccountRefused):
            appoint(
                actor=cast.staff,
                now=NOW,
                user=holder,
                role=role,
                town=cast.town,
                branch=branch,
                from_date=date(2026, 1, 1),
            )
    assert Appointment.objects.filter(user__in=[user, cast.outsider, cast.other_recorder]).count() == 2
