"""What the annual report says: every member's year, branch by branch, before it becomes a workbook.

Figures come from the ledger through `points.scoring.scores`; a member's sheet is reduced to its figures as soon as it
is scored, so a town takes the memory of its members, not of its records. The number of queries does not grow with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, branches_for, holds_grounds_permission
from members.errors import NotAllowed
from members.log.audit import log_change
from members.models import Branch, Member, Town, User
from members.people.naming import tell_apart
from members.places.branches import names_on
from points.papers import words
from points.papers.annual.frozen_year import FrozenYear, read_frozen_year
from points.rules.periods import H2, HALVES, half_end
from points.rules.ratings import allowed_ratings, is_award_eligible, rank_scores, suggest_rating
from points.rules.rulebook import ItemKind, Rulebook
from points.rules.score import YearScore
from points.scoring.adoption import read_adopted
from points.scoring.freezing import FrozenScore
from points.scoring.scores import RosterYear, ScoredMember, YearStatus, score_members
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one scored member, in tenths; items in the rulebook's order. `first_half` may be out of scope."""

    base_items: tuple[int, ...]
    base: int
    incentive_items: tuple[int, ...]
    incentive: int
    deducted: int
    is_vetoed: bool
    total: int
    first_half: int | None
    second_half: int


@dataclass(frozen=True, slots=True)
class AnnualRow:
    """One member's line. `figures` and `rank` are None for whoever is not scored; `rating` is a code of D14 or "".

    `is_eligible` (4.3) is None before the year is over and for whoever is not scored.
    """

    name: str
    category: str
    roster_year: RosterYear
    figures: Figures | None
    rating: str
    is_eligible: bool | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The scored members of a branch or of the town; points in tenths, averages and medians in points (0.01)."""

    members: int
    scored: int
    exempt: int
    left: int
    average: Decimal | None
    median: Decimal | None
    highest: int | None
    lowest: int | None
    ratings: Counter[str]


@dataclass(frozen=True, slots=True)
class BranchReport:
    """The lines of one branch, in roster order.

    `days` are those on which its halves were approved and published: H1, H1, H2, H2. `link` is the year's last link of
    its chain, as `(sequence, hash)`.
    """

    name: str
    rows: tuple[AnnualRow, ...]
    summary: Summary
    is_final: bool
    days: tuple[date | None, ...]
    link: tuple[int, str] | None


class FindingCount(NamedTuple):
    """How many confirmed findings of one category a branch had; never whose (D21)."""

    branch: str
    kind: ItemKind
    item: str
    findings: int


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """A town's year, or that of the branches the reader may export; `finding_counts` is None where not asked for."""

    town: str
    year: int
    made_at: datetime
    rulebook: Rulebook
    rulebook_hash: str
    branches: tuple[BranchReport, ...]
    summary: Summary
    finding_counts: tuple[FindingCount, ...] | None

    @property
    def is_final(self) -> bool:
        """Whether every branch's year is final."""
        return bool(self.branches) and all(branch.is_final for branch in self.branches)

    @property
    def rows(self) -> Iterator[AnnualRow]:
        """Every line, branch by branch."""
        for branch in self.branches:
            yield from branch.rows


class YearRow(NamedTuple):
    """A member's year reduced to what is shown of it; `figures` is None for whoever is not scored."""

    member_id: int
    person: Member
    category: str
    roster_year: RosterYear
    figures: Figures | None


def read_annual_report(
    *,
    actor: User,
    now: datetime,
    town: Town,
    year: int,
    branch: Branch | None = None,
    with_findings: bool = False,
) -> AnnualReport:
    """The report of a year over the branches the actor may export, or over one of them.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NotAllowed: the branches, or the grounds of findings, are not the actor's to export (D21).
    """
    branches = exportable_branches(actor=actor, now=now, town=town, branch=branch)
    if with_findings and not holds_grounds_permission(actor, town):
        raise NotAllowed(_("The categories of findings need the permission “Can read the grounds of findings”."))
    rulebook, digest = read_adopted(town, year)
    is_over = timezone.localdate(now).year > year
    frozen = read_frozen_year(branches, year)
    names = names_on(branches, min(half_end(year, H2), timezone.localdate(now)))
    scored = _score_branches(town, branches, rulebook=rulebook, year=year, frozen=frozen)
    reports = tuple(
        _report_branch(each, names[each.pk], rows, frozen)
        for each in branches
        if (rows := _make_rows(scored.get(each.pk, []), rulebook=rulebook, is_over=is_over, frozen=frozen))
    )
    counts = None
    if with_findings:
        counts = _count_findings(branches, names, scored, town=town, year=year)
        log_change(
            actor=actor, now=now, town=town, verb="read_finding_categories", subject=town, new={"report": str(year)}
        )
    return AnnualReport(
        town=town.name,
        year=year,
        made_at=now,
        rulebook=rulebook,
        rulebook_hash=digest,
        branches=reports,
        summary=_summarise([row for report in reports for row in report.rows]),
        finding_counts=counts,
    )


