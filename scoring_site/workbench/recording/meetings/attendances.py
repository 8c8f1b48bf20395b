"""Single attendances: one is voided with a reason; several are changed on their meeting's page."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, members_for, rows_for
from points.models import Attendance, Meeting
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import (
    Column,
    MeetingYearFilter,
    column,
    find_by_member,
    state_with_void,
    void_facts,
)
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter, LiveFilter
from scoring_site.workbench.base.meeting_words import name_kinds
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.meetings.steps import VoidAttendance


class AttendanceYearFilter(MeetingYearFilter):
    """The year of the meeting."""

    date_path = "meeting__held_on"


class StatusFilter(ChoiceFilter):
    """How somebody took part."""

    title = gettext_lazy("attendance")
    parameter_name = "status"
    offered = Attendance.Status


class AttendanceAdmin(ScopedModelAdmin[Attendance]):
    """Single attendances; a change voids one, and another meeting's attendance may then earn."""

    list_filter = (AttendanceYearFilter, StatusFilter, BranchFilter, LiveFilter)
    list_select_related = ("member", "meeting__branch")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-id",)
    subpages = (VoidAttendance,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attendance]:
        voidable = branches_for(actor_of(request), on=today_of(request), action=Action.VOID)
        return super().get_queryset(request).annotate(may_void=Exists(voidable.filter(pk=OuterRef("meeting__branch"))))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Attendance], search_term: str
    ) -> tuple[QuerySet[Attendance], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("meeting"), lambda row: str(row.meeting), name="meeting", order="meeting__held_on"),
            column(gettext_lazy("attendance"), lambda row: row.get_status_display(), name="status", order="status"),
            column(gettext_lazy("validity"), state_with_void(self.url_by_row("void")), name="state", order="voided_at"),
        )

    def row_title(self, row: Attendance) -> str:
        return f"{row.member.listed_name} {row.meeting.held_on:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Attendance) -> Sequence[Fact]:
        user, today = actor_of(request), today_of(request)
        reads = rows_for(user, Meeting.objects.filter(pk=row.meeting_id), on=today).exists()
        # Whoever moved away since is the other branch's member; the attendance stays with who held the meeting.
        is_member = members_for(user, on=today).filter(pk=row.member_id).exists()
        return [
            Fact(_("member"), row.member.listed_name, row_url(row.member) if is_member else ""),
            Fact(_("meeting"), str(row.meeting), row_url(row.meeting) if reads else ""),
            Fact(_("kinds of meeting"), name_kinds(row.meeting, catalogue_for(request))),
            Fact(_("attendance"), row.get_status_display()),
            *void_facts(row),
        ]

    def row_buttons(self, request: HttpRequest, row: Attendance) -> Sequence[Button]:
        if row.is_void or not self.may_change(request, row, Action.VOID):
            return []
        change = page_url("points_meeting_attendance", row.meeting_id)
        return [
            Button(_("Change attendance"), change, "how_to_reg", main=True),
            Button(_("Void"), self.url("void", row.pk), "block", grave=True),
        ]
