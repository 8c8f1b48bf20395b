"""Members, branches, accounts and appointments in the workbench: what is shown to whom, and what town staff change."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.encryption import keyed_hash
from members.models import AccessEntry, AuditEntry, Branch, Member, User
from tests.cast import Cast
from tests.factories import forbid_grounds, make_id_number, make_member
from tests.rare_characters import RARE


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.staff)
    return client


def details(member: Member, **values: Any) -> dict[str, Any]:
    return {
        "name": member.name,
        "pinyin": member.pinyin,
        "initials": member.initials,
        "sex": member.sex,
        "id_number": member.id_number,
        "birth_date": member.birth_date or "",
        "phone": member.phone,
        "party_group": member.party_group,
    } | values


def test_a_name_no_font_can_print_is_told_to_whoever_put_it_on_the_roster(cast: Cast, staff: Client) -> None:
    values = {"name": f"单{RARE}", "category": "full", "branch": cast.branch_a.pk, "from_date": "2026-03-15"}
    address = reverse("workbench:members_member_new")
    page = staff.post(address, values | {"why": "registered"}, follow=True).content.decode()
    assert f"服务器的字库没有“{RARE}”（U+323AF）" in page
    other = staff.get(reverse("workbench:members_member_change", args=[cast.member_a.pk])).content.decode()
    assert "字库" not in other


@pytest.mark.parametrize(
    ("who", "in_full"),
    [("staff", True), ("recorder_a", True), ("secretary_a", True), ("committee_a", False), ("supervisor", False)],
)
def test_numbers_are_masked_in_the_list_and_shown_in_full_to_few(
    who: str, in_full: bool, cast: Cast, client: Client
) -> None:
    client.force_login(getattr(cast, who))
    member = cast.member_a
    listed = client.get(reverse("workbench:members_member_changelist")).content.decode()
    assert member.id_number not in listed
    assert member.phone not in listed
    assert f"**{member.id_number[-4:]}" in listed
    assert "139****0011" in listed
    page = reverse("workbench:members_member_change", args=[member.pk])
    masked = client.get(page).content.decode()
    assert member.id_number not in masked
    assert member.phone not in masked
    assert ("显示完整号码" in masked) is in_full
    assert not AccessEntry.objects.exists()
    shown = client.get(page, {"numbers": "1"}).content.decode()
    assert (member.id_number in shown) is in_full
    assert (member.phone in shown) is in_full
    noted = AccessEntry.objects.filter(kind="shown_in_full", user=getattr(cast, who), path=page)
    assert noted.exists() is in_full


def test_a_form_that_shows_the_numbers_is_noted_as_the_page_is(cast: Cast, staff: Client) -> None:
    page = reverse("workbench:members_member_edit", args=[cast.member_a.pk])
    assert cast.member_a.id_number in staff.get(page).content.decode()
    noted = AccessEntry.objects.filter(kind="shown_in_full", user=cast.staff, path=page)
    assert noted.count() == 1
    assert staff.post(page, details(cast.member_a, party_group="第一党小组")).status_code == 302
    assert noted.count() == 1
    bare = make_member(cast.branch_a, "单雄信")
    Member.objects.filter(pk=bare.pk).update(id_number="", phone="")
    staff.get(reverse("workbench:members_member_edit", args=[bare.pk]))
    assert AccessEntry.objects.count() == 1


def test_staff_correct_pinyin_and_are_found_by_it(cast: Cast, staff: Client) -> None:
    member = make_member(cast.branch_a, "单雄信", pinyin="danxiongxin", initials="dxx")
    page = reverse("workbench:members_member_edit", args=[member.pk])
    staff.post(page, details(member, pinyin="Shan xiongxin", initials="SXX"))
    found = staff.get(reverse("workbench:members_member_changelist"), {"q": "sxx"}).content.decode()
    assert "单雄信" in found
    entry = AuditEntry.objects.get(verb="change_member")
    assert entry.old == {"initials": "dxx", "pinyin": "danxiongxin"}
    assert entry.new == {"initials": "sxx", "pinyin": "shan xiongxin"}
    assert (entry.actor, entry.object_id) == (cast.staff, str(member.uuid))


def test_a_new_name_gets_new_pinyin(cast: Cast, staff: Client) -> None:
    member = cast.members_a[1]
    staff.post(reverse("workbench:members_member_edit", args=[member.pk]), details(member, name="王 娜"))
    member.refresh_from_db()
    assert (member.name, member.initials) == ("王娜", "wn")


def test_numbers_change_with_their_hash_and_never_reach_the_log(cast: Cast, staff: Client) -> None:
    member, number = cast.member_a, make_id_number(77)
    page = reverse("workbench:members_member_edit", args=[member.pk])
    staff.post(page, details(member, id_number=number, phone="13900000099"))
    member.refresh_from_db()
    assert (member.id_number, member.id_number_hash) == (number, keyed_hash(number))
    assert (member.phone, member.phone_hash) == ("13900000099", keyed_hash("13900000099"))
    entry = AuditEntry.objects.get(verb="change_member")
    assert entry.new == {"id_number": "***", "phone": "***"}
    assert number not in f"{entry.old}{entry.new}"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"id_number": "429999197001010110"}, "id_number"),
        ({"name": "\u200b"}, "name"),
        ({"id_number": make_id_number(21)}, "__all__"),
        ({"birth_date": "1970-02-30"}, "birth_date"),
    ],
)
def test_what_cannot_be_is_refused_in_words(values: dict[str, str], field: str, cast: Cast, staff: Client) -> None:
    page = reverse("workbench:members_member_edit", args=[cast.member_a.pk])
    response = staff.post(page, details(cast.member_a, party_group="新小组", **values))
    assert list(response.context["form"].errors) == [field]
    assert "新小组" in response.content.decode()
    assert not AuditEntry.objects.filter(verb="change_member").exists()


def test_a_new_member_and_a_new_branch(cast: Cast, staff: Client) -> None:
    staff.post(reverse("workbench:members_branch_new"), {"name": "四支部", "town": cast.town.pk, "has_committee": "on"})
    branch = Branch.objects.get(name="四支部")
    data = {
        "name": "欧阳修",
        "branch": branch.pk,
        "category": "probationary",
        "from_date": "2026-03-01",
        "why": "admitted",
    }
    response = staff.post(reverse("workbench:members_member_new"), data, follow=True)
    member = Member.objects.get(name="欧阳修")
    assert "欧阳修已列入名册" in response.content.decode()
    staff.post(reverse("workbench:members_member_full", args=[member.pk]), {"full_since": "2026-03-10"})
    member.refresh_from_db()
    assert member.category == Member.Category.FULL
    twice = staff.post(reverse("workbench:members_branch_new"), {"name": "四支部", "town": cast.town.pk})
    assert twice.context["form"].non_field_errors()


def test_only_a_branch_of_six_or_fewer_does_without_a_committee(cast: Cast, staff: Client) -> None:
    """P7, as it was seen: the committee was a plain checkbox, so one person could hold both seats."""
    page = reverse("workbench:members_branch_edit", args=[cast.branch_a.pk])
    values = {"name": "一支部", "position": 1, "opened_on": "2015-07-01"}
    for number in range(4):
        make_member(cast.branch_a, f"党员{number}")
    make_member(cast.branch_a, "预备党员", category="probationary")
    refused = staff.post(page, values)
    assert refused.context["form"].non_field_errors() == ["正式党员7人以上的党支部设支部委员会；本支部有7人。"]
    cast.branch_a.refresh_from_db()
    assert cast.branch_a.has_committee is True
    Member.objects.filter(name="党员0").update(category=Member.Category.PROBATIONARY)
    assert staff.post(page, values).status_code == 302
    cast.branch_a.refresh_from_db()
    assert cast.branch_a.has_committee is False


def test_a_branch_changes_with_its_log(cast: Cast, staff: Client) -> None:
    page = reverse("workbench:members_branch_edit", args=[cast.branch_a.pk])
    staff.post(page, {"name": "第一支部", "position": 3, "parent": cast.branch_b.pk, "opened_on": "2015-07-01"})
    cast.branch_a.refresh_from_db()
    assert (cast.branch_a.name, cast.branch_a.has_committee, cast.branch_a.parent) == ("第一支部", False, cast.branch_b)
    assert AuditEntry.objects.get(verb="change_branch").new["name"] == "第一支部"
    circle = reverse("workbench:members_branch_edit", args=[cast.branch_b.pk])
    response = staff.post(circle, {"name": "二支部", "position": 2, "parent": cast.branch_a.pk})
    assert response.context["form"].non_field_errors()


def test_nobody_raises_their_own_rights(cast: Cast, staff: Client) -> None:
    forbid_grounds(cast.staff)
    for page in ("grounds", "active"):
        address = reverse(f"workbench:members_user_{page}", args=[cast.staff.pk])
        assert staff.post(address).context["form"].non_field_errors()
    cast.staff.refresh_from_db()
    assert cast.staff.is_active
    assert not cast.staff.user_permissions.exists()
    staff.post(reverse("workbench:members_user_grounds", args=[cast.supervisor.pk]))
    assert cast.supervisor.user_permissions.filter(codename="view_finding_grounds").exists()
    assert AuditEntry.objects.get(verb="set_ground_reading").new == {"allowed": True}


def test_accounts_above_the_town_are_out_of_reach(cast: Cast, staff: Client) -> None:
    root = User.objects.create_superuser("root", password="x" * 20, town=cast.town)
    for account in (root, cast.system, cast.other_staff):
        for page in ("change", "password", "active", "appoint"):
            assert staff.post(reverse(f"workbench:members_user_{page}", args=[account.pk])).status_code == 404
