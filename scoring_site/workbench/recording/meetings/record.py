"""Recording a meeting: the form shows the branch's members on its day, or those of a sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.errors import TextTooLong
from members.models import Branch, Member
from members.people.naming import tell_apart
from members.selectors import members_in
from points.errors import SignInRefused
from points.evidence.links import attach_evidence
from points.meetings.announcing import find_announcement, read_coming
from points.meetings.holding import HeldMeeting, record_meeting
from points.meetings.last_time import read_last_time
from points.meetings.leaves import NO_LEAVE, LeaveRoll, read_leave_roll
from points.meetings.phrases import read_meeting_phrases
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Announcement, Meeting, SignIn
from scoring_site.forms.fields import read_day
from scoring_site.forms.members import read_exempt
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import Text, row_url
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.recording.drafting import RecordingStep, hand_in_draft, require_writable_branches
from scoring_site.workbench.recording.last_time import read_as_last_time, typed_values
from scoring_site.workbench.recording.leave_seen import NOT_SHOWN, excuse, has_unseen_leave, say_announced
from scoring_site.workbench.recording.meetings.announce_form import initial_of
from scoring_site.workbench.recording.meetings.forms import MeetingForm
from scoring_site.workbench.recording.roster import (
    describe_pasted,
    describe_roster,
    mark_pasted,
    read_pasted,
    say_too_long,
)


class RecordMeeting(RecordingStep[MeetingForm], TableStep[MeetingForm]):
    """Record a meeting with its attendance."""

    name = "record"
    form_class = MeetingForm
    records = True
    template = "workbench/recording/meetings/record_meeting.html"
    title = gettext_lazy("Record a meeting")
    submit = gettext_lazy("Record")

    sign_in: SignIn | None
    wanted: Announcement | None
    """The meeting to come that the address names."""

    def get_draft(self) -> str:
        return f"meeting:{self.branch.pk}:{self.sign_in.pk if self.sign_in else ''}" if self.branch else ""

    def prepare(self) -> None:
        branches = require_writable_branches(self.request)
        recordable = branches_for(self.actor, on=self.today, action=Action.RECORD)
        self.sign_in = sign_in = _find_sign_in(self.request, recordable)
        self.wanted = wanted = _find_wanted(self.request, recordable)
        source = sign_in or wanted
        self.take([row for row in branches if source is None or row.pk == source.branch_id])

    @cached_property
    def day(self) -> date:
        """The day the form is about: the one sent, else that of the sign-in, else today."""
        start = timezone.localdate(self.sign_in.opens_at) if self.sign_in else self.today
        if self.wanted is not None:
            start = min(self.wanted.day, self.today)
        return read_day(self.request.POST.get("held_on", ""), start)

    @cached_property
    def announcement(self) -> Announcement | None:
        """What announced a meeting of the branch on the day, for who records it: the list begins with its leave."""
        if self.branch is None or self.drafts:
            return None
        if self.wanted is not None and self.wanted.day == self.day and self.wanted.is_open:
            return self.wanted
        sent = {name.removeprefix("kind_") for name in self.request.POST if name.startswith("kind_")}
        return find_announcement(self.branch, self.day, items=sent or None)

    @cached_property
    def leaves(self) -> LeaveRoll:
        """Whose leave was accepted, and who has no answer yet."""
        return read_leave_roll(self.announcement) if self.announcement else NO_LEAVE

    def is_ready(self) -> bool:
        return self.day.year in self.rulebooks

    def get_back(self) -> str:
        return super().get_back() if self.sign_in is None else row_url(self.sign_in)

    def get_intro(self) -> Sequence[Text]:
        if self.sign_in is None:
            return [_("Everybody attended unless you say otherwise; whoever took part earns the item of the period.")]
        return [_("Who signed in stands as attended, the others as absent. Confirm the list: you know who was there.")]

    def get_context(self) -> dict[str, Any]:
        no_rulebook = self.day.year if self.branch is not None and not self.is_ready() else None
        context: dict[str, Any] = {"branch": self.branch, "branches": self.branches, "no_rulebook": no_rulebook}
        if self.announcement is not None and self.is_ready():
            here = {member.pk for member in self.members}
            counts = {"accepted": len(self.leaves.accepted & here), "waiting": len(self.leaves.waiting & here)}
            context["announced"] = say_announced(self.announcement, **counts)
        if self.branch is not None:
            context |= {"day": self.day, "roster": describe_roster(self.members)}
            context["phrases"] = read_meeting_phrases(self.actor, self.branch, on=self.today)
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Record the meeting, or show the form again with the attendance a button asked for."""
        if self.is_ready() and request.POST.get("do"):
            return self._show_marked(request.POST["do"], self.make_form())
        leaves = self.leaves.accepted if self.is_ready() else frozenset()
        if leaves and has_unseen_leave(request.POST, leaves & {member.pk for member in self.members}):
            return self._show_leave(self.make_form())
        return super().post(request, *args, **kwargs)

    def _show_leave(self, sent: MeetingForm) -> HttpResponseBase:
        """The form shown anew, those with leave who stood as usual as excused; nothing is saved."""
        messages.warning(self.request, NOT_SHOWN)
        return self.show(self._make_form(initial=typed_values(sent), marks=excuse(sent.statuses, sent.excused)))

    def _show_marked(self, do: str, sent: MeetingForm) -> HttpResponseBase:
        """The form shown anew, as last time or as a pasted list says, and everything typed; nothing is saved."""
        values, statuses = typed_values(sent), dict(sent.statuses)
        context: dict[str, Any] = {}
        if do == "last" and sent.last is not None:
            statuses.update((pk, said) for pk, said in sent.last.statuses.items() if pk not in sent.excused)
            sent.last.fill(values)
            context["was_asked"] = True
        elif do == "paste":
            said = values["pasted_as"] or ""
            try:
                pasted = read_pasted(values["pasted"] or "", self.members, said)
            except TextTooLong:
                messages.error(self.request, say_too_long())
            else:
                mark_pasted(statuses, sent.usual, listed=pasted.member_ids, said=said, own=sent.scanned or ())
                context["pasted"] = describe_pasted(pasted, self.members, said=said, closed=sent.exempt)
        return self.show(self._make_form(initial=values, marks=statuses), **context)

    @cached_property
    def members(self) -> list[Member]:
        """The branch's members on the day."""
        assert self.branch is not None
        return tell_apart(members_in([self.branch.pk], self.day).order_by("position", "id"))

    def make_form(self) -> MeetingForm:
        """The form for the branch's members on the day, filled with what was sent."""
        if self.request.method == "POST":
            return self._make_form(self.request.POST.copy(), self.request.FILES)
        initial: dict[str, Any] = initial_of(read_coming(self.announcement)) if self.announcement else {}
        return self._make_form(initial=initial | {"held_on": self.day})

    def _make_form(self, *sent: Any, **further: Any) -> MeetingForm:
        assert self.branch is not None
        members = self.members
        scanned: dict[int, datetime] | None = None
        if self.sign_in is not None:
            scanned = dict(self.sign_in.scans.values_list("member_id", "at"))
        exempt = read_exempt(members, self.day)
        # Who signed in says more than who was there last time; of who is exempt nothing is copied (D16).
        expected = [member for member in members if member.pk not in exempt]
        last = read_as_last_time(read_last_time(self.branch, through=self.day), expected) if scanned is None else None
        form = MeetingForm(
            *sent,
            members=members,
            exempt=exempt,
            rulebook=self.rulebooks[self.day.year],
            years=self.rulebooks,
            scanned=scanned,
            last=last,
            leaves=self.leaves,
            **further,
        )
        if self.drafts:
            del form.fields["photos"]  # files are added by the recorder, to what was recorded
        return form

    def carry_out(self, form: MeetingForm) -> Outcome:
        assert self.branch is not None
        if self.drafts:
            data = form.cleaned_data
            names = ("held_on", "kinds", "statuses", "topic", "place", "host", "minutes", "topics")
            held = HeldMeeting(self.branch, **{name: data[name] for name in names})
            return hand_in_draft(self.request, self.branch, held, data["token"])
        try:
            meeting = self._record(form, self.branch)
        except SignInRefused:
            # Who signed in meanwhile is on the list that is shown now.
            form.data["signed"] = len(form.scanned or {})  # type: ignore[index] # a copy, see make_form
            raise
        said = _("Recorded for %(count)s members. To undo it, change the attendance or void the whole meeting.")
        return Outcome(row_url(meeting), said % {"count": len(form.cleaned_data["statuses"])})

    def _record(self, form: MeetingForm, branch: Branch) -> Meeting:
        """Write the meeting with its files: all of it or nothing."""
        data, actor, now = form.cleaned_data, self.actor, self.now
        values = {
            name: data[name]
            for name in ("held_on", "kinds", "statuses", "topics", "topic", "place", "host", "minutes", "token")
        }
        with transaction.atomic():
            if self.sign_in is None:
                meeting = record_meeting(actor=actor, now=now, branch=branch, **values)
            else:
                meeting = record_signed_in_meeting(
                    actor=actor, now=now, sign_in=self.sign_in, seen=data["signed"] or 0, **values
                )
            attach_evidence(actor=actor, now=now, files=data["photos"], subject=meeting)
        return meeting


def _find_wanted(request: HttpRequest, branches: QuerySet[Branch]) -> Announcement | None:
    """The meeting to come that the address names. Raises Http404 where it is not the user's to record."""
    wanted = request.GET.get("announcement", "")
    if not wanted:
        return None
    rows = Announcement.objects.filter(branch__in=branches.order_by().values("pk"))
    found = rows.select_related("meeting__batch").filter(pk=read_id(wanted)).first()
    if found is None:
        raise Http404
    return found


def _find_sign_in(request: HttpRequest, branches: QuerySet[Branch]) -> SignIn | None:
    """The sign-in the address names. Raises Http404 where it is not the user's to record."""
    wanted = request.GET.get("sign_in", "")
    if not wanted:
        return None
    sign_ins = SignIn.objects.filter(branch__in=branches.order_by().values("pk"))
    sign_in = sign_ins.filter(pk=read_id(wanted)).first()
    if sign_in is None:
        raise Http404
    return sign_in
