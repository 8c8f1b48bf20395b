"""Clean input for a correction: what to void, what to record, which findings to confirm or revoke, and the decision."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.log.reasons import REASON_LENGTH
from members.models import Member
from points.models import PointEvent
from points.rules.rulebook import Rulebook
from points.scoring.catalogue import Catalogue
from publicity.rechecking.steps import MINUTES_LENGTH, DecidingMeeting
from publicity.rechecking.town_decisions import NUMBER_LENGTH
from scoring_site.forms.fields import DateInput, TidyField
from scoring_site.forms.recusal import RecusalField
from scoring_site.workbench.base.entry_forms import EntryForm
from scoring_site.workbench.publicity.corrections.plan_words import say_event, say_finding, verb_of
from scoring_site.workbench.publicity.corrections.roster_forms import RosterChangeForm
from veto.models import Finding

MEETING_FIELDS = ("expected", "present", "minutes")


class CorrectionForm(EntryForm):
    """What the committee decided about one member's records; every part may stay empty but the decision.

    The record's fields are those of recording; `answer` is asked for where the correction settles an objection.
    """

    roster: RosterChangeForm
    """The form beside this one, sent with it: what is wrong in both is said at once."""

    void = forms.MultipleChoiceField(
        label=gettext_lazy("records to void"), required=False, widget=forms.CheckboxSelectMultiple
    )
    findings = forms.MultipleChoiceField(
        label=gettext_lazy("findings to confirm or revoke"), required=False, widget=forms.CheckboxSelectMultiple
    )
    decided_on = forms.DateField(
        label=gettext_lazy("committee meeting that decided"),
        widget=DateInput,
        help_text=gettext_lazy("Or the members' assembly, where the branch has no committee."),
    )
    expected = forms.IntegerField(
        label=gettext_lazy("people expected"),
        min_value=1,
        max_value=9999,
        help_text=gettext_lazy("Without those whom the matter concerns and their close kin."),
    )
    present = forms.IntegerField(label=gettext_lazy("people present"), min_value=0, max_value=9999)
    minutes = forms.CharField(
        label=gettext_lazy("minutes"),
        max_length=MINUTES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What was discussed and decided; the signed minutes stay with the branch."),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason of the correction"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It stays beside the line; it is printed on no notice."),
    )
    answer = forms.CharField(
        label=gettext_lazy("written answer to the objector"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("The objector reads it. Name no ground of a finding and nobody's private matters."),
    )
    town_decision = TidyField(
        label=gettext_lazy("number of the town's decision"),
        max_length=NUMBER_LENGTH,
        required=False,
        help_text=gettext_lazy(
            "Where the town decided on the objection: then the day below is that of its decision, and there is no "
            "branch meeting and no second review."
        ),
    )
    is_unrelated = RecusalField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        member: Member,
        events: Sequence[PointEvent],
        findings: Sequence[Finding],
        rulebooks: Mapping[int, Rulebook],
        catalogue: Catalogue,
        today: datetime.date,
        with_answer: bool,
        town_decides: bool,
        **kwargs: Any,
    ) -> None:
        members = Member.objects.filter(pk=member.pk)
        super().__init__(*args, members=members, rulebooks=rulebooks, today=today, **kwargs)
        self.member = member
        self._events = {str(event.uuid): event for event in events}
        self._findings = {f"{verb_of(row)}:{row.uuid}": row for row in findings if verb_of(row)}
        del self.fields["members"]
        for name in ("item", "date"):
            self.fields[name].required = False
        self.fields["date"].initial = None
        if not with_answer:
            del self.fields["answer"]
        if not town_decides:
            del self.fields["town_decision"]
        else:
            # The browser must not ask for a meeting where the town's decision stands in its place; `clean` does.
            for name in MEETING_FIELDS:
                self.fields[name].required = False
            self.fields["decided_on"].label = _("day of the decision")
            self.fields["decided_on"].help_text = _("The town's, or that of the branch's meeting.")
        self._choose("void", [(key, say_event(event, catalogue)) for key, event in self._events.items()])
        self._choose("findings", [(key, say_finding(row, verb_of(row))) for key, row in self._findings.items()])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.roster.is_valid()])

    def clean(self) -> dict[str, Any]:
        """Put together the record, if there is one; half of one is refused."""
        self.cleaned_data["members"] = [self.member]
        data = super().clean()
        if not data.get("town_decision"):
            for name in MEETING_FIELDS:
                if data.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        begun = any(data.get(name) for name in ("item", "date", "period", "grade", "points", "led", "note"))
        if begun and not data.get("item") and "item" not in self.errors:
            self.add_error("item", _("Choose the item of the record to add, or leave all its fields empty."))
        if begun and not data.get("date") and "date" not in self.errors:
            self.add_error("date", _("Enter the date of the record to add, or leave all its fields empty."))
        return data

    @property
    def meeting(self) -> DecidingMeeting:
        """Who came to the meeting, and its minutes."""
        data = self.cleaned_data
        return DecidingMeeting(data["expected"], data["present"], data["minutes"])

    def voided_events(self) -> tuple[PointEvent, ...]:
        """The records ticked."""
        return tuple(self._events[key] for key in self.cleaned_data["void"])

    def chosen_findings(self, verb: str) -> tuple[Finding, ...]:
        """The findings ticked to be confirmed or revoked."""
        return tuple(self._findings[key] for key in self.cleaned_data["findings"] if key.startswith(verb))
