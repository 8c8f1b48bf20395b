"""A password that was stolen elsewhere is refused where the site has a list of such; without one nothing changes."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.checks import run_checks
from django.core.exceptions import ValidationError

from members.accounts.breached import is_listed
from tests.cast import Cast
from tests.factories import PASSWORD

STOLEN = "Xo7-gruen-Wagen"


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()


def write_list(path: Path, passwords: list[str], *, form: str = "{}:{}\r\n") -> Path:
    """As the collections are handed out: in order, with how often each was seen."""
    lines = [form.format(digest, 7 * number) for number, digest in enumerate(sorted(map(sha1, passwords)))]
    path.write_bytes("".join(lines).encode())
    return path


@pytest.mark.parametrize("form", ["{}:{}\r\n", "{}\n"])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 20, 333])
def test_each_line_is_found_and_nothing_between_them(length: int, form: str, tmp_path: Path) -> None:
    listed = [f"listed {number}" for number in range(length)]
    path = write_list(tmp_path / "list.txt", listed, form=form)
    assert [one for one in listed if not is_listed(one, path)] == []
    assert [one for one in range(2 * length + 2) if is_listed(f"another {one}", path)] == []


def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.txt", ["a", "b", "c"])
    path.write_bytes(path.read_bytes().rstrip())
    assert [is_listed(one, path) for one in "abcd"] == [True, True, True, False]


def test_a_stolen_password_is_refused_in_words(tmp_path: Path, settings: Any) -> None:
    validate_password(STOLEN)
    settings.BREACHED_PASSWORDS = str(write_list(tmp_path / "list.txt", ["other", STOLEN, "third"]))
    with pytest.raises(ValidationError, match="这个密码曾在别的网站泄露") as refused:
        validate_password(STOLEN)
    assert [error.code for error in refused.value.error_list] == ["breached"]
    validate_password("Xo7-gruen-Wagen!")
    assert "不要使用曾在别处泄露的密码。" in password_validators_help_texts()


@pytest.mark.django_db
def test_whoever_changes_it_is_told_on_the_page(tmp_path: Path, settings: Any, cast: Cast, client: Any) -> None:
    settings.BREACHED_PASSWORDS = str(write_list(tmp_path / "list.txt", [STOLEN]))
    client.force_login(cast.recorder_a)
    typed = {"old_password": PASSWORD, "new_password1": STOLEN, "new_password2": STOLEN}
    page = client.post("/password/", typed)
    assert "这个密码曾在别的网站泄露" in page.content.decode()
    cast.recorder_a.refresh_from_db()
    assert not cast.recorder_a.check_password(STOLEN)


def test_a_list_that_went_away_is_said_in_the_log_and_keeps_nobody_out(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BREACHED_PASSWORDS = str(tmp_path / "gone.txt")
    with caplog.at_level(logging.ERROR):
        validate_password(STOLEN)
    assert "BREACHED_PASSWORDS cannot be read" in caplog.text
    assert STOLEN not in caplog.text


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), ("Passwort\n", "no SHA-1"), ("", "no SHA-1")])
def test_a_list_that_cannot_serve_is_named_before_the_start(
    content: str | None, said: str, tmp_path: Path, settings: Any
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_text(content)
    settings.BREACHED_PASSWORDS = str(path)
    (found,) = [message for message in run_checks(tags=["security"]) if message.id == "site.E002"]
    assert said in found.msg
    write_list(path, ["a"])
    assert [message for message in run_checks(tags=["security"]) if message.id == "site.E002"] == []
