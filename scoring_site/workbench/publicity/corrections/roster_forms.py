"""Clean input for the change of the roster a correction may carry: a move, an exemption or its end (D10, D15, D16)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Branch, Exemption, ExemptionApplication, Membership
from members.places.resolutions import NUMBERS
from points.roster.exemptions import BranchVote, EndOfExemption, plan_exemption
from points.roster.moves import Move, RosterChange
from scoring_site.forms.fields import DateInput, WorkbenchForm

NOTHING, MOVE, EXEMPT, END = "", "move", "exempt", "end"
KINDS = {
    NOTHING: gettext_lazy("nothing on the roster"),
    MOVE: gettext_lazy("a move, leaving or suspension"),
    EXEMPT: gettext_lazy("the exemption the member applied for"),
    END: gettext_lazy("the end of the exemption"),
}
NEEDED = {
    MOVE: ("from_date", "why"),
    EXEMPT: ("decided_on", *NUMBERS),
    END: ("from_date",),
}


class RosterChangeForm(WorkbenchForm):
    """One change of the roster, or none; only the kinds that the user may enter are offered."""

    kind = forms.ChoiceField(label=gettext_lazy("what changes on the roster"), required=False)
    from_date = forms.DateField(label=gettext_lazy("effective from"), widget=DateInput, required=False)
    why = forms.ChoiceField(
        label=gettext_lazy("why somebody moves or leaves"), choices=[("", "—"), *Membership.Why.choices], required=False
    )
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch after the move"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("none (leaving)"),
    )
    decided_on = forms.DateField(
        label=gettext_lazy("exemption decided by the branch on"), widget=DateInput, required=False
    )
    expected = forms.IntegerField(label=gettext_lazy("people expected"), min_value=1, max_value=999, required=False)
    present = forms.IntegerField(label=gettext_lazy("people present"), min_value=1, max_value=999, required=False)
    in_favour = forms.IntegerField(label=gettext_lazy("in favour"), min_value=0, max_value=999, required=False)
    against = forms.IntegerField(label=gettext_lazy("against"), min_value=0, max_value=999, required=False)
    abstained = forms.IntegerField(label=gettext_lazy("abstained"), min_value=0, max_value=999, required=False)

    def __init__(
        self,
        *args: Any,
        branches: QuerySet[Branch],
        may_move: bool,
        may_exempt: bool,
        exemption: Exemption | None,
        application: ExemptionApplication | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix="roster", **kwargs)
        self._exemption, self._application = exemption, application
        offered = [NOTHING, *[MOVE] * may_move, *[EXEMPT] * (may_exempt and application is not None)]
        offered += [END] * (may_exempt and exemption is not None)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(each, KINDS[each]) for each in offered]
        self.offer("branch", branches)
        self.offers = len(offered) > 1
        if not may_move:
            del self.fields["why"], self.fields["branch"]
        if EXEMPT not in offered:
            for name in NEEDED[EXEMPT]:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A kind comes with all it needs, and nothing without a kind."""
        data = super().clean() or self.cleaned_data
        kind = data.get("kind", NOTHING)
        if "kind" in self.errors:
            return data
        if kind == NOTHING:
            if any(data.get(name) not in (None, "") for name in self.fields if name != "kind"):
                self.add_error("kind", _("Choose what changes on the roster, or leave all its fields empty."))
            return data
        for name in NEEDED[kind]:
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("This is needed for %(kind)s.") % {"kind": KINDS[kind]})
        return data

    def chosen_change(self, *, reason: str) -> RosterChange | None:
        """What was entered; an exemption ends for the correction's reason."""
        data = self.cleaned_data
        if data["kind"] == MOVE:
            return Move(data["branch"], data["from_date"], Membership.Why(data["why"]))
        if data["kind"] == EXEMPT:
            assert self._application is not None
            vote = BranchVote(data["decided_on"], *(data[name] for name in NUMBERS))
            return plan_exemption(self._application, vote)
        if data["kind"] == END:
            assert self._exemption is not None
            return EndOfExemption(self._exemption, data["from_date"], reason)
        return None
