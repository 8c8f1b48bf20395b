"""Whom a notice is for: who is told of it, who may open its page, and who has (3.3, D21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from members.access import branches_for
from members.models import Member, Membership, User
from members.people.naming import tell_apart
from members.selectors import members_in
from points.models import Review, ReviewLine
from points.scoring.freezing import current_lines
from publicity.models import Channel, Notice, Reading


def audience_of(review: Review, *, on: date) -> QuerySet[Member]:
    """The branch's members on a day and whoever has a line in the review, in roster order."""
    lines = ReviewLine.objects.filter(review=review, revision=1)
    return Member.objects.filter(
        Q(pk__in=members_in([review.branch_id], on).values("pk")) | Q(pk__in=lines.values("member"))
    ).order_by("position", "pk")


def accounts_of_audience(review: Review, *, on: date) -> QuerySet[User]:
    """The accounts, in use, of a review's audience."""
    members = audience_of(review, on=on).order_by()
    return User.objects.filter(is_active=True, member__in=members.values("pk")).order_by("pk")


def notices_for(user: User, *, on: date) -> QuerySet[Notice]:
    """The notices whose page a user may open, once they are open to members, latest half first.

    Those of the branches one works in or belongs to today, and, for good, those with a line of one's own or of the
    branch one belonged to when the half ended.
    """
    allowed = Q(review__branch__in=branches_for(user, on=on).values("pk"))
    if user.member_id is not None:
        rows = Membership.objects.filter(member=user.member_id).order_by("from_date")
        stays = list(rows.values_list("branch_id", "from_date"))
        today = [branch_id for branch_id, since in stays if since <= on]
        allowed |= Q(review__branch__in=[branch_id for branch_id in today[-1:] if branch_id is not None])
        allowed |= Q(review__in=ReviewLine.objects.filter(member=user.member_id, revision=1).values("review"))
        allowed |= _of_former_branches(stays)
    is_up = Q(posted_on__isnull=False) | Q(postings__channel=Channel.WEB)
    found = (
        Notice.objects.filter(allowed, is_up)
        .distinct()
        .select_related("review__branch__town")
        .prefetch_related("review__branch__former_names")
    )
    return found.order_by("-review__year", "-review__half", "review__branch__position", "pk")


def _of_former_branches(stays: Sequence[tuple[int | None, date]]) -> Q:
    """Reviews of the branch a member belonged to on the half's last day; their stays since the first one."""
    allowed = Q(pk__in=())
    for (branch_id, since), (_next, until) in zip(stays, [*stays[1:], (None, date.max)], strict=True):
        if branch_id is not None:
            for half, last_day in (("H1", (6, 30)), ("H2", (12, 31))):
                first = since.year if since <= date(since.year, *last_day) else since.year + 1
                last = until.year if until > date(until.year, *last_day) else until.year - 1
                allowed |= Q(review__branch=branch_id, review__half=half, review__year__range=(first, last))
    return allowed


def record_reading(*, user: User, now: datetime, notice: Notice) -> None:
    """Keep that a user opened the notice, the first time only; after that nothing waits for a writer.

    Of a limited account nothing is kept: it is not known yet who opened it (D29).
    """
    if user.is_limited:
        return
    if not Reading.objects.filter(notice=notice, user=user).exists():
        # Two pages may open at once: the first is kept.
        Reading.objects.bulk_create([Reading(notice=notice, user=user, at=now)], ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class Reader:
    """One member of a notice's audience: since when they have opened it (None: not yet), and whether they can."""

    member: Member
    read_at: datetime | None
    has_account: bool


def readers_of(notice: Notice, *, now: datetime) -> list[Reader]:
    """Who of the audience has opened the notice; three queries."""
    members = tell_apart(audience_of(notice.review, on=timezone.localdate(now)), lasting=True)
    read = dict(Reading.objects.filter(notice=notice, user__member__isnull=False).values_list("user__member", "at"))
    with_account = set(_active_members(member.pk for member in members))
    return [Reader(member, read.get(member.pk), member.pk in with_account) for member in members]


def _active_members(member_ids: Iterable[int]) -> Iterable[int]:
    rows = User.objects.filter(is_active=True, member__in=list(member_ids)).values_list("member_id", flat=True)
    return (member_id for member_id in rows if member_id is not None)


def members_of(notice: Notice) -> list[Member]:
    """Who has a line in a notice, in roster order."""
    return [line.member for line in current_lines(notice.review)]
