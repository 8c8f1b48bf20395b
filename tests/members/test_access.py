"""What each role may see and do, and on which day (members/access.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from members.access import (
    BRANCH_ROLES_FOR,
    Action,
    branches_for,
    findings_for,
    may,
    may_read_grounds,
    members_for,
    object_for,
    reach_of,
    readable_grounds_for,
    require_member_action,
    rows_for,
    towns_for,
)
from members.models import Appointment, AuditEntry, Branch, Exemption, Member, Membership, RecordBatch, User
from points.models import Attendance, Meeting, PointEvent
from tests.cast import Cast
from tests.factories import (
    NOW,
    TODAY,
    appoint,
    make_batch,
    make_branch,
    make_event,
    make_member,
    make_membership,
    make_user,
)
from tests.veto.hearings import tell as tell_member
from veto.deciding import propose_deduction
from veto.models import Deduction, VetoRecord

Role = Appointment.Role
EVERYBODY = {
    "system": "town",
    "staff": "town",
    "supervisor": "reads town",
    "recorder_a": "branch a",
    "secretary_a": "branch a",
    "committee_a": "reads branch a",
    "member_user_a": "nothing",
    "recorder_b": "branch b",
    "outsider": "nothing",
    "other_staff": "other town",
    "other_recorder": "other branch",
}
DOES = {
    role: reach if reach.startswith(("town", "branch", "other")) else "nothing" for role, reach in EVERYBODY.items()
}
READS = {role: reach.removeprefix("reads ") for role, reach in EVERYBODY.items()}
who = pytest.mark.parametrize("role", EVERYBODY)


@dataclass(frozen=True)
class Places:
    towns: set[str]
    branches: set[str]
    members: set[str]


PLACES = {
    "town": Places({"甲镇"}, {"一支部", "二支部"}, {"张伟", "李娜", "曾国华", "王五", "赵敏", "钱进", "孙立"}),
    "branch a": Places({"甲镇"}, {"一支部"}, {"张伟", "李娜", "曾国华"}),
    "branch b": Places({"甲镇"}, {"二支部"}, {"赵敏", "钱进", "孙立"}),
    "other town": Places({"乙镇"}, {"三支部"}, {"周外"}),
    "other branch": Places({"乙镇"}, {"三支部"}, {"周外"}),
    "nothing": Places(set(), set(), set()),
}


def names(rows: QuerySet) -> set[str]:
    return {row.name for row in rows}


@who
def test_what_each_role_reads(role: str, cast: Cast) -> None:
    user, places = getattr(cast, role), PLACES[READS[role]]
    assert names(towns_for(user, on=TODAY)) == places.towns
    assert names(branches_for(user, on=TODAY)) == places.branches
    assert names(members_for(user, on=TODAY)) == places.members
    assert reach_of(user, on=TODAY).is_worker == bool(places.towns)


# What a branch's own officers may do; town staff may do all of it, supervisors none.
BRANCH_RIGHTS = {
    "recorder": {
        *(Action.RECORD, Action.VOID, Action.PROPOSE_FINDING, Action.SUBMIT_REVIEW, Action.EXPORT, Action.TAKE_OUT),
        Action.GIVE_LOGIN,
    },
    "secretary": {
        *(Action.RECORD, Action.VOID, Action.PROPOSE_FINDING, Action.DECIDE_FINDING, Action.EXPORT, Action.TAKE_OUT),
        *(Action.SUBMIT_REVIEW, Action.APPROVE_REVIEW, Action.DECIDE_REVIEW, Action.CORRECT, Action.GIVE_LOGIN),
        Action.APPOINT_STAND_IN,
    },
    "committee_member": {
        *(Action.APPROVE_OWN_LINE, Action.DECIDE_REVIEW, Action.CORRECT, Action.DECIDE_FOR_SECRETARY),
    },
    "assistant": {Action.DRAFT},
}


# In the branches below, and not in their own.
RIGHTS_FROM_ABOVE = {"recorder": {Action.GUIDE}, "secretary": {Action.GUIDE}}


def test_the_table_of_rights_is_the_one_written_here() -> None:
    for role, rights in BRANCH_RIGHTS.items():
        written = {Action.READ} | rights | RIGHTS_FROM_ABOVE.get(role, set())
        assert {action for action, roles in BRANCH_ROLES_FOR.items() if role in roles} | {Action.READ} == written
    assert set(BRANCH_ROLES_FOR) == set(Action)


@who
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.READ])
def test_what_each_role_may_do(role: str, action: Action, cast: Cast) -> None:
    user: User = getattr(cast, role)
    takes_along = role == "supervisor" and action is Action.TAKE_OUT
    reach = READS[role] if role.startswith("committee") or takes_along else DOES[role]
    if reach in ("branch a", "branch b", "other branch"):
        kind = {"secretary": "secretary", "committee": "committee_member"}.get(role.split("_")[0], "recorder")
        reach = reach if action in BRANCH_RIGHTS[kind] else "nothing"
    places = PLACES[reach]
    assert names(branches_for(user, on=TODAY, action=action)) == places.branches
    assert names(members_for(user, on=TODAY, action=action)) == places.members
    for branch in (cast.branch_a, cast.branch_b, cast.other_branch):
        assert may(user, action, branch, on=TODAY) == (branch.name in places.branches)
    for town in (cast.town, cast.other_town):
        over_town = reach in ("town", "other town") and town.name in places.towns
        assert may(user, action, None, on=TODAY, town=town) == over_town
    assert not may(user, action, None, on=TODAY)
    for member in (cast.member_a, cast.member_b, cast.other_member, cast.left_a):
        if member.name in places.members:
            assert require_member_action(user, action, member, on=TODAY) == (
                None if member == cast.left_a else member.memberships.get().branch
            )
        else:
            with pytest.raises(PermissionDenied):
                require_member_action(user, action, member, on=TODAY)


@pytest.fixture
def rows(cast: Cast) -> dict[str, set[str]]:
    """One row of every kind for each branch's first member; what each reach may read, by uuid."""
    readable: dict[str, set[str]] = {"branch a": set(), "branch b": set(), "other branch": set()}
    for reach, branch, member, actor in (
        ("branch a", cast.branch_a, cast.member_a, cast.recorder_a),
        ("branch b", cast.branch_b, cast.member_b, cast.recorder_b),
        ("other branch", cast.other_branch, cast.other_member, cast.other_recorder),
    ):
        batch = make_batch(actor, branch.town, branch)
        meeting = Meeting.objects.create(batch=batch, branch=branch, held_on=TODAY)
        fields = {"batch": batch, "member": member}
        finding = fields | {"date": TODAY, "particulars": "x"}
        made: list[Any] = [
            batch,
            meeting,
            make_event(batch, member),
            Attendance.objects.create(meeting=meeting, status="attended", **fields),
            Deduction.objects.create(item="rumour", **finding),
            VetoRecord.objects.create(ground="cult", year=2026, **finding),
            Exemption.objects.create(
                member=member, ground="unable", applied_on=TODAY, decided_on=TODAY, from_date=TODAY
            ),
        ]
        readable[reach] = {str(row.uuid) for row in made}
    readable["town"] = readable["branch a"] | readable["branch b"]
    readable["other town"] = readable["other branch"]
    readable["nothing"] = set()
    return readable


