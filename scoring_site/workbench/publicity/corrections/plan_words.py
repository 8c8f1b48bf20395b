"""What a correction does, in words: for who enters it and for who reviews it. No ground of a finding (D21)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from points.meetings.attendance import find_missed_on_day
from points.models import PointEvent
from points.records.entries import EventEntry
from points.roster.exemptions import NewExemption
from points.roster.moves import Move, RosterChange
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period, say_note
from publicity.corrections.plans import CorrectionPlan
from publicity.models import EnteredCorrection
from veto.models import Finding

CONFIRM, REVOKE = "confirm", "revoke"


def verb_of(finding: Finding) -> str:
    if finding.state == Finding.State.CONFIRMED:
        return REVOKE
    return CONFIRM if finding.step == Finding.Step.TO_DECIDE else ""


def say_event(event: PointEvent, catalogue: Catalogue) -> str:
    """A record: its day, item, period and points, and who entered it."""
    tenths = catalogue.points_of(event)
    parts = [
        str(event.date),
        catalogue.name(event.member.town_id, event.year, event.item),
        name_period(event.period) if event.period else "",
        f"+{show_points(tenths)}" if tenths is not None else "",
        _("leading role") if event.led else "",
        say_note(event),
        str(event.batch.actor),
        _("from a meeting: its attendance is voided too") if event.attendance_id else "",
    ]
    return " · ".join(part for part in parts if part)


def say_finding(finding: Finding, verb: str) -> str:
    """A finding that is to be confirmed or revoked: its kind and day."""
    values = {"kind": finding._meta.verbose_name, "day": finding.date}
    if verb == REVOKE:
        return _("revoke: %(kind)s of %(day)s") % values
    return _("confirm: %(kind)s of %(day)s") % values


def say_decision(entered: EnteredCorrection) -> str:
    """Who decided it: the town by its decision, or the branch's meeting with those who came (D10, D19)."""
    if entered.town_decision:
        values = {"number": entered.town_decision, "day": entered.decided_on}
        return _("the town, decision %(number)s of %(day)s") % values
    values = {"day": entered.decided_on, "expected": entered.expected, "present": entered.present}
    if entered.by_assembly:
        return _("the members' assembly on %(day)s: %(expected)s expected, %(present)s present") % values
    return _("the committee on %(day)s: %(expected)s expected, %(present)s present") % values


def say_plan(plan: CorrectionPlan, catalogue: Catalogue) -> list[tuple[str, list[str]]]:
    """All that a correction does, by kind, each with its lines; only the kinds it has."""
    findings = [say_finding(row, CONFIRM) for row in plan.confirm] + [say_finding(row, REVOKE) for row in plan.revoke]
    findings += [
        _("void: %(kind)s of %(day)s") % {"kind": row._meta.verbose_name, "day": row.date} for row in plan.void_findings
    ]
    parts = [
        (_("records it voids"), [say_event(event, catalogue) for event in plan.void]),
        (_("records it adds"), [_say_entry(entry, plan, catalogue) for entry in plan.record]),
        (_("findings"), findings),
        (_("change of the roster"), [_say_roster(plan.roster)] if plan.roster else []),
    ]
    found = [(title, lines) for title, lines in parts if lines]
    return found or [(_("records"), [_("Nothing is voided or added; it takes in what came after the approval.")])]


def _say_entry(entry: EventEntry, plan: CorrectionPlan, catalogue: Catalogue) -> str:
    town_id = plan.member.town_id
    parts = [
        str(entry.date),
        catalogue.name(town_id, entry.year, entry.item),
        name_period(entry.period) if entry.period else "",
        f"+{show_points(entry.points)}" if entry.points is not None else "",
        _("leading role") if entry.led else "",
        entry.note,
        _say_put_right(entry, plan, catalogue) if entry.period else "",
    ]
    return " · ".join(part for part in parts if part)


def _say_put_right(entry: EventEntry, plan: CorrectionPlan, catalogue: Catalogue) -> str:
    """What else becomes of it where a meeting's list says that the member was not there."""
    missed = find_missed_on_day(entry, because=plan.reason)
    if missed is None:
        return ""
    others = missed.meeting.kinds.exclude(item=entry.item, period=entry.period)
    names = [catalogue.name(plan.member.town_id, entry.year, kind.item) for kind in others]
    said = _("the meeting's list says %(status)s: present now") % {"status": missed.get_status_display()}
    return said + (_("; %(items)s too, where not earned yet") % {"items": "、".join(names)} if names else "")


def _say_roster(change: RosterChange) -> str:
    values = {"day": change.from_date}
    if isinstance(change, Move):
        said = {**values, "why": change.why.label, "branch": change.branch.name if change.branch else "—"}
        return _("%(why)s from %(day)s on; branch: %(branch)s") % said
    if isinstance(change, NewExemption):
        application = change.application
        said = {**values, "ground": application.get_ground_display(), "applied": application.applied_on}
        said["decided"] = change.vote.met_on
        return _("exempt from %(day)s on (%(ground)s; applied %(applied)s, decided %(decided)s)") % said
    return _("the exemption ends on %(day)s") % values
