"""One-time codes of printed slips: who may make them for whom, how long they serve, and what they open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.accounts.authentication import NameOrPhoneBackend
from members.accounts.changing import end_appointment, set_ground_reading
from members.accounts.creating import appoint as appoint_account
from members.accounts.login_codes import (
    DAYS_VALID,
    choose_first_password,
    find_login_code,
    issue_login_codes,
    reset_password,
)
from members.errors import AccountRefused, LoginCodeRefused
from members.models import Appointment, AuditEntry, LoginCode, Notification, User
from tests.cast import Cast
from tests.factories import NOW, PASSWORD, TODAY, appoint, make_member, make_user

pytestmark = pytest.mark.django_db
NEW = "三个 不相关 的词"
Role = Appointment.Role


def issue(cast: Cast, *members: object, actor: User | None = None) -> list[str]:
    issued = issue_login_codes(
        actor=actor or cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        member_ids=[member.pk for member in members],  # type: ignore[attr-defined]
    )
    return [each.code for each in issued]


def test_a_batch_makes_accounts_named_by_pinyin_and_a_code_for_each(cast: Cast) -> None:
    namesake = make_member(cast.branch_a, "李娜")
    _member, second, third = cast.members_a
    issued = issue_login_codes(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, member_ids=[second.pk, third.pk, namesake.pk]
    )
    assert [(each.member, each.username) for each in issued] == [
        (second, "lina"),
        (third, "zengguohua"),
        (namesake, "lina2"),
    ]
    assert len({each.code for each in issued}) == 3
    assert all(each.last_day == date(2026, 4, 13) for each in issued)
    account = User.objects.get(member=second)
    assert (account.get_full_name(), account.town, account.has_usable_password()) == ("李娜", cast.town, False)
    kept = LoginCode.objects.get(user=account)
    assert issued[0].code.replace("-", "") not in kept.code_hash
    entry = AuditEntry.objects.get(verb="issue_login_codes")
    assert issued[0].code not in str(entry.new)


def test_a_code_is_read_in_any_spelling_and_serves_once(cast: Cast) -> None:
    [code] = issue(cast, cast.members_a[1])
    found = find_login_code(now=NOW, code=f" {code.lower().replace('-', ' ')} ")
    user = choose_first_password(now=NOW, login_code=found, password=NEW)
    assert user.check_password(NEW)
    with pytest.raises(LoginCodeRefused, match="登录码无效"):
        find_login_code(now=NOW, code=code)
    with pytest.raises(LoginCodeRefused, match="刚刚被使用"):
        choose_first_password(now=NOW, login_code=found, password="another password")
    assert AuditEntry.objects.filter(verb="choose_first_password", actor=user).count() == 1


def test_a_code_ends_with_its_days_with_the_next_slip_and_with_the_account(cast: Cast) -> None:
    member = cast.members_a[1]
    [first] = issue(cast, member)
    [second] = issue(cast, member)
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW, code=first)
    assert find_login_code(now=NOW + timedelta(days=DAYS_VALID, seconds=-1), code=second).user.member == member
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW + timedelta(days=DAYS_VALID), code=second)
    User.objects.filter(member=member).update(is_active=False)
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW, code=second)
    with pytest.raises(AccountRefused, match="李娜"):
        issue(cast, member)
    for nothing in ("", "-", "ABCD"):
        with pytest.raises(LoginCodeRefused):
            find_login_code(now=NOW, code=nothing)


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "staff"])
def test_no_slip_opens_an_account_that_had_a_password(who: str, cast: Cast) -> None:
    """X2, D29: whoever prints it could log in as the member; a lost password is the town's to reset, with a reason."""
    with pytest.raises(AccountRefused, match="已有密码：张伟"):
        issue(cast, cast.members_a[1], cast.member_a, actor=getattr(cast, who))
    User.objects.filter(pk=cast.member_user_a.pk).update(password="!", last_login=NOW)
    with pytest.raises(AccountRefused, match="已有密码：张伟"):
        issue(cast, cast.member_a, actor=getattr(cast, who))
    assert not LoginCode.objects.exists()
    reset = reset_password(actor=cast.staff, now=NOW, user=cast.member_user_a, reason="忘记密码")
    choose_first_password(now=NOW, login_code=find_login_code(now=NOW, code=reset.code), password=NEW)
    cast.member_user_a.refresh_from_db()
    assert cast.member_user_a.check_password(NEW)


