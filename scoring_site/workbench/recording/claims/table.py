"""Claims in the workbench: what members say they did, looked at beside its evidence and like records, and answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from members.access import is_own_case
from members.notifications import mark_read
from points.claims.claims import may_answer, next_to_answer, work_claim_link
from points.models import Claim
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import (
    Column,
    DateYearFilter,
    ItemFilter,
    column,
    find_by_member,
    with_branch_name,
)
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.claims.duplicates import find_duplicates
from scoring_site.workbench.recording.claims.steps import AcceptClaim, RejectClaim, ReturnClaim


class ClaimStateFilter(ChoiceFilter):
    """Where claims stand."""

    title = gettext_lazy("state")
    parameter_name = "state"
    offered = Claim.State


class ClaimAdmin(ScopedModelAdmin[Claim]):
    """What members claimed, latest first."""

    card_columns = ("branch", "item", "points", "state")
    list_filter = (ClaimStateFilter, BranchFilter, ItemFilter, DateYearFilter)
    list_select_related = ("member", "answered_by")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-filed_at", "-id")
    row_template = "workbench/recording/claims/claim.html"
    subpages = (AcceptClaim, ReturnClaim, RejectClaim)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)

        def show_item(claim: Claim) -> str:
            return catalogue.name(claim.member.town_id, claim.date.year, claim.item)

        return (
            column(
                gettext_lazy("member"), lambda claim: claim.member.listed_name, name="member", order="member__initials"
            ),
            column(gettext_lazy("branch"), lambda claim: claim.branch_name or "—", name="branch"),
            column(gettext_lazy("item"), show_item, name="item", order="item"),
            column(gettext_lazy("date"), lambda claim: claim.date, name="date", order="date"),
            column(gettext_lazy("what was done"), lambda claim: claim.deed, name="deed"),
            column(gettext_lazy("points claimed"), _say_claimed, name="points", order="points"),
            column(gettext_lazy("filed at"), lambda claim: claim.filed_at, name="filed_at", order="filed_at"),
            column(gettext_lazy("state"), lambda claim: claim.get_state_display(), name="state", order="state"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        first = next_to_answer(actor_of(request), on=today_of(request))
        if first is None:
            return []
        return [Button(_("Answer one after another"), self.url("accept", first.pk), "checklist", main=True)]

    def row_title(self, row: Claim) -> str:
        return f"{row.member.listed_name} {row.date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Claim) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("item"), catalogue_for(request).name(row.member.town_id, row.date.year, row.item)),
            Fact(_("date"), row.date),
            Fact(_("what was done"), row.deed),
            Fact(_("points claimed"), _say_claimed(row)),
            Fact(_("filed at"), row.filed_at),
            Fact(_("state"), row.get_state_display()),
        ]
        if row.remark:
            facts.append(Fact(_("reason or remark"), row.remark))
        if row.answered_at:
            facts += [Fact(_("answered at"), row.answered_at), Fact(_("answered by"), str(row.answered_by))]
        if row.event is not None:
            recorded = show_points(row.event.points or 0) + (" ×2" if row.event.led else "")
            said = f"{recorded}（{_('voided')}）" if row.event.is_void else recorded
            facts.append(Fact(_("points recorded"), said, row_url(row.event)))
        return facts

    def row_context(self, request: HttpRequest, row: Claim) -> dict[str, Any]:
        if request.method == "GET":
            mark_read(user=actor_of(request), now=now_of(request), link=work_claim_link(row))
        waits = row.state in Claim.OPEN
        return {
            "evidence": show_evidence(request, row),
            "is_own": waits and is_own_case(actor_of(request), row.member),
            "duplicates": find_duplicates(request, row) if waits else None,
        }

    def row_buttons(self, request: HttpRequest, row: Claim) -> Sequence[Button]:
        if not may_answer(actor_of(request), row, on=today_of(request)):
            return []
        return [
            Button(_("Accept"), self.url("accept", row.pk), "check", main=True),
            Button(_("Return with a remark"), self.url("return", row.pk), "undo"),
            Button(_("Reject"), self.url("reject", row.pk), "close", grave=True),
        ]


def _say_claimed(claim: Claim) -> str:
    said = "—" if claim.points is None else show_points(claim.points)
    return f"{said} ×2" if claim.led else said
