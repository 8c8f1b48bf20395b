"""What a user may see and do, answered here alone, from appointments on a day.

What is outside a user's reach does not exist for them (404); what they see but may not change is refused (403). Lists,
searches, autocompletes, foreign keys on write, imports, exports and files all ask here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from members.errors import NotAllowed
from members.models import Appointment, Branch, Member, Town, User
from members.selectors import branch_on, members_in

ModelT = TypeVar("ModelT", bound=Model)
Role = Appointment.Role


class Action(StrEnum):
    """What somebody may want to do to a branch's rows."""

    READ = "read"
    RECORD = "record"
    VOID = "void"
    PROPOSE_FINDING = "propose_finding"
    DECIDE_FINDING = "decide_finding"
    DECIDE_FOR_SECRETARY = "decide_for_secretary"
    KEEP_ROSTER = "keep_roster"
    SUBMIT_REVIEW = "submit_review"
    APPROVE_REVIEW = "approve_review"
    DECIDE_REVIEW = "decide_review"
    APPROVE_OWN_LINE = "approve_own_line"
    CORRECT = "correct"
    CONSENT = "consent"
    EXPORT = "export"
    TAKE_OUT = "take_out"
    DRAFT = "draft"
    GUIDE = "guide"
    GIVE_LOGIN = "give_login"
    APPOINT_STAND_IN = "appoint_stand_in"
    KEEP_ACCOUNTS = "keep_accounts"
    CONFIRM_ROLE = "confirm_role"
    VERIFY = "verify"


BRANCH_ROLES_FOR: Mapping[Action, frozenset[str]] = {
    Action.READ: frozenset({Role.RECORDER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ASSISTANT}),
    Action.RECORD: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.VOID: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.PROPOSE_FINDING: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.DECIDE_FINDING: frozenset({Role.SECRETARY}),
    Action.DECIDE_FOR_SECRETARY: frozenset({Role.COMMITTEE_MEMBER}),
    Action.KEEP_ROSTER: frozenset(),
    Action.SUBMIT_REVIEW: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.APPROVE_REVIEW: frozenset({Role.SECRETARY}),
    Action.DECIDE_REVIEW: frozenset({Role.SECRETARY, Role.COMMITTEE_MEMBER}),
    Action.APPROVE_OWN_LINE: frozenset({Role.COMMITTEE_MEMBER}),
    Action.CORRECT: frozenset({Role.SECRETARY, Role.COMMITTEE_MEMBER}),
    Action.CONSENT: frozenset(),
    Action.EXPORT: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.TAKE_OUT: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.DRAFT: frozenset({Role.ASSISTANT}),
    Action.GUIDE: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.GIVE_LOGIN: frozenset({Role.RECORDER, Role.SECRETARY}),
    Action.APPOINT_STAND_IN: frozenset({Role.SECRETARY}),
    Action.KEEP_ACCOUNTS: frozenset(),
    Action.CONFIRM_ROLE: frozenset(),
    Action.VERIFY: frozenset(),
}
"""Branch roles that may do each thing in their own branch; town staff may do all of them.

EXPORT makes files of everything recorded, with what a person is told apart by; TAKE_OUT a list or a paper of what the
screen shows, numbers masked as there. GUIDE is done from above: in the branches below the role's, and not in its own.
"""

ADMINISTRATOR_FOR: Mapping[Action, Role] = {
    Action.KEEP_ACCOUNTS: Role.SYSTEM_ADMIN,
    Action.GIVE_LOGIN: Role.SYSTEM_ADMIN,
    Action.CONFIRM_ROLE: Role.SECURITY_ADMIN,
    Action.VERIFY: Role.AUDIT_ADMIN,
}
"""Which of the town's administrators may do a thing beside its staff; anything else none of them may."""

SUPERVISORS_MAY = frozenset({Action.READ, Action.TAKE_OUT})
"""What a town's supervisor may do (5.3): reading, and taking along what they read."""

