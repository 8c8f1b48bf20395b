"""A town in which everything happens that makes a year irregular; its figures are worked out by hand in the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from members.models import Branch, Exemption, Member, Membership, RecordBatch, Town
from members.selectors import system_account
from points.rules.periods import first_day
from points.scoring.adoption import set_up_town
from tests.factories import LONG_AGO, NOW, make_batch, make_branch, make_event, make_member, make_membership
from veto.models import Deduction, VetoRecord

Why = Membership.Why
NAME = "乱石镇"


@dataclass
class Builder:
    """Writes a member's records of 2025 in few words."""

    batch: RecordBatch

    def base(self, member: Member, item: str, periods: Iterable[str], on: date | None = None) -> None:
        for period in periods:
            make_event(self.batch, member, item, period, date=on or first_day(period), year=2025)

    def dues(self, member: Member, *months: int) -> None:
        self.base(member, "dues", [f"2025-{month:02}" for month in months])

    def deed(self, member: Member, item: str, on: date, points: int, *, led: bool = False) -> None:
        make_event(self.batch, member, item, "", date=on, year=2025, points=points, led=led)

    def deduct(self, member: Member, *days: date, item: str = "gambling", confirmed: bool = True) -> None:
        for day in days:
            Deduction.objects.create(
                batch=self.batch,
                member=member,
                item=item,
                date=day,
                particulars="经核实",
                **self._decision(day, confirmed),
            )

    def veto(self, member: Member, on: date, decided_on: date, *, confirmed: bool = True) -> VetoRecord:
        return VetoRecord.objects.create(
            batch=self.batch,
            member=member,
            ground="disciplined",
            year=2025,
            date=on,
            particulars="处分决定",
            **self._decision(decided_on, confirmed),
        )

    def _decision(self, day: date, confirmed: bool) -> dict[str, object]:
        if not confirmed:
            return {}
        return {"decided_on": day, "confirmed_at": NOW, "decided_by": self.batch.actor}


def build_messy_town(**settings: str) -> Town:
    """The town with the rulebook of 2025 adopted under `settings`."""
    town = set_up_town(now=NOW, name=NAME, years=[2025], settings=settings)
    builder = Builder(make_batch(system_account(town), town))
    second = make_branch(town, "二支部", position=2)
    first = make_branch(town, "一支部", position=1)
    _people_of_the_first_branch(first, builder)
    _people_of_the_second_branch(first, second, builder)
    return town


def _people_of_the_first_branch(branch: Branch, builder: Builder) -> None:
    # In the roster after everybody who follows, though made first.
    whole = make_member(branch, "全勤", position=90)
    builder.dues(whole, *range(1, 13))
    builder.base(whole, "party_day", [f"2025-{month:02}" for month in range(1, 13)])
    builder.base(whole, "lecture", ["2025Q1", "2025Q2", "2025Q3", "2025Q4"])
    builder.base(whole, "assembly", ["2025Q1", "2025Q2", "2025Q3", "2025Q4"])
    builder.base(whole, "life_meeting", ["2025H1", "2025H2"])
    builder.base(whole, "appraisal", ["2025"], on=date(2026, 2, 10))
    builder.base(whole, "pledge", ["2025"], on=date(2025, 3, 1))
    builder.deed(whole, "heritage", date(2025, 5, 4), 30, led=True)
    builder.deed(whole, "heritage", date(2025, 5, 5), 25)
    builder.deed(whole, "commendation", date(2025, 12, 31), 40)

    vetoed_later = make_member(branch, "次年否决", position=11)
    builder.dues(vetoed_later, *range(1, 11))
    builder.veto(vetoed_later, date(2025, 11, 20), date(2026, 1, 20))

    to_nothing = make_member(branch, "扣完为止", position=12)
    builder.dues(to_nothing, *range(1, 13))
    builder.deduct(to_nothing, date(2025, 10, 1), date(2025, 10, 2), date(2025, 11, 3))

    not_counted = make_member(branch, "未予确认", position=13)
    builder.dues(not_counted, 1, 2, 3, 7)
    builder.deduct(not_counted, date(2025, 4, 1), confirmed=False)
    builder.veto(not_counted, date(2025, 4, 1), date(2025, 4, 2), confirmed=False)
    revoked = builder.veto(not_counted, date(2025, 5, 1), date(2025, 5, 2))
    VetoRecord.objects.filter(pk=revoked.pk).update(
        revoked_at=NOW, revoked_by=builder.batch.actor, revoke_reason="处分撤销"
    )
    builder.base(not_counted, "lecture", ["2025Q1"])
    not_counted.events.filter(item="lecture").update(voided_at=NOW, voided_by=builder.batch.actor, void_reason="重复")

    equal = make_member(branch, "=同分", position=14)
    builder.dues(equal, 1, 2, 3, 12)

    make_member(branch, "早已转出", since=LONG_AGO, position=15)
    make_membership(Member.objects.get(name="早已转出"), None, date(2024, 12, 31), Why.TRANSFERRED_OUT)
    make_member(branch, "明年才来", since=date(2026, 1, 1), why=Why.TRANSFERRED_IN, position=16)


