"""Renaming a town; making and changing a branch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for
from members.models import Branch, Town
from members.places.branches import change_branch, create_branch
from members.places.towns import rename_town
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.editing import EditRow
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.steps import Outcome, TableStep


class TownForm(WorkbenchForm):
    """The town's name."""

    name = TidyField(label=gettext_lazy("town name"), max_length=100)


class RenameTown(EditRow[TownForm, Town]):
    """Rename the town."""

    name = "edit"
    verb = "rename_town"
    action = Action.KEEP_ROSTER
    form_class = TownForm
    submit = gettext_lazy("Save")
    done = gettext_lazy("Saved. To undo it, rename the town again.")

    def get_title(self) -> str:
        return _("Rename %(name)s") % {"name": self.row.name}

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"name": self.row.name}}

    def carry_out(self, form: TownForm) -> None:
        rename_town(actor=self.actor, now=self.now, town=self.row, name=form.cleaned_data["name"])


class BranchForm(WorkbenchForm):
    """A branch; parents and successors come from the same town."""

    name = TidyField(label=gettext_lazy("branch name"), max_length=100)
    is_slip = forms.BooleanField(
        label=gettext_lazy("the new name only corrects a slip of the pen"),
        required=False,
        help_text=gettext_lazy(
            "Then papers of past years bear it too. Without it, a renamed branch keeps its old name on them."
        ),
    )
    parent = forms.ModelChoiceField(
        label=gettext_lazy("general branch"), queryset=Branch.objects.none(), required=False, empty_label="—"
    )
    has_committee = forms.BooleanField(
        label=gettext_lazy("has a branch committee"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A branch with fewer than 7 full members has none: there the members' assembly decides."
        ),
    )
    opened_on = forms.DateField(label=gettext_lazy("opened on"), required=False, widget=forms.DateInput)
    closed_on = forms.DateField(label=gettext_lazy("closed on"), required=False, widget=forms.DateInput)
    successor = forms.ModelChoiceField(
        label=gettext_lazy("successor"), queryset=Branch.objects.none(), required=False, empty_label="—"
    )
    position = forms.IntegerField(
        label=gettext_lazy("position"),
        min_value=0,
        max_value=100_000,
        required=False,
        help_text=gettext_lazy("Order in lists and reports."),
    )

    def __init__(self, *args: object, others: QuerySet[Branch], new: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name in ("parent", "successor"):
            self.offer(name, others)
        if new:
            for name in ("is_slip", "closed_on", "successor", "position"):
                del self.fields[name]


class NewBranchForm(BranchForm):
    """A new branch says which town it is in."""

    town = forms.ModelChoiceField(
        label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=gettext_lazy("choose …")
    )

    def __init__(self, *args: object, towns: QuerySet[Town], **kwargs: object) -> None:
        super().__init__(*args, new=True, **kwargs)  # type: ignore[arg-type]
        self.offer("town", towns)
        self.fields["town"].initial = towns.first()
        self.order_fields(["town"])


class NewBranch(TableStep[NewBranchForm]):
    """Make a branch."""

    name = "new"
    form_class = NewBranchForm
    title = gettext_lazy("New branch")
    submit = gettext_lazy("Make the branch")
    done = gettext_lazy(
        "The branch was made. If it was a mistake, enter the day it closed; branches are never deleted."
    )

    def prepare(self) -> None:
        self.towns = kept_towns(self.request)
        require(self.towns.exists())

    def get_form_arguments(self) -> dict[str, Any]:
        branches = branches_for(self.actor, on=self.today, action=Action.KEEP_ROSTER)
        return {"towns": self.towns, "others": branches}

    def carry_out(self, form: NewBranchForm) -> Outcome:
        names = ("town", "name", "parent", "has_committee", "opened_on")
        values = {name: form.cleaned_data[name] for name in names}
        branch = create_branch(actor=self.actor, now=self.now, **values)
        return Outcome(row_url(branch), self.done)


class ChangeBranch(EditRow[BranchForm, Branch]):
    """Change a branch."""

    name = "edit"
    verb = "change_branch"
    action = Action.KEEP_ROSTER
    form_class = BranchForm
    submit = gettext_lazy("Save")
    done = gettext_lazy("Saved. The audit log keeps what stood there before.")

    fields = ("name", "parent", "has_committee", "opened_on", "closed_on", "successor", "position")

    def get_title(self) -> str:
        return _("Edit %(name)s") % {"name": self.row.name}

    def get_form_arguments(self) -> dict[str, Any]:
        return {
            "others": Branch.objects.filter(town=self.row.town).exclude(pk=self.row.pk),
            "new": False,
            "initial": {name: getattr(self.row, name) for name in self.fields},
        }

    def carry_out(self, form: BranchForm) -> None:
        values = {name: form.cleaned_data[name] for name in self.fields}
        values["position"] = values["position"] or 0
        slip = form.cleaned_data["is_slip"]
        change_branch(actor=self.actor, now=self.now, branch=self.row, values=values, is_slip=slip)
