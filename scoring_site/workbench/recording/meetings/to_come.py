"""Meetings to come (通知与请假): announced, changed, withdrawn; leave answered in one click; the text for the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.log.reasons import REASON_LENGTH
from members.models import Branch
from members.people.naming import tell_rows_apart_at_home
from points.meetings.announcing import (
    announce_meeting,
    announcement_link,
    change_announcement,
    expected_members,
    read_coming,
    say_when,
    withdraw_announcement,
)
from points.meetings.leaves import REASON_LENGTH as LEAVE_LENGTH
from points.meetings.leaves import answer_leave, enter_leave, leaves_to_answer, read_leaves, without_leave
from points.meetings.phrases import read_meeting_phrases
from points.models import Announcement, LeaveRequest
from points.rules.rulebook import Rulebook
from scoring_site.forms.fields import MemberField, ReasonForm, TidyField, TokenForm, WorkbenchForm
from scoring_site.parameters import read_id
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.editing import EditBranchRow
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.meeting_words import name_kinds
from scoring_site.workbench.base.pages import page_url, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import BranchStep, Outcome, ReasonStep, RowStep, TableStep
from scoring_site.workbench.recording.meetings.announce_form import AnnounceForm, initial_of


class EnterLeaveForm(TokenForm):
    """Who asked by telephone or on paper, and why."""

    member = MemberField(label=gettext_lazy("member"), queryset=None, is_part=True)
    reason = TidyField(label=gettext_lazy("reason"), max_length=LEAVE_LENGTH)

    def __init__(self, *args: Any, rows: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("member", rows)


class AnswerForm(WorkbenchForm):
    """The answer to one request: which button was pressed, and the word beside it."""

    leave = forms.CharField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=(("accept", ""), ("decline", "")), widget=forms.HiddenInput)
    remark = TidyField(label=gettext_lazy("a word to the member"), max_length=REASON_LENGTH, required=False)


class AnnounceMeeting(BranchStep[AnnounceForm], TableStep[AnnounceForm]):
    """Announce a meeting to come."""

    name = "new"
    form_class = AnnounceForm
    template = "workbench/recording/meetings/announce.html"
    title = gettext_lazy("Announce a meeting")
    submit = gettext_lazy("Announce")
    intro = (gettext_lazy("Its members see it and can ask for leave. Nothing is recorded by it."),)
    done = gettext_lazy("Announced. Copy the text below into the chat group for those who do not log in.")

    def find_branches(self) -> QuerySet[Branch]:
        return branches_for(self.actor, on=self.today, action=Action.RECORD).order_by("town_id", "position", "id")

    def _rulebooks(self) -> dict[int, Rulebook]:
        return catalogue_for(self.request).of_town(self.branch.town_id) if self.branch else {}

    def is_ready(self) -> bool:
        return bool(self._rulebooks())

    def get_context(self) -> dict[str, Any]:
        phrases = read_meeting_phrases(self.actor, self.branch, on=self.today) if self.branch else None
        return super().get_context() | {"phrases": phrases}

    def get_form_arguments(self) -> dict[str, Any]:
        rulebooks = self._rulebooks()
        return {"rulebook": rulebooks.get(self.today.year) or rulebooks[max(rulebooks)], "years": rulebooks}

    def carry_out(self, form: AnnounceForm) -> Outcome:
        assert self.branch is not None
        announcement = announce_meeting(
            actor=self.actor, now=self.now, branch=self.branch, coming=form.coming, token=form.cleaned_data["token"]
        )
        return Outcome(row_url(announcement), self.done)


class ChangeAnnouncement(EditBranchRow[AnnounceForm, Announcement]):
    """Change what was announced."""

    name = "edit"
    verb = "change_announcement"
    action = Action.RECORD
    form_class = AnnounceForm
    template = "workbench/recording/meetings/announce.html"
    title = gettext_lazy("Change the announcement")
    submit = gettext_lazy("Save the changes")
    intro = (gettext_lazy("On another day, leave asked for before stands for nothing: the members are told."),)
    done = gettext_lazy("Changed. Copy the new text into the chat group.")

    def get_context(self) -> dict[str, Any]:
        phrases = read_meeting_phrases(self.actor, self.row.branch, on=self.today)
        return super().get_context() | {"phrases": phrases}

    def get_form_arguments(self) -> dict[str, Any]:
        rulebooks = catalogue_for(self.request).of_town(self.row.branch.town_id)
        rulebook = rulebooks.get(self.row.day.year) or rulebooks[max(rulebooks)]
        return {"rulebook": rulebook, "years": rulebooks, "initial": initial_of(read_coming(self.row))}

    def carry_out(self, form: AnnounceForm) -> None:
        change_announcement(actor=self.actor, now=self.now, announcement=self.row, coming=form.coming)


class WithdrawAnnouncement(ReasonStep[Announcement]):
    """The meeting does not take place."""

    name = "withdraw"
    action = Action.RECORD
    title = gettext_lazy("Withdraw the announcement")
    submit = gettext_lazy("Withdraw")
    intro = (gettext_lazy("Its members are told that it does not take place, and read the reason."),)
    done = gettext_lazy("Withdrawn. Announce it anew if it takes place after all.")

    def carry_out(self, form: ReasonForm) -> None:
        withdraw_announcement(actor=self.actor, now=self.now, announcement=self.row, reason=form.cleaned_data["reason"])


class EnterLeave(RowStep[Announcement, EnterLeaveForm]):
    """Enter the leave of somebody who asked by telephone or on paper (D26)."""

    name = "leave"
    action = Action.RECORD
    form_class = EnterLeaveForm
    title = gettext_lazy("Enter a leave")
    submit = gettext_lazy("Enter and accept")
    intro = (gettext_lazy("For who asked by telephone or on paper. It is accepted by this; their account is told."),)
    done = gettext_lazy("Entered. The meeting's list will begin with it as excused.")

    def get_form_arguments(self) -> dict[str, Any]:
        own = [self.actor.member_id] if self.actor.member_id else []
        return {"rows": without_leave(self.row, but=own)}

    def carry_out(self, form: EnterLeaveForm) -> None:
        data = form.cleaned_data
        enter_leave(actor=self.actor, now=self.now, announcement=self.row, member=data["member"], reason=data["reason"])


class AnswerLeave(RowStep[Announcement, AnswerForm]):
    """Answer a request; sent from the announcement's page, which has the next one under the hand again."""

    name = "answer"
    action = Action.RECORD
    form_class = AnswerForm
    title = gettext_lazy("Answer a request for leave")
    submit = gettext_lazy("Answer")
    template = "workbench/recording/meetings/answer_leave.html"

    def _leave(self) -> LeaveRequest | None:
        rows = self.row.leaves.select_related("member", "announcement__branch")
        return rows.filter(pk=read_id(self.request.POST.get("leave", ""))).first()

    def get_context(self) -> dict[str, Any]:
        return {"leave": self._leave()}

    def carry_out(self, form: AnswerForm) -> Outcome:
        leave, data = self._leave(), form.cleaned_data
        if leave is None:
            return Outcome(self.get_back(), _("Choose a request on this page."))
        accepted = data["answer"] == "accept"
        answer_leave(actor=self.actor, now=self.now, leave=leave, accepted=accepted, remark=data["remark"])
        said = _("Leave of %(name)s: accepted.") if accepted else _("Leave of %(name)s: declined.")
        return Outcome(f"{self.get_back()}#leaves", said % {"name": leave.member.name})


