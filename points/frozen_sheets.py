"""The score sheets of many frozen lines at once, from the records each line lists; a constant number of queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from points.models import Deduction, PointEvent, ReviewLine
from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import half_end
from points.rules.rulebook import Rulebook
from points.rules.score import FactsError, ScoreSheet, score_member
from veto.models import VetoRecord


def recompute_sheets(lines: Sequence[ReviewLine], *, rulebook: Rulebook, year: int) -> dict[int, ScoreSheet | None]:
    """Each line's sheet by the line's row number, whatever became of its records since; three queries.

    None where the records no longer make a sheet. A record that is gone is left out, so that the sum disagrees with
    the line: whoever shows the sheet compares the two.
    """
    ids = {line.member_id for line in lines}
    events = {
        str(row[0]): PointRecord(*row[1:])
        for row in PointEvent.objects.filter(member__in=ids, year=year).values_list(
            "uuid", "pk", "item", "period", "date", "points", "led"
        )
    }
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
        facts = MemberFacts(
            year=year,
            months_in_scope=tuple(data["months_in_scope"]),
            points=tuple(events[uuid] for uuid in data["events"] if uuid in events),
            deductions=tuple(deductions[uuid] for uuid in data["deductions"] if uuid in deductions),
            vetoes=tuple(vetoes[uuid] for uuid in data["vetoes"] if uuid in vetoes),
            approvals=tuple((half, date.fromisoformat(day)) for half, day in data["approvals"]),
        )
        try:
            sheets[line.pk] = score_member(rulebook, facts, half_end(year, data["half"]))
        except FactsError:
            sheets[line.pk] = None
    return sheets
