"""Correcting a frozen line: the one mechanism for every change to it (D10).

A correction has the committee's date and a reason; it voids records and findings, records and confirms others, and
writes a new revision of the line from what the ledger says then, so it also takes in what came late (D20). The old
revision stays readable. Correcting a frozen first half also revises a frozen second half, in whichever branch that is;
a change of the roster is entered at the first line it reaches and revises the final years after it too.

Nobody calls this alone: `publicity.rechecking` has what one officer enters and another reviews.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may, refuse_own_case
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Member, Membership, RecordBatch, User
from points.errors import CorrectionRefused
from points.halves.locks import HalfKey, half_key_of, half_keys_of_finding, refuse_submitted_halves
from points.meetings.attendance import put_right
from points.models import Attendance, Correction, PointEvent, Review
from points.records.entries import EventEntry, check_entry
from points.records.recording import insert_events, refuse_duplicates
from points.records.scope import refuse_out_of_scope
from points.records.voiding import earn_at_other_meetings
from points.reviews.late import first_half_lines, late_records
from points.reviews.members import freeze_lines, score_members_of_half
from points.roster.moves import Move, RosterChange, apply_roster_change, check_roster_change, halves_from
from points.rules.periods import H1, H2, HALVES, half_end
from points.scoring.adoption import rulebooks_of
from points.scoring.freezing import current_lines, read_payload
from veto.deciding import stamp_decision, stamp_revocation
from veto.models import Finding, FindingQuerySet


@dataclass(frozen=True, slots=True)
class Changes:
    """What a correction does to one member's records and place on the roster.

    `void` includes the events of the attendances it voids.
    """

    void: tuple[PointEvent, ...]
    record: tuple[EventEntry, ...]
    confirm: tuple[Finding, ...]
    revoke: tuple[Finding, ...]
    void_findings: tuple[Finding, ...]
    roster: RosterChange | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.confirm, *self.revoke, *self.void_findings)

    @property
    def is_empty(self) -> bool:
        return not (self.void or self.record or self.findings or self.roster)

    def half_keys(self, *, decided_on: date) -> list[list[HalfKey]]:
        """Member, year and halves of each record or finding changed; only a veto has two."""
        keys = [[half_key_of(event)] for event in self.void] + [[entry.half_key] for entry in self.record]
        keys += [half_keys_of_finding(finding, decided_on=decided_on) for finding in self.confirm]
        return keys + [half_keys_of_finding(finding) for finding in (*self.revoke, *self.void_findings)]


@dataclass(frozen=True, slots=True)
class TwoOfficers:
    """Who entered a correction, and who reviewed it (复核); without the second it is only tried out.

    The same person twice stands for the town, whose own decision it carries out.
    """

    entered_by: User
    reviewed_by: User | None

    @property
    def all(self) -> tuple[User, ...]:
        return (self.entered_by,) if self.reviewed_by is None else (self.entered_by, self.reviewed_by)

    @property
    def last(self) -> User:
        """Whose act makes it so: the log and the chain name them."""
        return self.all[-1]


def correct_line(
    *,
    officers: TwoOfficers,
    now: datetime,
    review: Review,
    member: Member,
    decided_on: date,
    reason: str,
    void: Sequence[PointEvent] = (),
    record: Sequence[EventEntry] = (),
    confirm: Sequence[Finding] = (),
    revoke: Sequence[Finding] = (),
    void_findings: Sequence[Finding] = (),
    roster: RosterChange | None = None,
    objection: UUID | None = None,
) -> Correction:
    """Change one member's records of an approved half and freeze the new revision of the line.

    Voiding an event that came from a meeting voids the attendance and all it earned; another attendance of the period
    earns in its place (D24). Findings are confirmed as decided on `decided_on`. `roster` is a move or an exemption that
    reaches into this half and into no frozen line before it (D15, D16). With nothing to change the correction only
    takes in what came late, and there must be some. A final half, here or among those that follow, needs the town's
    consent: the town's staff enter or review the correction, or have opened the half again before; it is published
    again for the revised line.

    What it writes was entered by the first of the officers and happens by the act of the second.

    Raises:
        PermissionDenied, HalfLocked (a half it reaches is submitted), DuplicateBaseRecord, FindingNotReady, OutOfScope
        (D16) and the errors of `check_entry` and `points.roster.moves`.
        NotAllowed: it is about one of the officers, or confirms what one of them proposed (D18, D19).
        MissingReason, TextTooLong.
        CorrectionRefused: nothing to change, a date out of order, no frozen line, another half, no consent.
    """
    reason = require_reason(reason)
    today = timezone.localdate(now)
    for officer in officers.all:
        refuse_own_case(officer, member)
        if not may(officer, Action.CORRECT, review.branch, on=today):
            raise PermissionDenied(
                _("A correction is entered and reviewed by the branch's committee or the town's staff.")
            )
    rulebooks = rulebooks_of(review.branch.town)
    for entry in record:
        check_entry(entry, rulebooks=rulebooks, today=today)
    if roster is not None:
        check_roster_change(roster, actor=officers.entered_by, member=member, today=today)
    with transaction.atomic():
        affected = _lock_affected(review, member, roster)
        changes = Changes(
            void=tuple(_with_attendances(void)),
            record=tuple(record),
            confirm=_fresh(confirm),
            revoke=_fresh(revoke),
            void_findings=_fresh(void_findings),
            roster=roster,
        )
        _refuse_own_proposals(changes.confirm, officers)
        _check_line(affected[0], member, decided_on=decided_on, today=today)
        _check_changes(affected[0], member, changes, decided_on=decided_on)
        if roster is not None:
            _check_reach(affected[0], member, roster, today=today)
        correction = Correction.objects.create(
            review=affected[0],
            member=member,
            decided_on=decided_on,
            reason=reason,
            objection=objection,
            actor=officers.entered_by,
            consent_by=_take_consent(affected, officers, now=now),
            at=now,
        )
        _apply_changes(changes, correction, officers=officers, now=now)
        links = [
            freeze_lines(
                actor=officers.last,
                now=now,
                review=each,
                members=score_members_of_half(each, [member]),
                correction=correction,
            )
            for each in affected
        ]
        log_change(
            actor=officers.last,
            now=now,
            town=review.branch.town,
            verb="correct_line",
            subject=correction,
            new={
                "entered_by": str(officers.entered_by),
                "voided": len(changes.void),
                "recorded": len(changes.record),
                "findings": len(changes.findings),
                "roster": roster is not None,
                "links": [freeze.hash for freeze in links],
                "reviews": [
                    {"year": each.year, "half": each.half, "branch": each.branch.name, "state": each.state}
                    for each in affected
                ],
            },
        )
    return correction


def _lock_affected(review: Review, member: Member, roster: RosterChange | None) -> list[Review]:
    """Lock every branch whose chain may grow, then the member; the reviews whose line is revised, earliest first."""
    stays = list(Membership.objects.filter(member=member).order_by("-from_date").values_list("from_date", "branch_id"))
    homes = [
        next((branch_id for since, branch_id in stays if since <= half_end(review.year, half)), None) for half in HALVES
    ]
    branch_ids = {review.branch_id, *(branch_id for branch_id in homes if branch_id is not None)}
    branch_ids.update(_reviews_with_line(member).filter(year=review.year).values_list("branch_id", flat=True))
    if roster is not None:
        branch_ids.update(_reviews_with_line(member).filter(year__gt=review.year).values_list("branch_id", flat=True))
        branch_ids.update(branch_id for _since, branch_id in stays if branch_id is not None)
        if isinstance(roster, Move) and roster.branch is not None:
            branch_ids.add(roster.branch.pk)
    lock_for_score(branch_ids=branch_ids, member_ids=[member.pk])
    fresh = Review.objects.select_related("branch__town", "reopened_by").get(pk=review.pk)
    following = Q(year=fresh.year, half=H2) if fresh.half == H1 else Q(pk__in=())
    if roster is not None:
        # A later year that is not final counts the months anyway and names them as late (D20).
        final = _reviews_with_line(member).filter(year__gt=fresh.year, half=H2, state=Review.State.FINAL)
        following |= Q(year__in=set(final.values_list("year", flat=True)))
    rows = _reviews_with_line(member).filter(following).select_related("branch__town", "reopened_by")
    affected = [fresh, *rows.order_by("year", "half")]
    if not branch_ids.issuperset(each.branch_id for each in affected):
        raise CorrectionRefused(_("The member was moved in the meantime. Reload the page and try again."))
    return affected


def _reviews_with_line(member: Member) -> QuerySet[Review]:
    return Review.objects.filter(lines__member=member, lines__revision=1)


def _with_attendances(events: Sequence[PointEvent]) -> Iterable[PointEvent]:
    """The events as they stand, and the other live events of the attendances they came from."""
    fresh = list(PointEvent.objects.live().filter(pk__in=[event.pk for event in events]))
    if len(fresh) != len({event.pk for event in events}):
        raise CorrectionRefused(_("A record to be voided was voided before; reload the page."))
    attendances = {event.attendance_id for event in fresh if event.attendance_id is not None}
    return {*fresh, *PointEvent.objects.live().filter(attendance__in=attendances)}


def _fresh(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(type(finding)._default_manager.select_related("batch").get(pk=finding.pk) for finding in findings)


def _refuse_own_proposals(confirmed: Iterable[Finding], officers: TwoOfficers) -> None:
    """Whoever proposed a finding does not enter its decision, also not inside a correction (D18, D19)."""
    proposers = {finding.batch.actor_id for finding in confirmed}
    if proposers & {officer.pk for officer in officers.all}:
        raise NotAllowed(
            _(
                "Whoever proposed a finding does not enter the decision on it: another committee member or the town's "
                "staff does."
            )
        )


def _check_line(review: Review, member: Member, *, decided_on: date, today: date) -> None:
    if review.approved_at is None or not review.lines.filter(member=member).exists():
        raise CorrectionRefused(_("%(name)s has no approved line in this half.") % {"name": member.name})
    if not timezone.localdate(review.approved_at) <= decided_on <= today:
        raise CorrectionRefused(_("The committee decides after the approval, and not in the future."))


def _check_changes(review: Review, member: Member, changes: Changes, *, decided_on: date) -> None:
    """A correction changes this member's year up to this half's end, and no line but those it revises."""
    one_by_one = changes.half_keys(decided_on=decided_on)
    keys = {key for of_one in one_by_one for key in of_one}
    if any(member_id != member.pk for member_id, _year, _half in keys):
        raise CorrectionRefused(_("A correction is about one member's line."))
    # The year's line holds both halves; a veto reaches the year's end even where it counts in the first half (D7).
    halves = {H1} if review.half == H1 else set(HALVES)
    reaches = all(halves & {half for _member_id, _year, half in of_one} for of_one in one_by_one)
    if not reaches or any(year != review.year for _member_id, year, _half in keys):
        raise CorrectionRefused(_("A record of another half cannot change this line. Correct the half it belongs to."))
    refuse_submitted_halves({*keys, (member.pk, review.year, review.half)})
    if review.half == H2:
        frozen = {uuid for line in first_half_lines([member.pk], review.year) for uuid in _listed(line.payload)}
        gone = {str(event.uuid) for event in changes.void} | {str(row.uuid) for row in changes.void_findings}
        if gone & frozen:
            raise CorrectionRefused(
                _("The first half's line counted this record. Correct the first half; the second one follows.")
            )
    if changes.is_empty and not late_records(line for line in current_lines(review) if line.member_id == member.pk):
        raise CorrectionRefused(_("Nothing is changed: void a record, add one, or confirm or revoke a finding."))


def _check_reach(review: Review, member: Member, roster: RosterChange, *, today: date) -> None:
    """A change of the roster is corrected at the first frozen line it reaches; the lines after it follow."""
    reached = [
        each
        for each in _reviews_with_line(member).select_related("branch").order_by("year", "half")
        if half_end(each.year, each.half) >= roster.from_date
    ]
    if not reached or roster.from_date > half_end(review.year, review.half):
        raise CorrectionRefused(_("A change of the roster after this half's end does not change its line."))
    if reached[0].pk != review.pk:
        raise CorrectionRefused(
            _("This change of the roster reaches back into %(review)s: correct the line there; the later ones follow.")
            % {"review": reached[0]}
        )
    refuse_submitted_halves(halves_from(roster.from_date, member, today=today))


def _listed(payload: str) -> tuple[str, ...]:
    score = read_payload(payload)
    return (*score.events, *score.deductions, *score.vetoes)


def _take_consent(affected: Sequence[Review], officers: TwoOfficers, *, now: datetime) -> User | None:
    """Who of the town's staff agreed, where a half is or was final; a final one is published again.

    Tried out by one officer alone it goes on: the consent is the review's to give.
    """
    consent_by = None
    for review in affected:
        if review.state == Review.State.FINAL:
            today = timezone.localdate(now)
            of_town = [each for each in officers.all if may(each, Action.CONSENT, review.branch, on=today)]
            if not of_town and officers.reviewed_by is not None:
                raise CorrectionRefused(
                    _(
                        "%(review)s is final: the town's staff review the correction, which is their consent, or open "
                        "the half again for the branch to correct."
                    )
                    % {"review": review}
                )
            review.state = Review.State.PUBLISHED
            review.final_at = None
            review.reopened_at, review.reopened_by = now, of_town[-1] if of_town else officers.entered_by
            review.save()
        consent_by = consent_by or review.reopened_by
    return consent_by


def _apply_changes(changes: Changes, correction: Correction, *, officers: TwoOfficers, now: datetime) -> None:
    """Void, confirm and record what the correction says; the locks are held and everything was checked."""
    reason, actor = correction.reason, officers.entered_by
    if changes.roster is not None:
        apply_roster_change(changes.roster, actor=officers.last, now=now, member=correction.member)
    attendances = Attendance.objects.filter(pk__in=[event.attendance_id for event in changes.void])
    attendances.stamp_void(actor=actor, now=now, reason=reason)
    events = PointEvent.objects.filter(pk__in=[event.pk for event in changes.void])
    events.stamp_void(actor=actor, now=now, reason=reason)
    for finding in changes.confirm:
        stamp_decision(_row(finding), actor=actor, now=now, decided_on=correction.decided_on, stamp="confirmed_at")
    for finding in changes.revoke:
        stamp_revocation(_row(finding), actor=actor, now=now, reason=reason)
    for finding in changes.void_findings:
        if not _row(finding).stamp_void(actor=actor, now=now, reason=reason):
            raise CorrectionRefused(_("A record to be voided was voided before; reload the page."))
    if changes.record:
        _record(changes.record, correction, officers=officers, now=now)
    # D24: only after the correction's own records, which may take the freed period themselves.
    earn_at_other_meetings((event.member_id, event.item, event.period) for event in changes.void if event.period)


def _record(entries: Sequence[EventEntry], correction: Correction, *, officers: TwoOfficers, now: datetime) -> None:
    branch, source = correction.review.branch, RecordBatch.Source.CORRECTION
    town = branch.town
    batch = open_batch(actor=officers.entered_by, now=now, town=town, branch=branch, source=source)
    rulebooks = rulebooks_of(town)
    # The correction's own change of the roster is written: what it takes out of scope cannot be recorded with it.
    refuse_out_of_scope(entries, rulebooks)
    refuse_duplicates(entries, rulebooks)
    entries = [put_right(entry, batch=batch, because=correction.reason) for entry in entries]
    insert_events(batch=batch, entries=entries)
    # What an attendance earned is not told of again, as everywhere.
    single = sum(entry.attendance_id is None for entry in entries)
    log_change(actor=officers.last, now=now, town=town, verb="record_events", subject=batch, new={"events": single})


def _row(finding: Finding) -> FindingQuerySet[Finding]:
    return type(finding).objects.filter(pk=finding.pk)
