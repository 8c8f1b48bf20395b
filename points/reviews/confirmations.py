"""Members confirm their half-year result (3.3, D26): in the portal, on the form or slip, or together at a meeting.

Each revision of a line is confirmed for itself, once. Whoever has not confirmed is listed; nothing waits for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import User
from points.errors import ConfirmationRefused
from points.models import Confirmation, Review, ReviewLine
from points.scoring.freezing import current_lines

How = Confirmation.How


def confirm_line(
    *, actor: User, now: datetime, line: ReviewLine, how: Confirmation.How, confirmed_on: date, scan: str = ""
) -> Confirmation:
    """Enter that a member agrees with their result; in the portal the member does it, on paper the branch enters it.

    Raises:
        PermissionDenied.
        ConfirmationRefused: superseded, confirmed before, or a day before the approval or in the future.
    """
    return _confirm([line], actor=actor, now=now, how=how, confirmed_on=confirmed_on, scan=scan)[0]


def confirm_members(
    *,
    actor: User,
    now: datetime,
    review: Review,
    member_ids: Iterable[int],
    how: Confirmation.How,
    confirmed_on: date,
    scan: str = "",
) -> int:
    """Enter that these members agree with their results, each on paper or together at a meeting (D26).

    Who confirmed before is left out. Returns how many confirmed. `scan` is the picture of the papers or the minutes, by
    its name. A constant number of queries.

    Raises:
        What `confirm_line` does.
        ConfirmationRefused: nobody chosen, or a member without a line.
    """
    wanted = set(member_ids)
    lines = {line.member_id: line for line in current_lines(review)}
    if not wanted or not wanted <= lines.keys():
        raise ConfirmationRefused(_("Choose the members who confirmed; each needs an approved line in this half."))
    waiting = {line.member_id for line in _without_confirmation(lines.values(), review)}
    chosen = [lines[member_id] for member_id in sorted(wanted & waiting)]
    if not chosen:
        return 0
    return len(_confirm(chosen, actor=actor, now=now, how=how, confirmed_on=confirmed_on, scan=scan))


def unconfirmed_lines(review: Review) -> list[ReviewLine]:
    """The current lines nobody confirmed, in roster order."""
    return _without_confirmation(current_lines(review), review)


def read_confirmations(review: Review) -> list[Confirmation]:
    """The confirmations of the review's current lines, in roster order; two queries."""
    found = {row.line_id: row for row in Confirmation.objects.filter(line__review=review).select_related("entered_by")}
    confirmed = [(found.get(line.pk), line) for line in current_lines(review)]
    for row, line in confirmed:
        if row is not None:
            row.line = line
    return [row for row, _line in confirmed if row is not None]


def _without_confirmation(lines: Iterable[ReviewLine], review: Review) -> list[ReviewLine]:
    confirmed = set(Confirmation.objects.filter(line__review=review).values_list("line_id", flat=True))
    return [line for line in lines if line.pk not in confirmed]


def _confirm(
    lines: list[ReviewLine], *, actor: User, now: datetime, how: Confirmation.How, confirmed_on: date, scan: str
) -> list[Confirmation]:
    review = Review.objects.select_related("branch__town").get(pk=lines[0].review_id)
    today = timezone.localdate(now)
    if how == How.PORTAL:
        if actor.member_id is None or any(line.member_id != actor.member_id for line in lines):
            raise PermissionDenied(_("In the portal everybody confirms their own result only."))
    elif not may(actor, Action.RECORD, review.branch, on=today):
        raise PermissionDenied(_("Confirmations on paper are entered by the branch's recorder or secretary."))
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        review.refresh_from_db()
        if review.approved_at is None or not timezone.localdate(review.approved_at) <= confirmed_on <= today:
            raise ConfirmationRefused(_("A result is confirmed after its approval, and not in the future."))
        current = {line.pk: line for line in current_lines(review)}
        if any(line.pk not in current for line in lines):
            raise ConfirmationRefused(_("This result was corrected in the meantime. Reload the page."))
        later = [current[line.pk] for line in lines if _frozen_on(current[line.pk]) > confirmed_on]
        if later:
            raise ConfirmationRefused(
                _("Corrected after that day, so their new result cannot have been confirmed then: %(names)s.")
                % {"names": "、".join(line.member.listed_name for line in later[:10])}
            )
        if Confirmation.objects.filter(line__in=lines).exists():
            raise ConfirmationRefused(_("This result was confirmed before."))
        confirmations = [
            Confirmation(line=line, how=how, confirmed_on=confirmed_on, scan=scan, entered_by=actor, at=now)
            for line in lines
        ]
        Confirmation.objects.bulk_create(confirmations)
        log_change(
            actor=actor,
            now=now,
            town=review.branch.town,
            verb="confirm_lines",
            subject=review,
            new={"how": how, "confirmed_on": confirmed_on.isoformat(), "lines": len(lines)},
        )
    return confirmations


def _frozen_on(line: ReviewLine) -> date:
    """The day on which this revision came to be."""
    return timezone.localdate(line.freeze.at)
