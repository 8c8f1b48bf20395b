"""How much one request may bring: by what it declares, before anything of it is read or lies on the disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from scoring_site.request_size import OPEN_BYTES
from tests.cast import Cast
from tests.pages import browse
from tests.scoring_site.screens import visible

pytestmark = pytest.mark.django_db
MOST = settings.REQUEST_LIMIT_BYTES


class Unread(BytesIO):
    """A body of which nothing may be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("read")


def send(client: Client, address: str, length: int) -> Any:
    return client.post(
        address,
        data=b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": Unread()},  # type: ignore[arg-type] # what the server hands over
    )


@pytest.mark.parametrize("name", ["login", "first_login", "set_language", "claims", "workbench:import"])
def test_nobody_without_an_account_fills_the_disk(name: str, cast: Cast) -> None:
    answer = send(Client(enforce_csrf_checks=True), reverse(name), OPEN_BYTES + 1)
    assert answer.status_code == 413
    assert "一次最多发送25 MB；这一次的内容没有保存" in visible(answer)


@pytest.mark.parametrize("name", ["new_claim", "workbench:import"])
def test_nobody_at_all_sends_more_than_the_largest_upload(name: str, cast: Cast) -> None:
    client = browse(cast.member_user_a if name == "new_claim" else cast.recorder_a)
    assert send(client, reverse(name), MOST + 1).status_code == 413
    assert send(client, reverse(name), MOST).status_code in (200, 405)


def test_a_page_everybody_may_open_takes_little_from_officers_too(cast: Cast) -> None:
    assert send(browse(cast.staff), reverse("login"), OPEN_BYTES + 1).status_code == 413


@pytest.mark.parametrize(("declared", "status"), [("", 200), ("x", 200), ("9" * 5000, 200), ("-1", 400)], ids=ascii)
def test_what_declares_no_length_brings_nothing(declared: str, status: int, cast: Cast) -> None:
    answer = Client().post(reverse("login"), {"username": "a", "password": "b"}, CONTENT_LENGTH=declared)
    assert answer.status_code == status
    assert "密码不对" not in visible(answer)
