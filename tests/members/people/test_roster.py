"""New branches and members, and 转正."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from foundation.encryption import keyed_hash
from foundation.workbooks.errors import CellError
from members.errors import RosterRefused
from members.models import AuditEntry, Branch, Member, Membership
from members.people.roster import create_member, make_full_member
from members.places.branches import create_branch
from members.selectors import branch_on
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_id_number

BORN = date(1980, 4, 5)
NUMBER = make_id_number(312, BORN)
NEWCOMER: dict[str, Any] = {
    "name": "曾　国华",
    "category": Member.Category.PROBATIONARY,
    "ethnicity": "汉族",
    "id_number": NUMBER,
    "joined_on": date(2025, 6, 28),
    "phone": "15400000001",
}


def test_branch_comes_last_in_the_town_and_is_logged(cast: Cast) -> None:
    branch = create_branch(
        actor=cast.staff, now=NOW, town=cast.town, name=" 三  支部 ", parent=cast.branch_a, has_committee=False
    )
    assert (branch.name, branch.position, branch.parent, branch.has_committee) == ("三 支部", 3, cast.branch_a, False)
    entry = AuditEntry.objects.get(verb="create_branch")
    assert (entry.actor, entry.at, entry.object_id) == (cast.staff, NOW, str(branch.uuid))
    assert entry.new == {"name": "三 支部", "parent": "一支部", "has_committee": False}


@pytest.mark.parametrize("name", ["", "  ", "一支部"])
def test_branch_without_a_name_of_its_own_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(RosterRefused):
        create_branch(actor=cast.staff, now=NOW, town=cast.town, name=name)
    assert Branch.objects.filter(town=cast.town).count() == 2


def test_branch_under_another_towns_is_refused(cast: Cast) -> None:
    with pytest.raises(RosterRefused):
        create_branch(actor=cast.staff, now=NOW, town=cast.town, name="三支部", parent=cast.other_branch)


def test_only_the_towns_staff_make_branches_and_members(cast: Cast) -> None:
    for actor in (cast.secretary_a, cast.supervisor, cast.other_staff, cast.outsider):
        with pytest.raises(PermissionDenied):
            create_branch(actor=actor, now=NOW, town=cast.town, name="三支部")
        with pytest.raises(PermissionDenied):
            create_member(
                guard=find_closed_joinings,
                actor=actor,
                now=NOW,
                branch=cast.branch_a,
                values=NEWCOMER,
                from_date=TODAY,
                why=Membership.Why.ADMITTED,
            )


def test_member_is_identified_placed_and_logged(cast: Cast) -> None:
    last = Member.objects.filter(town=cast.town).order_by("-position")[0].position
    member = create_member(
        guard=find_closed_joinings,
        actor=cast.staff,
        now=NOW,
        branch=cast.branch_b,
        values=NEWCOMER,
        from_date=date(2025, 6, 28),
        why=Membership.Why.ADMITTED,
    )
    member.refresh_from_db()
    assert (member.name, member.pinyin, member.initials) == ("曾国华", "zeng guo hua", "zgh")
    assert (member.birth_date, member.sex, member.position) == (BORN, Member.Sex.FEMALE, last + 1)
    assert member.id_number == NUMBER
    assert member.id_number_hash == keyed_hash(NUMBER)
    assert (member.phone, member.phone_hash) == ("15400000001", keyed_hash("15400000001"))
    assert branch_on(member, date(2025, 6, 27)) is None
    assert branch_on(member, date(2025, 6, 28)) == cast.branch_b
    entry = AuditEntry.objects.get(verb="create_member")
    assert entry.new == {"name": "曾国华", "branch": "二支部", "from": "2025-06-28", "why": "admitted"}
    assert NUMBER not in str(entry.new)


@pytest.mark.parametrize(
    ("values", "from_date", "why"),
    [
        (NEWCOMER | {"name": " "}, TODAY, Membership.Why.ADMITTED),
        (NEWCOMER, date(2026, 3, 16), Membership.Why.ADMITTED),
        (NEWCOMER, TODAY, Membership.Why.DECEASED),
        (NEWCOMER | {"id_number": make_id_number(11)}, TODAY, Membership.Why.TRANSFERRED_IN),
    ],
    ids=["no name", "tomorrow", "a leaving", "known in the town"],
)
def test_member_that_contradicts_the_roster_is_refused(
    cast: Cast, values: dict[str, Any], from_date: date, why: Membership.Why
) -> None:
    before = Member.objects.count()
    with pytest.raises(RosterRefused):
        create_member(
            guard=find_closed_joinings,
            actor=cast.staff,
            now=NOW,
            branch=cast.branch_b,
            values=values,
            from_date=from_date,
            why=why,
        )
    assert Member.objects.count() == before
    assert not AuditEntry.objects.filter(verb="create_member").exists()


def test_member_with_a_mistyped_id_number_is_refused(cast: Cast) -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    with pytest.raises(CellError) as refusal:
        create_member(
            guard=find_closed_joinings,
            actor=cast.staff,
            now=NOW,
            branch=cast.branch_a,
            values=NEWCOMER | {"id_number": wrong},
            from_date=TODAY,
            why=Membership.Why.ADMITTED,
        )
    assert refusal.value.code == "id_check_character"


def test_the_same_person_may_be_on_the_roster_of_two_towns(cast: Cast) -> None:
    for branch, staff in ((cast.branch_a, cast.staff), (cast.other_branch, cast.other_staff)):
        create_member(
            guard=find_closed_joinings,
            actor=staff,
            now=NOW,
            branch=branch,
            values=NEWCOMER,
            from_date=TODAY,
            why=Membership.Why.TRANSFERRED_IN,
        )
    assert Member.objects.filter(id_number_hash=keyed_hash(NUMBER)).count() == 2


def test_probationary_member_becomes_a_full_one_once(cast: Cast) -> None:
    member = create_member(
        guard=find_closed_joinings,
        actor=cast.staff,
        now=NOW,
        branch=cast.branch_a,
        values=NEWCOMER,
        from_date=date(2025, 6, 28),
        why=Membership.Why.ADMITTED,
    )
    with pytest.raises(PermissionDenied):
        make_full_member(actor=cast.secretary_a, now=NOW, member=member, full_since=TODAY)
    for day in (date(2026, 3, 16), date(2025, 6, 27)):
        with pytest.raises(RosterRefused):
            make_full_member(actor=cast.staff, now=NOW, member=member, full_since=day)
    make_full_member(actor=cast.staff, now=NOW, member=member, full_since=TODAY)
    assert (member.category, member.full_since) == (Member.Category.FULL, TODAY)
    assert AuditEntry.objects.get(verb="make_full_member").new == {"category": "full", "full_since": "2026-03-15"}
    with pytest.raises(RosterRefused):
        make_full_member(actor=cast.staff, now=NOW, member=member, full_since=TODAY)
