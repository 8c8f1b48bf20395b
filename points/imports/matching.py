"""What of a file stands in the ledger already.

Equal means member, item, date, period, points and leading role. An equal row counts as there as often as it stands
there; a row that equals only a voided record is refused, so that a void is not undone by importing the old file again.
A base row of a period that has a record, in the ledger or earlier in the file, earns nothing and refuses nothing: it is
named beside that record (D2). An equal row of dues that says other amounts, or another payer, than the one that stands
is refused, naming that one (D25): what is recorded is not changed by a file, nor is what the file says passed over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from members.models import Town
from points.imports.records_file import EventRow, FindingRow
from points.models import PointEvent
from points.rules.payments import PAYMENT_COLUMNS, Payment
from points.rules.rulebook import ItemKind
from points.scoring.wording import name_period, say_payment
from veto.models import Deduction, Finding, VetoRecord

FEW_MEMBERS = 500


_COLUMNS = ("member_id", "item", "period", "date", "points", "led", *PAYMENT_COLUMNS, "voided_at", "void_reason")


class _Event(NamedTuple):
    """The same columns, named."""

    member_id: int
    item: str
    period: str
    date: date
    points: int | None
    led: bool
    due_fen: int | None
    paid_fen: int | None
    paid_by: str
    voided_at: datetime | None
    void_reason: str | None

    @property
    def payment(self) -> Payment:
        return Payment(self.due_fen, self.paid_fen, self.paid_by)


def match_events(town: Town, rows: Sequence[EventRow], report: ImportReport) -> list[EventRow]:
    """The rows to be added, in the file's order; the others' outcome and the report say what becomes of them."""
    by_member: dict[int, list[EventRow]] = defaultdict(list)
    for row in rows:
        by_member[row.entry.member_id].append(row)
    years = {row.entry.year for row in rows}
    for member_id, standing in groupby(_standing_events(town, by_member.keys(), years), key=itemgetter(0)):
        of_member = by_member.pop(member_id, None)
        if of_member is not None:
            _match_member(of_member, standing, report)
    for of_member in by_member.values():
        _match_member(of_member, (), report)
    outcomes = Counter(row.outcome for row in rows)
    report.added += outcomes[RowOutcome.ADDED]
    report.already_there += outcomes[RowOutcome.ALREADY_THERE]
    report.repeated += outcomes[RowOutcome.REPEATED]
    return [row for row in rows if row.outcome is RowOutcome.ADDED]


def _standing_events(town: Town, member_ids: Iterable[int], years: set[int]) -> Iterator[_Event]:
    """The ledger's rows of these years, streamed by member."""
    wanted = sorted(member_ids)
    chunks = split_into_chunks(wanted) if len(wanted) <= FEW_MEMBERS else [None]
    for chunk in chunks:
        events = PointEvent.objects.filter(member__town=town, year__in=years).order_by("member_id")
        if chunk is not None:
            events = events.filter(member__in=chunk)
        for values in events.values_list(*_COLUMNS).iterator(chunk_size=2000):
            yield _Event(*values)


def _match_member(rows: Iterable[EventRow], standing: Iterable[_Event], report: ImportReport) -> None:
    base: dict[tuple[str, str], _Event] = {}
    deeds: Counter[tuple[str, date, int | None, bool]] = Counter()
    voided: dict[tuple[str, str, date | None, int | None, bool], _Event] = {}
    for event in standing:
        if event.voided_at is not None:
            voided[(event.item, event.period, event.date, event.points, event.led)] = event
            if event.period:
                voided[(event.item, event.period, None, None, False)] = event
        elif event.period:
            base[(event.item, event.period)] = event
        else:
            deeds[(event.item, event.date, event.points, event.led)] += 1
    seen: dict[tuple[str, str], EventRow] = {}
    for row in rows:
        entry = row.entry
        error = None
        if entry.period:
            row.outcome = _match_base(row, base, seen, report)
        else:
            key = (entry.item, entry.date, entry.points, entry.led)
            row.outcome = RowOutcome.ALREADY_THERE if deeds[key] > 0 else RowOutcome.ADDED
            deeds[key] -= 1
        if row.outcome is RowOutcome.ADDED:
            if voided:
                day = entry.date if row.dated else None
                void = voided.get((entry.item, entry.period, day, entry.points, entry.led))
                error = _refuse_voided(row, void) if void else None
        elif row.outcome in (RowOutcome.ALREADY_THERE, RowOutcome.REPEATED) and entry.period:
            error = _refuse_other_payment(row, seen[entry.item, entry.period], base.get((entry.item, entry.period)))
        if error is not None:
            row.outcome = RowOutcome.UNCHANGED
            report.add_error(error)


