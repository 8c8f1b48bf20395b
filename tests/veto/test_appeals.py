"""Whoever does not agree appeals to the town: a receipt, another person, an answer that has its effect (D18, P5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason, NotAllowed
from members.models import Appointment, AuditEntry, Notification, User
from points.errors import AppealRefused, FindingNotReady, PaperMissing
from points.models import EvidenceLink
from points.rules.rulebook import change_settings
from points.scoring.adoption import adopt_rulebook, rulebook_for
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY, appoint, make_user, permit_grounds
from tests.points.papers.pdf_text import read_text
from tests.veto.hearings import PAPER, confirm, dismiss, hear, let_through, revoke
from veto.appeals import (
    answer_appeal,
    file_own_appeal,
    file_paper_appeal,
    last_day_to_appeal,
    may_appeal,
    may_enter_appeal,
)
from veto.deciding import clear_finding, propose_veto
from veto.hearings import Delivery, give_decision
from veto.letters import write_decision_letter
from veto.models import Appeal, VetoRecord

Outcome = Appeal.Outcome
DECIDED = date(2026, 3, 13)


@pytest.fixture
def decided(cast: Cast) -> VetoRecord:
    """A veto that the recorder proposed, the town's system let through and the secretary confirmed."""
    veto = propose_veto(
        actor=cast.recorder_a,
        now=datetime(2026, 3, 2, 9, tzinfo=SHANGHAI),
        member=cast.member_a,
        ground="disrepute",
        date=date(2026, 3, 1),
        particulars="当场查实",
        papers="上级认定",
    )
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=date(2026, 3, 3), answered_on=date(2026, 3, 4))
    confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=DECIDED)
    veto.refresh_from_db()
    return veto


def give(cast: Cast, finding: VetoRecord, day: date = TODAY) -> None:
    given = Delivery(day, receipt=[PAPER])
    give_decision(actor=cast.recorder_a, now=NOW, finding=finding, delivery=given)


def appeal(cast: Cast, finding: VetoRecord, now: datetime = NOW, text: str = "当时我不在场") -> Appeal:
    return file_own_appeal(actor=cast.member_user_a, now=now, finding=finding, text=text)


def answer(cast: Cast, finding: VetoRecord, outcome: Outcome, **more: Any) -> None:
    given: dict[str, Any] = {"actor": cast.staff, "now": NOW, "answer": "经核实证人证言", "is_unrelated": True}
    answer_appeal(finding=finding, outcome=outcome, **(given | more))


def told_of(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_an_appeal_has_a_receipt_and_the_town_is_told(cast: Cast, decided: VetoRecord) -> None:
    filed = appeal(cast, decided)
    assert (filed.filed_on, filed.text, filed.is_own) == (TODAY, "当时我不在场", True)
    assert filed.receipt == f"2026-{filed.pk:04d}"
    assert told_of(cast.staff) == ["appeal_filed"]
    assert list(VetoRecord.objects.with_appeal()) == [decided]
    with pytest.raises(AppealRefused, match="此前"):
        appeal(cast, decided)
    assert AuditEntry.objects.get(verb="file_appeal").new == {"appeal": filed.receipt}


def test_the_thirty_days_run_from_the_day_after_the_letter_was_given(cast: Cast, decided: VetoRecord) -> None:
    assert last_day_to_appeal(decided) is None
    give(cast, decided)
    assert last_day_to_appeal(decided) == TODAY + timedelta(days=30)
    assert may_appeal(decided, on=TODAY + timedelta(days=30))
    assert not may_appeal(decided, on=TODAY + timedelta(days=31))
    with pytest.raises(AppealRefused, match="2026-04-14"):
        appeal(cast, decided, NOW + timedelta(days=31))
    appeal(cast, decided, NOW + timedelta(days=30))


def test_a_town_may_give_longer_to_appeal_and_the_letter_says_so(cast: Cast, decided: VetoRecord) -> None:
    rulebook = change_settings(rulebook_for(cast.town, 2026), appeal_days=60)
    adopt_rulebook(actor=cast.staff, now=NOW, town=cast.town, year=2026, rulebook=rulebook)
    give(cast, decided)
    assert "60日内（至2026年5月14日）" in read_text(write_decision_letter(finding=decided, on=TODAY))
    assert may_appeal(decided, on=TODAY + timedelta(days=60))
    with pytest.raises(AppealRefused, match="60"):
        appeal(cast, decided, NOW + timedelta(days=61))


def test_only_what_counts_can_be_appealed_against_and_only_by_its_member(cast: Cast, decided: VetoRecord) -> None:
    for who in (cast.member_user_b, cast.secretary_a, cast.staff):
        with pytest.raises(PermissionDenied):
            file_own_appeal(actor=who, now=NOW, finding=decided, text="不同意")
    with pytest.raises(AppealRefused):
        appeal(cast, decided, text="  ")
    open_one = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disrepute",
        date=TODAY,
        particulars="待查",
        papers="材料",
    )
    with pytest.raises(AppealRefused):
        appeal(cast, open_one)
    let_through(open_one, now=NOW)
    dismiss(actor=cast.secretary_a, now=NOW, finding=open_one, decided_on=TODAY)
    with pytest.raises(AppealRefused):
        appeal(cast, open_one)


