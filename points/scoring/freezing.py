"""Freezing scores: what a review line holds, its hash, and the branch's hash chain (3.2, D8, D20).

A line's payload is canonical JSON: whole tenths, the breakdown, the rulebook's hash, and the uuid of every record it
counted, so that the score of many lines can be computed anew from the records listed. It names the member by uuid only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.utils import timezone

from foundation.chunks import split_into_chunks
from members.models import Branch, Member, RecordBatch, User
from members.people.naming import tell_rows_apart
from members.selectors import members_in
from points.models import Correction, Freeze, PointEvent, Review, ReviewLine
from points.rules.canonical import hash_text, to_canonical
from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import H1, half_end, half_of, period_half
from points.rules.rulebook import Rulebook
from points.rules.scope import Span, cut_to_year, spans_of_months
from points.rules.score import OUT_OF_SCOPE, FactsError, ScoreSheet, score_member
from veto.models import Deduction, VetoRecord

PAYLOAD_VERSION = 3
"""Since 2 a line says what its branch was called, the member's category, who held the two offices then, and which of
its records were out of scope (D16); since 3 the days on which the member was in the scheme."""


@dataclass(frozen=True, slots=True)
class FrozenScore:
    """What one payload says; all points are tenths.

    `cumulative` is the year's score through the half's end; `half_score` is that less `first_half` (None where the
    first half was out of scope or this is the first half itself).
    """

    year: int
    half: str
    cumulative: int
    first_half: int | None
    half_score: int
    base_items: Mapping[str, int]
    base: int
    incentive_items: Mapping[str, int]
    incentive: int
    deducted: int
    vetoed: bool
    earned_before_veto: int
    months_in_scope: tuple[int, ...]
    events: tuple[str, ...]
    deductions: tuple[str, ...]
    vetoes: tuple[str, ...]
    category: str = ""
    """Full or probationary on the half's last day; empty in lines that did not say it yet."""

    @property
    def is_part_year(self) -> bool:
        return len(self.months_in_scope) < 12


@dataclass(frozen=True, slots=True)
class RecordUuids:
    """The uuids of records by row number."""

    events: Mapping[int, UUID]
    deductions: Mapping[int, UUID]
    vetoes: Mapping[int, UUID]


def events_of(sheet: ScoreSheet) -> list[int]:
    """The row numbers of every event a sheet looked at, counted or not."""
    refs = [record.ref for line in sheet.base_lines for record in line.counted]
    refs += [entry.record.ref for entry in sheet.uncounted]
    return refs + [record.ref for line in sheet.incentive_lines for record in line.records]


def uuids_behind(sheets: Iterable[ScoreSheet]) -> RecordUuids:
    """The uuids of all records behind some sheets, read in bulk."""
    sheets = list(sheets)
    return RecordUuids(
        events=_read_uuids(PointEvent, (ref for sheet in sheets for ref in events_of(sheet))),
        deductions=_read_uuids(Deduction, (line.ref for sheet in sheets for line in sheet.deduction_lines)),
        vetoes=_read_uuids(VetoRecord, (line.ref for sheet in sheets for line in sheet.vetoes)),
    )


def _read_uuids(model: type[PointEvent] | type[Deduction] | type[VetoRecord], refs: Iterable[int]) -> dict[int, UUID]:
    found: dict[int, UUID] = {}
    for chunk in split_into_chunks(refs):
        found.update(model.objects.filter(pk__in=chunk).values_list("pk", "uuid"))
    return found


