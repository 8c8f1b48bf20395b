"""The access log: log-ins, failures, refusals, whatever is taken out; and nobody changes or hides an entry."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from members.accounts.slowing import FREE_ATTEMPTS
from members.models import AccessEntry
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
FROM = {"REMOTE_ADDR": "10.0.0.7"}


def noted() -> list[tuple[str, str | None, str, str]]:
    """Kind, user name, address and page of every entry, the oldest first."""
    rows = AccessEntry.objects.order_by("pk").values_list("kind", "user__username", "address", "path")
    return list(rows)


def log_in(client: Client, name: str, password: str) -> Any:
    return client.post(reverse("login"), {"username": name, "password": password}, **FROM)  # type: ignore[arg-type]


def test_coming_in_failing_being_slowed_and_going_out_are_noted(cast: Cast, clock: FrozenClock) -> None:
    client = Client()
    log_in(client, "recorder-a", "wrong")
    log_in(client, "nobody", "wrong")
    log_in(client, "recorder-a", PASSWORD)
    client.post(reverse("logout"), **FROM)  # type: ignore[arg-type]
    assert noted() == [
        ("login_failed", "recorder-a", "10.0.0.7", "/login/"),
        ("login_failed", None, "10.0.0.7", "/login/"),
        ("login", "recorder-a", "10.0.0.7", "/login/"),
        ("logout", "recorder-a", "10.0.0.7", "/logout/"),
    ]
    for _attempt in range(FREE_ATTEMPTS + 1):
        log_in(client, "recorder-a", "wrong")
    assert noted()[-1][:2] == ("login_slowed", "recorder-a")
    assert "wrong" not in repr(list(AccessEntry.objects.values()))


def test_refusals_files_and_papers_are_noted_and_plain_pages_are_not(cast: Cast, clock: FrozenClock) -> None:
    client = Client(**FROM)  # type: ignore[arg-type]
    client.force_login(cast.recorder_a)
    client.get(reverse("workbench:month"))
    client.get(reverse("workbench:members_user_changelist"))
    foreign = reverse("workbench:members_member_change", args=[cast.member_b.pk])
    client.get(foreign)
    form = reverse("workbench:members_member_record_form", args=[cast.member_a.pk, 2026])
    paper = client.get(form)
    assert paper["Content-Type"] == "application/pdf"
    assert noted() == [
        ("refused", "recorder-a", "10.0.0.7", reverse("workbench:members_user_changelist")),
        ("not_there", "recorder-a", "10.0.0.7", foreign),
        ("taken_out", "recorder-a", "10.0.0.7", form),
    ]
    assert set(AccessEntry.objects.values_list("town", flat=True)) == {cast.town.pk}


def test_what_was_searched_for_is_not_noted(cast: Cast, clock: FrozenClock) -> None:
    client = Client()
    client.force_login(cast.recorder_a)
    client.get(reverse("workbench:members_user_changelist"), {"q": "张伟"})
    assert AccessEntry.objects.get().path == reverse("workbench:members_user_changelist")


def test_whatever_an_address_holds_is_noted(cast: Cast, clock: FrozenClock) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.recorder_a)
    for path in ("/workbench/members/member/%00/change/", "/" + "长" * 300 + "/"):
        assert client.get(path).status_code == 404
    assert [path for _kind, _user, _address, path in noted()] == [
        "/workbench/members/member/%00/change/",
        ("/" + "%E9%95%BF" * 300)[:200],
    ]


def test_asking_for_the_password_is_no_refusal(cast: Cast, clock: FrozenClock) -> None:
    client = Client(**FROM)  # type: ignore[arg-type]
    client.force_login(cast.staff)
    session = client.session
    session["proven_at"] = "2020-01-01T00:00:00+00:00"
    session.save()
    address = reverse("workbench:members_user_new")
    assert client.get(address).status_code == 403
    assert noted() == []
    client.post(address, {"password_again": "wrong"})
    assert noted() == [("login_failed", "staff", "10.0.0.7", address)]


def test_an_entry_is_neither_changed_nor_deleted(cast: Cast, clock: FrozenClock) -> None:
    log_in(Client(), "recorder-a", "wrong")
    rows = AccessEntry.objects.all()
    for change in (lambda: rows.update(address=""), lambda: rows.update(user=None), rows.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert len(noted()) == 1


def test_the_town_reads_searches_and_exports_its_own(cast: Cast, clock: FrozenClock) -> None:
    log_in(Client(), "recorder-a", "wrong")
    log_in(Client(), "other-staff", "wrong")
    log_in(Client(), "nobody", "wrong")
    staff = Client(**FROM)  # type: ignore[arg-type]
    staff.force_login(cast.staff)
    listing = reverse("workbench:members_accessentry_changelist")
    page = staff.get(listing).content.decode()
    assert "甲记录员（recorder-a）" in page
    assert "没有这个用户名" in page
    assert "外镇干部" not in page
    assert "甲记录员" not in staff.get(listing, {"kind": "taken_out"}).content.decode()
    assert "甲记录员" in staff.get(listing, {"q": "10.0.0.7"}).content.decode()
    export = reverse("workbench:members_accessentry_export")
    answer = staff.post(export)
    sheet = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[1:6] for row in rows if row[1] == "recorder-a"] == [
        ["recorder-a", "甲记录员", "登录失败", "10.0.0.7", "/login/"]
    ]
    assert not any("other-staff" in row for row in rows)
    assert noted()[-1] == ("taken_out", "staff", "10.0.0.7", export)
