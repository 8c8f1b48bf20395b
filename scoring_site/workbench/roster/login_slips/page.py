"""Login slips in the workbench: who of a branch has logged in, and a batch of slips to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from foundation.errors import DomainError
from members.access import Action, branches_for, reach_of
from members.accounts.login_codes import accounts_with_role, issue_login_codes
from members.models import LoginCode, Member, User
from members.selectors import members_in
from scoring_site.downloads import send_file
from scoring_site.forms.fields import MembersField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.roster.login_slips.paper import write_login_slips


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Where one member stands with their account; `refused` says why no slip can be made here, empty where it can."""

    member: Member
    username: str
    state: str
    refused: str
    needs_slip: bool


def read_accounts(*, members: Sequence[Member], now: datetime, by_staff: bool) -> list[AccountRow]:
    """The members' accounts in their order; two queries."""
    today = timezone.localdate(now)
    codes = LoginCode.objects.filter(user=OuterRef("pk"), ended_at__isnull=True, expires_at__gt=now)
    users = User.objects.filter(member__in=members).annotate(
        has_code=Exists(codes), is_officer=Exists(accounts_with_role(on=today))
    )
    by_member = {user.member_id: user for user in users}
    return [_describe(member, by_member.get(member.pk), by_staff=by_staff) for member in members]


def _describe(member: Member, user: Any, *, by_staff: bool) -> AccountRow:
    if user is None:
        return AccountRow(member, "", _("no account yet"), "", needs_slip=True)
    if not user.is_active or user.is_superuser:
        return AccountRow(member, user.username, _("closed"), _("ask the town's staff"), needs_slip=False)
    refused = _("holds a role: the town's staff make it") if user.is_officer and not by_staff else ""
    if user.has_code:
        state = _("has a slip that still serves")
    elif user.last_login:
        state = _("has logged in")
    elif user.has_usable_password():
        state = _("has a password")
    else:
        state = _("slip no longer serves")
    return AccountRow(
        member,
        user.username,
        state,
        refused,
        needs_slip=not (refused or user.has_code or user.last_login or user.has_usable_password()),
    )


class SlipsForm(WorkbenchForm):
    """For whom slips are made."""

    members = MembersField(
        label=gettext_lazy("members"),
        queryset=Member.objects.none(),
        error_messages={"required": gettext_lazy("Tick at least one member.")},
    )

    def __init__(self, *args: Any, branch_members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, MembersField)
        field.queryset = branch_members


class LoginSlipScreens:
    """The page under one admin site."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        """Its address: `login_slips`."""
        view = require_http_methods(["GET", "HEAD", "POST"])(self.show_slips)
        return [path("login-slips/", self.site.admin_view(view), name="login_slips")]

    def show_slips(self, request: HttpRequest) -> HttpResponseBase:
        """The branch's members with their accounts; sent, it answers with the slips as PDF."""
        user, today = actor_of(request), today_of(request)
        branches = list(
            branches_for(user, on=today, action=Action.GIVE_LOGIN).select_related("town").order_by("position", "id")
        )
        if not branches:
            raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))
        wanted = request.GET.get("branch", "")
        branch = next((row for row in branches if str(row.pk) == wanted), branches[0] if len(branches) == 1 else None)
        context: dict[str, Any] = {"branches": branches, "branch": branch}
        if branch is not None:
            members = members_in([branch.pk], today).order_by("position", "id")
            by_staff = branch.town_id in reach_of(user, on=today).staff_towns
            rows = read_accounts(members=list(members), now=now_of(request), by_staff=by_staff)
            needing = {row.member.pk for row in rows if row.needs_slip}
            form = SlipsForm(
                request.POST if request.method == "POST" else None, branch_members=members, initial={"members": needing}
            )
            if request.method == "POST" and form.is_valid():
                try:
                    issued = issue_login_codes(
                        actor=user,
                        now=now_of(request),
                        branch=branch,
                        member_ids=[member.pk for member in form.cleaned_data["members"]],
                    )
                except DomainError as refusal:
                    form.add_error(None, str(refusal))
                else:
                    pdf = write_login_slips(
                        branch=branch, issued=issued, address=request.build_absolute_uri(reverse("first_login"))
                    )
                    return send_file(pdf, _("login slips") + ".pdf")
            ticked = {str(value) for value in form["members"].value() or ()}
            context |= {"form": form, "rows": [(row, str(row.member.pk) in ticked) for row in rows]}
        request.current_app = self.site.name
        return TemplateResponse(
            request,
            "workbench/roster/login_slips.html",
            {**self.site.each_context(request), "title": _("Login slips"), **context},
        )
