"""What the town and the member read of a proceeding that ended with the member's leaving (终止, D18)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from members.models import Membership, User
from points.roster.moves import change_membership
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.pages import browse
from tests.points.papers.pdf_text import read_text
from tests.scoring_site.workbench.findings.addresses import page
from tests.veto.hearings import PAPER, confirm, hear, tell
from veto.appeals import file_own_appeal
from veto.deciding import propose_veto
from veto.hearings import record_answer
from veto.letters import write_hearing_notice
from veto.models import Answer, VetoRecord

Why = Membership.Why
LIST = "/workbench/veto/vetorecord/"


@pytest.fixture
def veto(cast: Cast) -> VetoRecord:
    return propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disrepute",
        date=TODAY,
        particulars="某年某月的事",
        papers="上级认定",
    )


def leave(cast: Cast, why: Why) -> None:
    change_membership(actor=cast.staff, now=NOW, member=cast.member_a, branch=None, from_date=TODAY, why=why)


def read(user: User, address: str) -> str:
    response = browse(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.parametrize(("why", "said"), [(Why.DECEASED, "去世"), (Why.TRANSFERRED_OUT, "转出")])
def test_the_town_reads_when_and_why_it_ended(cast: Cast, veto: VetoRecord, why: Why, said: str) -> None:
    tell(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, receipt=[])
    leave(cast, why)
    end = f"已终止（2026-03-15，{said}）"
    own = page(veto)
    shown = read(cast.staff, own)
    assert end in shown
    assert "程序终止，不计入积分" in shown
    for step in ("tell", "answer", "postpone", "decide", "clear"):
        assert page(veto, step) not in shown
    for address in (LIST, f"{LIST}?state=ended", reverse("workbench:members_member_change", args=[cast.member_a.pk])):
        assert end in read(cast.staff, address)
    for state in ("proposed", "to_tell", "to_answer"):
        assert own not in read(cast.staff, f"{LIST}?state={state}")
    assert f"该事项已于{TODAY.year}年{TODAY.month}月{TODAY.day}日终止" in read_text(
        write_hearing_notice(finding=VetoRecord.objects.get(), on=TODAY)
    )


def test_who_left_reads_that_it_ended_and_is_asked_nothing(cast: Cast, veto: VetoRecord) -> None:
    tell(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, receipt=[])
    leave(cast, Why.TRANSFERRED_OUT)
    address = reverse("hearing", args=[veto.uuid])
    shown = read(cast.member_user_a, address)
    assert "该事项已于2026-03-15终止（转出）" in shown
    assert "<textarea" not in shown
    assert "已终止（2026-03-15，转出）" in read(cast.member_user_a, reverse("hearings"))
    assert browse(cast.member_user_a).post(address, {"statement": "说明"}).context["form"].non_field_errors()
    assert not Answer.objects.exists()


def test_an_appeal_that_ended_is_offered_to_nobody(cast: Cast, veto: VetoRecord) -> None:
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY)
    confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    shown = read(cast.secretary_a, page(veto))
    assert page(veto, "give") in shown
    file_own_appeal(actor=cast.member_user_a, now=NOW, finding=veto, text="我不在场")
    leave(cast, Why.DECEASED)
    shown = read(cast.staff, page(veto))
    assert "因党员去世，已于2026-03-15终止" in shown
    for step in ("answer_appeal", "give"):
        assert page(veto, step) not in shown
    assert "2026-03-15终止" not in read(cast.member_user_a, reverse("hearings"))


def test_the_new_branch_finds_the_papers_of_who_moved(cast: Cast, veto: VetoRecord) -> None:
    tell(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, receipt=[])
    given: dict[str, Any] = {"answered_on": TODAY, "kind": Answer.Kind.STATEMENT, "statement": "我当时在外地"}
    record_answer(actor=cast.recorder_a, now=NOW, finding=veto, papers=[PAPER], **given)
    change_membership(
        actor=cast.staff, now=NOW, member=cast.member_a, branch=cast.branch_b, from_date=TODAY, why=Why.MOVED
    )
    for user in (cast.recorder_a, cast.secretary_a):
        assert browse(user).get(page(veto)).status_code == 404
    shown = read(cast.secretary_b, page(veto))
    for text in ("某年某月的事", "上级认定", "我当时在外地", page(veto, "decide")):
        assert text in shown
