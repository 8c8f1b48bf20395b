"""Moves and exemptions: entered from a member's page, listed for who reads the member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, is_own_case, members_for
from members.models import Exemption, Membership
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column, find_by_member, with_branch_name
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.roster.exemptions import EndExemption
from scoring_site.workbench.roster.moves import MoveMember, name_branch


class WhyFilter(ChoiceFilter):
    """Why somebody came, moved or left."""

    title = gettext_lazy("why")
    parameter_name = "why"
    offered = Membership.Why


class MembershipAdmin(ScopedModelAdmin[Membership]):
    """Where members belonged from when; town staff enter moves."""

    list_filter = (BranchFilter, WhyFilter)
    list_select_related = ("member", "branch")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-from_date", "-id")
    subpages = (MoveMember,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Membership], search_term: str
    ) -> tuple[QuerySet[Membership], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), name_branch, name="branch", order="branch__position"),
            column(gettext_lazy("from"), lambda row: row.from_date, name="from_date", order="from_date"),
            column(gettext_lazy("why"), lambda row: row.get_why_display(), name="why", order="why"),
        )

    def row_title(self, row: Membership) -> str:
        return f"{row.member.listed_name} {row.from_date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Membership) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("branch"), name_branch(row)),
            Fact(_("from"), row.from_date),
            Fact(_("why"), row.get_why_display()),
        ]


class OpenFilter(ChoiceFilter):
    """Exempt still, or ended."""

    title = gettext_lazy("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("in force")), ("no", gettext_lazy("ended"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(ended_on__isnull=value == "yes")


class ExemptionAdmin(ScopedModelAdmin[Exemption]):
    """Who is outside the scheme, since when (2.1, D15)."""

    list_filter = (BranchFilter, OpenFilter)
    list_select_related = ("member",)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-from_date", "-id")
    subpages = (EndExemption,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exemption]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Exemption], search_term: str
    ) -> tuple[QuerySet[Exemption], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("effective from"), lambda row: row.from_date, name="from_date", order="from_date"),
            column(gettext_lazy("ended on"), lambda row: row.ended_on or "—", name="ended_on", order="ended_on"),
        )

    def row_title(self, row: Exemption) -> str:
        return f"{row.member.listed_name} {row.from_date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Exemption) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("ground"), row.get_ground_display()),
            Fact(_("applied on"), row.applied_on),
            Fact(_("decided by the branch on"), row.decided_on),
            Fact(_("effective from"), row.from_date),
            Fact(_("ended on"), row.ended_on or "—"),
            *self._application(request, row),
        ]

    def _application(self, request: HttpRequest, row: Exemption) -> Sequence[Fact]:
        """The way to the application it rests on, for who may read that."""
        application = getattr(row, "application", None)
        if application is None or not self.may_change(request, row, Action.DECIDE_FINDING):
            return []
        return [Fact(_("application"), _("open the application"), row_url(application))]

    def may_change(self, request: HttpRequest, row: Exemption, action: Action) -> bool:
        members = members_for(actor_of(request), on=today_of(request), action=action)
        return members.filter(pk=row.member_id).exists()

    def row_buttons(self, request: HttpRequest, row: Exemption) -> Sequence[Button]:
        if row.ended_on is not None or is_own_case(actor_of(request), row.member):
            return []
        if not self.may_change(request, row, Action.DECIDE_FINDING):
            return []
        return [Button(_("End the exemption"), self.url("end", row.pk), "event_busy", grave=True)]
