"""民主评议测评汇总表: for each member of a branch's year the votes, the score and the rating (4, D14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.tenths import show_points
from members.models import Member
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from points.papers.words import CATEGORIES, RATINGS, name_part_year
from points.results.ratings import RatingRow, RatingSheet
from points.rules.ratings import EXCELLENT, NOT_GRADED, QUALIFIED, UNQUALIFIED

TITLE = "民主评议党员测评汇总表"
STYLESHEET = "points/papers/official.css"
GRADES = ("优秀", "合格", "基本合格", "不合格")


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One member: the votes for the four grades, best first (empty where they were not entered), score and rating."""

    name: str
    category: str
    score: str
    votes: tuple[str, ...]
    ballots: str
    proposed: str
    """What the score leaves open, best first."""
    rating: str
    note: str


def write_rating_summary(*, sheet: RatingSheet, today: date) -> bytes:
    """The summary of a branch's year as PDF, A4 landscape.

    Raises:
        NothingToPrint: the year's second half is not approved yet, so there is nobody to rate.
    """
    if sheet.review is None or not sheet.rows:
        raise NothingToPrint(
            _("There is nobody to rate yet: the second half of %(year)s is not approved.") % {"year": sheet.year}
        )
    with translation.override("zh-hans"):
        rows = [build_row(row) for row in sheet.rows]
        scored = [row.total for row in sheet.rows if row.total is not None]
        context = {
            "title": TITLE,
            "town": sheet.branch.town.name,
            "branch": sheet.review.branch_name,
            "year": sheet.year,
            "grades": GRADES,
            "rows": rows,
            "met_on": sorted({row.current.met_on for row in sheet.rows if row.current is not None}),
            "decided": [(grade, sum(row.rating == grade for row in rows)) for grade in (*GRADES, RATINGS["deferred"])],
            "average": show_points(round(sum(scored) / len(scored))) if scored else "—",
            "scored": len(scored),
            "warning": sheet.warning,
            "printed_on": today,
        }
        paper = render_to_string("points/papers/rating_summary.html", context)
        return write_pdf(
            papers=[paper], stylesheet=STYLESHEET, title=f"{TITLE} {sheet.review.branch_name} {sheet.year}"
        )


def build_row(row: RatingRow) -> SummaryRow:
    """A member's row; blank where the meeting writes by hand."""
    given = row.current.votes.split("/") if row.current is not None and row.current.votes else []
    notes = [name_part_year(len(row.score.months_in_scope))] if row.score is not None and row.is_part_year else []
    if row.score is None:
        notes.append("不实行积分制")
    if row.is_vetoed:
        notes.append("一票否决")
    if row.current is not None and row.current.settle_by is not None:
        notes.append(f"{row.current.settle_by:%Y-%m-%d}前评定")
    rating = RATINGS[row.current.decision] if row.current is not None else ""
    return SummaryRow(
        name=row.member.listed_name,
        category=CATEGORIES.get(row.category, ""),
        score=row.shown_total,
        votes=tuple(given) or ("",) * len(GRADES),
        ballots=str(sum(map(int, given))) if given else "",
        proposed=_propose(row),
        rating=RATINGS[NOT_GRADED] if row.category == Member.Category.PROBATIONARY else rating,
        note="，".join(notes),
    )


def _propose(row: RatingRow) -> str:
    """What the score alone says; the meeting decides."""
    if not row.allowed:
        return ""
    if row.is_forced:
        return RATINGS[UNQUALIFIED]
    return "可评优秀" if EXCELLENT in row.allowed else f"{RATINGS[QUALIFIED]}及以下"
