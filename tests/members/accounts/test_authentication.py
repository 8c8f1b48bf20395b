"""Logging in: pauses that grow and pass, equal work whoever is named, two at once, passwords nobody guesses."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse

from foundation.client_address import address_of
from foundation.encryption import keyed_hash
from members.accounts.hashing import AT_ONCE, SmallArgon2Hasher
from members.accounts.slowing import (
    FORGOTTEN_AFTER,
    FREE_ATTEMPTS,
    FREE_ATTEMPTS_OF_ADDRESS,
    KEPT_FOR,
    LONGEST_PAUSE,
    PAUSE_OF_ADDRESS,
    count_attempt,
    forget_attempts,
    pause_after,
)
from members.models import FailedLogins, User
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db
SECONDS = timedelta(seconds=1)


def log_in(client: Client, name: str, password: str, address: str = "10.0.0.1") -> Any:
    return client.post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR=address)


def test_pauses_double_from_the_fifth_wrong_password_and_stay_short() -> None:
    assert [pause_after(count) // SECONDS for count in range(4, 12)] == [0, 10, 20, 40, 80, 160, 300, 300]
    assert pause_after(1_000_000) == LONGEST_PAUSE


def test_whoever_guesses_waits_and_is_told_how_long(cast: Cast, clock: FrozenClock) -> None:
    client = Client()
    for _attempt in range(FREE_ATTEMPTS):
        assert "密码不" in log_in(client, "recorder-a", "wrong").content.decode()
    clock.advance(seconds=3)
    early = log_in(client, "recorder-a", PASSWORD)
    assert "密码错误次数过多，请等待7秒后再试" in early.content.decode()
    assert 'value="recorder-a"' in early.content.decode()
    clock.advance(seconds=7)
    assert log_in(client, "recorder-a", PASSWORD)["Location"] == "/workbench/"


def test_what_was_too_early_prolongs_nothing(clock: FrozenClock) -> None:
    for _attempt in range(FREE_ATTEMPTS):
        assert not count_attempt(now=NOW, name="x", address="10.0.0.1")
    for second in range(10):
        assert count_attempt(now=NOW + second * SECONDS, name="x", address="10.0.0.1") == (10 - second) * SECONDS
    assert not count_attempt(now=NOW + 10 * SECONDS, name="x", address="10.0.0.1")
    assert count_attempt(now=NOW + 10 * SECONDS, name="x", address="10.0.0.1") == 20 * SECONDS


def test_wrong_passwords_from_elsewhere_cost_the_owner_nothing(cast: Cast, clock: FrozenClock) -> None:
    for _attempt in range(FREE_ATTEMPTS + 1):
        log_in(Client(), "recorder-a", "wrong", "10.0.0.66")
    assert "秒后再试" in log_in(Client(), "recorder-a", PASSWORD, "10.0.0.66").content.decode()
    assert log_in(Client(), "recorder-a", PASSWORD, "10.0.0.1").status_code == 302


def test_the_same_name_written_otherwise_is_the_same_name() -> None:
    for name in ("13900000011", "139 0000 0011", "139-0000-0011", "１３９０００００011", " 13900000011"):
        assert not count_attempt(now=NOW, name=name, address="a")
    assert count_attempt(now=NOW, name="13900000011", address="a") == 10 * SECONDS


def test_a_full_assembly_on_one_wifi_is_not_slowed_and_beyond_it_an_address_only_slows() -> None:
    for number in range(FREE_ATTEMPTS_OF_ADDRESS):
        assert not count_attempt(now=NOW, name=f"member-{number}", address="10.0.0.1")
    assert count_attempt(now=NOW, name="another", address="10.0.0.1") == PAUSE_OF_ADDRESS
    assert not count_attempt(now=NOW, name="another", address="10.0.0.2")
    later = NOW + PAUSE_OF_ADDRESS
    assert not count_attempt(now=later, name="another", address="10.0.0.1")
    assert count_attempt(now=later, name="yet-another", address="10.0.0.1") == PAUSE_OF_ADDRESS


def test_success_takes_its_count_back(cast: Cast, clock: FrozenClock) -> None:
    for _attempt in range(3):
        log_in(Client(), "recorder-a", "wrong")
    assert log_in(Client(), "recorder-a", PASSWORD).status_code == 302
    assert list(FailedLogins.objects.values_list("count", flat=True)) == [3]  # the address's


def test_the_count_begins_anew_after_an_hour_and_rows_end_after_a_day() -> None:
    for _attempt in range(FREE_ATTEMPTS):
        count_attempt(now=NOW, name="x", address="a")
    assert not count_attempt(now=NOW + FORGOTTEN_AFTER + SECONDS, name="x", address="a")
    assert set(FailedLogins.objects.values_list("count", flat=True)) == {1}
    count_attempt(now=NOW + FORGOTTEN_AFTER + SECONDS + KEPT_FOR + SECONDS, name="y", address="b")
    assert FailedLogins.objects.count() == 2


def test_a_clock_that_was_set_back_prolongs_no_pause() -> None:
    for _attempt in range(FREE_ATTEMPTS):
        count_attempt(now=NOW, name="x", address="a")
    assert count_attempt(now=NOW - timedelta(days=3), name="x", address="a") == 10 * SECONDS
    forget_attempts(name="x", address="a")
    assert not count_attempt(now=NOW - timedelta(days=3), name="x", address="a")


def test_who_was_tried_is_not_readable(cast: Cast) -> None:
    log_in(Client(), "recorder-a", "wrong")
    told = repr(list(FailedLogins.objects.values()))
    assert "recorder" not in told
    assert "10.0.0.1" not in told


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
@pytest.mark.parametrize("sharing", [0, 1, 2, 3])
def test_every_attempt_hashes_as_many_passwords(
    sharing: int, password: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown name, known name, phone of nobody, of one, of a couple, of too many: the work is the same."""
    users = [cast.member_user_a, cast.member_user_b, cast.recorder_a][:sharing]
    for user, member in zip(users, [cast.members_a[1], cast.members_b[1], cast.members_a[2]], strict=False):
        member.phone_hash = keyed_hash("13912345678")
        member.save(update_fields=["phone_hash"])
        user.member = member
        if user != users[0]:
            user.set_unusable_password()
        user.save()
    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def count_and_hash(self: Any, password: str, salt: str) -> Any:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count_and_hash)
    found = {}
    for name in ("13912345678", "nobody", "recorder-b"):
        hashed.clear()
        found[name] = authenticate(username=name, password=password)
        assert len(hashed) == 2, name
    fits = password == PASSWORD
    assert found["nobody"] is None
    assert found["recorder-b"] == (cast.recorder_b if fits else None)
    assert found["13912345678"] == (users[0] if users and sharing in (1, 2) and fits else None)


