"""The ground of a finding: in words for who may read it, and after a reason for who holds the permission (D21)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, holds_grounds_permission, may_read_grounds
from points.evidence.links import evidence_of_finding
from points.rules.rulebook import ItemKind
from scoring_site.forms.fields import ReasonForm
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.evidence_panel import make_panel, show_evidence
from scoring_site.workbench.base.pages import require
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import FormT, RowStep
from veto.grounds import log_look
from veto.models import Answer, Deduction, VetoRecord
from veto.steps import may_judge, say_unread


def year_of(row: Deduction | VetoRecord) -> int:
    """The year whose score it touches, and whose rulebook names the ground (D6, D7)."""
    return row.date.year if isinstance(row, Deduction) else row.year


def ground_facts(request: HttpRequest, row: Deduction | VetoRecord) -> list[Fact]:
    """Ground, particulars, statement and reasons: only for who may read them."""
    kind: ItemKind
    kind, code = ("deduction", row.item) if isinstance(row, Deduction) else ("veto", row.ground)
    facts = [
        Fact(_("ground"), catalogue_for(request).name(row.member.town_id, year_of(row), code, kind)),
        Fact(_("what was found and how it was verified"), row.particulars),
        Fact(_("papers the ground asks for"), row.papers or "—"),
    ]
    answer = row.answered
    if answer is not None and answer.kind == Answer.Kind.STATEMENT:
        facts.append(Fact(_("statement of the member"), answer.statement))
    if row.minutes:
        facts.append(Fact(_("minutes"), row.minutes))
    if row.left_out:
        facts.append(Fact(_("left out of those expected, and why"), row.left_out))
    if row.revoke_reason:
        facts.append(Fact(_("reason for revoking"), row.revoke_reason))
    if row.void_reason:
        facts.append(Fact(_("reason for voiding"), row.void_reason))
    return facts


class GroundStep(RowStep[Deduction | VetoRecord, FormT]):
    """A step of who judges a finding: ground, papers and statement stand above the form, where they may be read (D21).

    By permission the step itself is the reason; either way the look is logged.
    """

    template: ClassVar[str] = "workbench/findings/judge.html"

    def get_context(self) -> dict[str, Any]:
        row, reads = self.row, may_read_grounds(self.actor, self.row, on=self.today)
        if not may_judge(self.actor, row, on=self.today):
            return {"grounds": None, "unread": say_unread()}
        reason = "" if reads else str(self.title)
        if self.request.method == "GET":
            log_look(actor=self.actor, now=self.now, finding=row, reason=reason)
        evidence = show_evidence(self.request, row) if reads else make_panel(evidence_of_finding(row), reason=reason)
        return {"grounds": ground_facts(self.request, row), "evidence": evidence}


class ReadGround(RowStep[Deduction | VetoRecord, ReasonForm]):
    """Show the ground to who has the permission and says why; the look is logged (D21)."""

    name = "grounds"
    action = Action.READ
    form_class = ReasonForm
    template = "workbench/findings/grounds.html"
    title = gettext_lazy("Read the ground")
    submit = gettext_lazy("Read the ground")
    warning = (gettext_lazy("Your name, the time and the reason are logged; supervisors read the log."),)
    shown_facts = 4

    def prepare(self) -> None:
        super().prepare()
        require(holds_grounds_permission(self.actor, self.row.member.town))

    def get_context(self) -> dict[str, Any]:
        return {"grounds": None}

    def carry_out(self, form: ReasonForm) -> HttpResponseBase:
        reason = form.cleaned_data["reason"]
        log_look(actor=self.actor, now=self.now, finding=self.row, reason=reason)
        return self.show(
            form,
            grounds=ground_facts(self.request, self.row),
            evidence=make_panel(evidence_of_finding(self.row), reason=reason),
        )