def pack_content(
    *,
    review: Review,
    member_uuid: UUID,
    category: str,
    officers: Mapping[str, Sequence[str]],
    revision: int,
    rulebook_hash: str,
    sheet: ScoreSheet,
    first_half: int | None,
    approvals: Sequence[tuple[str, date]],
    uuids: RecordUuids,
    correction: Correction | None = None,
) -> str:
    """The canonical JSON of one line; `officers` are the accounts of each office by uuid, as they were that day."""
    return to_canonical(
        {
            "version": PAYLOAD_VERSION,
            "correction": describe_correction(correction) if correction else None,
            "branch": str(review.branch.uuid),
            "branch_name": review.branch.name,
            "officers": {role: sorted(uuids) for role, uuids in officers.items()},
            "year": review.year,
            "half": review.half,
            "member": str(member_uuid),
            "category": category,
            "revision": revision,
            "rulebook": rulebook_hash,
            "first_half": first_half,
            **describe_sheet(sheet, first_half),
            "months_in_scope": list(sheet.months_in_scope),
            "in_scheme": [
                [start.isoformat(), end.isoformat() if end else None]
                for start, end in cut_to_year(sheet.in_scheme, sheet.year)
            ],
            "approvals": [[half, day.isoformat()] for half, day in approvals],
            "events": sorted(str(uuids.events[ref]) for ref in events_of(sheet)),
            "out_of_scope": sorted(
                str(uuids.events[entry.record.ref]) for entry in sheet.uncounted if entry.reason == OUT_OF_SCOPE
            ),
            "deductions": sorted(str(uuids.deductions[line.ref]) for line in sheet.deduction_lines),
            "vetoes": sorted(str(uuids.vetoes[line.ref]) for line in sheet.vetoes),
        }
    )


def describe_sheet(sheet: ScoreSheet, first_half: int | None) -> dict[str, Any]:
    """The figures of a sheet as a payload holds them, in tenths; recomputing a line must give them again."""
    return {
        "cumulative": sheet.total,
        "base_items": {line.item: line.points for line in sheet.base_lines},
        "base": sheet.base,
        "incentive_items": {line.item: line.score for line in sheet.incentive_lines},
        "incentive": sheet.incentive,
        "deducted": sheet.deducted,
        "vetoed": sheet.is_vetoed,
        "earned_before_veto": sheet.earned_before_veto,
        "half_score": sheet.half_score(first_half),
    }


def describe_correction(correction: Correction) -> dict[str, str]:
    """What ties a revision to why it was made; the reason by its hash, for it may name a ground (D21)."""
    return {
        "uuid": str(correction.uuid),
        "decided_on": correction.decided_on.isoformat(),
        "reason": hash_text(correction.reason),
    }


def read_payload(payload: str) -> FrozenScore:
    """What a line's payload says."""
    data = json.loads(payload)
    return FrozenScore(
        year=data["year"],
        half=data["half"],
        cumulative=data["cumulative"],
        first_half=data["first_half"],
        half_score=data["half_score"],
        base_items=data["base_items"],
        base=data["base"],
        incentive_items=data["incentive_items"],
        incentive=data["incentive"],
        deducted=data["deducted"],
        vetoed=data["vetoed"],
        earned_before_veto=data["earned_before_veto"],
        months_in_scope=tuple(data["months_in_scope"]),
        events=tuple(data["events"]),
        deductions=tuple(data["deductions"]),
        vetoes=tuple(data["vetoes"]),
        category=data.get("category", ""),
    )


def read_days_in_scheme(data: Mapping[str, Any]) -> tuple[Span, ...]:
    """The days on which a line's member was in the scheme, as was known when it was frozen (D16).

    Lines before version 3 say the months alone. Those days tell what was asked of the member; no record is judged by
    them again.
    """
    if "in_scheme" not in data:
        return spans_of_months(data["year"], data["months_in_scope"])
    return tuple(
        Span(date.fromisoformat(start), date.fromisoformat(end) if end else None) for start, end in data["in_scheme"]
    )


def link_hash(freeze: Freeze, line_hashes: Iterable[str]) -> str:
    """The hash of one link of a branch's chain: over its place, time and actor, the link before and its lines."""
    return hash_text(
        to_canonical(
            {
                "branch": str(freeze.branch.uuid),
                "sequence": freeze.sequence,
                "previous": freeze.previous_hash,
                "at": freeze.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "actor": str(freeze.actor.uuid),
                "lines": sorted(line_hashes),
            }
        )
    )


