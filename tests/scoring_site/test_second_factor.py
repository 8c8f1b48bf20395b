"""The second factor: set up with an app's code, asked for at every log-in, none taken twice, lost with help."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.accounts.second_factor import (
    STAGE,
    begin_second_factor,
    confirm_second_factor,
    remove_second_factor,
    take_code,
)
from members.accounts.sessions import PROVEN
from members.accounts.slowing import FREE_ATTEMPTS
from members.errors import AccountRefused
from members.models import AccessEntry, AuditEntry, Notification, RecoveryCode, SecondFactor, User
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/second-factor/"


def code_of(user: User, clock: FrozenClock, *, steps: int = 0) -> str:
    """What the owner's app shows, so many half minutes from now."""
    secret = base64.b32decode(SecondFactor.objects.get(user=user).secret)
    return TOTP(secret, 6, SHA1(), 30).generate(int(clock().timestamp()) + 30 * steps).decode()


def set_up(user: User, clock: FrozenClock) -> list[str]:
    """An account with a second factor; its recovery codes."""
    begin_second_factor(user=user)
    codes = confirm_second_factor(user=user, now=clock(), code=code_of(user, clock))
    clock.advance(minutes=2)
    return codes


def log_in(user: User) -> tuple[Client, Any]:
    """A browser in which the password was right, and the page it then shows."""
    client = Client()
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    return client, client.get("/")


