"""Appointments that one person of the town cannot make alone: they wait, and grant nothing until another confirms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from members.access import Action, branches_for, may, reach_of
from members.accounts.changing import confirm_appointment, end_appointment, refuse_appointment, set_account_active
from members.accounts.creating import appoint, create_user
from members.accounts.login_codes import issue_login_codes
from members.accounts.second_person import WhySecond, account_keepers, appointments_to_confirm, why_second
from members.errors import AccountRefused, NotAllowed
from members.models import Appointment, AuditEntry, User
from members.selectors import holders_of
from tests import factories
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_user
from tests.threads import run_at_once

Role = Appointment.Role
State = Appointment.State
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def second_staff(cast: Cast) -> User:
    """A colleague of the cast's town staff."""
    user = make_user("second-staff", name="徐明", town=cast.town)
    factories.appoint(user, Role.TOWN_STAFF, town=cast.town)
    return user


def give(cast: Cast, user: User, role: Role, since: date = TODAY, **given: Any) -> Appointment:
    """As the cast's town staff do: a role in branch A, or over the town."""
    branch = None if role in Appointment.TOWN_ROLES else cast.branch_a
    given = {"actor": cast.staff, "branch": branch} | given
    return appoint(now=NOW, user=user, role=role, town=cast.town, from_date=since, **given)


def fresh(user: User) -> User:
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def clerk(cast: Cast) -> User:
    return create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", name="村文书")


def test_both_seats_of_a_branch_back_dated_by_one_person_do_nothing_until_another_confirms(
    cast: Cast, clerk: User
) -> None:
    second = second_staff(cast)
    secretary = give(cast, clerk, Role.SECRETARY, date(2026, 1, 1))
    recorder = give(cast, clerk, Role.RECORDER)
    assert [row.state for row in (secretary, recorder)] == [State.WAITING, State.WAITING]
    for day in (date(2026, 2, 1), TODAY, TOMORROW):
        reach = reach_of(fresh(clerk), on=day)
        assert (reach.is_worker, dict(reach.branch_roles)) == (False, {})
        for action in Action:
            assert not may(fresh(clerk), action, cast.branch_a, on=day)
            assert not branches_for(fresh(clerk), on=day, action=action).exists()
        for role in (Role.SECRETARY, Role.RECORDER):
            assert clerk not in holders_of(role, on=day, branch=cast.branch_a)

    for row in (secretary, recorder):
        with pytest.raises(NotAllowed, match="由您登记"):
            confirm_appointment(actor=cast.staff, now=NOW, appointment=row)
        confirm_appointment(actor=fresh(second), now=NOW, appointment=row)
    assert reach_of(fresh(clerk), on=TODAY).branch_roles == {cast.branch_a.pk: {Role.SECRETARY, Role.RECORDER}}
    assert may(fresh(clerk), Action.APPROVE_REVIEW, cast.branch_a, on=date(2026, 1, 1))
    secretary.refresh_from_db()
    assert (secretary.state, secretary.made_by, secretary.made_at) == (State.STANDS, cast.staff, NOW)
    assert (secretary.settled_by, secretary.settled_at) == (second, NOW)


def test_the_log_says_that_it_waited_and_who_confirmed_it(cast: Cast, clerk: User) -> None:
    second = second_staff(cast)
    row = give(cast, clerk, Role.SECRETARY, YESTERDAY)
    confirm_appointment(actor=second, now=NOW, appointment=row)
    told = {"username": "cun", "role": "secretary", "branch": "一支部", "from": "2026-03-14"}
    entries = AuditEntry.objects.filter(verb__in=["appoint", "confirm_appointment"]).order_by("pk")
    assert [(entry.verb, entry.actor, entry.new) for entry in entries] == [
        ("appoint", cast.staff, told | {"waits": True}),
        ("confirm_appointment", second, told),
    ]


@pytest.mark.parametrize(
    ("role", "since", "state"),
    [
        (Role.TOWN_STAFF, TODAY, State.WAITING),
        (Role.SUPERVISOR, TOMORROW, State.WAITING),
        (Role.ASSISTANT, YESTERDAY, State.WAITING),
        (Role.SECRETARY, TODAY, State.STANDS),
        (Role.RECORDER, TOMORROW, State.STANDS),
    ],
)
def test_town_roles_and_earlier_days_wait_and_nothing_else(
    role: Role, since: date, state: State, cast: Cast, clerk: User
) -> None:
    second_staff(cast)
    assert give(cast, clerk, role, since).state == state


