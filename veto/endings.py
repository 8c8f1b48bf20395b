"""Death or leaving ends a proceeding (终止): nothing more is entered and nobody is waited for (D18).

What was not decided counts nothing; an imported finding was decided before and counts on, without the papers it lacks.
A move within the town ends nothing: what is still to come is the new branch's.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from members.models import Member, Membership, User
from members.notifications import mark_settled
from members.selectors import leavings_of
from points.errors import FindingNotReady
from veto.models import Appeal, Deduction, Finding, VetoRecord
from veto.steps import hearing_link, log_step, work_link


def end_proceedings(*, actor: User, now: datetime, leaving: Membership) -> None:
    """End what is open about who left; of who died the appeal too. The caller's transaction holds the member's lock."""
    for model in (Deduction, VetoRecord):
        rows = model._default_manager.filter(member=leaving.member_id)
        for finding in rows.waiting().select_related("member__town").order_by("pk"):
            rows.filter(pk=finding.pk).update(ended_on=leaving.from_date, ended_why=leaving.why)
            why = {"ended_on": leaving.from_date.isoformat(), "ended_why": leaving.why}
            log_step(finding, actor=actor, now=now, verb="end_proceeding", new=why)
            mark_settled(now=now, links=(hearing_link(finding), work_link(finding)))
        if leaving.why == Membership.Why.DECEASED:
            for finding in rows.with_appeal().select_related("member__town").prefetch_related("appeals").order_by("pk"):
                _end_appeal(finding, actor=actor, now=now, leaving=leaving)


def _end_appeal(finding: Finding, *, actor: User, now: datetime, leaving: Membership) -> None:
    appeal = finding.appeal
    assert appeal is not None
    Appeal.objects.filter(pk=appeal.pk).update(ended_on=leaving.from_date)
    log_step(finding, actor=actor, now=now, verb="end_appeal", new={"appeal": appeal.receipt})
    mark_settled(now=now, links=(hearing_link(finding), work_link(finding)))


def has_died(member: Member) -> bool:
    """Whether the roster says so: then no paper is given and nothing is appealed against any more."""
    return leavings_of([member.pk]).filter(why=Membership.Why.DECEASED).exists()


def say_end(finding: Finding) -> str:
    """When and why its proceeding ended; empty where it did not."""
    if finding.ended_on is None:
        return ""
    return _("ended on %(day)s: %(why)s") % {"day": finding.ended_on, "why": finding.get_ended_why_display()}


def refuse_ended(finding: Finding) -> None:
    """Nothing more happens in a proceeding that its member's leaving ended.

    Raises:
        FindingNotReady.
    """
    if finding.ended_on is not None:
        raise FindingNotReady(
            _("The member left on %(day)s (%(why)s); the proceeding has ended. Nothing more is entered for it.")
            % {"day": finding.ended_on, "why": finding.get_ended_why_display()}
        )


def refuse_gone(member: Member) -> None:
    """Nothing is proposed about who left or died.

    Raises:
        FindingNotReady.
    """
    leaving = leavings_of([member.pk]).first()
    if leaving is not None:
        raise FindingNotReady(
            _("The member left on %(day)s (%(why)s): nothing is proposed about them any more.")
            % {"day": leaving.from_date, "why": leaving.get_why_display()}
        )
