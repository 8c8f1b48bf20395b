"""Deductions and a veto, each the way D18 asks: found, told, heard, decided. Two of this year are still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from members.models import User
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk
from veto.deciding import confirm_finding, dismiss_finding, propose_deduction, propose_veto, revoke_finding
from veto.hearings import record_answer, tell_member
from veto.models import Deduction, Finding, VetoRecord

Answer = Finding.Answer


@dataclass(frozen=True, slots=True)
class Case:
    """One finding; the other days count from the day it was found. None: that step has not been made."""

    person: str
    branch: str
    item: str
    particulars: str
    papers: str
    answer: Answer = Answer.WAIVED
    statement: str = ""
    witnesses: tuple[str, ...] = ()
    is_veto: bool = False
    told_after: int | None = 2
    answered_after: int | None = 9
    confirmed_after: int | None = None
    dismissed_after: int | None = None
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
            Answer.STATEMENT,
            "情况属实，我认识到错误，今后不再参加，愿意接受支部处理。",
            confirmed_after=16,
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
            Answer.STATEMENT,
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
            Answer.REFUSED,
            witnesses=("孙德海", "吴月娥"),
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
            Answer.STATEMENT,
            "我对处分决定没有异议，深刻检讨自己的错误。",
            is_veto=True,
            answered_after=12,
            confirmed_after=25,
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
            Answer.STATEMENT,
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
        (case.told_after, 10, proceedings.tell),
        (case.answered_after, 15, proceedings.answer),
        (case.confirmed_after, 16, proceedings.confirm),
        (case.dismissed_after, 16, proceedings.dismiss),
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

    def tell(self, now: datetime) -> None:
        tell_member(
            actor=self._folk.recorders[self._case.branch],
            now=now,
            finding=self._standing,
            notified_on=now.date(),
        )

    def answer(self, now: datetime) -> None:
        record_answer(
            actor=self._folk.recorders[self._case.branch],
            now=now,
            finding=self._standing,
            answered_on=now.date(),
            answer=self._case.answer,
            statement=self._case.statement,
            witnesses=self._case.witnesses,
        )

    def confirm(self, now: datetime) -> None:
        confirm_finding(actor=self._secretary, now=now, finding=self._standing, decided_on=now.date())

    def dismiss(self, now: datetime) -> None:
        dismiss_finding(actor=self._secretary, now=now, finding=self._standing, decided_on=now.date())

    def revoke(self, now: datetime) -> None:
        revoke_finding(
            actor=self._secretary,
            now=now,
            finding=self._standing,
            reason="复核发现焚烧点位于相邻地块，原认定有误，支委会研究予以撤销",
        )
