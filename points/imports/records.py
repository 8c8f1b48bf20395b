"""Importing records: a records workbook or a tick workbook, previewed, then written as one batch, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.databases.commits import find_connection
from foundation.workbooks.reader import Workbook
from foundation.workbooks.report import ImportReport, RowError, RowOutcome
from foundation.workbooks.resource import open_file
from members.log.audit import log_change
from members.log.batches import open_batch
from members.log.locks import lock_for_score
from members.models import Branch, RecordBatch, Town, User
from members.roster_files.column_names import names_of
from members.selectors import leavings_of
from points.imports.late_dues import note_late_dues
from points.imports.locks import refuse_events_out_of_scope, refuse_locked_events, refuse_locked_findings
from points.imports.matching import match_events, match_findings
from points.imports.missed import refuse_missed_events
from points.imports.people import People
from points.imports.questions import ask_about
from points.imports.records_file import EventRow, FindingRow, RecordReader, RecordsResource
from points.imports.tick_workbook import is_tick_workbook, read_tick_workbook
from points.records.recording import insert_events
from points.roster.leaving import end_what_is_open
from points.rules.payments import UNSAID, Payment
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebooks_of
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A good row as a preview shows it; points in tenths, None for base items and findings."""

    sheet: str
    row: int
    branch: str
    member: str
    kind: str
    item: str
    date: date
    period: str
    points: int | None
    led: bool
    payment: Payment
    outcome: RowOutcome


@dataclass(slots=True)
class RecordsPlan:
    """What an import would do with every good row; the bad ones are in the report."""

    report: ImportReport
    people: People
    rulebooks: dict[int, Rulebook]
    events: list[EventRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)

    def rows(self) -> Iterator[PreviewRow]:
        """Every good row: those that earn in the file's order, then deductions and vetoes."""
        for event in self.events:
            entry = event.entry
            yield PreviewRow(
                event.sheet,
                event.row,
                self.people.branch_name_on(entry.member_id, entry.date),
                self.people.names[entry.member_id],
                "得分",
                self.rulebooks[entry.year].item(entry.item).name,
                event.stands_on or entry.date,
                entry.period,
                entry.points,
                entry.led,
                entry.payment,
                event.outcome,
            )
        for finding in self.findings:
            yield PreviewRow(
                finding.sheet,
                finding.row,
                self.people.branch_name_on(finding.member_id, finding.day),
                self.people.names[finding.member_id],
                "扣分" if finding.kind == "deduction" else "一票否决",
                self.rulebooks[finding.year].item(finding.item, finding.kind).name,
                finding.day,
                "",
                None,
                False,
                UNSAID,
                finding.outcome,
            )


def preview_records(
    *,
    actor: User,
    now: datetime,
    town: Town,
    data: bytes,
    filename: str,
    branch: Branch | None = None,
    year: int | None = None,
) -> RecordsPlan:
    """Say what importing the file would do; writes nothing. `branch` and `year` are what a tick workbook leaves unsaid.

    Raises:
        UnreadableWorkbook.
    """
    plan = _read_plan(actor=actor, now=now, town=town, data=data, filename=filename, branch=branch, year=year)
    _match_plan(plan, town, now=now)
    return plan


def import_records(
    *,
    actor: User,
    now: datetime,
    town: Town,
    data: bytes,
    filename: str,
    branch: Branch | None = None,
    year: int | None = None,
    expected_hash: str = "",
    token: UUID | None = None,
    confirmed: bool = False,
) -> ImportReport:
    """Import the file as one batch, all of it or nothing: with errors in the returned report nothing was written.

    Nor was it where the report has questions and they are not `confirmed` (D4, D5).
    `token` becomes the batch's uuid: the same preview confirmed twice writes once.

    Raises:
        UnreadableWorkbook, FileChanged (not the file whose preview was confirmed), DuplicateBatch.
    """
    plan = _read_plan(
        actor=actor,
        now=now,
        town=town,
        data=data,
        filename=filename,
        branch=branch,
        year=year,
        dry_run=False,
        expected_hash=expected_hash,
    )
    report = plan.report
    report.confirmed = confirmed
    if report.errors:
        _match_plan(plan, town, now=now)
        return report
    member_ids = {row.entry.member_id for row in plan.events} | {row.member_id for row in plan.findings}
    with find_connection().making_room(), transaction.atomic():
        lock_for_score(branch_ids=plan.people.branches_of(member_ids), member_ids=member_ids)
        new_events, new_findings = _match_plan(plan, town, now=now)
        if not report.errors and not report.is_held and (new_events or new_findings):
            branch_id = plan.people.common_branch(member_ids)
            batch = open_batch(
                actor=actor,
                now=now,
                town=town,
                source=RecordBatch.Source.IMPORT,
                branch=Branch.objects.get(pk=branch_id) if branch_id is not None else None,
                token=token,
                file_name=filename,
                file_hash=report.file_hash,
            )
            events = insert_events(batch=batch, entries=(row.entry for row in new_events))
            findings = _insert_findings(new_findings, batch=batch, actor=actor, now=now)
            log_change(
                actor=actor,
                now=now,
                town=town,
                verb="import_records",
                subject=batch,
                new={"file": filename, "file_hash": report.file_hash, "events": events, "findings": findings},
            )
            report.batch = str(batch.uuid)
    return report


