"""Clean input for objections: no length is set on the boxes, for a browser would cut off what was pasted."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member
from publicity.objections.objections import DISSATISFACTION_LIMIT


class AboutForm(forms.Form):
    """Whose line it is about: one of the notice's members, or none in particular."""

    about = forms.ChoiceField(label=gettext_lazy("whose line it is about"), required=False)

    def set_members(self, members: Sequence[Member], *, own: int | None = None) -> None:
        """Offer the members of the notice, one's own line first."""
        self.members = {str(member.pk): member for member in members}
        ordered = sorted(members, key=lambda member: member.pk != own)
        names = [(str(row.pk), _("my own line") if row.pk == own else row.listed_name) for row in ordered]
        field = self.fields["about"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*names, ("", _("nobody's in particular"))]

    def chosen_member(self) -> Member | None:
        """The member chosen on a form that is sound."""
        return self.members.get(self.cleaned_data["about"])


class DissatisfactionForm(forms.Form):
    """Why the answer does not satisfy; nothing need be said."""

    text = forms.CharField(
        label=gettext_lazy("Why the answer does not satisfy (may stay empty)"),
        required=False,
        max_length=DISSATISFACTION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
