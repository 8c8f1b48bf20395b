"""The record form (clause 6) as PDF, for one member or a whole branch; signature places stay blank for hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from members.models import Branch, Member
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from points.papers.record_form.form import RecordForm, build_branch_forms, build_member_form, has_branch_forms
from points.scoring.adoption import rulebook_for

TITLE = "党员积分制教育管理记录表"
STYLESHEET = "points/papers/record_form.css"
SHORTEST_TABLE = 18
"""Rows that a form has at least, so that a short one still fills its sheet and takes entries by hand."""


def write_record_form(*, member: Member, year: int, now: datetime, with_grounds: bool) -> bytes:
    """One member's form. `with_grounds`: the reader may know the grounds of findings (D21).

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the member was in no branch that year.
    """
    form = build_member_form(member=member, year=year, now=now, with_grounds=with_grounds)
    if form is None:
        raise NothingToPrint(
            _("%(name)s was in no branch of the town in %(year)s. Choose another year.")
            % {"name": member.name, "year": year}
        )
    return write_pdf(
        papers=[render_form(form)], stylesheet=STYLESHEET, title=f"{TITLE} {form.branch} {form.name} {year}"
    )


def write_branch_record_forms(
    *, branch: Branch, year: int, now: datetime, with_grounds: bool, report: Callable[[int, int], None] | None = None
) -> bytes:
    """The forms of the members whom the branch scores for the year, one PDF in roster order.

    `report` is told after each form how many are laid out, of how many.

    Raises:
        NoRulebook: the town adopted none for the year (D1).
        NothingToPrint: the branch scores nobody for the year.
    """
    require_forms(branch=branch, year=year)
    papers = [
        render_form(form) for form in build_branch_forms(branch=branch, year=year, now=now, with_grounds=with_grounds)
    ]
    title = f"{TITLE} {branch.name_on(date(year, 12, 31))} {year}"
    return write_pdf(papers=papers, stylesheet=STYLESHEET, title=title, report=report)


def require_forms(*, branch: Branch, year: int) -> None:
    """Check that there is a form to write, without writing any. Raises as `write_branch_record_forms`."""
    rulebook_for(branch.town, year)
    if not has_branch_forms(branch=branch, year=year):
        raise NothingToPrint(
            _("%(branch)s has no member who is scored for %(year)s. Check the roster or choose another year.")
            % {"branch": branch.name, "year": year}
        )


def render_form(form: RecordForm) -> str:
    """The form as HTML."""
    blanks = range(max(0, SHORTEST_TABLE - len(form.rows)))
    return render_to_string("points/papers/record_form.html", {"form": form, "title": TITLE, "blanks": blanks})
