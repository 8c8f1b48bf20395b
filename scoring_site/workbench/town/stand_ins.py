"""Appointing a stand-in recorder, by the branch's secretary or the town's staff (D27)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.accounts.stand_ins import appoint_stand_in, who_may_stand_in
from members.models import Appointment, Branch, User
from scoring_site.forms.fields import ReasonForm
from scoring_site.workbench.base.accounts import name_accounts, offer_accounts
from scoring_site.workbench.base.pages import Text, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome, RowStep


class StandInForm(ReasonForm):
    """Who records in the recorder's place, and for how long."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("account"),
        queryset=User.objects.none(),
        empty_label="—",
        help_text=gettext_lazy("Members and officers of the branch with an account."),
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)
    to_date = forms.DateField(
        label=gettext_lazy("to"), widget=forms.DateInput, help_text=gettext_lazy("The first day without the role.")
    )
    field_order = ("user", "from_date", "to_date", "reason")

    def __init__(self, *args: Any, users: QuerySet[User], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_accounts(self, users, on=on)


class AppointStandIn(RowStep[Branch, StandInForm]):
    """Let somebody of the branch record in the recorder's place."""

    name = "stand_in"
    asks_password = True
    action = Action.APPOINT_STAND_IN
    form_class = StandInForm
    submit = gettext_lazy("Appoint")
    intro = (
        gettext_lazy("For when the recorder is ill or away, for half a year at most; the town's staff are told."),
        gettext_lazy("Who records cannot approve the half-year, a stand-in neither."),
        gettext_lazy("Who holds another role in the branch already waits until the town's staff have confirmed it."),
    )
    done = gettext_lazy("Appointed. It ends by itself, or earlier here.")

    def get_title(self) -> Text:
        return _("Stand-in recorder of %(branch)s") % {"branch": self.row.name}

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("recorders"), name_recorders(self.row, on=self.today) or "—")]

    def get_form_arguments(self) -> dict[str, Any]:
        users = who_may_stand_in(self.row, actor=self.actor, on=self.today).order_by("last_name", "pk")
        return {"users": users, "on": self.today, "initial": {"from_date": self.today}}

    def carry_out(self, form: StandInForm) -> Outcome:
        data = form.cleaned_data
        appointment = appoint_stand_in(
            actor=self.actor,
            now=self.now,
            user=data["user"],
            branch=self.row,
            from_date=data["from_date"],
            to_date=data["to_date"],
            reason=data["reason"],
        )
        if appointment.state != Appointment.State.WAITING:
            return Outcome(row_url(appointment), self.done)
        said = _("Entered. It takes effect once the town's staff have confirmed it; take it back here.")
        return Outcome(row_url(appointment), said)


def name_recorders(branch: Branch, *, on: date) -> str:
    """Who records for a branch on a day, a stand-in with their last day."""
    held = Appointment.objects.on(on).filter(branch=branch, role=Appointment.Role.RECORDER, user__is_active=True)
    rows = list(held.order_by("stands_in", "pk"))
    names = name_accounts(User.objects.filter(pk__in=[row.user_id for row in rows]), on=on)
    return "、".join(_name_recorder(row, names[row.user_id]) for row in rows)


def _name_recorder(held: Appointment, name: str) -> str:
    if not held.stands_in or held.to_date is None:
        return name
    return _("%(name)s (stand-in, to %(date)s)") % {"name": name, "date": held.to_date - timedelta(days=1)}
