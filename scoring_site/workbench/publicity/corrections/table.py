"""Corrections in the workbench: entered with old and new figures shown first, listed, printed as a notice (D10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import COMMITTEE_ROLES, Action, branches_for, may, reach_of
from points.models import Correction, ReviewLine
from points.scoring.wording import name_half
from publicity.corrections.figures import show_revised
from publicity.corrections.plans import read_revised_lines
from publicity.models import EnteredCorrection
from publicity.objections.access import objections_for
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column
from scoring_site.workbench.base.pages import row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.publicity.corrections.plan_words import say_decision
from scoring_site.workbench.publicity.corrections.steps import CorrectionNotice, CorrectLine

HIDDEN = gettext_lazy("(by permission only)")


class CorrectionAdmin(ScopedModelAdmin[Correction]):
    """Why lines were changed after approval; each names the line's branch, whoever the member belongs to today."""

    list_select_related = ("review__branch", "member", "actor")
    row_template = "workbench/publicity/correction.html"
    is_of_frozen_lines = True
    ordering = ("-at", "-id")
    subpages = (CorrectLine, CorrectionNotice)

    def scope(self, request: HttpRequest, rows: QuerySet[Correction]) -> QuerySet[Correction]:
        branches = branches_for(actor_of(request), on=today_of(request))
        lines = ReviewLine.objects.filter(review__branch__in=branches.values("pk"), correction__isnull=False)
        found = rows.filter(pk__in=lines.values("correction")).select_related(
            "review__branch__town", "member", "actor", "consent_by", "entered__settled_by"
        )
        return found.prefetch_related("review__branch__former_names")

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.review.branch_name, name="branch"),
            column(gettext_lazy("half"), lambda row: name_half(row.review), name="half", order="review__year"),
            column(gettext_lazy("decided on"), lambda row: row.decided_on, name="decided_on", order="decided_on"),
            column(gettext_lazy("entered by"), lambda row: str(row.actor), name="actor"),
            column(gettext_lazy("entered at"), lambda row: row.at, name="at", order="at"),
        )

    def may_change(self, request: HttpRequest, row: Correction, action: Action) -> bool:
        return may(actor_of(request), action, row.review.branch, on=today_of(request))

    def row_title(self, row: Correction) -> str:
        return _("Correction of %(name)s, %(half)s") % {"name": row.member.listed_name, "half": name_half(row.review)}

    def row_facts(self, request: HttpRequest, row: Correction) -> Sequence[Fact]:
        user, today = actor_of(request), today_of(request)
        committee = reach_of(user, on=today).branches_with(COMMITTEE_ROLES)
        # The reason may name a ground (D21).
        reads = row.review.branch_id in committee or self.may_change(request, row, Action.CORRECT)
        # None of a correction made before there was a review: it names its meeting's day alone.
        entered: EnteredCorrection | None = getattr(row, "entered", None)
        decided = (
            Fact(_("decided by"), say_decision(entered), row_url(entered))
            if entered
            else Fact(_("committee meeting that decided"), row.decided_on)
        )
        facts = [
            Fact(_("half-year review"), f"{row.review.branch_name} {name_half(row.review)}", row_url(row.review)),
            decided,
            Fact(_("reason of the correction"), row.reason if reads or row.actor_id == user.pk else str(HIDDEN)),
            Fact(_("entered by"), str(row.actor)),
            Fact(_("carried out at"), row.at),
        ]
        if entered and not entered.town_decision:
            facts.append(Fact(_("reviewed by"), str(entered.settled_by)))
        if row.consent_by:
            facts.append(Fact(_("town's consent by"), str(row.consent_by)))
        objection = objections_for(user, on=today).filter(uuid=row.objection).first() if row.objection else None
        if objection is not None:
            facts.append(Fact(_("objection"), objection.receipt, row_url(objection)))
        return facts

    def row_context(self, request: HttpRequest, row: Correction) -> dict[str, Any]:
        return {"revised": show_revised(read_revised_lines(row), inside=True)}

    def row_buttons(self, request: HttpRequest, row: Correction) -> Sequence[Button]:
        if not self.may_change(request, row, Action.EXPORT):
            return []
        return [Button(_("Correction notice (PDF)"), self.url("notice_pdf", row.pk), "print", main=True)]
