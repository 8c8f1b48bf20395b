"""Verifying what was frozen: every line against its records, every link of every branch's chain, every review.

Each revision is computed again from the records it lists; the current one must also be what the live ledger says, but
for what came late (D20). A line is named by branch, half, member uuid and revision.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.differences import Difference
from members.models import AuditEntry
from points.halves.locks import finding_half_keys
from points.integrity.differences import Check, Scope
from points.models import AssessmentYear, Correction, Freeze, PointEvent, Review, ReviewLine
from points.reviews.late import late_records
from points.rules.canonical import hash_text, to_canonical
from points.rules.periods import H1, H2, half_end, half_of, period_half
from points.rules.scope import months_in_scope
from points.scoring.freezing import (
    NOTHING_FROZEN,
    current_lines,
    describe_correction,
    describe_sheet,
    link_hash,
    read_approvals,
    read_days_in_scheme,
    recompute_sheets,
)
from veto.models import Deduction, VetoRecord

RECORD_LISTS = ("events", "deductions", "vetoes")
IDENTITY_KEYS = ("branch", "year", "half", "member", "revision", "rulebook")
OTHER_KEYS = ("version", "first_half", "half_score", "months_in_scope", "approvals", "correction", *RECORD_LISTS)


def check_freezes(scope: Scope) -> Iterator[Difference]:
    """Each branch's links follow one another without a gap, and each hash is made of what stands there."""
    hashes: dict[int, list[str]] = defaultdict(list)
    lines = scope.of_town(ReviewLine.objects.all(), "review__branch__town")
    for freeze_id, line_hash in lines.values_list("freeze_id", "hash").iterator():
        hashes[freeze_id].append(line_hash)
    rows = scope.of_town(Freeze.objects.select_related("branch", "actor"), "branch__town")
    before: Freeze | None = None
    for freeze in rows.order_by("branch_id", "sequence").iterator():
        if before is not None and before.branch_id != freeze.branch_id:
            before = None
        for message in _check_link(freeze, before, hashes[freeze.pk]):
            yield Difference(_("freeze"), _name_freeze(freeze), message)
        before = freeze


def _check_link(freeze: Freeze, before: Freeze | None, line_hashes: Sequence[str]) -> Iterator[str]:
    if freeze.sequence != (before.sequence + 1 if before else 1):
        yield _("a link before it is missing.")
    if freeze.previous_hash != (before.hash if before else ""):
        yield _("it does not follow from the link before it.")
    if before is not None and (freeze.at < before.at or freeze.pk < before.pk):
        yield _("it is older than the link before it.")
    if freeze.hash != link_hash(freeze, line_hashes):
        yield _("its hash is not that of its place, time, person and lines.")


def _name_freeze(freeze: Freeze) -> str:
    return f"{freeze.branch.name} {freeze.sequence}"


class _Frozen(NamedTuple):
    """A line with its payload, and what names it in a difference."""

    line: ReviewLine
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return _name_line(self.line)

    @property
    def listed(self) -> set[str]:
        return {uuid for records in RECORD_LISTS for uuid in self.data[records]}


def _name_line(line: ReviewLine) -> str:
    return _("%(branch)s, %(year)s%(half)s, member %(member)s, revision %(revision)d") % {
        "branch": line.review.branch.name,
        "year": line.review.year,
        "half": line.review.half,
        "member": line.member.uuid,
        "revision": line.revision,
    }


def check_lines(scope: Scope) -> Iterator[Difference]:
    """Every revision is what its hash, its place, its records and the ledger make of it."""
    reviews = scope.of_town(Review.objects.select_related("branch__town"), "branch__town")
    count = 0
    for review in reviews.order_by("pk").iterator():
        rows = ReviewLine.objects.filter(review=review).select_related(
            "review__branch", "member", "freeze", "correction__review"
        )
        lines = list(rows.order_by("member_id", "revision"))
        for message_of, message in _check_review_lines(scope, review, lines):
            yield Difference(_("review line"), message_of, message)
        count += len(lines)
        if scope.progress and lines:
            scope.progress(_("review lines"), count)


