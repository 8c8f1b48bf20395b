"""Every field of the roster can be entered somewhere, is stored as entered, and is seen on the member's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.encryption import hash_columns
from members.models import AuditEntry, Member
from members.people.fields import MEMBER_FIELDS
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.workbench.roster.members.forms import FullMemberForm, MemberForm, NewMemberForm
from tests.cast import Cast
from tests.members.people.values import make_values

VALUES = make_values()


def stored(member: Member, names: Any) -> dict[str, Any]:
    member.refresh_from_db()
    return {name: getattr(member, name) for name in names}


def test_every_field_stands_on_a_form_under_its_name() -> None:
    forms: list[type[WorkbenchForm]] = [MemberForm, NewMemberForm, FullMemberForm]
    found = {name: field for form in forms for name, field in form.base_fields.items()}
    assert found.keys() - MEMBER_FIELDS.keys() == {"branch", "from_date", "why"}
    assert {name: str(found[name].label) for name in MEMBER_FIELDS} == {
        name: field.label for name, field in MEMBER_FIELDS.items()
    }


def test_the_longest_text_a_column_takes_is_the_longest_a_form_takes() -> None:
    longest = {name: field.max_length for name, field in MemberForm.base_fields.items() if isinstance(field, TidyField)}
    assert longest.keys() >= {"name", "ethnicity", "id_number", "phone", "party_group"}
    assert longest == {name: MEMBER_FIELDS[name].column.max_length or 40 for name in longest}


def test_what_is_entered_of_somebody_new_is_stored(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    entered = {name: VALUES[name] for name, field in MEMBER_FIELDS.items() if field.on_new_form}
    where = {"branch": cast.branch_a.pk, "from_date": "2026-03-01", "why": "transferred_in"}
    client.post(reverse("workbench:members_member_new"), entered | where)
    member = Member.objects.get(name=VALUES["name"])
    hashes = hash_columns(Member, entered)
    assert hashes.keys() >= {"id_number_hash", "phone_hash"}
    assert stored(member, [*entered, *hashes]) == entered | hashes


def test_what_is_entered_later_is_stored_and_logged(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    member = cast.member_b
    Member.objects.filter(pk=member.pk).update(
        **{name: field.column.get_default() for name, field in MEMBER_FIELDS.items() if field.column.blank}
    )
    entered = {name: VALUES[name] for name, field in MEMBER_FIELDS.items() if field.on_edit_form}
    client.post(reverse("workbench:members_member_edit", args=[member.pk]), entered)
    hashes = hash_columns(Member, entered)
    assert stored(member, [*entered, *hashes]) == entered | hashes
    entry = AuditEntry.objects.get(verb="change_member")
    assert entry.new.keys() == entered.keys()
    shown = client.get(reverse("workbench:members_member_edit", args=[member.pk])).context["form"]
    assert {name: shown[name].initial for name in entered} == entered


@pytest.mark.parametrize(("who", "in_full"), [("staff", True), ("supervisor", False)])
def test_the_member_s_page_says_every_field(who: str, in_full: bool, cast: Cast, client: Client) -> None:
    Member.objects.filter(pk=cast.member_a.pk).update(**VALUES)
    cast.member_a.refresh_from_db()
    client.force_login(getattr(cast, who))
    page = client.get(reverse("workbench:members_member_change", args=[cast.member_a.pk]), {"numbers": "1"})
    facts = {fact.label: fact.shown for fact in page.context["facts"]}
    expected = {
        field.label: field.say_of(cast.member_a, in_full=in_full)
        for name, field in MEMBER_FIELDS.items()
        if name not in ("name", "pinyin", "initials")
    }
    assert {label: facts[label] for label in expected} == expected
    assert facts.keys() - expected.keys() == {"党支部"}
    for number in (VALUES["id_number"], VALUES["phone"]):
        assert (number in page.content.decode()) is in_full
