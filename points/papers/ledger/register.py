"""The pages of 积分登记册: a page for each member whom a branch scores for a year, and what the index says of it.

Each page adds up: base, incentive and deductions as their rows say, with the adjustments, are the annual score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from foundation.tenths import say_points, show_points
from members.models import Branch, Member
from members.people.naming import tell_apart
from points.papers.record_form.form import (
    UNCOUNTED,
    UNNAMED_DEDUCTION,
    Adjustment,
    Sources,
    ever_in,
    find_adjustments,
    read_sources,
    scored_in_branch,
)
from points.papers.words import CATEGORIES, LED, name_part_year
from points.rules.periods import periods_of_year
from points.rules.rulebook import BaseItem, Rulebook
from points.rules.score import BaseLine, ScoreSheet
from points.scoring.adoption import rulebook_for
from points.scoring.scores import ScoredMember, read_roster_years, score_members
from points.scoring.wording import show_half

MONTHS = 12
NOT_COUNTED = "不计"


@dataclass(frozen=True, slots=True)
class BaseCell:
    """A period of a base item: over how many months it stands, and what it earned."""

    span: int
    shown: str


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A base item of the year: its periods, and its points of the most it can give."""

    name: str
    cells: tuple[BaseCell, ...]
    points: int
    most: int

    @property
    def shown(self) -> str:
        return show_points(self.points)

    @property
    def shown_most(self) -> str:
        return say_points(self.most)


@dataclass(frozen=True, slots=True)
class RecordRow:
    """An incentive record, or a deduction without its ground (D21); points in tenths."""

    day: date
    name: str
    content: str
    points: int

    @property
    def shown(self) -> str:
        return show_points(self.points)


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One member's year, points in tenths."""

    number: int
    name: str
    category: str
    remark: str
    base_rows: tuple[BaseRow, ...]
    incentive_rows: tuple[RecordRow, ...]
    deduction_rows: tuple[RecordRow, ...]
    adjustments: tuple[Adjustment, ...]
    first_half: str
    second_half: str
    total: int

    @property
    def base_total(self) -> str:
        return show_points(sum(row.points for row in self.base_rows))

    @property
    def incentive_total(self) -> str:
        return show_points(sum(row.points for row in self.incentive_rows))

    @property
    def deduction_total(self) -> str:
        return show_points(sum(row.points for row in self.deduction_rows))

    @property
    def rows_total(self) -> int:
        records = sum(row.points for row in (*self.incentive_rows, *self.deduction_rows))
        return records + sum(row.points for row in self.base_rows)

    @property
    def shown_total(self) -> str:
        return show_points(self.total)

    @property
    def explanation(self) -> str:
        """How the rows lead to the total, where a cap bit or a veto stands; else empty."""
        if not self.adjustments:
            return ""
        parts = [f"各项合计{show_points(self.rows_total)}分", *(part.shown for part in self.adjustments)]
        return f"{'，'.join(parts)}，年度积分{self.shown_total}分。"


def read_member_pages(*, branch: Branch, year: int) -> list[MemberPage]:
    """The pages in roster order, of the members who stand in the branch on the year's last day; none exempt (D15, D16).

    A constant number of queries. Raises NoRulebook (D1).
    """
    rulebook = rulebook_for(branch.town, year)
    members = ever_in(branch, year)
    here = scored_in_branch(branch, read_roster_years(members, year))
    people = members.filter(pk__in=here)
    scored = {each.member_id: each for each in score_members(people, rulebook=rulebook, year=year)}
    sources = read_sources(people, year)
    listed = tell_apart(people.order_by("position", "pk"), lasting=True)
    return [
        _make_page(number, member, scored[member.pk], rulebook, sources)
        for number, member in enumerate(listed, start=1)
    ]


def _make_page(number: int, member: Member, scored: ScoredMember, rulebook: Rulebook, sources: Sources) -> MemberPage:
    assert scored.score is not None
    sheet = scored.score.annual
    roster_year = scored.roster_year
    return MemberPage(
        number=number,
        name=member.listed_name,
        category=CATEGORIES.get(member.category, ""),
        remark=name_part_year(len(roster_year.months_in_scope)) if roster_year.is_part_year else "",
        base_rows=tuple(_make_base_row(line, rulebook, sheet.year) for line in sheet.base_lines),
        incentive_rows=tuple(_make_incentive_rows(sheet, rulebook, sources)),
        deduction_rows=tuple(
            RecordRow(line.date, UNNAMED_DEDUCTION, "", -line.points)
            for line in sorted(sheet.deduction_lines, key=lambda line: (line.date, line.ref))
        ),
        adjustments=tuple(find_adjustments(rulebook, sheet)),
        first_half=show_half(scored.first_half),
        second_half=show_half(scored.second_half),
        total=sheet.total,
    )


def _make_base_row(line: BaseLine, rulebook: Rulebook, year: int) -> BaseRow:
    item = rulebook.item(line.item)
    assert isinstance(item, BaseItem)
    shown = {record.period: say_points(item.points) for record in line.counted}
    for record, _reason in line.uncounted:
        shown.setdefault(record.period, NOT_COUNTED)
    periods = periods_of_year(year, item.per)
    cells = tuple(BaseCell(MONTHS // len(periods), shown.get(period, "")) for period in periods)
    return BaseRow(item.name, cells, line.points, item.max)


def _make_incentive_rows(sheet: ScoreSheet, rulebook: Rulebook, sources: Sources) -> Iterator[RecordRow]:
    """By day; each with what it earned before the caps."""
    found = []
    for line in sheet.incentive_lines:
        records = [(record, "") for record in line.records]
        records += [(record, UNCOUNTED[reason]) for record, reason in line.uncounted]
        for record, uncounted in records:
            remark = uncounted or (LED if record.led else "")
            note = sources.events[record.ref].note
            content = f"{note}（{remark}）" if note and remark else note or remark
            points = 0 if uncounted else (record.points or 0) * (2 if record.led else 1)
            row = RecordRow(record.date, rulebook.item(line.item).name, content, points)
            found.append((record.date, record.ref, row))
    return (row for _day, _ref, row in sorted(found, key=lambda entry: entry[:2]))
