"""积分登记册: a branch's year as a booklet of cover, index and a page for each member, numbered throughout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.models import Branch
from points.papers.ledger.register import read_member_pages
from points.papers.ledger.states import name_half_states
from points.papers.pdf import write_pdf
from points.papers.record_form.pdf import require_forms
from points.rules.clauses import number_clause
from points.rules.periods import H2, half_end

TITLE = "党员积分登记册"
STYLESHEET = "points/papers/register.css"
BASE_CLAUSE, INCENTIVE_CLAUSE, DEDUCTION_CLAUSE = "2.3.1", "2.3.2", "2.3.3"


def write_register(
    *, branch: Branch, year: int, now: datetime, report: Callable[[int, int], None] | None = None
) -> bytes:
    """The booklet of a year as PDF, Chinese, without grounds, which are read one by one (D21).

    One document, so that the index knows its pages. `report` is told when it is laid out.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the branch scores nobody for the year.
    """
    require_forms(branch=branch, year=year)
    today = timezone.localdate(now)
    branch_name = branch.name_on(min(today, date(year, 12, 31)))
    with translation.override("zh-hans"):
        context = {
            "title": TITLE,
            "town": branch.town.name,
            "branch": branch_name,
            "year": year,
            "months": range(1, 13),
            "base_clause": number_clause(BASE_CLAUSE),
            "incentive_clause": number_clause(INCENTIVE_CLAUSE),
            "deduction_clause": number_clause(DEDUCTION_CLAUSE),
            "pages": read_member_pages(branch=branch, year=year),
            "states": list(name_half_states(branch, year, today=today).values()),
            "until": today if today < half_end(year, H2) else None,
            "made_on": today,
        }
        paper = render_to_string("points/papers/register.html", context)
        return write_pdf(papers=[paper], stylesheet=STYLESHEET, title=f"{TITLE} {branch_name} {year}", report=report)
