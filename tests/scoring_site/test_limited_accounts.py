"""Every door, asked by an account that its branch reset and the town has not confirmed: it reads scores and notices."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import date, time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse

from foundation.errors import DomainError
from members.accounts.branch_resets import ask_for_reset, confirm_reset, give_reset_code
from members.errors import AccountLimited
from members.evidence.documents import inspect_upload
from members.models import AccessEntry, Session, User
from points.claims.claims import Deed
from points.models import Announcement, Claim, Confirmation, LeaveRequest, ReviewLine, SignIn
from publicity.models import Notice
from scoring_site.limited_accounts import READ, SENT
from tests.addresses import ADDRESSES, Rows
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY
from tests.furnished import Furnished, furnish
from tests.members.evidence.uploads import PDF, upload
from tests.test_access_matrix import show_status
from veto.models import Answer, VetoRecord

pytestmark = pytest.mark.usefixtures("blank_papers")
PORTAL = Path(__file__).parents[2] / "scoring_site" / "portal"
OPEN_TO_EVERYBODY = {"login", "first_login", "first_password", "logout", "set_language", "health", "ready"}
"""They ask for no log-in, so that nobody's account opens them."""


@pytest.fixture
def furnished(db: None, clock: FrozenClock, evidence_dir: Path) -> Furnished:
    return furnish(clock)


@pytest.fixture
def cast(furnished: Furnished) -> Cast:
    return furnished.cast


@pytest.fixture
def rows(furnished: Furnished) -> Rows:
    return furnished.of_a


@pytest.fixture
def limited(cast: Cast, rows: Rows) -> User:
    """张伟's account after both officers."""
    about: dict[str, Any] = {"user": cast.member_user_a, "branch": cast.branch_a, "reason": "忘记密码"}
    give_reset_code(actor=cast.secretary_a, now=NOW, reset=ask_for_reset(actor=cast.recorder_a, now=NOW, **about))
    return User.objects.get(pk=cast.member_user_a.pk)


@pytest.fixture
def client(limited: User) -> Client:
    client = Client()
    client.force_login(limited)
    return client


def everything() -> dict[str, list[Any]]:
    """Every row, without what a request notes about itself."""
    models = [model for model in apps.get_models() if model not in (AccessEntry, Session)]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


def test_every_address_but_those_named_is_closed_to_reading_and_to_sending(client: Client, rows: Rows) -> None:
    """The addresses are the resolver's: a new one is closed until it is named."""
    asked = {key: address for key, address in ADDRESSES.items() if key not in OPEN_TO_EVERYBODY}
    # The log-in and log-out of the workbench are open to everybody as well.
    asked = {key: address for key, address in asked.items() if key not in {"workbench:login", "workbench:logout"}}
    before = everything()
    read, sent = {}, {}
    for key, address in asked.items():
        read[key] = show_status(client.get(address.of(rows)))
        if key not in SENT:
            sent[key] = show_status(client.post(address.of(rows), {"reason": "x", "sure": "on", "text": "话"}))
    assert {key for key, status in read.items() if status == "200"} == READ
    closed = {key: status for key, status in read.items() if key not in READ | SENT}
    assert {key: status for key, status in closed.items() if status not in ("403", "L")} == {}
    assert {key: status for key, status in sent.items() if status not in ("403", "L")} == {}
    assert len([key for key in sent if ":" not in key and not key.startswith("/")]) > 30
    assert everything() == before


def another_announcement(rows: Rows) -> Announcement:
    """One for which nobody asked for leave."""
    row = rows[Announcement]
    assert isinstance(row, Announcement)
    return Announcement.objects.create(
        branch=row.branch, day=row.day, starts=time(9), place="会议室", made_by=row.made_by, made_at=NOW
    )


