"""Who gets what at every address of the site: each URL of the resolver × each role, and nothing of another branch.

The addresses come from the resolver, the statuses from `tests/access_matrix.txt`: an address without a row fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from members.models import AccessEntry
from tests.addresses import ADDRESSES, Rows
from tests.cast import Cast, appoint_administrators
from tests.clock import FrozenClock
from tests.effort import sweep
from tests.furnished import FurnishedEverywhere, furnish_everywhere

pytestmark = pytest.mark.usefixtures("blank_papers")
TABLE = Path(__file__).with_name("access_matrix.txt")
ROLES = {
    "anonymous": "",
    "outsider": "outsider",
    "member": "member_user_a",
    "committee": "committee_a",
    "recorder": "recorder_a",
    "secretary": "secretary_a",
    "supervisor": "supervisor",
    "staff": "staff",
    "other-branch": "recorder_b",
    "other-town": "other_staff",
    "system-admin": "system_admin",
    "security-admin": "security_admin",
    "audit-admin": "audit_admin",
}
"""Column of the table to part in the cast. Every object asked for is of branch A, or of its first member."""
ADMINISTRATORS = ("system-admin", "security-admin", "audit-admin")
QUICK = ("anonymous", "member", "recorder", "staff", "other-branch")
"""One of each kind: who is not known, who has no desk, a branch's, the town's, another's."""
CASES = [*QUICK, *sweep(*(role for role in ROLES if role not in QUICK))]


def read_table() -> dict[str, dict[str, str]]:
    """Address to role to status, as written."""
    lines = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    head, *rows = lines
    assert head[1:] == list(ROLES)
    return {key: dict(zip(ROLES, statuses, strict=True)) for key, *statuses in rows}


@pytest.fixture
def furnished(db: None, clock: FrozenClock, evidence_dir: Path) -> FurnishedEverywhere:
    return furnish_everywhere(clock)


@pytest.fixture
def cast(furnished: FurnishedEverywhere) -> Cast:
    return furnished.cast


@pytest.fixture
def of_a(furnished: FurnishedEverywhere) -> Rows:
    return furnished.of_a


@pytest.fixture
def of_b(furnished: FurnishedEverywhere) -> Rows:
    return furnished.of_b


@pytest.fixture
def of_other_town(furnished: FurnishedEverywhere) -> Rows:
    return furnished.of_other_town


def client_for(cast: Cast, part: str) -> Client:
    client = Client()
    if part:
        cast_of = cast if hasattr(cast, part) else appoint_administrators(cast)
        client.force_login(getattr(cast_of, part))
    return client


def show_status(response: Any) -> str:
    """The status, with L for the way to the log-in page."""
    if response.status_code == 302 and response["Location"].startswith((reverse("login"), reverse("workbench:login"))):
        return "L"
    return str(response.status_code)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(ADDRESSES) - set(read_table()) == set(), "write a row for each of these"
    assert set(read_table()) - set(ADDRESSES) == set(), "these are gone"


OFFICERS = ["recorder_a", "secretary_a", "committee_a"]


@pytest.mark.slow
@pytest.mark.parametrize("role", CASES)
def test_each_role_gets_at_each_address_what_the_table_says(
    role: str, cast: Cast, of_a: Rows, of_b: Rows, of_other_town: Rows
) -> None:
    """And no page for an officer of branch A names anybody of another branch."""
    client = client_for(cast, ROLES[role])
    got: dict[str, str] = {}
    named: dict[str, list[str]] = {}
    read = 0
    for key, address in ADDRESSES.items():
        response = client.get(address.of(of_a))
        got[key] = show_status(response)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page = response.content.decode()
            named |= {key: [name for name in name_strangers(cast) if name in page]}
            read += 1
    assert got == {key: statuses[role] for key, statuses in read_table().items()}
    if ROLES[role] in OFFICERS:
        assert {key: names for key, names in named.items() if names} == {}
        assert read > 25


def name_strangers(cast: Cast) -> list[str]:
    """Names that only branch B and the other town have."""
    rows = (*cast.members_b, cast.other_member, cast.branch_b, cast.other_branch)
    return [*(row.name for row in rows), "乙记录员", "乙书记", "乙委员", "外镇", "乙镇", "recorder-b"]


@pytest.mark.parametrize("role", CASES)
def test_what_one_may_not_look_at_one_may_not_send(role: str, cast: Cast, of_a: Rows) -> None:
    client = client_for(cast, ROLES[role])
    refused = {key: row[role] for key, row in read_table().items() if row[role] in ("L", "403", "404")}
    before = everything()
    for key, status in refused.items():
        sent = show_status(client.post(ADDRESSES[key].of(of_a), {"reason": "x", "sure": "on"}))
        # 405: it takes nothing from anybody.
        assert sent in (status, "405"), key
    assert everything() == before


@pytest.mark.parametrize("role", ROLES)
def test_what_only_takes_post_asks_the_role_too(role: str, cast: Cast, of_a: Rows) -> None:
    table = read_table()
    by_role = {
        "anonymous": {"L"},
        "outsider": {"L"},
        "member": {"L"},
        "committee": {"403"},
        "supervisor": {"403"},
        **{administrator: {"403", "404"} for administrator in ADMINISTRATORS},
    }
    elsewhere = role.startswith("other-")
    client = client_for(cast, ROLES[role])
    for key in table:
        if key.startswith("workbench:") and "405" in table[key].values() and "logout" not in key:
            status = show_status(client.post(ADDRESSES[key].of(of_a)))
            if elsewhere and ADDRESSES[key].arguments & {"object_id", "member_id", "branch_id"}:
                assert status == "404", key  # nothing of branch A exists for them
            elif key == "workbench:job_cancel" and role not in by_role and role != "recorder":
                assert status == "404"  # it is the recorder's alone
            else:
                # 400: what was posted here is none of what the page sends.
                assert status in by_role.get(role, {"200", "302", "400", "403"}), key


OF_THE_WHOLE_TOWN = (
    "town",
    "assessmentyear",
    "reviewdates",
    "requiredchannel",
    "workday",
)  # the same for every branch of it


def _addresses_of_others(of_b: Rows, of_other_town: Rows) -> Iterator[tuple[str, str]]:
    for key, address in ADDRESSES.items():
        if address.arguments & {"object_id", "member_id", "branch_id"} and key != "workbench:view_on_site":
            if not any(f"/{table}/" in address.route for table in OF_THE_WHOLE_TOWN):
                yield key, address.of(of_b)
            yield key, address.of(of_other_town)


@pytest.mark.parametrize("officer", [OFFICERS[0], *sweep(*OFFICERS[1:])])
def test_no_object_of_another_branch_or_town_exists_for_an_officer_of_branch_a(
    officer: str, cast: Cast, of_a: Rows, of_b: Rows, of_other_town: Rows
) -> None:
    client = client_for(cast, officer)
    before = everything()
    tried = 0
    for key, address in _addresses_of_others(of_b, of_other_town):
        for response in (
            client.get(address, follow=True),
            client.post(address, {"reason": "x", "sure": "on"}, follow=True),
        ):
            assert response.status_code == 404, f"{key} {address}"
            tried += 1
    assert tried > 200
    assert everything() == before


def everything() -> dict[str, list[Any]]:
    """Every row of our apps, by table, but what says that somebody was refused."""
    rows = {}
    for model in apps.get_models():
        if model._meta.app_label in ("members", "veto", "points", "publicity") and model is not AccessEntry:
            found: Any = model._default_manager.order_by("pk").values_list()
            rows[model._meta.label] = list(found)
    return rows
