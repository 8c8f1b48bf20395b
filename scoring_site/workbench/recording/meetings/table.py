"""Meetings: recorded with their attendance in one form or from a sign-in, put right later, exported as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, rows_for
from points.models import Attendance, Meeting, SignIn
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import Column, MeetingYearFilter, column
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.meeting_words import name_kinds, read_lines, show_attendance
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.meetings.filters import AttendanceKeptFilter, KindFilter
from scoring_site.workbench.recording.meetings.record import RecordMeeting
from scoring_site.workbench.recording.meetings.steps import (
    AddGuests,
    ChangeAttendance,
    CorrectMeeting,
    ExportMeetings,
    MeetingRecordPaper,
    VoidMeeting,
)


def _count(attendances: QuerySet[Attendance]) -> Coalesce:
    """How many there are, worked out for a meeting that is shown or sorted by it and for no other."""
    counted = attendances.order_by().values("meeting").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


class MeetingAdmin(ScopedModelAdmin[Meeting]):
    """What was held, latest first."""

    card_columns = ("branch", "kinds", "attendance")
    list_filter = (MeetingYearFilter, OwnBranchFilter, KindFilter, AttendanceKeptFilter)
    list_select_related = ("branch", "batch__actor")
    search_fields = ("topic", "place", "host", "kinds__topic")
    search_help_text = gettext_lazy("Topic, place or host")
    row_template = "workbench/recording/meetings/meeting.html"
    subpages = (
        RecordMeeting,
        ChangeAttendance,
        AddGuests,
        CorrectMeeting,
        VoidMeeting,
        MeetingRecordPaper,
        ExportMeetings,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        kept = Attendance.objects.live().filter(meeting=OuterRef("pk")).exclude(status=Attendance.Status.GUEST)
        return (
            super()
            .get_queryset(request)
            .prefetch_related("kinds", "branch__former_names")
            .annotate(
                present=_count(kept.filter(status=Attendance.Status.ATTENDED)),
                beside=_count(kept.filter(status__in=Attendance.BESIDE)),
                expected=_count(kept),
            )
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)
        return (
            column(gettext_lazy("held on"), lambda row: row.held_on, name="held_on", order="held_on"),
            column(gettext_lazy("branch"), lambda row: row.branch_name, name="branch", order="branch__position"),
            column(gettext_lazy("kinds of meeting"), lambda row: name_kinds(row, catalogue), name="kinds"),
            column(gettext_lazy("topic"), lambda row: row.topic or "—", name="topic", order="topic"),
            column(gettext_lazy("place"), lambda row: row.place or "—", name="place", order="place"),
            column(gettext_lazy("present / expected"), show_attendance, name="attendance", order="present"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = []
        user, today = actor_of(request), today_of(request)
        if branches_for(user, on=today, action=Action.DRAFT).exists():
            buttons.append(Button(_("Draft a meeting"), self.url("record"), "edit_note", main=True))
        if branches_for(user, on=today, action=Action.RECORD).exists():
            buttons += [
                Button(_("This month"), page_url("month"), "calendar_month", main=True),
                Button(_("Record a meeting"), self.url("record"), "add"),
                Button(_("QR sign-in"), page_url("points_signin_open"), "qr_code_2"),
            ]
        if branches_for(user, on=today, action=Action.EXPORT).exists():
            buttons.append(ExportMeetings.offer(self, request))
        return buttons

    def row_title(self, row: Meeting) -> str:
        return f"{row.held_on:%Y-%m-%d} {row.branch_name}"

    def row_facts(self, request: HttpRequest, row: Meeting) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch_name),
            Fact(_("held on"), row.held_on),
            Fact(_("kinds of meeting"), name_kinds(row, catalogue_for(request), with_topics=True)),
            Fact(_("topic"), row.topic or "—"),
            Fact(_("place"), row.place or "—"),
            Fact(_("host"), row.host or "—"),
            Fact(_("present / expected"), show_attendance(row)),
            Fact(_("recorded by"), row.batch.recorded_by),
            Fact(_("recorded at"), row.batch.at),
            Fact(_("batch"), str(row.batch), row_url(row.batch)),
        ]
        sign_in = SignIn.objects.filter(meeting=row).annotate(count=Count("scans")).first()
        if sign_in is not None:
            said = _("%(count)d signed in themselves") % {"count": sign_in.count}
            facts.append(Fact(_("sign-in"), said, row_url(sign_in)))
        if row.batch.is_void:
            facts.append(Fact(_("voided at"), row.batch.voided_at))
        return facts

    def row_buttons(self, request: HttpRequest, row: Meeting) -> Sequence[Button]:
        paper = Button(_("Print the meeting record"), self.url("record_pdf", row.pk), "print")
        if row.batch.is_void or not self.may_change(request, row, Action.VOID):
            return [paper]
        return [
            Button(_("Change attendance"), self.url("attendance", row.pk), "how_to_reg", main=True),
            Button(_("Members of other branches"), self.url("guests", row.pk), "group_add"),
            Button(_("Correct the meeting"), self.url("edit", row.pk), "edit"),
            paper,
            Button(_("Void the whole meeting"), self.url("void", row.pk), "block", grave=True),
        ]

    def row_context(self, request: HttpRequest, row: Meeting) -> dict[str, Any]:
        user, today = actor_of(request), today_of(request)
        return {
            "lines": read_lines(row, readable=rows_for(user, row.attendances.all(), on=today)),
            "evidence": show_evidence(request, row),
        }
