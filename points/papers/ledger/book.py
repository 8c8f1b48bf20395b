"""台账: a branch's month or quarter on A4 landscape: organisational life, dues, incentive records and their sums."""

from __future__ import annotations

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.models import Branch
from points.papers.ledger.reading import read_ledger
from points.papers.ledger.states import name_half_states
from points.papers.pdf import write_pdf
from points.rules.periods import half_of, last_day, period_kind, period_year
from points.scoring.wording import name_period

TITLES = {"month": "党支部月度工作台账", "quarter": "党支部季度工作台账"}
STYLESHEET = "points/papers/ledger.css"


def write_ledger(*, branch: Branch, period: str, now: datetime) -> bytes:
    """The book of a month (`2026-03`) or quarter (`2026Q1`) as PDF, Chinese.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the branch has no members then and held nothing.
    """
    today, end = timezone.localdate(now), last_day(period)
    branch_name = branch.name_on(min(today, end))
    with translation.override("zh-hans"):
        title = TITLES[period_kind(period)]
        context = {
            "title": title,
            "town": branch.town.name,
            "branch": branch_name,
            "period": name_period(period),
            "year": period_year(period),
            "ledger": read_ledger(branch=branch, period=period, now=now),
            "state": name_half_states(branch, period_year(period), today=today)[half_of(end)],
            "until": today if today < end else None,
            "printed_on": today,
        }
        paper = render_to_string("points/papers/ledger.html", context)
        return write_pdf(papers=[paper], stylesheet=STYLESHEET, title=f"{title} {branch_name} {context['period']}")
