"""The papers of a finding, printed again later; the report to the town asks for nothing (情况报告, D18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from members.models import Appointment, Branch, Member, Membership
from members.places.branches import change_branch
from points.errors import NothingToPrint
from points.roster.moves import change_membership
from tests.cast import Cast
from tests.factories import NOW, TODAY, appoint, make_batch, make_user, permit_grounds
from tests.points.papers.pdf_text import read_pages, read_text, squeeze
from tests.veto.hearings import PAPER, confirm, tell
from veto.appeals import answer_appeal, file_paper_appeal
from veto.deciding import propose_veto
from veto.hearings import record_answer
from veto.letters import (
    write_appeal_answer,
    write_appeal_receipt,
    write_decision_letter,
    write_hearing_notice,
    write_report,
)
from veto.models import Answer, Appeal, Telling, VetoRecord

pytestmark = pytest.mark.django_db


def report(finding: VetoRecord) -> str:
    finding.refresh_from_db()
    return "".join(read_text(write_report(finding=finding, on=TODAY)).split())


def decided_veto(cast: Cast) -> VetoRecord:
    """Told of, refused to sign before witnesses, waived and confirmed today."""
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
    return veto


def test_the_report_names_the_witnesses_of_a_refusal_to_sign(cast: Cast) -> None:
    text = report(decided_veto(cast))
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


def papers_of(veto: VetoRecord, *, on: date) -> dict[str, str]:
    veto.refresh_from_db()
    return {
        "notice": read_text(write_hearing_notice(finding=veto, on=on)),
        "letter": read_text(write_decision_letter(finding=veto, on=on)),
        "report": read_text(write_report(finding=veto, on=on)),
    }


def test_papers_printed_after_a_rename_bear_the_name_of_their_day(cast: Cast) -> None:
    """As it was seen: the new name stood on all three, with the seal's place beside it."""
    veto = decided_veto(cast)
    before = papers_of(veto, on=TODAY)
    later = NOW + timedelta(days=30)
    change_branch(actor=cast.staff, now=later, branch=cast.branch_a, values={"name": "红旗村党支部"})
    assert papers_of(veto, on=later.date()) == before
    assert all("一支部（盖章）" in text for text in before.values())


def test_papers_printed_after_a_move_are_those_of_the_branch_that_acted(cast: Cast) -> None:
    veto = decided_veto(cast)
    before = papers_of(veto, on=TODAY)
    Branch.objects.filter(pk=cast.branch_b.pk).update(has_committee=False)
    moved = NOW + timedelta(days=30)
    change_membership(
        actor=cast.staff,
        now=moved,
        member=cast.member_a,
        branch=cast.branch_b,
        from_date=moved.date(),
        why=Membership.Why.MOVED,
    )
    assert papers_of(veto, on=moved.date()) == before
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=False)
    assert papers_of(veto, on=moved.date()) == before


def test_before_the_member_was_told_the_notice_is_todays(cast: Cast) -> None:
    later = NOW + timedelta(days=30)
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_a, values={"name": "红旗村党支部"})
    veto = propose_veto(
        actor=cast.recorder_a,
        now=later,
        member=cast.member_a,
        ground="disrepute",
        date=TODAY,
        particulars="当场查实",
        papers="上级认定",
    )
    assert "红旗村党支部（盖章）" in read_text(write_hearing_notice(finding=veto, on=later.date()))


def test_the_report_of_a_probationary_member_says_so_after_they_became_a_full_one(cast: Cast) -> None:
    veto = decided_veto(cast)
    Member.objects.filter(pk=cast.member_a.pk).update(full_since=TODAY + timedelta(days=10))
    fresh = VetoRecord.objects.get(pk=veto.pk)
    text = read_text(write_report(finding=fresh, on=TODAY + timedelta(days=30)))
    assert "该同志是预备党员" in text


def test_no_date_to_fill_in_breaks_over_a_line(cast: Cast) -> None:
    veto = decided_veto(cast)
    veto.refresh_from_db()
    papers = (write_hearing_notice, write_decision_letter, write_report)
    lines = [
        squeeze(line)
        for write in papers
        for page in read_pages(write(finding=veto, on=TODAY))
        for line in page.split("\n")
    ]
    dates = [line for line in lines if "年月" in line]
    assert len(dates) > 8
    assert [line for line in dates if "年月日" not in line] == []


def test_the_papers_of_an_appeal_give_its_number_and_what_the_town_answered(cast: Cast) -> None:
    veto = decided_veto(cast)
    with pytest.raises(NothingToPrint):
        write_appeal_receipt(finding=veto, on=TODAY)
    step: dict[str, Any] = {"now": NOW, "finding": veto}
    appeal = file_paper_appeal(actor=cast.staff, text="证人当时不在场", filed_on=TODAY, papers=[PAPER], **step)
    veto.refresh_from_db()
    receipt = read_text(write_appeal_receipt(finding=veto, on=TODAY))
    assert "申诉受理通知书" in receipt
    assert f"受理编号：{appeal.receipt}" in receipt
    assert "张伟同志" in receipt
    assert f"编号：〔2026〕否{veto.pk}号" in receipt
    assert "证人当时不在场" not in receipt
    assert "当场查实" not in receipt
    with pytest.raises(NothingToPrint):
        write_appeal_answer(finding=veto, on=TODAY)

    other = make_user("staff-2", name="镇干部二", town=cast.town)
    appoint(other, Appointment.Role.TOWN_STAFF, town=cast.town)
    permit_grounds(other)
    answer_appeal(actor=other, outcome=Appeal.Outcome.REVOKED, answer="证言不成立。", is_unrelated=True, **step)
    veto.refresh_from_db()
    answer = read_text(write_appeal_answer(finding=veto, on=TODAY))
    for part in ("申诉答复书", "证人当时不在场", "原认定予以撤销，不计入积分。", "证言不成立。", "送达回执"):
        assert part in answer, part