COMMITTEE_ROLES = frozenset({Role.SECRETARY, Role.COMMITTEE_MEMBER})


@dataclass(frozen=True, slots=True)
class Reach:
    """What one user's appointments add up to on one day."""

    day: date
    member_id: int | None = None
    staff_towns: frozenset[int] = frozenset()
    supervised_towns: frozenset[int] = frozenset()
    branch_roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    readable_branches: frozenset[int] = frozenset()
    """Branches with a role, and those below a general branch with one."""
    guided_branches: frozenset[int] = frozenset()
    """Those below a general branch with one of the roles that remark on its branches' halves (5.3)."""
    administered: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The towns of which the user is one of the three administrators, by the role."""
    audited_towns: frozenset[int] = frozenset()
    """Towns with an audit administrator in office, whoever that is."""

    @property
    def read_towns(self) -> frozenset[int]:
        return self.staff_towns | self.supervised_towns

    @property
    def administered_towns(self) -> frozenset[int]:
        return frozenset().union(*self.administered.values())

    @property
    def account_towns(self) -> frozenset[int]:
        """Towns whose accounts and appointments the user sees: all of the town's roles but the audit administrator."""
        kept, confirmed = self.towns_with(Action.KEEP_ACCOUNTS), self.towns_with(Action.CONFIRM_ROLE)
        return self.supervised_towns | kept | confirmed

    @property
    def log_towns(self) -> frozenset[int]:
        """Towns whose logs are the user's to read: the audit administrator's, its staff's only while there is none."""
        return self.supervised_towns | self.towns_with(Action.VERIFY)

    @property
    def works_on_points(self) -> bool:
        """Has a role in a branch, or over a town and its points; the three administrators have none."""
        return bool(self.read_towns or self.branch_roles)

    @property
    def is_worker(self) -> bool:
        """Has any appointment: the workbench is theirs to enter."""
        return self.works_on_points or bool(self.administered)

    def towns_with(self, action: Action) -> frozenset[int]:
        """Towns over which the user may do `action`; where somebody audits, that is not the staff's."""
        if action in SUPERVISORS_MAY:
            return self.read_towns
        role = ADMINISTRATOR_FOR.get(action)
        staff = self.staff_towns - self.audited_towns if action is Action.VERIFY else self.staff_towns
        return staff | (self.administered.get(role, frozenset()) if role else frozenset())

    def branches_with(self, roles: frozenset[str]) -> list[int]:
        return sorted(branch for branch, held in self.branch_roles.items() if held & roles)

    def branches_to(self, action: Action) -> list[int]:
        """The branches that the user's own branch roles let them do `action` in; what a general branch reads aside."""
        return sorted(self.guided_branches) if action is Action.GUIDE else self.branches_with(BRANCH_ROLES_FOR[action])


def _branches_below(roots: Iterable[int]) -> dict[int, set[int]]:
    """Each branch below some of `roots`, with those it is below; read level by level (a town has two or three)."""
    found: dict[int, set[int]] = defaultdict(set)
    frontier = {root: {root} for root in roots}
    while frontier:
        children = list(Branch.objects.filter(parent__in=frontier).values_list("pk", "parent"))
        above = frontier
        frontier = defaultdict(set)
        for child, parent in children:
            assert parent is not None, "the query asks for children of branches"
            if further := above[parent] - found[child] - {child}:
                found[child] |= further
                frontier[child] |= further
    return found


