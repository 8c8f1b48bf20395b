"""Members' applications for exemption, decided by the branch with its meeting date (2.1, D15)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, is_own_case, members_for
from members.models import ExemptionApplication
from members.places.resolutions import NUMBERS
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column, find_by_member, with_branch_name
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.roster.exemptions import (
    ApplicationForm,
    ApplicationScan,
    DeclineApplication,
    EnterApplication,
    GrantApplication,
)


class StateFilter(ChoiceFilter):
    """Where an application stands."""

    title = gettext_lazy("state")
    parameter_name = "state"
    offered = ExemptionApplication.State


class ExemptionApplicationAdmin(ScopedModelAdmin[ExemptionApplication]):
    """Those who decide read it; the ground speaks of health, so nobody else does (D21)."""

    list_filter = (StateFilter, BranchFilter)
    list_select_related = ("member",)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-at", "-id")
    subpages = (EnterApplication, GrantApplication, DeclineApplication, ApplicationScan, ApplicationForm)

    def scope(self, request: HttpRequest, rows: QuerySet[ExemptionApplication]) -> QuerySet[ExemptionApplication]:
        deciding = members_for(actor_of(request), on=today_of(request), action=Action.DECIDE_FINDING)
        return rows.filter(member__in=deciding.values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExemptionApplication]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ExemptionApplication], search_term: str
    ) -> tuple[QuerySet[ExemptionApplication], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("applied on"), lambda row: row.applied_on, name="applied_on", order="applied_on"),
            column(gettext_lazy("state"), lambda row: row.get_state_display(), name="state", order="state"),
        )

    def row_title(self, row: ExemptionApplication) -> str:
        return f"{row.member.listed_name} {row.applied_on:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: ExemptionApplication) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("date of birth"), row.member.birth_date or "—"),
            Fact(_("ground"), row.get_ground_display()),
            Fact(_("application"), row.text or "—"),
            Fact(_("applied on"), row.applied_on),
            Fact(_("wanted from"), row.wanted_from or _("the next 1 January or 1 July")),
            *self._source(row),
            Fact(_("state"), row.get_state_display()),
        ]
        if row.decided_on is not None:
            facts += [
                Fact(_("decided on"), row.decided_on),
                *([] if row.expected is None else [Fact(_("vote"), _name_vote(row))]),
                Fact(_("decision entered by"), str(row.decided_by)),
                Fact(_("explanation of the decision"), row.explanation or "—"),
            ]
        return facts

    def _source(self, row: ExemptionApplication) -> Sequence[Fact]:
        """Where it came from: the member's own account, or the signed paper."""
        if not row.is_on_paper:
            return [Fact(_("filed"), _("by the member's own account"))]
        return [
            Fact(_("filed"), _("on paper, entered by %(name)s") % {"name": row.entered_by}),
            Fact(_("scan of the signed application"), _("open the scan"), self.url("scan", row.pk), is_scan=True),
        ]

    def may_change(self, request: HttpRequest, row: ExemptionApplication, action: Action) -> bool:
        members = members_for(actor_of(request), on=today_of(request), action=action)
        return members.filter(pk=row.member_id).exists()

    def row_buttons(self, request: HttpRequest, row: ExemptionApplication) -> Sequence[Button]:
        if row.state == ExemptionApplication.State.WITHDRAWN:
            return []
        paper = Button(_("Approval form (PDF)"), self.url("form", row.pk), "print")
        if row.state != ExemptionApplication.State.WAITING or is_own_case(actor_of(request), row.member):
            return [paper]
        return [
            paper,
            Button(_("Agree"), self.url("grant", row.pk), "check", main=True),
            Button(_("Do not agree"), self.url("decline", row.pk), "close"),
        ]


def _name_vote(row: ExemptionApplication) -> str:
    values = {name: getattr(row, name) for name in NUMBERS}
    if row.against is None:
        return _("%(expected)s expected, %(present)s present, %(in_favour)s in favour") % values
    return (
        _(
            "%(expected)s expected, %(present)s present, %(in_favour)s in favour, %(against)s against, "
            "%(abstained)s abstained"
        )
        % values
    )