def append_freeze(*, actor: User, now: datetime, branch: Branch, line_hashes: Sequence[str]) -> Freeze:
    """Append the branch's next link; the caller holds the branch's lock."""
    last = chain_head(branch)
    freeze = Freeze(
        branch=branch,
        sequence=last.sequence + 1 if last else 1,
        previous_hash=last.hash if last else "",
        at=now,
        actor=actor,
    )
    freeze.hash = link_hash(freeze, line_hashes)
    freeze.save(force_insert=True)
    return freeze


def chain_head(branch: Branch) -> Freeze | None:
    """The branch's latest link, which the next one is appended to; papers print `link_of_half` instead."""
    return Freeze.objects.filter(branch=branch).order_by("-sequence").first()


def link_of_half(review: Review) -> Freeze | None:
    """The link of a half's approval or of its last correction: its hash is printed on the half's papers.

    So they witness it, and one that is printed again agrees with the one on the wall, whatever was frozen after it.
    """
    return Freeze.objects.filter(lines__review=review).order_by("-sequence").first()


def links_of_year(branch_ids: Iterable[int], year: int) -> dict[int, Freeze]:
    """The same for papers over a year: by branch the latest link of the year's halves; one query."""
    lines = ReviewLine.objects.filter(review__branch__in=list(branch_ids), review__year=year)
    rows = Freeze.objects.filter(pk__in=lines.values("freeze")).order_by("sequence")
    return {link.branch_id: link for link in rows}


def current_lines(review: Review) -> list[ReviewLine]:
    """The highest revision of each member's line, in roster order, namesakes told apart; one query."""
    lines: dict[int, ReviewLine] = {}
    rows = ReviewLine.objects.filter(review=review).select_related("member", "freeze", "correction")
    for line in rows.order_by("member__position", "member_id", "revision"):
        lines[line.member_id] = line
    return tell_rows_apart(lines.values(), lambda line: line.member, lasting=True)


@dataclass(frozen=True, slots=True)
class FrozenHalves:
    """What has been frozen of one member's year: the first half's score (tenths), and when each half was approved."""

    first_half: int | None = None
    approved_at: tuple[tuple[str, datetime], ...] = ()

    @property
    def approvals(self) -> tuple[tuple[str, date], ...]:
        """Each approved half with the day of its approval, as the engine takes it (D25)."""
        return tuple((half, timezone.localdate(at)) for half, at in self.approved_at)

    def is_late(self, *, period: str, day: date, recorded_at: datetime, source: str) -> bool:
        """Whether a record was written after its half was approved, and by no correction (D25)."""
        if not self.approved_at or source == RecordBatch.Source.CORRECTION:
            return False
        half = period_half(period, day) if period else half_of(day)
        return any(half == approved and recorded_at > at for approved, at in self.approved_at)


NOTHING_FROZEN = FrozenHalves()


def _read_approvals_without_line(members: QuerySet[Member], year: int) -> dict[int, datetime]:
    """When the first half of the members' branch was approved, where they have no line of it; one query (D25).

    Who was exempt on its last day and is in the scheme again in December: what comes in after that approval is late
    for them as for everybody.
    """
    approved = Review.objects.filter(year=year, half=H1, approved_at__isnull=False)
    lines = ReviewLine.objects.filter(review__year=year, review__half=H1, member=OuterRef("pk"))
    branches = Branch.objects.filter(pk__in=approved.values("branch"))
    rows = members_in(branches, half_end(year, H1)).filter(~Exists(lines), pk__in=members.values("pk"))
    own = approved.filter(branch=OuterRef("branch_id_on_day"))
    return dict(rows.values_list("pk", Subquery(own.values("approved_at")[:1])))