SCOPED = (RecordBatch, Meeting, PointEvent, Attendance, Deduction, VetoRecord, Exemption)


@who
def test_rows_of_every_kind_are_read_within_reach(role: str, cast: Cast, rows: dict[str, set[str]]) -> None:
    user: User = getattr(cast, role)
    found = {str(row.uuid) for model in SCOPED for row in rows_for(user, model._default_manager.all(), on=TODAY)}
    assert found == rows[READS[role]]
    changeable = {
        str(row.uuid)
        for model in SCOPED
        for row in rows_for(user, model._default_manager.all(), on=TODAY, action=Action.RECORD)
    }
    assert changeable == rows[DOES[role]]


@who
def test_an_object_is_there_changeable_or_not_at_all(role: str, cast: Cast, rows: dict[str, set[str]]) -> None:
    user: User = getattr(cast, role)
    event = PointEvent.objects.get(member=cast.member_a)

    def fetch(action: Action) -> PointEvent:
        return object_for(user, PointEvent.objects.all(), on=TODAY, action=action, uuid=event.uuid)

    readable = str(event.uuid) in rows[READS[role]]
    if not readable:
        for action in (Action.READ, Action.VOID):
            with pytest.raises(Http404):
                fetch(action)
        return
    assert fetch(Action.READ) == event
    if DOES[role] == "nothing":
        with pytest.raises(PermissionDenied) as refusal:
            fetch(Action.VOID)
        assert str(refusal.value)
    else:
        assert fetch(Action.VOID) == event


