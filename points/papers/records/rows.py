"""A year's records as they can leave the town: the live, confirmed ones, and apart from them the voided and pending.

Rows come in roster order, some hundreds of members at a time, so that a town of any size needs little memory. Grounds
and particulars of findings are in it only for who may read them (D21); other findings are left out and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from members.access import Action, findings_for, holds_grounds_permission, may, readable_grounds_for
from members.errors import NotAllowed
from members.log.audit import log_change
from members.log.reasons import require_reason
from members.models import Membership, Town, User
from points.models import PointEvent
from points.papers.annual.report import exportable_branches
from points.rules.payments import PAYMENT_COLUMNS, UNSAID, Payment
from points.rules.rulebook import ItemKind, Rulebook
from points.scoring.adoption import rulebook_for
from veto.models import Deduction, Finding, VetoRecord

MEMBERS_AT_A_TIME = 200

FindingT = TypeVar("FindingT", Deduction, VetoRecord)


class Holder(NamedTuple):
    """Whose record it is; the branch is today's, or the last one of somebody who left.

    `id_number` is empty where the reader needs none: outside the town's staff it tells namesakes apart, no more.
    """

    branch: str
    name: str
    id_number: str


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the records workbook; `points` in tenths, `period` and `decided_on` where the kind has them."""

    holder: Holder
    kind: ItemKind
    item: str
    day: date
    period: str = ""
    points: int | None = None
    led: bool | None = None
    note: str = ""
    decided_on: date | None = None
    payment: Payment = UNSAID


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record that does not count: its state (`void`, `revoked`, `dismissed`, `proposed`), and who, when and why.

    For a proposal `by` and `at` are empty: nobody decided yet.
    """

    record: Record
    state: str
    by: str
    at: datetime | None
    why: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RecordsExport:
    """A year's records, read as they are iterated; `hidden_findings` are known to the reader but not open to them."""

    town: str
    year: int
    rulebook: Rulebook
    records: Iterator[Record]
    others: Iterator[OtherRecord]
    hidden_findings: int


def export_records(*, actor: User, now: datetime, town: Town, year: int, reason: str = "") -> RecordsExport:
    """Open a year's records over the branches the actor may export; logged.

    Town staff get every ID number, others only those that tell namesakes apart.
    Grounds are included where they are the actor's by right; with a `reason` also those the permission
    `members.view_finding_grounds` opens (D21).

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NotAllowed: there is no branch the actor may export, or a reason was given without the permission.
        TextTooLong.
        MissingReason: the reason is blank.
    """
    if reason:
        reason = require_reason(reason, _("Say why you need the grounds of findings."))
    branches = exportable_branches(actor=actor, now=now, town=town)
    rulebook = rulebook_for(town, year)
    if reason and not holds_grounds_permission(actor, town):
        raise NotAllowed(_("The grounds of findings need the permission “Can read the grounds of findings”."))
    on = timezone.localdate(now)
    holders = _read_holders(
        town,
        {branch.pk: branch.name for branch in branches},
        on=on,
        all_id_numbers=may(actor, Action.KEEP_ROSTER, None, on=on, town=town),
    )
    by_permission = bool(reason) or (actor.is_system and actor.town_id == town.pk)
    findings = _Findings(actor, town, year, on=on, by_permission=by_permission)
    log_change(
        actor=actor,
        now=now,
        town=town,
        verb="export_records",
        subject=town,
        new={"year": year, "members": len(holders), "reason": reason},
    )
    return RecordsExport(
        town=town.name,
        year=year,
        rulebook=rulebook,
        records=_read_records(holders, year, findings),
        others=_read_others(holders, year, findings),
        hidden_findings=findings.count_hidden(holders),
    )


def _read_holders(town: Town, branches: Mapping[int, str], *, on: date, all_id_numbers: bool) -> dict[int, Holder]:
    """The members whose branch is one of `branches`, in roster order; two queries.

    Without `all_id_numbers` only those have their ID number whose name another member of their branch bears or bore:
    an import looks for them in the branch of the record's day.
    """
    rows = Membership.objects.filter(member__town=town, from_date__lte=on, branch__isnull=False)
    last_branch: dict[int, int] = {}
    bearers: dict[tuple[int, str], set[int]] = defaultdict(set)
    for member_id, branch_id, name in rows.order_by("from_date").values_list("member_id", "branch_id", "member__name"):
        last_branch[member_id] = branch_id
        bearers[branch_id, name].add(member_id)
    order = {branch_id: index for index, branch_id in enumerate(branches)}
    people = []
    columns = town.members.order_by().values_list("pk", "name", "id_number", "position")
    for pk, name, id_number, position in columns:
        branch_id = last_branch.get(pk, 0)
        if branch_id in order:
            shown = id_number if all_id_numbers or len(bearers[branch_id, name]) > 1 else ""
            people.append((order[branch_id], position, pk, Holder(branches[branch_id], name, shown)))
    return {pk: holder for _order, _position, pk, holder in sorted(people)}