def _read_roles(user: User, *, on: date) -> tuple[dict[str, set[int]], dict[int, set[str]], set[int]]:
    """The towns of each role over a town, the roles in each branch, and the towns that have an audit administrator."""
    over_towns: dict[str, set[int]] = defaultdict(set)
    in_branches: dict[int, set[str]] = defaultdict(set)
    audited: set[int] = set()
    audits = Q(role=Role.AUDIT_ADMIN, user__is_active=True)
    rows = Appointment.objects.on(on).filter(Q(user=user) | audits)
    for user_id, town_id, branch_id, role in rows.values_list("user_id", "town_id", "branch_id", "role"):
        if role == Role.AUDIT_ADMIN:
            audited.add(town_id)
        if user_id == user.pk and branch_id is not None:
            in_branches[branch_id].add(role)
        elif user_id == user.pk:
            over_towns[role].add(town_id)
    return over_towns, in_branches, audited


def reach_of(user: User | AnonymousUser, *, on: date) -> Reach:
    """The user's reach on a day, read once per user object; a limited account has none but its owner's own (D29)."""
    if isinstance(user, User) and user.is_active and user.is_limited:
        return Reach(on, user.member_id)
    if not isinstance(user, User) or not user.is_active:
        return Reach(on)
    cached = getattr(user, "cached_reach", None)
    if cached is not None and cached.day == on:
        assert isinstance(cached, Reach)
        return cached
    over_towns, roles, audited = _read_roles(user, on=on)
    staff = over_towns[Role.TOWN_STAFF]
    if user.is_superuser:
        staff |= set(Town.objects.values_list("pk", flat=True))
    if user.is_system and user.town_id is not None:
        staff.add(user.town_id)
    below = _branches_below(roles)
    guiding = {branch for branch, held in roles.items() if held & BRANCH_ROLES_FOR[Action.GUIDE]}
    reach = Reach(
        on,
        user.member_id,
        frozenset(staff),
        frozenset(over_towns[Role.SUPERVISOR]),
        {branch: frozenset(held) for branch, held in roles.items()},
        frozenset(roles) | frozenset(below),
        frozenset(branch for branch, above in below.items() if above & guiding),
        {role: frozenset(over_towns[role]) for role in Appointment.ADMINISTRATORS if role in over_towns},
        frozenset(audited),
    )
    user.cached_reach = reach  # type: ignore[attr-defined]
    return reach


def towns_for(user: User | AnonymousUser, *, on: date, action: Action = Action.READ) -> QuerySet[Town]:
    """Towns over which, or in a branch of which, the user may do `action`."""
    of_branches = branches_for(user, on=on, action=action).values("town")
    return Town.objects.filter(Q(pk__in=reach_of(user, on=on).towns_with(action)) | Q(pk__in=of_branches))


def branches_for(user: User | AnonymousUser, *, on: date, action: Action = Action.READ) -> QuerySet[Branch]:
    """Branches in which the user may do `action`."""
    reach = reach_of(user, on=on)
    if action is Action.READ:
        return Branch.objects.filter(Q(town__in=reach.read_towns) | Q(pk__in=reach.readable_branches))
    return Branch.objects.filter(Q(town__in=reach.towns_with(action)) | Q(pk__in=reach.branches_to(action)))


def members_for(user: User | AnonymousUser, *, on: date, action: Action = Action.READ) -> QuerySet[Member]:
    """Members the user may do `action` to: of the town for town roles, else of their branches on the day."""
    reach = reach_of(user, on=on)
    towns = reach.towns_with(action)
    branches = reach.readable_branches if action is Action.READ else reach.branches_to(action)
    if not branches:
        return Member.objects.filter(town__in=towns)
    return Member.objects.filter(Q(town__in=towns) | Q(pk__in=members_in(branches, on).values("pk")))


