"""This month (本月党日): a branch's dues and meeting of a month on one page, with a pasted list and as last time."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.errors import TextTooLong
from members.models import Branch
from points.drafts.payloads import MonthContent
from points.meetings.announcing import find_announcement
from points.meetings.leaves import NO_LEAVE, LeaveRoll, read_leave_roll
from points.meetings.month import MonthSheet, read_month, record_month
from points.meetings.phrases import read_meeting_phrases
from points.meetings.sign_ins import unrecorded_sign_ins
from points.models import Announcement, Attendance
from points.papers.ledger.book import TITLES as LEDGERS
from points.papers.ledger.book import write_ledger
from points.papers.meetings.dues_book import TITLE as DUES_BOOK
from points.papers.meetings.dues_book import write_dues_book
from points.papers.meetings.sign_in_sheet import TITLE as SIGN_IN_SHEET
from points.papers.meetings.sign_in_sheet import write_sign_in_sheet
from points.rules.periods import PeriodError, first_day, last_day, parse_period, period_of, period_year
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period
from scoring_site.downloads import name_paper, send_or_explain
from scoring_site.forms.fields import read_day
from scoring_site.workbench.base.choices import choose_branch
from scoring_site.workbench.base.pages import WorkbenchPage, page_url, row_url
from scoring_site.workbench.base.steps import Outcome
from scoring_site.workbench.recording.drafting import RecordingStep, hand_in_draft, require_writable_branches
from scoring_site.workbench.recording.last_time import typed_values
from scoring_site.workbench.recording.leave_seen import NOT_SHOWN, excuse, has_unseen_leave, name_seen, say_announced
from scoring_site.workbench.recording.month.forms import (
    MonthForm,
    MonthMarks,
    find_closed,
    mark_as_usual,
    tick_all_dues,
    tick_pasted,
)
from scoring_site.workbench.recording.roster import describe_pasted, describe_roster, say_too_long


def month_url(branch: Branch, month: str) -> str:
    """The address of a branch's month."""
    return f"{page_url('month')}?branch={branch.pk}&month={month}"


