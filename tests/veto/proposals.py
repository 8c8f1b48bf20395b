"""A proposal of 张伟 and its steps as the tests of hearings take them, told on the day after it was proposed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from members.models import Notification, User
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW
from tests.veto.hearings import PAPER, typed
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import tell as tell_member
from veto import hearings
from veto.deciding import propose_deduction, propose_veto
from veto.hearings import Delivery, Meeting, record_answer
from veto.models import Answer, Deduction, Finding, Telling, VetoRecord

FOUND = date(2026, 2, 1)
TOLD = date(2026, 2, 3)
PROPOSED = datetime(2026, 2, 2, 9, 0, tzinfo=SHANGHAI)
Kind = Answer.Kind
Way = Telling.Way


def propose(cast: Cast, **fields: Any) -> Deduction:
    given: dict[str, Any] = {
        "actor": cast.recorder_a,
        "now": PROPOSED,
        "member": cast.member_a,
        "item": "gambling",
        "date": FOUND,
        "particulars": "当场查实",
        "papers": "派出所登记",
    }
    return propose_deduction(**(given | fields))


def propose_a_veto(cast: Cast, **fields: Any) -> VetoRecord:
    given: dict[str, Any] = {
        "actor": cast.recorder_a,
        "now": PROPOSED,
        "member": cast.member_a,
        "ground": "disrepute",
        "date": FOUND,
        "particulars": "当场查实",
        "papers": "上级认定",
    }
    return propose_veto(**(given | fields))


def tell(cast: Cast, finding: Finding, day: date = TOLD, **how: Any) -> None:
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=day, **how)


def answer(cast: Cast, finding: Finding, given: Answer.Kind, day: date = TOLD, **more: Any) -> None:
    papers = [PAPER] if given == Kind.WAIVED else []
    about: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "finding": finding, "papers": papers}
    record_answer(**typed(about | {"answered_on": day, "kind": given} | more))


def confirm(cast: Cast, finding: Finding, day: date, now: datetime = NOW) -> None:
    confirm_finding(actor=cast.secretary_a, now=now, finding=finding, decided_on=day)


def given_to(finding: Finding) -> Answer:
    finding.refresh_from_db()
    standing = finding.answered
    assert standing is not None
    return standing


def told_of(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def told_with(cast: Cast, finding: Finding, meeting: Meeting | None) -> None:
    hearings.tell_member(
        actor=cast.recorder_a, now=NOW, finding=finding, delivery=Delivery(TOLD, receipt=[PAPER]), meeting=meeting
    )
