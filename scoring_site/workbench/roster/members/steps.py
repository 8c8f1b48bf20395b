"""What town staff change of a member: put on the roster, details, full member."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of
from members.models import Member, Membership
from members.people.changes import change_member
from members.people.roster import create_member, make_full_member
from points.roster.closed_lists import find_closed_joinings
from scoring_site.access_log import note_shown_in_full
from scoring_site.workbench.base.editing import EditRow
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.steps import Outcome, RowStep, TableStep
from scoring_site.workbench.roster.members.forms import FullMemberForm, MemberForm, NewMemberForm


class NewMember(TableStep[NewMemberForm]):
    """Put a person on the roster, unless the day's list is closed (D20)."""

    name = "new"
    form_class = NewMemberForm
    title = gettext_lazy("New member")
    submit = gettext_lazy("Put on the roster")
    intro = (gettext_lazy("For many people at once use the roster import."),)

    def prepare(self) -> None:
        require(bool(reach_of(self.actor, on=self.today).staff_towns))

    def get_form_arguments(self) -> dict[str, Any]:
        branches = branches_for(self.actor, on=self.today, action=Action.KEEP_ROSTER)
        return {"branches": branches, "initial": {"from_date": self.today}}

    def carry_out(self, form: NewMemberForm) -> Outcome:
        values = dict(form.cleaned_data)
        branch, from_date, why = values.pop("branch"), values.pop("from_date"), values.pop("why")
        member = create_member(
            actor=self.actor,
            now=self.now,
            branch=branch,
            values=values,
            from_date=from_date,
            why=Membership.Why(why),
            guard=find_closed_joinings,
        )
        said = _("%(name)s is on the roster. Details can be edited here; members are never deleted.")
        return Outcome(row_url(member), said % {"name": member.listed_name})


class EditMember(EditRow[MemberForm, Member]):
    """Change personal details."""

    name = "edit"
    verb = "change_member"
    action = Action.KEEP_ROSTER
    form_class = MemberForm
    submit = gettext_lazy("Save")
    intro = (gettext_lazy("Branch, leaving and exemption are changed by their own buttons on the member's page."),)
    done = gettext_lazy("Saved. The audit log keeps what stood there before.")

    def get_title(self) -> str:
        return _("Edit %(name)s") % {"name": self.row.listed_name}

    def get_form_arguments(self) -> dict[str, Any]:
        if self.row.id_number or self.row.phone:
            note_shown_in_full(self.request)  # the form's fields hold them whole, to be corrected
        return {"initial": {name: getattr(self.row, name) for name in MemberForm.base_fields}}

    def carry_out(self, form: MemberForm) -> None:
        change_member(actor=self.actor, now=self.now, member=self.row, values=form.cleaned_data)


class MakeFullMember(RowStep[Member, FullMemberForm]):
    """Enter that a probationary member became a full one."""

    name = "full"
    action = Action.KEEP_ROSTER
    form_class = FullMemberForm
    submit = gettext_lazy("Save")
    warning = (gettext_lazy("This cannot be taken back here. Check the day with the decision."),)

    def get_title(self) -> str:
        return _("%(name)s becomes a full member") % {"name": self.row.listed_name}

    def carry_out(self, form: FullMemberForm) -> Outcome:
        day = form.cleaned_data["full_since"]
        make_full_member(actor=self.actor, now=self.now, member=self.row, full_since=day)
        return Outcome(self.get_back(), _("%(name)s is a full member now.") % {"name": self.row.listed_name})
