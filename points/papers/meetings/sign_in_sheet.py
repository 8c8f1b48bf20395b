"""会议签到表: a branch's members with a place to sign, printed before a meeting."""

from __future__ import annotations

from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from members.models import Branch
from members.people.naming import tell_apart
from members.selectors import members_in
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from points.rules.periods import last_day
from points.scoring.wording import name_period

TITLE = "党员会议签到表"
STYLESHEET = "points/papers/branch_papers.css"
ROWS = 24
"""Rows of a sheet; each holds two people."""


def write_sign_in_sheet(*, branch: Branch, month: str, now: datetime) -> bytes:
    """The sheet of the members on the roster on the month's last day, or today; Chinese, A4.

    Raises:
        NothingToPrint: the branch has no members then.
    """
    members = members_in([branch.pk], min(timezone.localdate(now), last_day(month))).order_by("position", "id")
    people = list(enumerate(tell_apart(members), start=1))
    if not people:
        raise NothingToPrint(_("%(branch)s has no members in this month.") % {"branch": branch.name})
    branch_name = branch.name_on(min(timezone.localdate(now), last_day(month)))
    papers = []
    with translation.override("zh-hans"):
        for sheet in split_into_chunks(people, 2 * ROWS):
            left, right = sheet[:ROWS], sheet[ROWS:]
            rows = [(person, right[index] if index < len(right) else None) for index, person in enumerate(left)]
            context = {
                "title": TITLE,
                "branch": branch,
                "branch_name": branch_name,
                "month": name_period(month),
                "count": len(people),
                "rows": rows,
            }
            papers.append(render_to_string("points/papers/sign_in_sheet.html", context))
        return write_pdf(papers=papers, stylesheet=STYLESHEET, title=f"{TITLE} {branch_name}")
