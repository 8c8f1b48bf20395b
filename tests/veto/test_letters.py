"""The report to the town says what happened and asks for nothing (情况报告, D18)."""

from __future__ import annotations

from typing import Any

import pytest

from members.models import Membership
from points.roster.moves import change_membership
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_batch
from tests.points.papers.pdf_text import read_text
from tests.veto.hearings import PAPER, confirm, tell
from veto.deciding import propose_veto
from veto.hearings import record_answer
from veto.letters import write_report
from veto.models import Answer, Telling, VetoRecord

pytestmark = pytest.mark.django_db


def report(finding: VetoRecord) -> str:
    finding.refresh_from_db()
    return "".join(read_text(write_report(finding=finding, on=TODAY)).split())


def test_the_report_names_the_witnesses_of_a_refusal_to_sign(cast: Cast) -> None:
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disrepute",
        date=TODAY,
        particulars="当场查实",
        papers="上级认定",
    )
    step: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "finding": veto}
    tell(**step, notified_on=TODAY, way=Telling.Way.REFUSED, witnesses=("见证甲", "见证乙"))
    record_answer(**step, answered_on=TODAY, kind=Answer.Kind.WAIVED, agrees_earlier=True, papers=[PAPER])
    confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    text = report(veto)
    assert "向本人送达告知书（本人拒绝签收，见证人：见证甲、见证乙）。本人书面放弃申辩" in text
    assert text.index("有关情况报告如下") < text.index("当场查实") < text.index("特此报告")


def test_of_who_left_it_promises_no_papers(cast: Cast) -> None:
    veto = VetoRecord.objects.create(
        batch=make_batch(cast.staff, cast.town),
        member=cast.member_a,
        ground="disrepute",
        year=2026,
        date=TODAY,
        particulars="历史补录",
        backfilled=True,
        decided_on=TODAY,
        decided_by=cast.staff,
        confirmed_at=NOW,
    )
    assert "陈述和申辩情况待补录" in report(veto)
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        branch=None,
        from_date=TODAY,
        why=Membership.Why.TRANSFERRED_OUT,
    )
    assert "未补录陈述和申辩情况" in report(veto)
