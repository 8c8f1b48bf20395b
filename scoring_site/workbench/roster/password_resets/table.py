"""The resets of the branches' members: read by officers and the town's roles, settled by different people."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, holds_office_for, reach_of
from members.accounts.branch_resets import explain_no_code, explain_no_town_confirmation
from members.models import PasswordReset
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter
from scoring_site.workbench.base.roles import may_see_resets
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.roster.password_resets.steps import (
    AskForReset,
    ConfirmReset,
    GiveCode,
    RefuseReset,
    name_refusal,
)


class ResetStateFilter(ChoiceFilter):
    """By where a reset stands."""

    title = gettext_lazy("state")
    parameter_name = "state"
    offered = PasswordReset.State


class PasswordResetAdmin(ScopedModelAdmin[PasswordReset]):
    """Who asked, who gave the code, who confirmed it for the town."""

    list_display = ("account", "branch", "state", "asked_by", "given_by", "asked_at")
    list_filter = (ResetStateFilter,)
    list_select_related = ("user", "branch", "asked_by", "given_by")
    search_fields = ("user__username", "user__last_name")
    search_help_text = gettext_lazy("User name or name")
    ordering = ("-asked_at", "-id")
    subpages = (AskForReset, GiveCode, ConfirmReset, RefuseReset)

    def scope(self, request: HttpRequest, rows: QuerySet[PasswordReset]) -> QuerySet[PasswordReset]:
        """Of the branches within reach; whoever keeps the town's accounts sees the town's, but no more of a branch."""
        kept = reach_of(actor_of(request), on=today_of(request)).towns_with(Action.KEEP_ACCOUNTS)
        within = super().scope(request, rows)
        return rows.filter(Q(pk__in=within.values("pk")) | Q(branch__town__in=kept))

    def has_view_permission(self, request: HttpRequest, obj: PasswordReset | None = None) -> bool:
        return may_see_resets(request)

    @admin.display(description=gettext_lazy("account"), ordering="user__last_name")
    def account(self, reset: PasswordReset) -> str:
        return str(reset.user)

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        reach = reach_of(actor_of(request), on=today_of(request))
        if not reach.branches_to(Action.GIVE_LOGIN):
            return []
        return [Button(_("Ask for a password reset"), self.url("ask"), "key", main=True)]

    def row_title(self, row: PasswordReset) -> str:
        return f"{row.user} {timezone.localdate(row.asked_at)}"

    def row_facts(self, request: HttpRequest, row: PasswordReset) -> Sequence[Fact]:
        facts = [
            Fact(_("account"), f"{row.user}（{row.user.username}）"),
            Fact(_("branch"), row.branch.name),
            Fact(_("state"), row.get_state_display()),
            Fact(_("Reason"), row.reason),
            Fact(_("asked by"), str(row.asked_by)),
            Fact(_("asked at"), row.asked_at),
        ]
        if row.given_by:
            facts += [Fact(_("code given by"), str(row.given_by)), Fact(_("code given at"), row.given_at)]
        if row.settled_by:
            confirmed = row.state == PasswordReset.State.CONFIRMED
            facts.append(Fact(_("confirmed by") if confirmed else _("refused or taken back by"), str(row.settled_by)))
            facts.append(Fact(_("confirmed at") if confirmed else _("refused or taken back at"), row.settled_at))
        if row.code is not None:
            facts.append(Fact(_("acknowledged by the owner"), row.code.acknowledged_at or _("not yet")))
        return facts

    def may_change(self, request: HttpRequest, row: PasswordReset, action: Action) -> bool:
        """The officers of the branch until the code is given, who keeps the town's accounts until it is settled."""
        user, on = actor_of(request), today_of(request)
        is_staff = row.branch.town_id in reach_of(user, on=on).towns_with(Action.KEEP_ACCOUNTS)
        if action is Action.KEEP_ACCOUNTS:
            return is_staff
        return is_staff or holds_office_for(user, Action.GIVE_LOGIN, row.branch, on=on)

    def row_buttons(self, request: HttpRequest, row: PasswordReset) -> Sequence[Button]:
        actor = actor_of(request)
        is_staff = self.may_change(request, row, Action.KEEP_ACCOUNTS)
        is_officer = holds_office_for(actor, Action.GIVE_LOGIN, row.branch, on=today_of(request))
        buttons = []
        if is_officer and not explain_no_code(row, actor):
            buttons.append(Button(_("Give the code"), self.url("give", row.pk), "key", main=True))
        if is_staff and not explain_no_town_confirmation(row, actor):
            buttons.append(Button(_("Confirm the reset"), self.url("confirm", row.pk), "how_to_reg", main=True))
        if row.state in PasswordReset.OPEN and (is_staff or (is_officer and row.state == PasswordReset.State.ASKED)):
            buttons.append(Button(name_refusal(row, actor), self.url("refuse", row.pk), "block", grave=True))
        return buttons