def test_it_is_set_up_in_the_browser_and_asked_for_at_the_next_log_in(cast: Cast, clock: FrozenClock) -> None:
    user = cast.member_user_a
    client = Client()
    client.force_login(user)
    other = Client()
    other.force_login(user)
    page = client.get(PAGE).content.decode()
    assert "<svg" in page
    shown = re.search(r"密钥：<b>([A-Z2-7 ]+)</b>", page)
    assert shown is not None
    assert shown[1].replace(" ", "") == SecondFactor.objects.get(user=user).secret
    assert "动态码不对" in client.post(PAGE, {"code": "000000"}).content.decode()
    done = client.post(PAGE, {"code": code_of(user, clock)}).content.decode()
    codes = re.findall(r"<code>([A-Z0-9-]{14})</code>", done)
    assert len(set(codes)) == 10
    assert client.get("/").status_code == 200
    assert other.get("/")["Location"].startswith("/login/")
    assert codes[0] not in repr(list(RecoveryCode.objects.values()))
    clock.advance(minutes=2)

    browser, asked = log_in(user)
    assert asked.status_code == 403
    assert "请输入动态码" in asked.content.decode()
    assert "张伟" not in asked.content.decode().replace("张伟同志", "")
    for page_behind in ("/my-data/", "/more/", PAGE):
        assert browser.get(page_behind).status_code == 403
    assert browser.post(reverse("end_other_logins")).status_code == 403
    wrong = browser.post("/", {"second_factor_code": "000000"})
    assert "动态码不对" in wrong.content.decode()
    assert browser.post("/", {"second_factor_code": code_of(user, clock)})["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_code_is_taken_once_and_for_a_minute_and_a_half(cast: Cast, clock: FrozenClock) -> None:
    user = cast.member_user_a
    set_up(user, clock)
    code = code_of(user, clock)
    assert take_code(user=user, now=clock(), code=f" {code[:3]} {code[3:]} ")
    assert not take_code(user=user, now=clock(), code=code)
    assert not take_code(user=user, now=clock(), code=code_of(user, clock, steps=-1))  # older than one that was taken
    assert take_code(user=user, now=clock(), code=code_of(user, clock, steps=1))
    clock.advance(minutes=5)
    assert not take_code(user=user, now=clock(), code=code_of(user, clock, steps=2))
    assert not take_code(user=user, now=clock(), code=code_of(user, clock, steps=-2))
    assert not take_code(user=cast.member_user_b, now=clock(), code=code)


def test_a_recovery_code_takes_its_place_once(cast: Cast, clock: FrozenClock) -> None:
    user = cast.member_user_a
    codes = set_up(user, clock)
    browser, _asked = log_in(user)
    assert browser.post("/", {"second_factor_code": codes[3].lower()}).status_code == 302
    assert browser.get("/").status_code == 200
    assert "还剩9个备用码" in browser.get(PAGE).content.decode()
    assert not take_code(user=user, now=clock(), code=codes[3])
    assert not take_code(user=cast.member_user_b, now=clock(), code=codes[4])


def test_guessing_codes_is_slowed_and_noted(cast: Cast, clock: FrozenClock) -> None:
    set_up(cast.member_user_a, clock)
    browser, _asked = log_in(cast.member_user_a)
    for _attempt in range(FREE_ATTEMPTS):
        browser.post("/", {"second_factor_code": "000000"})
    right = browser.post("/", {"second_factor_code": code_of(cast.member_user_a, clock)})
    assert "请等待10秒后再试" in right.content.decode()
    failed = AccessEntry.objects.filter(kind="login_failed", user=cast.member_user_a)
    assert failed.count() == FREE_ATTEMPTS


def test_where_it_is_required_the_towns_roles_set_it_up_first(cast: Cast, clock: FrozenClock, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    for user, is_required in ((cast.staff, True), (cast.supervisor, True), (cast.recorder_a, False)):
        client = Client()
        client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
        answer = client.get("/workbench/")
        assert (answer.status_code == 302 and answer["Location"] == PAGE) is is_required
    client = Client()
    client.post(reverse("login"), {"username": cast.staff.username, "password": PASSWORD})
    assert "您的任职必须使用两步验证" in client.get(PAGE).content.decode()
    assert "备用码" in client.post(PAGE, {"code": code_of(cast.staff, clock)}).content.decode()
    assert client.get("/workbench/").status_code == 200
    clock.advance(minutes=2)
    refused = client.post(PAGE, {"code": code_of(cast.staff, clock)}).content.decode()
    assert "必须使用两步验证" in refused
    assert SecondFactor.objects.filter(user=cast.staff).exists()


def test_one_ends_ones_own_with_a_code(cast: Cast, clock: FrozenClock) -> None:
    set_up(cast.member_user_a, clock)
    browser, _asked = log_in(cast.member_user_a)
    browser.post("/", {"second_factor_code": code_of(cast.member_user_a, clock)})
    clock.advance(minutes=1)
    assert "动态码不对" in browser.post(PAGE, {"code": "000000"}).content.decode()
    assert browser.post(PAGE, {"code": code_of(cast.member_user_a, clock)}).status_code == 302
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert log_in(cast.member_user_a)[1].status_code == 200


def test_a_colleague_removes_a_lost_one_with_a_reason_and_its_owner_is_told(cast: Cast, clock: FrozenClock) -> None:
    set_up(cast.recorder_a, clock)
    owner = Client()
    owner.force_login(cast.recorder_a)
    staff = Client()
    staff.force_login(cast.staff)
    address = reverse("workbench:members_user_second_factor", args=[cast.recorder_a.pk])
    assert "关闭两步验证" in staff.get(address).content.decode()
    assert staff.post(address, {"reason": "手机遗失"}).status_code == 302
    assert not SecondFactor.objects.exists()
    assert AuditEntry.objects.get(verb="remove_second_factor").new == {"reason": "手机遗失"}
    told = Notification.objects.get(user=cast.recorder_a, kind="factor_removed")
    assert told.about == "手机遗失（镇干部办理）"
    assert owner.get("/")["Location"].startswith("/login/")
    with pytest.raises(AccountRefused, match="没有开通"):
        remove_second_factor(actor=cast.staff, now=NOW, user=cast.recorder_a, reason="手机遗失")
    with pytest.raises(PermissionDenied):
        remove_second_factor(actor=cast.secretary_a, now=NOW, user=cast.member_user_a, reason="手机遗失")


def test_the_secret_is_not_stored_in_the_clear(cast: Cast, clock: FrozenClock) -> None:
    factor = begin_second_factor(user=cast.member_user_a)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT secret FROM {SecondFactor._meta.db_table}")  # our own table
        assert factor.secret not in cursor.fetchone()[0]


def test_before_something_grave_its_owner_gives_the_code_with_the_password(cast: Cast, clock: FrozenClock) -> None:
    """Also where the page says that it asks for another reason: who sends it may write what they like there."""
    codes = set_up(cast.staff, clock)
    client = Client()
    client.force_login(cast.staff)
    session = client.session
    session.update({STAGE: "given", PROVEN: (timezone.now() - timedelta(minutes=16)).isoformat()})
    session.save()
    address = reverse("workbench:members_user_new")
    assert 'name="code_again"' in client.get(address).content.decode()
    sent = {"password_again": PASSWORD, "password_again_method": "GET", "password_again_why": "IDLE"}
    assert "密码或动态码不对" in client.post(address, sent).content.decode()
    right = code_of(cast.staff, clock)
    assert client.post(address, sent | {"password_again": "wrong", "code_again": right}).status_code == 403
    assert client.get(address).status_code == 403
    # The code was not spent on the wrong password.
    assert client.post(address, sent | {"code_again": right})["Location"] == address
    assert client.get(address).status_code == 200
    session = client.session
    session[PROVEN] = (timezone.now() - timedelta(minutes=16)).isoformat()
    session.save()
    assert client.post(address, sent | {"code_again": right}).status_code == 403
    assert client.post(address, sent | {"code_again": codes[0]})["Location"] == address


def test_a_form_kept_by_the_page_that_asks_goes_on_without_the_code(cast: Cast, clock: FrozenClock) -> None:
    set_up(cast.staff, clock)
    client = Client()
    client.force_login(cast.staff)
    session = client.session
    session.update({STAGE: "given", PROVEN: (timezone.now() - timedelta(hours=2)).isoformat()})
    session.save()
    address = reverse("workbench:members_user_new")
    wrong = {"password_again": "wrong", "password_again_method": "POST", "code_again": "123456", "username": "xinren"}
    page = client.post(address, wrong).content.decode()
    assert '<input type="hidden" name="username" value="xinren">' in page
    assert "123456" not in page
