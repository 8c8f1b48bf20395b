"""Meetings with their attendance: recorded in one form, corrected by voiding an attendance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, rows_for
from members.admin.filters import BranchFilter, ChoiceFilter, LiveFilter, OwnBranchFilter
from members.admin.forms import ReasonForm
from members.admin.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin, actor_of, now_of, today_of
from members.models import Branch
from members.selectors import members_in
from points.admin.columns import Column, ItemFilter, MeetingYearFilter, column, find_by_member, show_state, void_facts
from points.admin.evidence_panel import show_evidence
from points.catalogue import Catalogue, catalogue_for
from points.forms import MeetingForm
from points.meetings import record_meeting
from points.models import Attendance, Meeting, MeetingKind
from points.rules.periods import period_year
from points.voiding import void_attendance
from points.wording import name_period


class KindFilter(ItemFilter):
    """Meetings that counted for an item."""

    title = gettext_lazy("kind of meeting")

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(pk__in=MeetingKind.objects.filter(item=value).values("meeting"))


def name_kind(catalogue: Catalogue, town_id: int, item: str, period: str) -> str:
    """A kind of meeting with its period, in words."""
    return f"{catalogue.name(town_id, period_year(period), item)}（{name_period(period)}）"


def name_kinds(meeting: Meeting, catalogue: Catalogue) -> str:
    """The kinds of a meeting with their periods, in words."""
    town_id = meeting.branch.town_id
    return "、".join(name_kind(catalogue, town_id, kind.item, kind.period) for kind in meeting.kinds.all())


class MeetingAdmin(ScopedModelAdmin[Meeting]):
    """What was held, latest first."""

    list_filter = (MeetingYearFilter, OwnBranchFilter, KindFilter)
    list_select_related = ("branch",)
    search_fields = ("topic",)
    search_help_text = gettext_lazy("Topic")
    row_template = "workbench/meeting.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Meeting]:
        live = Q(attendances__voided_at__isnull=True)
        return (
            super()
            .get_queryset(request)
            .prefetch_related("kinds")
            .annotate(
                present=Count("attendances", filter=live & Q(attendances__status__in=Attendance.EARNING)),
                expected=Count("attendances", filter=live),
            )
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)
        return (
            column(gettext_lazy("held on"), lambda row: row.held_on, name="held_on", order="held_on"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("kinds of meeting"), lambda row: name_kinds(row, catalogue), name="kinds"),
            column(gettext_lazy("topic"), lambda row: row.topic or "—", name="topic"),
            column(gettext_lazy("present / expected"), _show_attendance, name="attendance"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("record/", self.record_view, "record")]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Record a meeting"), self.url("record"), "add", main=True)]

    def row_title(self, row: Meeting) -> str:
        return f"{row.held_on:%Y-%m-%d} {row.branch.name}"

    def row_facts(self, request: HttpRequest, row: Meeting) -> Sequence[Fact]:
        return [
            Fact(_("branch"), row.branch.name),
            Fact(_("held on"), row.held_on),
            Fact(_("kinds of meeting"), name_kinds(row, catalogue_for(request))),
            Fact(_("topic"), row.topic or "—"),
            Fact(_("place"), row.place or "—"),
            Fact(_("host"), row.host or "—"),
            Fact(_("present / expected"), _show_attendance(row)),
            Fact(_("recorded by"), str(row.batch.actor)),
            Fact(_("recorded at"), row.batch.at),
        ]

    def row_context(self, request: HttpRequest, row: Meeting) -> dict[str, Any]:
        attendances = row.attendances.select_related("member", "voided_by").order_by("member__position", "pk")
        visible = set(
            rows_for(actor_of(request), row.attendances.all(), on=today_of(request)).values_list("pk", flat=True)
        )
        return {
            "evidence": show_evidence(request, row),
            "attendances": [
                (attendance, self.url_of(attendance) if attendance.pk in visible else "") for attendance in attendances
            ]
        }

    def record_view(self, request: HttpRequest) -> HttpResponseBase:
        """Record a meeting; the list shows the branch's members on its day."""
        user, today = actor_of(request), today_of(request)
        branches = list(branches_for(user, on=today, action=Action.RECORD).order_by("town_id", "position", "id"))
        self.require(bool(branches))
        wanted = request.GET.get("branch", "")
        branch = next((row for row in branches if str(row.pk) == wanted), branches[0] if len(branches) == 1 else None)
        extra: dict[str, Any] = {"branch": branch, "branches": branches}
        page = FormPage(
            title=_("Record a meeting"),
            back=self.url("changelist"),
            submit=_("Record"),
            intro=[_("Everybody attended unless you say otherwise; whoever took part earns the item of the period.")],
            template="workbench/record_meeting.html",
            extra=extra,
        )
        if branch is None:
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})
        day = _read_day(request.POST.get("held_on", ""), today)
        form = self._make_form(request, branch, day)
        if form is None:
            extra["no_rulebook"] = day.year
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})

        def carry_out() -> Outcome:
            data = form.cleaned_data
            meeting = record_meeting(
                actor=user,
                now=now_of(request),
                branch=branch,
                held_on=data["held_on"],
                kinds=data["kinds"],
                statuses=data["statuses"],
                topic=data["topic"],
                place=data["place"],
                host=data["host"],
                token=data["token"],
            )
            return Outcome(
                self.url_of(meeting),
                _("Recorded for %(count)s members. To undo it, void single attendances or the whole batch.")
                % {"count": len(data["statuses"])},
            )

        return self.run_form(request, form, page, carry_out)

    @staticmethod
    def _make_form(request: HttpRequest, branch: Branch, day: date) -> MeetingForm | None:
        """The form for a branch's members on a day, or None in a year without rulebook."""
        rulebooks = catalogue_for(request).of_town(branch.town_id)
        if day.year not in rulebooks:
            return None
        return MeetingForm(
            request.POST if request.method == "POST" else None,
            members=list(members_in([branch.pk], day).order_by("position", "id")),
            rulebook=rulebooks[day.year],
            years=rulebooks,
            initial={"held_on": day},
        )


