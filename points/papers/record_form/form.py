"""The rows of 党员积分制教育管理记录表 (clause 6): one form per member and year, in Chinese like every paper.

Each form adds up: the points of its rows and of its adjustments are its total. A row stands under the day it was
recorded and says on which day it happened, where that is another one and somebody gave it (D25).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone, translation

from foundation.tenths import say_points, show_points
from members.models import Branch, Member
from members.people.naming import tell_apart_at_home
from members.places.branches import names_on
from points.models import PointEvent, Review, ReviewLine
from points.papers.words import EXEMPT, FINAL, LEFT, PROVISIONAL, name_part_year
from points.rules.facts import MemberFacts, PointRecord
from points.rules.payments import PAYMENT_COLUMNS, UNSAID, Payment
from points.rules.periods import H2, half_end, last_day
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.score import DUPLICATE, LATE_DUES, OUT_OF_SCOPE, IncentiveLine, ScoreSheet, score_member
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import links_of_year, read_frozen_halves
from points.scoring.scores import RosterYear, YearStatus, read_facts, read_roster_years
from points.scoring.wording import name_period, say_payment
from veto.models import Deduction

UNNAMED_DEDUCTION = "负面清单扣分"


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of the form: 登记时间 (the day it was recorded), 积（扣）分内容, 分数 in tenths."""

    day: date
    content: str
    points: int

    @property
    def shown(self) -> str:
        return show_points(self.points)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a cap, proration, 扣完为止 or a veto adds to the sum of the rows, in tenths."""

    label: str
    points: int

    @property
    def shown(self) -> str:
        return f"{self.label}{'加' if self.points > 0 else '减'}{show_points(abs(self.points))}分"


@dataclass(frozen=True, slots=True)
class RecordForm:
    """One member's form. `total` is the annual score in tenths, or None with the reason in `unscored`.

    `is_vetoed` is None, and neither box ticked, as long as the year may still bring a veto. `veto_grounds` stays empty
    unless the reader may know them (D21). `link` is the last one of the year, which the paper witnesses.
    """

    town: str
    branch: str
    name: str
    year: int
    remark: str
    rows: tuple[FormRow, ...]
    rows_total: int
    adjustments: tuple[Adjustment, ...]
    is_vetoed: bool | None
    veto_grounds: tuple[str, ...]
    total: int | None
    unscored: str
    state: str = ""
    link: tuple[int, str] | None = None

    @property
    def shown_total(self) -> str:
        return "" if self.total is None else show_points(self.total)

    @property
    def explanation(self) -> str:
        """How the rows lead to the total, where a cap bit or a veto stands; else empty."""
        if self.total is None or not self.adjustments:
            return ""
        parts = [f"各项合计{show_points(self.rows_total)}分", *(part.shown for part in self.adjustments)]
        return f"{'，'.join(parts)}，年度积分{show_points(self.total)}分。"


def build_member_form(*, member: Member, year: int, now: datetime, with_grounds: bool) -> RecordForm | None:
    """The form of one member; None when they were in no branch that year. Raises NoRulebook (D1)."""
    rulebook = rulebook_for(member.town, year)
    members = Member.objects.filter(pk=member.pk)
    return next(_build_forms(members, rulebook, year, now, with_grounds=with_grounds), None)


def build_branch_forms(*, branch: Branch, year: int, now: datetime, with_grounds: bool) -> Iterator[RecordForm]:
    """The forms of the members whom the branch scores for the year, in roster order; a constant number of queries.

    Those are the members who stand in the branch on the year's last day (D15, D16): none exempt, none who left.
    Raises NoRulebook (D1).
    """
    rulebook = rulebook_for(branch.town, year)
    members = ever_in(branch, year)
    return _build_forms(members, rulebook, year, now, with_grounds=with_grounds, scored_in=branch)


def has_branch_forms(*, branch: Branch, year: int) -> bool:
    """Whether there is anybody whom the branch scores for the year."""
    return bool(scored_in_branch(branch, read_roster_years(ever_in(branch, year), year)))


def ever_in(branch: Branch, year: int) -> QuerySet[Member]:
    """Those who came into the branch until the end of the year; who of them stands there then is asked next."""
    return Member.objects.filter(pk__in=branch.memberships.filter(from_date__lte=half_end(year, H2)).values("member"))


def scored_in_branch(branch: Branch, roster_years: Mapping[int, RosterYear]) -> dict[int, RosterYear]:
    return {
        member_id: roster_year
        for member_id, roster_year in roster_years.items()
        if roster_year.branch_id == branch.pk and roster_year.status is YearStatus.SCORED
    }


def _build_forms(
    members: QuerySet[Member],
    rulebook: Rulebook,
    year: int,
    now: datetime,
    *,
    with_grounds: bool,
    scored_in: Branch | None = None,
) -> Iterator[RecordForm]:
    roster_years = read_roster_years(members, year)
    if scored_in is not None:
        roster_years = scored_in_branch(scored_in, roster_years)
    facts = dict(read_facts(members, year, roster_years, read_frozen_halves(members, year)))
    sources = read_sources(members, year)
    decided = dict(
        ReviewLine.objects.filter(
            member__in=members.values("pk"), review__year=year, review__half=H2, revision=1
        ).values_list("member_id", "review__state")
    )
    today = timezone.localdate(now)
    day = min(half_end(year, H2), today)
    people = members.filter(pk__in=roster_years).select_related("town").only("name", "town__name")
    branches = Branch.objects.in_bulk({roster_year.branch_id for roster_year in roster_years.values()})
    names = names_on(branches.values(), day)
    links = {pk: (link.sequence, link.hash) for pk, link in links_of_year(branches, year).items()}
    for member in tell_apart_at_home(people, on=day, lasting=True):
        roster_year = roster_years[member.pk]
        form = _build_form(
            member, names[roster_year.branch_id], roster_year, facts[member.pk], rulebook, sources, today, with_grounds
        )
        state = _name_state(year, decided.get(member.pk), today)
        yield replace(form, state=state, link=links.get(roster_year.branch_id))


class Source(NamedTuple):
    """When a record was written, what was noted beside it, whether it is of a meeting, whose day is known, and what was
    said of the payment."""

    recorded_on: date
    note: str = ""
    is_of_meeting: bool = False
    payment: Payment = UNSAID


class Sources(NamedTuple):
    """What stands behind the events and the deductions of the year, by row number."""

    events: dict[int, Source]
    deductions: dict[int, Source]


def read_sources(members: QuerySet[Member], year: int) -> Sources:
    """Two queries."""
    events = PointEvent.objects.live().filter(member__in=members.values("pk"), year=year)
    deductions = Deduction.objects.confirmed().filter(member__in=members.values("pk"), date__year=year)
    return Sources(
        {
            pk: Source(timezone.localdate(at), note, attendance_id is not None, Payment(*payment))
            for pk, at, note, attendance_id, *payment in events.values_list(
                "pk", "batch__at", "note", "attendance_id", *PAYMENT_COLUMNS
            )
        },
        {pk: Source(timezone.localdate(at)) for pk, at in deductions.values_list("pk", "confirmed_at") if at},
    )


def _build_form(
    member: Member,
    branch_name: str,
    roster_year: RosterYear,
    facts: MemberFacts,
    rulebook: Rulebook,
    sources: Sources,
    today: date,
    with_grounds: bool,
) -> RecordForm:
    sheet = score_member(rulebook, facts, half_end(facts.year, H2))
    scored = roster_year.status is YearStatus.SCORED
    with translation.override("zh-hans"):
        name = member.listed_name
        rows = tuple(row for _key, row in sorted(_make_rows(rulebook, sheet, sources, with_grounds=with_grounds)))
    return RecordForm(
        town=member.town.name,
        branch=branch_name,
        name=name,
        year=facts.year,
        remark=name_part_year(len(roster_year.months_in_scope)) if scored and roster_year.is_part_year else "",
        rows=rows,
        rows_total=sum(row.points for row in rows),
        adjustments=tuple(find_adjustments(rulebook, sheet)),
        is_vetoed=True if sheet.is_vetoed else False if scored and today > half_end(facts.year, H2) else None,
        veto_grounds=tuple(rulebook.item(line.ground, "veto").name for line in sheet.vetoes) if with_grounds else (),
        total=sheet.total if scored else None,
        unscored="" if scored else LEFT.get(roster_year.left_why, EXEMPT),
    )


ON_THE_WAY: Mapping[str, str] = {Review.State.APPROVED: "已核定，待公示", Review.State.PUBLISHED: "公示中"}
"""How far a year's score is that the branch has approved and that does not yet stand."""


