"""Exemption (2.1, D15): a signed application entered, granted or declined by the branch's meeting, ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, object_for
from members.log.reasons import REASON_LENGTH
from members.models import Exemption, ExemptionApplication, Member
from members.people.naming import tell_apart_at_home
from members.places.resolutions import NUMBERS
from points.papers.roster.exemption_form import TITLE as APPROVAL
from points.papers.roster.exemption_form import name_branch, write_exemption_form
from points.roster.exemption_applications import (
    APPLICATION_LENGTH,
    decline_application,
    enter_paper_application,
    grant_application,
)
from points.roster.exemption_losses import read_losses
from points.roster.exemptions import BranchVote, effective_day
from points.roster.moves import end_exemption
from scoring_site.downloads import name_paper, send_or_explain
from scoring_site.forms.fields import TidyField, WorkbenchForm, read_day
from scoring_site.forms.pictures import ScanField, keep_scan, send_scan
from scoring_site.forms.recusal import RecusalField
from scoring_site.workbench.base.pages import RowPage, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import ALL_FACTS, Outcome, RowStep, TableStep


class PaperApplicationForm(WorkbenchForm):
    """What the member signed."""

    ground = forms.ChoiceField(label=gettext_lazy("ground"), choices=Exemption.Ground.choices)
    applied_on = forms.DateField(
        label=gettext_lazy("signed on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The day under the member's signature; on it the age is checked."),
    )
    wanted_from = forms.DateField(
        label=gettext_lazy("wanted from"),
        widget=forms.DateInput,
        required=False,
        help_text=gettext_lazy(
            "Only where the application names a day. Empty: from the 1 January or 1 July after the decision."
        ),
    )
    text = TidyField(
        label=gettext_lazy("what the application says"),
        max_length=APPLICATION_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    scan = ScanField(label=gettext_lazy("scan or photo of the signed application"))


class EnterApplication(TableStep[PaperApplicationForm]):
    """Enter the application a member signed on paper; the branch decides it afterwards."""

    name = "enter"
    route = "enter/<id:member_id>/"
    form_class = PaperApplicationForm
    submit = gettext_lazy("Enter the application")
    intro = (
        gettext_lazy("An exemption rests on the member's own application; age alone exempts nobody."),
        gettext_lazy("Members with an account apply themselves under “More”. The branch's meeting decides afterwards."),
    )

    member: Member

    def prepare(self) -> None:
        self.member = object_for(
            self.actor, Member.objects.all(), on=self.today, action=Action.DECIDE_FINDING, pk=self.kwargs["member_id"]
        )
        tell_apart_at_home([self.member], on=self.today)

    def get_title(self) -> str:
        return _("Application of %(name)s for exemption") % {"name": self.member.listed_name}

    def get_back(self) -> str:
        return row_url(self.member)

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("date of birth"), self.member.birth_date or "—")]

    def carry_out(self, form: PaperApplicationForm) -> Outcome:
        data = form.cleaned_data
        application = enter_paper_application(
            actor=self.actor,
            now=self.now,
            member=self.member,
            ground=Exemption.Ground(data["ground"]),
            applied_on=data["applied_on"],
            wanted_from=data["wanted_from"],
            text=data["text"],
            scan=keep_scan(data["scan"]),
        )
        return Outcome(row_url(application), _("Entered; the member has been told. Now the branch's meeting decides."))


class ApplicationScan(RowPage[ExemptionApplication]):
    """The signed application as it was scanned."""

    name = "scan"
    action = Action.DECIDE_FINDING

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        return send_scan(request, self.row.scan)


class ApplicationForm(RowPage[ExemptionApplication]):
    """The approval form as PDF, to be signed and sealed by branch and town."""

    name = "form"
    route = "form.pdf"
    action = Action.DECIDE_FINDING

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file."""
        row, branch_name = self.row, name_branch(self.row)
        return send_or_explain(
            request,
            back=row_url(row),
            name=name_paper(branch_name, row.applied_on.year, APPROVAL, row.pk),
            write=lambda: write_exemption_form(application=row, branch_name=branch_name, now=self.now),
        )


class EndExemptionForm(WorkbenchForm):
    """From which day the member is scored again, and why."""

    ended_on = forms.DateField(
        label=gettext_lazy("ended on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The first day the member is scored again."),
    )
    reason = TidyField(label=gettext_lazy("Reason"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 3}))
    is_unrelated = RecusalField()


