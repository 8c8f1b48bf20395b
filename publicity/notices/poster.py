"""The notice as a poster (3.3, D21): for outside or for the branch's meeting, on A4 or A3; Chinese like all papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.template.loader import render_to_string
from django.utils import translation

from foundation.qr_codes import draw_qr_code
from members.errors import UnknownWorkYear
from members.people.naming import tell_apart
from members.places.workdays import TownCalendar
from members.seals.printed import print_link_since
from points.papers.pdf import write_pdf
from points.reviews.table import read_exempt
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import link_of_half
from points.scoring.wording import NOT_GIVEN, name_period
from publicity.models import Notice
from publicity.notices.counted_days import last_day_up
from publicity.notices.days_up import line_days_or_problem
from publicity.notices.table import NoticeRow, show_rows, shows_both_scores, shows_parts

TITLE = "党员积分公示"
STYLESHEET = "publicity/notices/poster.css"
PAPERS = ("A4", "A3")
ROOM = ((2.0, "roomiest"), (1.5, "roomier"), (1.22, "roomy"))
"""How many times the rows of the fullest sheet would fit on it, and the class that makes them higher accordingly."""
LONG_NAME = 5
"""Characters, without what tells namesakes apart; a longer name is set smaller, so that every row keeps its height."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How many lines stand side by side, and how many rows a sheet takes: the foot needs the room of `foot` of them.

    `line` is how many characters one line of the foot holds; a line is about as high as a row.
    """

    name: str
    blocks: int
    first: int
    further: int
    foot: int
    line: int

    def split(self, count: int, *, more_foot: int = 0) -> list[int]:
        """How many lines go on each sheet; the last one also takes the foot, `more_foot` rows higher than usual."""
        sheets: list[int] = []
        left = count
        while True:
            rows = self.further if sheets else self.first
            if left <= (rows - self.foot - more_foot) * self.blocks:
                return [*sheets, left]
            # What would fill the sheet but for the foot is shared with the next one.
            taken = rows * self.blocks if left > rows * self.blocks else -(-left // 2)
            sheets.append(taken)
            left -= taken


LAYOUTS = {
    "A4": (Layout("A4-portrait", 1, 35, 39, 7, 46), Layout("A4-landscape", 2, 24, 28, 7, 70)),
    "A3": (Layout("A3-portrait", 1, 39, 44, 7, 46), Layout("A3-portrait two", 2, 39, 44, 7, 46)),
}
MOST_MORE_FOOT = 12
USUAL_CONTACT = 40
"""Characters the rows of `Layout.foot` leave for the contact."""


def choose_layout(paper: str, count: int, *, foot_length: int = 0) -> tuple[Layout, list[int]]:
    """One line a row where all fit on one sheet, else two side by side (A4 lying on its side); with the split."""
    single, double = LAYOUTS[paper]
    sheets = single.split(count, more_foot=_more_foot(single, foot_length))
    if len(sheets) == 1:
        return single, sheets
    return double, double.split(count, more_foot=_more_foot(double, foot_length))


def _more_foot(layout: Layout, foot_length: int) -> int:
    return min(MOST_MORE_FOOT, -(-max(0, foot_length - USUAL_CONTACT) // layout.line))


def name_room(layout: Layout, sheets: Sequence[int], *, foot_length: int = 0) -> str:
    """The class of `ROOM` by which rows may be higher without taking another sheet; empty where there is no room."""
    foot = layout.foot + _more_foot(layout, foot_length)
    spare = [
        ((layout.further if number else layout.first) - (foot if number == len(sheets) - 1 else 0))
        / -(-count // layout.blocks)
        for number, count in enumerate(sheets)
        if count
    ]
    return next((name for times, name in ROOM if min(spare, default=1) >= times), "")


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one sheet, each with as many lines side by side as the layout has; None where there is none."""

    rows: list[list[NoticeRow | None]]


def lay_out(lines: Sequence[NoticeRow], layout: Layout, sheets: Sequence[int]) -> list[Page]:
    """Fill each sheet column by column, so that one reads down first."""
    pages = []
    rest = iter(lines)
    for count in sheets:
        here = list(islice(rest, count))
        height = -(-len(here) // layout.blocks)
        columns = [here[start : start + height] for start in range(0, len(here), height or 1)]
        pages.append(
            Page([[column[row] if row < len(column) else None for column in columns] for row in range(height)])
        )
    return pages


def write_poster(*, notice: Notice, paper: str, inside: bool, address: str, planned_on: date) -> bytes:
    """The poster as PDF. `address` is the whole address of the page behind log-in, for the QR code.

    `planned_on` is the day it is to go up, printed while it is not up yet.
    """
    with translation.override("zh-hans"):
        review = notice.review
        days, _problem = line_days_or_problem(notice)
        lines = show_rows(days, inside=inside)
        exempt = read_exempt(review) if inside else []
        if exempt:
            tell_apart([*(row.line.member for row in lines), *exempt], lasting=True)
        foot_length = len(notice.contact) + sum(len(member.listed_name) + 1 for member in exempt)
        layout, sheets = choose_layout(paper, len(lines), foot_length=foot_length)
        both_scores = shows_both_scores(review)
        with_parts = shows_parts(review, inside=inside)
        posted_on = notice.posted_on or planned_on
        link = link_of_half(review)
        context = {
            "notice": notice,
            "review": review,
            "branch_name": review.branch_name,
            "period": name_period(notice.period),
            "town": review.branch.town.name,
            "rulebook": rulebook_for(review.branch.town, review.year),
            "layout": layout,
            "pages": lay_out(lines, layout, sheets),
            "count": len(lines),
            "posted_on": posted_on,
            "last_day": _last_day(notice, posted_on),
            "revised": sorted({(row.posted_on, row.last_day) for row in lines if row.is_revised and row.last_day}),
            "inside": inside,
            "exempt": exempt,
            "room": name_room(layout, sheets, foot_length=foot_length),
            "both_scores": both_scores,
            "with_parts": with_parts,
            "has_dash": any(NOT_GIVEN in (row.first_half, row.half) for row in lines) if both_scores else False,
            "columns": 4 + 2 * both_scores + 3 * with_parts + inside,
            "decided_by": "支部党员大会" if review.by_assembly else "支部委员会",
            "link": link,
            "seal": print_link_since(link.at) if link else "",
            "qr_code": draw_qr_code(address),
            "long_name": LONG_NAME,
        }
        title = f"{context['branch_name']} {context['period']}{TITLE}"
        return write_pdf(
            papers=[render_to_string("publicity/notices/poster.html", context)], stylesheet=STYLESHEET, title=title
        )


def _last_day(notice: Notice, posted_on: date) -> date | None:
    """The last day it stays up; None, and room for hands, where the days off are not known."""
    calendar = TownCalendar(notice.review.branch.town)
    try:
        return last_day_up(posted_on, days=notice.days, working=notice.working_days, calendar=calendar)
    except UnknownWorkYear:
        return None
