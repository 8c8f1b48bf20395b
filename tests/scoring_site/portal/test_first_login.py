"""From the printed slip to the first page: the screen that makes slips, the PDF, the code, the password."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.models import LoginCode, User
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import PASSWORD
from tests.points.papers.pdf_text import read_pages, squeeze

pytestmark = pytest.mark.django_db
SLIPS = "/workbench/login-slips/"
NEW = "qingshan-lvshui-66"


def make_slips(client: Client, cast: Cast, *members: int) -> str:
    client.force_login(cast.recorder_a)
    response = client.post(SLIPS, {"members": members})
    assert response["Content-Type"] == "application/pdf"
    return "".join(squeeze(page) for page in read_pages(response.content))


def test_a_slip_leads_to_ones_own_password_and_page(client: Client, cast: Cast, clock: FrozenClock) -> None:
    text = make_slips(client, cast, cast.members_a[1].pk)
    assert "李娜" in text
    assert "用户名：lina" in text
    found = re.search(r"登录码：([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})", text)
    assert found is not None
    browser = Client()
    refused = browser.post(reverse("first_login"), {"code": "ABCD-EFGH-JKMN"})
    assert "登录码无效" in refused.content.decode()
    assert "ABCD-EFGH-JKMN" in refused.content.decode()
    assert browser.get(reverse("first_password")).status_code == 302
    assert browser.post(reverse("first_login"), {"code": found[1]})["Location"] == reverse("first_password")
    page = browser.get(reverse("first_password")).content.decode()
    assert "李娜同志" in page
    assert "<b>lina</b>" in page
    weak = browser.post(reverse("first_password"), {"new_password1": "12345678", "new_password2": "12345678"})
    assert "密码" in weak.content.decode()
    short = browser.post(reverse("first_password"), {"new_password1": "abc", "new_password2": "abc"}).content.decode()
    assert "密码太短，至少要有8个字符。" in short
    assert "This password" not in short
    assert "你的" not in short
    assert not User.objects.get(username="lina").has_usable_password()
    done = browser.post(reverse("first_password"), {"new_password1": NEW, "new_password2": NEW})
    assert done["Location"] == reverse("home")
    home = browser.get("/")
    assert home.status_code == 200
    assert "李娜" in home.content.decode()
    assert browser.get(reverse("first_password")).status_code == 302
    assert Client().login(username="lina", password=NEW)


def test_the_choice_of_a_password_waits_twenty_minutes(client: Client, cast: Cast, clock: FrozenClock) -> None:
    text = make_slips(client, cast, cast.members_a[1].pk)
    code = re.search(r"登录码：([A-Z0-9-]{14})", text)
    assert code is not None
    browser = Client()
    browser.post(reverse("first_login"), {"code": code[1]})
    clock.advance(minutes=20)
    assert browser.get(reverse("first_password")).status_code == 200
    clock.advance(minutes=1)
    assert browser.get(reverse("first_password"))["Location"] == reverse("first_login")


def test_the_screen_proposes_those_without_access_and_keeps_officers_for_the_town(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    client.force_login(cast.recorder_a)
    page = client.get(SLIPS).content.decode()
    boxes = dict(re.findall(r'<input type="checkbox" name="members" value="(\d+)"([^>]*)>', page))
    has_account, *without = (str(member.pk) for member in cast.members_a)
    assert "checked" not in boxes[has_account]
    assert all("checked" in boxes[pk] for pk in without)
    assert "已有密码" in page
    assert "还没有账号" in page
    refused = client.post(SLIPS, {})
    assert "请至少勾选一名党员" in refused.content.decode()
    assert client.post(SLIPS, {"members": [cast.member_b.pk]}).status_code == 200
    assert not LoginCode.objects.exists()
    make_slips(client, cast, cast.members_a[1].pk)
    assert "通知单仍有效" in client.get(SLIPS).content.decode()


def test_the_town_chooses_a_branch_first(client: Client, cast: Cast, clock: FrozenClock) -> None:
    client.force_login(cast.staff)
    assert "请先选择党支部" in client.get(SLIPS).content.decode()
    assert "赵敏" in client.get(f"{SLIPS}?branch={cast.branch_b.pk}").content.decode()
    client.force_login(cast.recorder_a)
    assert "赵敏" not in client.get(f"{SLIPS}?branch={cast.branch_b.pk}").content.decode()


def test_logging_in_with_a_phone_and_being_refused_kindly(client: Client, cast: Cast) -> None:
    page = client.post(reverse("login"), {"username": "13900000011", "password": "wrong"}).content.decode()
    assert "忘记密码的，请支部（两人经办）或镇党建办重置" in page
    assert "13900000011" in page
    response = client.post(reverse("login"), {"username": "13900000011", "password": PASSWORD})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get(username="member-a").pk)
