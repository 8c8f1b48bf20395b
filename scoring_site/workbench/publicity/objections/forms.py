"""Clean input of what the branch and the town do with objections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member
from points.models import Correction
from publicity.models import Objection
from publicity.objections.objections import NAME_LENGTH
from scoring_site.forms.fields import DateInput, TokenForm, WorkbenchForm
from scoring_site.forms.objections import AboutForm
from scoring_site.forms.pictures import ScanField
from scoring_site.forms.recusal import RecusalField


class RegistrationForm(AboutForm, TokenForm):
    """An objection that came on paper, by phone or in person."""

    via = forms.ChoiceField(
        label=gettext_lazy("received"),
        choices=[(value, label) for value, label in Objection.Via.choices if value != Objection.Via.PORTAL],
        widget=forms.RadioSelect,
    )
    received_on = forms.DateField(label=gettext_lazy("received on"), widget=DateInput)
    objector_name = forms.CharField(
        label=gettext_lazy("objector's name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("Only those who handle it learn the name; who does not give one is “anonymous”."),
    )
    text = forms.CharField(
        label=gettext_lazy("what is objected, in the objector's words"), widget=forms.Textarea(attrs={"rows": 6})
    )
    about_officers = forms.BooleanField(
        label=gettext_lazy("It is about what the secretary or the recorder did"),
        required=False,
        help_text=gettext_lazy("Then the town handles it; you keep only its receipt."),
    )
    scan = ScanField(label=gettext_lazy("scan or photo of the paper"))
    field_order = ("via", "received_on", "objector_name", "about", "text", "scan", "about_officers", "token")

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_members(members)
        self.fields["about"].initial = ""


class NoteForm(WorkbenchForm):
    """One investigation note."""

    text = forms.CharField(label=gettext_lazy("investigation note"), widget=forms.Textarea(attrs={"rows": 5}))


class AnsweringForm(WorkbenchForm):
    """What answers an objection; the recusal statement where the objection names a member."""

    def __init__(self, *args: Any, names_member: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if names_member:
            self.fields["is_unrelated"] = RecusalField()

    def is_declared(self) -> bool:
        """Whether the statement was asked for and given."""
        return bool(self.cleaned_data.get("is_unrelated"))


class ExplanationForm(AnsweringForm):
    """The written answer; where a correction was made since, it can be named as the answer."""

    answer = forms.CharField(
        label=gettext_lazy("written answer"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("The objector reads it. Name no ground of a finding and nobody's private matters."),
    )

    def __init__(self, *args: Any, corrections: Sequence[Correction], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corrections = {str(row.pk): row for row in corrections}
        if corrections:
            shown = [
                (
                    str(row.pk),
                    _("corrected: %(name)s, decided on %(day)s")
                    % {"name": row.member.listed_name, "day": row.decided_on},
                )
                for row in corrections
            ]
            self.fields["correction"] = forms.ChoiceField(
                label=_("how it is settled"),
                required=False,
                choices=[("", _("explained")), *shown],
                widget=forms.RadioSelect,
            )
            self.order_fields(["answer", "correction"])

    def chosen_correction(self) -> Correction | None:
        """The correction named on a form that is sound."""
        return self.corrections.get(self.cleaned_data.get("correction", ""))


class TownReplyForm(AnsweringForm):
    """What the town replies to somebody whom the branch's answer did not satisfy."""

    reply = forms.CharField(label=gettext_lazy("the town's reply"), widget=forms.Textarea(attrs={"rows": 6}))
