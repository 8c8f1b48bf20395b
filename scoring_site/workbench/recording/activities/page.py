"""Logging an activity: one incentive deed for many members, with what it adds to each under the caps before saving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from members.models import Member
from members.selectors import members_in
from points.drafts.payloads import DraftedEvents
from points.models import PointEvent
from points.records.activities import record_activity
from points.records.gains import Gain, read_gains
from points.rules.facts import PointRecord
from points.rules.rulebook import Rulebook
from points.scoring.wording import show_points
from scoring_site.forms.pictures import sent
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.scoped import FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.recording.activities.forms import ActivityForm, read_similar, say_similar
from scoring_site.workbench.recording.drafting import choose_branch, drafts_only, hand_in_draft, writable_branches


class ActivityViews(ScopedModelAdmin[PointEvent]):
    """The pages of the activity, under the point events' address."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("activity/", self.activity_view, "activity"),
            self.page("activity/preview/", self.preview_view, "activity_preview"),
        ]

    def activity_view(self, request: HttpRequest) -> HttpResponseBase:
        """Record one deed for many members of a branch."""
        user, today = actor_of(request), today_of(request)
        branches, branch = choose_branch(request)
        self.require(bool(branches))
        drafts = drafts_only(request, branch)
        rulebooks = catalogue_for(request).of_town(branch.town_id) if branch else {}
        extra: dict[str, Any] = {"branch": branch, "branches": branches, "rulebooks": bool(rulebooks)}
        page = FormPage(
            title=_("Record an activity"),
            back=self.url("changelist"),
            submit=_("Hand in as a draft") if drafts else _("Record the activity"),
            template="workbench/recording/activity.html",
            extra=extra,
        )
        if branch is None or not rulebooks:
            return self.render(request, page.template, title=page.title, context={"page": page, **extra})
        members = list(members_in([branch.pk], today).order_by("position", "id"))
        data, files = sent(request)
        form = ActivityForm(data, files, members=members, rulebooks=rulebooks, today=today)
        extra |= {
            "preview_url": self.url("activity_preview"),
            "names_url": reverse(f"{self.admin_site.name}:points_meeting_names"),
            "party_groups": sorted({member.party_group for member in members if member.party_group}),
        }

        if drafts:
            del form.fields["evidence"]  # files are added by the recorder, to what was recorded

        def carry_out() -> Outcome:
            if drafts:
                return hand_in_draft(request, self, branch, DraftedEvents(form.entries), form.cleaned_data["token"])
            batch = record_activity(
                actor=user,
                now=now_of(request),
                branch=branch,
                entries=form.entries,
                files=form.cleaned_data["evidence"],
                token=form.cleaned_data["token"],
            )
            return Outcome(
                self.url_of(batch),
                _("Recorded for %(count)s members. To undo it, void single records or the whole batch here.")
                % {"count": len(form.entries)},
            )

        return self.run_form(request, form, page, carry_out)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the form as it stands would add, as JSON; nothing is written."""
        user, today = actor_of(request), today_of(request)
        allowed = writable_branches(user, on=today)
        self.require(allowed.exists())
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        wanted = request.POST.get("branch", "")
        if not wanted:
            return JsonResponse({"error": _("Choose a branch first.")}, status=400)
        branch = next((row for row in allowed if str(row.pk) == wanted), None)
        if branch is None:
            raise Http404
        members = list(members_in([branch.pk], today).order_by("position", "id"))
        rulebooks = catalogue_for(request).of_town(branch.town_id)
        if not rulebooks:
            return JsonResponse({"members": {}, "similar": [], "asks_lead": False})
        form = ActivityForm(request.POST, members=members, rulebooks=rulebooks, today=today)
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
    chosen = {member.pk: member for name in ("members", "leaders") for member in data.get(name) or ()}
    leaders = {member.pk for member in data.get("leaders") or ()}
    new = {
        pk: PointRecord(0, item.code, "", day, tenths, pk in leaders)
        for pk in chosen
        if (tenths := form.tenths_of(pk, item)) is not None and 0 < tenths <= item.cap
    }
    everybody = Member.objects.filter(pk__in=[member.pk for member in form.branch_members])
    gains = read_gains(everybody, rulebook=rulebook, year=day.year, item=item.code, new=new)
    similar = read_similar(chosen, item=item.code, day=day, text=data.get("deed", ""))
    return {
        "members": {str(pk): _say_gain(gain, rulebook, item.cap) for pk, gain in gains.items()},
        "similar": [f"{chosen[pk].name}：{say_similar(row)}" for pk, rows in similar.items() for row in rows[:2]],
        "asks_lead": bool(item.confirm_lead and leaders),
    }


def _say_gain(gain: Gain, rulebook: Rulebook, cap: int) -> Mapping[str, str]:
    most = cap if rulebook.settings.lead_bonus == "within_item_cap" else 2 * cap
    full = gain.counted >= most
    return {
        "stands": _("%(counted)s of %(most)s") % {"counted": show_points(gain.counted), "most": show_points(most)}
        + (f"（{_('full')}）" if full else ""),
        "adds": "" if gain.added is None else f"+{show_points(gain.added)}",
        "nothing": "1" if gain.added == 0 else "",
    }