def test_passwords_are_stored_as_owasp_says_and_older_ones_are_renewed() -> None:
    hasher = SmallArgon2Hasher()
    stored = hasher.encode("四个不相干的词", hasher.salt())
    assert stored.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify("四个不相干的词", stored)
    assert not hasher.verify("四个不相干的字", stored)
    assert not hasher.must_update(stored)
    assert hasher.must_update(stored.replace("m=19456,t=2,p=1", "m=102400,t=2,p=8"))


def test_two_passwords_at_most_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(AT_ONCE, timeout=30)

    def hash_slowly(self: Any, password: str, salt: str) -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        both.wait()
        with lock:
            inside -= 1
        return password

    monkeypatch.setattr(Argon2PasswordHasher, "encode", hash_slowly)
    threads = [threading.Thread(target=SmallArgon2Hasher().encode, args=("x", "y")) for _each in range(3 * AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_ONCE


GUESSED = """zhangwei yunling2026 wo123456 demo-2026 zhangwei1955 zhangwei19551203 zhangwei0229 lixiaohong mima@2024!
12345678a 13900000011 zhangwei-88 jiazhen2026 yizhibu123 Dangyuan#2026 ZHANGWEI 张伟19700101 wo-ai-ni-1314"""
NOT_GUESSED = [
    "qingshan-lvshui-66",
    "Tongxin_8371x",
    "woaibeijingtiananmen",
    "我们村的水库真好看",
    "kX7$pQ2m",
    "correct-horse-battery",
]


@pytest.mark.parametrize("password", GUESSED.split())
def test_a_password_somebody_would_guess_is_refused(password: str, cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, cast.member_user_a)
    assert refused.value.messages


@pytest.mark.parametrize("password", NOT_GUESSED)
def test_a_password_nobody_guesses_is_taken(password: str, cast: Cast) -> None:
    validate_password(password, cast.member_user_a)
    assert User(password=make_password(password)).check_password(password)


@pytest.mark.parametrize(
    ("behind_proxy", "told", "forwarded", "address"),
    [
        (False, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (True, "127.0.0.1", "6.6.6.6, 10.0.0.9", "10.0.0.9"),
        (True, "127.0.0.1", "", ""),
        (True, "127.0.0.1", None, "127.0.0.1"),
        (False, "2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        (False, "::ffff:10.0.0.1", None, "10.0.0.1"),
        (True, "127.0.0.1", "nonsense", ""),
    ],
)
def test_the_address_is_what_can_be_believed(
    behind_proxy: bool, told: str, forwarded: str | None, address: str, settings: Any
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    headers: dict[str, Any] = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=told, **headers)) == address
