"""The member's own answer, the one that is not theirs, and what they are told of the decision (D18)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry, Notification
from points.errors import FindingNotReady, PaperMissing
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_batch, replace_password
from tests.veto.hearings import PAPER
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.hearings import revoke as revoke_finding
from tests.veto.proposals import (
    FOUND,
    TOLD,
    Kind,
    answer,
    confirm,
    given_to,
    tell,
    told_of,
)
from veto import hearings
from veto.deciding import void_finding
from veto.hearings import (
    Delivery,
    answer_own_finding,
    disown_answer,
    own_hearings,
)
from veto.models import Answer, Deduction


def test_the_member_makes_their_own_statement(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer_own_finding(
        actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.STATEMENT, statement="  当时我在外地 "
    )
    given = given_to(finding)
    assert (given.kind, given.answered_on, given.statement, given.is_own) == ("statement", TODAY, "当时我在外地", True)
    entry = AuditEntry.objects.get(verb="answer_own_finding")
    assert (entry.actor, entry.object_id, entry.new) == (cast.member_user_a, str(finding.uuid), {})
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.WAIVED)
    with pytest.raises(FindingNotReady):
        answer(cast, finding, Kind.WAIVED, TODAY)


def test_a_waiver_counts_only_from_a_password_older_than_the_matter(cast: Cast, finding: Deduction) -> None:
    """X2, P1: whoever gives an account a new password could waive in its member's name."""
    tell(cast, finding)
    replace_password(cast.member_user_a, by=cast.staff, now=NOW)
    own: dict[str, Any] = {"actor": cast.member_user_a, "now": NOW, "finding": finding}
    with pytest.raises(PaperMissing, match="密码"):
        answer_own_finding(**own, kind=Kind.WAIVED)
    with pytest.raises(PaperMissing, match="密码"):
        answer_own_finding(**own, kind=Kind.STATEMENT, statement="不是我", agrees_earlier=True)
    answer_own_finding(**own, kind=Kind.STATEMENT, statement="不是我")
    assert given_to(finding).statement == "不是我"


# This is not my answer


def test_an_answer_somebody_entered_is_undone_by_its_member_and_the_town_is_told(
    cast: Cast, finding: Deduction
) -> None:
    tell(cast, finding)
    answer(cast, finding, Kind.STATEMENT, statement="我都认")
    assert told_of(cast.member_user_a) == ["hearing_asked", "answer_entered"]
    disown_answer(actor=cast.member_user_a, now=NOW, finding=finding)
    finding.refresh_from_db()
    assert (finding.step, finding.answered) == ("to_answer", None)
    assert told_of(cast.staff) == ["answer_disowned"]
    with pytest.raises(FindingNotReady, match="听取"):
        confirm(cast, finding, TODAY)
    answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.STATEMENT, statement="不是我")
    kept = Answer.objects.order_by("pk").values_list("statement", "disowned_at")
    assert list(kept) == [("我都认", NOW), ("不是我", None)]
    with pytest.raises(FindingNotReady):  # it is their own now
        disown_answer(actor=cast.member_user_a, now=NOW, finding=finding)


def test_nobody_else_disowns_an_answer(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer(cast, finding, Kind.WAIVED)
    for who in (cast.recorder_a, cast.secretary_a, cast.staff, cast.member_user_b):
        with pytest.raises(PermissionDenied):
            disown_answer(actor=who, now=NOW, finding=finding)
    assert given_to(finding).disowned_at is None


@pytest.mark.parametrize(
    "who", ["member_user_b", "recorder_a", "secretary_a", "committee_a", "staff", "supervisor", "outsider"]
)
def test_nobody_answers_for_the_member_in_the_portal(who: str, cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    with pytest.raises(PermissionDenied):
        answer_own_finding(actor=getattr(cast, who), now=NOW, finding=finding, kind=Kind.WAIVED)
    assert own_hearings(getattr(cast, who)) == []


def test_a_proposal_nobody_told_the_member_of_is_not_shown(cast: Cast, finding: Deduction) -> None:
    assert own_hearings(cast.member_user_a) == []
    tell(cast, finding)
    assert own_hearings(cast.member_user_a) == [finding]


def test_one_answer_too_late_is_refused_in_words(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    void_finding(actor=cast.secretary_a, now=NOW, finding=finding, reason="录错人", is_unrelated=True)
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.WAIVED)


def test_the_member_is_told_of_every_decision(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer(cast, finding, Kind.WAIVED)
    confirm(cast, finding, TODAY)
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=finding, reason="查无此事")
    assert told_of(cast.member_user_a) == [
        "hearing_asked",
        "answer_entered",
        "hearing_decided",
        "hearing_decided",
    ]
    assert not Notification.objects.exclude(user=cast.member_user_a).exists()


def test_who_was_never_told_hears_nothing_of_a_dismissal(cast: Cast, finding: Deduction) -> None:
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)
    assert told_of(cast.member_user_a) == []


def test_a_closed_account_is_told_nothing(cast: Cast, finding: Deduction) -> None:
    cast.member_user_a.is_active = False
    cast.member_user_a.save()
    tell(cast, finding)
    assert told_of(cast.member_user_a) == []


def test_a_backfilled_finding_is_told_and_answered_after_it_was_confirmed(cast: Cast) -> None:
    finding = Deduction.objects.create(
        batch=make_batch(cast.staff, cast.town),
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="历史补录",
        backfilled=True,
        decided_on=date(2026, 2, 20),
        decided_by=cast.staff,
        confirmed_at=NOW,
    )
    assert own_hearings(cast.member_user_a) == [finding]  # it counts already
    hearings.tell_member(
        actor=cast.recorder_a, now=NOW, finding=finding, delivery=Delivery(TOLD, receipt=[PAPER]), meeting=None
    )
    assert told_of(cast.member_user_a) == []  # nothing is left to be decided
    answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.WAIVED)
    assert (given_to(finding).kind, finding.state) == ("waived", "confirmed")