class StateFilter(ChoiceFilter):
    """Where an announcement stands."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("to come")), ("recorded", _("meeting recorded")), ("withdrawn", _("withdrawn"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "withdrawn":
            return queryset.filter(withdrawn_at__isnull=False)
        still_open = Announcement.objects.open().values("pk")
        if value == "open":
            return queryset.filter(pk__in=still_open)
        return queryset.filter(withdrawn_at__isnull=True).exclude(pk__in=still_open)


class AnnouncementAdmin(ScopedModelAdmin[Announcement]):
    """What is announced, the latest day first, with the leave asked for."""

    card_columns = ("branch", "kinds", "state")
    list_filter = (StateFilter, OwnBranchFilter)
    list_select_related = ("branch__town", "meeting__batch", "made_by")
    row_template = "workbench/recording/meetings/announcement.html"
    subpages = (AnnounceMeeting, ChangeAnnouncement, WithdrawAnnouncement, EnterLeave, AnswerLeave)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Announcement]:
        today_leaves = Q(leaves__day=F("day"))
        waiting = Q(leaves__state=LeaveRequest.State.WAITING)
        accepted = Q(leaves__state=LeaveRequest.State.ACCEPTED)
        return (
            super()
            .get_queryset(request)
            .prefetch_related("kinds", "branch__former_names")
            .annotate(
                waiting=Count("leaves", filter=today_leaves & waiting),
                accepted=Count("leaves", filter=today_leaves & accepted),
            )
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)
        return (
            column(gettext_lazy("when"), say_when, name="when", order="day"),
            column(gettext_lazy("branch"), lambda row: row.branch_name, name="branch", order="branch__position"),
            column(gettext_lazy("kinds of meeting"), lambda row: name_kinds(row, catalogue), name="kinds"),
            column(gettext_lazy("place"), lambda row: row.place, name="place", order="place"),
            column(gettext_lazy("leave to answer"), lambda row: row.waiting or "—", name="waiting", order="waiting"),
            column(gettext_lazy("leave accepted"), lambda row: row.accepted or "—", name="accepted", order="accepted"),
            column(gettext_lazy("state"), name_state, name="state"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Announce a meeting"), self.url("new"), "campaign", main=True)]

    def row_title(self, row: Announcement) -> str:
        return f"{say_when(row)} {row.branch_name}"

    def row_facts(self, request: HttpRequest, row: Announcement) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch_name),
            Fact(_("when"), say_when(row)),
            Fact(_("place"), row.place),
            Fact(_("kinds of meeting"), name_kinds(row, catalogue_for(request), with_topics=True)),
            Fact(_("topic"), row.topic or "—"),
            Fact(_("what to bring or know"), row.note or "—"),
            Fact(_("state"), name_state(row)),
            Fact(_("announced by"), str(row.made_by)),
            Fact(_("announced at"), row.made_at),
        ]
        if row.is_withdrawn:
            facts.append(Fact(_("reason for withdrawing"), row.withdraw_reason))
        if row.meeting is not None:
            facts.append(Fact(_("meeting"), str(row.meeting), row_url(row.meeting)))
        return facts

    def row_buttons(self, request: HttpRequest, row: Announcement) -> Sequence[Button]:
        if not row.is_open or not self.may_change(request, row, Action.RECORD):
            return []
        buttons = []
        if row.day <= today_of(request):
            record = f"{page_url('points_meeting_record')}?announcement={row.pk}&branch={row.branch_id}"
            buttons.append(Button(_("Record the meeting"), record, "add", main=True))
        return [
            *buttons,
            Button(_("Enter a leave"), self.url("leave", row.pk), "event_busy"),
            Button(_("Change the announcement"), self.url("edit", row.pk), "edit"),
            Button(_("Withdraw the announcement"), self.url("withdraw", row.pk), "block", grave=True),
        ]

    def row_context(self, request: HttpRequest, row: Announcement) -> dict[str, Any]:
        reads = self.may_change(request, row, Action.RECORD)
        leaves = list(read_leaves(row)) if reads else []
        tell_rows_apart_at_home(leaves, lambda leave: leave.member, on=row.day)
        mine = set(leaves_to_answer(actor_of(request), on=today_of(request)).values_list("pk", flat=True))
        return {
            "reads_leaves": reads,
            "waiting": [(leave, leave.pk in mine) for leave in leaves if leave.state == LeaveRequest.State.WAITING],
            "answered": [leave for leave in leaves if leave.state != LeaveRequest.State.WAITING],
            "answer_url": self.url("answer", row.pk),
            "expected": expected_members(row).count(),
            "chat_text": write_chat_text(request, row) if row.is_open and reads else "",
        }


def name_state(row: Announcement) -> str:
    """Where an announcement stands, in a word."""
    if row.is_withdrawn:
        return _("withdrawn")
    return _("meeting recorded") if row.is_recorded else _("to come")


def write_chat_text(request: HttpRequest, row: Announcement) -> str:
    """What is pasted into the branch's chat group; it names nobody, and no leave."""
    address = request.build_absolute_uri(announcement_link(row))
    lines = [
        _("Notice of %(branch)s") % {"branch": row.branch_name},
        _("When: %(when)s") % {"when": say_when(row)},
        _("Where: %(place)s") % {"place": row.place},
        _("What: %(kinds)s") % {"kinds": name_kinds(row, catalogue_for(request), with_topics=True)},
        row.topic and _("Topic: %(topic)s") % {"topic": row.topic},
        row.note,
        _("Who cannot come asks for leave beforehand, here or by telephone: %(address)s") % {"address": address},
    ]
    return "\n".join(filter(None, lines))
