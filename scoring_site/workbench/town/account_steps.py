"""Making an account, its role, password and rights; confirming and ending an appointment: all by the town's staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic

from django import forms
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, members_for
from members.accounts.administrators import explain_ending
from members.accounts.changing import (
    confirm_appointment,
    end_appointment,
    refuse_appointment,
    set_account_active,
    set_ground_reading,
)
from members.accounts.creating import appoint, create_user
from members.accounts.login_codes import reset_password
from members.accounts.second_factor import remove_second_factor
from members.accounts.second_person import explain_no_confirmation, explain_no_permission, say_confirmer
from members.models import Appointment, Branch, Member, Town, User
from members.people.naming import tell_apart_at_home
from scoring_site.forms.fields import ReasonForm, TidyField, WorkbenchForm
from scoring_site.parameters import read_id
from scoring_site.workbench.base.choices import kept_towns
from scoring_site.workbench.base.editing import EditRow
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import ALL_FACTS, FormT, Outcome, RowStep, TableStep


class AccountForm(WorkbenchForm):
    """A new account."""

    town = forms.ModelChoiceField(
        label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=gettext_lazy("choose …")
    )
    username = TidyField(
        label=gettext_lazy("user name"),
        max_length=150,
        validators=[User.username_validator],
        help_text=gettext_lazy("What is typed to log in: letters, digits and @ . + - _"),
    )
    name = TidyField(label=gettext_lazy("name"), max_length=60)

    def __init__(self, *args: Any, towns: QuerySet[Town], member: Member | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("town", towns)
        self.fields["town"].initial = towns.first()
        if member is not None:
            del self.fields["town"]
            del self.fields["name"]


class AppointmentForm(WorkbenchForm):
    """A role for an account; branches are those of the account's town."""

    role = forms.ChoiceField(label=gettext_lazy("role"), choices=Appointment.Role.choices)
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label="—",
        help_text=gettext_lazy("Empty for town staff, supervisors and administrators."),
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("branch", branches)


class EndForm(WorkbenchForm):
    """The first day without the role."""

    to_date = forms.DateField(
        label=gettext_lazy("to"), widget=forms.DateInput, help_text=gettext_lazy("The first day without the role.")
    )


class NewAccount(TableStep[AccountForm]):
    """Make an account; `?member=` links it to a member of the town."""

    name = "new"
    asks_password = True
    form_class = AccountForm
    submit = gettext_lazy("Make the account")
    done = gettext_lazy(
        "The account was made. Give it a password, and a role where it needs one. It can be closed here."
    )

    towns: QuerySet[Town]
    member: Member | None

    def prepare(self) -> None:
        self.towns, self.member = kept_towns(self.request, Action.KEEP_ACCOUNTS), None
        require(self.towns.exists())
        if wanted := self.request.GET.get("member", ""):
            members = members_for(self.actor, on=self.today, action=Action.KEEP_ROSTER)
            self.member = members.filter(pk=read_id(wanted)).select_related("town").first()
            require(self.member is not None)
            tell_apart_at_home([self.member] if self.member else [], on=self.today)

    def get_title(self) -> str:
        return _("New account for %(name)s") % {"name": self.member.listed_name} if self.member else _("New account")

    def get_back(self) -> str:
        return row_url(self.member) if self.member else super().get_back()

    def get_form_arguments(self) -> dict[str, Any]:
        return {"towns": self.towns, "member": self.member}

    def carry_out(self, form: AccountForm) -> Outcome:
        data = form.cleaned_data
        account = create_user(
            actor=self.actor,
            now=self.now,
            town=self.member.town if self.member else data["town"],
            username=data["username"],
            name=data.get("name", ""),
            member=self.member,
        )
        return Outcome(row_url(account), self.done)