def _check_review_lines(scope: Scope, review: Review, lines: Sequence[ReviewLine]) -> Iterator[tuple[str, str]]:
    readable: list[_Frozen] = []
    for line in lines:
        if hash_text(line.payload) != line.hash:
            yield _name_line(line), _("its content is not the one its hash was made of.")
        data = _read(line.payload)
        if data is None:
            yield _name_line(line), _("its content cannot be read.")
        else:
            readable.append(_Frozen(line, data))
    yield from _check_places(review, readable)
    yield from _check_revisions(readable)
    yield from _check_scores(scope, review, readable)
    if review.half == H2:
        yield from _check_first_halves(review, readable)
    yield from _check_records(review, readable)


def _read(payload: str) -> Mapping[str, Any] | None:
    """The payload where it is canonical JSON with the keys a line has."""
    try:
        data = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(data, dict) or to_canonical(data) != payload:
        return None
    if not {*IDENTITY_KEYS, *OTHER_KEYS} <= data.keys():
        return None
    try:
        for _half, day in data["approvals"]:
            date.fromisoformat(day)
        half_end(data["year"], data["half"])
        has_shape = all(isinstance(uuid, str) for records in RECORD_LISTS for uuid in data[records])
        has_shape &= all(isinstance(month, int) for month in data["months_in_scope"])
        has_shape &= isinstance(data["first_half"], int | None)
        # Since version 2; what was out of scope is among the events.
        has_shape &= set(data.get("out_of_scope", ())) <= set(data["events"])
        read_days_in_scheme(data)
    except (TypeError, ValueError):
        return None
    return data if has_shape else None


def _check_places(review: Review, lines: Iterable[_Frozen]) -> Iterator[tuple[str, str]]:
    """The line speaks of its own branch, half, member and revision, under the year's rulebook, for its own reason."""
    digest = (
        AssessmentYear.objects.filter(town=review.branch.town_id, year=review.year)
        .values_list("rulebook__hash", flat=True)
        .first()
    )
    for frozen in lines:
        line = frozen.line
        expected = {
            "branch": str(review.branch.uuid),
            "year": review.year,
            "half": review.half,
            "member": str(line.member.uuid),
            "revision": line.revision,
            "rulebook": digest,
        }
        for key in IDENTITY_KEYS:
            if frozen.data[key] != expected[key]:
                yield frozen.name, _("it speaks of another %(what)s than it stands under.") % {"what": key}
        if line.freeze.branch_id != review.branch_id:
            yield frozen.name, _("it hangs on another branch's chain.")
        reason = describe_correction(line.correction) if line.correction else None
        if frozen.data["correction"] != reason:
            yield frozen.name, _("the correction behind it is not the one it was made with.")
        # A change of the roster may reach from an earlier year into this one.
        if line.correction and (
            line.correction.member_id != line.member_id or line.correction.review.year > review.year
        ):
            yield frozen.name, _("the correction behind it is about another line.")


def _check_revisions(lines: Sequence[_Frozen]) -> Iterator[tuple[str, str]]:
    for before, frozen in zip((None, *lines), lines, strict=False):
        line = frozen.line
        previous = before.line if before and before.line.member_id == line.member_id else None
        if line.revision != (previous.revision + 1 if previous else 1):
            yield frozen.name, _("a revision before it is missing.")
        if previous and previous.freeze_id >= line.freeze_id:
            yield frozen.name, _("it is older than the revision before it.")


def _check_scores(scope: Scope, review: Review, lines: Sequence[_Frozen]) -> Iterator[tuple[str, str]]:
    """Every figure is what the listed records make."""
    rulebook = scope.rulebooks.get(review.branch.town_id, {}).get(review.year)
    if rulebook is None:  # said by the check of rulebooks
        return
    sheets = recompute_sheets([frozen.line for frozen in lines], rulebook=rulebook, year=review.year)
    for frozen in lines:
        months = months_in_scope(frozen.data["year"], read_days_in_scheme(frozen.data))
        if list(months) != frozen.data["months_in_scope"]:
            yield frozen.name, _("its months in scope are not those of its days in the scheme.")
        sheet = sheets[frozen.line.pk]
        if sheet is None:
            yield frozen.name, _("its records cannot be scored any more.")
            continue
        for key, value in describe_sheet(sheet, frozen.data["first_half"]).items():
            if frozen.data.get(key) != value:
                yield (
                    frozen.name,
                    _("%(figure)s says %(stored)s, the records it lists make %(right)s.")
                    % {"figure": key, "stored": frozen.data.get(key), "right": value},
                )


