"""A deduction taken over from paper by an import, and its papers entered before the half is published (D18)."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from points.imports.records import import_records
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.pictures import draw_paper
from veto.hearings import Delivery, record_answer, tell_member
from veto.models import Answer, Deduction

_BRANCH = "office"
_PERSON = "office-7"
_FOUND_ON, _DECIDED_ON = (2, 18), (3, 12)
_TOLD_ON, _ANSWERED_ON = (3, 2), (3, 9)
_PARTICULARS = "工作日午间饮酒后返岗，镇纪委谈话提醒，有谈话记录。（原记于纸质台账）"


def plan_backfill(diary: Diary, folk: Townsfolk) -> None:
    """Put the import and, two weeks later, the member's answer found in the paper file into the diary."""
    diary.add(at(date(folk.last_year, 7, 8), 10), partial(_import_deduction, folk))
    diary.add(at(date(folk.last_year, 7, 22), 15), partial(_enter_papers, folk))


def _import_deduction(folk: Townsfolk, now: datetime) -> None:
    found_on, decided_on = date(folk.last_year, *_FOUND_ON), date(folk.last_year, *_DECIDED_ON)
    rows = (
        ("党支部", "姓名", "类别", "项目", "日期", "说明", "核实日期"),
        (
            folk.branches[_BRANCH].name,
            folk.members[_PERSON].name,
            "扣分",
            "noncompliance",
            found_on.isoformat(),
            _PARTICULARS,
            decided_on.isoformat(),
        ),
    )
    report = import_records(
        actor=folk.staff,
        now=now,
        town=folk.town,
        data="\n".join(",".join(row) for row in rows).encode(),
        filename="纸质台账补录.csv",
    )
    assert not report.errors, report.errors


def _enter_papers(folk: Townsfolk, now: datetime) -> None:
    finding = Deduction.objects.get(member=folk.members[_PERSON], backfilled=True)
    recorder = folk.recorders[_BRANCH]
    receipt = [draw_paper(f"{_PERSON}/receipt")]
    delivery = Delivery(date(folk.last_year, *_TOLD_ON), receipt=receipt)
    tell_member(actor=recorder, now=now, finding=finding, delivery=delivery, meeting=None)
    record_answer(
        actor=recorder,
        now=now,
        finding=finding,
        answered_on=date(folk.last_year, *_ANSWERED_ON),
        kind=Answer.Kind.WAIVED,
        papers=[draw_paper(f"{_PERSON}/answer")],
    )
