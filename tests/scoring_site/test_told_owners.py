"""Whoever owns an account is told of every change of it and of the telephone number it leans on, and by whom."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.urls import reverse

from members.accounts.branch_resets import ask_for_reset, confirm_reset, give_reset_code, refuse_reset
from members.accounts.changing import end_appointment, set_account_active, set_ground_reading
from members.accounts.creating import appoint
from members.accounts.login_codes import choose_first_password, find_login_code, issue_login_codes, reset_password
from members.accounts.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    remove_own_second_factor,
    remove_second_factor,
)
from members.accounts.stand_ins import appoint_stand_in
from members.models import Appointment, Notification, RecordBatch, SecondFactor, User
from members.people.changes import change_member
from members.people.data_requests import answer_data_request, ask_about_data
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, PASSWORD, TODAY
from tests.factories import appoint as hold
from tests.members.roster_files.rosters import run
from tests.members.roster_files.tables import make_xlsx, table_of
from tests.pages import browse

pytestmark = pytest.mark.django_db
Kind = Notification.Kind
Role = Appointment.Role
LATER = NOW + timedelta(hours=1)
BY_STAFF = "镇干部办理"
BY_OWNER = "张伟办理"


def change_phone(cast: Cast, phone: str) -> None:
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values={"phone": phone})


def put_right(cast: Cast) -> None:
    """As the town does what a member asked for: the roster first, then the answer."""
    request = ask_about_data(actor=cast.member_user_a, now=NOW, text="电话换了")
    change_phone(cast, "13900000022")
    answer_data_request(actor=cast.staff, now=NOW, request=request, answer="已更正")


def import_phone(cast: Cast) -> RecordBatch:
    row = {"党支部": "一支部", "姓名": "张伟", "公民身份号码": cast.member_a.id_number, "人员类别": "正式党员"}
    others = {"党支部": "一支部", "姓名": "李娜", "出生日期": "1985-05-05", "人员类别": "正式党员"}
    rows = [row | {"联系电话": "13900000033"}, others | {"联系电话": "13900000044"}]
    report = run(cast, make_xlsx({"名册": table_of(rows, "党员名册")}))
    assert report.errors == []
    return RecordBatch.objects.get(uuid=report.batch)


def reset(cast: Cast) -> str:
    return reset_password(actor=cast.staff, now=NOW, user=cast.member_user_a, reason="忘记密码").code


def choose(cast: Cast) -> None:
    found = find_login_code(now=NOW, code=reset(cast))
    choose_first_password(now=NOW, login_code=found, password=PASSWORD)


def make_slip(cast: Cast) -> None:
    User.objects.filter(pk=cast.member_user_a.pk).update(password="!", last_login=None)
    issue_login_codes(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, member_ids=[cast.member_a.pk])


def code(user: User, *, steps: int = 0) -> str:
    secret = base64.b32decode(SecondFactor.objects.get(user=user).secret)
    return TOTP(secret, 6, SHA1(), 30).generate(int(NOW.timestamp()) + 30 * steps).decode()


def set_up(cast: Cast) -> User:
    user = cast.member_user_a
    begin_second_factor(user=user)
    confirm_second_factor(user=user, now=NOW, code=code(user))
    return user


def remove_own(cast: Cast) -> None:
    user = set_up(cast)
    remove_own_second_factor(user=user, now=NOW, code=code(user, steps=1))


def change_password(cast: Cast) -> None:
    new = "quite another password"
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert browse(cast.member_user_a).post(reverse("password_change"), sent).status_code == 302


def branch_reset(cast: Cast, *, to: Callable[..., object] | None = None) -> None:
    about: dict[str, Any] = {"user": cast.member_user_a, "branch": cast.branch_a, "reason": "忘记密码"}
    asked = ask_for_reset(actor=cast.recorder_a, now=NOW, **about)
    give_reset_code(actor=cast.secretary_a, now=NOW, reset=asked)
    if to is not None:
        to(actor=cast.staff, now=NOW, reset=asked)


def give_role(cast: Cast) -> None:
    about: dict[str, Any] = {"role": Role.RECORDER, "town": cast.town, "branch": cast.branch_b, "from_date": TODAY}
    appoint(actor=cast.staff, now=NOW, user=cast.member_user_a, **about)


def end_role(cast: Cast) -> None:
    held = hold(cast.member_user_a, Role.RECORDER, branch=cast.branch_b)
    end_appointment(actor=cast.staff, now=NOW, appointment=held, to_date=TODAY)


def stand_in(cast: Cast) -> None:
    days: dict[str, Any] = {"from_date": TODAY, "to_date": TODAY + timedelta(days=3), "reason": "住院"}
    appoint_stand_in(actor=cast.secretary_a, now=NOW, user=cast.member_user_a, branch=cast.branch_a, **days)


def close(cast: Cast, *, is_active: bool) -> None:
    set_account_active(actor=cast.staff, now=NOW, user=cast.member_user_a, is_active=is_active)


def permit(cast: Cast, *, allowed: bool) -> None:
    set_ground_reading(actor=cast.staff, now=NOW, user=cast.member_user_a, allowed=allowed)


PHONE = Kind.PHONE_CHANGED
CHANGES: dict[str, tuple[Callable[[Cast], object], Notification.Kind, str]] = {
    "phone, on the page": (lambda c: change_phone(c, "13900000022"), PHONE, f"尾号0011 → 尾号0022（{BY_STAFF}）"),
    "phone, too short to say its end": (
        lambda c: change_phone(c, "622233"),
        PHONE,
        f"尾号0011 → 尾号****（{BY_STAFF}）",
    ),
    "phone, taken out": (lambda c: change_phone(c, ""), PHONE, f"尾号0011 → 无（{BY_STAFF}）"),
    "phone, by a request about data": (put_right, PHONE, f"尾号0011 → 尾号0022（{BY_STAFF}）"),
    "phone, by an import": (import_phone, PHONE, f"尾号0011 → 尾号0033（{BY_STAFF}）"),
    "phone, by an import taken back": (
        lambda c: void_batch(actor=c.staff, now=LATER, batch=import_phone(c), reason="导错了文件"),
        PHONE,
        f"尾号0033 → 尾号0011（{BY_STAFF}）",
    ),
    "slip": (make_slip, Kind.SLIP_MADE, "甲记录员办理"),
    "password, reset by the town": (reset, Kind.PASSWORD_RESET, f"忘记密码（{BY_STAFF}）"),
    "password, reset by the branch": (branch_reset, Kind.PASSWORD_RESET, "甲书记办理"),
    "reset confirmed": (lambda c: branch_reset(c, to=confirm_reset), Kind.RESET_CONFIRMED, BY_STAFF),
    "reset refused": (lambda c: branch_reset(c, to=refuse_reset), Kind.RESET_REFUSED, BY_STAFF),
    "password, chosen with a code": (choose, Kind.PASSWORD_CHANGED, f"一次性代码（{BY_OWNER}）"),
    "password, changed by its owner": (change_password, Kind.PASSWORD_CHANGED, BY_OWNER),
    "second factor set up": (set_up, Kind.SECOND_FACTOR_SET_UP, BY_OWNER),
    "second factor removed by its owner": (remove_own, Kind.SECOND_FACTOR_REMOVED, BY_OWNER),
    "second factor removed": (
        lambda c: remove_second_factor(actor=c.staff, now=NOW, user=set_up(c), reason="手机丢失"),
        Kind.SECOND_FACTOR_REMOVED,
        f"手机丢失（{BY_STAFF}）",
    ),
    "closed": (lambda c: close(c, is_active=False), Kind.ACCOUNT_CLOSED, BY_STAFF),
    "opened": (lambda c: close(c, is_active=True), Kind.ACCOUNT_OPENED, BY_STAFF),
    "role given": (give_role, Kind.APPOINTED, f"二支部 组织委员（积分记录员）（{BY_STAFF}）"),
    "role ended": (end_role, Kind.APPOINTMENT_ENDED, f"二支部 组织委员（积分记录员）（{BY_STAFF}）"),
    "stand-in": (stand_in, Kind.STAND_IN_APPOINTED, "张伟 2026-03-15"),
    "permission given": (lambda c: permit(c, allowed=True), Kind.GROUNDS_CHANGED, f"已授予（{BY_STAFF}）"),
    "permission taken away": (lambda c: permit(c, allowed=False), Kind.GROUNDS_CHANGED, f"已收回（{BY_STAFF}）"),
}
"""What is done to the account of 张伟, of what kind the last message of it is, and what it says."""


@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_is_told_what_was_done_and_by_whom(change: str, cast: Cast) -> None:
    do, kind, about = CHANGES[change]
    do(cast)
    told = Notification.objects.filter(user=cast.member_user_a).exclude(kind=Kind.DATA_ANSWERED)
    last = told.order_by("-pk").first()
    assert last is not None
    assert (last.kind, last.about) == (kind, about)
    assert "139" not in " ".join(Notification.objects.values_list("about", flat=True))


def test_of_another_field_or_the_same_number_nobody_is_told(cast: Cast) -> None:
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values={"party_group": "第二党小组"})
    change_phone(cast, "13900000011")
    assert not Notification.objects.exists()


def test_the_page_of_messages_says_it(cast: Cast) -> None:
    change_phone(cast, "13900000022")
    page = browse(cast.member_user_a).get(reverse("notifications")).content.decode()
    assert "名册上您的联系电话已更改" in page
    assert "尾号0011 → 尾号0022（镇干部办理）" in page