def rows_for(
    user: User | AnonymousUser, queryset: QuerySet[ModelT], *, on: date, action: Action = Action.READ
) -> QuerySet[ModelT]:
    """Rows of any model that declares `access_path`: the path to its member or branch ("" for those two themselves).

    Rows without a branch (a batch over several branches, an unlinked row) are for the town's own roles. A model with a
    `holder_path` belongs to the branch at its end, which reads its rows beside the member's branch of today and alone
    changes them: an attendance is the business of the branch that held the meeting, wherever the member is now.
    """
    model = queryset.model
    path: str = getattr(model, "access_path")  # noqa: B009 (a model without one must not be reachable at all)
    reach = reach_of(user, on=on)
    holder_path: str = getattr(model, "holder_path", "")
    if holder_path:
        held = Q(**{f"{holder_path}__in": branches_for(user, on=on, action=action).values("pk")})
        if action is Action.READ:
            held |= Q(**{f"{path}__in": members_for(user, on=on).values("pk")})
        return queryset.filter(held)
    if model is Member or path.endswith("member"):
        allowed = members_for(user, on=on, action=action)
        return queryset.filter(**{f"{path}__in" if path else "pk__in": allowed.values("pk")})
    branches = branches_for(user, on=on, action=action).values("pk")
    if model is Branch:
        return queryset.filter(pk__in=branches)
    reachable = Q(**{f"{path}__in": branches})
    if any(field.name == "town" for field in model._meta.get_fields()):
        reachable |= Q(town__in=reach.towns_with(action))
    return queryset.filter(reachable)


def town_rows_for(
    user: User | AnonymousUser, queryset: QuerySet[ModelT], *, on: date, action: Action
) -> QuerySet[ModelT]:
    """Rows about people that a town keeps without a member or branch (its accounts): for who may over the town alone.

    Those that name a branch (appointments) are also for who may do `action` there.
    """
    allowed = Q(town__in=reach_of(user, on=on).towns_with(action))
    if any(field.name == "branch" for field in queryset.model._meta.get_fields()):
        allowed |= Q(branch__in=branches_for(user, on=on, action=action).values("pk"))
    return queryset.filter(allowed)


def findings_for(user: User | AnonymousUser, queryset: QuerySet[ModelT], *, on: date) -> QuerySet[ModelT]:
    """Deductions or vetoes the user may know of: the committee of the member's branch, whoever proposed them, the town.

    Knowing of one is not reading its ground: see `may_read_grounds` (D21).
    """
    reach = reach_of(user, on=on)
    committee = reach.branches_with(COMMITTEE_ROLES)
    return queryset.filter(
        Q(member__town__in=reach.read_towns)
        | Q(member__in=members_in(committee, on).values("pk"))
        | Q(batch__actor=user.pk, member__in=members_for(user, on=on).values("pk"))
    )


def known_to_member(path: str = "") -> Q:
    """The condition that the member knows of a finding, as `Finding.is_known_to_member`; `path` leads to it."""
    prefix = f"{path}__" if path else ""
    return Q((f"{prefix}notified_on__isnull", False)) | Q((f"{prefix}confirmed_at__isnull", False))


def may_read_grounds(user: User | AnonymousUser, finding: Any, *, on: date) -> bool:
    """Whether the ground and particulars of a finding are this user's without further ado (D21).

    The member once told of it (or once it is confirmed, as imported ones are), the committee of the member's branch and
    whoever proposed it; others need the permission `members.view_finding_grounds` and state a reason, which is logged.
    """
    reach = reach_of(user, on=on)
    if reach.member_id is not None and reach.member_id == finding.member_id:
        return bool(finding.is_known_to_member)
    if finding.batch.actor_id == user.pk and members_for(user, on=on).filter(pk=finding.member_id).exists():
        return True
    committee = reach.branches_with(COMMITTEE_ROLES)
    return bool(committee) and members_in(committee, on).filter(pk=finding.member_id).exists()


def holds_grounds_permission(user: User | AnonymousUser, town: Town) -> bool:
    """Whether the permission to read grounds is the user's, or the user is the town's own account (D21).

    It opens no row by itself: what is outside the user's reach stays outside.
    """
    if not isinstance(user, User) or not user.is_active:
        return False
    return (user.is_system and user.town_id == town.pk) or user.has_perm("members.view_finding_grounds")


