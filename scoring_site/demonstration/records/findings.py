"""Deductions and a veto, each the way D18 asks: found, told, heard, decided, one appealed against.

Two of this year are still open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from members.models import User
from members.places.resolutions import Resolution
from members.places.workdays import TownCalendar
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.pictures import draw_paper
from veto.appeals import answer_appeal, file_paper_appeal
from veto.deciding import (
    clear_finding,
    confirm_finding,
    dismiss_finding,
    propose_deduction,
    propose_veto,
    revoke_finding,
)
from veto.hearing_days import last_day_to_answer
from veto.hearings import Delivery, Meeting, give_decision, record_answer, tell_member
from veto.models import Answer, Appeal, Deduction, Telling, VetoRecord

Kind = Answer.Kind
_CARRIED = "宣读核实材料和本人陈述，逐人发表意见后表决，同意认定。"
_NOT_CARRIED = "宣读核查意见和本人陈述，多数同志认为事实不成立，不予认定。"


@dataclass(frozen=True, slots=True)
class Case:
    """One finding; the other days count from the day it was found. None: that step has not been made."""

    person: str
    branch: str
    item: str
    particulars: str
    papers: str
    answer: Kind = Kind.WAIVED
    statement: str = ""
    witnesses: tuple[str, ...] = ()
    is_veto: bool = False
    told_after: int | None = 2
    answered_after: int | None = 9
    confirmed_after: int | None = None
    dismissed_after: int | None = None
    given_after: int | None = None
    appealed_after: int | None = None
    appeal: str = ""
    appeal_answer: str = ""
    revoked_after: int | None = None


LAST_YEAR = (
    (
        2,
        14,
        Case(
            "gambler",
            "taoyuan",
            "gambling",
            "农闲期间在村内棋牌室参与赌博，派出所出具治安调解材料，支部书记与本人谈话核实。",
            "派出所治安调解材料（2月13日），支部谈话记录（2月14日）",
            Kind.STATEMENT,
            "情况属实，我认识到错误，今后不再参加，愿意接受支部处理。",
            confirmed_after=16,
            given_after=17,
        ),
    ),
    (
        1,
        29,
        Case(
            "fireworks",
            "fenglin",
            "noncompliance",
            "在禁燃区域燃放烟花，经劝阻后仍继续燃放，村网格员现场记录，本人承认。",
            "镇政府春节期间禁燃通告，网格员现场记录（1月29日）",
            confirmed_after=20,
            given_after=21,
            appealed_after=30,
            appeal="燃放地点在村口空地，我认为不在禁燃区域内，请镇里核对。",
            appeal_answer="经核对镇政府通告所附范围图，燃放地点在禁燃区域内，劝阻后仍继续燃放的事实清楚，维持原认定。",
        ),
    ),
    (
        5,
        8,
        Case(
            "dismissed",
            "shiqiao",
            "rumour",
            "群众反映其在微信群转发未经证实的拆迁消息。经核实，消息系镇政府公告截图。",
            "镇政法委关于群内消息的核查意见（5月8日）",
            Kind.STATEMENT,
            "我转发的是镇政府公告栏的照片，原文附后。",
            dismissed_after=14,
        ),
    ),
    (
        6,
        3,
        Case(
            "revoked",
            "liuwan",
            "noncompliance",
            "秸秆禁烧期间其承包地内有焚烧痕迹，护林员巡查记录。",
            "镇政府秸秆禁烧通告，护林员巡查记录（6月3日）",
            Kind.LAPSED,
            witnesses=("孙德海", "吴月娥"),
            answered_after=10,
            confirmed_after=13,
            # After the first half was approved: it comes back in the second half's difference, marked 补记 (D20).
            revoked_after=96,
        ),
    ),
    (
        10,
        9,
        Case(
            "vetoed",
            "shiqiao",
            "disciplined",
            "因醉酒驾驶机动车受到党纪处分，处分决定书文号：云纪（演示）第3号，当日送达本人。",
            "云纪（演示）第3号处分决定，县纪委监委",
            Kind.STATEMENT,
            "我对处分决定没有异议，深刻检讨自己的错误。",
            is_veto=True,
            answered_after=12,
            confirmed_after=25,
            given_after=26,
        ),
    ),
)
"""Month and day found last year, and what came of it."""

LATELY = (
    (
        24,
        Case(
            "awaiting_decision",
            "first",
            "noncompliance",
            "占用消防通道堆放杂物，经社区三次书面通知未清理，有整改通知书回执。",
            "社区三份整改通知书及回执",
            Kind.STATEMENT,
            "杂物是临时存放的，通知期间我在外地，回来后已经清理干净，请支部考虑。",
        ),
    ),
    (
        6,
        Case(
            "pending",
            "taoyuan",
            "gambling",
            "村民反映其在集市参与赌博，支部已与派出所核对现场登记。",
            "派出所现场检查登记（支部核对记录）",
            answered_after=None,
        ),
    ),
)
"""Days before now on which it was found: one member was heard and waits, the other has yet to answer."""


def plan_findings(diary: Diary, folk: Townsfolk, *, now: datetime) -> None:
    """Put every finding's steps into the diary."""
    for month, day, case in LAST_YEAR:
        _plan_case(diary, folk, case, date(folk.last_year, month, day))
    for days, case in LATELY:
        _plan_case(diary, folk, case, timezone.localdate(now) - timedelta(days=days))


