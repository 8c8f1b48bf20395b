"""Deductions and vetoes in the workbench: what sets the two kinds of finding apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.admin.filters import BranchFilter
from members.admin.scoped import actor_of, now_of
from members.models import Member
from points.admin.columns import DateYearFilter, YearFilter
from points.admin.findings import FindingAdmin, StateFilter
from points.findings import propose_deduction, propose_veto
from points.models import Deduction
from veto.models import VetoRecord


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
            token=token,
        )

    def ground_code(self, row: VetoRecord) -> str:
        return row.ground

    def ground_year(self, row: VetoRecord) -> int:
        return row.year

    def consequence(self) -> str:
        return _("A confirmed veto makes the year's score 0 (2.3.4, D7). The member may appeal to the town.")