class _Findings:
    """The findings of a year as far as one reader may see them."""

    def __init__(self, actor: User, town: Town, year: int, *, on: date, by_permission: bool) -> None:
        self._actor = actor
        self._on = on
        self._by_permission = by_permission
        in_town = Q(member__town=town)
        in_year = Q(date__range=(date(year, 1, 1), date(year, 12, 31)))
        self._deductions = Deduction.objects.filter(in_town & in_year)
        self._vetoes = VetoRecord.objects.filter(in_town, year=year)

    def _readable(self, queryset: QuerySet[FindingT]) -> QuerySet[FindingT]:
        rows = readable_grounds_for(self._actor, queryset, on=self._on, by_permission=self._by_permission)
        return rows.select_related("batch").order_by("date", "pk")

    def read(self) -> dict[int, list[Deduction | VetoRecord]]:
        """The readable findings of each member, deductions first; two queries."""
        found: dict[int, list[Deduction | VetoRecord]] = defaultdict(list)
        for deduction in self._readable(self._deductions):
            found[deduction.member_id].append(deduction)
        for veto in self._readable(self._vetoes):
            found[veto.member_id].append(veto)
        return found

    def count_hidden(self, holders: Mapping[int, Holder]) -> int:
        """How many findings of `holders` the reader may know of without reading their grounds."""
        hidden = 0
        for queryset in (self._deductions, self._vetoes):
            known = findings_for(self._actor, queryset, on=self._on).exclude(
                pk__in=readable_grounds_for(
                    self._actor, queryset, on=self._on, by_permission=self._by_permission
                ).values("pk")
            )
            hidden += sum(1 for member_id in known.values_list("member_id", flat=True) if member_id in holders)
        return hidden


def _read_records(holders: Mapping[int, Holder], year: int, findings: _Findings) -> Iterator[Record]:
    found = findings.read()
    for member_ids in split_into_chunks(holders, MEMBERS_AT_A_TIME):
        events: dict[int, list[Record]] = defaultdict(list)
        rows = PointEvent.objects.live().filter(member__in=member_ids, year=year)
        for member_id, *columns in rows.order_by("date", "pk").values_list("member_id", *EVENT_COLUMNS):
            events[member_id].append(_event_record(holders[member_id], columns))
        for member_id in member_ids:
            yield from events[member_id]
            for finding in found.get(member_id, ()):
                if finding.state == Finding.State.CONFIRMED:
                    yield _finding_record(holders[member_id], finding)


EVENT_COLUMNS = ("item", "date", "period", "points", "led", "note", *PAYMENT_COLUMNS)


def _event_record(holder: Holder, columns: Sequence[object]) -> Record:
    item, day, period, points, led, note, due_fen, paid_fen, paid_by = columns
    assert isinstance(item, str)
    assert isinstance(day, date)
    assert isinstance(period, str)
    assert points is None or isinstance(points, int)
    assert due_fen is None or isinstance(due_fen, int)
    assert paid_fen is None or isinstance(paid_fen, int)
    return Record(
        holder,
        "points",
        item,
        day,
        period,
        points,
        led=bool(led) if points is not None else None,
        note=str(note),
        payment=Payment(due_fen, paid_fen, str(paid_by)),
    )


def _finding_record(holder: Holder, finding: Deduction | VetoRecord) -> Record:
    if isinstance(finding, Deduction):
        return Record(
            holder, "deduction", finding.item, finding.date, note=finding.particulars, decided_on=finding.decided_on
        )
    # The year is written only where the date does not say it already (D7).
    period = "" if finding.year == finding.date.year else str(finding.year)
    return Record(
        holder, "veto", finding.ground, finding.date, period, note=finding.particulars, decided_on=finding.decided_on
    )


def _read_others(holders: Mapping[int, Holder], year: int, findings: _Findings) -> Iterator[OtherRecord]:
    names = {user.pk: str(user) for user in User.objects.only("last_name", "first_name", "username")}
    found = findings.read()
    for member_ids in split_into_chunks(holders, MEMBERS_AT_A_TIME):
        voided: dict[int, list[OtherRecord]] = defaultdict(list)
        rows = PointEvent.objects.voided().filter(member__in=member_ids, year=year)
        for event in rows.select_related("batch").order_by("date", "pk"):
            columns = [getattr(event, column) for column in EVENT_COLUMNS]
            voided[event.member_id].append(
                OtherRecord(
                    _event_record(holders[event.member_id], columns),
                    Finding.State.VOID,
                    names[event.voided_by_id or 0],
                    event.voided_at,
                    event.void_reason or "",
                    names[event.batch.actor_id],
                    event.batch.at,
                )
            )
        for member_id in member_ids:
            yield from voided[member_id]
            for finding in found.get(member_id, ()):
                if finding.state != Finding.State.CONFIRMED:
                    yield _other_finding(holders[member_id], finding, names)


def _other_finding(holder: Holder, finding: Deduction | VetoRecord, names: Mapping[int, str]) -> OtherRecord:
    who, at, why = _last_step(finding)
    return OtherRecord(
        _finding_record(holder, finding),
        finding.state,
        names[who] if who is not None else "",
        at,
        why or "",
        names[finding.batch.actor_id],
        finding.batch.at,
    )


def _last_step(finding: Finding) -> tuple[int | None, datetime | None, str | None]:
    """Who took a finding out of the count, when and why."""
    if finding.voided_at:
        return finding.voided_by_id, finding.voided_at, finding.void_reason
    if finding.revoked_at:
        return finding.revoked_by_id, finding.revoked_at, finding.revoke_reason
    if finding.dismissed_at:
        return finding.decided_by_id, finding.dismissed_at, None
    if finding.ended_on:
        with translation.override("zh-hans"):  # the file's language, whoever asks for it
            return None, None, f"{finding.ended_on} {finding.get_ended_why_display()}"
    return None, None, None