def test_what_does_not_stand_any_more_is_not_upheld(cast: Cast, decided: VetoRecord) -> None:
    appeal(cast, decided)
    revoke(actor=cast.secretary_a, now=NOW, finding=decided, reason="复查不实")
    with pytest.raises(AppealRefused, match="维持"):
        answer(cast, decided, Outcome.UPHELD)
    answer(cast, decided, Outcome.REVOKED)
    assert Appeal.objects.get().outcome == Outcome.REVOKED


def test_a_paper_that_came_in_time_is_entered_afterwards(cast: Cast, decided: VetoRecord) -> None:
    give(cast, decided)
    late = NOW + timedelta(days=31)
    assert not may_appeal(decided, on=late.date())
    assert may_enter_appeal(decided)
    given: dict[str, Any] = {"now": late, "finding": decided, "text": "不同意", "papers": [PAPER]}
    with pytest.raises(AppealRefused, match="2026-04-14"):
        file_paper_appeal(actor=cast.staff, filed_on=late.date(), **given)
    file_paper_appeal(actor=cast.staff, filed_on=TODAY + timedelta(days=30), **given)
    assert not may_enter_appeal(decided)


def test_on_paper_the_town_enters_it_with_the_paper(cast: Cast, decided: VetoRecord) -> None:
    given: dict[str, Any] = {"now": NOW, "finding": decided, "text": "不同意", "filed_on": TODAY}
    with pytest.raises(PaperMissing):
        file_paper_appeal(actor=cast.staff, papers=[], **given)
    with pytest.raises(PermissionDenied):
        file_paper_appeal(actor=cast.secretary_a, papers=[PAPER], **given)
    with pytest.raises(AppealRefused, match="之后"):
        file_paper_appeal(actor=cast.staff, papers=[PAPER], **(given | {"filed_on": date(2026, 3, 12)}))
    filed = file_paper_appeal(actor=cast.staff, papers=[PAPER], **given)
    assert (filed.is_own, filed.scan) == (False, EvidenceLink.objects.filter(veto=decided).latest("pk").file)
    assert told_of(cast.member_user_a)[-1] == "appeal_filed"


OUTCOMES = {Outcome.UPHELD: "confirmed", Outcome.REVOKED: "revoked", Outcome.CHANGED: "revoked"}


@pytest.mark.parametrize(("outcome", "state"), OUTCOMES.items())
def test_each_answer_has_its_effect_and_is_shown_to_the_member(
    outcome: Outcome, state: str, cast: Cast, decided: VetoRecord
) -> None:
    appeal(cast, decided)
    answer(cast, decided, outcome)
    decided.refresh_from_db()
    settled = Appeal.objects.get()
    assert (decided.state, settled.outcome, settled.answer) == (state, outcome, "经核实证人证言")
    assert (settled.answered_by, settled.answered_at) == (cast.staff, NOW)
    assert VetoRecord.objects.confirmed().exists() == (state == "confirmed")
    assert told_of(cast.member_user_a)[-1] == "appeal_answered"
    with pytest.raises(AppealRefused):
        answer(cast, decided, Outcome.UPHELD)


def test_who_proposed_cleared_or_decided_answers_no_appeal(cast: Cast) -> None:
    cleared_by = make_user("staff-2", name="镇干部二", town=cast.town)
    third = make_user("staff-3", name="镇干部三", town=cast.town)
    for user in (cleared_by, third):
        appoint(user, Appointment.Role.TOWN_STAFF, town=cast.town)
        permit_grounds(user)
    proposer = make_user("staff-4", name="镇干部四", town=cast.town)
    appoint(proposer, Appointment.Role.TOWN_STAFF, town=cast.town)
    since = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
    veto = propose_veto(
        actor=proposer,
        now=since,
        member=cast.member_a,
        ground="disrepute",
        date=date(2026, 3, 1),
        particulars="当场查实",
        papers="上级认定",
    )
    clear_finding(actor=cleared_by, now=since, finding=veto, is_unrelated=True)
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=date(2026, 3, 3), answered_on=date(2026, 3, 4))
    confirm(actor=cast.staff, now=NOW, finding=veto, decided_on=DECIDED)
    appeal(cast, veto)
    for who in (proposer, cleared_by, cast.staff):
        with pytest.raises(NotAllowed, match="其他人员"):
            answer(cast, veto, Outcome.UPHELD, actor=who)
    with pytest.raises(PermissionDenied):
        answer(cast, veto, Outcome.UPHELD, actor=cast.secretary_a)
    with pytest.raises(NotAllowed, match="回避"):
        answer(cast, veto, Outcome.UPHELD, actor=third, is_unrelated=False)
    with pytest.raises(MissingReason):
        answer(cast, veto, Outcome.UPHELD, actor=third, answer=" ")
    answer(cast, veto, Outcome.UPHELD, actor=third)
    assert Appeal.objects.get().answered_by == third


def test_the_letter_is_given_once_and_after_the_decision(cast: Cast, decided: VetoRecord) -> None:
    with pytest.raises(FindingNotReady, match="早于"):
        give(cast, decided, DECIDED - timedelta(days=1))
    with pytest.raises(PaperMissing):
        give_decision(actor=cast.recorder_a, now=NOW, finding=decided, delivery=Delivery(DECIDED))
    give(cast, decided, DECIDED)
    with pytest.raises(FindingNotReady):
        give(cast, decided)
