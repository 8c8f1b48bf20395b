"""Reading the roster: who belongs to which branch on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower, Replace

from members.models import Appointment, Branch, Exemption, Member, Membership, Town, User

LONGEST_SOUGHT = 300
"""Characters: more than the longest name, or its pinyin, has."""


def branch_subquery(day: date, value: str = "branch_id", *, member: str = "pk") -> Subquery:
    """What there is to know of a member's branch on a day (`branch__name` …); `member` is the outer row's column."""
    return Subquery(Membership.objects.filter(member=OuterRef(member)).until(day).values(value)[:1])


def with_branch_on(members: QuerySet[Member], day: date) -> QuerySet[Member]:
    """Annotate `branch_id_on_day`: the branch that counts on `day`, or NULL for someone not on the roster then."""
    return members.annotate(branch_id_on_day=branch_subquery(day))


def members_in(branches: Iterable[int] | QuerySet[Branch], day: date) -> QuerySet[Member]:
    """The members whose branch on `day` is one of `branches`."""
    with_branch: QuerySet[Member] = with_branch_on(Member.objects.all(), day)
    return with_branch.filter(branch_id_on_day__in=branches)  # type: ignore[misc] # an annotation


def expected_in(branch_id: int, day: date) -> QuerySet[Member]:
    """Whom a branch's meeting on a day is for: in the branch then, and not exempt (D15), in roster order."""
    exempt = Exemption.objects.on(day).values("member")
    return members_in([branch_id], day).exclude(pk__in=exempt).order_by("position", "id")


def branch_on(member: Member, day: date) -> Branch | None:
    """The member's branch on `day`; None before the first membership or after leaving."""
    row = member.memberships.until(day).select_related("branch").first()
    return row.branch if row else None


def last_branch_on(member_id: int, day: date) -> Branch | None:
    """The member's branch on a day; of somebody who left before it, the one they were in last."""
    rows = Membership.objects.filter(member=member_id, branch__isnull=False).until(day)
    row = rows.select_related("branch").first()
    return row.branch if row else None


def leavings_of(member_ids: Collection[int] | QuerySet[Member]) -> QuerySet[Membership]:
    """The rows by which those of the members who left the town's roster, or died, did so; who is there has none."""
    later = Membership.objects.filter(member=OuterRef("member"), from_date__gt=OuterRef("from_date"))
    return Membership.objects.filter(~Exists(later), member__in=member_ids, branch__isnull=True).order_by("member_id")


def search_members(members: QuerySet[Member], text: str) -> QuerySet[Member]:
    """Members whose name contains `text`, or whose pinyin or pinyin initials begin with it (`zw`, `zhangw`).

    Nobody is found by a text longer than any name: a database compares no pattern of fifty thousand letters.
    """
    wanted = text.strip()
    if len(wanted) > LONGEST_SOUGHT:
        return members.none()
    letters = wanted.lower().replace(" ", "")
    return members.alias(letters_of_pinyin=Lower(Replace("pinyin", Value(" "), Value("")))).filter(
        Q(name__contains=wanted) | Q(initials__istartswith=letters) | Q(letters_of_pinyin__startswith=letters)
    )


def holders_of(
    role: Appointment.Role, *, on: date, branch: Branch | None = None, town: Town | None = None
) -> QuerySet[User]:
    """The accounts in use that hold a role on a day: in a branch, or over a town."""
    held = Appointment.objects.on(on).filter(role=role, branch=branch)
    if town is not None:
        held = held.filter(town=town)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def system_account(town: Town) -> User:
    """The account commands act as when none is named."""
    return User.objects.get(town=town, is_system=True)
