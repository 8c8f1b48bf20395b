"""三员分离: three people, none of whom has to do with points; what waits for the second person is theirs to confirm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.access import Action, branches_for, may, members_for, reach_of
from members.accounts.administrators import explain_ending
from members.accounts.branch_resets import ask_for_reset, confirm_reset, give_reset_code, refuse_reset
from members.accounts.changing import (
    confirm_appointment,
    end_appointment,
    refuse_appointment,
    set_account_active,
    set_ground_reading,
)
from members.accounts.creating import appoint, create_user
from members.accounts.login_codes import find_login_code, issue_login_codes, reset_password
from members.accounts.second_person import appointments_to_confirm, say_confirmer
from members.accounts.stand_ins import appoint_stand_in
from members.errors import AccountRefused, NotAllowed
from members.models import Appointment, Notification, User
from points.records.recording import record_events
from tests import factories
from tests.cast import Administrators, Cast
from tests.factories import NOW, TODAY, base_entry, make_user

Role = Appointment.Role
State = Appointment.State
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
IN_OFFICE = ("system_admin", "security_admin", "audit_admin")


def fresh(user: User) -> User:
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


def give(cast: Cast, user: User, role: Role, **given: Any) -> Appointment:
    """As the cast's town staff do, from today: a role in branch A, or over the town."""
    branch = None if role in Appointment.TOWN_ROLES else cast.branch_a
    given = {"actor": cast.staff, "branch": branch, "from_date": TODAY} | given
    return appoint(now=NOW, user=user, role=role, town=cast.town, **given)


@pytest.fixture
def clerk(cast: Cast) -> User:
    return create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", name="村文书")


@pytest.fixture
def second(cast: Cast) -> User:
    user = make_user("second-staff", name="徐明", town=cast.town)
    factories.appoint(user, Role.TOWN_STAFF, town=cast.town)
    return user


MIXED = [
    (first, then)
    for first in Role
    for then in Role
    if first != then and {first, then} & set(Appointment.ADMINISTRATORS)
]


@pytest.mark.parametrize(("first", "then"), MIXED)
def test_nobody_holds_one_of_the_three_beside_any_other_role(first: Role, then: Role, cast: Cast, clerk: User) -> None:
    where: dict[str, Any] = {"town": cast.town} if first in Appointment.TOWN_ROLES else {"branch": cast.branch_b}
    held = factories.appoint(clerk, first, **where)
    with pytest.raises(AccountRefused, match="由三人分别担任"):
        give(cast, clerk, then, actor=cast.system)
    Appointment.objects.filter(pk=held.pk).update(state=State.WAITING)
    with pytest.raises(AccountRefused, match="由三人分别担任"):
        give(cast, clerk, then, actor=cast.system)
    assert list(Appointment.objects.filter(user=clerk)) == [held]
    Appointment.objects.filter(pk=held.pk).update(state=State.STANDS, to_date=TODAY)
    assert give(cast, clerk, then, actor=cast.system).state == State.STANDS


def test_nor_back_dated_into_another_one_s_days_nor_as_a_stand_in_nor_as_a_superuser(cast: Cast, clerk: User) -> None:
    factories.appoint(clerk, Role.RECORDER, branch=cast.branch_a, since=YESTERDAY, until=TODAY)
    with pytest.raises(AccountRefused, match="由三人分别担任"):
        give(cast, clerk, Role.AUDIT_ADMIN, actor=cast.system, from_date=YESTERDAY)
    give(cast, cast.member_user_a, Role.AUDIT_ADMIN, actor=cast.system)
    days: dict[str, Any] = {"from_date": TODAY, "to_date": TOMORROW, "reason": "住院"}
    with pytest.raises(AccountRefused, match="审计管理员"):
        appoint_stand_in(actor=cast.secretary_a, now=NOW, user=cast.member_user_a, branch=cast.branch_a, **days)
    root = make_user("root", town=cast.town, is_superuser=True)
    with pytest.raises(AccountRefused, match="超级用户"):
        give(cast, root, Role.SECURITY_ADMIN, actor=cast.system)


