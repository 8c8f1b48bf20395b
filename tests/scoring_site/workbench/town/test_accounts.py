"""Accounts in the workbench: made, opened and closed by town staff, their passwords reset and never seen (D29)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.accounts.login_codes import choose_first_password, find_login_code
from members.errors import LoginCodeRefused
from members.models import Appointment, AuditEntry, User
from tests.cast import Cast
from tests.factories import NOW, PASSWORD
from tests.pages import browse

CHOSEN = "wo-ziji-xuan-de-8"


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.staff)
    return client


def test_an_account_from_making_to_closing(cast: Cast, staff: Client) -> None:
    member = cast.members_a[1]
    make = f"{reverse('workbench:members_user_new')}?member={member.pk}"
    staff.post(make, {"username": "lina"})
    account = User.objects.get(username="lina")
    assert (account.member, account.town, account.has_usable_password()) == (member, cast.town, False)

    code = reset_for(staff, account)
    choose_first_password(now=NOW, login_code=find_login_code(now=NOW, code=code), password=CHOSEN)
    assert Client().login(username="lina", password=CHOSEN)

    appoint = reverse("workbench:members_user_appoint", args=[account.pk])
    wrong = staff.post(appoint, {"role": "recorder", "branch": "", "from_date": "2026-03-15"})
    assert wrong.context["form"].non_field_errors()
    staff.post(appoint, {"role": "recorder", "branch": cast.branch_a.pk, "from_date": "2026-03-15"})
    appointment = Appointment.objects.get(user=account)
    recorder = browse(User.objects.get(pk=account.pk))
    assert recorder.get(reverse("workbench:index")).status_code == 200
    staff.post(reverse("workbench:members_appointment_end", args=[appointment.pk]), {"to_date": "2026-03-15"})
    assert recorder.get(reverse("workbench:index")).status_code == 302

    active = reverse("workbench:members_user_active", args=[account.pk])
    staff.post(active)
    assert not Client().login(username="lina", password=CHOSEN)
    staff.post(active)
    assert Client().login(username="lina", password=CHOSEN)


def reset_for(client: Client, account: User) -> str:
    """Reset the password on its page; returns the code that is shown."""
    page = reverse("workbench:members_user_password", args=[account.pk])
    assert "wb-password" not in client.get(page).content.decode()
    response = client.post(page, {"reason": "忘记密码"})
    found = re.search(r'<code class="wb-password">([^<]+)</code>', response.content.decode())
    assert found is not None
    assert "no-store" in response["Cache-Control"]
    return found[1]


def test_nobody_sees_or_sets_anybodys_password(cast: Cast, staff: Client) -> None:
    """P7, as it was seen: staff saw and set anybody's password. A code serves once, and its owner finds out."""
    member = browse(cast.member_user_a)
    page = reverse("workbench:members_user_password", args=[cast.member_user_a.pk])
    assert staff.post(page, {"reason": " "}).context["form"].errors
    code = reset_for(staff, cast.member_user_a)
    entry = AuditEntry.objects.get(verb="reset_password")
    owner = str(cast.member_user_a.uuid)
    assert (entry.actor, entry.object_id, entry.new) == (cast.staff, owner, {"reason": "忘记密码"})
    assert code not in str(list(AuditEntry.objects.values_list("old", "new")))
    # Neither the old password nor the code opens the account, and an open session has ended.
    for password in (PASSWORD, code):
        assert not Client().login(username="member-a", password=password)
    assert member.get("/").status_code == 302
    # A second reset ends the first code; the owner chooses, and then it serves no more.
    again = reset_for(staff, cast.member_user_a)
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW, code=code)
    choose_first_password(now=NOW, login_code=find_login_code(now=NOW, code=again), password=CHOSEN)
    with pytest.raises(LoginCodeRefused):
        find_login_code(now=NOW, code=again)


def test_a_reset_needs_another_person_and_an_open_account(cast: Cast, staff: Client) -> None:
    own = staff.post(reverse("workbench:members_user_password", args=[cast.staff.pk]), {"reason": "忘记密码"})
    assert "不能重置自己的密码" in own.content.decode()
    assert Client().login(username="staff", password=PASSWORD)
    cast.member_user_a.is_active = False
    cast.member_user_a.save()
    closed = staff.post(reverse("workbench:members_user_password", args=[cast.member_user_a.pk]), {"reason": "忘记"})
    assert "请先重新启用" in closed.content.decode()
    assert not AuditEntry.objects.filter(verb="reset_password").exists()
