"""The password once more: after a pause, after a day, before what is grave; and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.accounts.sessions import PROVEN, SEEN, STARTED, read_sessions
from members.accounts.slowing import FREE_ATTEMPTS
from members.models import Appointment, AuditEntry, Session, User
from scoring_site.password_again import MOST_OPENED, OPENED, SEEN_EVERY
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import PASSWORD, TODAY

pytestmark = pytest.mark.django_db
ASKED = "请再输入一次密码"


def log_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def age(client: Client, by: timedelta, *names: str) -> None:
    """Move the times of a session into the past."""
    session = client.session
    moment = (timezone.now() - by).isoformat()
    session.update(dict.fromkeys(names or (STARTED, SEEN, PROVEN), moment))
    session.save()


def hidden_fields(page: str) -> list[tuple[str, str]]:
    """What the form that asks for the password keeps."""
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="password_again"' in form)
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)


def give(client: Client, asked: Any, address: str, password: str = PASSWORD) -> Any:
    """Fill in the password on the page that asks, and send what it keeps."""
    data: dict[str, list[str]] = {"password_again": [password]}
    for name, value in hidden_fields(asked.content.decode()):
        data.setdefault(name, []).append(value)
    return client.post(address, data)


def test_an_officer_who_was_away_gives_the_password_and_goes_on(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    month = reverse("workbench:month") + "?month=2026-02"
    age(client, timedelta(minutes=29))
    assert client.get(month).status_code == 200
    age(client, timedelta(minutes=31))
    asked = client.get(month)
    assert asked.status_code == 403
    page = asked.content.decode()
    assert ASKED in page
    assert cast.member_a.name not in page
    assert "主要页面" not in page  # the places one could go to
    wrong = give(client, asked, month, "wrong")
    assert "密码不对" in wrong.content.decode()
    key = client.session.session_key
    assert give(client, wrong, month)["Location"] == month
    assert client.session.session_key != key
    assert client.get(month).status_code == 200


def test_a_form_that_was_sent_after_a_pause_is_carried_out_with_all_that_was_typed(
    cast: Cast, clock: FrozenClock
) -> None:
    client = log_in(cast.staff)
    address = reverse("workbench:members_user_appoint", args=[cast.outsider.pk])
    User.objects.filter(pk=cast.outsider.pk).update(town=cast.town)
    typed = {"role": "committee_member", "branch": str(cast.branch_b.pk), "from_date": TODAY.isoformat()}
    age(client, timedelta(hours=2))
    asked = client.post(address, typed)
    assert "您填写的内容已经保留" in asked.content.decode()
    assert not Appointment.objects.filter(user=cast.outsider).exists()
    assert client.post(address, typed).status_code == 403  # sending it again does not help
    again = give(client, asked, address, "wrong")
    assert again.status_code == 403
    assert not Appointment.objects.filter(user=cast.outsider).exists()
    assert give(client, again, address).status_code == 302
    assert Appointment.objects.get(user=cast.outsider).role == "committee_member"
    assert "password_again" not in repr(list(AuditEntry.objects.values()))


def test_a_field_that_is_given_several_times_and_lines_of_text_are_kept(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    age(client, timedelta(hours=2))
    sent = {"members": ["1", "2"], "note": "第一行\n“第二行”<b>", "password_again_method": "GET"}
    kept = hidden_fields(client.post(reverse("workbench:login_slips"), sent).content.decode())
    assert [value for name, value in kept if name == "members"] == ["1", "2"]
    assert dict(kept)["note"] == "第一行\n“第二行”&lt;b&gt;"
    assert "csrfmiddlewaretoken" not in dict(kept) or len([name for name, _value in kept if "csrf" in name]) == 1


def test_a_member_who_was_away_is_not_asked_but_everybody_is_after_a_day(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.member_user_a)
    age(client, timedelta(hours=11))
    assert client.get("/").status_code == 200
    age(client, timedelta(hours=12, minutes=1), STARTED)
    asked = client.get("/")
    assert asked.status_code == 403
    assert "距离上次登录已经很久" in asked.content.decode()
    assert give(client, asked, "/")["Location"] == "/"
    assert client.get("/").status_code == 200


def test_looking_at_pages_keeps_a_session_awake_and_writes_seldom(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    month = reverse("workbench:month")
    seen = client.session[SEEN]
    client.get(month)
    assert client.session[SEEN] == seen
    age(client, SEEN_EVERY + timedelta(seconds=1), SEEN)
    seen = client.session[SEEN]
    client.get(month)
    assert client.session[SEEN] > seen


def test_a_script_is_refused_without_a_page_that_it_could_take_for_an_answer(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    age(client, timedelta(hours=1))
    answer = client.post(
        reverse("workbench:save_ticks", args=[cast.branch_a.pk]), "{}", content_type="application/json"
    )
    assert answer.status_code == 403
    assert "password_again_method" in answer.content.decode()
    assert dict(hidden_fields(answer.content.decode()))["password_again_method"] == "GET"


GRAVE = [
    ("staff", "workbench:members_user_new", []),
    ("staff", "workbench:members_user_appoint", ["outsider"]),
    ("staff", "workbench:members_user_password", ["recorder_a"]),
    ("staff", "workbench:members_user_active", ["recorder_a"]),
    ("staff", "workbench:members_user_grounds", ["recorder_a"]),
    ("secretary_a", "workbench:members_branch_stand_in", ["branch_a"]),
    ("staff", "workbench:export", []),
    ("staff", "workbench:members_member_export", []),
    ("recorder_a", "workbench:login_slips", []),
]


@pytest.mark.parametrize(("part", "name", "about"), GRAVE)
def test_before_something_grave_the_password_is_asked_for_again(
    part: str, name: str, about: list[str], cast: Cast, clock: FrozenClock
) -> None:
    User.objects.filter(pk=cast.outsider.pk).update(town=cast.town)
    client = log_in(getattr(cast, part))
    address = reverse(name, args=[getattr(cast, each).pk for each in about])
    age(client, timedelta(minutes=14), PROVEN)
    assert client.get(address).status_code == 200
    age(client, timedelta(minutes=16), PROVEN)
    asked = client.get(address)
    assert "事关重大" in asked.content.decode()
    assert give(client, asked, address)["Location"] == address
    assert client.get(address).status_code == 200
    # A form that was opened in time may be filled in slowly; one that nobody opened is not sent straight.
    age(client, timedelta(minutes=59), PROVEN)
    assert client.post(address, {}).status_code in (200, 302, 405)
    thief = log_in(getattr(cast, part))
    age(thief, timedelta(minutes=16), PROVEN)
    assert ASKED in thief.post(address, {}).content.decode()
    age(client, timedelta(minutes=61), PROVEN)
    assert ASKED in client.post(address, {}).content.decode()


def test_a_page_opened_long_ago_lends_no_patience_to_a_form(cast: Cast, clock: FrozenClock) -> None:
    """Opened in the morning, and the password given anew since, for something else."""
    client = log_in(cast.staff)
    address = reverse("workbench:members_member_export")
    assert client.get(address).status_code == 200
    session = client.session
    session[OPENED] = {address: (timezone.now() - timedelta(minutes=61)).isoformat()}
    session.save()
    age(client, timedelta(minutes=16), PROVEN)
    assert ASKED in client.post(address, {}).content.decode()
    age(client, timedelta(minutes=14), PROVEN)
    assert client.post(address, {}).status_code == 200


def test_a_session_remembers_no_more_than_the_latest_pages(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.staff)
    session = client.session
    session[OPENED] = {f"/old/{number:02}/": f"2026-03-01T00:00:{number:02}+00:00" for number in range(MOST_OPENED)}
    session.save()
    address = reverse("workbench:members_member_export")
    client.get(address)
    opened = client.session[OPENED]
    assert len(opened) == MOST_OPENED
    assert address in opened
    assert "/old/00/" not in opened


def test_what_one_may_not_open_asks_for_no_password(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    age(client, timedelta(minutes=16), PROVEN)
    assert client.get(reverse("workbench:members_user_new")).status_code == 403
    assert ASKED not in client.get(reverse("workbench:members_user_new")).content.decode()
    assert client.get(reverse("workbench:members_branch_stand_in", args=[cast.branch_b.pk])).status_code == 404


def test_wrong_passwords_are_slowed_here_too(cast: Cast, clock: FrozenClock) -> None:
    client = log_in(cast.recorder_a)
    age(client, timedelta(hours=1))
    month = reverse("workbench:month")
    for _attempt in range(FREE_ATTEMPTS):
        give(client, client.get(month), month, "wrong")
    assert "请等待10秒后再试" in give(client, client.get(month), month).content.decode()
    clock.advance(seconds=11)
    assert give(client, client.get(month), month).status_code == 302


def test_a_stolen_session_ends_when_its_owner_changes_the_password(cast: Cast, clock: FrozenClock) -> None:
    owner, thief = log_in(cast.member_user_a), log_in(cast.member_user_a)
    assert len(read_sessions(cast.member_user_a)) == 2
    new = "si-ge-ci-bu-xiang-gan"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert owner.post(reverse("password_change"), data).status_code == 302
    assert owner.get("/").status_code == 200
    assert thief.get("/")["Location"].startswith("/login/")
    cast.member_user_a.refresh_from_db()
    assert [session.key for session in read_sessions(cast.member_user_a)] == [owner.session.session_key]


def test_whoever_gets_or_loses_a_role_is_logged_out(cast: Cast, clock: FrozenClock) -> None:
    User.objects.filter(pk=cast.outsider.pk).update(town=cast.town)
    staff, client = log_in(cast.staff), log_in(cast.outsider)
    role = {"role": "committee_member", "branch": cast.branch_b.pk, "from_date": TODAY.isoformat()}
    staff.post(reverse("workbench:members_user_appoint", args=[cast.outsider.pk]), role)
    held = Appointment.objects.get(user=cast.outsider)
    assert client.get("/")["Location"].startswith("/login/")
    client.force_login(cast.outsider)
    staff.post(reverse("workbench:members_appointment_end", args=[held.pk]), {"to_date": TODAY.isoformat()})
    held.refresh_from_db()
    assert held.to_date is not None
    assert client.get("/")["Location"].startswith("/login/")
    assert Session.objects.filter(user=cast.staff).exists()


def test_ones_log_ins_are_listed_and_the_others_ended(cast: Cast, clock: FrozenClock) -> None:
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile MicroMessenger/8"})
    office = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537.36 Edg/130"})
    for client in (phone, office):
        client.post(reverse("login"), {"username": cast.member_user_a.username, "password": PASSWORD})
    stranger = log_in(cast.member_user_b)
    page = office.get(reverse("logins")).content.decode()
    assert "手机或平板 · 微信" in page
    assert "电脑 · Edge" in page
    assert page.count("本机") == 1
    done = office.post(reverse("end_other_logins"), follow=True).content.decode()
    assert "已退出另外1处登录" in done
    assert "没有在其他设备上登录" in done
    assert phone.get("/")["Location"].startswith("/login/")
    assert stranger.get("/").status_code == 200