RIGHTS = {
    "system_admin": {Action.KEEP_ACCOUNTS, Action.GIVE_LOGIN},
    "security_admin": {Action.CONFIRM_ROLE},
    "audit_admin": {Action.VERIFY},
}


@pytest.mark.parametrize("who", IN_OFFICE)
@pytest.mark.parametrize("action", Action)
def test_each_of_the_three_may_do_what_is_theirs_and_sees_no_member(
    who: str, action: Action, cast: Cast, administrators: Administrators
) -> None:
    user: User = getattr(administrators, who)
    theirs = action in RIGHTS[who]
    assert may(user, action, None, on=TODAY, town=cast.town) == theirs
    assert may(user, action, cast.branch_a, on=TODAY) == theirs
    assert not may(user, action, None, on=TODAY, town=cast.other_town)
    assert branches_for(user, on=TODAY, action=action).count() == (2 if theirs else 0)
    assert members_for(user, on=TODAY, action=action).exists() == theirs
    assert (reach_of(user, on=TODAY).is_worker, reach_of(user, on=TODAY).works_on_points) == (True, False)


def reset_of_branch(cast: Cast) -> Any:
    reset = ask_for_reset(
        actor=cast.recorder_a, now=NOW, user=cast.member_user_a, branch=cast.branch_a, reason="忘记密码"
    )
    give_reset_code(actor=cast.secretary_a, now=NOW, reset=reset)
    return reset


def waiting_one(cast: Cast) -> Appointment:
    return Appointment.objects.create(
        user=cast.outsider,
        town=cast.town,
        branch=cast.branch_a,
        role=Role.SECRETARY,
        from_date=TODAY,
        state=State.WAITING,
        made_by=cast.staff,
        made_at=NOW,
    )


VERBS: dict[str, tuple[Callable[[Cast, User], object], str]] = {
    "makes an account": (lambda c, u: create_user(actor=u, now=NOW, town=c.town, username="x"), "system_admin"),
    "appoints": (lambda c, u: give(c, c.committee_b, Role.RECORDER, actor=u), "system_admin"),
    "ends an appointment": (
        lambda c, u: end_appointment(actor=u, now=NOW, appointment=c.recorder_b.appointments.get(), to_date=TODAY),
        "system_admin",
    ),
    "resets a password": (
        lambda c, u: reset_password(actor=u, now=NOW, user=c.recorder_a, reason="忘"),
        "system_admin",
    ),
    "closes an account": (
        lambda c, u: set_account_active(actor=u, now=NOW, user=c.recorder_a, is_active=False),
        "system_admin",
    ),
    "makes a slip": (
        lambda c, u: issue_login_codes(actor=u, now=NOW, branch=c.branch_a, member_ids=[c.members_a[1].pk]),
        "system_admin",
    ),
    "confirms a reset": (lambda c, u: confirm_reset(actor=u, now=NOW, reset=reset_of_branch(c)), "system_admin"),
    "refuses a reset": (lambda c, u: refuse_reset(actor=u, now=NOW, reset=reset_of_branch(c)), "system_admin"),
    "confirms an appointment": (
        lambda c, u: confirm_appointment(actor=u, now=NOW, appointment=waiting_one(c)),
        "security_admin",
    ),
    "refuses an appointment": (
        lambda c, u: refuse_appointment(actor=u, now=NOW, appointment=waiting_one(c)),
        "system_admin security_admin",
    ),
    "permits grounds": (
        lambda c, u: set_ground_reading(actor=u, now=NOW, user=c.supervisor, allowed=True),
        "security_admin",
    ),
    "forbids grounds": (
        lambda c, u: set_ground_reading(actor=u, now=NOW, user=c.staff, allowed=False),
        "security_admin",
    ),
    "records points": (
        lambda c, u: record_events(actor=u, now=NOW, town=c.town, entries=[base_entry(c.member_a)]),
        "",
    ),
}


