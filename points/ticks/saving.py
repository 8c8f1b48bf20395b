"""Saving a tick sheet: a set of cells in one transaction, each answered for itself.

The sender says what they saw in every cell. A cell that somebody else changed meanwhile is left as it is (conflict),
one that is already as wanted is said to be so, one that must not be changed is refused with the reason; the rest is
written, all of it or nothing: ticks by `points.records.recording`, unticks by `points.records.voiding`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, require_branch_action
from members.log.locks import lock_for_score
from members.log.reasons import fit_text
from members.models import Branch, RecordBatch, User
from points.models import PointEvent
from points.records.entries import tick_entry
from points.records.recording import record_events
from points.records.voiding import void_events
from points.scoring.adoption import rulebook_for
from points.ticks.sheet import CellKey, CellState, TickCell, base_item, read_cells

MOST_CHANGES = 3000
"""Cells of one save: a branch of 250 members and twelve months."""

UNTICK_REASONS = {
    "mistake": gettext_lazy("ticked by mistake"),
    "not_done": gettext_lazy("not done, as was found on checking"),
    "wrong_period": gettext_lazy("belongs to another period"),
}
"""Why a tick is taken back; the first is the usual one."""


@dataclass(frozen=True, slots=True)
class TickChange:
    """What the sender wants of a cell, and the uuid of the record they saw in it (empty for none)."""

    member_id: int
    period: str
    ticked: bool
    seen: str = ""

    @property
    def key(self) -> CellKey:
        return self.member_id, self.period


class CellOutcome(StrEnum):
    """What became of a change."""

    SAVED = "saved"
    ALREADY = "already"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TickResult:
    """A change, what became of it and (for conflicts and refusals) why, in words."""

    change: TickChange
    outcome: CellOutcome
    message: str = ""


@dataclass(frozen=True, slots=True)
class TicksSaved:
    """The answers in the order of the changes, their members' cells as they stand now, and the batch of new ticks."""

    results: Sequence[TickResult]
    cells: Mapping[CellKey, TickCell]
    batch: RecordBatch | None


def save_ticks(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    item: str,
    year: int,
    changes: Sequence[TickChange],
    token: UUID,
    reason: str = "",
) -> TicksSaved:
    """Save what can be saved of a sheet's changes in one transaction; sent again with its token, nothing is doubled.

    `reason` is why ticks are taken back; it stays beside the voided records.

    Raises:
        PermissionDenied: the branch is not the actor's to record for.
        TextTooLong.
        MissingReason: ticks are taken back without a reason.
        NoRulebook, UnknownItem: there is no such sheet.
    """
    reason = fit_text(reason)
    require_branch_action(actor, Action.RECORD, branch, on=timezone.localdate(now))
    member_ids = {change.member_id for change in changes}
    read = partial(read_cells, actor=actor, now=now, branch=branch, item=item, year=year, member_ids=member_ids)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=member_ids)
        # Read under the locks: this is what stands.
        cells = read()
        batch = RecordBatch.objects.filter(uuid=token, actor=actor).first()
        judge = _Judge(cells, changes, batch)
        results = [judge.judge(change) for change in changes]
        if judge.to_void:
            void_events(actor=actor, now=now, branch=branch, events=judge.to_void, reason=reason)
        if judge.to_record:
            today = timezone.localdate(now)
            ticked = base_item(rulebook_for(branch.town, year), item, year=year)
            entries = [tick_entry(member_id, ticked, period, today=today) for member_id, period in judge.to_record]
            batch = record_events(actor=actor, now=now, town=branch.town, branch=branch, entries=entries, token=token)
    if judge.to_void or judge.to_record:
        # For the answer alone: read once the locks are released, so that the next writer need not wait.
        cells = read()
    return TicksSaved(results, cells, batch)


class _Judge:
    """Decides each change by what stands; gathers what is to be written."""

    def __init__(
        self, cells: Mapping[CellKey, TickCell], changes: Sequence[TickChange], batch: RecordBatch | None
    ) -> None:
        self._cells = cells
        self._batch = batch
        """The batch an earlier sending of the same save wrote."""
        seen = {change.seen for change in changes if change.seen}
        voided = PointEvent.objects.voided().filter(uuid__in=seen).select_related("voided_by")
        self._voided = {str(event.uuid): event for event in voided}
        self.to_record: dict[CellKey, None] = {}
        self.to_void: list[PointEvent] = []

    def judge(self, change: TickChange) -> TickResult:
        cell = self._cells.get(change.key)
        if cell is None:
            return TickResult(change, CellOutcome.REFUSED, _("No cell of this sheet any more. Reload the page."))
        outcome, message = self._judge_tick(change, cell) if change.ticked else self._judge_untick(change, cell)
        return TickResult(change, outcome, message)

    def _judge_tick(self, change: TickChange, cell: TickCell) -> tuple[CellOutcome, str]:
        if cell.event is not None:
            is_ours = self._batch is not None and cell.event.batch_id == self._batch.pk
            return (CellOutcome.SAVED, "") if is_ours else (CellOutcome.ALREADY, cell.explanation)
        if change.seen or self._batch is not None:
            # They saw a tick there, or this save wrote one before: somebody took it back meanwhile.
            return CellOutcome.CONFLICT, self._say_taken_back(change)
        if cell.state is not CellState.EMPTY:
            return CellOutcome.REFUSED, cell.explanation
        self.to_record[change.key] = None
        return CellOutcome.SAVED, ""

    def _judge_untick(self, change: TickChange, cell: TickCell) -> tuple[CellOutcome, str]:
        if cell.event is None:
            return CellOutcome.ALREADY, self._say_taken_back(change)
        if cell.uuid != change.seen:
            return CellOutcome.CONFLICT, cell.explanation
        if cell.state is not CellState.TICKED:
            return CellOutcome.REFUSED, cell.explanation
        self.to_void.append(cell.event)
        return CellOutcome.SAVED, ""

    def _say_taken_back(self, change: TickChange) -> str:
        event = self._voided.get(change.seen)
        if event is None:
            return _("Somebody took this tick back meanwhile.")
        return _("Taken back by %(actor)s on %(at)s: %(reason)s.") % {
            "actor": event.voided_by,
            "at": f"{timezone.localtime(event.voided_at):%Y-%m-%d %H:%M}",
            "reason": event.void_reason,
        }
