"""Every verb of the domain that names a member, found by what its parameters say."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import members
import points
import publicity
import veto

NAMES = re.compile(
    r"\b(Member|Finding\w*|ReviewLine|Claim|Exemption|ExemptionApplication|PointEvent|Attendance|DataRequest|Informing|"
    r"NewExemption|EnteredCorrection|CorrectionPlan|Objection|EventEntry|TickChange|HeldMeeting|Draft|DraftContent|EvidenceLink|"
    r"Subject|RosterChange|User|Appointment|Rating|RecordBatch|SignIn|LeaveRequest)\b"
)
"""Kinds of rows and values that name a member, in a verb's annotations."""
NAMING_PARAMETERS = {"member_ids", "statuses", "decisions", "dues", "line_remarks"}
"""Parameters that name members by their ids."""
OWN_LINE_STEPS = {"points.reviews.steps.approve_own_line", "points.reviews.steps.approve_review"}
"""They name a half, and decide about a line in it."""
NO_VERBS = {
    # What a verb calls under its locks, after it has asked who may: none opens a transaction of its own.
    "members.accounts.creating.change_of_role",
    "members.accounts.creating.enter_appointment",
    "members.accounts.creating.require_keeper_of",
    "members.log.audit.log_change",
    "members.log.audit.prepare_entry",
    "members.log.batches.open_batch",
    "points.meetings.attendance.open_change_batch",
    "points.reviews.members.freeze_lines",
    "points.roster.moves.apply_roster_change",
    "points.roster.exemptions.apply_end",
    "points.roster.exemptions.apply_exemption",
    "points.roster.moves.check_roster_change",
    "veto.deciding.stamp_decision",
    "veto.deciding.stamp_revocation",
    "veto.papers_kept.keep_papers",
    "veto.steps.lock_finding",
    "veto.steps.log_step",
    # What reads, and changes nothing.
    "members.roster_files.exporting.export_roster",
    "points.meetings.sign_ins.check_signing",
    "points.reviews.flags.count_pending",
    "points.reviews.steps.explain_refusal",
    "points.ticks.sheet.read_cells",
}


def find_verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function of the domain with a keyword-only `actor` that names a member, by its dotted name."""
    for room in (members, points, publicity, veto):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for name, verb in inspect.getmembers(import_module(found.name), inspect.isfunction):
                if name.startswith("_") or verb.__module__ != found.name:
                    continue
                parameters = inspect.signature(verb).parameters
                actor = parameters.get("actor")
                if actor is None or actor.kind is not inspect.Parameter.KEYWORD_ONLY:
                    continue
                key = f"{found.name}.{name}"
                named = {
                    parameter
                    for parameter, kind in parameters.items()
                    if parameter != "actor" and (NAMES.search(str(kind.annotation)) or parameter in NAMING_PARAMETERS)
                }
                is_own = bool(parameters.keys() & {"deed", "text"}) and not named
                if (named or is_own or key in OWN_LINE_STEPS) and key not in NO_VERBS:
                    yield key, verb
