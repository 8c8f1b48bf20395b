"""Reading the roster: who belongs to which branch on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower, Replace

from members.models import Appointment, Branch, Member, Membership, Town, User


def with_branch_on(members: QuerySet[Member], day: date) -> QuerySet[Member]:
    """Annotate `branch_id_on_day`: the branch that counts on `day`, or NULL for someone not on the roster then."""
    latest = Membership.objects.filter(member=OuterRef("pk"), from_date__lte=day).order_by("-from_date")
    return members.annotate(branch_id_on_day=Subquery(latest.values("branch_id")[:1]))


def members_in(branches: Iterable[int] | QuerySet[Branch], day: date) -> QuerySet[Member]:
    """The members whose branch on `day` is one of `branches`."""
    with_branch: QuerySet[Member] = with_branch_on(Member.objects.all(), day)
    return with_branch.filter(branch_id_on_day__in=branches)  # type: ignore[misc] # an annotation


def branch_on(member: Member, day: date) -> Branch | None:
    """The member's branch on `day`; None before the first membership or after leaving."""
    row = member.memberships.filter(from_date__lte=day).order_by("-from_date").select_related("branch").first()
    return row.branch if row else None


def search_members(members: QuerySet[Member], text: str) -> QuerySet[Member]:
    """Members whose name contains `text`, or whose pinyin or pinyin initials begin with it (`zw`, `zhangw`)."""
    wanted = text.strip()
    letters = wanted.lower().replace(" ", "")
    return members.alias(letters_of_pinyin=Lower(Replace("pinyin", Value(" "), Value("")))).filter(
        Q(name__contains=wanted) | Q(initials__istartswith=letters) | Q(letters_of_pinyin__startswith=letters)
    )


def appointments_on(day: date) -> QuerySet[Appointment]:
    """The appointments in force on a day; the first day without the role is none of them."""
    return Appointment.objects.filter(Q(to_date__isnull=True) | Q(to_date__gt=day), from_date__lte=day)


def holders_of(
    role: Appointment.Role, *, on: date, branch: Branch | None = None, town: Town | None = None
) -> QuerySet[User]:
    """The accounts in use that hold a role on a day: in a branch, or over a town."""
    held = appointments_on(on).filter(role=role, branch=branch)
    if town is not None:
        held = held.filter(town=town)
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def system_account(town: Town) -> User:
    """The account commands act as when none is named."""
    return User.objects.get(town=town, is_system=True)