class MonthPage(RecordingStep[MonthForm]):
    """Record the month's dues and its meeting."""

    route = "month/"
    name = "month"
    form_class = MonthForm
    records = True
    template = "workbench/recording/month.html"
    title = gettext_lazy("This month")
    submit = gettext_lazy("Save the month")

    month: str

    def prepare(self) -> None:
        super().prepare()
        self.month = _read_month(self.request, self.today)

    def is_ready(self) -> bool:
        return period_year(self.month) in self.rulebooks

    def get_draft(self) -> str:
        return f"month:{self.branch.pk}:{self.month}" if self.branch else ""

    @cached_property
    def sheet(self) -> MonthSheet:
        """The month as it stands."""
        assert self.branch is not None
        return read_month(self.branch, self.month, rulebook=self.rulebooks[period_year(self.month)], now=self.now)

    def get_back(self) -> str:
        return month_url(self.branch, self.month) if self.branch else page_url("month")

    @cached_property
    def announcement(self) -> Announcement | None:
        """What announced a meeting of the month's for the day it is held on, for who records it."""
        if self.branch is None or self.drafts:
            return None
        due = {kind.item.code for kind in self.sheet.due_kinds}
        if self.request.method == "POST":
            due = {code for code in due if self.request.POST.get(f"kind_{code}")}
        sent = self.request.POST.get("held_on", "")
        if not due or not (sent or self.month == f"{self.today:%Y-%m}"):
            return None
        return find_announcement(self.branch, read_day(sent, self.today), items=due)

    @cached_property
    def leaves(self) -> LeaveRoll:
        """Whose leave was accepted, and who has no answer yet, of those whose attendance is asked."""
        if self.announcement is None:
            return NO_LEAVE
        asked = mark_as_usual(self.sheet).statuses.keys()
        return LeaveRoll(*(members & asked for members in read_leave_roll(self.announcement)))

    def get_form_arguments(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "today": self.today, "leaves": self.leaves}

    def get_context(self) -> dict[str, Any]:
        months = _list_months(self.rulebooks, self.today)
        context = {"branch": self.branch, "branches": self.branches, "month": self.month, "months": months}
        return context | (self._describe_sheet(self.branch) if self.branch and self.is_ready() else {})

    def _describe_sheet(self, branch: Branch) -> dict[str, Any]:
        query = f"?branch={branch.pk}&month={self.month}"
        return {
            "sheet": self.sheet,
            "roster": describe_roster([row.member for row in self.sheet.rows]),
            "announced": self._say_announced(),
            "phrases": read_meeting_phrases(self.actor, branch, on=self.today),
            "prints": {name: page_url(name) + query for name in PAPERS},
            "meetings": [
                (held.meeting, row_url(held.meeting), page_url("points_meeting_record_pdf", held.meeting.pk))
                for held in _held_meetings(self.sheet)
            ],
            "record_url": f"{page_url('points_meeting_record')}?branch={branch.pk}",
            **({} if self.drafts else self._describe_sign_ins(branch)),
        }

    def _say_announced(self) -> str:
        if self.announcement is None:
            return ""
        return say_announced(self.announcement, accepted=len(self.leaves.accepted), waiting=len(self.leaves.waiting))

    def _describe_sign_ins(self, branch: Branch) -> dict[str, Any]:
        """The sign-ins of the month whose meeting is still to be recorded; and today's, or the way to open one."""
        days = {"first": first_day(self.month), "last": last_day(self.month)}
        rows = list(unrecorded_sign_ins(branch, now=self.now, **days))
        days_of = {row.pk: timezone.localdate(row.opens_at) for row in rows}
        current = next((row for row in rows if days_of[row.pk] == self.today and row.closes_at > self.now), None)
        record = f"{page_url('points_meeting_record')}?sign_in="
        return {
            "sign_ins": [
                (row, row_url(row), f"{record}{row.pk}" if days_of[row.pk] <= self.today else "") for row in rows
            ],
            "sign_in_url": row_url(current) if current else f"{page_url('points_signin_open')}?branch={branch.pk}",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Save the month, or show it again with the ticks a button asked for."""
        if self.is_ready() and request.POST.get("do"):
            return self._show_ticked(request.POST["do"], self.make_form())
        if self.is_ready() and has_unseen_leave(request.POST, self.leaves.accepted):
            return self._show_leave(self.make_form())
        return super().post(request, *args, **kwargs)

    def _show_leave(self, sent: MonthForm) -> HttpResponseBase:
        """The sheet shown anew, those with leave who stood as usual as excused; nothing is saved."""
        messages.warning(self.request, NOT_SHOWN)
        marks = MonthMarks(sent.marks.dues, excuse(sent.marks.statuses, sent.excused))
        values = typed_values(sent) | {"leaves": name_seen(self.leaves.accepted)}
        return self.show(self._make_form(initial=values, marks=marks))

    def _make_form(self, **values: Any) -> MonthForm:
        return MonthForm(**self.get_form_arguments(), **values)

    def _show_ticked(self, do: str, form: MonthForm) -> HttpResponseBase:
        """The sheet shown anew with the ticks a button asked for, and everything typed; nothing is saved."""
        values, marks = typed_values(form), form.marks
        context: dict[str, Any] = {}
        if do == "last":
            marks.statuses.update((pk, said) for pk, said in form.last.statuses.items() if pk not in form.excused)
            form.last.fill(values)
            context["was_asked"] = True
        elif do == "all":
            tick_all_dues(marks, form.sheet)
        elif do == "paste":
            said = values["pasted_as"] or ""
            try:
                pasted = tick_pasted(marks, form.sheet, text=values["pasted"] or "", said=said)
            except TextTooLong:
                messages.error(self.request, say_too_long())
            else:
                members = [row.member for row in form.sheet.rows]
                closed = find_closed(form.sheet, said=said)
                context["pasted"] = describe_pasted(pasted, members, said=said, closed=closed)
        return self.show(self._make_form(initial=values, marks=marks), **context)

    def carry_out(self, form: MonthForm) -> Outcome:
        assert self.branch is not None
        data = form.cleaned_data
        if self.drafts:
            content = MonthContent(self.month, data["dues"], data["dues_on"], data["meeting"])
            return hand_in_draft(self.request, self.branch, content, data["token"])
        record_month(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            month=self.month,
            dues=data["dues"],
            dues_on=data["dues_on"],
            meeting=data["meeting"],
            token=data["token"],
        )
        return Outcome(self.get_back(), _say_saved(len(data["dues"]), form))


class MonthPaper(WorkbenchPage):
    """A paper of the chosen branch's month."""

    menu = MonthPage.name
    branch: Branch
    month: str

    def prepare(self) -> None:
        branch = choose_branch(self.request, require_writable_branches(self.request))
        if branch is None:
            raise Http404
        self.branch, self.month = branch, _read_month(self.request, self.today)


class SignInSheet(MonthPaper):
    """The sign-in sheet of a branch as PDF."""

    route = "month/sign-in.pdf"
    name = "sign_in_sheet"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        return send_or_explain(
            request,
            back=month_url(self.branch, self.month),
            name=name_paper(self.branch.name, name_period(self.month), SIGN_IN_SHEET),
            write=lambda: write_sign_in_sheet(branch=self.branch, month=self.month, now=self.now),
        )


class DuesBook(MonthPaper):
    """The dues book of a branch and year as PDF."""

    route = "month/dues.pdf"
    name = "dues_book"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        return send_or_explain(
            request,
            back=month_url(self.branch, self.month),
            name=name_paper(self.branch.name, period_year(self.month), DUES_BOOK),
            write=lambda: write_dues_book(branch=self.branch, year=period_year(self.month), now=self.now),
        )


class MonthLedger(MonthPaper):
    """The branch's month (台账) as PDF."""

    route = "month/ledger.pdf"
    name = "month_ledger"
    kind = "month"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The file."""
        period = period_of(first_day(self.month), self.kind)
        return send_or_explain(
            request,
            back=month_url(self.branch, self.month),
            name=name_paper(self.branch.name, name_period(period), LEDGERS[self.kind]),
            write=lambda: write_ledger(branch=self.branch, period=period, now=self.now),
        )


class QuarterLedger(MonthLedger):
    """The branch's quarter (台账) in which the month lies, as PDF."""

    route = "month/quarter.pdf"
    name = "quarter_ledger"
    kind = "quarter"


PAPERS = (SignInSheet.name, DuesBook.name, MonthLedger.name, QuarterLedger.name)


def _list_months(rulebooks: dict[int, Rulebook], today: date) -> list[tuple[str, str]]:
    """The months of this year and the last that have begun and have a rulebook, latest first, with their names."""
    months = [f"{year}-{number:02}" for year in (today.year, today.year - 1) for number in range(12, 0, -1)]
    return [
        (month, name_period(month)) for month in months if period_year(month) in rulebooks and month <= f"{today:%Y-%m}"
    ]


def _read_month(request: HttpRequest, today: date) -> str:
    """The month of the address: the current one where it names none that has begun."""
    current = f"{today:%Y-%m}"
    try:
        month = parse_period(request.GET.get("month", current), "month")
    except PeriodError:
        return current
    return min(month, current)


def _held_meetings(sheet: MonthSheet) -> list[Any]:
    """The meetings behind the sheet's kinds, each once, latest first."""
    held = {entry.meeting.pk: entry for kind in sheet.kinds for entry in kind.held}
    return sorted(held.values(), key=lambda entry: (entry.meeting.held_on, entry.meeting.pk), reverse=True)


def _say_saved(dues: int, form: MonthForm) -> str:
    """What was done and how to undo it."""
    done = [_("dues of %(count)d members") % {"count": dues}] if dues else []
    meeting = form.cleaned_data["meeting"]
    if meeting is not None:
        kinds = "、".join(kind.item.name for kind, field in form.kind_fields() if field.value())
        there = sum(status == Attendance.Status.ATTENDED for status in meeting.statuses.values())
        done.append(
            _("%(kinds)s: %(expected)d expected, %(present)d present")
            % {"kinds": kinds, "expected": len(meeting.statuses), "present": there}
        )
    said = _("Saved: %(done)s.") % {"done": "；".join(done)}
    if meeting is None:
        return said + _("To undo it, void the batch of the dues or single records.")
    if not dues:
        return said + _("To undo it, void the meeting on its page.")
    return said + _("To undo it, void the meeting on its page, and the dues by their own batch: one leaves the other.")
