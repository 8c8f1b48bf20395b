"""Logging an activity: one incentive deed for many members, with what it adds to each under the caps before saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.models import Branch, Member
from members.people.naming import tell_apart
from members.selectors import members_in
from points.drafts.payloads import EventsContent
from points.records.activities import record_activity
from points.records.added_points import AddedPoints, read_added_points
from points.records.phrases import read_phrases
from points.rules.facts import PointRecord
from points.rules.rulebook import Rulebook
from scoring_site.forms.members import read_exempt
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import WorkbenchPage, page_url, row_url
from scoring_site.workbench.base.steps import Outcome
from scoring_site.workbench.recording.activities.forms import ActivityForm, read_similar, say_similar
from scoring_site.workbench.recording.drafting import (
    RecordingStep,
    hand_in_draft,
    require_writable_branches,
)
from scoring_site.workbench.recording.roster import describe_roster


class ActivityPage(RecordingStep[ActivityForm]):
    """Record one deed for many members of a branch."""

    route = "activity/"
    name = "activity"
    form_class = ActivityForm
    records = True
    template = "workbench/recording/activity.html"
    title = gettext_lazy("Record an activity")
    submit = gettext_lazy("Record the activity")

    members: Sequence[Member] = ()

    def prepare(self) -> None:
        super().prepare()
        if self.branch is not None and self.rulebooks:
            self.members = tell_apart(members_in([self.branch.pk], self.today).order_by("position", "id"))

    def is_ready(self) -> bool:
        return bool(self.rulebooks)

    def get_draft(self) -> str:
        return f"activity:{self.branch.pk}" if self.branch else ""

    def get_back(self) -> str:
        return page_url("points_pointevent_changelist")

    def get_form_arguments(self) -> dict[str, Any]:
        exempt = read_exempt(self.members, self.today)
        return {"members": self.members, "rulebooks": self.rulebooks, "today": self.today, "exempt": exempt}

    def make_form(self) -> ActivityForm:
        form = super().make_form()
        if self.drafts:
            del form.fields["evidence"]  # files are added by the recorder, to what was recorded
        return form

    def get_context(self) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "branches": self.branches,
            "rulebooks": bool(self.rulebooks),
            "preview_url": page_url("activity_preview"),
            "roster": describe_roster(self.members),
            "phrases": read_phrases(self.actor, self.branch, on=self.today) if self.branch else [],
        }

    def carry_out(self, form: ActivityForm) -> Outcome:
        assert self.branch is not None
        if self.drafts:
            content = EventsContent(form.entries)
            return hand_in_draft(self.request, self.branch, content, form.cleaned_data["token"])
        batch = record_activity(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            entries=form.entries,
            files=form.cleaned_data["evidence"],
            token=form.cleaned_data["token"],
        )
        said = _("Recorded for %(count)s members. To undo it, void single records or the whole batch here.")
        return Outcome(row_url(batch), said % {"count": len(form.entries)})


class ActivityPreview(WorkbenchPage):
    """What the form as it stands would add, as JSON; nothing is written."""

    route = "activity/preview/"
    name = "activity_preview"
    menu = ActivityPage.name

    branches: Sequence[Branch]

    def prepare(self) -> None:
        self.branches = require_writable_branches(self.request)

    def post(self, request: HttpRequest) -> JsonResponse:
        """Answer what the page asks after each change."""
        wanted = request.POST.get("branch", "")
        if not wanted:
            return JsonResponse({"error": _("Choose a branch first.")}, status=400)
        branch = next((row for row in self.branches if str(row.pk) == wanted), None)
        if branch is None:
            raise Http404
        rulebooks = catalogue_for(request).of_town(branch.town_id)
        if not rulebooks:
            return JsonResponse({"members": {}, "similar": [], "asks_lead": False})
        members = tell_apart(members_in([branch.pk], self.today).order_by("position", "id"))
        form = ActivityForm(request.POST, members=members, rulebooks=rulebooks, today=self.today)
        form.is_valid()
        return JsonResponse(read_preview(form))


def read_preview(form: ActivityForm) -> dict[str, Any]:
    """Each member's standing with the item, what the deed adds, what is like it, and whether leading is unusual."""
    data = form.cleaned_data
    day, code = data.get("date"), data.get("item")
    rulebook = form.rulebooks.get(day.year) if day else None
    item = next((entry for entry in rulebook.incentive if entry.code == code), None) if rulebook else None
    if rulebook is None or item is None or day is None:
        return {"members": {}, "similar": [], "asks_lead": False}
    picked = {member.pk for name in ("members", "leaders") for member in data.get(name) or ()}
    chosen = {member.pk: member for member in form.branch_members if member.pk in picked}
    leaders = {member.pk for member in data.get("leaders") or ()}
    new = {
        pk: PointRecord(0, item.code, "", day, tenths, pk in leaders)
        for pk in chosen
        if (tenths := form.tenths_of(pk, item)) is not None and 0 < tenths <= item.cap
    }
    everybody = Member.objects.filter(pk__in=[member.pk for member in form.branch_members])
    gains = read_added_points(everybody, rulebook=rulebook, year=day.year, item=item.code, new=new)
    similar = read_similar(chosen, item=item.code, day=day, text=data.get("deed", ""))
    return {
        "members": {str(pk): _describe_added_points(gain, rulebook, item.cap) for pk, gain in gains.items()},
        "similar": [
            f"{chosen[pk].listed_name}：{say_similar(row)}" for pk, rows in similar.items() for row in rows[:2]
        ],
        "asks_lead": bool(item.confirm_lead and leaders),
    }


def _describe_added_points(gain: AddedPoints, rulebook: Rulebook, cap: int) -> Mapping[str, str]:
    most = cap if rulebook.settings.lead_bonus == "within_item_cap" else 2 * cap
    full = gain.counted >= most
    return {
        "stands": _("%(counted)s of %(most)s") % {"counted": show_points(gain.counted), "most": show_points(most)}
        + (f"（{_('full')}）" if full else ""),
        "adds": "" if gain.added is None else f"+{show_points(gain.added)}",
        "nothing": "1" if gain.added == 0 else "",
    }
