"""Death or leaving ends a proceeding; a move within the town passes it on (终止, D18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from members.models import AuditEntry, Branch, Member, Membership, Notification, User
from points.errors import AppealRefused, FindingNotReady
from points.integrity.ledger import verify_ledger
from points.results.open_matters import read_open_matters
from points.roster.moves import change_membership
from points.scoring.adoption import rulebook_for
from scoring_site.workbench.tasks import read_tasks
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY, make_batch
from tests.veto.hearings import PAPER, confirm, dismiss, hear, let_through, meeting_after, tell, write_answer
from veto.appeals import answer_appeal, file_own_appeal, file_paper_appeal, may_appeal
from veto.deciding import clear_finding, propose_deduction, propose_veto, revoke_finding, void_finding
from veto.hearings import (
    Delivery,
    answer_own_finding,
    disown_answer,
    give_decision,
    postpone_meeting,
    record_answer,
    tell_member,
)
from veto.models import Answer, Appeal, Deduction, Finding, VetoRecord

Why = Membership.Why
PROPOSED = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
TOLD, ANSWERED, GONE = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 10)
STEPS = ("to_clear", "to_tell", "to_answer", "to_decide")


def veto_at(cast: Cast, step: str, *, actor: User | None = None, member: Member | None = None) -> VetoRecord:
    """A veto that waits for the given step."""
    veto = propose_veto(
        actor=actor or cast.recorder_a,
        now=PROPOSED,
        member=member or cast.member_a,
        ground="disrepute",
        date=date(2026, 3, 1),
        particulars="当场查实",
        papers="上级认定",
    )
    if step != "to_clear":
        let_through(veto, now=PROPOSED)
    if step in ("to_answer", "to_decide"):
        tell(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TOLD)
    if step == "to_decide":
        write_answer(veto, ANSWERED)
    return VetoRecord.objects.get(pk=veto.pk)


def backfill(cast: Cast, **fields: Any) -> Deduction:
    """An imported deduction, confirmed on paper; told and heard are still to be entered."""
    given: dict[str, Any] = {
        "batch": make_batch(cast.staff, cast.town),
        "member": cast.member_a,
        "item": "gambling",
        "date": date(2026, 2, 1),
        "particulars": "历史补录",
        "backfilled": True,
        "decided_on": date(2026, 2, 20),
        "decided_by": cast.staff,
        "confirmed_at": NOW,
    }
    return Deduction.objects.create(**(given | fields))


def leave(cast: Cast, why: Why = Why.TRANSFERRED_OUT, branch: Branch | None = None, day: date = GONE) -> Membership:
    return change_membership(actor=cast.staff, now=NOW, member=cast.member_a, branch=branch, from_date=day, why=why)


def still(finding: Finding) -> Finding:
    return type(finding)._default_manager.get(pk=finding.pk)


def steps_of(cast: Cast, finding: Finding) -> dict[str, Callable[[], object]]:
    """Every door by which a proceeding goes on, each opened by whom it is for."""
    common: dict[str, Any] = {"now": NOW, "finding": finding}
    told = Delivery(TODAY, receipt=[PAPER])
    meeting = meeting_after(TODAY, finding.member)
    staff: dict[str, Any] = {"actor": cast.staff, **common}
    return {
        "clear": lambda: clear_finding(**staff, is_unrelated=True),
        "tell": lambda: tell_member(**staff, delivery=told, meeting=meeting),
        "postpone": lambda: postpone_meeting(**staff, delivery=told, meeting=meeting),
        "answer": lambda: record_answer(**staff, answered_on=TODAY, kind=Answer.Kind.WAIVED, papers=[PAPER]),
        "own answer": lambda: answer_own_finding(
            actor=cast.member_user_a, **common, kind=Answer.Kind.STATEMENT, statement="说明"
        ),
        "disown": lambda: disown_answer(actor=cast.member_user_a, **common),
        "confirm": lambda: confirm(**staff, decided_on=TODAY),
        "dismiss": lambda: dismiss(**staff, decided_on=TODAY),
    }


@pytest.mark.parametrize("why", Membership.LEAVING)
@pytest.mark.parametrize("step", STEPS)
def test_nothing_goes_on_once_the_member_left(cast: Cast, step: str, why: Why) -> None:
    finding = veto_at(cast, step)
    leave(cast, why)
    ended = still(finding)
    assert (ended.state, ended.step, ended.ended_on, ended.ended_why) == ("ended", None, GONE, why)
    before, logged = VetoRecord.objects.values().get(), AuditEntry.objects.count()
    for name, act in steps_of(cast, ended).items():
        with pytest.raises(FindingNotReady, match="程序终止"):
            act()
        assert VetoRecord.objects.values().get() == before, name
    assert AuditEntry.objects.count() == logged
    assert not VetoRecord.objects.confirmed().exists()
    assert list(verify_ledger()) == []


def test_the_end_is_logged_without_a_ground(cast: Cast) -> None:
    finding = veto_at(cast, "to_tell")
    leave(cast, Why.DECEASED)
    entry = AuditEntry.objects.get(verb="end_proceeding")
    assert (entry.actor, entry.object_id) == (cast.staff, str(finding.uuid))
    assert entry.new == {"ended_on": "2026-03-10", "ended_why": "deceased"}


@pytest.mark.parametrize("step", STEPS)
def test_nobody_waits_for_it(cast: Cast, step: str) -> None:
    """Home tasks, the list by step, what defers a rating, and what was told inside the site."""
    veto_at(cast, step)
    rulebook = rulebook_for(cast.town, 2026)

    def waiting() -> tuple[int, int, bool, int]:
        tasks = [
            task.text
            for user in (cast.recorder_a, cast.secretary_a, cast.staff)
            for task in read_tasks(User.objects.get(pk=user.pk), on=TODAY)
            if "一票否决" in task.text
        ]
        matters = read_open_matters([cast.member_a.pk], branch_id=cast.branch_a.pk, year=2026, rulebook=rulebook)
        unread = Notification.objects.filter(read_at__isnull=True, kind="hearing_asked").count()
        is_open = "尚未" in matters.get(cast.member_a.pk, "")
        return len(tasks), VetoRecord.objects.at_step(step).count(), is_open, unread

    shown = waiting()
    assert shown[0] > 0
    assert shown[1:3] == (1, True)
    leave(cast)
    assert waiting() == (0, 0, False, 0)


def test_who_comes_back_is_proposed_about_anew(cast: Cast) -> None:
    finding = veto_at(cast, "to_tell")
    leave(cast, Why.SUSPENDED)
    leave(cast, Why.RESTORED, cast.branch_a, day=date(2026, 3, 12))
    assert still(finding).state == "ended"
    assert veto_at(cast, "to_clear").state == "proposed"


def test_nothing_is_proposed_about_who_left(cast: Cast) -> None:
    leave(cast, Why.DECEASED)
    common: dict[str, Any] = {"actor": cast.staff, "now": NOW, "member": cast.member_a, "date": date(2026, 3, 1)}
    for propose in (
        lambda: propose_deduction(**common, item="gambling", particulars="查实", papers="登记"),
        lambda: propose_veto(**common, ground="disrepute", particulars="查实", papers="认定"),
    ):
        with pytest.raises(FindingNotReady, match="去世"):
            propose()
    assert not VetoRecord.objects.exists()


def test_what_was_decided_before_stands_and_an_entry_by_mistake_is_voided(cast: Cast) -> None:
    decided = propose_deduction(
        actor=cast.recorder_a,
        now=PROPOSED,
        member=cast.member_a,
        item="gambling",
        date=date(2026, 3, 1),
        particulars="查实",
        papers="派出所登记",
    )
    hear(actor=cast.recorder_a, now=NOW, finding=decided, notified_on=TOLD, answered_on=ANSWERED)
    confirm(actor=cast.secretary_a, now=NOW, finding=decided, decided_on=date(2026, 3, 5))
    mistake = veto_at(cast, "to_tell")
    leave(cast)
    assert [still(decided).state, still(decided).ended_on] == ["confirmed", None]
    void_finding(actor=cast.staff, now=NOW, finding=mistake, reason="录错", is_unrelated=True)
    assert still(mistake).state == "void"
    revoke_finding(actor=cast.staff, now=NOW, finding=decided, reason="证据有误", is_unrelated=True)
    assert still(decided).state == "revoked"


# Imported findings


def test_an_imported_finding_counts_on_and_its_papers_are_asked_no_more(cast: Cast) -> None:
    owed, heard = backfill(cast), backfill(cast, notified_on=date(2026, 2, 21), date=date(2026, 2, 2))
    write_answer(heard, date(2026, 2, 22))
    leave(cast, Why.DECEASED)
    assert [still(owed).state, still(owed).ended_on, still(heard).ended_on] == ["confirmed", GONE, None]
    assert Deduction.objects.confirmed().count() == 2
    for name in ("tell", "answer"):
        with pytest.raises(FindingNotReady):
            steps_of(cast, owed)[name]()
    assert list(verify_ledger()) == []


def test_the_database_knows_what_can_end(cast: Cast) -> None:
    finding = backfill(cast, backfilled=False)
    for values in ({"ended_on": GONE}, {"ended_on": GONE, "ended_why": "deceased"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Deduction.objects.filter(pk=finding.pk).update(**values)


# Appeals


@pytest.fixture
def decided(cast: Cast) -> VetoRecord:
    veto = veto_at(cast, "to_clear")
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TOLD, answered_on=ANSWERED)
    confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=date(2026, 3, 5))
    return VetoRecord.objects.get(pk=veto.pk)


def test_an_open_appeal_ends_with_a_death(cast: Cast, decided: VetoRecord) -> None:
    appeal = file_own_appeal(actor=cast.member_user_a, now=NOW, finding=decided, text="我不在场")
    assert Notification.objects.get(user=cast.staff).read_at is None
    leave(cast, Why.DECEASED)
    fresh = Appeal.objects.get()
    assert (fresh.ended_on, fresh.outcome, fresh.is_waiting) == (GONE, None, False)
    assert not VetoRecord.objects.with_appeal().exists()
    assert still(decided).state == "confirmed"
    assert Notification.objects.get(user=cast.staff).read_at == NOW
    assert AuditEntry.objects.get(verb="end_appeal").new == {"appeal": appeal.receipt}
    with pytest.raises(AppealRefused):
        answer_appeal(
            actor=cast.staff,
            now=NOW,
            finding=decided,
            outcome=Appeal.Outcome.REVOKED,
            answer="撤销",
            is_unrelated=True,
        )


def test_who_only_left_gets_an_answer_and_may_still_appeal(cast: Cast, decided: VetoRecord) -> None:
    leave(cast, Why.TRANSFERRED_OUT)
    assert may_appeal(decided, on=TODAY)
    file_own_appeal(actor=cast.member_user_a, now=NOW, finding=decided, text="我不在场")
    answer: dict[str, Any] = {"outcome": Appeal.Outcome.UPHELD, "answer": "维持", "is_unrelated": True}
    answer_appeal(actor=cast.staff, now=NOW, finding=decided, **answer)
    assert Appeal.objects.get().outcome == "upheld"


def test_for_the_dead_no_letter_is_given_and_nothing_is_filed(cast: Cast, decided: VetoRecord) -> None:
    leave(cast, Why.DECEASED)
    common: dict[str, Any] = {"actor": cast.staff, "now": NOW, "finding": decided}
    assert not may_appeal(decided, on=TODAY)
    with pytest.raises(FindingNotReady, match="已去世"):
        give_decision(**common, delivery=Delivery(TODAY))
    with pytest.raises(AppealRefused, match="已去世"):
        file_paper_appeal(**common, text="不服", filed_on=TODAY, papers=[PAPER])


# A move within the town


@pytest.mark.parametrize("why", [Why.MOVED, Why.MERGED])
def test_a_move_passes_the_finding_on_to_the_new_branch(cast: Cast, why: Why) -> None:
    veto = veto_at(cast, "to_tell")
    leave(cast, why, cast.branch_b)
    assert (still(veto).state, still(veto).step) == ("proposed", "to_tell")
    tasks = {
        user.username: any("一票否决" in task.text for task in read_tasks(User.objects.get(pk=user.pk), on=TODAY))
        for user in (cast.secretary_a, cast.secretary_b)
    }
    assert tasks == {"secretary-a": False, "secretary-b": True}
    meeting, told = meeting_after(TODAY, cast.member_a), Delivery(TODAY)
    with pytest.raises(PermissionDenied):
        tell_member(actor=cast.recorder_a, now=NOW, finding=veto, delivery=told, meeting=meeting)
    tell_member(actor=cast.recorder_b, now=NOW, finding=veto, delivery=told, meeting=meeting)
    hearing: dict[str, Any] = {"answered_on": TODAY, "kind": Answer.Kind.WAIVED, "papers": [PAPER]}
    record_answer(actor=cast.secretary_b, now=NOW, finding=veto, agrees_earlier=True, **hearing)
    with pytest.raises(PermissionDenied):
        confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    confirm(actor=cast.secretary_b, now=NOW, finding=veto, decided_on=TODAY)
    assert (still(veto).state, still(veto).decided_by) == ("confirmed", cast.secretary_b)
