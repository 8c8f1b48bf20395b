"""Clean input for the steps of a finding: papers given, answers, the decision, appeals (D18, D19)."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.log.reasons import REASON_LENGTH
from members.places.resolutions import MINUTES_LENGTH, NUMBERS, Resolution
from publicity.rechecking.town_decisions import NUMBER_LENGTH
from scoring_site.forms.evidence import CLAIM_ACCEPT, EvidenceField
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.forms.recusal import RecusalField
from veto.appeals import APPEAL_LIMIT
from veto.hearings import LONGEST_NAME, PLACE_LIMIT, STATEMENT_LIMIT, Delivery, Meeting
from veto.models import Answer, Appeal, Telling

PHOTO_HELP = gettext_lazy("A photo taken with a telephone is enough; several pages are several photos, or one PDF.")


class DeliveryForm(WorkbenchForm):
    """How a paper reached the member."""

    told_on = forms.DateField(label=gettext_lazy("given on"), widget=forms.DateInput)
    way = forms.ChoiceField(
        label=gettext_lazy("how"), choices=Telling.Way.choices, initial=Telling.Way.HANDED, widget=forms.RadioSelect
    )
    first_witness = TidyField(label=gettext_lazy("first witness"), required=False, max_length=LONGEST_NAME)
    second_witness = TidyField(
        label=gettext_lazy("second witness"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Only where the member refused to sign: who was there and saw it; one is no officer."),
    )
    receipt = EvidenceField(
        label=gettext_lazy("signed receipt, EMS receipt or picture of the reply"),
        accept=CLAIM_ACCEPT,
        help_text=gettext_lazy(
            "Needed by post or message, and where it was given on an earlier day. A telephone photo is enough."
        ),
    )

    def delivery(self) -> Delivery:
        """As the verbs take it."""
        data = self.cleaned_data
        names = [name for name in (data["first_witness"], data["second_witness"]) if name]
        return Delivery(data["told_on"], data["way"], names, data["receipt"])


class TellForm(DeliveryForm):
    """How the notice was given, and when and where the committee meets."""

    meets_on = forms.DateField(
        label=gettext_lazy("the committee meets on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("After the last day to answer; it is printed on the notice."),
    )
    meets_at = forms.TimeField(label=gettext_lazy("at"), widget=forms.TimeInput(attrs={"type": "time"}))
    place = TidyField(label=gettext_lazy("place"), max_length=PLACE_LIMIT)

    field_order = ("meets_on", "meets_at", "place", "told_on", "way", "first_witness", "second_witness", "receipt")

    def meeting(self) -> Meeting | None:
        """The committee's meeting; None where the form does not ask for one."""
        if "meets_on" not in self.fields:
            return None
        data = self.cleaned_data
        at = datetime.datetime.combine(data["meets_on"], data["meets_at"], tzinfo=timezone.get_default_timezone())
        return Meeting(at, data["place"])