def _plan_case(diary: Diary, folk: Townsfolk, case: Case, found_on: date) -> None:
    proceedings = _Proceedings(folk, case, found_on)
    for days, hour, step in (
        (1, 9, proceedings.propose),
        (2 if case.is_veto else None, 9, proceedings.let_through),
        (case.told_after, 10, proceedings.tell),
        (case.answered_after, 15, proceedings.answer),
        (case.confirmed_after, 16, proceedings.confirm),
        (case.dismissed_after, 16, proceedings.dismiss),
        (case.given_after, 10, proceedings.give),
        (case.appealed_after, 9, proceedings.appeal),
        (case.appealed_after and case.appealed_after + 9, 16, proceedings.answer_appeal),
        (case.revoked_after, 10, proceedings.revoke),
    ):
        if days is not None:
            diary.add(at(found_on + timedelta(days=days), hour), step)


class _Proceedings:
    """One case's steps; each is a diary entry. The recorder proposes and hears, the secretary enters decisions."""

    def __init__(self, folk: Townsfolk, case: Case, found_on: date) -> None:
        self._folk = folk
        self._case = case
        self._found_on = found_on
        self._finding: Deduction | VetoRecord | None = None

    @property
    def _secretary(self) -> User:
        return self._folk.secretaries[self._case.branch]

    @property
    def _standing(self) -> Deduction | VetoRecord:
        assert self._finding is not None, "the diary proposes a finding before its other steps"
        return self._finding

    def propose(self, now: datetime) -> None:
        case, recorder = self._case, self._folk.recorders[self._case.branch]
        member = self._folk.members[case.person]
        if case.is_veto:
            self._finding = propose_veto(
                actor=recorder,
                now=now,
                member=member,
                ground=case.item,
                date=self._found_on,
                particulars=case.particulars,
                papers=case.papers,
            )
        else:
            self._finding = propose_deduction(
                actor=recorder,
                now=now,
                member=member,
                item=case.item,
                date=self._found_on,
                particulars=case.particulars,
                papers=case.papers,
            )

    def let_through(self, now: datetime) -> None:
        clear_finding(actor=self._folk.staff, now=now, finding=self._standing, is_unrelated=True)

    def tell(self, now: datetime) -> None:
        case, day = self._case, now.date()
        way = Telling.Way.REFUSED if case.witnesses else Telling.Way.HANDED
        tell_member(
            actor=self._folk.recorders[case.branch],
            now=now,
            finding=self._standing,
            delivery=Delivery(day, way, case.witnesses, [draw_paper(f"{case.person}/receipt")]),
            meeting=Meeting(at(self._day_of_meeting(day), 15), "村部会议室"),
        )

    def _day_of_meeting(self, told_on: date) -> date:
        """The day on which it was decided, else some days after the last day to answer."""
        decided_after = self._case.confirmed_after or self._case.dismissed_after
        if decided_after is not None:
            return self._found_on + timedelta(days=decided_after)
        return last_day_to_answer(told_on, TownCalendar(self._folk.town)) + timedelta(days=4)

    def answer(self, now: datetime) -> None:
        case = self._case
        papers = [draw_paper(f"{case.person}/answer")] if case.answer == Kind.WAIVED else []
        record_answer(
            actor=self._folk.recorders[case.branch],
            now=now,
            finding=self._standing,
            answered_on=now.date(),
            kind=case.answer,
            statement=case.statement,
            papers=papers,
        )

    def confirm(self, now: datetime) -> None:
        given = Resolution(now.date(), _CARRIED, expected=5, present=4, in_favour=4)
        confirm_finding(actor=self._secretary, now=now, finding=self._standing, resolution=given, is_unrelated=True)

    def dismiss(self, now: datetime) -> None:
        given = Resolution(now.date(), _NOT_CARRIED, expected=5, present=5, against=4, abstained=1)
        dismiss_finding(actor=self._secretary, now=now, finding=self._standing, resolution=given, is_unrelated=True)

    def give(self, now: datetime) -> None:
        give_decision(
            actor=self._folk.recorders[self._case.branch],
            now=now,
            finding=self._standing,
            delivery=Delivery(now.date(), receipt=[draw_paper(f"{self._case.person}/decision")]),
        )

    def appeal(self, now: datetime) -> None:
        file_paper_appeal(
            actor=self._folk.staff,
            now=now,
            finding=self._standing,
            text=self._case.appeal,
            filed_on=now.date(),
            papers=[draw_paper(f"{self._case.person}/appeal")],
        )

    def answer_appeal(self, now: datetime) -> None:
        answer_appeal(
            actor=self._folk.staff,
            now=now,
            finding=self._standing,
            outcome=Appeal.Outcome.UPHELD,
            answer=self._case.appeal_answer,
            is_unrelated=True,
        )

    def revoke(self, now: datetime) -> None:
        revoke_finding(
            actor=self._secretary,
            now=now,
            finding=self._standing,
            reason="复核发现焚烧点位于相邻地块，原认定有误，支委会研究予以撤销",
            is_unrelated=True,
        )
