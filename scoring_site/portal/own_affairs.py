"""The portal's pages for a member's own affairs: the data held about them, and their application for exemption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.errors import DomainError
from members.access import reach_of
from members.models import Exemption, ExemptionApplication, Informing, Member, Membership
from members.notifications import mark_read
from members.people.data_requests import QUESTION_LENGTH, ask_about_data
from members.people.fields import MEMBER_FIELDS
from members.people.informing import acknowledge_own_data
from members.roster_files.matching import BEFORE_ANY_YEAR
from members.selectors import branch_on
from points.roster.exemption_applications import APPLICATION_LENGTH, apply_for_exemption, withdraw_application
from points.roster.exemptions import next_half_start
from scoring_site.downloads import send_written
from scoring_site.forms.fields import DateInput, TidyField
from scoring_site.menu import lies_under
from scoring_site.password_again import ask_before_grave
from scoring_site.portal.own_copy import write_own_copy
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.sent_once import sent_once


class DataRequestForm(forms.Form):
    """What is wrong in one's data."""

    text = TidyField(
        label=gettext_lazy("What is wrong, and what should it be?"),
        max_length=QUESTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ApplicationForm(forms.Form):
    """One's application for exemption."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Why do you apply?"), choices=Exemption.Ground.choices, widget=forms.RadioSelect
    )
    text = TidyField(
        label=gettext_lazy("In your own words"),
        max_length=APPLICATION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What keeps you from taking part. Only those who decide read it."),
    )
    wanted_from = forms.DateField(
        label=gettext_lazy("From which day, if not from the next 1 January or 1 July?"),
        required=False,
        widget=DateInput,
        help_text=gettext_lazy("It never begins before the branch has decided."),
    )


def _member_of(request: HttpRequest) -> Member:
    """The member behind the account. Raises Http404 where there is none."""
    member = actor_of(request).member
    if member is None:
        raise Http404
    return member


def _run(request: HttpRequest, form: forms.Form, carry_out: Callable[[dict[str, Any]], object], done: str) -> bool:
    """Carry a sound form out and thank; a refusal stands on the form with everything typed still there."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        carry_out(form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, done)
    return True


def _say_membership(row: Membership) -> str:
    """Since when somebody belongs where, and why; without the day that stands for none."""
    day = "" if row.from_date == BEFORE_ANY_YEAR else f"{row.from_date:%Y-%m-%d}"
    return " ".join(filter(None, (day, row.branch.name if row.branch else "", row.get_why_display())))


@lies_under("more")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def show_my_data(request: HttpRequest) -> HttpResponse:
    """What is held about me, and saying what is wrong in it."""
    user, now = actor_of(request), now_of(request)
    member = _member_of(request)
    form = DataRequestForm(request.POST if request.method == "POST" else None)
    done = _("Thank you. The town's staff will look at it and answer here.")
    if _run(request, form, lambda data: ask_about_data(actor=user, now=now, text=data["text"]), done):
        return redirect("my_data")
    if request.method != "POST":
        mark_read(user=user, now=now, link=request.path)
    said = [(field.is_secret, field.label, field.say_of(member, in_full=True)) for field in MEMBER_FIELDS.values()]
    informings = list(Informing.objects.live().filter(member=member))
    context = {
        "details": [(label, value) for is_secret, label, value in said if not is_secret],
        "numbers": [(label, value) for is_secret, label, value in said if is_secret],
        "branch": branch_on(member, today_of(request)),
        "memberships": [_say_membership(row) for row in member.memberships.select_related("branch")],
        "requests": member.data_requests.all(),
        "informings": informings,
        "is_acknowledged": any(row.channel == Informing.Channel.PORTAL for row in informings),
        "form": form,
        "is_worker": reach_of(user, on=today_of(request)).is_worker,
    }
    return render(request, "portal/own_affairs/my_data.html", context)


@lies_under("more")
@require_POST
@sent_once
def acknowledge_my_data(request: HttpRequest) -> HttpResponse:
    """Say that I have read what is held about me and how it is processed."""
    _member_of(request)
    try:
        acknowledge_own_data(actor=actor_of(request), now=now_of(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. It stands in the register."))
    return redirect("my_data")


@lies_under("more")
@require_safe
def download_my_data(request: HttpRequest) -> HttpResponseBase:
    """A copy of all that is held about me, after the password was given once more."""
    user, now = actor_of(request), now_of(request)
    member = _member_of(request)
    return ask_before_grave(request) or send_written(
        lambda file: write_own_copy(user=user, member=member, file=file, now=now), f"{_('My data')}-{now:%Y%m%d}.xlsx"
    )


@lies_under("more")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def show_exemption(request: HttpRequest) -> HttpResponse:
    """My exemption, my applications and what became of them; applying."""
    user, now, today = actor_of(request), now_of(request), today_of(request)
    member = _member_of(request)
    form = ApplicationForm(request.POST if request.method == "POST" else None)

    def apply(data: dict[str, Any]) -> None:
        ground = Exemption.Ground(data["ground"])
        apply_for_exemption(actor=user, now=now, ground=ground, text=data["text"], wanted_from=data["wanted_from"])

    if _run(request, form, apply, _("Thank you. Your branch will decide and explain its decision here.")):
        return redirect("exemption")
    if request.method != "POST":
        mark_read(user=user, now=now, link=request.path)
    applications = list(member.exemption_applications.select_related("exemption", "entered_by"))
    current = member.exemptions.open().first()
    branch = branch_on(member, today)
    waits = any(row.state == ExemptionApplication.State.WAITING for row in applications)
    context = {
        "member": member,
        "current": current,
        "applications": applications,
        "next_half_start": next_half_start(today),
        "may_apply": current is None and not waits and branch is not None,
        "is_nowhere": branch is None,
        "form": form,
        "is_worker": reach_of(user, on=today).is_worker,
    }
    return render(request, "portal/own_affairs/exemption.html", context)


@lies_under("more")
@require_POST
def withdraw_exemption(request: HttpRequest, token: str) -> HttpResponse:
    """Take my waiting application back."""
    user = actor_of(request)
    own = ExemptionApplication.objects.filter(member=user.member_id)
    application = get_object_or_404(own, uuid=token)
    try:
        withdraw_application(actor=user, now=now_of(request), application=application)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Withdrawn. You can apply again at any time."))
    return redirect("exemption")
