"""What a member can do against what others entered or decided: disown an answer, appeal to the town (D18)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import DomainError
from scoring_site.forms.fields import TidyField
from scoring_site.menu import lies_under
from scoring_site.portal.hearings import own_hearing
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.sent_once import sent_once
from veto.appeals import APPEAL_LIMIT, appeal_days_of, file_own_appeal, last_day_to_appeal, may_appeal
from veto.hearings import disown_answer
from veto.steps import hearing_link


class AppealForm(forms.Form):
    """What the member does not agree with, and why."""

    text = TidyField(
        label=gettext_lazy("What I do not agree with, and why"),
        max_length=APPEAL_LIMIT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("What happened, what was not looked at, what you ask for; papers can follow by hand."),
    )


@lies_under("home")
@require_POST
def disown(request: HttpRequest, token: UUID) -> HttpResponse:
    """“This is not my answer”: what somebody entered for the member is undone, and the town is told."""
    finding = own_hearing(request, token)
    try:
        disown_answer(actor=actor_of(request), now=now_of(request), finding=finding)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The answer is undone and the town's staff are told. You can answer yourself now."))
    return redirect(hearing_link(finding))


@lies_under("home")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def appeal(request: HttpRequest, token: UUID) -> HttpResponse:
    """Appeal to the town against a decision; its receipt number and the answer stand on the page of the matter."""
    finding, today = own_hearing(request, token), today_of(request)
    if request.method != "POST" and not may_appeal(finding, on=today):
        return redirect(hearing_link(finding))
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            filed = file_own_appeal(
                actor=actor_of(request), now=now_of(request), finding=finding, text=form.cleaned_data["text"]
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Your appeal is with the town. Receipt number: %(receipt)s.") % {"receipt": filed.receipt}
            )
            return redirect(hearing_link(finding))
    context = {
        "finding": finding,
        "form": form,
        "days": appeal_days_of(finding),
        "last_day": last_day_to_appeal(finding),
    }
    return render(request, "portal/hearings/appeal.html", context)
