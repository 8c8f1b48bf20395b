"""Deductions and vetoes in the workbench: what sets the two kinds of finding apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.access import Action, may_read_grounds
from members.models import Member
from points.errors import NothingToPrint
from scoring_site.downloads import send_file
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import DateYearFilter, YearFilter
from scoring_site.workbench.base.filters import BranchFilter
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Button
from scoring_site.workbench.findings.candidates import may_see_candidates, prefill_proposal
from scoring_site.workbench.findings.table import FindingAdmin, StateFilter
from veto.deciding import propose_deduction, propose_veto
from veto.grounds import log_look
from veto.letters import write_referral
from veto.models import Deduction, VetoRecord


class DeductionAdmin(FindingAdmin[Deduction]):
    """The negative list (2.3.3)."""

    kind = "deduction"
    list_filter = (DateYearFilter, BranchFilter, StateFilter)

    def propose_label(self) -> str:
        return _("Propose a deduction")

    def propose(self, request: HttpRequest, *, member: Member, data: dict[str, Any], token: UUID) -> Deduction:
        return propose_deduction(
            actor=actor_of(request),
            now=now_of(request),
            member=member,
            item=data["ground"],
            date=data["date"],
            particulars=data["particulars"],
            papers=data["papers"],
            token=token,
        )

    def ground_code(self, row: Deduction) -> str:
        return row.item

    def ground_year(self, row: Deduction) -> int:
        return row.date.year

    def consequence(self) -> str:
        return _("A confirmed deduction takes its points from the year's score, down to 0 (2.3.3, D6).")


class VetoRecordAdmin(FindingAdmin[VetoRecord]):
    """The one-vote veto (2.3.4)."""

    kind = "veto"
    list_filter = (YearFilter, BranchFilter, StateFilter)

    def propose_label(self) -> str:
        return _("Propose a veto")

    def propose(self, request: HttpRequest, *, member: Member, data: dict[str, Any], token: UUID) -> VetoRecord:
        return propose_veto(
            actor=actor_of(request),
            now=now_of(request),
            member=member,
            ground=data["ground"],
            date=data["date"],
            year=data["year"],
            particulars=data["particulars"],
            papers=data["papers"],
            token=token,
        )

    def ground_code(self, row: VetoRecord) -> str:
        return row.ground

    def ground_year(self, row: VetoRecord) -> int:
        return row.year

    def consequence(self) -> str:
        return _("A confirmed veto makes the year's score 0 (2.3.4, D7). The member may appeal to the town.")

    def pages(self) -> Iterable[URLPattern]:
        return [
            *super().pages(),
            self.page("<int:object_id>/referral/", self.referral_view, "referral"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = list(super().list_buttons(request))
        if may_see_candidates(request):
            buttons.append(Button(_("Members to care about"), page_url("candidates"), "diversity_1"))
        return buttons

    def prefill(self, request: HttpRequest, member: Member | None) -> dict[str, Any]:
        return prefill_proposal(request, member)

    def row_buttons(self, request: HttpRequest, row: VetoRecord) -> Sequence[Button]:
        buttons = list(super().row_buttons(request, row))
        if row.state == "confirmed" and self.may_refer(request, row):
            buttons.insert(0, Button(_("Referral to the town (PDF)"), self.url("referral", row.pk), "outgoing_mail"))
        return buttons

    def may_refer(self, request: HttpRequest, row: VetoRecord) -> bool:
        """Whether the user signs the branch's letters and may read what stands in this one (D21)."""
        reads = may_read_grounds(actor_of(request), row, on=today_of(request))
        return reads and self.may_change(request, row, Action.DECIDE_FINDING)

    def referral_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The letter that refers a confirmed veto to the town's party committee (D18)."""
        row = self.get_object(request, str(object_id))
        self.require(self.may_refer(request, row))
        try:
            pdf = write_referral(finding=row, on=today_of(request))
        except NothingToPrint as error:
            raise Http404(str(error)) from error
        log_look(actor=actor_of(request), now=now_of(request), finding=row)
        return send_file(pdf, f"referral-{row.uuid}.pdf")
