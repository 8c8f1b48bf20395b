"""A member told, heard and decided about in one go, for tests about what comes before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from members.evidence.documents import InspectedFile
from members.models import Appointment, Member, StoredFile, User
from members.places.resolutions import Resolution
from members.places.workdays import TownCalendar
from members.selectors import system_account
from tests.clock import SHANGHAI
from veto.deciding import clear_finding, confirm_finding, dismiss_finding, revoke_finding
from veto.hearing_days import last_day_to_answer
from veto.hearings import Delivery, Meeting, record_answer, tell_member
from veto.models import Answer, Finding, Telling, VetoRecord

PAPER = InspectedFile(StoredFile.Kind.PDF, "", b"%PDF-1.7 signed\n%%EOF\n")
"""A signed paper, as it is kept."""


def typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments of mixed kinds, for a call."""
    return fields


def resolve(met_on: date, *, in_favour: int = 3, present: int = 3, **more: Any) -> Resolution:
    """A committee of three that was all there, and of one mind."""
    votes: dict[str, Any] = {
        "met_on": met_on,
        "minutes": "宣读材料和本人陈述后表决。",
        "expected": 3,
        "present": present,
        "in_favour": in_favour,
        "against": present - in_favour,
    }
    return Resolution(**typed(votes | more))


def confirm(*, actor: User, now: datetime, finding: Finding, decided_on: date, **votes: Any) -> None:
    """The committee of that day confirmed it with all its votes."""
    confirm_finding(actor=actor, now=now, finding=finding, resolution=resolve(decided_on, **votes), is_unrelated=True)


def dismiss(*, actor: User, now: datetime, finding: Finding, decided_on: date, **votes: Any) -> None:
    """The committee of that day did not confirm it."""
    given = resolve(decided_on, **({"in_favour": 0} | votes))
    dismiss_finding(actor=actor, now=now, finding=finding, resolution=given, is_unrelated=True)


def revoke(*, actor: User, now: datetime, finding: Finding, reason: str) -> None:
    revoke_finding(actor=actor, now=now, finding=finding, reason=reason, is_unrelated=True)


def let_through(finding: Finding, *, now: datetime) -> None:
    """The town's staff let it through, where it goes to them first."""
    fresh = type(finding)._default_manager.get(pk=finding.pk)
    if fresh.is_held_back:
        system = system_account(finding.member.town)
        held = Appointment.objects.filter(town=finding.member.town, role=Appointment.Role.TOWN_STAFF)
        staff = next(row.user for row in held if row.user_id != fresh.batch.actor_id)
        who = staff if fresh.batch.actor_id == system.pk else system
        clear_finding(actor=who, now=now, finding=fresh, is_unrelated=True)


def meeting_after(told_on: date, member: Member, *, way: str = Telling.Way.HANDED) -> Meeting:
    """The committee's meeting on the first day it may be."""
    day = last_day_to_answer(told_on, TownCalendar(member.town), way=way) + timedelta(days=1)
    return Meeting(datetime.combine(day, time(15), tzinfo=SHANGHAI), "村部会议室")


def tell(
    *, actor: User, now: datetime, finding: Finding, notified_on: date, meeting: Meeting | None = None, **how: Any
) -> None:
    """Tell the member on a day, with the signed receipt, of a meeting on the first day it may be.

    What goes to the town's staff first was let through that morning.
    """
    let_through(finding, now=datetime.combine(notified_on, time(8), tzinfo=SHANGHAI))
    delivery = Delivery(notified_on, **({"receipt": [PAPER]} | how))
    meeting = meeting or meeting_after(notified_on, finding.member, way=delivery.way)
    tell_member(actor=actor, now=now, finding=finding, delivery=delivery, meeting=meeting)


def hear(
    *,
    actor: User,
    now: datetime,
    finding: Finding,
    notified_on: date,
    answered_on: date,
    answer: Answer.Kind | str = Answer.Kind.WAIVED,
    statement: str = "",
    papers: Sequence[InspectedFile] = (PAPER,),
) -> None:
    """Tell the member on a day and enter the answer of another one, with an earlier meeting agreed to, or neither."""
    with transaction.atomic():
        tell(actor=actor, now=now, finding=finding, notified_on=notified_on)
        record_answer(
            actor=actor,
            now=now,
            finding=finding,
            answered_on=answered_on,
            kind=Answer.Kind(answer),
            statement=statement,
            agrees_earlier=answer != Answer.Kind.LAPSED,
            papers=papers,
        )


def write_answer(
    finding: Finding, answered_on: date, kind: Answer.Kind | str = Answer.Kind.WAIVED, statement: str = ""
) -> None:
    """An answer past the verbs and their guards, as its proposer would have entered it."""
    Answer.objects.create(
        **{"veto" if isinstance(finding, VetoRecord) else "deduction": finding},
        answered_on=answered_on,
        kind=kind,
        statement=statement,
        entered_by=finding.batch.actor,
        entered_at=finding.batch.at,
    )