def _report_branch(branch: Branch, name: str, rows: tuple[AnnualRow, ...], frozen: FrozenYear) -> BranchReport:
    """`name` is what the branch was called on the year's last day, or is today."""
    days: list[date | None] = []
    for half in HALVES:
        review = frozen.reviews.get((branch.pk, half))
        moments = (review.approved_at, review.published_at) if review else (None, None)
        days += [timezone.localdate(moment) if moment else None for moment in moments]
    link = frozen.links.get(branch.pk)
    return BranchReport(
        name=name,
        rows=rows,
        summary=_summarise(rows),
        is_final=frozen.is_final(branch.pk),
        days=tuple(days),
        link=(link.sequence, link.hash) if link else None,
    )


def exportable_branches(*, actor: User, now: datetime, town: Town, branch: Branch | None = None) -> list[Branch]:
    """The branches of a town the actor may export, in their order; with `branch` that one alone.

    Raises:
        NotAllowed: there is none, or the one asked for is not among them.
    """
    found = branches_for(actor, on=timezone.localdate(now), action=Action.EXPORT).filter(town=town)
    if branch is not None:
        found = found.filter(pk=branch.pk)
    branches = list(found.order_by("position", "pk"))
    if not branches and Branch.objects.filter(town=town).exists():
        raise NotAllowed(_("You may not export this. Ask the branch's recorder or secretary, or the town's staff."))
    return branches


def members_ever_in(town: Town, branches: Sequence[Branch]) -> QuerySet[Member]:
    """The town's members who were ever in one of `branches`; without a filter where that is the whole town."""
    members = Member.objects.filter(town=town)
    if Branch.objects.filter(town=town).count() == len(branches):
        return members
    return members.filter(memberships__branch__in=[branch.pk for branch in branches]).distinct()


def _score_branches(
    town: Town, branches: Sequence[Branch], *, rulebook: Rulebook, year: int, frozen: FrozenYear
) -> dict[int, list[YearRow]]:
    """The members of each branch by its id, in roster order."""
    members = members_ever_in(town, branches)
    columns = ("name", "category", "full_since", "position", "party_group", "birth_date")
    people = {member.pk: member for member in members.order_by().only(*columns)}
    of_branch: dict[int, list[YearRow]] = {branch.pk: [] for branch in branches}
    for member in score_members(members, rulebook=rulebook, year=year):
        group = of_branch.get(member.roster_year.branch_id)
        if group is not None:
            group.append(
                reduce_year(member, people[member.member_id], rulebook, year, frozen.scores.get(member.member_id))
            )
    for group in of_branch.values():
        group.sort(key=lambda row: (row.person.position, row.member_id))
        tell_apart((row.person for row in group), lasting=True)
    return of_branch


def reduce_year(
    member: ScoredMember, person: Member, rulebook: Rulebook, year: int, frozen: FrozenScore | None
) -> YearRow:
    """A final year is printed as it was frozen; the category is that of the year's last day (D14)."""
    figures = None
    if member.score is not None and frozen is not None:
        figures = read_frozen_figures(frozen, rulebook)
    elif member.score is not None:
        figures = read_figures(member.score, first_half=member.first_half, second_half=member.second_half or 0)
    category = (frozen.category if frozen else "") or person.category_on(half_end(year, H2))
    return YearRow(member.member_id, person, category, member.roster_year, figures)


def read_figures(score: YearScore, *, first_half: int | None, second_half: int) -> Figures:
    """The figures of a year's score; the halves as `ScoredMember` gives them."""
    annual = score.annual
    return Figures(
        base_items=tuple([line.points for line in annual.base_lines]),
        base=annual.base,
        incentive_items=tuple([line.score for line in annual.incentive_lines]),
        incentive=annual.incentive,
        deducted=annual.deducted,
        is_vetoed=annual.is_vetoed,
        total=annual.total,
        first_half=first_half,
        second_half=second_half,
    )


def read_frozen_figures(score: FrozenScore, rulebook: Rulebook) -> Figures:
    """The figures of a frozen year; items in the rulebook's order."""
    return Figures(
        base_items=tuple([score.base_items[item.code] for item in rulebook.base]),
        base=score.base,
        incentive_items=tuple([score.incentive_items[item.code] for item in rulebook.incentive]),
        incentive=score.incentive,
        deducted=score.deducted,
        is_vetoed=score.vetoed,
        total=score.cumulative,
        first_half=score.first_half,
        second_half=score.half_score,
    )


