"""Putting a recorded meeting or an attendance right, the record on paper, and the list of meetings as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.models import Member
from members.people.naming import tell_apart
from members.selectors import members_in
from points.meetings.attendance import change_attendance
from points.meetings.changes import change_meeting
from points.meetings.guests import add_guests
from points.meetings.phrases import read_meeting_phrases
from points.models import Attendance, Meeting, PointEvent
from points.papers.meetings.meeting_record import TITLE, write_meeting_record
from points.papers.meetings.workbook import export_meetings, write_meetings_workbook
from points.records.void_preview import preview_attendance, preview_batch
from points.records.voiding import void_attendance, void_batch
from points.rules.rulebook import Rulebook
from scoring_site.downloads import send_or_explain, send_written
from scoring_site.forms.fields import ReasonForm
from scoring_site.forms.members import read_exempt
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.editing import EditBranchRow
from scoring_site.workbench.base.list_exports import ListExport
from scoring_site.workbench.base.meeting_words import name_kinds
from scoring_site.workbench.base.pages import RowPage, Text, row_url
from scoring_site.workbench.base.steps import Outcome, ReasonStep, RowStep
from scoring_site.workbench.base.void_words import say_done, say_what_goes
from scoring_site.workbench.recording.meetings.forms import AttendanceForm, ChangeMeetingForm, GuestsForm
from scoring_site.workbench.recording.roster import describe_roster


class ChangeAttendance(RowStep[Meeting, AttendanceForm]):
    """Change how members took part, and add those who were forgotten."""

    name = "attendance"
    action = Action.VOID
    form_class = AttendanceForm
    template = "workbench/recording/meetings/change_attendance.html"
    title = gettext_lazy("Change attendance")
    submit = gettext_lazy("Save the changes")
    intro = (
        gettext_lazy("Change only who stands wrong. The old entry is voided with your reason and recorded anew."),
        gettext_lazy("A make-up session is entered here until the half is submitted."),
    )
    shown_facts = 4

    @cached_property
    def standing(self) -> dict[int, str]:
        """How the branch's own members are entered."""
        # A guest comes off by voiding their attendance; how they took part is not this list's to say.
        own = self.row.attendances.live().exclude(status=Attendance.Status.GUEST)
        return dict(own.values_list("member_id", "status"))

    @cached_property
    def members(self) -> list[Member]:
        """The members of the day, and whoever is entered."""
        there = members_in([self.row.branch_id], self.row.held_on).values("pk")
        listed = Member.objects.filter(Q(pk__in=there) | Q(pk__in=list(self.standing)))
        return tell_apart(listed.order_by("position", "id"))

    def get_form_arguments(self) -> dict[str, Any]:
        exempt = read_exempt(self.members, self.row.held_on)
        return {"members": self.members, "standing": self.standing, "exempt": exempt}

    def get_context(self) -> dict[str, Any]:
        return super().get_context() | {"roster": describe_roster(self.members)}

    def carry_out(self, form: AttendanceForm) -> Outcome:
        data = form.cleaned_data
        done = change_attendance(
            actor=self.actor,
            now=self.now,
            meeting=self.row,
            statuses=data["statuses"],
            seen=data["seen"],
            reason=data["reason"],
            token=data["token"],
        )
        said = _("Changed %(changed)d, added %(added)d, taken off %(removed)d. What stood before stays readable.")
        counts = {"changed": done.changed, "added": done.added, "removed": done.removed}
        return Outcome(self.get_back(), said % counts)


class AddGuests(RowStep[Meeting, GuestsForm]):
    """Enter members of the town's other branches who were there."""

    name = "guests"
    action = Action.VOID
    form_class = GuestsForm
    title = gettext_lazy("Members of other branches")
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy("Who is a member of another branch of the town and took part here earns their points by this."),
        gettext_lazy("Their own branch is told. They count neither as expected nor as present in this branch."),
    )
    shown_facts = 4

    def carry_out(self, form: GuestsForm) -> Outcome:
        data = form.cleaned_data
        done = add_guests(actor=self.actor, now=self.now, meeting=self.row, names=data["names"], token=data["token"])
        said = _("%(count)d entered; their branches are told. To undo it, void their attendance below.")
        return Outcome(self.get_back(), said % {"count": done.added})


