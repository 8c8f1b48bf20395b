"""The half as one table (3.2): members × items with the caps that bit, deductions, scores, changes and flags.

Of a draft or submitted half the figures come from the live ledger, of a frozen one from its current lines; either way
a constant number of queries. All points are tenths. Nothing here names a ground (D21).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.models import Exemption, Member, User
from members.people.naming import tell_apart
from members.selectors import members_in
from points.models import Review, ReviewLine, ReviewRemark
from points.reviews.flags import (
    Gaps,
    Marks,
    count_open_claims,
    count_pending,
    find_gaps,
    make_flags,
    name_late,
    name_marked,
    name_periods,
)
from points.reviews.late import late_records, late_records_of
from points.reviews.members import score_review
from points.reviews.table_parts import Cell, ItemColumn, ReviewRow, ReviewTable
from points.rules.canonical import hash_text
from points.rules.periods import H1, H2, half_end
from points.rules.rulebook import Rulebook
from points.rules.score import AWARDED_CAP, BOTH_CAPS, JOINT_CAP, ScoreSheet
from points.scoring.adoption import rulebook_for
from points.scoring.explanations import read_held_periods
from points.scoring.freezing import FrozenScore, current_lines, read_payload, recompute_sheets
from points.scoring.missed import group_missed, read_missed


@dataclass(frozen=True, slots=True)
class _Figures:
    """What a row is made of, from the ledger or from a line; `sheet` is None when a line's records are not sound."""

    member: Member
    score: FrozenScore
    sheet: ScoreSheet | None
    line: ReviewLine | None = None
    agrees: bool = True


def read_review_table(review: Review, *, actor: User, on: date) -> ReviewTable:
    """The half as `actor` sees it on a day: findings not decided yet only where they may know of them (D21).

    `review.branch.town` should be fetched. Raises NoRulebook (D1).
    """
    rulebook = rulebook_for(review.branch.town, review.year)
    is_frozen = review.state in Review.FROZEN
    figures = _read_lines(review, rulebook) if is_frozen else _read_live(review)
    exempt = read_exempt(review)
    tell_apart([*(entry.member for entry in figures), *exempt], lasting=is_frozen)
    ids = [entry.member.pk for entry in figures]
    previous = _read_previous(review, ids)
    held = read_held_periods(branch_id=review.branch_id, year=review.year)
    missed = group_missed(read_missed(ids, year=review.year))
    late = _read_late(review, rulebook, figures)
    pending = count_pending(review, ids, actor=actor, on=on)
    claims = count_open_claims(review, ids)
    marked = {} if is_frozen else name_marked(review, ids, rulebook)
    remarks = read_open_remarks(review)
    columns = make_columns(rulebook)
    rows = []
    not_held: dict[tuple[str, str], None] = {}
    for number, entry in enumerate(figures, start=1):
        before = previous.get(entry.member.pk)
        own = missed.get(entry.member.pk, {})
        gaps = find_gaps(review, rulebook, entry.sheet, held, own) if entry.sheet else Gaps()
        not_held.update(dict.fromkeys(gaps.not_held))
        marks = Marks(
            gaps,
            late=tuple(late.get(entry.member.pk, ())),
            pending=pending.get(entry.member.pk, 0),
            claims=claims.get(entry.member.pk, 0),
            marked=marked.get(entry.member.pk, ""),
            revision=entry.line.revision if entry.line else 1,
            agrees=entry.agrees,
        )
        rows.append(
            ReviewRow(
                number=number,
                member=entry.member,
                cells=_make_cells(review, columns, entry, before),
                base=entry.score.base,
                incentive=entry.score.incentive,
                deducted=entry.score.deducted,
                first_half=entry.score.first_half if review.half == H2 else None,
                half_score=_find_half_score(review, entry, before),
                previous=before.half_score if before else None,
                cumulative=entry.score.cumulative,
                is_vetoed=entry.score.vetoed,
                flags=make_flags(rulebook, entry.score, entry.sheet, marks),
                remarks=tuple(remark.text for remark in remarks if remark.member_id == entry.member.pk),
                line=entry.line,
            )
        )
    return ReviewTable(
        review=review,
        rulebook=rulebook,
        columns=columns,
        rows=tuple(rows),
        exempt=tuple(exempt),
        not_held=name_periods(rulebook, not_held),
        is_frozen=is_frozen,
    )


def read_open_remarks(review: Review) -> list[ReviewRemark]:
    """The remarks of the latest return, as long as the half was not submitted again; one query."""
    if review.state != Review.State.DRAFT:
        return []
    remarks = list(review.remarks.select_related("by", "member"))
    return [remark for remark in remarks if remark.at == remarks[0].at]


