"""Entering a move, a leaving or a return of a member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, object_for
from members.models import Branch, Member, Membership
from members.people.naming import tell_apart_at_home
from points.roster.moves import change_membership
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import TableStep


class MoveForm(WorkbenchForm):
    """From a day on in another branch, or in none."""

    why = forms.ChoiceField(label=gettext_lazy("why"), choices=Membership.Why.choices)
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("none (leaving)"),
        help_text=gettext_lazy("Leaving has no branch, and every other move has one."),
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("branch", branches)


class MoveMember(TableStep[MoveForm]):
    """Enter a move, a leaving or a return."""

    name = "move"
    route = "move/<id:member_id>/"
    form_class = MoveForm
    submit = gettext_lazy("Enter the move")
    warning = (gettext_lazy("From that day the new branch records and reviews the member. Points move along."),)
    done = gettext_lazy("Entered. To undo it, enter the move back; what stood before stays in the list.")

    member: Member

    def prepare(self) -> None:
        self.member = object_for(
            self.actor, Member.objects.all(), on=self.today, action=Action.KEEP_ROSTER, pk=self.kwargs["member_id"]
        )
        tell_apart_at_home([self.member], on=self.today)

    def get_title(self) -> str:
        return _("Move %(name)s") % {"name": self.member.listed_name}

    def get_back(self) -> str:
        return row_url(self.member)

    def get_facts(self) -> Sequence[Fact]:
        last = self.member.memberships.order_by("-from_date").select_related("branch").first()
        return [Fact(_("branch"), name_branch(last)), Fact(_("from"), last.from_date)] if last else []

    def get_form_arguments(self) -> dict[str, Any]:
        branches = branches_for(self.actor, on=self.today, action=Action.KEEP_ROSTER).filter(town=self.member.town_id)
        return {"branches": branches, "initial": {"from_date": self.today}}

    def carry_out(self, form: MoveForm) -> None:
        data = form.cleaned_data
        change_membership(
            actor=self.actor,
            now=self.now,
            member=self.member,
            branch=data["branch"],
            from_date=data["from_date"],
            why=Membership.Why(data["why"]),
        )


def name_branch(row: Membership) -> str:
    """Where somebody belonged, or that they left."""
    return row.branch.name if row.branch else _("left")
