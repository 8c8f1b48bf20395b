"""What a submitted, approved or final half forbids (D20), checked under the locks of `members.locks`.

While a half is submitted nothing can be recorded or voided for it. Approval freezes the lines, not the year: a late
record counts in the annual score. Once the second half is final every change is a correction (D10).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from members.selectors import branch_on, members_in
from points.chunks import split_into_chunks
from points.errors import HalfLocked, RecordFrozen
from points.models import Review, ReviewLine
from points.rules.periods import H2, half_end, half_of, period_half

HalfKey = tuple[int, int, str]
"""Member id, assessment year, half."""


def half_of_record(*, member_id: int, year: int, period: str, day: date) -> HalfKey:
    """The half a point event or (without period) a finding belongs to (D3)."""
    return member_id, year, period_half(period, day) if period else half_of(day)


def refuse_locked_halves(keys: Iterable[HalfKey]) -> None:
    """Refuse to write for members whose half is submitted or whose year is final.

    Raises:
        HalfLocked: names the branch and the half.
    """
    members_by_half: dict[tuple[int, str], set[int]] = defaultdict(set)
    for member_id, year, half in keys:
        members_by_half[year, half].add(member_id)
    for (year, half), member_ids in members_by_half.items():
        _refuse_locked_half(year, half, member_ids)


def _refuse_locked_half(year: int, half: str, member_ids: set[int]) -> None:
    # A first-half record changes the annual score too, so a submitted second half forbids it as well.
    for blocking_half, states in (
        (half, (Review.State.SUBMITTED,)),
        (H2, (Review.State.SUBMITTED, Review.State.FINAL)),
    ):
        reviews = Review.objects.filter(year=year, half=blocking_half, state__in=states).select_related("branch")
        blocking = {review.branch_id: review for review in reviews}
        if not blocking:
            continue
        day = half_end(year, blocking_half)
        for chunk in split_into_chunks(sorted(member_ids)):
            member = members_in(blocking, day).filter(pk__in=chunk).first()
            branch = branch_on(member, day) if member else None
            if branch is not None:
                raise HalfLocked(_say_locked(blocking[branch.pk]))


def _say_locked(review: Review) -> str:
    values = {"branch": review.branch.name, "year": review.year, "half": review.get_half_display()}
    if review.state == Review.State.SUBMITTED:
        return (
            _(
                "%(branch)s has submitted the %(half)s of %(year)s: nothing can be recorded or voided for it now. "
                "The secretary can return it first."
            )
            % values
        )
    return _("The year %(year)s of %(branch)s is final: a change needs a correction with the town's consent.") % values


def refuse_frozen_records(member_ids: Iterable[int], uuids: Iterable[str]) -> None:
    """Refuse to void or revoke a record that the current frozen line of one of the members counted.

    Raises:
        RecordFrozen.
    """
    wanted = set(uuids)
    latest: dict[tuple[int, int], str] = {}
    for chunk in split_into_chunks(sorted(set(member_ids))):
        lines = ReviewLine.objects.filter(member__in=chunk).order_by("review_id", "member_id", "revision")
        for review_id, member_id, payload in lines.values_list("review_id", "member_id", "payload"):
            latest[review_id, member_id] = payload
    for payload in latest.values():
        data = json.loads(payload)
        if not wanted.isdisjoint((*data["events"], *data["deductions"], *data["vetoes"])):
            raise RecordFrozen(
                _(
                    "An approved half-year result counted this record, so it cannot simply be voided. "
                    "Enter a correction with the committee's date and reason."
                )
            )
