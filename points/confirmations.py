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
from members.audit import log_change
from members.locks import lock_for_score
from members.models import User
from points.errors import ConfirmationRefused
from points.freezing import current_lines
from points.models import Confirmation, Review, ReviewLine

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


def confirm_at_meeting(
    *,
    actor: User,
    now: datetime,
    review: Review,
    member_ids: Iterable[int],
    met_on: date,
    scan: str = "",
) -> int:
    """Enter that these members heard and agreed with their results at a meeting; who did before is left out (D26).

    Returns how many confirmed. Raises what `confirm_line` does, also when a member has no line.
    """
    wanted = set(member_ids)
    lines = {line.member_id: line for line in current_lines(review)}
    if not wanted or not wanted <= lines.keys():
        raise ConfirmationRefused(_("Choose the members who confirmed; each needs an approved line in this half."))
    waiting = {line.member_id for line in unconfirmed_lines(review)}
    chosen = [lines[member_id] for member_id in sorted(wanted & waiting)]
    if not chosen:
        return 0
    return len(_confirm(chosen, actor=actor, now=now, how=How.MEETING, confirmed_on=met_on, scan=scan))


def unconfirmed_lines(review: Review) -> list[ReviewLine]:
    """The current lines nobody confirmed, in roster order."""
    confirmed = set(Confirmation.objects.filter(line__review=review).values_list("line_id", flat=True))
    return [line for line in current_lines(review) if line.pk not in confirmed]


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
        current = {line.pk for line in current_lines(review)}
        if any(line.pk not in current for line in lines):
            raise ConfirmationRefused(_("This result was corrected in the meantime. Reload the page."))
        if Confirmation.objects.filter(line__in=lines).exists():
            raise ConfirmationRefused(_("This result was confirmed before."))
        confirmations = [
            Confirmation(line=line, how=how, confirmed_on=confirmed_on, scan=scan[:64], entered_by=actor, at=now)
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
