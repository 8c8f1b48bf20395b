"""Deductions and vetoes in the workbench: what sets the two kinds of finding apart."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from scoring_site.workbench.base.columns import DateYearFilter, YearFilter
from scoring_site.workbench.base.filters import BranchFilter
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button
from scoring_site.workbench.findings.candidates import may_see_candidates
from scoring_site.workbench.findings.papers import TownReport
from scoring_site.workbench.findings.proposing import ProposeDeduction, ProposeVeto
from scoring_site.workbench.findings.questions import may_report
from scoring_site.workbench.findings.steps import DecideDeduction, DecideVeto
from scoring_site.workbench.findings.table import FindingAdmin, StateFilter
from veto.models import Deduction, Finding, VetoRecord


class DeductionAdmin(FindingAdmin[Deduction]):
    """The negative list (2.3.3)."""

    list_filter = (DateYearFilter, BranchFilter, StateFilter)
    propose_label = ProposeDeduction.title
    subpages = (ProposeDeduction, DecideDeduction, *FindingAdmin.subpages)


class VetoRecordAdmin(FindingAdmin[VetoRecord]):
    """The one-vote veto (2.3.4)."""

    list_filter = (YearFilter, BranchFilter, StateFilter)
    propose_label = ProposeVeto.title
    subpages = (ProposeVeto, DecideVeto, TownReport, *FindingAdmin.subpages)

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = list(super().list_buttons(request))
        if may_see_candidates(request):
            buttons.append(Button(_("Members to care about"), page_url("candidates"), "diversity_1"))
        return buttons

    def row_buttons(self, request: HttpRequest, row: VetoRecord) -> Sequence[Button]:
        buttons = list(super().row_buttons(request, row))
        if row.state == Finding.State.CONFIRMED and may_report(request, row):
            buttons.insert(0, Button(_("Report to the town (PDF)"), self.url("report", row.pk), "outgoing_mail"))
        return buttons