def _people_of_the_second_branch(first: Branch, second: Branch, builder: Builder) -> None:
    mover = make_member(first, "调动", position=21)
    make_membership(mover, second, date(2025, 7, 1), Why.MOVED)
    builder.dues(mover, *range(1, 9))

    for position, (name, why, day) in enumerate(
        (
            ("转出", Why.TRANSFERRED_OUT, date(2025, 9, 1)),
            ("去世", Why.DECEASED, date(2025, 12, 31)),
            ("停止", Why.SUSPENDED, date(2025, 2, 1)),
            ("除名", Why.REMOVED, date(2025, 3, 1)),
            ("退党", Why.WITHDRAWN, date(2025, 4, 1)),
        ),
        start=22,
    ):
        leaver = make_member(second, name, position=position)
        builder.dues(leaver, 1)
        make_membership(leaver, None, day, why)

    left_after = make_member(second, "年后转出", position=27)
    make_membership(left_after, None, date(2026, 1, 1), Why.TRANSFERRED_OUT)

    exempt = make_member(second, "免积分", position=28)
    builder.dues(exempt, 1, 2)
    _exempt(exempt, date(2025, 3, 1), None)
    exempt_probationary = make_member(second, "免预备", position=29, category="probationary")
    _exempt(exempt_probationary, date(2025, 12, 31), None)

    scored_again = make_member(second, "恢复积分", position=30)
    _exempt(scored_again, LONG_AGO, date(2025, 5, 1))
    builder.dues(scored_again, 5, 6, 7, 8, 9)

    admitted = make_member(
        second, "新预备", since=date(2025, 8, 15), why=Why.ADMITTED, position=31, category="probationary"
    )
    builder.dues(admitted, 8, 9, 10, 11, 12)

    part_and_vetoed = make_member(second, "半年否决", since=date(2025, 3, 31), why=Why.TRANSFERRED_IN, position=32)
    builder.dues(part_and_vetoed, 3, 4, 5)
    builder.veto(part_and_vetoed, date(2025, 5, 20), date(2025, 6, 30))

    early = make_member(second, "六月转入", since=date(2025, 6, 30), why=Why.TRANSFERRED_IN, position=33)
    builder.dues(early, 6)
    builder.base(early, "lecture", ["2025Q2"], on=date(2025, 6, 30))
    builder.base(early, "life_meeting", ["2025H1"], on=date(2025, 6, 30))


def _exempt(member: Member, start: date, end: date | None) -> None:
    Exemption.objects.create(
        member=member,
        ground=Exemption.Ground.UNABLE,
        applied_on=start,
        decided_on=timezone.localdate(NOW),
        from_date=start,
        ended_on=end,
    )
