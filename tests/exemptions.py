"""Exemptions for tests: an application signed on paper and the branch's vote, as few words as possible."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from members.models import Appointment, Exemption, ExemptionApplication, Member, User
from members.selectors import system_account
from points.roster.exemption_applications import enter_paper_application, grant_application
from points.roster.exemptions import BranchVote

SCAN = "5" * 64


def vote_on(day: date, *, expected: int = 3, present: int = 3, in_favour: int = 3) -> BranchVote:
    return BranchVote(day, expected, present, in_favour, present - in_favour, 0)


def apply_on_paper(*, actor: User, now: datetime, member: Member, **fields: Any) -> ExemptionApplication:
    given: dict[str, Any] = {"ground": Exemption.Ground.UNABLE, "applied_on": now.date(), "scan": SCAN}
    return enter_paper_application(actor=actor, now=now, member=member, **given | fields)


def exempt_member(
    *,
    actor: User,
    now: datetime,
    member: Member,
    applied_on: date,
    decided_on: date,
    from_date: date | None = None,
    ground: Exemption.Ground = Exemption.Ground.UNABLE,
) -> Exemption:
    """The member asked for `from_date` (None: for the next half), on paper that another officer entered."""
    system = system_account(member.town)
    staff = Appointment.objects.filter(town=member.town, role=Appointment.Role.TOWN_STAFF)
    application = apply_on_paper(
        actor=staff[0].user if actor.pk == system.pk else system,
        now=now,
        member=member,
        ground=ground,
        applied_on=applied_on,
        wanted_from=from_date,
    )
    return grant_application(actor=actor, now=now, application=application, vote=vote_on(decided_on), is_unrelated=True)
