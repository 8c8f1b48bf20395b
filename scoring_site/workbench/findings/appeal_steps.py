"""The town's steps of an appeal: entered from paper, answered by somebody who had no part in the finding (D18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from publicity.rechecking.town_decisions import needs_correction, revoke_on_appeal
from scoring_site.workbench.base.pages import Text, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome, RowStep
from scoring_site.workbench.findings.grounds import GroundStep
from scoring_site.workbench.findings.step_forms import AppealAnswerForm, PaperAppealForm
from veto.appeals import answer_appeal, file_paper_appeal
from veto.models import Appeal, Finding


class EnterAppeal(RowStep[Finding, PaperAppealForm]):
    """Enter an appeal that came to the town on paper."""

    name = "appeal"
    action = Action.CONSENT
    form_class = PaperAppealForm
    title = gettext_lazy("Enter an appeal that came on paper")
    submit = gettext_lazy("Enter")
    intro = (gettext_lazy("Tell the member the receipt number. Who had no part in the finding answers it."),)
    shown_facts = 4

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"filed_on": self.today}}

    def carry_out(self, form: PaperAppealForm) -> Outcome:
        appeal = file_paper_appeal(actor=self.actor, now=self.now, finding=self.row, **form.cleaned_data)
        return Outcome(self.get_back(), _("Entered; its receipt number is %(receipt)s.") % {"receipt": appeal.receipt})


class AnswerAppeal(GroundStep[AppealAnswerForm]):
    """Answer the member's appeal."""

    name = "answer_appeal"
    action = Action.CONSENT
    form_class = AppealAnswerForm
    title = gettext_lazy("Answer an appeal")
    submit = gettext_lazy("Send the answer")
    intro = (gettext_lazy("Somebody answers who neither proposed it nor let it through nor decided it."),)
    warning = (
        gettext_lazy("Revoked or changed, the finding no longer counts; what is to stand instead is proposed anew."),
    )
    grave = True
    shown_facts = 4
    done = gettext_lazy("Answered; the member reads it in the portal. It cannot be changed.")

    def get_facts(self) -> Sequence[Fact]:
        return [*super().get_facts(), *appeal_facts(self.row)]

    def get_warning(self) -> Sequence[Text]:
        if not self._is_year_closed():
            return self.warning
        corrected = _(
            "The year is closed: with the number and the day of the town's decision the line is corrected at once, "
            "without a branch meeting and a second review."
        )
        return [*self.warning, corrected]

    def get_form_arguments(self) -> dict[str, Any]:
        return {"by_decision": self._is_year_closed()}

    def _is_year_closed(self) -> bool:
        return needs_correction(self.row, now=self.now)

    def carry_out(self, form: AppealAnswerForm) -> Outcome | None:
        data = form.cleaned_data
        given: dict[str, Any] = {
            "actor": self.actor,
            "now": self.now,
            "finding": self.row,
            "outcome": Appeal.Outcome(data["outcome"]),
            "answer": data["answer"],
            "is_unrelated": data["is_unrelated"],
        }
        if not data.get("town_decision") or given["outcome"] == Appeal.Outcome.UPHELD:
            answer_appeal(**given)
            return None
        correction = revoke_on_appeal(number=data["town_decision"], decided_on=data["decided_on"], **given)
        return Outcome(
            row_url(correction),
            _("Answered, and the line is corrected. ") + _("Print the correction notice, put it up and enter the day."),
        )


def appeal_facts(row: Finding) -> list[Fact]:
    """What an appeal says; for who reads the ground, or answers it."""
    appeal = row.appeal
    if appeal is None:
        return []
    facts = [
        Fact(_("appeal"), f"{appeal.receipt}（{appeal.filed_on:%Y-%m-%d}）"),
        Fact(_("what the member says"), appeal.text),
    ]
    if appeal.answered_at is not None:
        facts += [
            Fact(_("outcome"), appeal.get_outcome_display()),
            Fact(_("answer of the town with its reason"), appeal.answer or ""),
            Fact(_("answered by"), f"{appeal.answered_by} {timezone.localdate(appeal.answered_at)}"),
        ]
    return facts