def read_frozen_halves(members: QuerySet[Member], year: int) -> dict[int, FrozenHalves]:
    """What has been frozen of each member's year, in whichever branch reviewed it; two queries (D8, D25)."""
    first_halves: dict[int, int] = {}
    approvals: dict[int, dict[str, datetime]] = {}
    lines = ReviewLine.objects.filter(review__year=year, member__in=members.values("pk")).order_by("revision")
    # A first line of a second half says when that was approved; its payload is not needed, so it is not read.
    payload = Case(When(review__half=H1, then="payload"), default=Value(""), output_field=TextField())
    rows = lines.values_list("member_id", "review__half", "review__approved_at", payload)
    for member_id, half, approved_at, text in rows.iterator():
        approvals.setdefault(member_id, {})[half] = approved_at
        if half == H1:
            first_halves[member_id] = read_payload(text).cumulative
    for member_id, approved_at in _read_approvals_without_line(members, year).items():
        approvals.setdefault(member_id, {})[H1] = approved_at
    return {
        member_id: FrozenHalves(first_halves.get(member_id), tuple(sorted(halves.items())))
        for member_id, halves in approvals.items()
    }


def read_approvals(member_ids: Iterable[int], year: int) -> dict[int, FrozenHalves]:
    """When each half of the members was approved, without its score; two queries."""
    found: dict[int, list[tuple[str, datetime]]] = {}
    rows = ReviewLine.objects.filter(review__year=year, member__in=set(member_ids), revision=1)
    for member_id, half, at in rows.values_list("member_id", "review__half", "review__approved_at"):
        if at is not None:
            found.setdefault(member_id, []).append((half, at))
    members = Member.objects.filter(pk__in=set(member_ids))
    for member_id, at in _read_approvals_without_line(members, year).items():
        found.setdefault(member_id, []).append((H1, at))
    return {member_id: FrozenHalves(approved_at=tuple(halves)) for member_id, halves in found.items()}


def recompute_sheets(lines: Sequence[ReviewLine], *, rulebook: Rulebook, year: int) -> dict[int, ScoreSheet | None]:
    """Each line's sheet by the line's row number, whatever became of its records since; five queries.

    None where the records no longer make a sheet. A record that is gone is left out, so that the sum disagrees with
    the line: whoever shows the sheet compares the two.
    """
    ids = {line.member_id for line in lines}
    approved_at = read_approvals(ids, year)
    columns = ("member_id", "batch__at", "batch__source", "uuid", "pk", "item", "period", "date", "points", "led")
    events = {}
    for member_id, at, source, uuid, *row in PointEvent.objects.filter(member__in=ids, year=year).values_list(*columns):
        _pk, _item, period, day, *_rest = row
        halves = approved_at.get(member_id, NOTHING_FROZEN)
        late = halves.is_late(period=period, day=day, recorded_at=at, source=source)
        events[str(uuid)] = PointRecord(*[*row, late])
    deductions = {
        str(row[0]): DeductionRecord(*row[1:])
        for row in Deduction.objects.filter(member__in=ids, date__year=year).values_list("uuid", "pk", "item", "date")
    }
    vetoes = {
        str(uuid): VetoFact(pk, ground, veto_year, decided_on)
        for uuid, pk, ground, veto_year, decided_on in VetoRecord.objects.filter(member__in=ids, year=year).values_list(
            "uuid", "pk", "ground", "year", "decided_on"
        )
        if decided_on is not None
    }
    sheets: dict[int, ScoreSheet | None] = {}
    for line in lines:
        data = json.loads(line.payload)
        records = [events[uuid] for uuid in data["events"] if uuid in events]
        if "out_of_scope" not in data:
            # Version 1 judged a record by its day alone: `late`, the last column, was not asked.
            records = [PointRecord(*record[:-1]) for record in records]
        facts = MemberFacts(
            year=year,
            months_in_scope=tuple(data["months_in_scope"]),
            points=tuple(records),
            deductions=tuple(deductions[uuid] for uuid in data["deductions"] if uuid in deductions),
            vetoes=tuple(vetoes[uuid] for uuid in data["vetoes"] if uuid in vetoes),
            approvals=tuple((half, date.fromisoformat(day)) for half, day in data["approvals"]),
            # A payload that does not say so judged no scope.
            left_out=frozenset(events[uuid].ref for uuid in data.get("out_of_scope", ()) if uuid in events),
        )
        try:
            sheet = score_member(rulebook, facts, half_end(year, data["half"]))
        except FactsError:
            sheets[line.pk] = None
        else:
            sheets[line.pk] = replace(sheet, in_scheme=read_days_in_scheme(data))
    return sheets
