"""Clean input for recording one item, of dues with what was paid."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from points.models.events import PAYER_LENGTH
from points.rules.payments import Payment
from scoring_site.forms.fields import AmountField, TidyField
from scoring_site.workbench.base.entry_forms import EntryForm


class RecordForm(EntryForm):
    """One item for one or many members; the payment is that of each of them (D25)."""

    due = AmountField(
        label=gettext_lazy("dues due (yuan)"),
        required=False,
        help_text=gettext_lazy("Only of dues, for each member chosen; fill in both amounts or neither."),
    )
    paid = AmountField(
        label=gettext_lazy("dues paid (yuan)"),
        required=False,
        help_text=gettext_lazy("Where it is less than due, record the month when the rest is paid."),
    )
    paid_by = TidyField(
        label=gettext_lazy("paid for the member by"),
        max_length=PAYER_LENGTH,
        required=False,
        help_text=gettext_lazy("Only of dues that a relative or another member paid with the branch's consent."),
    )

    def clean(self) -> dict[str, Any]:
        """The entries of recording, with the payment."""
        data = super().clean()
        payment = Payment(data.get("due"), data.get("paid"), data.get("paid_by", ""))
        self.entries = [entry.with_payment(payment) for entry in self.entries]
        return data
