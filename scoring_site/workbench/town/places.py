"""Towns and branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of, towns_for
from members.models import Branch, Town
from members.places.branches import change_branch, create_branch
from members.places.towns import rename_town
from members.selectors import members_in
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.filters import TownFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


class TownForm(WorkbenchForm):
    """The town's name."""

    name = TidyField(label=gettext_lazy("town name"), max_length=100)


class TownAdmin(ScopedModelAdmin[Town]):
    """The towns one works for."""

    list_display = ("name", "branch_count")
    search_fields = ("name",)

    def scope(self, request: HttpRequest, rows: QuerySet[Town]) -> QuerySet[Town]:
        towns = towns_for(actor_of(request), on=today_of(request))
        return rows.filter(pk__in=towns.values("pk")).annotate(branch_count=Count("branches"))

    @admin.display(description=gettext_lazy("branches"), ordering="branch_count")
    def branch_count(self, town: Town) -> int:
        count: int = town.branch_count  # type: ignore[attr-defined]
        return count

    def may_change(self, request: HttpRequest, row: Town, action: Action) -> bool:
        return row.pk in reach_of(actor_of(request), on=today_of(request)).staff_towns

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("<int:object_id>/edit/", self.edit_view, "edit")]

    def row_facts(self, request: HttpRequest, row: Town) -> Sequence[Fact]:
        return [Fact(_("town name"), row.name), Fact(_("branches"), self.branch_count(row))]

    def row_buttons(self, request: HttpRequest, row: Town) -> Sequence[Button]:
        if not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        return [Button(_("Rename"), self.url("edit", row.pk), "edit")]

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Rename the town."""
        town = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        form = TownForm(request.POST or None, initial={"name": town.name})

        def carry_out() -> Outcome:
            rename_town(actor=actor_of(request), now=now_of(request), town=town, name=form.cleaned_data["name"])
            return Outcome(self.url_of(town), _("Saved. To undo it, rename the town again."))

        page = FormPage(title=_("Rename %(name)s") % {"name": town.name}, back=self.url_of(town), submit=_("Save"))
        return self.run_form(request, form, page, carry_out)


class BranchForm(WorkbenchForm):
    """A branch; parents and successors come from the same town."""

    name = TidyField(label=gettext_lazy("branch name"), max_length=100)
    parent = forms.ModelChoiceField(
        label=gettext_lazy("general branch"), queryset=Branch.objects.none(), required=False, empty_label="—"
    )
    has_committee = forms.BooleanField(
        label=gettext_lazy("has a branch committee"),
        required=False,
        initial=True,
        help_text=gettext_lazy(
            "A branch with fewer than 7 full members has none: there the members' assembly decides (D19)."
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
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = others
        if new:
            for name in ("closed_on", "successor", "position"):
                del self.fields[name]


class NewBranchForm(BranchForm):
    """A new branch says which town it is in."""

    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none())

    def __init__(self, *args: object, towns: QuerySet[Town], **kwargs: object) -> None:
        super().__init__(*args, new=True, **kwargs)  # type: ignore[arg-type]
        field = self.fields["town"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = towns
        field.initial = towns.first()
        self.order_fields(["town"])


class BranchAdmin(ScopedModelAdmin[Branch]):
    """The branches within reach; town staff make and change them."""

    list_display = ("name", "parent_name", "has_committee", "opened_on", "closed_on")
    list_filter = (TownFilter,)
    list_select_related = ("parent",)
    search_fields = ("name",)
    ordering = ("town_id", "position", "id")

    @admin.display(description=gettext_lazy("general branch"))
    def parent_name(self, branch: Branch) -> str:
        return branch.parent.name if branch.parent else "—"

    def may_change(self, request: HttpRequest, row: Branch, action: Action) -> bool:
        return branches_for(actor_of(request), on=today_of(request), action=action).filter(pk=row.pk).exists()

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("new/", self.new_view, "new"),
            self.page("<int:object_id>/edit/", self.edit_view, "edit"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("New branch"), self.url("new"), "add", main=True)]

    def row_facts(self, request: HttpRequest, row: Branch) -> Sequence[Fact]:
        members = reverse(f"{self.admin_site.name}:members_member_changelist")
        count = members_in([row.pk], today_of(request)).count()
        return [
            Fact(_("town"), row.town.name),
            Fact(_("general branch"), row.parent.name if row.parent else "—"),
            Fact(_("has a branch committee"), _("yes") if row.has_committee else _("no")),
            Fact(_("opened on"), row.opened_on or "—"),
            Fact(_("closed on"), row.closed_on or "—"),
            Fact(_("successor"), row.successor.name if row.successor else "—"),
            Fact(_("members today"), count, f"{members}?branch={row.pk}"),
        ]

    def row_buttons(self, request: HttpRequest, row: Branch) -> Sequence[Button]:
        if not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        return [Button(_("Edit"), self.url("edit", row.pk), "edit")]

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Make a branch."""
        user = actor_of(request)
        reach = reach_of(user, on=today_of(request))
        towns = Town.objects.filter(pk__in=reach.staff_towns)
        self.require(bool(reach.staff_towns))
        branches = branches_for(user, on=today_of(request), action=Action.KEEP_ROSTER)
        form = NewBranchForm(request.POST or None, towns=towns, others=branches)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            branch = create_branch(
                actor=user,
                now=now_of(request),
                town=data["town"],
                name=data["name"],
                parent=data["parent"],
                has_committee=data["has_committee"],
                opened_on=data["opened_on"],
            )
            return Outcome(
                self.url_of(branch),
                _("The branch was made. If it was a mistake, enter the day it closed; branches are never deleted."),
            )

        page = FormPage(title=_("New branch"), back=self.url("changelist"), submit=_("Make the branch"))
        return self.run_form(request, form, page, carry_out)

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Change a branch."""
        branch = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        others = Branch.objects.filter(town=branch.town).exclude(pk=branch.pk)
        fields = ("name", "parent", "has_committee", "opened_on", "closed_on", "successor", "position")
        form = BranchForm(
            request.POST or None, others=others, new=False, initial={name: getattr(branch, name) for name in fields}
        )

        def carry_out() -> Outcome:
            values = {name: form.cleaned_data[name] for name in fields}
            values["position"] = values["position"] or 0
            change_branch(actor=actor_of(request), now=now_of(request), branch=branch, values=values)
            return Outcome(self.url_of(branch), _("Saved. The audit log keeps what stood there before."))

        page = FormPage(title=_("Edit %(name)s") % {"name": branch.name}, back=self.url_of(branch), submit=_("Save"))
        return self.run_form(request, form, page, carry_out)