@pytest.mark.parametrize("who", IN_OFFICE)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_one_administrators_and_refused_to_the_others(
    verb: str, who: str, cast: Cast, administrators: Administrators
) -> None:
    call, whose = VERBS[verb]
    if who in whose.split():
        call(cast, getattr(administrators, who))
    else:
        with pytest.raises(PermissionDenied):
            call(cast, getattr(administrators, who))


GRAVE = [(Role.TOWN_STAFF, TODAY), (Role.SUPERVISOR, TODAY), (Role.AUDIT_ADMIN, TODAY), (Role.SECRETARY, YESTERDAY)]


@pytest.mark.parametrize(("role", "since"), GRAVE)
def test_what_waits_is_the_security_administrators_to_confirm_and_no_longer_a_colleagues(
    role: Role, since: Any, cast: Cast, clerk: User, second: User, administrators: Administrators
) -> None:
    waiting = give(cast, clerk, role, from_date=since)
    assert waiting.state == State.WAITING
    with pytest.raises(NotAllowed, match="由本镇安全管理员确认"):
        confirm_appointment(actor=second, now=NOW, appointment=waiting)
    assert not appointments_to_confirm(second, on=TODAY).exists()
    assert list(appointments_to_confirm(administrators.security_admin, on=TODAY)) == [waiting]
    confirmed = confirm_appointment(actor=administrators.security_admin, now=NOW, appointment=waiting)
    assert (confirmed.state, confirmed.settled_by) == (State.STANDS, administrators.security_admin)


def test_a_second_role_in_a_branch_waits_for_them_and_a_plain_one_for_nobody(
    cast: Cast, clerk: User, administrators: Administrators
) -> None:
    assert give(cast, clerk, Role.RECORDER).state == State.STANDS
    waiting = give(cast, clerk, Role.SECRETARY)
    assert list(appointments_to_confirm(administrators.security_admin, on=TODAY)) == [waiting]


def test_with_them_a_town_with_one_member_of_staff_has_its_second_person(
    cast: Cast, clerk: User, administrators: Administrators
) -> None:
    assert give(cast, clerk, Role.TOWN_STAFF).state == State.WAITING
    assert say_confirmer(cast.town, on=TODAY, holder=clerk) == "安全管理员安全员"


def test_the_first_administrator_of_a_town_waits_for_another_of_its_staff(cast: Cast, clerk: User) -> None:
    for role in Appointment.ADMINISTRATORS:
        with pytest.raises(AccountRefused, match="任职须由另一名镇党建办工作人员确认"):
            give(cast, clerk, role)
    colleague = make_user("second-staff", town=cast.town)
    factories.appoint(colleague, Role.TOWN_STAFF, town=cast.town)
    waiting = give(cast, clerk, Role.SECURITY_ADMIN)
    assert confirm_appointment(actor=colleague, now=NOW, appointment=waiting).state == State.STANDS


def test_nobody_confirms_their_own_going_on_another_of_the_staff_does(
    cast: Cast, second: User, administrators: Administrators
) -> None:
    security = administrators.security_admin
    end_appointment(actor=cast.staff, now=NOW, appointment=security.appointments.get(), to_date=TOMORROW)
    waiting = give(cast, security, Role.SECURITY_ADMIN, from_date=TOMORROW)
    assert not appointments_to_confirm(fresh(security), on=TODAY).exists()
    with pytest.raises(NotAllowed, match="自己的任职"):
        confirm_appointment(actor=fresh(security), now=NOW, appointment=waiting)
    assert list(appointments_to_confirm(second, on=TODAY)) == [waiting]
    assert confirm_appointment(actor=second, now=NOW, appointment=waiting).state == State.STANDS


