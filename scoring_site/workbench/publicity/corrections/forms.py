"""Clean input for a correction: what to void, what to record, which findings to confirm or revoke, and the decision."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.log.reasons import REASON_LENGTH
from members.models import Member
from points.models import PointEvent
from points.rules.rulebook import Rulebook
from points.scoring.catalogue import Catalogue
from points.scoring.wording import name_period
from scoring_site.forms.fields import DateInput
from scoring_site.workbench.base.entry_forms import EntryForm
from scoring_site.workbench.publicity.corrections.roster_forms import RosterChangeForm
from veto.models import Finding

CONFIRM, REVOKE = "confirm", "revoke"


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
        **kwargs: Any,
    ) -> None:
        members = Member.objects.filter(pk=member.pk)
        super().__init__(*args, members=members, rulebooks=rulebooks, today=today, **kwargs)
        self.member = member
        self._events = {str(event.uuid): event for event in events}
        self._findings = {f"{_verb(row)}:{row.uuid}": row for row in findings if _verb(row)}
        del self.fields["members"]
        for name in ("item", "date"):
            self.fields[name].required = False
        self.fields["date"].initial = None
        if not with_answer:
            del self.fields["answer"]
        self._choose("void", [(key, _say_event(event, catalogue)) for key, event in self._events.items()])
        self._choose("findings", [(key, _say_finding(row)) for key, row in self._findings.items()])

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
        begun = any(data.get(name) for name in ("item", "date", "period", "grade", "points", "led", "note"))
        if begun and not data.get("item") and "item" not in self.errors:
            self.add_error("item", _("Choose the item of the record to add, or leave all its fields empty."))
        if begun and not data.get("date") and "date" not in self.errors:
            self.add_error("date", _("Enter the date of the record to add, or leave all its fields empty."))
        return data

    def voided_events(self) -> tuple[PointEvent, ...]:
        """The records ticked."""
        return tuple(self._events[key] for key in self.cleaned_data["void"])

    def chosen_findings(self, verb: str) -> tuple[Finding, ...]:
        """The findings ticked to be confirmed or revoked."""
        return tuple(self._findings[key] for key in self.cleaned_data["findings"] if key.startswith(verb))


def _verb(finding: Finding) -> str:
    if finding.state == Finding.State.CONFIRMED:
        return REVOKE
    return CONFIRM if finding.step == Finding.Step.TO_DECIDE else ""


def _say_event(event: PointEvent, catalogue: Catalogue) -> str:
    tenths = catalogue.points_of(event)
    parts = [
        str(event.date),
        catalogue.name(event.member.town_id, event.year, event.item),
        name_period(event.period) if event.period else "",
        f"+{show_points(tenths)}" if tenths is not None else "",
        _("leading role") if event.led else "",
        event.note,
        str(event.batch.actor),
        _("from a meeting: its attendance is voided too") if event.attendance_id else "",
    ]
    return " · ".join(part for part in parts if part)


def _say_finding(finding: Finding) -> str:
    values = {"kind": finding._meta.verbose_name, "day": finding.date}
    if _verb(finding) == REVOKE:
        return _("revoke: %(kind)s of %(day)s") % values
    return _("confirm: %(kind)s of %(day)s") % values
