"""A form opened before somebody else changed the same: nothing of theirs is written back, nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from members.models import Appointment, AuditEntry, Member
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, appoint, make_user
from tests.furnished import Furnished, furnish
from tests.pages import browse, read_form
from tests.scoring_site.editing_forms import EDITING
from tests.scoring_site.screens import visible
from tests.threads import run_at_once

pytestmark = pytest.mark.usefixtures("evidence_dir")


@pytest.fixture
def furnished(db: None, clock: FrozenClock, evidence_dir: Path) -> Furnished:
    return furnish(clock)


@pytest.fixture
def cast(furnished: Furnished) -> Cast:
    return furnished.cast


def open_form(name: str, furnished: Furnished) -> tuple[Client, str]:
    return browse(getattr(furnished.cast, EDITING[name].who)), EDITING[name].address(furnished.of_a)


def read(browser: Client, address: str) -> dict[str, Any]:
    page = browser.get(address)
    assert page.status_code == 200
    return dict(read_form(page.content, by="shown"))


@pytest.mark.parametrize("name", EDITING)
def test_a_stale_form_is_refused_with_what_was_changed_and_sent_again(name: str, furnished: Furnished) -> None:
    editing = EDITING[name]
    browser, address = open_form(name, furnished)
    theirs, mine = read(browser, address), read(browser, address)
    saved = browser.post(address, theirs | dict(editing.theirs))
    assert saved.status_code == 302
    entries = AuditEntry.objects.count()

    stale = browser.post(address, mine | dict(editing.mine))
    assert stale.status_code == 200
    said = visible(stale)
    assert editing.says in said
    assert "2026-03-15 10:00" in said
    assert "本次没有保存" in said
    assert AuditEntry.objects.count() == entries

    again = dict(read_form(stale.content, by="shown"))
    for field, value in editing.mine.items():
        assert again.get(field) == (value if isinstance(value, list) else [str(value)]), field
    for field in editing.theirs.keys() - editing.mine.keys():
        assert again[field] == [editing.theirs[field]], field
    assert browser.post(address, again).status_code == 302
    assert AuditEntry.objects.count() == entries + 1


def test_a_form_shown_again_for_a_fault_still_knows_what_it_showed_first(furnished: Furnished) -> None:
    browser, address = open_form("member", furnished)
    theirs, mine = read(browser, address), read(browser, address)
    browser.post(address, theirs | {"phone": "13900000099"})
    faulty = browser.post(address, mine | {"name": ""})
    again = dict(read_form(faulty.content, by="shown"))
    assert json.loads(again["shown"][0])["phone"] == ["13900000011"]
    assert "13900000011 → 13900000099" in visible(browser.post(address, again | {"name": "张伟"}))


def test_what_both_typed_alike_is_no_difference(cast: Cast, furnished: Furnished) -> None:
    browser, address = open_form("member", furnished)
    theirs, mine = read(browser, address), read(browser, address)
    change = {"phone": "13900000099"}
    assert browser.post(address, theirs | change).status_code == 302
    assert browser.post(address, mine | change | {"party_group": "第二党小组"}).status_code == 302
    member = Member.objects.get(pk=cast.member_a.pk)
    assert (member.phone, member.party_group) == ("13900000099", "第二党小组")


NONE_OF_OURS = ("", "x", "[]", "{}", '{"phone": "x"}', '{"phone": [1]}', "[" * 9999, '{"nobody": ["x"]}')


@pytest.mark.parametrize("shown", NONE_OF_OURS, ids=range(len(NONE_OF_OURS)))
def test_what_no_page_showed_is_no_fault(shown: str, furnished: Furnished) -> None:
    browser, address = open_form("member", furnished)
    sent: Mapping[str, Any] = read(browser, address) | {"shown": shown, "phone": "13900000099"}
    assert browser.post(address, sent).status_code == 302


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told_of_the_other(clock: FrozenClock) -> None:
    clock.now = NOW
    cast = build_cast()
    colleague = make_user("staff-2", name="镇干部乙", town=cast.town)
    appoint(colleague, Appointment.Role.TOWN_STAFF, town=cast.town)
    address = f"/workbench/members/member/{cast.member_a.pk}/edit/"
    one, other = (browse(user) for user in (cast.staff, colleague))
    first = read(one, address) | {"phone": "13900000099"}
    second = read(other, address) | {"party_group": "第二党小组"}
    answers = run_at_once(lambda: one.post(address, first), lambda: other.post(address, second))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert AuditEntry.objects.filter(verb="change_member").count() == 1