def _check_first_halves(review: Review, lines: Sequence[_Frozen]) -> Iterator[tuple[str, str]]:
    """A second half builds on the first half as it was frozen then, and the current one on the current one (D8)."""
    first: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    rows = ReviewLine.objects.filter(
        review__year=review.year, review__half=H1, member__in=[frozen.line.member_id for frozen in lines]
    )
    for member_id, freeze_id, payload in rows.order_by("revision").values_list("member_id", "freeze_id", "payload"):
        data = _read(payload)
        first[member_id].append((freeze_id, data["cumulative"] if data else None))
    current = {frozen.line.member_id: frozen for frozen in lines}
    for frozen in lines:
        line = frozen.line
        known = [score for freeze_id, score in first[line.member_id] if freeze_id < line.freeze_id]
        if frozen.data["first_half"] != (known[-1] if known else None):
            yield frozen.name, _("its first half is not the one that was frozen before it.")
        elif current[line.member_id] is frozen and len(known) != len(first[line.member_id]):
            yield frozen.name, _("the first half was corrected and this line did not follow.")


class _Record(NamedTuple):
    """When a record began and ceased to count; `voided_at` is empty for a finding revoked."""

    uuid: str
    halves: frozenset[str]
    since: datetime | None
    until: datetime | None
    voided_at: datetime | None

    def counted_at(self, moment: datetime) -> bool:
        """Whether it surely counted at a moment."""
        return self.since is not None and self.since < moment and (self.until is None or self.until > moment)


def _check_records(review: Review, lines: Sequence[_Frozen]) -> Iterator[tuple[str, str]]:
    """No line hides a record that counted when it was made, or lists one that did not count any more."""
    records = _read_records(review.year, {frozen.line.member_id for frozen in lines})
    approvals = read_approvals({frozen.line.member_id for frozen in lines}, review.year)
    current = {frozen.line.member_id: frozen for frozen in lines}
    for frozen in lines:
        line, at = frozen.line, frozen.line.freeze.at
        known = {record.uuid: record for record in records[line.member_id]}
        for uuid in sorted(frozen.listed):
            record = known.get(uuid)
            if record is None:
                yield frozen.name, _("record %(uuid)s, which it lists, is not there.") % {"uuid": uuid}
            elif record.until is not None and record.until < at:
                yield frozen.name, _("record %(uuid)s, which it lists, did not count any more.") % {"uuid": uuid}
            elif record.voided_at is not None and current[line.member_id] is frozen:
                yield frozen.name, _("record %(uuid)s was voided without a correction.") % {"uuid": uuid}
        for record in records[line.member_id]:
            if (
                (review.half == H2 or H1 in record.halves)
                and record.counted_at(at)
                and record.uuid not in frozen.listed
            ):
                yield frozen.name, _("record %(uuid)s stood before it and is not in it.") % {"uuid": record.uuid}
        approved = {half: day.isoformat() for half, day in approvals.get(line.member_id, NOTHING_FROZEN).approvals}
        for half, day in frozen.data["approvals"]:
            if approved.get(half) != day:
                yield frozen.name, _("the day of approval it counts with is not the review's.")