CASES: dict[str, Any] = {
    "acknowledge_login_codes": lambda rows: {},
    "answer_own_finding": lambda rows: {
        "finding": rows[VetoRecord],
        "kind": Answer.Kind.STATEMENT,
        "statement": "不同意",
    },
    "apply_for_exemption": lambda rows: {"ground": "unable", "text": "腿脚不便"},
    "ask_about_data": lambda rows: {"text": "电话有误"},
    "acknowledge_own_data": lambda rows: {},
    "ask_leave": lambda rows: {"announcement": another_announcement(rows), "reason": "住院"},
    "take_back_leave": lambda rows: {"leave": rows[LeaveRequest]},
    "attach_evidence": lambda rows: {"files": [inspect_upload(upload(PDF))], "subject": rows[Claim]},
    "confirm_line": lambda rows: {
        "line": rows[ReviewLine],
        "how": Confirmation.How.PORTAL,
        "confirmed_on": TODAY,
    },
    "file_claim": lambda rows: {"deed": Deed("volunteering", date(2026, 3, 1), "清理河道", 10)},
    "raise_objection": lambda rows: {"notice": rows[Notice], "text": "漏登"},
    "sign_in_self": lambda rows: {"sign_in": rows[SignIn]},
    "withdraw_claim": lambda rows: {"claim": rows[Claim]},
}
"""The portal's verbs with what they take: each goes through for the same account once the town has confirmed it."""
ALSO_AFTERWARDS = {"apply_for_exemption"}
"""It counts on paper only for a month after any reset (D18)."""
AT_A_LATER_STEP = {"disown_answer", "file_own_appeal", "note_dissatisfaction", "revise_claim", "withdraw_application"}
"""They need what the rows are not at; that each ends with an entry of the log is looked up in its text."""


def portal_verbs() -> dict[str, Any]:
    """Every verb of the domain that a module of the portal imports: it has a keyword-only `actor` and `now`."""
    return dict(_find_verbs())


def _find_verbs() -> Iterator[tuple[str, Any]]:
    for file in PORTAL.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not re.match(
                "(members|points|publicity|veto)", node.module or ""
            ):
                continue
            for alias in node.names:
                found = getattr(import_module(node.module or ""), alias.name)
                if inspect.isfunction(found) and {"actor", "now"} <= inspect.signature(found).parameters.keys():
                    yield alias.name, found


READS = {"check_signing"}
"""It says what signing in would answer."""


def test_every_verb_of_the_portal_is_in_the_table() -> None:
    assert portal_verbs().keys() - READS == CASES.keys() | AT_A_LATER_STEP


@pytest.mark.parametrize("name", CASES)
def test_no_verb_of_the_portal_serves_it_until_the_town_has_confirmed(
    name: str, cast: Cast, rows: Rows, limited: User
) -> None:
    verb, given = portal_verbs()[name], CASES[name](rows)
    before = everything()
    with pytest.raises(AccountLimited, match="镇工作人员确认之前"), transaction.atomic():
        verb(actor=limited, now=NOW, **given)
    assert everything() == before
    reset = limited.password_resets.get()
    confirm_reset(actor=cast.staff, now=NOW, reset=reset)
    owner = User.objects.get(pk=limited.pk)
    # With a password of its own: what counts on paper only after a reset is another rule.
    owner.set_password("三个 不相关 的词")
    owner.save()
    before = everything()
    if name in ALSO_AFTERWARDS:
        with pytest.raises(DomainError, match="最近30天内") as refused, transaction.atomic():
            verb(actor=owner, now=NOW, **given)
        assert not isinstance(refused.value, AccountLimited)
        return
    verb(actor=owner, now=NOW, **given)
    assert everything() != before


@pytest.mark.parametrize("name", sorted(AT_A_LATER_STEP))
def test_the_other_verbs_end_with_an_entry_of_the_log_as_well(name: str) -> None:
    verb = portal_verbs()[name]
    module = inspect.getsource(inspect.getmodule(verb))  # type: ignore[arg-type]
    calls = set(re.findall(r"\b(_\w+|log_\w+)\(", inspect.getsource(verb)))
    assert any(call.startswith("log_") or (f"def {call}(" in module and "log_" in module) for call in calls)


def test_what_it_sees_says_why_and_names_no_ground(client: Client, cast: Cast, rows: Rows) -> None:
    page = client.get(reverse("home")).content.decode()
    assert "镇工作人员确认之前，只能查看积分和公示" in page
    assert "处分决定" not in page
    assert reverse("acknowledge_login_codes") not in page
    refused = client.get(reverse("objections")).content.decode()
    assert "暂未开放" in refused


def test_the_owner_is_shown_who_made_the_code_until_they_say_so(cast: Cast, rows: Rows, limited: User) -> None:
    confirm_reset(actor=cast.staff, now=NOW, reset=limited.password_resets.get())
    client = Client()
    client.force_login(User.objects.get(pk=limited.pk))
    page = client.get(reverse("home")).content.decode()
    assert "甲记录员提出，甲书记确认" in page
    assert "镇干部已代表镇确认" in page
    client.post(reverse("acknowledge_login_codes"))
    assert "您的账号有过以下操作" not in client.get(reverse("home")).content.decode()
