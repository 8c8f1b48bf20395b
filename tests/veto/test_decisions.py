"""Who decides a finding, at which meeting and with how many; one officer alone ends in nothing (D18, D19)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import NotAllowed, ResolutionRefused
from members.models import AuditEntry
from points.errors import FindingNotReady, HeldBack, PaperMissing
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.veto.hearings import PAPER, hear, let_through, meeting_after, resolve
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.proposals import TOLD, Kind, propose
from veto import deciding
from veto.deciding import clear_finding, propose_veto
from veto.hearings import Delivery, Meeting, record_answer, tell_member
from veto.models import Deduction, Finding, VetoRecord


def test_one_officer_alone_ends_in_nothing(cast: Cast) -> None:
    """P1: one secretary proposed, told, waived and confirmed on one day with no paper, and the year was 0."""
    today: dict[str, Any] = {"actor": cast.secretary_a, "now": NOW}
    veto = propose_veto(
        **today, member=cast.member_a, ground="disrepute", date=TODAY, particulars="当场查实", papers="上级认定"
    )
    with pytest.raises(HeldBack):
        tell_member(**today, finding=veto, delivery=Delivery(TODAY), meeting=meeting_after(TODAY, cast.member_a))
    with pytest.raises(PermissionDenied):
        clear_finding(**today, finding=veto, is_unrelated=True)
    let_through(veto, now=NOW)
    with pytest.raises(FindingNotReady):  # on the same day
        tell_member(**today, finding=veto, delivery=Delivery(TODAY), meeting=Meeting(NOW, "村部"))
    tell_member(**today, finding=veto, delivery=Delivery(TODAY), meeting=meeting_after(TODAY, cast.member_a))
    with pytest.raises(PaperMissing):
        record_answer(**today, finding=veto, answered_on=TODAY, kind=Kind.WAIVED)
    record_answer(**today, finding=veto, answered_on=TODAY, kind=Kind.WAIVED, agrees_earlier=True, papers=[PAPER])
    for decide in (confirm_finding, dismiss_finding):
        with pytest.raises(NotAllowed, match="提出"):
            decide(**today, finding=veto, decided_on=TODAY)
    assert not VetoRecord.objects.confirmed().exists()


def heard(cast: Cast, finding: Finding) -> Finding:
    """Told and answered, and an earlier meeting agreed to."""
    hear(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=TOLD, answered_on=TOLD)
    return finding


VOTES: dict[str, dict[str, Any]] = {
    "no minutes": {"minutes": " "},
    "half of those expected": {"expected": 4, "present": 2, "in_favour": 2},
    "one alone": {"expected": 1, "present": 1, "in_favour": 1},
    "more present than expected": {"expected": 2, "present": 3},
    "votes that do not add up": {"abstained": 1},
    "carried by half": {"expected": 4, "present": 4, "in_favour": 2},
    "negative": {"present": 1, "in_favour": 3, "against": -2},
}


@pytest.mark.parametrize("votes", VOTES.values(), ids=VOTES)
def test_a_committee_decides_with_quorum_majority_and_minutes(
    votes: dict[str, Any], cast: Cast, finding: Deduction
) -> None:
    heard(cast, finding)
    with pytest.raises(ResolutionRefused):
        confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY, **votes)
    finding.refresh_from_db()
    assert (finding.state, finding.expected, finding.minutes) == ("proposed", None, None)


def test_the_numbers_stand_beside_the_decision(cast: Cast, finding: Deduction) -> None:
    heard(cast, finding)
    votes = {"expected": 5, "present": 4, "in_favour": 3, "against": 0, "abstained": 1, "left_out": "李娜（配偶）"}
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY, **votes)
    finding.refresh_from_db()
    assert {name: getattr(finding, name) for name in votes} == votes
    assert (finding.decided_in, finding.minutes) == ("committee", "宣读材料和本人陈述后表决。")


def test_what_was_carried_is_not_dismissed(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(ResolutionRefused):
        dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY, in_favour=2, against=1)


def test_an_assembly_needs_half_of_its_members(cast: Cast, finding: Deduction) -> None:
    cast.branch_a.has_committee = False
    cast.branch_a.save()
    heard(cast, finding)
    small = {"expected": 6, "present": 2, "in_favour": 2, "against": 0}
    with pytest.raises(ResolutionRefused, match="半数"):
        confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY, **small)
    votes = {"expected": 6, "present": 4, "in_favour": 4, "against": 0}
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY, **votes)
    finding.refresh_from_db()
    assert finding.decided_in == "assembly"


def test_only_the_town_says_that_the_town_decided(cast: Cast, finding: Deduction) -> None:
    heard(cast, finding)
    given: dict[str, Any] = {"now": NOW, "finding": finding, "decided_on": TODAY, "by_town": True}
    with pytest.raises(ResolutionRefused):
        confirm_finding(actor=cast.secretary_a, **given)
    confirm_finding(actor=cast.staff, **given)
    finding.refresh_from_db()
    assert (finding.decided_in, finding.expected) == ("town", None)


def test_where_the_secretary_proposed_another_committee_member_decides(cast: Cast, finding: Deduction) -> None:
    heard(cast, finding)
    with pytest.raises(PermissionDenied):
        confirm_finding(actor=cast.committee_a, now=NOW, finding=finding, decided_on=TODAY)
    theirs = heard(cast, propose(cast, actor=cast.secretary_a))
    confirm_finding(actor=cast.committee_a, now=NOW, finding=theirs, decided_on=TODAY)
    theirs.refresh_from_db()
    assert (theirs.state, theirs.decided_by) == ("confirmed", cast.committee_a)


def test_the_recusal_statement_is_asked_for_and_logged(cast: Cast, finding: Deduction) -> None:
    heard(cast, finding)
    given: dict[str, Any] = {"actor": cast.secretary_a, "now": NOW, "finding": finding}
    with pytest.raises(NotAllowed, match="回避"):
        deciding.confirm_finding(**given, resolution=resolve(TODAY))
    confirm_finding(**given, decided_on=TODAY)
    with pytest.raises(NotAllowed, match="回避"):
        deciding.revoke_finding(**given, reason="有误")
    assert AuditEntry.objects.get(verb="confirm_finding").new["recusal"] is True


def test_whom_it_is_about_enters_nothing(cast: Cast) -> None:
    cast.recorder_a.member = cast.members_a[1]
    cast.recorder_a.save()
    about = {"member": cast.members_a[1]}
    with pytest.raises(NotAllowed):
        propose(cast, **about)
    finding = propose(cast, actor=cast.secretary_a, **about)
    told: dict[str, Any] = {"delivery": Delivery(TOLD, receipt=[PAPER]), "meeting": meeting_after(TOLD, finding.member)}
    with pytest.raises(NotAllowed):
        tell_member(actor=cast.recorder_a, now=NOW, finding=finding, **told)
    tell_member(actor=cast.secretary_a, now=NOW, finding=finding, **told)
    with pytest.raises(NotAllowed):
        record_answer(
            actor=cast.recorder_a,
            now=NOW,
            finding=finding,
            answered_on=TOLD,
            kind=Kind.STATEMENT,
            statement="不是我",
        )
