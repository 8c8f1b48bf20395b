"""Keeping the roster (3.1): new members, and a probationary member's becoming a full one.

Moves, leaving and exemptions reach a score and live in `points.roster.moves`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.encryption import keyed_hash
from foundation.id_numbers import check_id_number
from foundation.names import name_initials, name_pinyin, normalise_name
from members.access import require_roster_keeper
from members.errors import RosterRefused
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Branch, Member, Membership, User
from members.selectors import branch_on


@dataclass(frozen=True, slots=True)
class MemberDetails:
    """What the roster says about a person, apart from where they belong; each field as in `Member`."""

    name: str
    category: Member.Category
    sex: str = ""
    ethnicity: str = ""
    id_number: str = ""
    birth_date: date | None = None
    joined_on: date | None = None
    full_since: date | None = None
    phone: str = ""
    party_group: str = ""
    branch_post: str = ""
    party_standing: str = ""
    floating: str = ""
    out_of_contact: str = ""


class Joining(NamedTuple):
    """Somebody new who is to belong to a branch from a day on."""

    branch_id: int
    from_date: date


class JoinRefusal(NamedTuple):
    """Why somebody cannot join from that day on, and what to do instead."""

    message: str
    remedy: str


JoinGuard = Callable[[Sequence[Joining]], Sequence[JoinRefusal | None]]
"""What forbids each joining, None where nothing does: whoever scores halves says which of them are closed (D20)."""


def create_member(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    details: MemberDetails,
    from_date: date,
    why: Membership.Why,
    guard: JoinGuard,
) -> Member:
    """Put a person on the roster of a branch from a day on, last in its order.

    The name gets its one spelling and its pinyin; date of birth and sex come from the ID number where it is given.

    Raises:
        PermissionDenied, CellError (an ID number that cannot be one).
        RosterRefused: no name, a day to come, a leaving as the reason, an ID number the town already has, details
            that contradict it, or the `guard` forbids the day.
    """
    town = branch.town
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    if from_date > timezone.localdate(now):
        raise RosterRefused(_("Enter a member on the day they come, not before."))
    if why in Membership.LEAVING:
        raise RosterRefused(_("Nobody comes onto the roster by leaving; choose how the member came."))
    columns = asdict(details) | _identify(details)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=())
        (refusal,) = guard([Joining(branch.pk, from_date)])
        if refusal is not None:
            raise RosterRefused(f"{refusal.message}{refusal.remedy}")
        last = Member.objects.filter(town=town).aggregate(last=Max("position"))["last"] or 0
        try:
            with transaction.atomic():
                member = Member.objects.create(town=town, position=last + 1, **columns)
        except IntegrityError as error:
            raise RosterRefused(
                _("Somebody with the ID number of %(name)s is on the town's roster already; move them instead.")
                % {"name": columns["name"]}
            ) from error
        Membership.objects.create(member=member, branch=branch, from_date=from_date, why=why)
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="create_member",
            subject=member,
            new={"name": member.name, "branch": branch.name, "from": from_date.isoformat(), "why": why},
        )
    return member


def _identify(details: MemberDetails) -> dict[str, str | date | None]:
    """The columns that say who somebody is: name, pinyin, and what the ID number and phone give."""
    name = normalise_name(details.name)
    if not name:
        raise RosterRefused(_("Give the member's name."))
    number, birth_date, sex = "", details.birth_date, details.sex
    if details.id_number:
        checked = check_id_number(details.id_number)
        if birth_date not in (None, checked.birth_date) or sex not in ("", checked.sex):
            raise RosterRefused(
                _("The ID number of %(name)s says another date of birth or sex. Compare it with the ID card.")
                % {"name": name}
            )
        number, birth_date, sex = checked.number, checked.birth_date, checked.sex
    return {
        "name": name,
        "pinyin": name_pinyin(name),
        "initials": name_initials(name),
        "id_number": number,
        "id_number_hash": keyed_hash(number),
        "birth_date": birth_date,
        "sex": sex,
        "phone_hash": keyed_hash(details.phone),
    }


def make_full_member(*, actor: User, now: datetime, member: Member, full_since: date) -> None:
    """A probationary member has become a full one (转正).

    Raises:
        PermissionDenied.
        RosterRefused: a full member already, a day to come, or a day before they joined.
    """
    require_roster_keeper(actor, member.town, on=timezone.localdate(now))
    if full_since > timezone.localdate(now) or (member.joined_on is not None and full_since < member.joined_on):
        raise RosterRefused(_("A member becomes a full one after joining, and it is entered on that day or later."))
    with transaction.atomic():
        branch = branch_on(member, full_since)
        lock_for_score(branch_ids=[branch.pk] if branch else [], member_ids=[member.pk])
        changed = Member.objects.filter(pk=member.pk, category=Member.Category.PROBATIONARY).update(
            category=Member.Category.FULL, full_since=full_since
        )
        if not changed:
            raise RosterRefused(_("%(name)s is a full member already.") % {"name": member.name})
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="make_full_member",
            subject=member,
            old={"category": Member.Category.PROBATIONARY},
            new={"category": Member.Category.FULL, "full_since": full_since.isoformat()},
        )
    member.refresh_from_db(fields=["category", "full_since"])
