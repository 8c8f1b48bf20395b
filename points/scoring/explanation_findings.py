"""Findings in words: those behind a score, and those their member was told of that do not count (2.3.3, 2.3.4, D18)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from members.models import Member
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet
from points.scoring.explanation_parts import FindingLine, OpenFinding
from veto.models import Deduction, Finding, VetoRecord

State = Finding.State


def explain_deductions(rulebook: Rulebook, sheet: ScoreSheet, *, with_grounds: bool) -> tuple[FindingLine, ...]:
    """The deductions behind a sheet; one query where there are any."""
    if not sheet.deduction_lines:
        return ()
    found = _findings(Deduction.objects.filter(pk__in=[line.ref for line in sheet.deduction_lines]))
    return tuple(
        _explain_finding(
            rulebook,
            found[line.ref],
            title=rulebook.item(line.item, "deduction").name if with_grounds else _("Negative list"),
            decided_on=found[line.ref].decided_on,
            points=line.points,
            clause=line.clause if with_grounds else "2.3.3",
            with_grounds=with_grounds,
        )
        for line in sheet.deduction_lines
    )


def explain_vetoes(rulebook: Rulebook, sheet: ScoreSheet, *, with_grounds: bool) -> tuple[FindingLine, ...]:
    """The vetoes behind a sheet; one query where there are any."""
    if not sheet.vetoes:
        return ()
    found = _findings(VetoRecord.objects.filter(pk__in=[line.ref for line in sheet.vetoes]))
    return tuple(
        _explain_finding(
            rulebook,
            found[line.ref],
            title=rulebook.item(line.ground, "veto").name if with_grounds else _("One-vote veto"),
            decided_on=line.confirmed_on,
            points=0,
            clause=line.clause if with_grounds else "2.3.4",
            with_grounds=with_grounds,
        )
        for line in sheet.vetoes
    )


def _findings(rows: QuerySet[Any]) -> dict[int, Finding]:
    return {row.pk: row for row in rows.prefetch_related("answers")}


def _explain_finding(
    rulebook: Rulebook,
    finding: Finding,
    *,
    title: str,
    decided_on: date | None,
    points: int,
    clause: str,
    with_grounds: bool,
) -> FindingLine:
    answer = finding.answered
    return FindingLine(
        ref=finding.pk,
        title=title,
        day=finding.date,
        decided_on=decided_on,
        decided_in=finding.decided_in,
        points=points,
        clause=clause,
        clause_text=rulebook.clause_text(clause),
        particulars=finding.particulars if with_grounds else "",
        uuid=finding.uuid,
        state=finding.state,
        state_label=say_finding_state(finding.state),
        notified_on=finding.notified_on,
        answered_on=answer.answered_on if answer else None,
        answer_label=answer.get_kind_display() if answer else "",
        statement=answer.statement if answer and with_grounds else "",
    )


def explain_open_findings(rulebook: Rulebook, *, member: Member, year: int) -> tuple[OpenFinding, ...]:
    """What the member was told of that does not count, for the member's own eyes; two queries.

    A proposal its member does not know of yet is not among them; neither is a voided entry.
    """
    deductions = Deduction.objects.filter(member=member, date__range=(date(year, 1, 1), date(year, 12, 31)))
    vetoes = VetoRecord.objects.filter(member=member, year=year)
    return (
        *_told(deductions, {item.code: item.name for item in rulebook.negative}),
        *_told(vetoes, {ground.code: ground.name for ground in rulebook.veto}),
    )


def _told(rows: QuerySet[Any], names: dict[str, str]) -> Iterator[OpenFinding]:
    for row in rows.prefetch_related("answers"):
        if row.notified_on is not None and row.state in (State.PROPOSED, State.DISMISSED, State.REVOKED, State.ENDED):
            is_veto = isinstance(row, VetoRecord)
            code, answer = row.ground if isinstance(row, VetoRecord) else row.item, row.answered
            yield OpenFinding(
                uuid=row.uuid,
                is_veto=is_veto,
                title=names.get(code, code),
                day=row.date,
                state=row.state,
                state_label=say_finding_state(row.state),
                notified_on=row.notified_on,
                answered_on=answer.answered_on if answer else None,
                answer_label=answer.get_kind_display() if answer else "",
                statement=answer.statement if answer else "",
            )


def say_finding_state(state: Finding.State) -> str:
    """Where a finding stands, as its member reads it."""
    return {
        State.PROPOSED: _("not decided: it does not count"),
        State.CONFIRMED: _("decided: it counts"),
        State.DISMISSED: _("not upheld: it does not count"),
        State.ENDED: _("ended: it does not count"),
        State.REVOKED: _("revoked: it does not count any more"),
        State.VOID: _("entered by mistake: it does not count"),
    }[state]
