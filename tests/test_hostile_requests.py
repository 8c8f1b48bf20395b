"""Nothing that can be sent is a fault of the site: odd numbers, days, texts and ids are refused in words.

Every address of the resolver is tried by somebody who may use it; `make test-long` sends every value at each place, the
quick run a part.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.test import Client

from tests.addresses import ADDRESSES, Address, make_rows
from tests.cast import Cast
from tests.effort import in_ci, sweep
from tests.hostile import Stranger, Turns

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("blank_papers", "evidence_dir", "uploads_dir")]


@pytest.fixture(autouse=True)
def nothing_counted(settings: Any) -> None:
    """How often a page asks the database is told elsewhere; here only whether it answers."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "zeal" not in name]


def try_site(
    part: str,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    turns: Turns,
    addresses: Iterable[Address] = ADDRESSES.values(),
) -> Stranger:
    """Somebody of the cast, after trying addresses: of the workbench, or those outside it for a member."""
    rows = make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff)
    client = Client()
    client.force_login(getattr(cast, part))
    stranger = Stranger(client, monkeypatch, turns)
    for address in addresses:
        if address.route.startswith("/workbench/") != (part == "member_user_a") and "logout" not in address.key:
            stranger.try_address(address, rows)
    return stranger


@pytest.mark.slow
@pytest.mark.parametrize(("part", "other", "least"), [("member_user_a", 4, 50), *sweep(("staff", 2, 1000))])
def test_a_part_of_the_odd_values(
    part: str, other: int, least: int, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = try_site(part, cast, monkeypatch, Turns(other=other))
    assert stranger.failed == []
    assert stranger.sent > least


def test_a_row_is_found_by_its_id_alone(cast: Cast, recorder: Client) -> None:
    recorder.raise_request_exception = False
    page = f"/workbench/members/member/{cast.member_a.pk}/delete/"
    assert [recorder.get(page, {"_to_field": name}).status_code for name in ("", "id", "name", "x")] == [
        403,
        403,
        400,
        400,
    ]


SHARES = 8
"""The town's staff reach most: their addresses are tried in parts that end before a test counts as hung."""
LONG_RUNS: Sequence[tuple[str, int | None, bool]] = (
    ("member_user_a", None, True),
    *(("staff", share, True) for share in range(SHARES)),
    ("secretary_a", None, False),
    ("recorder_a", None, False),
)
"""Who tries, which share of the addresses, and whether all values at each place or one; the first alone where time is
limited, for the quick run tries the others too."""


@pytest.mark.long
@pytest.mark.parametrize(("part", "share", "all_of_them"), LONG_RUNS[: in_ci(1, by_hand=len(LONG_RUNS))])
def test_every_odd_value(
    part: str, share: int | None, all_of_them: bool, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [*ADDRESSES.values()] if share is None else [*ADDRESSES.values()][share::SHARES]
    turns = Turns(all_of_them=all_of_them, other=1)
    assert try_site(part, cast, monkeypatch, turns, addresses).failed == []


COOKIES = ("sessionid", "csrftoken", "django_language", "theme", "large_type", "messages")
VALUES_OF_COOKIES = ('"abcdefgh\\000ijkl"', '"\\377\\377abcdefgh"', "x" * 3000, "9" * 5000)


@pytest.mark.parametrize("name", COOKIES)
def test_a_cookie_may_hold_anything(name: str, db: None) -> None:
    client = Client(raise_request_exception=False)
    for value in VALUES_OF_COOKIES:
        cookie = {"cookie": f"{name}={value}"}
        shown = client.get("/login/", headers=cookie)
        sent = client.post("/login/", {"username": "nobody", "password": "nothing"}, headers=cookie)
        assert (shown.status_code, sent.status_code) == (200, 200), value


@pytest.mark.parametrize(
    "odd", ["\ud800", "\x00", "9" * 5000, 10**30, -1, 1.5, None, [], {}, "9999-12", "2999-12"], ids=ascii
)
def test_a_save_of_ticks_is_read_as_carefully(odd: Any, cast: Cast, recorder: Client) -> None:
    recorder.raise_request_exception = False
    address = f"/workbench/ticks/{cast.branch_a.pk}/save/"
    change = [cast.member_a.pk, "2026-01", True, ""]
    token = "6f3c2a54-0000-4000-8000-000000000001"
    sound = {"user": cast.recorder_a.pk, "item": "dues", "year": 2026, "token": token, "changes": [change]}
    sent: list[dict[str, Any]] = [{**sound, name: odd} for name in (*sound, "reason", "note")]
    sent += [{**sound, "changes": [[*change[:place], odd, *change[place + 1 :]]]} for place in range(len(change))]
    for data in sent:
        answer = recorder.post(address, json.dumps(data), content_type="application/json")
        assert answer.status_code < 500, data