class AttendanceYearFilter(MeetingYearFilter):
    """The year of the meeting."""

    date_path = "meeting__held_on"


class StatusFilter(ChoiceFilter):
    """How somebody took part."""

    title = gettext_lazy("attendance")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Attendance.Status.choices)


class AttendanceAdmin(ScopedModelAdmin[Attendance]):
    """Single attendances; a change voids one, and another meeting's attendance may then earn."""

    list_filter = (AttendanceYearFilter, StatusFilter, BranchFilter, LiveFilter)
    list_select_related = ("member", "meeting__branch")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Attendance], search_term: str
    ) -> tuple[QuerySet[Attendance], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("meeting"), lambda row: str(row.meeting), name="meeting", order="meeting__held_on"),
            column(gettext_lazy("attendance"), lambda row: row.get_status_display(), name="status", order="status"),
            column(gettext_lazy("validity"), show_state, name="state", order="voided_at"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("<int:object_id>/void/", self.void_view, "void")]

    def may_change(self, request: HttpRequest, row: Attendance, action: Action) -> bool:
        """The branch that held the meeting corrects its attendance, as `void_attendance` has it."""
        meetings = Meeting.objects.filter(pk=row.meeting_id)
        return rows_for(actor_of(request), meetings, on=today_of(request), action=action).exists()

    def row_title(self, row: Attendance) -> str:
        return f"{row.member.name} {row.meeting.held_on:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Attendance) -> Sequence[Fact]:
        reads = rows_for(actor_of(request), Meeting.objects.filter(pk=row.meeting_id), on=today_of(request)).exists()
        return [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
            Fact(_("meeting"), str(row.meeting), self.url_of(row.meeting) if reads else ""),
            Fact(_("kinds of meeting"), name_kinds(row.meeting, catalogue_for(request))),
            Fact(_("attendance"), row.get_status_display()),
            *void_facts(row),
        ]

    def row_buttons(self, request: HttpRequest, row: Attendance) -> Sequence[Button]:
        if row.is_void or not self.may_change(request, row, Action.VOID):
            return []
        return [Button(_("Void"), self.url("void", row.pk), "block", grave=True)]

    def void_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Void an attendance and what it earned, after showing it."""
        attendance = self.row_for(request, str(object_id), Action.VOID)
        form = ReasonForm(request.POST or None)

        def carry_out() -> Outcome:
            void_attendance(
                actor=actor_of(request),
                now=now_of(request),
                attendance=attendance,
                reason=form.cleaned_data["reason"],
            )
            return Outcome(
                self.url_of(attendance),
                _("Voided. A void cannot be undone: if it was a mistake, record the meeting again for this member."),
            )

        page = FormPage(
            title=_("Void an attendance"),
            back=self.url_of(attendance),
            submit=_("Void"),
            warning=[
                _("The attendance and the points it earned will no longer count."),
                _("Where the member took part in another meeting of the same period, that one earns in its place."),
            ],
            facts=self.row_facts(request, attendance),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


def _show_attendance(meeting: Meeting) -> str:
    return f"{meeting.present} / {meeting.expected}"  # type: ignore[attr-defined]


def _read_day(text: str, today: date) -> date:
    """The day a form sent, or today where it is none; the form itself says what is wrong with it."""
    try:
        return parse_date(text) or today
    except ValueError:
        return today