def test_the_owner_is_told_who_did_what_to_the_account(cast: Cast) -> None:
    issue(cast, cast.members_a[1])
    account = User.objects.get(member=cast.members_a[1])
    reset_password(actor=cast.staff, now=NOW, user=account, reason="忘记密码")
    held = appoint_account(
        actor=cast.staff,
        now=NOW,
        user=account,
        role=Role.ASSISTANT,
        town=cast.town,
        branch=cast.branch_a,
        from_date=TODAY,
    )
    end_appointment(actor=cast.staff, now=NOW, appointment=held, to_date=TODAY)
    set_ground_reading(actor=cast.staff, now=NOW, user=account, allowed=True)
    told = Notification.objects.filter(user=account).order_by("pk")
    assert [(row.get_kind_display(), row.about, row.link) for row in told] == [
        ("为您的账号制作了首次登录通知单", "甲记录员办理", "/logins/"),
        ("您账号的密码被重置", "忘记密码（镇干部办理）", "/logins/"),
        ("您有了新的任职", "一支部 协助录入（镇干部办理）", "/logins/"),
        ("您的一项任职结束", "一支部 协助录入（镇干部办理）", "/logins/"),
        ("您查看依据的权限有变动", "已授予（镇干部办理）", "/logins/"),
    ]


def test_only_the_branch_and_the_town_make_slips_and_for_officers_only_the_town(cast: Cast) -> None:
    for actor in (cast.recorder_b, cast.supervisor, cast.committee_a, cast.member_user_a, cast.outsider):
        with pytest.raises(PermissionDenied):
            issue(cast, cast.members_a[1], actor=actor)
    with pytest.raises(AccountRefused, match="一支部"):
        issue(cast, cast.members_a[1], cast.member_b)
    with pytest.raises(AccountRefused, match="一支部"):
        issue(cast)
    officer = make_user("officer", name="李娜", town=cast.town, member=cast.members_a[1])
    appoint(officer, Appointment.Role.SECRETARY, branch=cast.branch_a)
    officer.set_unusable_password()
    officer.save()
    with pytest.raises(AccountRefused, match=r"担任职务.*李娜"):
        issue(cast, cast.members_a[1], cast.members_a[2])
    assert not LoginCode.objects.exists()
    assert len(issue(cast, cast.members_a[1], actor=cast.staff)) == 1
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    with pytest.raises(AccountRefused):
        issue(cast, cast.members_a[1], actor=cast.staff)


def test_one_logs_in_with_the_name_or_the_phone(cast: Cast) -> None:
    backend = NameOrPhoneBackend()
    for name in ("member-a", "13900000011", " 139 0000 0011", "１３９００００００１１"):
        assert backend.authenticate(None, username=name, password=PASSWORD) == cast.member_user_a
    assert backend.authenticate(None, username="13900000011", password="wrong") is None
    assert backend.authenticate(None, username="13900000099", password=PASSWORD) is None
    User.objects.filter(pk=cast.member_user_a.pk).update(is_active=False)
    assert backend.authenticate(None, username="13900000011", password=PASSWORD) is None


def test_two_who_share_a_phone_are_told_apart_by_their_passwords_and_never_guessed(cast: Cast) -> None:
    spouse = make_member(cast.branch_a, "周芳", phone="13900000011")
    other = make_user("zhoufang", name="周芳", town=cast.town, member=spouse)
    backend = NameOrPhoneBackend()
    assert backend.authenticate(None, username="13900000011", password=PASSWORD) is None
    other.set_password(NEW)
    other.save()
    assert backend.authenticate(None, username="13900000011", password=NEW) == other
    assert backend.authenticate(None, username="13900000011", password=PASSWORD) == cast.member_user_a


def test_a_recorders_slip_opens_no_account_that_was_given_a_role_since(cast: Cast) -> None:
    """Whoever made the slip may have kept a copy: an officer's account is opened by the town's staff alone."""
    member = cast.members_a[1]
    [code] = issue(cast, member)
    found = find_login_code(now=NOW, code=code)
    account = User.objects.get(member=member)
    appoint(account, Appointment.Role.SECRETARY, branch=cast.branch_a)
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW, code=code)
    with pytest.raises(LoginCodeRefused):
        choose_first_password(now=NOW, login_code=found, password=NEW)
    [fresh] = issue(cast, member, actor=cast.staff)
    login_code = find_login_code(now=NOW, code=fresh)
    assert choose_first_password(now=NOW, login_code=login_code, password=NEW).check_password(NEW)