@pytest.mark.parametrize("how", ["ended", "closed"])
def test_without_the_only_one_the_town_is_back_at_its_own_rule_and_says_so_before(
    how: str, cast: Cast, clerk: User, second: User, administrators: Administrators
) -> None:
    waiting = give(cast, clerk, Role.SUPERVISOR)
    security, audit = administrators.security_admin, administrators.audit_admin
    assert "恢复由另一名镇党建办工作人员确认" in explain_ending(security, on=TODAY)
    assert "恢复由镇党建办工作人员查看" in explain_ending(audit, on=TODAY)
    assert explain_ending(administrators.system_admin, on=TODAY) == ""
    assert cast.town.pk not in reach_of(fresh(cast.staff), on=TODAY).log_towns
    for user in (security, audit):
        if how == "closed":
            set_account_active(actor=cast.staff, now=NOW, user=user, is_active=False)
        else:
            end_appointment(actor=cast.staff, now=NOW, appointment=user.appointments.get(), to_date=TODAY)
    assert list(appointments_to_confirm(fresh(second), on=TODAY)) == [waiting]
    assert say_confirmer(cast.town, on=TODAY, holder=clerk) == "另一名镇党建办工作人员"
    assert confirm_appointment(actor=fresh(second), now=NOW, appointment=waiting).state == State.STANDS
    assert cast.town.pk in reach_of(fresh(cast.staff), on=TODAY).log_towns
    set_ground_reading(actor=fresh(cast.staff), now=NOW, user=clerk, allowed=True)


def test_a_successor_in_office_makes_the_hand_over_plain(
    cast: Cast, clerk: User, administrators: Administrators
) -> None:
    waiting = give(cast, clerk, Role.SECURITY_ADMIN)
    confirm_appointment(actor=administrators.security_admin, now=NOW, appointment=waiting)
    assert explain_ending(administrators.security_admin, on=TODAY) == ""


def test_only_they_permit_grounds_the_staff_still_take_it_away(cast: Cast, administrators: Administrators) -> None:
    with pytest.raises(NotAllowed, match="由本镇安全管理员授予"):
        set_ground_reading(actor=cast.staff, now=NOW, user=cast.supervisor, allowed=True)
    set_ground_reading(actor=administrators.security_admin, now=NOW, user=cast.supervisor, allowed=True)
    assert fresh(cast.supervisor).has_perm("members.view_finding_grounds")
    set_ground_reading(actor=cast.staff, now=NOW, user=cast.supervisor, allowed=False)
    assert not fresh(cast.supervisor).has_perm("members.view_finding_grounds")
    with pytest.raises(AccountRefused, match="给自己"):
        set_ground_reading(
            actor=administrators.security_admin, now=NOW, user=administrators.security_admin, allowed=True
        )


def test_the_log_is_theirs_and_the_supervisors(cast: Cast, administrators: Administrators) -> None:
    root = make_user("root", is_superuser=True)
    readers = {"audit_admin": administrators.audit_admin, "supervisor": cast.supervisor}
    others = (cast.staff, root, administrators.system_admin, administrators.security_admin, cast.secretary_a)
    assert all(cast.town.pk in reach_of(fresh(user), on=TODAY).log_towns for user in readers.values())
    assert not any(cast.town.pk in reach_of(fresh(user), on=TODAY).log_towns for user in others)
    assert cast.other_town.pk in reach_of(fresh(cast.other_staff), on=TODAY).log_towns


def test_a_slip_of_the_system_administrator_opens_an_officers_account_and_they_hear_of_resets(
    cast: Cast, administrators: Administrators
) -> None:
    member = cast.members_a[1]
    account = create_user(actor=cast.staff, now=NOW, town=cast.town, username="lina", member=member)
    factories.appoint(account, Role.RECORDER, branch=cast.branch_b)
    about: dict[str, Any] = {"actor": administrators.system_admin, "now": NOW, "branch": cast.branch_a}
    (issued,) = issue_login_codes(member_ids=[member.pk], **about)
    assert find_login_code(now=NOW, code=issued.code).user == account
    reset_of_branch(cast)
    told = Notification.objects.filter(kind=Notification.Kind.RESET_GIVEN).values_list("user__username", flat=True)
    assert set(told) == {"staff", "system-admin"}
