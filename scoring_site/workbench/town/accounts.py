"""Accounts and appointments: seen by the town's own roles, made and ended by town staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, members_for, reach_of
from members.accounts.changing import end_appointment, issue_password, set_account_active, set_ground_reading
from members.accounts.creating import appoint, create_user
from members.models import Appointment, Branch, Member, Town, User
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.filters import OwnBranchFilter, RoleFilter, TownFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


class AccountForm(WorkbenchForm):
    """A new account."""

    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none())
    username = TidyField(
        label=gettext_lazy("user name"),
        max_length=150,
        validators=[User.username_validator],
        help_text=gettext_lazy("What is typed to log in: letters, digits and @ . + - _"),
    )
    name = TidyField(label=gettext_lazy("name"), max_length=60)

    def __init__(self, *args: Any, towns: QuerySet[Town], member: Member | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["town"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = towns
        field.initial = towns.first()
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
        help_text=gettext_lazy("Empty for town staff and supervisors."),
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["branch"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = branches


class EndForm(WorkbenchForm):
    """The first day without the role."""

    to_date = forms.DateField(
        label=gettext_lazy("to"), widget=forms.DateInput, help_text=gettext_lazy("The first day without the role.")
    )


class UserAdmin(ScopedModelAdmin[User]):
    """The accounts of the town."""

    for_town_roles = True
    list_display = ("username", "full_name", "linked_member", "roles_today", "active", "last_login")
    list_filter = (TownFilter,)
    list_select_related = ("member",)
    search_fields = ("username", "last_name")
    search_help_text = gettext_lazy("User name or name")
    ordering = ("username",)

    def scope(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        today = today_of(request)
        current = Appointment.objects.on(today)
        towns = reach_of(actor_of(request), on=today).read_towns
        own = rows.filter(town__in=towns, is_system=False, is_superuser=False)
        return own.prefetch_related(
            Prefetch("appointments", current.select_related("branch"), to_attr="current_appointments")
        )

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name() or "—"

    @admin.display(description=gettext_lazy("member"))
    def linked_member(self, user: User) -> str:
        return user.member.name if user.member else "—"

    @admin.display(description=gettext_lazy("roles"))
    def roles_today(self, user: User) -> str:
        held: list[Appointment] = user.current_appointments  # type: ignore[attr-defined]
        return "、".join(_say_role(row) for row in held) or "—"

    @admin.display(description=gettext_lazy("active"), boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        return user.is_active

    def may_change(self, request: HttpRequest, row: User, action: Action) -> bool:
        return row.town_id in reach_of(actor_of(request), on=today_of(request)).staff_towns

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("new/", self.new_view, "new"),
            self.page("<int:object_id>/appoint/", self.appoint_view, "appoint"),
            self.page("<int:object_id>/password/", self.password_view, "password"),
            self.page("<int:object_id>/active/", self.active_view, "active"),
            self.page("<int:object_id>/grounds/", self.grounds_view, "grounds"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not reach_of(actor_of(request), on=today_of(request)).staff_towns:
            return []
        return [Button(_("New account"), self.url("new"), "person_add", main=True)]

    def row_facts(self, request: HttpRequest, row: User) -> Sequence[Fact]:
        reads = row.user_permissions.filter(codename="view_finding_grounds").exists()
        return [
            Fact(_("user name"), row.username),
            Fact(_("name"), row.get_full_name() or "—"),
            Fact(_("town"), row.town.name if row.town else "—"),
            Fact(_("member"), row.member.name if row.member else "—", self.url_of(row.member) if row.member else ""),
            Fact(_("roles"), self.roles_today(row)),
            Fact(_("active"), _("yes") if row.is_active else _("no")),
            Fact(_("reads grounds of findings, stating a reason"), _("yes") if reads else _("no")),
            Fact(_("last login"), row.last_login or _("never")),
        ]

    def row_buttons(self, request: HttpRequest, row: User) -> Sequence[Button]:
        if not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        buttons = [
            Button(_("Appoint"), self.url("appoint", row.pk), "badge", main=True),
            Button(_("New password"), self.url("password", row.pk), "key"),
        ]
        if row.pk != actor_of(request).pk:
            label = _("Close the account") if row.is_active else _("Open the account again")
            buttons.append(Button(label, self.url("active", row.pk), "block" if row.is_active else "lock_open"))
            buttons.append(Button(_("Reading of grounds"), self.url("grounds", row.pk), "visibility"))
        return buttons

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Make an account; `?member=` links it to a member of the town."""
        user = actor_of(request)
        reach = reach_of(user, on=today_of(request))
        self.require(bool(reach.staff_towns))
        member = None
        if wanted := request.GET.get("member", ""):
            members = members_for(user, on=today_of(request), action=Action.KEEP_ROSTER)
            member = members.filter(pk=wanted).select_related("town").first() if wanted.isdecimal() else None
            self.require(member is not None)
        form = AccountForm(request.POST or None, towns=Town.objects.filter(pk__in=reach.staff_towns), member=member)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            account = create_user(
                actor=user,
                now=now_of(request),
                town=member.town if member else data["town"],
                username=data["username"],
                name=data.get("name", ""),
                member=member,
            )
            return Outcome(
                self.url_of(account),
                _("The account was made. Give it a password, and a role where it needs one. It can be closed here."),
            )

        page = FormPage(
            title=_("New account for %(name)s") % {"name": member.name} if member else _("New account"),
            back=self.url_of(member) if member else self.url("changelist"),
            submit=_("Make the account"),
        )
        return self.run_form(request, form, page, carry_out)

    def appoint_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Give the account a role."""
        account = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        town = account.town
        assert town is not None
        form = AppointmentForm(
            request.POST or None,
            branches=Branch.objects.filter(town=town),
            initial={"from_date": today_of(request)},
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            appoint(
                actor=actor_of(request),
                now=now_of(request),
                user=account,
                role=Appointment.Role(data["role"]),
                town=town,
                branch=data["branch"],
                from_date=data["from_date"],
            )
            return Outcome(self.url_of(account), _("Appointed. An appointment is ended from the list of appointments."))

        page = FormPage(title=_("Appoint %(name)s") % {"name": account}, back=self.url_of(account), submit=_("Appoint"))
        return self.run_form(request, form, page, carry_out)

    def password_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Issue a new password and show it this once; it is kept nowhere."""
        account = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        page = FormPage(
            title=_("New password for %(name)s") % {"name": account},
            back=self.url_of(account),
            submit=_("Issue a new password"),
            warning=[_("The present password stops working, and open sessions of the account end.")],
        )
        password = ""
        if request.method == "POST":
            password = issue_password(actor=actor_of(request), now=now_of(request), user=account)
        context = {"form": WorkbenchForm(), "page": page, "account": account, "password": password}
        return self.render(request, "workbench/town/password.html", title=page.title, context=context)

    def active_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Close the account, or open it again."""
        account = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        open_it = not account.is_active
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            set_account_active(actor=actor_of(request), now=now_of(request), user=account, is_active=open_it)
            said = _("The account is open again.") if open_it else _("The account is closed; it can be opened again.")
            return Outcome(self.url_of(account), said)

        page = FormPage(
            title=_("Open the account again") if open_it else _("Close the account"),
            back=self.url_of(account),
            submit=_("Open the account again") if open_it else _("Close the account"),
            facts=[Fact(_("user name"), account.username), Fact(_("name"), account.get_full_name() or "—")],
        )
        return self.run_form(request, form, page, carry_out)

    def grounds_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Let the account read grounds of findings, or no longer (D21)."""
        account = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        allow = not account.user_permissions.filter(codename="view_finding_grounds").exists()
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            set_ground_reading(actor=actor_of(request), now=now_of(request), user=account, allowed=allow)
            return Outcome(self.url_of(account), _("Saved. It can be changed back here."))

        page = FormPage(
            title=_("Reading of grounds"),
            back=self.url_of(account),
            submit=_("Allow it") if allow else _("Allow it no longer"),
            intro=[_("Who may read grounds states a reason each time; every look is logged (D21).")],
            facts=[Fact(_("user name"), account.username), Fact(_("name"), account.get_full_name() or "—")],
        )
        return self.run_form(request, form, page, carry_out)


