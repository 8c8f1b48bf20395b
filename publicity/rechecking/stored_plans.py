"""A correction's plan and the lines it makes, as they are stored: what is reviewed is what is carried out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from members.models import Branch, Exemption, ExemptionApplication, Membership
from members.places.resolutions import NUMBERS
from points.errors import CorrectionRefused
from points.models import PointEvent, Review, ReviewLine
from points.records.entries import pack_entry, unpack_entry
from points.roster.exemptions import BranchVote, EndOfExemption, NewExemption
from points.roster.moves import Move, RosterChange
from points.rules.canonical import hash_text, to_canonical
from points.scoring.freezing import read_payload
from publicity.corrections.plans import CorrectionPlan, RevisedLine
from publicity.models import EnteredCorrection
from veto.models import Deduction, Finding, VetoRecord

_KINDS: Mapping[str, type[Finding]] = {"deduction": Deduction, "veto": VetoRecord}


def pack_plan(plan: CorrectionPlan) -> str:
    """What the plan changes, as canonical JSON; rows by their uuid. Review, member and decision stand in columns."""
    return to_canonical(
        {
            "version": 1,
            "void": [str(event.uuid) for event in plan.void],
            "record": [pack_entry(entry) for entry in plan.record],
            "confirm": _pack_findings(plan.confirm),
            "revoke": _pack_findings(plan.revoke),
            "void_findings": _pack_findings(plan.void_findings),
            "roster": _pack_roster(plan.roster),
        }
    )


def _pack_findings(findings: Iterable[Finding]) -> list[list[str]]:
    return [["veto" if isinstance(row, VetoRecord) else "deduction", str(row.uuid)] for row in findings]


def _pack_roster(change: RosterChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    if isinstance(change, Move):
        said: dict[str, Any] = {"branch": str(change.branch.uuid) if change.branch else None, "why": str(change.why)}
        return {"kind": "move", "from_date": change.from_date.isoformat(), **said}
    if isinstance(change, NewExemption):
        return {
            "kind": "exempt",
            "from_date": change.from_date.isoformat(),
            "application": str(change.application.uuid),
            "vote": _pack_vote(change.vote),
            "explanation": change.explanation,
        }
    said = {"exemption": str(change.exemption.uuid), "reason": change.reason}
    return {"kind": "end", "from_date": change.from_date.isoformat(), **said}


def read_plan(entered: EnteredCorrection) -> CorrectionPlan:
    """The plan as it was entered.

    Raises:
        CorrectionRefused: a row it speaks of is gone.
    """
    content = json.loads(entered.plan)
    return CorrectionPlan(
        review=entered.review,
        member=entered.member,
        decided_on=entered.decided_on,
        reason=entered.reason,
        void=_read_events(content["void"]),
        record=tuple(unpack_entry(row, member_id=entered.member_id) for row in content["record"]),
        confirm=_read_findings(content["confirm"]),
        revoke=_read_findings(content["revoke"]),
        void_findings=_read_findings(content["void_findings"]),
        roster=_read_roster(content["roster"]),
    )


def _read_events(uuids: list[str]) -> tuple[PointEvent, ...]:
    found = PointEvent.objects.filter(uuid__in=uuids).select_related("member", "batch__actor").order_by("date", "pk")
    events = tuple(found)
    if len(events) != len(uuids):
        raise CorrectionRefused(_gone())
    return events


def _read_findings(rows: list[list[str]]) -> tuple[Finding, ...]:
    found = []
    for kind, uuid in rows:
        finding = _KINDS[kind]._default_manager.filter(uuid=uuid).first()
        if finding is None:
            raise CorrectionRefused(_gone())
        found.append(finding)
    return tuple(found)


def _read_roster(said: Mapping[str, Any] | None) -> RosterChange | None:
    if said is None:
        return None
    from_date = date.fromisoformat(said["from_date"])
    if said["kind"] == "move":
        branch = Branch.objects.filter(uuid=said["branch"]).first() if said["branch"] else None
        if branch is None and said["branch"]:
            raise CorrectionRefused(_gone())
        return Move(branch, from_date, Membership.Why(said["why"]))
    if said["kind"] == "exempt":
        application = ExemptionApplication.objects.filter(uuid=said["application"]).select_related("member").first()
        if application is None:
            raise CorrectionRefused(_gone())
        return NewExemption(application, read_vote(*said["vote"]), from_date, said["explanation"])
    exemption = Exemption.objects.filter(uuid=said["exemption"]).first()
    if exemption is None:
        raise CorrectionRefused(_gone())
    return EndOfExemption(exemption, from_date, said["reason"])


def _pack_vote(vote: BranchVote) -> list[str | int]:
    return [vote.met_on.isoformat(), *(getattr(vote, name) for name in NUMBERS)]


def read_vote(
    met_on: str, expected: int, present: int, in_favour: int, against: int | None = None, abstained: int = 0
) -> BranchVote:
    """A vote as it was entered; of one entered when only those in favour were asked for, the others were against."""
    others = present - in_favour if against is None else against
    return BranchVote(date.fromisoformat(met_on), expected, present, in_favour, others, abstained)


def _gone() -> str:
    return _("Something this correction speaks of is no longer there: refuse it, and have it entered anew.")


def pack_lines(revised: Iterable[RevisedLine]) -> str:
    """The lines a plan makes, as canonical JSON: review, revision and the text that would be frozen."""
    return to_canonical([[str(row.line.review.uuid), row.line.revision, row.line.payload] for row in revised])


def read_lines(entered: EnteredCorrection) -> list[RevisedLine]:
    """The lines as they were shown when the correction was entered, beside those they replace; nothing is written."""
    stored = json.loads(entered.lines)
    reviews = {
        str(review.uuid): review
        for review in Review.objects.filter(uuid__in=[uuid for uuid, *_rest in stored]).select_related("branch__town")
    }
    lines = ReviewLine.objects.filter(review__in=reviews.values(), member=entered.member).select_related("member")
    by_revision = {(line.review_id, line.revision): line for line in lines}
    revised = []
    for uuid, revision, payload in stored:
        review = reviews[uuid]
        old = by_revision[review.pk, revision - 1]
        line = ReviewLine(
            review=review, member=entered.member, revision=revision, payload=payload, hash=hash_text(payload)
        )
        revised.append(RevisedLine(line, old, read_payload(old.payload), read_payload(payload)))
    return revised
