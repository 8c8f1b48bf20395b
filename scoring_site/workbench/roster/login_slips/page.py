"""Login slips in the workbench: who of a branch has logged in, and a batch of slips to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, may
from members.accounts.login_codes import accounts_with_role, had_password, issue_login_codes
from members.models import Branch, LoginCode, Member, User
from members.people.naming import tell_apart
from members.selectors import members_in
from scoring_site.downloads import name_paper, send_file
from scoring_site.forms.fields import MembersField, WorkbenchForm
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.steps import BranchStep
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
    refused = ""
    if had_password(user):
        refused = (
            _("lost password: the town's staff reset it")
            if user.is_officer
            else _("lost password: two officers or the town's staff reset it")
        )
    elif user.is_officer and not by_staff:
        refused = _("holds a role: the town's staff make it")
    if user.has_code:
        state = _("has a slip that still serves")
    elif user.last_login:
        state = _("has logged in")
    elif user.has_usable_password():
        state = _("has a password")
    else:
        state = _("slip no longer serves")
    return AccountRow(member, user.username, state, refused, needs_slip=not (refused or user.has_code))


class SlipsForm(WorkbenchForm):
    """For whom slips are made."""

    members = MembersField(
        label=gettext_lazy("members"),
        queryset=Member.objects.none(),
        error_messages={"required": gettext_lazy("Tick at least one member.")},
    )

    def __init__(self, *args: Any, branch_members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("members", branch_members)


class LoginSlipsPage(BranchStep[SlipsForm]):
    """The branch's members with their accounts; sent, it answers with the slips as PDF."""

    route = "login-slips/"
    name = "login_slips"
    asks_password = True
    form_class = SlipsForm
    template = "workbench/roster/login_slips.html"
    title = gettext_lazy("Login slips")

    def find_branches(self) -> QuerySet[Branch]:
        return branches_for(self.actor, on=self.today, action=Action.GIVE_LOGIN).order_by("position", "id")

    def get_back(self) -> str:
        return page_url("login_slips")

    @cached_property
    def members(self) -> QuerySet[Member]:
        """The members of the chosen branch."""
        assert self.branch is not None
        return members_in([self.branch.pk], self.today).order_by("position", "id")

    @cached_property
    def rows(self) -> list[AccountRow]:
        """Each member's account."""
        assert self.branch is not None
        by_staff = may(self.actor, Action.KEEP_ACCOUNTS, None, on=self.today, town=self.branch.town)
        return read_accounts(members=tell_apart(self.members), now=self.now, by_staff=by_staff)

    def get_form_arguments(self) -> dict[str, Any]:
        needing = {row.member.pk for row in self.rows if row.needs_slip}
        return {"branch_members": self.members, "initial": {"members": needing}}

    def show(self, form: SlipsForm | None, **context: Any) -> HttpResponseBase:
        """Each member with their tick."""
        if form is not None:
            ticked = {str(value) for value in form["members"].value() or ()}
            context["rows"] = [(row, str(row.member.pk) in ticked) for row in self.rows]
        return super().show(form, **context)

    def carry_out(self, form: SlipsForm) -> HttpResponseBase:
        assert self.branch is not None
        issued = issue_login_codes(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            member_ids=[member.pk for member in form.cleaned_data["members"]],
        )
        address = self.request.build_absolute_uri(reverse("first_login"))
        pdf = write_login_slips(branch=self.branch, issued=issued, address=address)
        return send_file(pdf, name_paper(self.branch.name, self.today.isoformat(), _("login slips")) + ".pdf")