def _name_state(year: int, decided: str | None, today: date) -> str:
    """Every form is provisional until the notice of the year's score is over (3.2).

    `decided` is the state of the second half that has the member's line, or None.
    """
    if decided == Review.State.FINAL:
        return FINAL
    if today <= half_end(year, H2):
        return f"{PROVISIONAL}（截至{today.year}年{today.month}月{today.day}日，年度尚未结束）"
    return f"{PROVISIONAL}（{year}年度积分{ON_THE_WAY.get(decided or '', '待支部核定')}）"


_Place = tuple[date, date, int, int]
"""Where a row stands: by the day it was recorded, then by the day it happened."""

UNCOUNTED = {
    LATE_DUES: "支部核定后补交，不计分",
    OUT_OF_SCOPE: "不计分期间，不计分",
    DUPLICATE: "本期已登记，不重复计分",
}


def _make_rows(
    rulebook: Rulebook, sheet: ScoreSheet, sources: Sources, *, with_grounds: bool
) -> Iterator[tuple[_Place, FormRow]]:
    """Each live record of the year with what it earned or took by itself, and its place."""
    for base in sheet.base_lines:
        item = rulebook.item(base.item)
        assert isinstance(item, BaseItem)
        records = [(record, "") for record in base.counted]
        records += [(record, UNCOUNTED[reason]) for record, reason in base.uncounted]
        for record, uncounted in records:
            source = sources.events[record.ref]
            day = _say_day(item, record, source, sheet.year)
            remarks = _join(name_period(record.period), day, say_payment(source.payment), uncounted)
            row = FormRow(source.recorded_on, f"{item.name}（{remarks}）", 0 if uncounted else item.points)
            yield (source.recorded_on, record.date, 0, record.ref), row
    for line in sheet.incentive_lines:
        yield from make_incentive_rows(rulebook.item(line.item).name, line, sources, sheet.year)
    for deduction in sheet.deduction_lines:
        name = rulebook.item(deduction.item, "deduction").name
        source = sources.deductions[deduction.ref]
        found = _name_day(deduction.date, source, sheet.year)
        content = f"{UNNAMED_DEDUCTION}：{name}" if with_grounds else UNNAMED_DEDUCTION
        content += f"（{found}发现）" if found else ""
        row = FormRow(source.recorded_on, content, -deduction.points)
        yield (source.recorded_on, deduction.date, 1, deduction.ref), row


