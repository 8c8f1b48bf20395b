"""Accounts and appointments: seen by the town's own roles, made, confirmed and ended by town staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of, town_rows_for
from members.accounts.second_factor import has_second_factor
from members.accounts.second_person import explain_no_confirmation, say_confirmer, why_second
from members.accounts.stand_ins import read_reason
from members.models import Appointment, Branch, User
from members.models.accounts import AppointmentQuerySet
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter, RoleFilter, TownFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.roles import may_see_accounts
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.town.account_steps import (
    AllowGrounds,
    AppointAccount,
    ConfirmAppointment,
    EndAppointment,
    NewAccount,
    OpenOrClose,
    RefuseAppointment,
    RemoveSecondFactor,
    ResetPassword,
    name_refusal,
)


class UserAdmin(ScopedModelAdmin[User]):
    """The accounts of the town."""

    card_columns = ("full_name", "roles_today", "active")
    list_display = ("username", "full_name", "linked_member", "roles_today", "active", "last_login")
    list_filter = (TownFilter,)
    list_select_related = ("member",)
    search_fields = ("username", "last_name")
    search_help_text = gettext_lazy("User name or name")
    ordering = ("username",)
    subpages = (NewAccount, AppointAccount, ResetPassword, RemoveSecondFactor, OpenOrClose, AllowGrounds)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_see_accounts(request)

    def scope(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        today = today_of(request)
        current = Appointment.objects.on(today)
        towns = reach_of(actor_of(request), on=today).account_towns
        own = rows.filter(town__in=towns, is_system=False, is_superuser=False)
        shown = current.to_be_shown().select_related("branch")
        return own.prefetch_related(Prefetch("appointments", shown, to_attr="current_appointments"))

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        return town_rows_for(actor_of(request), rows, on=today_of(request), action=Action.TAKE_OUT)

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "—"

    @admin.display(description=gettext_lazy("member"))
    def linked_member(self, user: User) -> str:
        return user.member.listed_name if user.member else "—"

    @admin.display(description=gettext_lazy("roles"))
    def roles_today(self, user: User) -> str:
        held: list[Appointment] = user.current_appointments  # type: ignore[attr-defined]
        return "、".join(_say_role(row) for row in held) or "—"

    @admin.display(description=gettext_lazy("active"), boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        return user.is_active

    def may_change(self, request: HttpRequest, row: User, action: Action) -> bool:
        return row.town_id in reach_of(actor_of(request), on=today_of(request)).towns_with(action)

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).towns_with(Action.KEEP_ACCOUNTS):
            return []
        return [Button(_("New account"), self.url("new"), "person_add", main=True)]

    def row_facts(self, request: HttpRequest, row: User) -> Sequence[Fact]:
        reaches = row.town_id in reach_of(actor_of(request), on=today_of(request)).read_towns
        reads = row.user_permissions.filter(codename="view_finding_grounds").exists()
        return [
            Fact(_("user name"), row.username),
            Fact(_("name"), row.get_full_name() or "—"),
            Fact(_("town"), row.town.name if row.town else "—"),
            Fact(_("member"), self.linked_member(row), row_url(row.member) if row.member and reaches else ""),
            Fact(_("roles"), self.roles_today(row)),
            Fact(_("active"), _("yes") if row.is_active else _("no")),
            Fact(_("reads grounds of findings, stating a reason"), _("yes") if reads else _("no")),
            Fact(_("second factor"), _("yes") if has_second_factor(row) else _("no")),
            Fact(_("last login"), row.last_login or _("never")),
        ]

    def row_buttons(self, request: HttpRequest, row: User) -> Sequence[Button]:
        is_own = row.pk == actor_of(request).pk
        buttons = []
        if self.may_change(request, row, Action.KEEP_ACCOUNTS):
            buttons.append(Button(_("Appoint"), self.url("appoint", row.pk), "badge", main=True))
            buttons += [] if is_own else self._account_buttons(row)
        if self.may_change(request, row, Action.CONFIRM_ROLE) and not is_own:
            buttons.append(Button(_("Reading of grounds"), self.url("grounds", row.pk), "visibility"))
        return buttons

    def _account_buttons(self, row: User) -> list[Button]:
        """What is done to the account of somebody else."""
        buttons = []
        if row.is_active:
            buttons.append(Button(_("Reset the password"), self.url("password", row.pk), "key"))
        if has_second_factor(row):
            url = self.url("second_factor", row.pk)
            buttons.append(Button(_("Remove the second factor"), url, "phonelink_erase"))
        label = _("Close the account") if row.is_active else _("Open the account again")
        buttons.append(Button(label, self.url("active", row.pk), "block" if row.is_active else "lock_open"))
        return buttons


class AppointmentStateFilter(ChoiceFilter):
    """In effect or not: what waits for a second person."""

    title = gettext_lazy("state")
    parameter_name = "state"
    offered = Appointment.State


class AppointmentAdmin(ScopedModelAdmin[Appointment]):
    """Who holds which role where: the town's for who sees its accounts, stand-ins for a secretary, one's own."""

    list_display = ("holder", "role_name", "place", "from_date", "to_date", "state")
    list_filter = (TownFilter, OwnBranchFilter, RoleFilter, AppointmentStateFilter)
    list_select_related = ("user", "branch", "town")
    search_fields = ("user__username", "user__last_name")
    search_help_text = gettext_lazy("User name or name")
    subpages = (ConfirmAppointment, RefuseAppointment, EndAppointment)

    def has_view_permission(self, request: HttpRequest, obj: Appointment | None = None) -> bool:
        return reach_of(request.user, on=today_of(request)).is_worker

    def scope(self, request: HttpRequest, rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
        user = actor_of(request)
        towns = reach_of(user, on=today_of(request)).account_towns
        stand_ins = Q(stands_in=True, branch__in=self._branches_with_stand_ins(request))
        seen = rows.filter(Q(town__in=towns) | Q(user=user.pk) | stand_ins)
        return cast(AppointmentQuerySet, seen).to_be_shown()

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
        return town_rows_for(actor_of(request), rows, on=today_of(request), action=Action.TAKE_OUT)

    def _branches_with_stand_ins(self, request: HttpRequest) -> QuerySet[Branch, Any]:
        """The branches whose stand-ins are the user's to appoint and end."""
        return branches_for(actor_of(request), on=today_of(request), action=Action.APPOINT_STAND_IN).values("pk")

    @admin.display(description=gettext_lazy("role"), ordering="role")
    def role_name(self, appointment: Appointment) -> str:
        return appointment.shown_role

    @admin.display(description=gettext_lazy("account"), ordering="user__last_name")
    def holder(self, appointment: Appointment) -> str:
        return str(appointment.user)

    @admin.display(description=gettext_lazy("where"), ordering="branch__position")
    def place(self, appointment: Appointment) -> str:
        return appointment.branch.name if appointment.branch else appointment.town.name

    def may_change(self, request: HttpRequest, row: Appointment, action: Action) -> bool:
        """Ending or refusing one (a secretary's, of a stand-in): who keeps accounts, or would have confirmed it."""
        reach = reach_of(actor_of(request), on=today_of(request))
        if action is not Action.APPOINT_STAND_IN:
            return row.town_id in reach.towns_with(action)
        waits = row.state == Appointment.State.WAITING
        confirmed = reach.towns_with(Action.CONFIRM_ROLE) if waits else frozenset()
        if row.town_id in reach.towns_with(Action.KEEP_ACCOUNTS) | confirmed:
            return True
        if not row.stands_in or row.branch_id is None:
            return False
        return self._branches_with_stand_ins(request).filter(pk=row.branch_id).exists()

    def row_title(self, row: Appointment) -> str:
        return f"{row.user} {row.shown_role}"

    def row_facts(self, request: HttpRequest, row: Appointment) -> Sequence[Fact]:
        keeps = any(self.may_change(request, row, action) for action in (Action.KEEP_ACCOUNTS, Action.CONFIRM_ROLE))
        facts = [
            Fact(_("account"), str(row.user), row_url(row.user) if keeps else ""),
            Fact(_("role"), row.shown_role),
            Fact(_("where"), self.place(row)),
            Fact(_("from"), row.from_date),
            Fact(_("to"), row.to_date or "—"),
            Fact(_("state"), row.get_state_display()),
        ]
        if row.stands_in:
            facts.append(Fact(_("Reason"), read_reason(row)))
        if row.state == Appointment.State.WAITING and row.made_at:
            why = why_second(
                user=row.user,
                role=row.role,
                branch=row.branch,
                from_date=row.from_date,
                made_on=timezone.localdate(row.made_at),
            )
            facts.append(Fact(_("why it waits"), "、".join(str(reason.label) for reason in why)))
            facts.append(Fact(_("who confirms it"), say_confirmer(row.town, on=today_of(request), holder=row.user)))
        if row.made_by:
            facts += [Fact(_("appointed by"), str(row.made_by)), Fact(_("appointed at"), row.made_at)]
        if row.settled_by:
            confirmed = row.state == Appointment.State.STANDS
            facts.append(Fact(_("confirmed by") if confirmed else _("refused or taken back by"), str(row.settled_by)))
            facts.append(Fact(_("confirmed at") if confirmed else _("refused or taken back at"), row.settled_at))
        return facts

    def row_buttons(self, request: HttpRequest, row: Appointment) -> Sequence[Button]:
        is_over = row.to_date is not None and not (row.stands_in and row.to_date > today_of(request))
        if is_over or not self.may_change(request, row, Action.APPOINT_STAND_IN):
            return []
        if row.state == Appointment.State.WAITING:
            actor = actor_of(request)
            buttons = [Button(name_refusal(row, actor), self.url("refuse", row.pk), "block", grave=True)]
            refusal = explain_no_confirmation(row, actor, on=today_of(request))
            if self.may_change(request, row, Action.CONFIRM_ROLE) and not refusal:
                confirm = _("Confirm the appointment")
                buttons.insert(0, Button(confirm, self.url("confirm", row.pk), "how_to_reg", main=True))
            return buttons
        if row.state == Appointment.State.REFUSED:
            return []
        return [Button(_("End the appointment"), self.url("end", row.pk), "event_busy", grave=True)]


def _say_role(appointment: Appointment) -> str:
    place = f"（{appointment.branch.name}）" if appointment.branch else ""
    return f"{appointment.shown_role}{place}"
