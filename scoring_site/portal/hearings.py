"""The portal's pages about findings: what the branch asks one's statement about, and what it decided (D18, D21).

The grounds are the member's own to read. Anybody else's hearing is not there, by whatever method it is asked for.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from foundation.errors import DomainError
from members.access import reach_of
from members.notifications import mark_read
from members.selectors import branch_on
from points.evidence.links import evidence_of
from scoring_site.forms.fields import TidyField
from scoring_site.menu import lies_under
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.sent_once import sent_once
from veto.appeals import appeal_days_of, last_day_to_appeal, may_appeal
from veto.hearing_days import read_answer_time
from veto.hearings import STATEMENT_LIMIT, answer_own_finding, own_hearings
from veto.models import Answer, Deduction, Finding, VetoRecord
from veto.steps import hearing_link
from veto.words import read_ground

DISOWNABLE = (Finding.State.PROPOSED, Finding.State.CONFIRMED)
"""While it is open or counts, the member can say of an answer that it is not theirs."""


class OwnAnswerForm(forms.Form):
    """A statement in one's own words, or that one makes none; what was typed stays when it cannot be taken."""

    statement = TidyField(
        label=gettext_lazy("My statement"),
        required=False,
        max_length=STATEMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy("What happened, from your side; what should be looked at; who can tell more."),
    )
    waives = forms.BooleanField(label=gettext_lazy("I make no statement."), required=False)
    agrees = forms.BooleanField(
        label=gettext_lazy("I agree that the committee meets before the day named above."), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["waives"] and data["statement"]:
            self.add_error("waives", _("You wrote a statement: untick this, or take the text away."))
        elif not data["waives"] and not data["statement"]:
            self.add_error("statement", _("Write your statement, or tick that you make none."))
        return data

    @property
    def kind(self) -> Answer.Kind:
        """What the form says."""
        return Answer.Kind.WAIVED if self.cleaned_data["waives"] else Answer.Kind.STATEMENT


def _is_worker(request: HttpRequest) -> bool:
    return reach_of(actor_of(request), on=today_of(request)).is_worker


def own_hearing(request: HttpRequest, token: UUID) -> Deduction | VetoRecord:
    """One of the user's own hearings. Raises Http404 for anybody else's."""
    found = next((row for row in own_hearings(actor_of(request)) if row.uuid == token), None)
    if not isinstance(found, Deduction | VetoRecord):
        raise Http404
    return found


def may_answer(finding: Finding) -> bool:
    """Whether the member may still answer: told, not answered, not decided; one taken over from paper also later."""
    is_open = finding.is_open_to_hearing and finding.state != Finding.State.REVOKED
    return is_open and finding.notified_on is not None and finding.answered is None


@lies_under("home")
@require_GET
def show_hearings(request: HttpRequest) -> HttpResponse:
    """What the branch asked one's statement about, latest first; without a word on the grounds."""
    rows = [(row, may_answer(row)) for row in own_hearings(actor_of(request))]
    return render(request, "portal/hearings/hearings.html", {"rows": rows, "is_worker": _is_worker(request)})


@lies_under("home")
@require_http_methods(["GET", "HEAD", "POST"])
@sent_once
def show_hearing(request: HttpRequest, token: UUID) -> HttpResponse:
    """One's own hearing: what was found, what happens next and by when, one's statement, the decision."""
    user, today = actor_of(request), today_of(request)
    finding = own_hearing(request, token)
    mark_read(user=user, now=now_of(request), link=hearing_link(finding))
    form = OwnAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_own_finding(
                actor=user,
                now=now_of(request),
                finding=finding,
                kind=form.kind,
                statement=form.cleaned_data["statement"],
                agrees_earlier=form.cleaned_data["agrees"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Thank you. The branch has your answer and must hear it before it decides."))
            return redirect(hearing_link(finding))
    time, answer = read_answer_time(finding), finding.answered
    context = {
        "finding": finding,
        "ground": read_ground(finding),
        "branch": branch_on(finding.member, today),
        "links": [link for link in evidence_of(user, [finding], on=today)[finding.pk] if not link.is_void],
        "time": time,
        "is_late": time.is_over(today),
        "may_answer": may_answer(finding),
        "told": finding.told,
        "answer": answer,
        "may_disown": answer is not None and not answer.is_own and finding.state in DISOWNABLE,
        "may_appeal": may_appeal(finding, on=today),
        "appeal_days": appeal_days_of(finding),
        "last_day_to_appeal": last_day_to_appeal(finding),
        "form": form,
        "is_worker": _is_worker(request),
    }
    return render(request, "portal/hearings/hearing.html", context)
