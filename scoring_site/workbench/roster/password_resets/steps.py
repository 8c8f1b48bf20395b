"""The steps of a reset by a branch, each by another person (D29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, holds_office_for, reach_of
from members.accounts.branch_resets import (
    accounts_to_reset,
    ask_for_reset,
    confirm_reset,
    explain_no_code,
    explain_no_town_confirmation,
    give_reset_code,
    refuse_reset,
)
from members.models import Branch, PasswordReset, User
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.parameters import read_id
from scoring_site.workbench.base.accounts import offer_accounts
from scoring_site.workbench.base.pages import Text, page_url, require, row_url
from scoring_site.workbench.base.steps import ALL_FACTS, BranchStep, Outcome, RowStep, TableStep


class AskForm(ReasonForm):
    """Whose password is lost, and why the branch resets it."""

    user = forms.ModelChoiceField(
        label=gettext_lazy("member"),
        queryset=User.objects.none(),
        empty_label="—",
        help_text=gettext_lazy("Members without a role who had a password; all others are reset by the town's staff."),
    )
    field_order = ("user", "reason")

    def __init__(self, *args: Any, users: QuerySet[User], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_accounts(self, users, on=on)


class AskForReset(BranchStep[AskForm], TableStep[AskForm]):
    """As one officer of the branch, ask; `?member=` chooses whose it is."""

    name = "ask"
    form_class = AskForm
    template = "workbench/roster/ask_for_reset.html"
    title = gettext_lazy("Ask for a password reset")
    submit = gettext_lazy("Ask for the reset")
    intro = (
        gettext_lazy(
            "For members without a role. Another officer of the branch then gives the code, with the member present; "
            "until the town's staff have confirmed it, the account shows scores and notices only."
        ),
    )
    done = gettext_lazy("Asked. Another officer of the branch confirms it with the member present; take it back here.")

    def find_branches(self) -> QuerySet[Branch]:
        held = reach_of(self.actor, on=self.today).branches_to(Action.GIVE_LOGIN)
        return Branch.objects.filter(pk__in=held).order_by("position", "id")

    def get_form_arguments(self) -> dict[str, Any]:
        assert self.branch is not None
        users = accounts_to_reset(self.branch, on=self.today).order_by("member__position", "pk")
        member = read_id(self.request.GET.get("member", ""))
        chosen = users.filter(member=member).first() if member else None
        return {"users": users, "on": self.today, "initial": {"user": chosen}}

    def carry_out(self, form: AskForm) -> Outcome:
        assert self.branch is not None
        data = form.cleaned_data
        reset = ask_for_reset(
            actor=self.actor, now=self.now, user=data["user"], branch=self.branch, reason=data["reason"]
        )
        return Outcome(row_url(reset), self.done)


class GiveCode(RowStep[PasswordReset, WorkbenchForm]):
    """As the second officer, end the password and show, this once, the code (D29)."""

    name = "give"
    asks_password = True
    action = Action.GIVE_LOGIN
    template = "workbench/town/password.html"
    submit = gettext_lazy("Confirm and show the code")
    warning = (
        gettext_lazy("The member stands before you: make sure of it, and give them the code yourself."),
        gettext_lazy("The present password stops working, and open sessions of the account end."),
    )
    shown_facts = ALL_FACTS

    def prepare(self) -> None:
        """The town's staff see it and may refuse it, but are no officers of the branch."""
        super().prepare()
        require(holds_office_for(self.actor, Action.GIVE_LOGIN, self.row.branch, on=self.today))

    def get_title(self) -> str:
        return _("Reset the password of %(name)s") % {"name": self.row.user}

    def get_warning(self) -> Sequence[Text]:
        if self.row.given_by_id == self.actor.pk:
            return ()  # the page that shows the code
        refusal = explain_no_code(self.row, self.actor)
        return (refusal,) if refusal else self.warning

    def get_context(self) -> dict[str, Any]:
        return {"account": self.row.user, "issued": None}

    def carry_out(self, form: WorkbenchForm) -> HttpResponseBase:
        issued = give_reset_code(actor=self.actor, now=self.now, reset=self.row)
        self.row.refresh_from_db()
        return self.show(form, issued=issued)


class ConfirmReset(RowStep[PasswordReset, WorkbenchForm]):
    """For the town, confirm that the member asked for it (D29)."""

    name = "confirm"
    asks_password = True
    action = Action.KEEP_ACCOUNTS
    title = gettext_lazy("Confirm the reset")
    submit = gettext_lazy("Confirm the reset")
    intro = (
        gettext_lazy("Ask the member themselves, by telephone or in person: did they want it, and do they have it?"),
    )
    shown_facts = ALL_FACTS
    done = gettext_lazy("Confirmed. The account can do everything again; the town's staff can reset it again.")

    def get_warning(self) -> Sequence[Text]:
        refusal = explain_no_town_confirmation(self.row, self.actor)
        return (refusal,) if refusal else ()

    def carry_out(self, form: WorkbenchForm) -> None:
        confirm_reset(actor=self.actor, now=self.now, reset=self.row)


class RefuseReset(RowStep[PasswordReset, WorkbenchForm]):
    """End a reset: who asked takes it back, another officer or the town refuses it."""

    name = "refuse"
    asks_password = True
    action = Action.GIVE_LOGIN
    grave = True
    shown_facts = ALL_FACTS
    done = gettext_lazy("Ended. Where it is right after all, ask for it again, or the town's staff reset the password.")

    def get_title(self) -> Text:
        return name_refusal(self.row, self.actor)

    def get_submit(self) -> Text:
        return self.get_title()

    def get_warning(self) -> Sequence[Text]:
        if self.row.state != PasswordReset.State.GIVEN:
            return ()
        return (_("The code, and a password chosen with it, stop working; the town's staff reset it from there."),)

    def carry_out(self, form: WorkbenchForm) -> None:
        refuse_reset(actor=self.actor, now=self.now, reset=self.row)


def name_refusal(reset: PasswordReset, actor: User) -> str:
    """What ending a reset is called, by who does it."""
    is_own = reset.state == PasswordReset.State.ASKED and reset.asked_by_id == actor.pk
    return _("Take the reset back") if is_own else _("Refuse the reset")


def ask_url(branch: Branch) -> str:
    """Where an officer of a branch asks for a reset."""
    return f"{page_url('members_passwordreset_ask')}?branch={branch.pk}"
