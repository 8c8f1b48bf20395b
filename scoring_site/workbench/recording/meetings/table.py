"""Meetings: recorded with their attendance in one form or from a sign-in, put right later, exported as a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, may, rows_for
from members.models import Branch, Member
from members.selectors import members_in
from points.errors import SignInRefused
from points.evidence.links import attach_evidence
from points.meetings.attendance import change_attendance
from points.meetings.changes import change_meeting
from points.meetings.holding import HeldMeeting, record_meeting
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Attendance, Meeting, SignIn
from points.papers.meetings.workbook import export_meetings, write_meetings_workbook
from points.rules.rulebook import Rulebook
from scoring_site.downloads import send_written
from scoring_site.forms.fields import read_day
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import Column, MeetingYearFilter, column
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.meeting_words import name_kinds, read_lines, show_attendance
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome
from scoring_site.workbench.recording.drafting import drafts_only, hand_in_draft, writable_branches
from scoring_site.workbench.recording.meetings.filters import AttendanceKeptFilter, KindFilter
from scoring_site.workbench.recording.meetings.forms import AttendanceForm, ChangeMeetingForm, MeetingForm
from scoring_site.workbench.recording.month.page import MonthViews


def _count(attendances: QuerySet[Attendance]) -> Coalesce:
    """How many there are, worked out for a meeting that is shown or sorted by it and for no other."""
    counted = attendances.order_by().values("meeting").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


class MeetingAdmin(MonthViews):
    """What was held, latest first."""

    list_filter = (MeetingYearFilter, OwnBranchFilter, KindFilter, AttendanceKeptFilter)
    list_select_related = ("branch", "batch__actor")
    search_fields = ("topic", "place", "host", "kinds__topic")
    search_help_text = gettext_lazy("Topic, place or host")
    row_template = "workbench/recording/meetings/meeting.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        live = Attendance.objects.filter(meeting=OuterRef("pk"), voided_at__isnull=True)
        return (
            super()
            .get_queryset(request)
            .prefetch_related("kinds")
            .annotate(present=_count(live.filter(status__in=Attendance.EARNING)), expected=_count(live))
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)
        return (
            column(gettext_lazy("held on"), lambda row: row.held_on, name="held_on", order="held_on"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("kinds of meeting"), lambda row: name_kinds(row, catalogue), name="kinds"),
            column(gettext_lazy("topic"), lambda row: row.topic or "—", name="topic", order="topic"),
            column(gettext_lazy("place"), lambda row: row.place or "—", name="place", order="place"),
            column(gettext_lazy("present / expected"), show_attendance, name="attendance", order="present"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("record/", self.record_view, "record"),
            self.page("export/", self.export_view, "export"),
            self.page("<int:object_id>/attendance/", self.attendance_view, "attendance"),
            self.page("<int:object_id>/edit/", self.edit_view, "edit"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = []
        user, today = actor_of(request), today_of(request)
        if branches_for(user, on=today, action=Action.DRAFT).exists():
            buttons.append(Button(_("Draft a meeting"), self.url("record"), "edit_note", main=True))
        if branches_for(user, on=today, action=Action.RECORD).exists():
            buttons += [
                Button(_("This month"), self.url("month"), "calendar_month", main=True),
                Button(_("Record a meeting"), self.url("record"), "add"),
                Button(_("QR sign-in"), reverse(f"{self.admin_site.name}:points_signin_open"), "qr_code_2"),
            ]
        if branches_for(user, on=today, action=Action.EXPORT).exists():
            query = f"?{request.GET.urlencode()}" if request.GET else ""
            buttons.append(Button(_("Export this list"), self.url("export") + query, "download"))
        return buttons

    def row_title(self, row: Meeting) -> str:
        return f"{row.held_on:%Y-%m-%d} {row.branch.name}"

    def row_facts(self, request: HttpRequest, row: Meeting) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch.name),
            Fact(_("held on"), row.held_on),
            Fact(_("kinds of meeting"), name_kinds(row, catalogue_for(request), with_topics=True)),
            Fact(_("topic"), row.topic or "—"),
            Fact(_("place"), row.place or "—"),
            Fact(_("host"), row.host or "—"),
            Fact(_("present / expected"), show_attendance(row)),
            Fact(_("recorded by"), row.batch.recorded_by),
            Fact(_("recorded at"), row.batch.at),
            Fact(_("batch"), str(row.batch), self.url_of(row.batch)),
        ]
        sign_in = SignIn.objects.filter(meeting=row).annotate(count=Count("scans")).first()
        if sign_in is not None:
            said = _("%(count)d signed in themselves") % {"count": sign_in.count}
            facts.append(Fact(_("sign-in"), said, self.url_of(sign_in)))
        if row.batch.is_void:
            facts.append(Fact(_("voided at"), row.batch.voided_at))
        return facts

    def row_buttons(self, request: HttpRequest, row: Meeting) -> Sequence[Button]:
        paper = Button(_("Print the meeting record"), self.url("record_pdf", row.pk), "print")
        if row.batch.is_void or not self.may_change(request, row, Action.VOID):
            return [paper]
        return [
            Button(_("Change attendance"), self.url("attendance", row.pk), "how_to_reg", main=True),
            Button(_("Correct the meeting"), self.url("edit", row.pk), "edit"),
            paper,
            Button(_("Void the whole meeting"), self._void_url(row), "block", grave=True),
        ]

    def _void_url(self, row: Meeting) -> str:
        return reverse(f"{self.admin_site.name}:members_recordbatch_void", args=[row.batch_id])

    def row_context(self, request: HttpRequest, row: Meeting) -> dict[str, Any]:
        user, today = actor_of(request), today_of(request)
        return {
            "lines": read_lines(row, readable=rows_for(user, row.attendances.all(), on=today), url_of=self.url_of),
            "evidence": show_evidence(request, row),
        }

    # Recording

    def record_view(self, request: HttpRequest) -> HttpResponseBase:
        """Record a meeting; the list shows the branch's members on its day, or those of a sign-in."""
        user, today = actor_of(request), today_of(request)
        branches = list(writable_branches(user, on=today))
        self.require(bool(branches))
        sign_in = self._find_sign_in(request, [row for row in branches if may(user, Action.RECORD, row, on=today)])
        if sign_in is not None:
            branches = [branch for branch in branches if branch.pk == sign_in.branch_id]
        wanted = request.GET.get("branch", "")
        branch = next((row for row in branches if str(row.pk) == wanted), branches[0] if len(branches) == 1 else None)
        extra: dict[str, Any] = {"branch": branch, "branches": branches}
        drafts = drafts_only(request, branch)
        intro = _("Everybody attended unless you say otherwise; whoever took part earns the item of the period.")
        if sign_in is not None:
            intro = _(
                "Who signed in stands as attended, the others as absent. Confirm the list: you know who was there."
            )
        page = FormPage(
            title=_("Record a meeting"),
            back=self.url("changelist") if sign_in is None else self.url_of(sign_in),
            submit=_("Hand in as a draft") if drafts else _("Record"),
            intro=[intro],
            template="workbench/recording/meetings/record_meeting.html",
            extra=extra,
        )
        if branch is None:
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})
        start = timezone.localdate(sign_in.opens_at) if sign_in else today
        day = read_day(request.POST.get("held_on", ""), start)
        rulebook = catalogue_for(request).of_town(branch.town_id).get(day.year)
        if rulebook is None:
            extra["no_rulebook"] = day.year
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})
        form = self._make_form(request, branch, day, rulebook, sign_in)
        if drafts:
            del form.fields["photos"]  # files are added by the recorder, to what was recorded

        def carry_out() -> Outcome:
            if drafts:
                data = form.cleaned_data
                names = ("held_on", "kinds", "statuses", "topic", "place", "host", "minutes", "topics")
                held = HeldMeeting(branch, **{name: data[name] for name in names})
                return hand_in_draft(request, self, branch, held, data["token"])
            try:
                meeting = self._record(request, form, branch, sign_in)
            except SignInRefused:
                # Who signed in meanwhile is on the list that is shown now.
                form.data["signed"] = len(form.scanned or {})  # type: ignore[index] # a copy, see _make_form
                raise
            return Outcome(
                self.url_of(meeting),
                _("Recorded for %(count)s members. To undo it, change the attendance or void the whole meeting.")
                % {"count": len(form.cleaned_data["statuses"])},
            )

        return self.run_form(request, form, page, carry_out)

    def _record(self, request: HttpRequest, form: MeetingForm, branch: Branch, sign_in: SignIn | None) -> Meeting:
        """Write the meeting with its files: all of it or nothing."""
        data, now, user = form.cleaned_data, now_of(request), actor_of(request)
        values = {
            name: data[name]
            for name in ("held_on", "kinds", "statuses", "topics", "topic", "place", "host", "minutes", "token")
        }
        with transaction.atomic():
            if sign_in is None:
                meeting = record_meeting(actor=user, now=now, branch=branch, **values)
            else:
                meeting = record_signed_in_meeting(
                    actor=user, now=now, sign_in=sign_in, seen=data["signed"] or 0, **values
                )
            attach_evidence(actor=user, now=now, files=data["photos"], subject=meeting)
        return meeting

    @staticmethod
    def _find_sign_in(request: HttpRequest, branches: Sequence[Branch]) -> SignIn | None:
        """The sign-in the address names. Raises Http404 where it is not the user's to record."""
        wanted = request.GET.get("sign_in", "")
        if not wanted:
            return None
        sign_ins = SignIn.objects.filter(branch__in=branches)
        sign_in = sign_ins.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
        if sign_in is None:
            raise Http404
        return sign_in

    @staticmethod
    def _make_form(
        request: HttpRequest, branch: Branch, day: date, rulebook: Rulebook, sign_in: SignIn | None
    ) -> MeetingForm:
        """The form for a branch's members on a day."""
        scanned: dict[int, datetime] | None = None
        if sign_in is not None:
            scanned = dict(sign_in.scans.values_list("member_id", "at"))
        is_sent = request.method == "POST"
        return MeetingForm(
            request.POST.copy() if is_sent else None,
            request.FILES if is_sent else None,
            members=list(members_in([branch.pk], day).order_by("position", "id")),
            rulebook=rulebook,
            years=catalogue_for(request).of_town(branch.town_id),
            scanned=scanned,
            initial={"held_on": day},
        )

    # Putting right

    def attendance_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Change how members took part, and add those who were forgotten."""
        meeting = self.row_for(request, str(object_id), Action.VOID)
        standing = dict(meeting.attendances.filter(voided_at__isnull=True).values_list("member_id", "status"))
        there = members_in([meeting.branch_id], meeting.held_on).values("pk")
        members = Member.objects.filter(Q(pk__in=there) | Q(pk__in=list(standing))).order_by("position", "id")
        form = AttendanceForm(
            request.POST if request.method == "POST" else None, members=list(members), standing=standing
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            done = change_attendance(
                actor=actor_of(request),
                now=now_of(request),
                meeting=meeting,
                statuses=data["statuses"],
                seen=data["seen"],
                reason=data["reason"],
                token=data["token"],
            )
            said = _("Changed %(changed)d, added %(added)d, taken off %(removed)d. What stood before stays readable.")
            counts = {"changed": done.changed, "added": done.added, "removed": done.removed}
            return Outcome(self.url_of(meeting), said % counts)

        page = FormPage(
            title=_("Change attendance"),
            back=self.url_of(meeting),
            submit=_("Save the changes"),
            intro=[
                _("Change only who stands wrong. The old entry is voided with your reason and recorded anew."),
                _("A make-up session is entered here until the half is submitted."),
            ],
            facts=self.row_facts(request, meeting)[:4],
            template="workbench/recording/meetings/change_attendance.html",
        )
        return self.run_form(request, form, page, carry_out)

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Put right the kinds, topics, place, host or minutes."""
        meeting = self.row_for(request, str(object_id), Action.VOID)
        years = catalogue_for(request).of_town(meeting.branch.town_id)
        if meeting.held_on.year not in years:
            raise Http404
        form = ChangeMeetingForm(
            request.POST if request.method == "POST" else None,
            held_on=meeting.held_on,
            rulebook=years[meeting.held_on.year],
            years=years,
            initial=_initial_of(meeting),
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            change_meeting(
                actor=actor_of(request),
                now=now_of(request),
                meeting=meeting,
                kinds=data["kinds"],
                topics=data["topics"],
                texts={name: data[name] for name in ("topic", "place", "host", "minutes")},
                reason=data["reason"],
                token=data["token"],
            )
            return Outcome(self.url_of(meeting), _("Corrected. What stood before is in the log."))

        page = FormPage(
            title=_("Correct the meeting"),
            back=self.url_of(meeting),
            submit=_("Save the changes"),
            intro=[
                _("Possible while no half of it is submitted. A wrong day: void the whole meeting and record it anew."),
            ],
            warning=[_("A kind you untick takes its points back; a kind you tick earns for whoever took part.")],
            template="workbench/recording/meetings/edit_meeting.html",
        )
        return self.run_form(request, form, page, carry_out)

    # Taking out

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The meetings of the list as a workbook; logged."""
        user, today = actor_of(request), today_of(request)
        self.require(branches_for(user, on=today, action=Action.EXPORT).exists())
        try:
            listed = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.url("changelist"))
        rows = listed.get_queryset(request)
        if request.method == "POST":
            catalogue = catalogue_for(request)
            export = export_meetings(
                actor=user, now=now_of(request), meetings=rows, name_kinds=lambda row: name_kinds(row, catalogue)
            )
            return send_written(
                lambda file: write_meetings_workbook(export, file), f"{_('meetings')}-{today:%Y%m%d}.xlsx"
            )
        page = FormPage(
            title=_("Export the list of meetings"),
            back=self.url("changelist"),
            submit=_("Download the list"),
            intro=[_("Choose which meetings are in it by the filters of the list. The export is logged.")],
            facts=[Fact(_("meetings in the list"), rows.count())],
        )
        return self.render(request, "workbench/roster/export_roster.html", title=page.title, context={"page": page})


def _initial_of(meeting: Meeting) -> dict[str, Any]:
    kinds = list(meeting.kinds.all())
    initial: dict[str, Any] = {name: getattr(meeting, name) for name in ("topic", "place", "host", "minutes")}
    initial["free"] = not kinds
    for kind in kinds:
        initial |= {
            f"kind_{kind.item}": True,
            f"period_{kind.item}": kind.period,
            f"topic_{kind.item}": kind.topic,
        }
    return initial