def test_a_model_that_says_nothing_of_access_cannot_be_reached(cast: Cast) -> None:
    with pytest.raises(AttributeError):
        rows_for(cast.staff, AuditEntry.objects.all(), on=TODAY)


def test_a_batch_over_branches_is_for_the_town(cast: Cast) -> None:
    make_batch(cast.staff, cast.town)
    readers = {role for role in EVERYBODY if rows_for(getattr(cast, role), RecordBatch.objects.all(), on=TODAY)}
    assert readers == {"system", "staff", "supervisor"}


def test_nobody_and_the_disabled_reach_nothing(cast: Cast) -> None:
    cast.staff.is_active = False
    cast.staff.save()
    for user in (AnonymousUser(), User.objects.get(pk=cast.staff.pk)):
        assert not members_for(user, on=TODAY).exists()
        assert not towns_for(user, on=TODAY).exists()
        assert not reach_of(user, on=TODAY).is_worker


def test_a_superuser_is_staff_of_every_town_and_changes_no_other_rule(cast: Cast) -> None:
    root = make_user("root", is_superuser=True)
    assert names(towns_for(root, on=TODAY)) == {"甲镇", "乙镇"}
    assert may(root, Action.KEEP_ROSTER, None, on=TODAY, town=cast.other_town)


def test_a_system_account_is_staff_of_its_own_town_alone(cast: Cast) -> None:
    assert not may(cast.system, Action.READ, None, on=TODAY, town=cast.other_town)


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 2, 28), True), (date(2026, 3, 1), False)],
)
def test_a_role_lasts_from_its_first_day_up_to_the_first_without_it(day: date, works: bool, cast: Cast) -> None:
    for role, place in (
        (Role.RECORDER, {"branch": cast.branch_a}),
        (Role.TOWN_STAFF, {"town": cast.town}),
    ):
        user = make_user(f"temporary-{role}")
        appoint(user, role, since=date(2026, 1, 1), until=date(2026, 3, 1), **place)
        assert may(user, Action.RECORD, cast.branch_a, on=day) == works
        assert members_for(user, on=day).exists() == works


def test_reach_is_read_anew_for_another_day(cast: Cast) -> None:
    user = make_user("temporary")
    appoint(user, Role.RECORDER, branch=cast.branch_a, until=TODAY)
    assert may(user, Action.RECORD, cast.branch_a, on=TODAY - timedelta(days=1))
    assert not may(user, Action.RECORD, cast.branch_a, on=TODAY)


def test_roles_in_two_branches_add_up_and_do_not_mix(cast: Cast) -> None:
    appoint(cast.committee_a, Role.RECORDER, branch=cast.branch_b)
    assert names(members_for(cast.committee_a, on=TODAY)) == PLACES["town"].members - {"王五"}
    assert names(branches_for(cast.committee_a, on=TODAY, action=Action.RECORD)) == {"二支部"}


def test_members_are_reached_where_they_are_that_day(cast: Cast) -> None:
    make_membership(cast.member_a, cast.branch_b, TODAY, Membership.Why.MOVED)
    yesterday = TODAY - timedelta(days=1)
    for user, before, after in ((cast.recorder_a, True, False), (cast.recorder_b, False, True)):
        for day, there in ((yesterday, before), (TODAY, after)):
            assert members_for(User.objects.get(pk=user.pk), on=day).filter(pk=cast.member_a.pk).exists() == there


def test_an_officer_of_a_general_branch_reads_below_and_records_only_there(cast: Cast) -> None:
    general = make_branch(cast.town, "总支")
    below = make_branch(cast.town, "四支部", parent=general)
    deep = make_branch(cast.town, "五支部", parent=below)
    for branch in (below, deep):
        make_member(branch, f"{branch.name}党员")
    officer = make_user("general")
    appoint(officer, Role.SECRETARY, branch=general)
    assert names(branches_for(officer, on=TODAY)) == {"总支", "四支部", "五支部"}
    assert names(members_for(officer, on=TODAY)) == {"四支部党员", "五支部党员"}
    assert names(branches_for(officer, on=TODAY, action=Action.RECORD)) == {"总支"}
    assert not members_for(officer, on=TODAY, action=Action.RECORD).exists()
    assert names(branches_for(officer, on=TODAY, action=Action.GUIDE)) == {"四支部", "五支部"}