class EndExemption(RowStep[Exemption, EndExemptionForm]):
    """End an exemption."""

    name = "end"
    action = Action.DECIDE_FINDING
    form_class = EndExemptionForm
    title = gettext_lazy("End the exemption")
    submit = gettext_lazy("End the exemption")
    grave = True
    shown_facts = ALL_FACTS
    done = gettext_lazy("Ended. To undo it, enter a new exemption.")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"ended_on": self.today}}

    def carry_out(self, form: EndExemptionForm) -> None:
        end_exemption(actor=self.actor, now=self.now, exemption=self.row, **form.cleaned_data)


class VoteForm(WorkbenchForm):
    """What the branch's meeting came to."""

    decided_on = forms.DateField(label=gettext_lazy("decided on"), widget=forms.DateInput)
    expected = forms.IntegerField(label=gettext_lazy("people expected"), min_value=1, max_value=999)
    present = forms.IntegerField(label=gettext_lazy("people present"), min_value=1, max_value=999)
    in_favour = forms.IntegerField(label=gettext_lazy("in favour"), min_value=0, max_value=999)
    against = forms.IntegerField(label=gettext_lazy("against"), min_value=0, max_value=999)
    abstained = forms.IntegerField(label=gettext_lazy("abstained"), min_value=0, max_value=999)

    def get_vote(self) -> BranchVote:
        data = self.cleaned_data
        numbers = (data[name] for name in NUMBERS)
        return BranchVote(data["decided_on"], *numbers)


class GrantForm(VoteForm):
    """The meeting agreed; `seen` is the day from which the page said that the exemption counts."""

    explanation = TidyField(
        label=gettext_lazy("explanation of the decision"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )
    is_unrelated = RecusalField()
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class GrantApplication(RowStep[ExemptionApplication, GrantForm]):
    """Enter that the meeting agreed, having seen what will no longer count."""

    name = "grant"
    action = Action.DECIDE_FINDING
    form_class = GrantForm
    template = "workbench/roster/grant_exemption.html"
    submit = gettext_lazy("Enter the exemption")
    shown_facts = ALL_FACTS

    def get_title(self) -> str:
        return _("Exempt %(name)s") % {"name": self.row.member.listed_name}

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"decided_on": self.today}}

    def show(self, form: GrantForm | None, **context: Any) -> HttpResponseBase:
        """The page with what the exemption takes, for the day of the meeting that was entered, else for today."""
        assert form is not None
        decided_on = read_day(str(form["decided_on"].value() or ""), self.today)
        from_date = effective_day(self.row, decided_on=decided_on)
        if form.is_bound:
            sent = self.request.POST.copy()
            sent["seen"] = from_date.isoformat()
            form.data = sent
        else:
            form.initial["seen"] = from_date.isoformat()
        losses = read_losses(self.row.member, from_date=from_date, today=self.today)
        return super().show(form, from_date=from_date, losses=losses, **context)

    def carry_out(self, form: GrantForm) -> Outcome | HttpResponseBase:
        vote = form.get_vote()
        from_date = effective_day(self.row, decided_on=vote.met_on)
        if form.cleaned_data["seen"] != from_date.isoformat():
            form.add_error(
                None,
                _("Decided on that day the exemption counts from %(day)s: look again at what it takes, then enter it.")
                % {"day": from_date},
            )
            return self.show(form)
        exemption = grant_application(
            actor=self.actor,
            now=self.now,
            application=self.row,
            vote=vote,
            is_unrelated=form.cleaned_data["is_unrelated"],
            explanation=form.cleaned_data["explanation"],
        )
        return Outcome(row_url(exemption), _("Entered; the member has been told. The exemption can be ended here."))


class DeclineForm(VoteForm):
    """The meeting did not agree."""

    explanation = TidyField(
        label=gettext_lazy("explanation of the decision"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The member reads it."),
    )
    is_unrelated = RecusalField()


class DeclineApplication(RowStep[ExemptionApplication, DeclineForm]):
    """Enter that the meeting did not agree."""

    name = "decline"
    action = Action.DECIDE_FINDING
    form_class = DeclineForm
    submit = gettext_lazy("Enter the decision")
    shown_facts = ALL_FACTS
    done = gettext_lazy("Entered; the member has been told. They may apply again.")

    def get_title(self) -> str:
        return _("Decline the application of %(name)s") % {"name": self.row.member.listed_name}

    def carry_out(self, form: DeclineForm) -> None:
        decline_application(
            actor=self.actor,
            now=self.now,
            application=self.row,
            vote=form.get_vote(),
            explanation=form.cleaned_data["explanation"],
            is_unrelated=form.cleaned_data["is_unrelated"],
        )
