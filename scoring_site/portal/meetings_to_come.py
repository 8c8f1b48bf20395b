"""The portal's page of a meeting to come: when, where and what, and asking for leave. Another branch's is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import DomainError
from members.models import User
from members.notifications import mark_read
from points.meetings.announcing import announcement_link, say_when
from points.meetings.leaves import REASON_LENGTH, ask_leave, take_back_leave
from points.models import Announcement, LeaveRequest
from points.rules.periods import first_day, last_day, period_year
from points.scoring.adoption import rulebooks_of
from points.scoring.wording import name_period
from scoring_site.forms.fields import TidyField
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.sent_once import sent_once


class LeaveForm(forms.Form):
    """Why somebody cannot come."""

    reason = TidyField(
        label=gettext_lazy("Why can you not come?"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only you and those who record for your branch read it."),
    )


@dataclass(frozen=True, slots=True)
class ToCome:
    """A meeting to come as the member sees it, with their latest request for its day."""

    announcement: Announcement
    when: str
    kinds: str
    leave: LeaveRequest | None

    @property
    def url(self) -> str:
        return announcement_link(self.announcement)

    @property
    def may_ask(self) -> bool:
        return self.announcement.is_open and not self.may_take_back

    @property
    def may_take_back(self) -> bool:
        return self.announcement.is_open and self.leave is not None and self.leave.state in LeaveRequest.STANDING


def list_to_come(user: User, *, on: date) -> list[ToCome]:
    """The meetings to come that are the user's, the next one first; a limited account sees none (D29)."""
    if user.member is None or user.is_limited:
        return []
    rows = _seen_by(user.member.pk, since=on).order_by("day", "starts", "pk")
    return [shown for shown in _describe(user, list(rows)) if not shown.announcement.is_recorded]


def _seen_by(member_id: int, *, since: date) -> QuerySet[Announcement]:
    rows = Announcement.objects.seen_by(member_id, since=since)
    return rows.select_related("branch__town", "meeting__batch").prefetch_related("kinds", "branch__former_names")


def _describe(user: User, rows: list[Announcement]) -> list[ToCome]:
    """Each with the user's own latest request; two queries."""
    if user.member is None or not rows:
        return []
    rulebooks = rulebooks_of(user.member.town)
    leaves = LeaveRequest.objects.filter(member=user.member, announcement__in=[row.pk for row in rows])
    own = {(leave.announcement_id, leave.day): leave for leave in leaves.select_related("entered_by")}
    return [
        ToCome(
            row,
            say_when(row),
            "、".join(
                rulebooks[period_year(kind.period)].item_names().get(kind.item, kind.item)
                + _say_other_period(kind.period, row.day)
                for kind in row.kinds.all()
                if period_year(kind.period) in rulebooks
            )
            or _("free activity"),
            own.get((row.pk, row.day)),
        )
        for row in rows
    ]


def _say_other_period(period: str, day: date) -> str:
    """The period a meeting counts for, where its day does not say so already."""
    return "" if first_day(period) <= day <= last_day(period) else f"（{name_period(period)}）"


def _own(request: HttpRequest, token: UUID) -> ToCome:
    """One that is the user's to see. Raises Http404 for another's."""
    user = actor_of(request)
    if user.member_id is None:
        raise Http404
    shown = _describe(user, list(_seen_by(user.member_id, since=date.min).filter(uuid=token)))
    if not shown:
        raise Http404
    return shown[0]


@lies_under("home")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def show_meeting_to_come(request: HttpRequest, token: UUID) -> HttpResponse:
    """A meeting to come; POST asks for leave, and what was typed stays when it cannot be taken."""
    user, now = actor_of(request), now_of(request)
    shown = _own(request, token)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_leave(actor=user, now=now, announcement=shown.announcement, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Asked for. The answer stands here; until then you are expected."))
            return redirect(shown.url)
    if request.method != "POST":
        mark_read(user=user, now=now, link=shown.url)
    is_over = shown.announcement.day < today_of(request)
    return render(request, "portal/meetings/meeting.html", {"shown": shown, "form": form, "is_over": is_over})


@lies_under("home")
@require_POST
def take_back_own_leave(request: HttpRequest, token: UUID) -> HttpResponse:
    """I come after all."""
    shown = _own(request, token)
    if shown.leave is None:
        raise Http404
    try:
        take_back_leave(actor=actor_of(request), now=now_of(request), leave=shown.leave)
    except DomainError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Taken back: you are expected at the meeting."))
    return redirect(shown.url)