def make_incentive_rows(
    name: str, line: IncentiveLine, sources: Sources, year: int
) -> Iterator[tuple[_Place, FormRow]]:
    records = [(record, "") for record in line.records]
    records += [(record, UNCOUNTED[reason]) for record, reason in line.uncounted]
    for record, uncounted in records:
        source = sources.events[record.ref]
        awarded = record.points or 0
        led = f"带头作用，{say_points(awarded)}分双倍" if record.led else ""
        remarks = _join(_name_day(record.date, source, year), uncounted or led)
        # Many notes begin with the item's name already.
        content = source.note if source.note.startswith(name) else _colon(name, source.note)
        content += f"（{remarks}）" if remarks else ""
        points = awarded * 2 if record.led else awarded
        row = FormRow(source.recorded_on, content, 0 if uncounted else points)
        yield (source.recorded_on, record.date, 0, record.ref), row


def _say_day(item: BaseItem, record: PointRecord, source: Source, year: int) -> str:
    """When it happened. A tick says the period alone, and is dated its last day: that is nobody's word."""
    if not item.is_dues and not source.is_of_meeting and record.date == last_day(record.period):
        return ""
    day = _name_day(record.date, source, year)
    return f"{day}交纳" if day and item.is_dues else day


def _name_day(day: date, source: Source, year: int) -> str:
    """A day in words, with its year where that is not the form's; empty where the column beside it says it."""
    if day == source.recorded_on:
        return ""
    return f"{day.month}月{day.day}日" if day.year == year else f"{day.year}年{day.month}月{day.day}日"


def _colon(name: str, note: str) -> str:
    return f"{name}：{note}" if note else name


def _join(*parts: str) -> str:
    return "，".join(part for part in parts if part)


def find_adjustments(rulebook: Rulebook, sheet: ScoreSheet) -> Iterator[Adjustment]:
    for line in sheet.incentive_lines:
        if line.cut:
            yield Adjustment(f"{rulebook.item(line.item).name}封顶后", -line.cut)
    if sheet.base_added:
        yield Adjustment("基础分按计分月数折算", sheet.base_added)
    if sheet.incentive_cut:
        yield Adjustment(f"激励分{say_points(rulebook.caps.incentive)}分封顶后", -sheet.incentive_cut)
    if sheet.forgiven:
        yield Adjustment("扣完为止，少扣部分", sheet.forgiven)
    if sheet.is_vetoed and sheet.earned_before_veto:
        yield Adjustment("一票否决", -sheet.earned_before_veto)
