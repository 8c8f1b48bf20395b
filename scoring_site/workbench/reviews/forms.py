"""The forms of the half-year review: clean input only; `points.reviews.steps` decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.log.reasons import REASON_LENGTH
from members.models import Member
from points.models import Confirmation
from points.reviews.steps import CommitteeMeeting
from points.reviews.table_parts import ReviewRow
from scoring_site.forms.fields import MembersField, WorkbenchForm
from scoring_site.forms.pictures import ScanField


class ReturnForm(WorkbenchForm):
    """A remark on the whole half, on single lines, or both."""

    remark = forms.CharField(
        label=_("Remark on the whole half"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Leave it empty if single lines say enough."),
    )

    def __init__(self, *args: Any, rows: Sequence[ReviewRow], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)
        for row in rows:
            self.fields[f"line_{row.member.pk}"] = forms.CharField(
                label=row.member.listed_name,
                max_length=REASON_LENGTH,
                required=False,
                widget=forms.TextInput(attrs={"class": "workbench-input"}),
            )

    def line_fields(self) -> Iterator[tuple[ReviewRow, forms.BoundField]]:
        """Each member's row with the field for its remark."""
        for row in self.rows:
            yield row, self[f"line_{row.member.pk}"]

    def line_remarks(self) -> dict[int, str]:
        """Member id to remark, the empty ones left out."""
        texts = {row.member.pk: self.cleaned_data[f"line_{row.member.pk}"] for row in self.rows}
        return {member_id: text for member_id, text in texts.items() if text}


class ApprovalForm(WorkbenchForm):
    """The committee's (or the assembly's) meeting that decided (3.2, D19)."""

    met_on = forms.DateField(label=_("held on"), widget=forms.DateInput)
    met_at = forms.CharField(label=_("place"), max_length=100)
    expected = forms.IntegerField(
        label=_("people expected"),
        min_value=1,
        max_value=9999,
        help_text=_("Everybody who has a seat in the meeting, whether they came or not."),
    )
    present = forms.IntegerField(
        label=_("people present"),
        min_value=0,
        max_value=9999,
        help_text=_("More than half of those expected must be present."),
    )
    minutes = forms.CharField(
        label=_("minutes"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What was discussed and decided; the signed minutes stay with the branch."),
    )
    photo = ScanField(label=_("photo of the meeting, or scan of its minutes"))

    def meeting(self, *, photo: str) -> CommitteeMeeting:
        """The meeting as the review takes it, with the name of its kept photo or scan (empty without one)."""
        data = self.cleaned_data
        return CommitteeMeeting(
            met_on=data["met_on"],
            met_at=data["met_at"],
            expected=data["expected"],
            present=data["present"],
            minutes=data["minutes"],
            photo=photo,
        )


class ConfirmationForm(WorkbenchForm):
    """Who confirmed their result on paper or at a meeting, and when (3.3, D26)."""

    how = forms.ChoiceField(
        label=_("how"),
        choices=[choice for choice in Confirmation.How.choices if choice[0] != Confirmation.How.PORTAL],
        initial=Confirmation.How.MEETING,
        widget=forms.RadioSelect,
    )
    confirmed_on = forms.DateField(label=_("confirmed on"), widget=forms.DateInput)
    scan = ScanField(label=_("scan or photo of the signed papers or the minutes"))
    members = MembersField(label=_("members who confirmed"), queryset=Member.objects.none())

    def __init__(self, *args: Any, members: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("members", members)