def read_exempt(review: Review) -> list[Member]:
    """Members of the branch on the half's last day who were exempt on it: no line, no score (D15)."""
    last_day = half_end(review.year, review.half)
    exempt = Exemption.objects.on(last_day)
    members = members_in([review.branch_id], last_day).filter(pk__in=exempt.values("member"))
    return list(members.order_by("position", "pk"))


def make_columns(rulebook: Rulebook) -> tuple[ItemColumn, ...]:
    """The items of a rulebook, base items first."""
    base = [ItemColumn(item.code, item.name, item.clause, item.max, is_base=True) for item in rulebook.base]
    incentive = [ItemColumn(item.code, item.name, item.clause, item.cap, is_base=False) for item in rulebook.incentive]
    return (*base, *incentive)


def score_of_sheet(sheet: ScoreSheet, first_half: int | None) -> FrozenScore:
    """A sheet as a line would hold it, without the records' uuids."""
    return FrozenScore(
        year=sheet.year,
        half=sheet.half,
        cumulative=sheet.total,
        first_half=first_half,
        half_score=sheet.half_score(first_half),
        base_items={line.item: line.points for line in sheet.base_lines},
        base=sheet.base,
        incentive_items={line.item: line.score for line in sheet.incentive_lines},
        incentive=sheet.incentive,
        deducted=sheet.deducted,
        vetoed=sheet.is_vetoed,
        earned_before_veto=sheet.earned_before_veto,
        months_in_scope=sheet.months_in_scope,
        events=(),
        deductions=(),
        vetoes=(),
    )


def line_agrees(line: ReviewLine, sheet: ScoreSheet | None) -> bool:
    """Whether a line carries its own hash and says what its records add up to."""
    score = read_payload(line.payload)
    if sheet is None or hash_text(line.payload) != line.hash:
        return False
    return score_of_sheet(sheet, score.first_half) == replace(score, events=(), deductions=(), vetoes=(), category="")


def _read_live(review: Review) -> list[_Figures]:
    return [_Figures(row.member, score_of_sheet(row.sheet, row.first_half), row.sheet) for row in score_review(review)]


def _read_lines(review: Review, rulebook: Rulebook) -> list[_Figures]:
    lines = current_lines(review)
    sheets = recompute_sheets(lines, rulebook=rulebook, year=review.year)
    return [
        _Figures(line.member, read_payload(line.payload), sheets[line.pk], line, line_agrees(line, sheets[line.pk]))
        for line in lines
    ]


def _read_previous(review: Review, member_ids: Collection[int]) -> dict[int, FrozenScore]:
    """The current frozen lines of the half before, by member and in whichever branch; one query."""
    year, half = (review.year, H1) if review.half == H2 else (review.year - 1, H2)
    lines = ReviewLine.objects.filter(member__in=member_ids, review__year=year, review__half=half).order_by("revision")
    latest = dict(lines.values_list("member_id", "payload"))
    return {member_id: read_payload(payload) for member_id, payload in latest.items()}


def _find_half_score(review: Review, entry: _Figures, before: FrozenScore | None) -> int | None:
    """None where the first half was in scope (the member was in the scheme on its last day) but is not frozen yet."""
    waits = review.half == H2 and entry.line is None and before is None and 6 in entry.score.months_in_scope
    return None if waits else entry.score.half_score


def _read_late(review: Review, rulebook: Rulebook, figures: Sequence[_Figures]) -> dict[int, list[str]]:
    """In a second half what came after the first was approved; in a frozen half also what has come since."""
    found = late_records_of(review)
    found += late_records(entry.line for entry in figures if entry.line is not None)
    return name_late(found, rulebook)


def _make_cells(
    review: Review, columns: Sequence[ItemColumn], entry: _Figures, before: FrozenScore | None
) -> tuple[Cell, ...]:
    caps = {line.item: _say_cap(line.cap, line.item_cap) for line in entry.sheet.incentive_lines} if entry.sheet else {}
    points = {**entry.score.base_items, **entry.score.incentive_items}
    earlier = {**before.base_items, **before.incentive_items} if before else {}
    adds = review.half == H2 and _find_half_score(review, entry, before) is not None
    return tuple(
        Cell(
            item=column.code,
            name=column.name,
            points=points.get(column.code, 0),
            in_half=points.get(column.code, 0) - earlier.get(column.code, 0) if adds else None,
            cap=caps.get(column.code, ""),
        )
        for column in columns
    )


def _say_cap(cap: str, item_cap: int) -> str:
    if not cap:
        return ""
    texts = {
        AWARDED_CAP: _("capped at %(cap)s"),
        BOTH_CAPS: _("capped at %(cap)s, the doubling too"),
        JOINT_CAP: _("capped at %(cap)s together with the doubling"),
    }
    return texts[cap] % {"cap": say_points(item_cap)}