def _read_plan(
    *,
    actor: User,
    now: datetime,
    town: Town,
    data: bytes,
    filename: str,
    branch: Branch | None,
    year: int | None,
    dry_run: bool = True,
    expected_hash: str = "",
) -> RecordsPlan:
    """Everything that can be said before the ledger is looked at."""
    today = timezone.localdate(now)
    book, report = open_file(data, filename, dry_run=dry_run, expected_hash=expected_hash)
    people = People(actor=actor, town=town, today=today)
    rulebooks = rulebooks_of(town)
    plan = RecordsPlan(report, people, rulebooks)
    if is_tick_workbook(book, rulebooks.values()):
        plan.events = _read_ticks(book, plan, branch=branch, year=year, today=today)
    else:
        reader = RecordReader(people=people, rulebooks=rulebooks, today=today, report=report)
        also = names_of(town, RecordsResource)
        reader.read(RecordsResource.find_tables(book, report, also=also))
        plan.events, plan.findings = reader.events, reader.findings
    return plan


def _read_ticks(
    book: Workbook, plan: RecordsPlan, *, branch: Branch | None, year: int | None, today: date
) -> list[EventRow]:
    if branch is None or year is None or year not in plan.rulebooks:
        problem = (
            _("This is a tick workbook; it says neither its branch nor its year.")
            if branch is None or year is None
            else _("No rulebook is adopted for %(year)s. Ask the town to adopt one first.") % {"year": year}
        )
        plan.report.add_error(
            RowError(
                book.visible_sheets[0].name, 1, "", "", problem, _("Name the branch and the year (--branch, --year).")
            )
        )
        return []
    return read_tick_workbook(
        book,
        branch=branch,
        year=year,
        rulebook=plan.rulebooks[year],
        people=plan.people,
        today=today,
        report=plan.report,
    )


def _match_plan(plan: RecordsPlan, town: Town, *, now: datetime) -> tuple[list[EventRow], list[FindingRow]]:
    """What is to be added: not there already, in scope (D16), not locked (D20). What is unusual is asked about.

    Dues that earn nothing any more are noted (D25).
    """
    report = plan.report
    events = refuse_events_out_of_scope(match_events(town, plan.events, report), report, plan.rulebooks)
    events = refuse_locked_events(events, report, now=now)
    events = refuse_missed_events(events, report)
    note_late_dues(events, report, plan.rulebooks)
    ask_about(events, report, rulebooks=plan.rulebooks, names=plan.people.names)
    return events, refuse_locked_findings(match_findings(plan.findings, report), report, now=now)


def _insert_findings(rows: list[FindingRow], *, batch: RecordBatch, actor: User, now: datetime) -> int:
    """Insert confirmed findings, marked as backfilled; of who has left no papers are asked (D18)."""
    deductions = []
    vetoes = []
    for row in rows:
        common = {
            "batch": batch,
            "member_id": row.member_id,
            "date": row.day,
            "particulars": row.particulars,
            "backfilled": True,
            "decided_on": row.decided_on,
            "decided_by": actor,
            "confirmed_at": now,
        }
        if row.kind == "deduction":
            deductions.append(Deduction(item=row.item, **common))
        else:
            vetoes.append(VetoRecord(ground=row.item, year=row.year, **common))
    Deduction.objects.bulk_create(deductions, batch_size=500)
    VetoRecord.objects.bulk_create(vetoes, batch_size=500)
    for chunk in split_into_chunks(sorted({row.member_id for row in rows})):
        for leaving in leavings_of(chunk):
            end_what_is_open(actor=actor, now=now, leaving=leaving)
    return len(rows)
