"""The rows of 党员积分制教育管理记录表 (clause 6): one form per member and year, in Chinese like every paper.

Each form adds up: the points of its rows and of its adjustments are its total.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone, translation

from foundation.tenths import say_points, show_points
from members.models import Branch, Member
from members.places.branches import names_on
from points.models import Freeze, PointEvent, Review, ReviewLine
from points.papers.words import EXEMPT, FINAL, LEFT, PROVISIONAL, name_part_year
from points.rules.facts import MemberFacts
from points.rules.periods import H2, half_end
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.score import LATE_DUES, IncentiveLine, ScoreSheet, score_member
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import read_frozen_halves
from points.scoring.scores import RosterYear, YearStatus, read_facts, read_roster_years
from points.scoring.wording import name_period

UNNAMED_DEDUCTION = "负面清单扣分"


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of the form: 登记时间, 积（扣）分内容, 分数 in tenths."""

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
    unless the reader may know them (D21). `head` is the last link of the branch's chain, which the paper witnesses.
    """

    town: str
    branch: str
    name: str
    year: int
    state: str
    remark: str
    rows: tuple[FormRow, ...]
    rows_total: int
    adjustments: tuple[Adjustment, ...]
    is_vetoed: bool | None
    veto_grounds: tuple[str, ...]
    total: int | None
    unscored: str
    head: tuple[int, str] | None = None

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
    members = Member.objects.filter(
        pk__in=branch.memberships.filter(from_date__lte=half_end(year, H2)).values("member")
    )
    return _build_forms(members, rulebook, year, now, with_grounds=with_grounds, scored_in=branch)


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
        roster_years = {
            member_id: roster_year
            for member_id, roster_year in roster_years.items()
            if roster_year.branch_id == scored_in.pk and roster_year.status is YearStatus.SCORED
        }
    facts = dict(read_facts(members, year, roster_years, read_frozen_halves(members, year)))
    notes = _read_notes(members, year)
    final = set(
        ReviewLine.objects.filter(
            member__in=members.values("pk"),
            review__year=year,
            review__half=H2,
            review__state=Review.State.FINAL,
            revision=1,
        ).values_list("member_id", flat=True)
    )
    people = list(members.filter(pk__in=roster_years).select_related("town").only("name", "town__name"))
    branches = Branch.objects.in_bulk({roster_year.branch_id for roster_year in roster_years.values()})
    names = names_on(branches.values(), min(half_end(year, H2), timezone.localdate(now)))
    links = Freeze.objects.filter(branch__in=branches).order_by("sequence")
    heads = {
        branch_id: (sequence, digest)
        for branch_id, sequence, digest in links.values_list("branch_id", "sequence", "hash")
    }
    for member in people:
        roster_year = roster_years[member.pk]
        form = _build_form(
            member, names[roster_year.branch_id], roster_year, facts[member.pk], rulebook, notes, now, with_grounds
        )
        yield replace(form, state=FINAL if member.pk in final else form.state, head=heads.get(roster_year.branch_id))


def _read_notes(members: QuerySet[Member], year: int) -> dict[int, str]:
    """What was noted beside the deeds of the year, by event; base items say enough by themselves."""
    events = PointEvent.objects.live().filter(member__in=members.values("pk"), year=year, period="")
    return dict(events.exclude(note="").values_list("pk", "note"))


def _build_form(
    member: Member,
    branch_name: str,
    roster_year: RosterYear,
    facts: MemberFacts,
    rulebook: Rulebook,
    notes: dict[int, str],
    now: datetime,
    with_grounds: bool,
) -> RecordForm:
    sheet = score_member(rulebook, facts, half_end(facts.year, H2))
    scored = roster_year.status is YearStatus.SCORED
    today = timezone.localdate(now)
    with translation.override("zh-hans"):
        rows = tuple(row for _key, row in sorted(_make_rows(rulebook, sheet, notes, with_grounds=with_grounds)))
    return RecordForm(
        town=member.town.name,
        branch=branch_name,
        name=member.name,
        year=facts.year,
        state=_name_state(facts.year, today),
        remark=name_part_year(len(roster_year.months_in_scope)) if scored and roster_year.is_part_year else "",
        rows=rows,
        rows_total=sum(row.points for row in rows),
        adjustments=tuple(_find_adjustments(rulebook, sheet)),
        is_vetoed=True if sheet.is_vetoed else False if scored and today > half_end(facts.year, H2) else None,
        veto_grounds=tuple(rulebook.item(line.ground, "veto").name for line in sheet.vetoes) if with_grounds else (),
        total=sheet.total if scored else None,
        unscored="" if scored else LEFT.get(roster_year.left_why, EXEMPT),
    )


def _name_state(year: int, today: date) -> str:
    """Every form is provisional until the branch has decided the score (3.2)."""
    if today <= half_end(year, H2):
        return f"{PROVISIONAL}（截至{today.year}年{today.month}月{today.day}日，年度尚未结束）"
    return f"{PROVISIONAL}（{year}年度积分待支部核定）"


def _make_rows(
    rulebook: Rulebook, sheet: ScoreSheet, notes: dict[int, str], *, with_grounds: bool
) -> Iterator[tuple[tuple[date, int, int], FormRow]]:
    """Each live record of the year with what it earned or took by itself, and its place in date order."""
    for base in sheet.base_lines:
        item = rulebook.item(base.item)
        assert isinstance(item, BaseItem)
        for record in base.counted:
            content = f"{item.name}（{name_period(record.period)}）"
            yield (record.date, 0, record.ref), FormRow(record.date, content, item.points)
        for record, reason in base.uncounted:
            why = "支部核定后补交，不计分" if reason == LATE_DUES else "本期已登记，不重复计分"
            content = f"{item.name}（{name_period(record.period)}，{why}）"
            yield (record.date, 0, record.ref), FormRow(record.date, content, 0)
    for line in sheet.incentive_lines:
        yield from _make_incentive_rows(rulebook.item(line.item).name, line, notes)
    for deduction in sheet.deduction_lines:
        name = rulebook.item(deduction.item, "deduction").name
        content = f"{UNNAMED_DEDUCTION}：{name}" if with_grounds else UNNAMED_DEDUCTION
        yield (deduction.date, 1, deduction.ref), FormRow(deduction.date, content, -deduction.points)


def _make_incentive_rows(
    name: str, line: IncentiveLine, notes: dict[int, str]
) -> Iterator[tuple[tuple[date, int, int], FormRow]]:
    for record in line.records:
        awarded = record.points or 0
        content = f"{name}：{notes[record.ref]}" if record.ref in notes else name
        if record.led:
            content += f"（带头作用，{say_points(awarded)}分双倍）"
        yield (record.date, 0, record.ref), FormRow(record.date, content, awarded * 2 if record.led else awarded)


def _find_adjustments(rulebook: Rulebook, sheet: ScoreSheet) -> Iterator[Adjustment]:
    for line in sheet.incentive_lines:
        if line.cut:
            yield Adjustment(f"{rulebook.item(line.item).name}封顶后", -line.cut)
    if sheet.base_added:
        yield Adjustment("基础分按在册月数折算", sheet.base_added)
    if sheet.incentive_cut:
        yield Adjustment(f"激励分{say_points(rulebook.caps.incentive)}分封顶后", -sheet.incentive_cut)
    if sheet.forgiven:
        yield Adjustment("扣完为止，少扣部分", sheet.forgiven)
    if sheet.is_vetoed and sheet.earned_before_veto:
        yield Adjustment("一票否决", -sheet.earned_before_veto)
