"""A branch resets a member's password: who asks, gives, confirms and refuses, and what the account can meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from members.access import reach_of
from members.accounts.branch_resets import (
    acknowledge_login_codes,
    ask_for_reset,
    codes_to_acknowledge,
    confirm_reset,
    give_reset_code,
    refuse_reset,
    resets_to_confirm,
    resets_to_give,
)
from members.accounts.changing import set_account_active
from members.accounts.login_codes import choose_first_password, find_login_code, issue_login_codes, reset_password
from members.errors import AccountLimited, AccountRefused, LoginCodeRefused, NotAllowed
from members.models import Appointment, AuditEntry, LoginCode, Notification, PasswordReset, User
from members.people.data_requests import ask_about_data
from tests.cast import Cast
from tests.factories import NOW, PASSWORD, TODAY, appoint, make_user

Role, State, Kind = Appointment.Role, PasswordReset.State, Notification.Kind
NEW = "三个 不相关 的词"
LATER = NOW + timedelta(hours=1)


def ask(cast: Cast, actor: User | None = None, user: User | None = None) -> PasswordReset:
    actor, user = actor or cast.recorder_a, user or cast.member_user_a
    return ask_for_reset(actor=actor, now=NOW, user=user, branch=cast.branch_a, reason="忘记密码")


def given(cast: Cast) -> tuple[PasswordReset, str]:
    """The recorder asked, the secretary gave the code."""
    reset = ask(cast)
    issued = give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    reset.refresh_from_db()
    return reset, issued.code


def owner(cast: Cast) -> User:
    """The account as the next request reads it."""
    return User.objects.get(pk=cast.member_user_a.pk)


def told(cast: Cast) -> list[str]:
    return list(Notification.objects.filter(user=cast.member_user_a).order_by("pk").values_list("kind", flat=True))


def test_two_officers_and_the_town_each_do_their_part(cast: Cast) -> None:
    reset = ask(cast)
    assert owner(cast).check_password(PASSWORD)
    assert not owner(cast).is_limited
    assert list(resets_to_give(cast.secretary_a, on=TODAY)) == [reset]
    assert not resets_to_give(cast.recorder_a, on=TODAY).exists()
    assert not resets_to_confirm(cast.staff, on=TODAY).exists()

    issued = give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    assert (owner(cast).has_usable_password(), owner(cast).is_limited) == (False, True)
    assert list(resets_to_confirm(cast.staff, on=TODAY)) == [reset]
    told_town = Notification.objects.get(kind=Kind.RESET_GIVEN)
    assert (told_town.user, told_town.branch, told_town.about) == (cast.staff, cast.branch_a, "张伟")
    choose_first_password(now=LATER, login_code=find_login_code(now=LATER, code=issued.code), password=NEW)
    assert (owner(cast).check_password(NEW), owner(cast).is_limited) == (True, True)

    confirm_reset(actor=cast.staff, now=LATER, reset=reset)
    assert (owner(cast).check_password(NEW), owner(cast).is_limited) == (True, False)
    reset.refresh_from_db()
    by = (reset.asked_by, reset.given_by, reset.settled_by)
    assert (reset.state, by) == (State.CONFIRMED, (cast.recorder_a, cast.secretary_a, cast.staff))
    entries = AuditEntry.objects.filter(verb__contains="reset").order_by("pk")
    assert [(entry.verb, entry.actor) for entry in entries] == [
        ("ask_for_reset", cast.recorder_a),
        ("give_reset_code", cast.secretary_a),
        ("confirm_reset", cast.staff),
    ]
    assert issued.code not in str([entry.new for entry in entries])
    assert told(cast) == [Kind.PASSWORD_RESET, Kind.PASSWORD_RESET, Kind.PASSWORD_CHANGED, Kind.RESET_CONFIRMED]


def test_nobody_does_two_of_the_three_parts(cast: Cast) -> None:
    appoint(cast.secretary_a, Role.TOWN_STAFF, town=cast.town)
    appoint(cast.recorder_a, Role.TOWN_STAFF, town=cast.town)
    reset = ask(cast)
    with pytest.raises(NotAllowed, match="由您提出"):
        give_reset_code(actor=cast.recorder_a, now=LATER, reset=reset)
    give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    for actor in (cast.recorder_a, cast.secretary_a):
        with pytest.raises(NotAllowed, match="您参与了"):
            confirm_reset(actor=User.objects.get(pk=actor.pk), now=LATER, reset=reset)
    assert owner(cast).is_limited
    rows = PasswordReset.objects.filter(pk=reset.pk)
    for change in ({"given_by": cast.recorder_a}, {"state": State.CONFIRMED, "settled_by": cast.secretary_a}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.parametrize("who", ["staff", "committee_a", "supervisor", "recorder_b", "member_user_a", "other_staff"])
def test_only_recorder_and_secretary_of_the_branch_ask_and_give(who: str, cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        ask(cast, getattr(cast, who))
    reset = ask(cast)
    with pytest.raises(PermissionDenied):
        give_reset_code(actor=getattr(cast, who), now=LATER, reset=reset)
    assert not LoginCode.objects.exists()


@pytest.mark.parametrize("who", ["secretary_a", "committee_a", "supervisor", "other_staff"])
def test_only_the_towns_staff_confirm(who: str, cast: Cast) -> None:
    reset, _code = given(cast)
    with pytest.raises(PermissionDenied):
        confirm_reset(actor=getattr(cast, who), now=LATER, reset=reset)
    assert owner(cast).is_limited


def test_accounts_with_a_role_of_others_closed_or_new_are_not_the_branchs(cast: Cast) -> None:
    new = make_user("new", name="李娜", town=cast.town, member=cast.members_a[1])
    User.objects.filter(pk=new.pk).update(password="!")
    with pytest.raises(AccountRefused, match="从未设过密码"):
        ask(cast, user=new)
    for user in (cast.secretary_a, cast.staff, cast.member_user_b):
        with pytest.raises(AccountRefused, match="本支部未任职"):
            ask(cast, user=user)
    reset = ask(cast)
    with pytest.raises(AccountRefused, match="已有一件重置"):
        ask(cast, cast.secretary_a)
    appoint(cast.member_user_a, Role.ASSISTANT, branch=cast.branch_a)
    with pytest.raises(AccountRefused, match="本支部未任职"):
        give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    Appointment.objects.filter(user=cast.member_user_a).delete()
    set_account_active(actor=cast.staff, now=NOW, user=cast.member_user_a, is_active=False)
    with pytest.raises(AccountRefused, match="本支部未任职"):
        give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    assert Kind.ACCOUNT_CLOSED in told(cast)


def test_a_limited_account_changes_nothing_and_has_no_role(cast: Cast) -> None:
    _reset, code = given(cast)
    user = choose_first_password(now=LATER, login_code=find_login_code(now=LATER, code=code), password=NEW)
    appoint(user, Role.RECORDER, branch=cast.branch_a)
    assert not reach_of(owner(cast), on=TODAY).is_worker
    with pytest.raises(AccountLimited, match="镇工作人员确认之前"):
        ask_about_data(actor=owner(cast), now=LATER, text="电话有误")
    with pytest.raises(AccountLimited):
        acknowledge_login_codes(actor=owner(cast), now=LATER)
    assert codes_to_acknowledge(owner(cast)).count() == 1
    with pytest.raises(AccountRefused):
        issue_login_codes(actor=cast.staff, now=LATER, branch=cast.branch_a, member_ids=[cast.member_a.pk])


def test_the_owner_sees_who_it_was_until_they_acknowledge_it(cast: Cast) -> None:
    reset, code = given(cast)
    confirm_reset(actor=cast.staff, now=LATER, reset=reset)
    choose_first_password(now=LATER, login_code=find_login_code(now=LATER, code=code), password=NEW)
    [shown] = codes_to_acknowledge(owner(cast))
    assert (shown.reset.asked_by, shown.made_by, shown.reset.settled_by) == (
        cast.recorder_a,
        cast.secretary_a,
        cast.staff,
    )
    assert acknowledge_login_codes(actor=owner(cast), now=LATER) == 1
    assert not codes_to_acknowledge(owner(cast)).exists()
    assert acknowledge_login_codes(actor=owner(cast), now=LATER) == 0
    assert AuditEntry.objects.filter(verb="acknowledge_login_codes").count() == 1


def test_before_the_code_an_officer_or_the_town_refuses_it_and_who_asked_takes_it_back(cast: Cast) -> None:
    for actor in (cast.recorder_a, cast.secretary_a, cast.staff):
        reset = ask(cast)
        assert refuse_reset(actor=actor, now=LATER, reset=reset).state == State.REFUSED
        with pytest.raises(NotAllowed, match="已办结"):
            give_reset_code(actor=cast.secretary_a, now=LATER, reset=reset)
    with pytest.raises(AccountRefused, match="已办结"):
        refuse_reset(actor=cast.staff, now=LATER, reset=reset)
    assert (owner(cast).check_password(PASSWORD), owner(cast).is_limited) == (True, False)


def test_after_the_code_only_the_town_refuses_it_and_nobody_is_in_any_more(cast: Cast) -> None:
    reset, code = given(cast)
    choose_first_password(now=LATER, login_code=find_login_code(now=LATER, code=code), password=NEW)
    for actor in (cast.recorder_a, cast.secretary_a, cast.supervisor):
        with pytest.raises(PermissionDenied):
            refuse_reset(actor=actor, now=LATER, reset=reset)
    refuse_reset(actor=cast.staff, now=LATER, reset=reset)
    assert (owner(cast).has_usable_password(), owner(cast).is_limited) == (False, False)
    assert told(cast)[-1] == Kind.RESET_REFUSED


def test_the_towns_own_reset_settles_what_the_branch_began(cast: Cast) -> None:
    reset, code = given(cast)
    issued = reset_password(actor=cast.staff, now=LATER, user=cast.member_user_a, reason="支部重置有疑问")
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=LATER, code=code)
    choose_first_password(now=LATER, login_code=find_login_code(now=LATER, code=issued.code), password=NEW)
    reset.refresh_from_db()
    assert (reset.state, reset.settled_by, owner(cast).is_limited) == (State.REFUSED, cast.staff, False)
