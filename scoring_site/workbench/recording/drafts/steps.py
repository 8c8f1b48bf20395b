"""What becomes of a draft: recorded in one click, returned with a remark, or withdrawn by who made it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.access import Action
from members.log.reasons import REASON_LENGTH
from points.drafts.drafts import confirm_draft, return_draft, withdraw_draft
from points.models import Draft
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.workbench.base.pages import RowPage, require, row_url
from scoring_site.workbench.base.steps import ALL_FACTS, Outcome, RowStep


class ConfirmDraft(RowPage[Draft]):
    """Record the draft: the one click."""

    name = "confirm"
    action = Action.RECORD

    def post(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """On to the batch, or back with the reason why there is none."""
        try:
            batch = confirm_draft(actor=self.actor, now=self.now, draft=self.row)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(row_url(self.row))
        messages.success(request, _("Recorded. To undo it, void single records or the whole batch here."))
        return HttpResponseRedirect(row_url(batch))


class RemarkForm(WorkbenchForm):
    """What is to be put right."""

    remark = TidyField(
        label=gettext_lazy("remark"),
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("The assistant reads it and makes another."),
    )


class ReturnDraft(RowStep[Draft, RemarkForm]):
    """Give it back."""

    name = "return"
    action = Action.RECORD
    form_class = RemarkForm
    title = gettext_lazy("Return a draft")
    submit = gettext_lazy("Return")
    shown_facts = ALL_FACTS

    def carry_out(self, form: RemarkForm) -> Outcome:
        return_draft(actor=self.actor, now=self.now, draft=self.row, remark=form.cleaned_data["remark"])
        return Outcome(self.table.url("changelist"), _("Returned; the assistant has been told."))


class WithdrawDraft(RowStep[Draft, WorkbenchForm]):
    """Take one's own draft back."""

    name = "withdraw"
    action = Action.READ
    title = gettext_lazy("Withdraw a draft")
    submit = gettext_lazy("Withdraw")
    shown_facts = ALL_FACTS

    def prepare(self) -> None:
        super().prepare()
        require(self.row.made_by_id == self.actor.pk)

    def carry_out(self, form: WorkbenchForm) -> Outcome:
        withdraw_draft(actor=self.actor, now=self.now, draft=self.row)
        return Outcome(self.table.url("changelist"), _("Withdrawn. Nothing of it was recorded."))