class AppointAccount(RowStep[User, AppointmentForm]):
    """Give the account a role."""

    name = "appoint"
    asks_password = True
    action = Action.KEEP_ACCOUNTS
    form_class = AppointmentForm
    submit = gettext_lazy("Appoint")
    done = gettext_lazy("Appointed. An appointment is ended from the list of appointments.")

    town: Town

    def prepare(self) -> None:
        super().prepare()
        assert self.row.town is not None
        self.town = self.row.town

    def get_title(self) -> str:
        return _("Appoint %(name)s") % {"name": self.row}

    def get_intro(self) -> Sequence[Text]:
        """What waits, and for whom."""
        who = say_confirmer(self.town, on=self.today, holder=self.row)
        return [
            _("A role over the town, an earlier day, and a second role in one branch wait. Confirmed by: %(who)s.")
            % {"who": who},
            _("System, security and audit administrator are three people, and none of them holds another role."),
        ]

    def get_form_arguments(self) -> dict[str, Any]:
        return {"branches": Branch.objects.filter(town=self.town), "initial": {"from_date": self.today}}

    def carry_out(self, form: AppointmentForm) -> Outcome:
        data = form.cleaned_data
        appointment = appoint(
            actor=self.actor,
            now=self.now,
            user=self.row,
            role=Appointment.Role(data["role"]),
            town=self.town,
            branch=data["branch"],
            from_date=data["from_date"],
        )
        if appointment.state != Appointment.State.WAITING:
            return Outcome(self.get_back(), self.done)
        said = _("Entered. It takes effect once it is confirmed (%(who)s); take it back here.")
        who = say_confirmer(self.town, on=self.today, holder=self.row)
        return Outcome(row_url(appointment), said % {"who": who})


class ResetPassword(RowStep[User, ReasonForm]):
    """End the password and show, this once, the code with which the owner chooses another (D29)."""

    name = "password"
    asks_password = True
    action = Action.KEEP_ACCOUNTS
    form_class = ReasonForm
    template = "workbench/town/password.html"
    submit = gettext_lazy("Reset the password")
    warning = (
        gettext_lazy("The present password stops working, and open sessions of the account end."),
        gettext_lazy("Give the code to the owner in person. The log keeps who reset it, when and why."),
    )

    def get_title(self) -> str:
        return _("Reset the password of %(name)s") % {"name": self.row}

    def get_context(self) -> dict[str, Any]:
        return {"account": self.row, "issued": None}

    def carry_out(self, form: ReasonForm) -> HttpResponseBase:
        reason = form.cleaned_data["reason"]
        return self.show(form, issued=reset_password(actor=self.actor, now=self.now, user=self.row, reason=reason))


class AccountStep(RowStep[User, FormT], Generic[FormT]):
    """Something that is done to an account, with whose it is above."""

    action = Action.KEEP_ACCOUNTS

    def get_facts(self) -> Sequence[Fact]:
        return [Fact(_("user name"), self.row.username), Fact(_("name"), self.row.get_full_name() or "—")]


class RemoveSecondFactor(AccountStep[ReasonForm]):
    """Help somebody who lost the phone: from then on the password alone logs them in, until they set it up anew."""

    name = "second_factor"
    asks_password = True
    form_class = ReasonForm
    title = gettext_lazy("Remove the second factor")
    submit = gettext_lazy("Remove the second factor")
    warning = (gettext_lazy("Make sure in person that it is the owner who asks. They are told, and log in anew."),)
    done = gettext_lazy("The second factor is removed.")

    def carry_out(self, form: ReasonForm) -> None:
        reason = form.cleaned_data["reason"]
        remove_second_factor(actor=self.actor, now=self.now, user=self.row, reason=reason)


class OpenOrClose(AccountStep[WorkbenchForm], EditRow[WorkbenchForm, User]):
    """Close the account, or open it again."""

    name = "active"
    verb = "set_account_active"
    asks_password = True

    def show_besides(self) -> Mapping[str, str]:
        return {"is_active": _("yes") if self.row.is_active else _("no")}

    def get_title(self) -> Text:
        return _("Close the account") if self.row.is_active else _("Open the account again")

    def get_submit(self) -> Text:
        return self.get_title()

    def get_warning(self) -> Sequence[Text]:
        """What falls back to the town's staff with it."""
        said = explain_ending(self.row, on=self.today) if self.row.is_active else ""
        return (said,) if said else ()

    def carry_out(self, form: WorkbenchForm) -> Outcome:
        open_it = not self.row.is_active
        set_account_active(actor=self.actor, now=self.now, user=self.row, is_active=open_it)
        said = _("The account is open again.") if open_it else _("The account is closed; it can be opened again.")
        return Outcome(self.get_back(), said)