def _read_records(year: int, member_ids: Iterable[int]) -> dict[int, list[_Record]]:
    """The records of the members' year, void and revoked ones too."""
    found: dict[int, list[_Record]] = defaultdict(list)
    columns = ("member_id", "uuid", "item", "period", "date", "batch__at", "attendance_id", "voided_at")
    events = list(PointEvent.objects.filter(member__in=member_ids, year=year).values_list(*columns))
    voids: dict[tuple[int, str, str], list[tuple[object, datetime]]] = defaultdict(list)
    for member_id, uuid, item, period, *_rest, voided_at in events:
        if voided_at is not None:
            voids[member_id, item, period].append((uuid, voided_at))
    for member_id, uuid, item, period, day, recorded_at, attendance_id, voided_at in events:
        since = recorded_at
        if attendance_id is not None:
            # It may have stood by until another record of the period was voided (D24).
            others = (at for other, at in voids[member_id, item, period] if other != uuid)
            since = max((recorded_at, *others))
        half = period_half(period, day) if period else half_of(day)
        found[member_id].append(_Record(str(uuid), frozenset({half}), since, voided_at, voided_at))
    for row in Deduction.objects.filter(member__in=member_ids, date__year=year):
        found[row.member_id].append(_read_finding(row, None))
    for veto in VetoRecord.objects.filter(member__in=member_ids, year=year):
        found[veto.member_id].append(_read_finding(veto, veto.year))
    return found


def _read_finding(finding: Deduction | VetoRecord, veto_year: int | None) -> _Record:
    keys = finding_half_keys(finding.member_id, day=finding.date, veto_year=veto_year, decided_on=finding.decided_on)
    ends = [at for at in (finding.revoked_at, finding.voided_at) if at is not None]
    return _Record(
        str(finding.uuid),
        frozenset(half for _member_id, _year, half in keys),
        finding.confirmed_at,
        min(ends, default=None),
        finding.voided_at,
    )


def check_reviews(scope: Scope) -> Iterator[Difference]:
    """A review's state and approval are those of its lines; a final year hides nothing that came later (D20)."""
    reviews = scope.of_town(Review.objects.select_related("branch__town"), "branch__town")
    for review in reviews.order_by("pk").iterator():
        first = Freeze.objects.filter(lines__review=review, lines__revision=1).order_by("pk").first()
        for message in _check_approval(review, first):
            yield Difference(_("review"), str(review), message)
        if review.half == H2 and review.state == Review.State.FINAL:
            for late in late_records(_readable(current_lines(review))):
                yield Difference(
                    _("review line"),
                    _name_line(late.line),
                    _("record %(uuid)s came later, and the year is final.") % {"uuid": late.record.uuid}
                    if late.record
                    else _("the roster was changed later, and the year is final."),
                )


def _readable(lines: Iterable[ReviewLine]) -> Iterator[ReviewLine]:
    return (line for line in lines if _read(line.payload) is not None)


def _check_approval(review: Review, first: Freeze | None) -> Iterator[str]:
    if (review.state in Review.FROZEN) != (first is not None):
        yield _("it is %(state)s, and its lines say otherwise.") % {"state": review.get_state_display()}
    elif first is not None and (review.approved_at != first.at or review.approved_by_id != first.actor_id):
        yield _("who approved it or when is not what its lines were frozen with.")


def check_corrections(scope: Scope) -> Iterator[Difference]:
    """Every correction left its revision, and every link the log speaks of is still there."""
    corrections = scope.of_town(Correction.objects.filter(lines__isnull=True), "review__branch__town")
    for correction in corrections.order_by("pk"):
        yield Difference(_("correction"), str(correction.uuid), _("the revision it led to is not there."))
    links = set(scope.of_town(Freeze.objects.all(), "branch__town").values_list("hash", flat=True))
    entries = scope.of_town(AuditEntry.objects.filter(verb__in=("approve_review", "correct_line")), "town")
    for pk, logged in scope.stream(_("log entries"), entries, "pk", "new"):
        for link in logged.get("links", ()):
            if link not in links:
                yield Difference(_("log entry"), str(pk), _("the link %(hash)s is not there.") % {"hash": link[:12]})


CHAIN_CHECKS: tuple[tuple[str | Promise, Check], ...] = (
    (gettext_lazy("freezes"), check_freezes),
    (gettext_lazy("review lines"), check_lines),
    (gettext_lazy("reviews"), check_reviews),
    (gettext_lazy("corrections"), check_corrections),
)