def readable_grounds_for(
    user: User | AnonymousUser, queryset: QuerySet[ModelT], *, on: date, by_permission: bool = False
) -> QuerySet[ModelT]:
    """Findings whose ground and particulars the user may read: those of `may_read_grounds`, in one query (D21).

    `by_permission`: all the user may know of; the caller has asked `holds_grounds_permission` and logs the reason.
    """
    if by_permission:
        return findings_for(user, queryset, on=on)
    reach = reach_of(user, on=on)
    committee = reach.branches_with(COMMITTEE_ROLES)
    return queryset.filter(
        Q(member=reach.member_id) & known_to_member()
        | Q(member__in=members_in(committee, on).values("pk"))
        | Q(batch__actor=user.pk, member__in=members_for(user, on=on).values("pk"))
    )


def object_for(
    user: User | AnonymousUser,
    queryset: QuerySet[ModelT],
    *,
    on: date,
    action: Action = Action.READ,
    **lookup: Any,
) -> ModelT:
    """Fetch and authorise one row.

    Raises:
        Http404: it is not there, or outside the user's reach.
        PermissionDenied: the user may read it but not do `action` to it.
    """
    row = rows_for(user, queryset, on=on).filter(**lookup).first()
    if row is None:
        raise Http404
    if action is not Action.READ and not rows_for(user, queryset, on=on, action=action).filter(pk=row.pk).exists():
        raise PermissionDenied(_("You may read this but not change it. Ask the branch's recorder or secretary."))
    return row


def may(
    user: User | AnonymousUser, action: Action, branch: Branch | None, *, on: date, town: Town | None = None
) -> bool:
    """Whether the user may do `action` in a branch, or (branch None) over the whole town."""
    reach = reach_of(user, on=on)
    if branch is None:
        return town is not None and town.pk in reach.towns_with(action)
    return branches_for(user, on=on, action=action).filter(pk=branch.pk).exists()


def holds_office_for(user: User | AnonymousUser, action: Action, branch: Branch, *, on: date) -> bool:
    """Whether the user may do `action` in a branch as its officer, and not only as the town's staff."""
    return bool(reach_of(user, on=on).branch_roles.get(branch.pk, frozenset()) & BRANCH_ROLES_FOR[action])


def require_roster_keeper(user: User, town: Town, *, on: date) -> None:
    """Check that the actor keeps the town's roster (3.1).

    Raises:
        PermissionDenied: they do not.
    """
    if not may(user, Action.KEEP_ROSTER, None, on=on, town=town):
        raise PermissionDenied(_("Only town staff may change the roster."))


def require_branch_action(user: User, action: Action, branch: Branch, *, on: date) -> None:
    """Check that the actor may do `action` in a branch.

    Raises:
        PermissionDenied: they may not.
    """
    if not may(user, action, branch, on=on):
        raise PermissionDenied(
            _("The records of this branch are changed by its recorder or secretary, or the town's staff.")
        )


def require_member_action(user: User, action: Action, member: Member, *, on: date) -> Branch | None:
    """Check that the actor may do `action` to a member; returns the member's branch on the day.

    Raises:
        PermissionDenied: they may not.
    """
    if not members_for(user, on=on, action=action).filter(pk=member.pk).exists():
        raise PermissionDenied(
            _("For members of another branch its own recorder or secretary does this, or the town's staff.")
        )
    return branch_on(member, on)


def is_own_case(user: User | AnonymousUser, member: Member) -> bool:
    """Whether a decision about `member` would be one about the user themselves."""
    return isinstance(user, User) and user.member_id is not None and user.member_id == member.pk


def refuse_own_case(user: User, member: Member) -> None:
    """Nobody decides a finding or an exemption about themselves, whatever their role.

    Raises:
        NotAllowed: they would.
    """
    if is_own_case(user, member):
        raise NotAllowed(
            _("Nobody decides about themselves. Ask another officer of the branch's committee or the town's staff.")
        )
