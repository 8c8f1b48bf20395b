"""This month (本月党日): a branch's dues and meeting of a month on one page, with a pasted list and as last time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.errors import TextTooLong
from members.models import Branch, Member, RecordBatch
from members.selectors import members_in
from points.drafts.payloads import DraftedMonth
from points.meetings.month import MonthSheet, read_month, record_month
from points.meetings.pasted_names import Doubt, PastedNames, match_pasted_names
from points.models import Draft, Meeting
from points.papers.meetings.dues_book import write_dues_book
from points.papers.meetings.meeting_record import write_meeting_record
from points.papers.meetings.sign_in_sheet import write_sign_in_sheet
from points.rules.periods import PeriodError, parse_period, period_year
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period
from scoring_site.downloads import send_or_explain
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.scoped import FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.recording.drafting import choose_branch, drafts_only, hand_in_draft
from scoring_site.workbench.recording.month.forms import (
    MonthForm,
    tick_all_dues,
    tick_as_last_time,
    tick_pasted,
    typed_values,
    words_agreeing,
)

DOUBTS = {
    Doubt.UNKNOWN: gettext_lazy("no exact name of this branch"),
    Doubt.NAMESAKES: gettext_lazy("several members bear this name"),
    Doubt.AGAINST: gettext_lazy("a word in the line speaks against it"),
    Doubt.UNCLEAR: gettext_lazy("not clear who is meant"),
}


class MonthViews(ScopedModelAdmin[Meeting]):
    """The pages of the month, under the meetings' address."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("month/", self.month_view, "month"),
            self.page("month/sign-in.pdf", self.sign_in_view, "sign_in_sheet"),
            self.page("month/dues.pdf", self.dues_book_view, "dues_book"),
            self.page("names/", self.names_view, "names"),
            self.page("<int:object_id>/record.pdf", self.meeting_record_view, "record_pdf"),
        ]

    def month_url(self, branch: Branch, month: str) -> str:
        """The address of a branch's month."""
        return f"{self.url('month')}?branch={branch.pk}&month={month}"

    def month_view(self, request: HttpRequest) -> HttpResponseBase:
        """Record the month's dues and its meeting."""
        today = today_of(request)
        branches, branch = choose_branch(request)
        self.require(bool(branches))
        drafts = drafts_only(request, branch)
        rulebooks = catalogue_for(request).of_town(branch.town_id) if branch else {}
        months = _list_months(rulebooks, today)
        month = _read_month(request, today)
        extra: dict[str, Any] = {"branch": branch, "branches": branches, "month": month, "months": months}
        page = FormPage(
            title=_("This month"),
            back=self.month_url(branch, month) if branch else self.url("month"),
            submit=_("Hand in as a draft") if drafts else _("Save the month"),
            template="workbench/recording/month.html",
            extra=extra,
        )
        if branch is None or period_year(month) not in rulebooks:
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})
        if request.method == "POST" and _was_saved(request.POST.get("token", "")):
            messages.warning(request, _("This form was already saved; nothing was written a second time."))
            return HttpResponseRedirect(page.back)
        sheet = read_month(branch, month, rulebook=rulebooks[period_year(month)], now=now_of(request))
        form = MonthForm(request.POST if request.method == "POST" else None, sheet=sheet, today=today)
        extra |= {
            "sheet": sheet,
            "names_url": self.url("names"),
            "prints": {
                "sign_in": f"{self.url('sign_in_sheet')}?branch={branch.pk}&month={month}",
                "dues": f"{self.url('dues_book')}?branch={branch.pk}&month={month}",
            },
            "meetings": [
                (held.meeting, self.url_of(held.meeting), self.url("record_pdf", held.meeting.pk))
                for held in _held_meetings(sheet)
            ],
            "record_url": f"{self.url('record')}?branch={branch.pk}",
        }

        if request.POST.get("do"):
            context = self._tick(request, form)
            return self.render(request, page.template, title=page.title, context={"page": page, **extra, **context})

        def carry_out() -> Outcome:
            data = form.cleaned_data
            if drafts:
                drafted = DraftedMonth(month, data["dues"], data["dues_on"], data["meeting"])
                return hand_in_draft(request, self, branch, drafted, data["token"])
            batch = record_month(
                actor=actor_of(request),
                now=now_of(request),
                branch=branch,
                month=month,
                dues=data["dues"],
                dues_on=data["dues_on"],
                meeting=data["meeting"],
                token=data["token"],
            )
            return Outcome(page.back, _say_saved(batch, len(data["dues"]), form))

        return self.run_form(request, form, page, carry_out)

    def _tick(self, request: HttpRequest, form: MonthForm) -> dict[str, Any]:
        """The sheet shown anew with the ticks a button asked for, and everything typed; nothing is saved."""
        do, values, context = request.POST["do"], typed_values(form), {}
        if do == "last":
            tick_as_last_time(values, form.sheet)
        elif do == "all":
            tick_all_dues(values, form.sheet)
        elif do == "paste":
            try:
                pasted = tick_pasted(values, form.sheet)
            except TextTooLong as refusal:
                messages.error(request, str(refusal))
            else:
                context["pasted"] = self._say_pasted(pasted, [row.member for row in form.sheet.rows])
        return {"form": MonthForm(sheet=form.sheet, today=form.today, initial=values), **context}

    # A pasted list

    def names_view(self, request: HttpRequest) -> HttpResponse:
        """Which members of a branch a pasted list names, as JSON: `found`, and `left` for the person to decide."""
        user, today = actor_of(request), today_of(request)
        wanted = request.POST.get("branch", "")
        allowed = branches_for(user, on=today, action=Action.RECORD) | branches_for(user, on=today, action=Action.DRAFT)
        self.require(allowed.exists())
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not wanted.isdecimal():
            return JsonResponse({"error": _("Choose a branch first.")}, status=400)
        branch = next((row for row in allowed if str(row.pk) == wanted), None)
        if branch is None:
            raise Http404
        text = request.POST.get("text", "")
        members = list(members_in([branch.pk], today).order_by("position", "id"))
        names = {member.pk: member.name for member in members}
        try:
            pasted = match_pasted_names(text, names, agreeing=words_agreeing(request.POST.get("as", "")))
        except TextTooLong as refusal:
            return JsonResponse({"error": str(refusal)}, status=400)
        return JsonResponse(self._say_pasted(pasted, members))

    @staticmethod
    def _say_pasted(pasted: PastedNames, members: Iterable[Member]) -> dict[str, Any]:
        by_id = {member.pk: member for member in members}
        return {
            "summary": _("%(found)d names found, %(left)d to be decided by you.")
            % {"found": len(pasted.found), "left": len(pasted.left)},
            "found": [
                {"id": entry.member_id, "name": by_id[entry.member_id].name, "line": entry.line}
                for entry in pasted.found
            ],
            "left": [
                {
                    "line": row.line,
                    "text": row.text,
                    "words": row.words,
                    "why": str(DOUBTS[row.doubt]),
                    "candidates": [{"id": one, "name": _tell_apart(by_id[one])} for one in row.candidates],
                }
                for row in pasted.left
            ],
        }

    # Papers

    def sign_in_view(self, request: HttpRequest) -> HttpResponseBase:
        """The sign-in sheet of a branch as PDF."""
        branch, month = self._paper_of(request)
        return send_or_explain(
            request,
            back=self.month_url(branch, month),
            name=f"sign-in-{month}",
            write=lambda: write_sign_in_sheet(branch=branch, month=month, now=now_of(request)),
        )

    def dues_book_view(self, request: HttpRequest) -> HttpResponseBase:
        """The dues book of a branch and year as PDF."""
        branch, month = self._paper_of(request)
        return send_or_explain(
            request,
            back=self.month_url(branch, month),
            name=f"dues-{month[:4]}",
            write=lambda: write_dues_book(branch=branch, year=period_year(month), now=now_of(request)),
        )

    def meeting_record_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The record of a meeting as PDF."""
        meeting = self.get_object(request, str(object_id))
        self.require_reading(request)
        return send_or_explain(
            request,
            back=self.url_of(meeting),
            name=f"meeting-{meeting.held_on}",
            write=lambda: write_meeting_record(meeting=meeting, now=now_of(request)),
        )

    def _paper_of(self, request: HttpRequest) -> tuple[Branch, str]:
        """Branch and month a paper was asked for; raises Http404 where no branch was chosen."""
        branches, branch = choose_branch(request)
        self.require(bool(branches))
        if branch is None:
            raise Http404
        return branch, _read_month(request, today_of(request))


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


def _was_saved(token: str) -> bool:
    try:
        return any(model.objects.filter(uuid=UUID(token)).exists() for model in (RecordBatch, Draft))
    except ValueError:
        return False


def _held_meetings(sheet: MonthSheet) -> list[Any]:
    """The meetings behind the sheet's kinds, each once, latest first."""
    held = {entry.meeting.pk: entry for kind in sheet.kinds for entry in kind.held}
    return sorted(held.values(), key=lambda entry: (entry.meeting.held_on, entry.meeting.pk), reverse=True)


def _tell_apart(member: Member) -> str:
    """A name with what tells namesakes apart."""
    born = str(member.birth_date.year) if member.birth_date else ""
    told = "，".join(part for part in (member.party_group, born) if part)
    return f"{member.name}（{told}）" if told else member.name


def _say_saved(batch: RecordBatch, dues: int, form: MonthForm) -> str:
    """What was done and how to undo it."""
    done = [_("dues of %(count)d members") % {"count": dues}] if dues else []
    meeting = form.cleaned_data["meeting"]
    if meeting is not None:
        kinds = "、".join(kind.item.name for kind, field in form.kind_fields() if field.value())
        done.append(_("%(kinds)s with %(count)d members") % {"kinds": kinds, "count": len(meeting.statuses)})
    return _("Saved: %(done)s. To undo it, void the batch “%(batch)s” or single records.") % {
        "done": "；".join(done),
        "batch": batch,
    }
