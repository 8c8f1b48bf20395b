"""The half's table on A3 landscape, to be signed by the committee that goes through it (3.2, D19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.models import User
from points.models import Freeze, Review
from points.papers.pdf import write_pdf
from points.papers.words import PROVISIONAL
from points.reviews.table import read_review_table
from points.reviews.table_parts import ReviewRow, ReviewTable
from points.rules.periods import H2, half_end
from points.scoring.freezing import link_of_half
from points.scoring.wording import name_period

TITLE = "党员积分核定表"
STYLESHEET = "points/papers/review_table.css"
APPROVED = "已核定"
PRINTED_FLAGS = ("veto", "part_year", "late", "cap", "revised", "pending", "absent", "excused", "gap")
"""The flags a signatory should see; 支部未组织 stands once above the table."""


@dataclass(frozen=True, slots=True)
class ReviewPaper:
    """What the paper shows besides the table."""

    review: Review
    branch_name: str
    table: ReviewTable
    half: str
    state: str
    printed_on: str
    through: date
    link: Freeze | None
    by_assembly: bool


def write_review_table(*, review: Review, actor: User, now: datetime) -> bytes:
    """The table as PDF, with signature places and, once approved, the half's link of the chain.

    What is not decided yet shows as far as `actor` may know of it (D21). Raises NoRulebook (D1).
    """
    with translation.override("zh-hans"):
        paper = build_review_paper(review=review, actor=actor, now=now)
        html = render_review_paper(paper)
        return write_pdf(papers=[html], stylesheet=STYLESHEET, title=f"{TITLE} {paper.branch_name} {paper.half}")


def render_review_paper(paper: ReviewPaper) -> str:
    """The paper as HTML."""
    count = sum(column.is_base for column in paper.table.columns)
    context = {
        "paper": paper,
        "title": TITLE,
        "branch_name": paper.branch_name,
        "both_scores": paper.review.half == H2,
        # Each section has its sum besides its items.
        "base_span": count + 1,
        "incentive_span": len(paper.table.columns) - count + 1,
        "lines": [(row, row.cells[:count], row.cells[count:], _name_flags(row)) for row in paper.table.rows],
    }
    return render_to_string("points/papers/review_table.html", context)


def _name_flags(row: ReviewRow) -> str:
    flags = [flag for flag in row.flags if flag.kind in PRINTED_FLAGS]
    return "；".join(f"{flag.label}（{flag.detail}）" if flag.detail else flag.label for flag in flags)


def build_review_paper(*, review: Review, actor: User, now: datetime) -> ReviewPaper:
    """The paper's content in the active language."""
    today = timezone.localdate(now)
    table = read_review_table(review, actor=actor, on=today)
    state = PROVISIONAL
    if table.is_frozen and review.approved_at is not None:
        state = f"{APPROVED}（{timezone.localdate(review.approved_at):%Y年%-m月%-d日}）"
    return ReviewPaper(
        review=review,
        branch_name=review.branch_name,
        table=table,
        half=name_period(f"{review.year}{review.half}"),
        state=state,
        printed_on=f"{today:%Y年%-m月%-d日}",
        through=half_end(review.year, review.half),
        link=link_of_half(review) if table.is_frozen else None,
        by_assembly=review.by_assembly if table.is_frozen else not review.branch.has_committee,
    )