def test_a_second_role_in_one_branch_waits_on_any_day_it_shares_with_the_first(cast: Cast, clerk: User) -> None:
    second_staff(cast)
    first = give(cast, clerk, Role.RECORDER, TOMORROW)
    elsewhere = give(cast, clerk, Role.SECRETARY, branch=cast.branch_b)
    assert (first.state, elsewhere.state) == (State.STANDS, State.STANDS)
    assert give(cast, clerk, Role.SECRETARY).state == State.WAITING  # today; the other begins tomorrow
    end_appointment(actor=cast.staff, now=NOW, appointment=first, to_date=TOMORROW + timedelta(days=1))
    assert give(cast, clerk, Role.ASSISTANT, TOMORROW).state == State.WAITING


def test_a_role_that_ended_or_was_refused_is_no_other_role(cast: Cast, clerk: User) -> None:
    second = second_staff(cast)
    ended = give(cast, clerk, Role.RECORDER)
    end_appointment(actor=cast.staff, now=NOW, appointment=ended, to_date=TOMORROW)
    refused = give(cast, clerk, Role.ASSISTANT, YESTERDAY)
    refuse_appointment(actor=second, now=NOW, appointment=refused)
    assert give(cast, clerk, Role.SECRETARY, TOMORROW).state == State.STANDS


def test_why_it_waits_is_all_that_holds_and_never_the_appointment_itself(cast: Cast, clerk: User) -> None:
    second_staff(cast)
    give(cast, clerk, Role.RECORDER)
    give(cast, clerk, Role.SECRETARY, YESTERDAY)
    of_branch: dict[str, Any] = {"user": clerk, "branch": cast.branch_a, "made_on": TODAY}
    both = [WhySecond.BACK_DATED, WhySecond.SECOND_ROLE]
    assert why_second(role=Role.SECRETARY, from_date=YESTERDAY, **of_branch) == both
    assert why_second(role=Role.RECORDER, from_date=TODAY, **of_branch) == [WhySecond.SECOND_ROLE]
    for_town: dict[str, Any] = {"user": clerk, "branch": None, "made_on": TODAY}
    assert why_second(role=Role.SUPERVISOR, from_date=TODAY, **for_town) == [WhySecond.TOWN_ROLE]


def test_a_town_with_one_person_begins_with_its_second_and_gets_nothing_else_alone(cast: Cast, clerk: User) -> None:
    assert list(account_keepers(cast.town, on=TODAY)) == [cast.staff]
    with pytest.raises(AccountRefused, match="从今天起任职"):
        give(cast, clerk, Role.SECRETARY, YESTERDAY)
    with pytest.raises(AccountRefused, match="从今天起任职"):
        give(cast, clerk, Role.TOWN_STAFF, YESTERDAY)
    give(cast, clerk, Role.RECORDER)
    with pytest.raises(AccountRefused, match="第二个角色"):
        give(cast, clerk, Role.SECRETARY)
    with pytest.raises(AccountRefused, match="监督员"):
        give(cast, clerk, Role.SUPERVISOR)
    assert Appointment.objects.filter(user=clerk).count() == 1

    assert give(cast, clerk, Role.TOWN_STAFF).state == State.STANDS
    assert account_keepers(cast.town, on=TODAY).count() == 2
    # The holder is nobody who could confirm their own.
    with pytest.raises(AccountRefused, match="第二个角色"):
        give(cast, clerk, Role.SECRETARY)
    third = create_user(actor=cast.staff, now=NOW, town=cast.town, username="third", name="第三人")
    waiting = give(cast, third, Role.TOWN_STAFF)
    assert waiting.state == State.WAITING
    assert confirm_appointment(actor=fresh(clerk), now=NOW, appointment=waiting).state == State.STANDS


def test_a_superuser_is_a_second_person_and_a_closed_account_is_none(cast: Cast, clerk: User) -> None:
    root = make_user("root", is_superuser=True)
    waiting = give(cast, clerk, Role.TOWN_STAFF)
    assert waiting.state == State.WAITING
    assert confirm_appointment(actor=root, now=NOW, appointment=waiting).settled_by == root
    end_appointment(actor=cast.staff, now=NOW, appointment=waiting, to_date=TODAY)
    User.objects.filter(pk=root.pk).update(is_active=False)
    assert give(cast, clerk, Role.TOWN_STAFF).state == State.STANDS
    second = second_staff(cast)
    for closed in (second, fresh(clerk)):
        set_account_active(actor=cast.staff, now=NOW, user=closed, is_active=False)
    with pytest.raises(AccountRefused, match="监督员"):
        give(cast, create_user(actor=cast.staff, now=NOW, town=cast.town, username="jd"), Role.SUPERVISOR)


