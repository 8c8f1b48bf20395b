"""Corrections and their review: what waits for the second officer, and what became of the others (D10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import COMMITTEE_ROLES, Action, reach_of
from members.notifications import mark_read
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.models import EnteredCorrection
from publicity.objections.access import objections_for
from publicity.rechecking.access import explain_no_review
from publicity.rechecking.steps import correction_link
from publicity.rechecking.stored_plans import read_lines, read_plan
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.publicity.corrections.plan_words import say_decision, say_plan
from scoring_site.workbench.publicity.corrections.reviewing import (
    RefuseCorrection,
    ReviewCorrection,
    TakeBackCorrection,
)

WAITING = "waiting"
HIDDEN = gettext_lazy("(by permission only)")


class OutcomeFilter(ChoiceFilter):
    """Waiting, or what became of it."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(WAITING, _("waits for its review")), *EnteredCorrection.Outcome.choices]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(settled_at__isnull=True) if value == WAITING else queryset.filter(outcome=value)


class ReviewBranchFilter(BranchFilter):
    """The branch whose half it corrects."""

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(review__branch=value)


def name_state(row: EnteredCorrection) -> str:
    """Where it stands, in words."""
    if row.town_decision:
        return _("carried out as the town decided")
    return _("waits for its review") if row.is_waiting else str(row.get_outcome_display())


class EnteredCorrectionAdmin(ScopedModelAdmin[EnteredCorrection]):
    """What was entered, for the branch's officers, whoever entered it and the town."""

    card_columns = ("branch", "half", "state")
    list_filter = (OutcomeFilter, ReviewBranchFilter)
    list_select_related = ("review__branch", "member", "entered_by")
    row_template = "workbench/publicity/entered_correction.html"
    is_of_frozen_lines = True
    ordering = ("-at", "-id")
    subpages = (ReviewCorrection, RefuseCorrection, TakeBackCorrection)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EnteredCorrection]:
        return (
            super()
            .get_queryset(request)
            .select_related("review__branch__town", "member", "entered_by", "settled_by", "objection", "correction")
            .prefetch_related("review__branch__former_names")
        )

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.review.branch_name, name="branch"),
            column(gettext_lazy("half"), lambda row: name_half(row.review), name="half", order="review__year"),
            column(gettext_lazy("decided on"), lambda row: row.decided_on, name="decided_on", order="decided_on"),
            column(gettext_lazy("entered by"), lambda row: str(row.entered_by), name="entered_by"),
            column(gettext_lazy("entered at"), lambda row: row.at, name="at", order="at"),
            column(gettext_lazy("state"), name_state, name="state", order="settled_at"),
        )

    def row_title(self, row: EnteredCorrection) -> str:
        return _("Correction and review: %(name)s, %(half)s") % {
            "name": row.member.listed_name,
            "half": name_half(row.review),
        }

    def row_facts(self, request: HttpRequest, row: EnteredCorrection) -> Sequence[Fact]:
        reads = self._reads_reasons(request, row)
        facts = [
            Fact(_("state"), name_state(row)),
            Fact(_("half-year review"), f"{row.review.branch_name} {name_half(row.review)}", row_url(row.review)),
            Fact(_("entered by"), f"{row.entered_by} {timezone.localdate(row.at)}"),
            Fact(_("decided by"), say_decision(row)),
            Fact(_("reason of the correction"), row.reason if reads else str(HIDDEN)),
        ]
        if row.minutes:
            facts.append(Fact(_("minutes"), row.minutes if reads else str(HIDDEN)))
        known = objections_for(actor_of(request), on=today_of(request))
        objection = known.filter(pk=row.objection_id).first() if row.objection_id else None
        if objection is not None:
            facts.append(Fact(_("objection"), objection.receipt, row_url(objection)))
            if row.answers_objection:
                facts.append(Fact(_("written answer to the objector"), row.answer))
        if row.settled_at is not None:
            if not row.town_decision:
                facts.append(Fact(_("reviewed or taken back by"), str(row.settled_by)))
            facts.append(Fact(_("settled at"), row.settled_at))
        if row.settled_reason:
            facts.append(Fact(_("reason for refusing"), row.settled_reason if reads else str(HIDDEN)))
        if row.correction is not None:
            facts.append(Fact(_("correction"), _("open the correction"), row_url(row.correction)))
        return facts

    def _reads_reasons(self, request: HttpRequest, row: EnteredCorrection) -> bool:
        """Reasons and minutes may name a ground (D21)."""
        user = actor_of(request)
        committee = reach_of(user, on=today_of(request)).branches_with(COMMITTEE_ROLES)
        is_theirs = row.review.branch_id in committee or row.entered_by_id == user.pk
        return is_theirs or self.may_change(request, row, Action.CORRECT)

    def row_context(self, request: HttpRequest, row: EnteredCorrection) -> dict[str, Any]:
        mark_read(user=actor_of(request), now=now_of(request), link=correction_link(row))
        is_mine = row.is_waiting and self.may_change(request, row, Action.CORRECT)
        return {
            "plan": say_plan(read_plan(row), catalogue_for(request)),
            "revised": show_revised(read_lines(row), inside=True),
            "refusal": explain_no_review(row, actor_of(request), on=today_of(request)) if is_mine else "",
        }

    def row_buttons(self, request: HttpRequest, row: EnteredCorrection) -> Sequence[Button]:
        user, today = actor_of(request), today_of(request)
        if not row.is_waiting or not self.may_change(request, row, Action.CORRECT):
            return []
        if row.entered_by_id == user.pk:
            return [Button(_("Take it back"), self.url("take_back", row.pk), "undo")]
        if explain_no_review(row, user, on=today):
            return []
        return [
            Button(_("Review it"), self.url("review", row.pk), "fact_check", main=True),
            Button(_("Refuse it"), self.url("refuse", row.pk), "block", grave=True),
        ]