def test_who_holds_offices_at_two_heights_remarks_below_the_higher_one_alone(cast: Cast) -> None:
    """An assistant above and a secretary below is no overseer of their own branch; a secretary above is, and deeper."""
    general = make_branch(cast.town, "总支")
    below = make_branch(cast.town, "四支部", parent=general)
    deep = make_branch(cast.town, "五支部", parent=below)
    assert deep.parent == below
    for role, guided in ((Role.ASSISTANT, {"五支部"}), (Role.SECRETARY, {"四支部", "五支部"})):
        officer = make_user(f"officer-{role}")
        appoint(officer, role, branch=general)
        appoint(officer, Role.SECRETARY, branch=below)
        assert names(branches_for(officer, on=TODAY, action=Action.GUIDE)) == guided
        assert names(branches_for(officer, on=TODAY)) == {"总支", "四支部", "五支部"}


def test_branches_that_name_each_other_as_parents_do_not_hang(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch_a.pk).update(parent=cast.branch_b)
    Branch.objects.filter(pk=cast.branch_b.pk).update(parent=cast.branch_a)
    assert names(branches_for(cast.recorder_a, on=TODAY)) == {"一支部", "二支部"}
    assert names(branches_for(cast.recorder_a, on=TODAY, action=Action.GUIDE)) == {"二支部"}


def _finding(cast: Cast, actor: User, member: Member) -> Deduction:
    return propose_deduction(
        actor=actor, now=NOW, member=member, item="gambling", date=TODAY, particulars="派出所通报", papers="核实材料"
    )


@pytest.mark.parametrize(
    ("role", "knows", "reads"),
    [
        ("system", True, False),
        ("staff", True, False),  # the town knows of it; to read it they state a reason (D21)
        ("supervisor", True, False),
        ("recorder_a", True, True),  # proposed it
        ("secretary_a", True, True),
        ("committee_a", True, True),
        ("member_user_a", False, False),  # it is about them: once they are told
        ("recorder_b", False, False),
        ("secretary_b", False, False),
        ("outsider", False, False),
        ("other_staff", False, False),
    ],
)
def test_who_knows_of_a_finding_and_who_reads_its_ground(role: str, knows: bool, reads: bool, cast: Cast) -> None:
    finding = _finding(cast, cast.recorder_a, cast.member_a)
    user: User = getattr(cast, role)
    assert findings_for(user, Deduction.objects.all(), on=TODAY).exists() == knows
    assert may_read_grounds(user, finding, on=TODAY) == reads


def test_a_member_reads_the_ground_of_their_own_finding_once_told(cast: Cast) -> None:
    finding = _finding(cast, cast.recorder_a, cast.member_a)
    assert not readable_grounds_for(cast.member_user_a, Deduction.objects.all(), on=TODAY).exists()
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=TODAY)
    finding.refresh_from_db()
    assert may_read_grounds(cast.member_user_a, finding, on=TODAY)
    assert readable_grounds_for(cast.member_user_a, Deduction.objects.all(), on=TODAY).get() == finding
    assert not may_read_grounds(cast.member_user_b, finding, on=TODAY)


def test_a_recorder_knows_only_of_findings_they_proposed(cast: Cast) -> None:
    finding = _finding(cast, cast.secretary_a, cast.member_a)
    assert not findings_for(cast.recorder_a, Deduction.objects.all(), on=TODAY).exists()
    assert not may_read_grounds(cast.recorder_a, finding, on=TODAY)


def test_a_proposer_loses_sight_of_a_member_who_moved_away(cast: Cast) -> None:
    finding = _finding(cast, cast.recorder_a, cast.member_a)
    make_membership(cast.member_a, cast.branch_b, TODAY, Membership.Why.MOVED)
    assert not findings_for(cast.recorder_a, Deduction.objects.all(), on=TODAY).exists()
    assert not may_read_grounds(cast.recorder_a, finding, on=TODAY)
    assert may_read_grounds(cast.secretary_b, finding, on=TODAY)