class TellOfDecidedForm(TellForm):
    """For one that was decided long ago (backfilled): its paper named no meeting that is still to come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("meets_on", "meets_at", "place"):
            del self.fields[name]


class AnswerForm(WorkbenchForm):
    """What the member answered on paper, or that nothing came."""

    kind = forms.ChoiceField(
        label=gettext_lazy("answer"),
        choices=[
            (Answer.Kind.STATEMENT, gettext_lazy("statement made")),
            (Answer.Kind.WAIVED, gettext_lazy("statement waived, signed on paper")),
            (Answer.Kind.LAPSED, gettext_lazy("no answer by the last day")),
        ],
        widget=forms.RadioSelect,
    )
    answered_on = forms.DateField(label=gettext_lazy("answered on"), widget=forms.DateInput)
    statement = TidyField(
        label=gettext_lazy("statement of the member"),
        required=False,
        max_length=STATEMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("In the member's own words; the paper with the signature stays with the branch."),
    )
    agrees_earlier = forms.BooleanField(
        label=gettext_lazy(
            "The member agrees, signed on paper, that the committee meets before the day on the notice."
        ),
        required=False,
    )
    papers = EvidenceField(
        label=gettext_lazy("photo or scan of the signed paper"),
        accept=CLAIM_ACCEPT,
        help_text=gettext_lazy(
            "Needed for a waiver and for an earlier meeting: signed or with a fingerprint; who cannot write has it "
            "written, before a witness who is no officer. A telephone photo is enough."
        ),
    )


class DecisionForm(WorkbenchForm):
    """The decision of the committee's meeting with its numbers."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"

    decision = forms.ChoiceField(
        label=gettext_lazy("decision"),
        widget=forms.RadioSelect,
        choices=[
            (CONFIRM, gettext_lazy("confirmed: it counts from now on")),
            (DISMISS, gettext_lazy("not confirmed: it never counts")),
        ],
    )
    met_on = forms.DateField(label=gettext_lazy("day of the meeting that decided"), widget=forms.DateInput)
    expected = forms.IntegerField(
        label=gettext_lazy("people expected"),
        min_value=0,
        max_value=9999,
        required=False,
        help_text=gettext_lazy("Without the member and their close kin, who are left out."),
    )
    present = forms.IntegerField(label=gettext_lazy("people present"), min_value=0, max_value=9999, required=False)
    in_favour = forms.IntegerField(
        label=gettext_lazy("votes for confirming"), min_value=0, max_value=9999, required=False
    )
    against = forms.IntegerField(label=gettext_lazy("votes against"), min_value=0, max_value=9999, required=False)
    abstained = forms.IntegerField(label=gettext_lazy("abstained"), min_value=0, max_value=9999, required=False)
    left_out = TidyField(
        label=gettext_lazy("left out of those expected, and why"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=gettext_lazy("Who stepped back as kin; at an assembly also who was excused, with the reason."),
    )
    minutes = TidyField(
        label=gettext_lazy("minutes"),
        max_length=MINUTES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What was discussed, that the statement was read out, and the vote."),
    )
    by_town = forms.BooleanField(
        label=gettext_lazy("Fewer than two remained after recusal: the town's party committee decided, without votes."),
        required=False,
    )
    is_unrelated = RecusalField()

    def __init__(self, *args: Any, is_town: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_town:
            del self.fields["by_town"]

    def clean(self) -> dict[str, Any]:
        """The numbers are asked for wherever there was a vote."""
        data = super().clean() or self.cleaned_data
        for name in NUMBERS:
            if data.get(name) is None and name not in self.errors and not data.get("by_town"):
                self.add_error(name, _("Enter a number; 0 where there was nobody."))
        return data

    def resolution(self) -> Resolution:
        """As the verbs take it."""
        data = self.cleaned_data
        numbers = {name: data[name] or 0 for name in NUMBERS}
        return Resolution(
            met_on=data["met_on"],
            minutes=data["minutes"],
            left_out=data["left_out"],
            by_town=data.get("by_town", False),
            **numbers,
        )


class PaperAppealForm(WorkbenchForm):
    """An appeal that came to the town on paper."""

    filed_on = forms.DateField(label=gettext_lazy("received on"), widget=forms.DateInput)
    text = TidyField(
        label=gettext_lazy("appeal"),
        max_length=APPEAL_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("In the member's own words."),
    )
    papers = EvidenceField(
        label=gettext_lazy("photo or scan of the signed paper"), accept=CLAIM_ACCEPT, help_text=PHOTO_HELP
    )


class AppealAnswerForm(WorkbenchForm):
    """The town's answer to an appeal; with `by_decision` also the town's decision that corrects a closed year."""

    outcome = forms.ChoiceField(label=gettext_lazy("outcome"), choices=Appeal.Outcome.choices, widget=forms.RadioSelect)
    answer = TidyField(
        label=gettext_lazy("answer of the town with its reason"),
        max_length=APPEAL_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("The member reads it word by word."),
    )
    town_decision = TidyField(
        label=gettext_lazy("number of the town's decision"),
        max_length=NUMBER_LENGTH,
        required=False,
        help_text=gettext_lazy("Where the decision is revoked or changed."),
    )
    decided_on = forms.DateField(
        label=gettext_lazy("day of the town's decision"), widget=forms.DateInput, required=False
    )
    is_unrelated = RecusalField()

    def __init__(self, *args: Any, by_decision: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_decision:
            del self.fields["town_decision"], self.fields["decided_on"]

    def clean(self) -> dict[str, Any]:
        """What is not upheld needs its decision."""
        data = super().clean() or {}
        if "town_decision" in self.fields and data.get("outcome") not in (None, Appeal.Outcome.UPHELD):
            for name in ("town_decision", "decided_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return data
