"""The accounts of the demonstration: one to log in with for each role, and every branch's own officers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.accounts.changing import set_ground_reading
from members.accounts.creating import appoint, create_user
from members.models import Appointment, User
from members.models.accounts import DEMONSTRATION_PASSWORD
from scoring_site.demonstration.people.roster import BRANCHES
from scoring_site.demonstration.people.townsfolk import Townsfolk

SHOWN_BRANCH = "taoyuan"
GENERAL = "general"

Role = Appointment.Role


class Account(NamedTuple):
    """An account somebody looking around logs in with; `seat` is the member's key, `where` the branch's."""

    username: str
    role: Role | None
    where: str
    seat: str
    name: str
    shown_as: str

    @property
    def label(self) -> str:
        return _(self.shown_as)


ACCOUNTS = (
    Account("staff", Role.TOWN_STAFF, "", "", "秦淑云", gettext_noop("town staff")),
    Account("supervisor", Role.SUPERVISOR, "", "", "严正清", gettext_noop("supervisor")),
    Account(
        "general",
        Role.SECRETARY,
        GENERAL,
        "",
        "温庆和",
        gettext_noop("secretary of the general branch"),
    ),
    Account("secretary", Role.SECRETARY, SHOWN_BRANCH, "taoyuan-0", "", gettext_noop("secretary")),
    Account("recorder", Role.RECORDER, SHOWN_BRANCH, "taoyuan-1", "", gettext_noop("recorder")),
    Account(
        "committee",
        Role.COMMITTEE_MEMBER,
        SHOWN_BRANCH,
        "taoyuan-2",
        "",
        gettext_noop("committee member"),
    ),
    Account("assistant", Role.ASSISTANT, SHOWN_BRANCH, "assistant", "", gettext_noop("assistant")),
    Account("member", None, SHOWN_BRANCH, "member", "", gettext_noop("member")),
)


def create_town_accounts(folk: Townsfolk, *, now: datetime) -> None:
    """The town's own accounts, made by its system account; the staff keep the roster and let vetoes through."""
    for account in ACCOUNTS:
        if account.role in Appointment.TOWN_ROLES:
            _create(folk, account, actor=folk.system, now=now)
    set_ground_reading(actor=folk.system, now=now, user=folk.users["staff"], allowed=True)


def create_branch_accounts(folk: Townsfolk, *, now: datetime) -> None:
    """The branches' officers. Those of other branches than the one shown cannot log in: they have no password."""
    for account in ACCOUNTS:
        if account.role not in Appointment.TOWN_ROLES:
            _create(folk, account, actor=folk.staff, now=now)
    for plan in BRANCHES:
        # Without a committee the secretary records too (D19).
        offices = (Role.SECRETARY, Role.RECORDER) if plan.has_committee else (Role.SECRETARY,)
        officers = [_find_officer(folk, plan.key, role, seat, now=now) for seat, role in enumerate(offices)]
        folk.secretaries[plan.key], folk.recorders[plan.key] = officers[0], officers[-1]


def _find_officer(folk: Townsfolk, branch: str, role: Appointment.Role, seat: int, *, now: datetime) -> User:
    if branch == SHOWN_BRANCH:
        return folk.users[role]
    officer = Account(f"{role}-{branch}", role, branch, f"{branch}-{seat}", "", "")
    return _create(folk, officer, actor=folk.staff, now=now, password=None)


def _create(
    folk: Townsfolk, account: Account, *, actor: User, now: datetime, password: str | None = DEMONSTRATION_PASSWORD
) -> User:
    user = create_user(
        actor=actor,
        now=now,
        town=folk.town,
        username=account.username,
        name=account.name,
        member=folk.members[account.seat] if account.seat else None,
    )
    if password is not None:
        # Known to everybody, and so no password that the verb would take from anybody real.
        user.set_password(password)
        user.save(update_fields=["password"])
    if account.role:
        appoint(
            actor=actor,
            now=now,
            user=user,
            role=account.role,
            town=folk.town,
            branch=folk.branches[account.where] if account.where else None,
            from_date=now.date(),
        )
    folk.users[account.username] = user
    return user
