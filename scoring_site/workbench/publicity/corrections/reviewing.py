"""The second officer's steps on an entered correction: looked at and carried out, or refused; or it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.models import EnteredCorrection
from publicity.rechecking.access import explain_no_review
from publicity.rechecking.steps import refuse_correction, review_correction, take_back_correction
from publicity.rechecking.stored_plans import read_lines, read_plan
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.forms.recusal import RecusalForm, RecusalReasonForm
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import Text, row_url
from scoring_site.workbench.base.steps import ALL_FACTS, Outcome, RowStep
from scoring_site.workbench.publicity.corrections.plan_words import say_plan

FormT = TypeVar("FormT", bound=WorkbenchForm)


class SecondOfficersStep(RowStep[EnteredCorrection, FormT], Generic[FormT]):
    """What the correction does, its old and new figures, and the form; no form for whom it is not to review."""

    action = Action.CORRECT
    template = "workbench/publicity/review_correction.html"
    shown_facts = ALL_FACTS

    def get_title(self) -> Text:
        return f"{self.title}：{self.row.member.listed_name} {name_half(self.row.review)}"

    def is_ready(self) -> bool:
        return not self._refusal()

    def _refusal(self) -> str:
        return explain_no_review(self.row, self.actor, on=self.today)

    def get_warning(self) -> Sequence[Text]:
        refusal = self._refusal()
        return [refusal] if refusal else self.warning

    def show(self, form: FormT | None, **context: Any) -> HttpResponseBase:
        plan = say_plan(read_plan(self.row), catalogue_for(self.request))
        revised = show_revised(read_lines(self.row), inside=True)
        return super().show(form, plan=plan, revised=revised, **context)


class ReviewCorrection(SecondOfficersStep[RecusalForm]):
    """Look at what it changes, and have it carried out as it stands."""

    name = "review"
    form_class = RecusalForm
    title = gettext_lazy("Review a correction")
    submit = gettext_lazy("Reviewed: carry it out")
    intro = (gettext_lazy("Compare it with the minutes and the papers. It is carried out exactly as it stands here."),)

    def carry_out(self, form: RecusalForm) -> Outcome:
        correction = review_correction(
            actor=self.actor, now=self.now, entered=self.row, is_unrelated=form.cleaned_data["is_unrelated"]
        )
        return Outcome(
            row_url(correction),
            _("Carried out; the old revision stays readable. ")
            + _("Print the correction notice, put it up and enter the day."),
        )


class RefuseCorrection(SecondOfficersStep[RecusalReasonForm]):
    """Do not agree, with a reason that who entered it reads."""

    name = "refuse"
    form_class = RecusalReasonForm
    title = gettext_lazy("Refuse a correction")
    submit = gettext_lazy("Refuse it")
    grave = True
    intro = (gettext_lazy("Nothing was changed, and nothing will be. Whoever entered it reads the reason."),)
    done = gettext_lazy("Refused; nothing was changed. A correction put right is entered anew.")

    def carry_out(self, form: RecusalReasonForm) -> None:
        data = form.cleaned_data
        refuse_correction(
            actor=self.actor,
            now=self.now,
            entered=self.row,
            reason=data["reason"],
            is_unrelated=data["is_unrelated"],
        )


class TakeBackCorrection(RowStep[EnteredCorrection, WorkbenchForm]):
    """Take back what one entered oneself."""

    name = "take_back"
    action = Action.CORRECT
    title = gettext_lazy("Take a correction back")
    submit = gettext_lazy("Take it back")
    shown_facts = 3
    done = gettext_lazy("Taken back; nothing was changed. It can be entered anew.")

    def carry_out(self, form: WorkbenchForm) -> None:
        take_back_correction(actor=self.actor, now=self.now, entered=self.row)