class CorrectMeeting(EditBranchRow[ChangeMeetingForm, Meeting]):
    """Put right the day, kinds, topics, place, host or minutes."""

    name = "edit"
    verb = "change_meeting"
    action = Action.VOID
    form_class = ChangeMeetingForm
    template = "workbench/recording/meetings/edit_meeting.html"
    title = gettext_lazy("Correct the meeting")
    submit = gettext_lazy("Save the changes")
    intro = (
        gettext_lazy(
            "Possible while no half of it is submitted. A day in another half: void the meeting and record it anew."
        ),
    )
    warning = (
        gettext_lazy("A kind you untick takes its points back; a kind you tick earns for whoever took part."),
        gettext_lazy("On another day the points are earned anew; whoever has the period from elsewhere keeps that."),
    )
    done = gettext_lazy("Corrected. What stood before is in the log.")

    years: dict[int, Rulebook]

    def prepare(self) -> None:
        super().prepare()
        self.years = catalogue_for(self.request).of_town(self.row.branch.town_id)
        if self.row.held_on.year not in self.years:
            raise Http404

    def get_context(self) -> dict[str, Any]:
        phrases = read_meeting_phrases(self.actor, self.row.branch, on=self.today)
        return super().get_context() | {"phrases": phrases}

    def get_form_arguments(self) -> dict[str, Any]:
        held_on = self.row.held_on
        return {
            "held_on": held_on,
            "rulebook": self.years[held_on.year],
            "years": self.years,
            "initial": _initial_of(self.row),
        }

    def carry_out(self, form: ChangeMeetingForm) -> None:
        data = form.cleaned_data
        change_meeting(
            actor=self.actor,
            now=self.now,
            meeting=self.row,
            kinds=data["kinds"],
            topics=data["topics"],
            held_on=data["held_on"],
            texts={name: data[name] for name in ("topic", "place", "host", "minutes")},
            reason=data["reason"],
            token=data["token"],
        )


def _initial_of(meeting: Meeting) -> dict[str, Any]:
    kinds = list(meeting.kinds.all())
    initial: dict[str, Any] = {name: getattr(meeting, name) for name in ("topic", "place", "host", "minutes")}
    initial |= {"free": not kinds, "held_on": meeting.held_on}
    for kind in kinds:
        initial |= {
            f"kind_{kind.item}": True,
            f"period_{kind.item}": kind.period,
            f"topic_{kind.item}": kind.topic,
        }
    return initial


class VoidAttendance(ReasonStep[Attendance]):
    """Void an attendance and what it earned, after showing it."""

    name = "void"
    action = Action.VOID
    title = gettext_lazy("Void an attendance")
    submit = gettext_lazy("Void")
    done = gettext_lazy("Voided. A void cannot be undone: if it was a mistake, add the member by “Change attendance”.")

    def get_warning(self) -> Sequence[Text]:
        goes = say_what_goes(preview_attendance(self.row), catalogue_for(self.request), self.row.member.town_id)
        return [*goes, _("The attendance and the points it earned will no longer count.")]

    def carry_out(self, form: ReasonForm) -> None:
        void_attendance(actor=self.actor, now=self.now, attendance=self.row, reason=form.cleaned_data["reason"])


class VoidMeeting(ReasonStep[Meeting]):
    """Void a meeting with its attendance and what that earned; the month's dues are another batch (D30)."""

    name = "void"
    action = Action.VOID
    title = gettext_lazy("Void the whole meeting")
    submit = gettext_lazy("Void the whole meeting")
    intro = (
        gettext_lazy("A wrong place, host, topic or day needs no void: put it right by “Correct the meeting”."),
        gettext_lazy("A person entered wrongly needs none either: change the attendance."),
    )

    @cached_property
    def taken(self) -> list[str]:
        """What it takes, read before it is done."""
        return say_what_goes(preview_batch(self.row.batch), catalogue_for(self.request), self.row.branch.town_id)

    def get_warning(self) -> Sequence[Text]:
        batch = self.row.batch
        # Before the two had a batch each, a month's dues lay in the meeting's.
        takes_more = PointEvent.objects.live().filter(batch=batch, attendance__isnull=True).exists()
        stays = _("It will no longer count; it stays readable.")
        return [
            *self.taken,
            stays if takes_more else _("Dues recorded with the meeting stay. What is voided stays readable."),
        ]

    def carry_out(self, form: ReasonForm) -> Outcome:
        taken = self.taken
        void_batch(actor=self.actor, now=self.now, batch=self.row.batch, reason=form.cleaned_data["reason"])
        return Outcome(self.get_back(), say_done(taken))


class MeetingRecordPaper(RowPage[Meeting]):
    """The record of a meeting as PDF."""

    name = "record_pdf"
    route = "record.pdf"
    action = Action.READ

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        return send_or_explain(
            request,
            back=row_url(self.row),
            name=f"{self.row.branch_name}-{self.row.held_on}-{TITLE}",
            write=lambda: write_meeting_record(meeting=self.row, now=self.now),
        )


class ExportMeetings(ListExport[Meeting]):
    """The meetings of the list as a workbook; logged."""

    title = gettext_lazy("Export the list of meetings")
    submit = gettext_lazy("Download the list")
    intro = (gettext_lazy("Choose which meetings are in it by the filters of the list. The export is logged."),)
    count_label = gettext_lazy("meetings in the list")

    def may_take_out(self) -> bool:
        return branches_for(self.actor, on=self.today, action=Action.EXPORT).exists()

    def send(self) -> HttpResponseBase:
        """Date, kinds, attendance of each."""
        catalogue = catalogue_for(self.request)
        export = export_meetings(
            actor=self.actor, now=self.now, meetings=self.rows, name_kinds=lambda row: name_kinds(row, catalogue)
        )
        return send_written(
            lambda file: write_meetings_workbook(export, file), f"{_('meetings')}-{self.today:%Y%m%d}.xlsx"
        )