def test_commands_appoint_at_once(cast: Cast, clerk: User) -> None:
    second_staff(cast)
    assert give(cast, clerk, Role.TOWN_STAFF, YESTERDAY, actor=cast.system).state == State.STANDS


def test_a_waiting_role_is_entered_once_and_not_ended(cast: Cast, clerk: User) -> None:
    second_staff(cast)
    waiting = give(cast, clerk, Role.SECRETARY, YESTERDAY)
    with pytest.raises(AccountRefused, match="待另一人确认"):
        give(cast, clerk, Role.SECRETARY)
    with pytest.raises(AccountRefused, match="未生效"):
        end_appointment(actor=cast.staff, now=NOW, appointment=waiting, to_date=TOMORROW)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.to_date) == (State.WAITING, None)


def test_who_made_it_takes_it_back_and_another_refuses_it(cast: Cast, clerk: User) -> None:
    second = second_staff(cast)
    for actor in (cast.staff, second):
        waiting = give(cast, clerk, Role.SECRETARY, YESTERDAY)
        refused = refuse_appointment(actor=actor, now=NOW, appointment=waiting)
        assert (refused.state, refused.settled_by, refused.to_date) == (State.REFUSED, actor, None)
        assert not reach_of(fresh(clerk), on=TODAY).is_worker
        for late in (confirm_appointment, refuse_appointment):
            with pytest.raises((NotAllowed, AccountRefused), match="已经办理"):
                late(actor=second, now=NOW, appointment=waiting)
    assert AuditEntry.objects.filter(verb="refuse_appointment").count() == 2


def test_only_keepers_of_the_towns_accounts_confirm_and_nobody_their_own(cast: Cast) -> None:
    second = second_staff(cast)
    waiting = give(cast, second, Role.SECRETARY, YESTERDAY, actor=make_user("root", is_superuser=True))
    for actor in (cast.secretary_a, cast.supervisor, cast.other_staff, cast.outsider):
        for settle in (confirm_appointment, refuse_appointment):
            with pytest.raises(PermissionDenied):
                settle(actor=actor, now=NOW, appointment=waiting)
        assert not appointments_to_confirm(actor, on=TODAY).exists()
    with pytest.raises(NotAllowed, match="自己的任职"):
        confirm_appointment(actor=second, now=NOW, appointment=waiting)
    assert not appointments_to_confirm(second, on=TODAY).exists()
    assert list(appointments_to_confirm(cast.staff, on=TODAY)) == [waiting]


def test_the_table_itself_refuses_who_confirms_what_they_made_or_hold(cast: Cast, clerk: User) -> None:
    second_staff(cast)
    waiting = give(cast, clerk, Role.SECRETARY, YESTERDAY)
    for one in (cast.staff, clerk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment.objects.filter(pk=waiting.pk).update(state=State.STANDS, settled_by=one)


def test_the_branch_makes_no_slip_for_who_waits_to_be_its_officer(cast: Cast) -> None:
    second_staff(cast)
    member = cast.members_a[1]
    account = make_user("lina", name="李娜", town=cast.town, member=member)
    account.set_unusable_password()
    account.save()
    give(cast, account, Role.SECRETARY, YESTERDAY)
    with pytest.raises(AccountRefused, match="担任职务"):
        issue_login_codes(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, member_ids=[member.pk])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", [confirm_appointment, refuse_appointment])
def test_of_two_who_settle_it_at_once_one_is_told_that_it_is_settled(other: Any, cast: Cast, clerk: User) -> None:
    second, third = second_staff(cast), make_user("third-staff", town=cast.town)
    factories.appoint(third, Role.TOWN_STAFF, town=cast.town)
    waiting = give(cast, clerk, Role.SECRETARY, YESTERDAY)
    outcomes = run_at_once(
        lambda: confirm_appointment(actor=fresh(second), now=NOW, appointment=waiting),
        lambda: other(actor=fresh(third), now=NOW, appointment=waiting),
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotAllowed | AccountRefused)]
    settled = [outcome for outcome in outcomes if isinstance(outcome, Appointment)]
    assert (len(refused), len(settled)) == (1, 1), outcomes
    waiting.refresh_from_db()
    assert (waiting.state, waiting.settled_by) == (settled[0].state, settled[0].settled_by)
    assert AuditEntry.objects.filter(verb__in=["confirm_appointment", "refuse_appointment"]).count() == 1
