"""Opening a sign-in, keeping it open longer, ending it before its hour; and the list its page fetches (D24)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.models import Branch
from points.meetings.sign_ins import close_sign_in, extend_sign_in, open_sign_in
from points.models import SignIn
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.workbench.base.editing import EditBranchRow
from scoring_site.workbench.base.pages import RowPage, row_url
from scoring_site.workbench.base.steps import ALL_FACTS, BranchStep, Outcome, RowStep, TableStep
from scoring_site.workbench.recording.sign_ins.forms import ExtensionForm, SignInForm, hour_of
from scoring_site.workbench.recording.sign_ins.signed import read_signed

USUAL_LENGTH = timedelta(hours=2)
USUAL_EXTENSION = timedelta(minutes=30)


class OpenSignIn(BranchStep[SignInForm], TableStep[SignInForm]):
    """Open a sign-in for now, or for a meeting to come."""

    name = "open"
    form_class = SignInForm
    records = True
    template = "workbench/recording/sign_ins/open_sign_in.html"
    title = gettext_lazy("Open a sign-in")
    submit = gettext_lazy("Open")
    intro = (
        gettext_lazy("Members scan the code with their phones, log in and confirm with one tap."),
        gettext_lazy("A picture of the code can be passed on, so nothing counts before you confirm the list."),
    )
    done = gettext_lazy("The sign-in is set. Show the code; close it here when everybody is there.")

    def find_branches(self) -> QuerySet[Branch]:
        return branches_for(self.actor, on=self.today, action=Action.RECORD).order_by("town_id", "position", "id")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": _usual_hours(self.now)}

    def carry_out(self, form: SignInForm) -> Outcome:
        assert self.branch is not None
        opens_at, closes_at = form.hours()
        sign_in = open_sign_in(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            opens_at=opens_at,
            closes_at=closes_at,
            token=form.cleaned_data["token"],
        )
        return Outcome(row_url(sign_in), self.done)


class ExtendSignIn(EditBranchRow[ExtensionForm, SignIn]):
    """Keep a sign-in open longer; half an hour is proposed."""

    name = "extend"
    verb = "extend_sign_in"
    action = Action.RECORD
    form_class = ExtensionForm
    title = gettext_lazy("Keep the sign-in open longer")
    submit = gettext_lazy("Keep it open longer")
    shown_facts = ALL_FACTS

    def get_form_arguments(self) -> dict[str, Any]:
        end = timezone.localtime(self.row.closes_at)
        proposed = min(end + USUAL_EXTENSION, end.replace(hour=23, minute=59))
        return {"initial": {"closes": f"{proposed:%H:%M}"}}

    def carry_out(self, form: ExtensionForm) -> Outcome:
        closes_at = hour_of(timezone.localdate(self.row.opens_at), form.cleaned_data["closes"])
        extend_sign_in(actor=self.actor, now=self.now, sign_in=self.row, closes_at=closes_at)
        said = _("Open until %(time)s with the same code. It can be closed here earlier.")
        return Outcome(self.get_back(), said % {"time": f"{timezone.localtime(closes_at):%H:%M}"})


class CloseSignIn(RowStep[SignIn, WorkbenchForm]):
    """End a sign-in before its hour."""

    name = "close"
    action = Action.RECORD
    title = gettext_lazy("Close the sign-in")
    submit = gettext_lazy("Close the sign-in")
    warning = (gettext_lazy("Nobody can sign in any more. For latecomers open another one, or enter them by hand."),)
    done = gettext_lazy("Closed. Who signed in stays on the list; now record the meeting.")
    shown_facts = ALL_FACTS

    def carry_out(self, form: WorkbenchForm) -> None:
        close_sign_in(actor=self.actor, now=self.now, sign_in=self.row)


class SignedList(RowPage[SignIn]):
    """The list alone, which the page fetches every few seconds."""

    name = "signed"
    action = Action.READ
    template = "workbench/recording/sign_ins/sign_in_list.html"

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Who has signed in by now."""
        return TemplateResponse(request, self.template, read_signed(self.row, self.now))


def _usual_hours(now: datetime) -> dict[str, Any]:
    """From now for two hours, within the day."""
    start = timezone.localtime(now).replace(second=0, microsecond=0)
    end = min(start + USUAL_LENGTH, start.replace(hour=23, minute=59))
    return {"day": start.date(), "opens": f"{start:%H:%M}", "closes": f"{end:%H:%M}"}
