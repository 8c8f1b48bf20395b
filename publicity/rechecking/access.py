"""Who reviews a correction (复核, D10, D19): asked here alone.

Another officer than entered it: of the branch's committee, or of the town's staff; the town's staff alone where the
line is an officer's own, or where a final half is opened again for it. Never the member themselves.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from members.access import Action, is_own_case, may, reach_of
from members.models import Appointment, User
from points.models import Review
from points.rules.periods import H1, H2
from publicity.models import EnteredCorrection

Role = Appointment.Role
OFFICERS = frozenset({Role.SECRETARY, Role.RECORDER, Role.COMMITTEE_MEMBER})


def corrections_to_review(user: User, *, on: date) -> QuerySet[EnteredCorrection]:
    """Those that wait for a review which this user may give; one query."""
    reach = reach_of(user, on=on)
    of_branch = Q(review__branch__in=reach.branches_to(Action.CORRECT))
    rows = _with_needs(EnteredCorrection.objects.filter(settled_at__isnull=True), on=on)
    found = rows.filter(Q(review__branch__town__in=reach.staff_towns) | (of_branch & ~_NEEDS_TOWN))
    return found.exclude(entered_by=user.pk).exclude(member=reach.member_id)


def _with_needs(rows: QuerySet[EnteredCorrection], *, on: date) -> QuerySet[Any]:
    """Annotate what makes a correction the town's to review."""
    in_office = Appointment.objects.on(on)
    final = Review.objects.filter(
        Q(pk=OuterRef("review")) | (Q(half=H2, year=OuterRef("review__year")) & Q(lines__member=OuterRef("member"))),
        state=Review.State.FINAL,
    )
    return rows.annotate(
        is_officers=Exists(
            in_office.filter(branch=OuterRef("review__branch"), role__in=OFFICERS, user__member=OuterRef("member"))
        ),
        is_final=Exists(final.filter(pk=OuterRef("review"))),
        is_followed_by_final=Exists(final),
        is_from_town=Exists(
            in_office.filter(town=OuterRef("review__branch__town"), role=Role.TOWN_STAFF, user=OuterRef("entered_by"))
        ),
    )


_NEEDS_TOWN = Q(is_officers=True) | (
    Q(is_from_town=False) & (Q(is_final=True) | (Q(review__half=H1) & Q(is_followed_by_final=True)))
)


def explain_no_review(entered: EnteredCorrection, user: User, *, on: date) -> str:
    """Why this user does not review the correction, in words; empty where they may.

    A user without the role for it is the caller's to refuse.
    """
    if not entered.is_waiting:
        return _("This correction was settled before; reload the page.")
    if is_own_case(user, entered.member):
        return _("Nobody decides about themselves: another officer reviews it.")
    if entered.entered_by_id == user.pk:
        return _("You entered it: another member of the committee or the town's staff reviews it.")
    branch = entered.review.branch
    if may(user, Action.CONSENT, branch, on=on):
        return ""
    row = _with_needs(EnteredCorrection.objects.filter(pk=entered.pk), on=on)
    if row.filter(is_officers=True).exists():
        return _("This is an officer's own line: the town's staff review it.")
    if row.filter(_NEEDS_TOWN).exists():
        return _("A final half is opened again for it: the town's staff review it, which is their consent.")
    return ""
