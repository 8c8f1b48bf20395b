"""More of everything in a branch: what a page asks of the database does not grow with what it shows."""

from __future__ import annotations

from datetime import date
from typing import Any

from members.models import Exemption
from points.meetings.holding import record_meeting
from points.models import Attendance
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry, make_member, make_user
from veto.deciding import propose_deduction, propose_veto


def grow_branch(cast: Cast, rows: int) -> None:
    """Give branch A so many more members with records, a meeting, findings and an account; half of them are exempt."""
    by_recorder: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    members = [make_member(cast.branch_a, f"党员{number}") for number in range(rows)]
    entries = [base_entry(member) for member in members] + [incentive_entry(member) for member in members]
    record_events(town=cast.town, branch=cast.branch_a, entries=entries, **by_recorder)
    for number, member in enumerate(members):
        record_meeting(
            branch=cast.branch_a,
            held_on=date(2026, 1, 1 + number % 28),
            kinds=[("lecture", "2026Q1"), ("party_day", "2026-01")],
            statuses={member.pk: Attendance.Status.ATTENDED},
            **by_recorder,
        )
        found = by_recorder | {"member": member, "date": TODAY, "particulars": "核实", "papers": "核实材料"}
        propose_deduction(item="rumour", **found)
        propose_veto(ground="disrepute", **found)
        if number % 2:
            days = dict.fromkeys(("applied_on", "decided_on", "from_date"), TODAY)
            Exemption.objects.create(member=member, ground="unable", **days)
        make_user(f"member-{member.pk}", name=member.name, town=cast.town, member=member)
