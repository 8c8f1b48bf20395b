"""Who a submitted or approved half lists cannot grow afterwards: nobody is added later (D10, D20).

The lines of a half are written at its approval, one for each member then in the branch. Somebody entered later, with
a day inside the half, would belong to it and have no line; the second half could then never be approved (D8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from members.models import Exemption, Member
from members.people.roster import Joining, JoinRefusal
from members.selectors import members_in
from points.errors import HalfLocked
from points.models import Review, ReviewLine
from points.rules.periods import half_end

CLOSED = (Review.State.SUBMITTED, *Review.FROZEN)


def find_closed_joinings(joinings: Sequence[Joining]) -> list[JoinRefusal | None]:
    """What forbids each new member to join the branch from the day on; None where nothing does. One query."""
    closed = _closed_reviews({joining.branch_id for joining in joinings})
    latest = {review.branch_id: review for review in closed}
    found: list[JoinRefusal | None] = []
    for joining in joinings:
        review = latest.get(joining.branch_id)
        reached = review is not None and joining.from_date <= half_end(review.year, review.half)
        found.append(_refusal(review) if review is not None and reached else None)
    return found


def refuse_missing_lines(member: Member, *, from_date: date) -> None:
    """Refuse a change from a day on, already written, that leaves the member without a line in a closed half.

    Raises:
        HalfLocked: names the branch and the half; the caller rolls the change back.
    """
    branch_ids = member.memberships.filter(branch__isnull=False).values_list("branch_id", flat=True)
    for review in reversed(_closed_reviews(branch_id for branch_id in branch_ids if branch_id is not None)):
        day = half_end(review.year, review.half)
        if day < from_date or not members_in([review.branch_id], day).filter(pk=member.pk).exists():
            continue
        exempt = Exemption.objects.on(day).filter(member=member)
        lines = ReviewLine.objects.filter(member=member, review__year=review.year, review__half=review.half)
        if not lines.exists() and not exempt.exists():
            refusal = _refusal(review)
            raise HalfLocked(f"{refusal.message}{refusal.remedy}")


def _closed_reviews(branch_ids: Iterable[int]) -> list[Review]:
    """The submitted and frozen reviews of some branches, earliest first."""
    rows = Review.objects.filter(branch__in=set(branch_ids), state__in=CLOSED).select_related("branch")
    return list(rows.order_by("year", "half"))


def _refusal(review: Review) -> JoinRefusal:
    values = {"branch": review.branch.name, "year": review.year, "half": review.get_half_display()}
    day = {"day": half_end(review.year, review.half) + timedelta(days=1)}
    if review.state == Review.State.SUBMITTED:
        return JoinRefusal(
            _("%(branch)s has submitted the %(half)s of %(year)s: nobody can be added to its list now.") % values,
            _("Have the secretary return it first, or enter %(day)s or later as the day they came.") % day,
        )
    return JoinRefusal(
        _("%(branch)s has approved the %(half)s of %(year)s: nobody can be added to its list any more.") % values,
        _("Enter %(day)s or later as the day they came.") % day,
    )