class AllowGrounds(AccountStep[WorkbenchForm], EditRow[WorkbenchForm, User]):
    """Let the account read grounds of findings, or no longer (D21)."""

    name = "grounds"
    action = Action.CONFIRM_ROLE
    verb = "set_ground_reading"
    asks_password = True
    title = gettext_lazy("Reading of grounds")
    intro = (gettext_lazy("Who may read grounds states a reason each time; every look is logged."),)
    done = gettext_lazy("Saved. It can be changed back here.")

    @property
    def allow(self) -> bool:
        """Whether it would be allowed: it is not yet."""
        return not self.row.user_permissions.filter(codename="view_finding_grounds").exists()

    def show_besides(self) -> Mapping[str, str]:
        return {"allowed": _("no") if self.allow else _("yes")}

    def get_submit(self) -> Text:
        return _("Allow it") if self.allow else _("Allow it no longer")

    def get_warning(self) -> Sequence[Text]:
        assert self.row.town is not None
        refusal = explain_no_permission(self.row.town, self.actor, on=self.today) if self.allow else ""
        return (refusal,) if refusal else ()

    def carry_out(self, form: WorkbenchForm) -> None:
        set_ground_reading(actor=self.actor, now=self.now, user=self.row, allowed=self.allow)


class ConfirmAppointment(RowStep[Appointment, WorkbenchForm]):
    """As the second person, let an appointment take effect (D29)."""

    name = "confirm"
    asks_password = True
    action = Action.CONFIRM_ROLE
    title = gettext_lazy("Confirm the appointment")
    submit = gettext_lazy("Confirm the appointment")
    intro = (gettext_lazy("Compare it with the paper of the appointment, not with what you were told."),)
    shown_facts = ALL_FACTS
    done = gettext_lazy("Confirmed. It can be ended here.")

    def get_warning(self) -> Sequence[Text]:
        refusal = explain_no_confirmation(self.row, self.actor, on=self.today)
        return (refusal,) if refusal else ()

    def carry_out(self, form: WorkbenchForm) -> None:
        confirm_appointment(actor=self.actor, now=self.now, appointment=self.row)


class RefuseAppointment(RowStep[Appointment, WorkbenchForm]):
    """End an appointment that waits: another refuses it, who made it takes it back."""

    name = "refuse"
    action = Action.APPOINT_STAND_IN
    grave = True
    shown_facts = ALL_FACTS
    done = gettext_lazy("It never took effect. Where it is right after all, appoint the account again.")

    def get_title(self) -> Text:
        return name_refusal(self.row, self.actor)

    def get_submit(self) -> Text:
        return self.get_title()

    def carry_out(self, form: WorkbenchForm) -> None:
        refuse_appointment(actor=self.actor, now=self.now, appointment=self.row)


def name_refusal(appointment: Appointment, actor: User) -> str:
    """What ending an appointment that waits is called, by who does it."""
    return _("Take the appointment back") if appointment.made_by_id == actor.pk else _("Refuse the appointment")


class EndAppointment(RowStep[Appointment, EndForm]):
    """End an appointment."""

    name = "end"
    asks_password = True
    action = Action.APPOINT_STAND_IN
    form_class = EndForm
    title = gettext_lazy("End the appointment")
    submit = gettext_lazy("End the appointment")
    grave = True
    shown_facts = ALL_FACTS
    done = gettext_lazy("Ended. To undo it, appoint the account again.")

    def get_warning(self) -> Sequence[Text]:
        """What falls back to the town's staff with it."""
        said = explain_ending(self.row.user, on=self.today)
        return (said,) if said and self.row.role in Appointment.ADMINISTRATORS else ()

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"to_date": self.today}}

    def carry_out(self, form: EndForm) -> None:
        end_appointment(actor=self.actor, now=self.now, appointment=self.row, to_date=form.cleaned_data["to_date"])