class AppointmentAdmin(ScopedModelAdmin[Appointment]):
    """Who holds which role where; the town's roles see all, others their own."""

    list_display = ("holder", "role", "place", "from_date", "to_date")
    list_filter = (TownFilter, OwnBranchFilter, RoleFilter)
    list_select_related = ("user", "branch", "town")
    search_fields = ("user__username", "user__last_name")
    search_help_text = gettext_lazy("User name or name")

    def scope(self, request: HttpRequest, rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
        user = actor_of(request)
        towns = reach_of(user, on=today_of(request)).read_towns
        return rows.filter(Q(town__in=towns) | Q(user=user.pk))

    @admin.display(description=gettext_lazy("account"), ordering="user__last_name")
    def holder(self, appointment: Appointment) -> str:
        return str(appointment.user)

    @admin.display(description=gettext_lazy("where"), ordering="branch__position")
    def place(self, appointment: Appointment) -> str:
        return appointment.branch.name if appointment.branch else appointment.town.name

    def may_change(self, request: HttpRequest, row: Appointment, action: Action) -> bool:
        return row.town_id in reach_of(actor_of(request), on=today_of(request)).staff_towns

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("<int:object_id>/end/", self.end_view, "end")]

    def row_title(self, row: Appointment) -> str:
        return f"{row.user} {row.get_role_display()}"

    def row_facts(self, request: HttpRequest, row: Appointment) -> Sequence[Fact]:
        staff = self.may_change(request, row, Action.KEEP_ROSTER)
        return [
            Fact(_("account"), str(row.user), self.url_of(row.user) if staff else ""),
            Fact(_("role"), row.get_role_display()),
            Fact(_("where"), self.place(row)),
            Fact(_("from"), row.from_date),
            Fact(_("to"), row.to_date or "—"),
        ]

    def row_buttons(self, request: HttpRequest, row: Appointment) -> Sequence[Button]:
        if row.to_date is not None or not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        return [Button(_("End the appointment"), self.url("end", row.pk), "event_busy", grave=True)]

    def end_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """End an appointment."""
        appointment = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        form = EndForm(request.POST or None, initial={"to_date": today_of(request)})

        def carry_out() -> Outcome:
            end_appointment(
                actor=actor_of(request),
                now=now_of(request),
                appointment=appointment,
                to_date=form.cleaned_data["to_date"],
            )
            return Outcome(self.url_of(appointment), _("Ended. To undo it, appoint the account again."))

        page = FormPage(
            title=_("End the appointment"),
            back=self.url_of(appointment),
            submit=_("End the appointment"),
            facts=self.row_facts(request, appointment),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


def _say_role(appointment: Appointment) -> str:
    place = f"（{appointment.branch.name}）" if appointment.branch else ""
    return f"{appointment.get_role_display()}{place}"
