"""Proposing a deduction or a veto about one member of a branch (D18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action
from members.models import Branch, Member
from points.evidence.links import attach_evidence
from points.rules.rulebook import ItemKind, Rulebook
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.choices import pickable_members
from scoring_site.workbench.base.pages import Text, require, row_url
from scoring_site.workbench.base.steps import Outcome, TableStep
from scoring_site.workbench.findings.candidates import prefill_proposal
from scoring_site.workbench.findings.forms import ProposalForm, no_grounds
from veto.deciding import propose_deduction, propose_veto
from veto.models import Deduction, VetoRecord


class ProposeFinding(TableStep[ProposalForm]):
    """Propose a finding; what sets the two kinds apart stands in their classes."""

    name = "propose"
    kind: ClassVar[ItemKind]
    form_class = ProposalForm
    template = "workbench/findings/propose.html"
    submit = gettext_lazy("Propose")

    members: QuerySet[Member]
    branch: Branch | None
    branches: Sequence[Branch]
    first: Member | None
    alone: Member | None
    """The only member the page is about, where it is."""
    rulebooks: dict[int, Rulebook]

    def prepare(self) -> None:
        self.members, self.branch, self.branches = pickable_members(self.request, Action.PROPOSE_FINDING)
        require(bool(self.branches) or self.members.exists())
        self.first = self.members.select_related("town").first()
        self.alone = self.first if self.branch is None else None
        self.rulebooks = catalogue_for(self.request).of_town(self.first.town_id) if self.first else {}

    def is_ready(self) -> bool:
        return bool(self.rulebooks)

    def get_back(self) -> str:
        return row_url(self.alone) if self.alone else super().get_back()

    def get_warning(self) -> Sequence[Text]:
        return no_grounds()

    def get_form_arguments(self) -> dict[str, Any]:
        return {
            "members": self.members,
            "rulebooks": self.rulebooks,
            "kind": self.kind,
            "today": self.today,
            "initial": {"member": self.alone.pk if self.alone else None, **self.prefill()},
        }

    def get_context(self) -> dict[str, Any]:
        return {
            "branch": self.branch,
            "branches": self.branches,
            "chosen": self.first is not None,
            "rulebooks": bool(self.rulebooks),
        }

    def prefill(self) -> dict[str, Any]:
        """What a proposal begins with where it comes from elsewhere; nothing by default."""
        return {}

    def propose(self, data: dict[str, Any]) -> Deduction | VetoRecord:
        """Call the verb of this kind."""
        raise NotImplementedError

    def carry_out(self, form: ProposalForm) -> Outcome:
        data = form.cleaned_data
        with transaction.atomic():
            finding = self.propose(data)
            attach_evidence(actor=self.actor, now=self.now, files=data["evidence"], subject=finding)
        said = _("Proposed; it does not count yet. Next: print the notice, hand it over and enter the day.")
        if finding.is_held_back:
            said = _("Proposed; it does not count yet. The town's staff look at it first; then you can go on here.")
        return Outcome(row_url(finding), said + _(" A mistake is voided by the secretary or the town's staff."))


class ProposeDeduction(ProposeFinding):
    """Propose an entry of the negative list (2.3.3)."""

    kind = "deduction"
    title = gettext_lazy("Propose a deduction")

    def propose(self, data: dict[str, Any]) -> Deduction:
        return propose_deduction(
            actor=self.actor,
            now=self.now,
            member=data["member"],
            item=data["ground"],
            date=data["date"],
            particulars=data["particulars"],
            papers=data["papers"],
            token=data["token"],
        )


class ProposeVeto(ProposeFinding):
    """Propose a one-vote veto (2.3.4)."""

    kind = "veto"
    title = gettext_lazy("Propose a veto")

    def prefill(self) -> dict[str, Any]:
        return prefill_proposal(self.request, self.alone)

    def propose(self, data: dict[str, Any]) -> VetoRecord:
        return propose_veto(
            actor=self.actor,
            now=self.now,
            member=data["member"],
            ground=data["ground"],
            date=data["date"],
            year=data["year"],
            particulars=data["particulars"],
            papers=data["papers"],
            token=data["token"],
        )