def _make_rows(
    group: Sequence[YearRow], *, rulebook: Rulebook, is_over: bool, frozen: FrozenYear
) -> tuple[AnnualRow, ...]:
    ranks = iter(rank_scores([row.figures.total for row in group if row.figures is not None]))
    return tuple(
        AnnualRow(
            name=row.person.listed_name,
            category=row.category,
            roster_year=row.roster_year,
            figures=row.figures,
            rating=_rate(row, rulebook=rulebook, is_over=is_over, decided=_decided(row, frozen)),
            is_eligible=is_award_eligible(rulebook, row.figures.total) if row.figures and is_over else None,
            rank=next(ranks) if row.figures else None,
        )
        for row in group
    )


def _decided(row: YearRow, frozen: FrozenYear) -> str:
    return frozen.ratings.get(row.member_id, "") if frozen.is_final(row.roster_year.branch_id) else ""


def _rate(row: YearRow, *, rulebook: Rulebook, is_over: bool, decided: str) -> str:
    """What the branch decided, if the score still allows it, else what stands there until then (D14)."""
    if row.roster_year.status is YearStatus.LEFT:
        return ""
    allowed = allowed_ratings(
        rulebook,
        total=row.figures.total if row.figures else None,
        category=row.category,
        part_year=row.roster_year.is_part_year,
        vetoed=row.figures.is_vetoed if row.figures else False,
        may_defer=True,
    )
    if decided in allowed:
        return decided
    if row.figures is None:
        # Exempt members have no score but may be rated: as if they had passed, nothing is proposed for them.
        total, part_year, is_vetoed = rulebook.thresholds.passing, False, False
    else:
        total, part_year, is_vetoed = row.figures.total, row.roster_year.is_part_year, row.figures.is_vetoed
    return suggest_rating(
        rulebook,
        total=total,
        category=row.category,
        part_year=part_year,
        vetoed=is_vetoed,
        year_over=is_over,
    )


def _summarise(rows: Iterable[AnnualRow]) -> Summary:
    rows = list(rows)
    roster_years = Counter(row.roster_year.status for row in rows)
    totals = [row.figures.total for row in rows if row.figures is not None]
    return Summary(
        members=len(rows) - roster_years[YearStatus.LEFT],
        scored=len(totals),
        exempt=roster_years[YearStatus.EXEMPT],
        left=roster_years[YearStatus.LEFT],
        average=in_hundredths(Decimal(sum(totals)) / len(totals)) if totals else None,
        median=in_hundredths(Decimal(median(map(Decimal, totals)))) if totals else None,
        highest=max(totals, default=None),
        lowest=min(totals, default=None),
        ratings=Counter(row.rating for row in rows if row.rating),
    )


def in_hundredths(tenths: Decimal) -> Decimal:
    """An average of tenths in points, to two places."""
    return (tenths / 10).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _count_findings(
    branches: Sequence[Branch], names: Mapping[int, str], scored: dict[int, list[YearRow]], *, town: Town, year: int
) -> tuple[FindingCount, ...]:
    """The confirmed findings of the year by branch and category, deductions first, in two queries."""
    branch_of = {row.member_id: pk for pk, group in scored.items() for row in group}
    deductions = Deduction.objects.confirmed().filter(
        member__town=town, date__range=(date(year, 1, 1), date(year, 12, 31))
    )
    vetoes = VetoRecord.objects.confirmed().filter(member__town=town, year=year)
    found: Counter[tuple[int, ItemKind, str]] = Counter()
    for member_id, item in deductions.order_by().values_list("member_id", "item"):
        if member_id in branch_of:
            found[branch_of[member_id], "deduction", item] += 1
    for member_id, ground in vetoes.order_by().values_list("member_id", "ground"):
        if member_id in branch_of:
            found[branch_of[member_id], "veto", ground] += 1
    kinds: tuple[ItemKind, ...] = ("deduction", "veto")
    return tuple(
        FindingCount(names[branch.pk], kind, item, count)
        for branch in branches
        for kind in kinds
        for (pk, of_kind, item), count in sorted(found.items())
        if pk == branch.pk and of_kind == kind
    )


def name_remark(row: AnnualRow) -> str:
    """Why a line has no figures, or for how many months they stand (D15, D16)."""
    if row.roster_year.status is YearStatus.LEFT:
        return words.LEFT[row.roster_year.left_why]
    if row.roster_year.status is YearStatus.EXEMPT:
        return words.EXEMPT
    return words.name_part_year(len(row.roster_year.months_in_scope)) if row.roster_year.is_part_year else ""