def _match_base(
    row: EventRow, base: dict[tuple[str, str], _Event], seen: dict[tuple[str, str], EventRow], report: ImportReport
) -> RowOutcome:
    """D2: once per member, item and period."""
    entry = row.entry
    key = (entry.item, entry.period)
    first = seen.setdefault(key, row)
    if first is not row:
        if first.entry.date == entry.date:
            return RowOutcome.REPEATED
        problem = _("Row %(row)d of sheet “%(sheet)s” (%(date)s) counts for %(period)s already.") % {
            "row": first.row,
            "sheet": first.sheet,
            "period": name_period(entry.period),
            "date": first.entry.date,
        }
    elif key not in base:
        return RowOutcome.ADDED
    elif not row.dated or base[key].date == entry.date:
        row.stands_on = base[key].date
        return RowOutcome.ALREADY_THERE
    else:
        problem = _("%(period)s is already recorded, with the date %(date)s.") % {
            "period": name_period(entry.period),
            "date": base[key].date,
        }
    report.add_skipped(_error(row, problem, _("A base item counts once in a period; this row earns nothing.")))
    return RowOutcome.SKIPPED


def _refuse_other_payment(row: EventRow, first: EventRow, stored: _Event | None) -> RowError | None:
    """What is wrong where the row says more, or something else, of the payment than its equal, in ledger or file."""
    payment = row.entry.payment
    equal = stored if stored is not None and (stored.date == row.entry.date or not row.dated) else None
    standing = first.entry.payment if equal is None else equal.payment
    if not payment.contradicts(standing):
        return None
    values: dict[str, object] = {
        "period": name_period(row.entry.period),
        "stands": say_payment(standing) or _("no amounts"),
        "says": say_payment(payment),
    }
    if equal is None:
        problem = _("Row %(row)d of sheet “%(sheet)s” says of %(period)s: %(stands)s. This one says: %(says)s.")
        values |= {"row": first.row, "sheet": first.sheet}
    else:
        problem = _("%(period)s is recorded with the date %(date)s: %(stands)s. This row says: %(says)s.")
        values |= {"date": equal.date}
    return _error(
        row,
        problem % values,
        _("Correct the row; if what is recorded is wrong, void that record in the workbench and record it again."),
    )


def _refuse_voided(row: EventRow, event: _Event) -> RowError:
    assert event.voided_at is not None
    return _error(
        row,
        _("An equal record was voided on %(date)s (%(reason)s).")
        % {"date": timezone.localdate(event.voided_at), "reason": event.void_reason},
        _("Delete the row; if it counts after all, record it in the workbench."),
    )


def _error(row: EventRow | FindingRow, problem: str, remedy: str) -> RowError:
    return RowError(row.sheet, row.row, *row.day_cell, problem, remedy, row.person)


def match_findings(rows: Sequence[FindingRow], report: ImportReport) -> list[FindingRow]:
    """The findings to be added; see `match_events`."""
    standing, gone, pending = _standing_findings({row.member_id for row in rows})
    for row in rows:
        key = (row.kind, row.member_id, row.item, row.day, row.year)
        error = None
        if standing[key] > 0:
            standing[key] -= 1
            row.outcome = RowOutcome.ALREADY_THERE
            report.already_there += 1
            continue
        if key in gone:
            error = _error(
                row,
                _("An equal finding was voided, revoked or dismissed."),
                _("Delete the row; if it counts after all, propose it in the workbench."),
            )
        elif key in pending:
            error = _error(
                row,
                _("An equal finding is proposed and not yet decided."),
                _("Delete the row and enter the decision in the workbench."),
            )
        if error is not None:
            row.outcome = RowOutcome.UNCHANGED
            report.add_error(error)
        else:
            report.added += 1
    return [row for row in rows if row.outcome is RowOutcome.ADDED]


_Key = tuple[ItemKind, int, str, date, int]


def _standing_findings(member_ids: set[int]) -> tuple[Counter[_Key], set[_Key], set[_Key]]:
    """Findings of these members that count (how often), that no longer count, and that are not decided."""
    standing: Counter[_Key] = Counter()
    gone: set[_Key] = set()
    pending: set[_Key] = set()
    for chunk in split_into_chunks(sorted(member_ids)):
        deductions = Deduction.objects.filter(member__in=chunk)
        vetoes = VetoRecord.objects.filter(member__in=chunk)
        found: list[tuple[_Key, str]] = [
            (("deduction", row.member_id, row.item, row.date, row.date.year), row.state) for row in deductions
        ]
        found += [(("veto", row.member_id, row.ground, row.date, row.year), row.state) for row in vetoes]
        for key, state in found:
            if state == Finding.State.CONFIRMED:
                standing[key] += 1
            elif state == Finding.State.PROPOSED:
                pending.add(key)
            else:
                gone.add(key)
    return standing, gone, pending
