"""Members: the list everybody starts from, and a member's page with what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.fonts import say_missing
from members.access import Action, Role, is_own_case, reach_of
from members.models import Member
from members.people.fields import MEMBER_FIELDS
from members.selectors import branch_subquery, search_members, with_branch_on
from scoring_site.access_log import note_shown_in_full
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.filters import CategoryFilter, MembersBranchFilter, OnRosterFilter, PartyGroupFilter
from scoring_site.workbench.base.finding_states import list_findings
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.roles import may_export
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.roster.members.export import ExportRoster
from scoring_site.workbench.roster.members.record import read_record
from scoring_site.workbench.roster.members.record_form import MemberRecordForm
from scoring_site.workbench.roster.members.steps import EditMember, MakeFullMember, NewMember

PERSONAL_ROLES = frozenset({Role.RECORDER, Role.SECRETARY})
"""Branch roles that read ID numbers and phones in full, beside town staff."""
ASKED_IN_FULL = "numbers"
"""In the address of a member's page: whoever may read the numbers asked for them, which is noted."""


class MemberAdmin(ScopedModelAdmin[Member]):
    """The members within reach, found by character or pinyin initials."""

    card_columns = ("branch_today", "category", "party_group", "masked_phone")
    list_display = ("shown_name", "branch_today", "category", "party_group", "masked_id_number", "masked_phone")
    list_filter = (MembersBranchFilter, CategoryFilter, PartyGroupFilter, OnRosterFilter)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("position", "id")
    row_template = "workbench/roster/member.html"
    subpages = (NewMember, EditMember, MakeFullMember, MemberRecordForm, ExportRoster)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        today = today_of(request)
        members = with_branch_on(super().get_queryset(request), today)
        return members.annotate(branch_name=branch_subquery(today, "branch__name"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        return (search_members(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def shown_name(self, member: Member) -> str:
        return member.listed_name

    @admin.display(description=gettext_lazy("branch"), ordering="branch_name")
    def branch_today(self, member: Member) -> str:
        name: str | None = member.branch_name  # type: ignore[attr-defined]
        return name or _("not on the roster")

    @admin.display(description=gettext_lazy("citizen ID number"))
    def masked_id_number(self, member: Member) -> str:
        return MEMBER_FIELDS["id_number"].say_of(member, in_full=False)

    @admin.display(description=gettext_lazy("phone"))
    def masked_phone(self, member: Member) -> str:
        return MEMBER_FIELDS["phone"].say_of(member, in_full=False)

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = []
        if reach_of(actor_of(request), on=today_of(request)).staff_towns:
            buttons.append(Button(_("New member"), self.url("new"), "person_add", main=True))
        if may_export(request):
            buttons.append(ExportRoster.offer(self, request))
        return buttons

    def reads_personal_numbers(self, request: HttpRequest, member: Member) -> bool:
        """Who may have numbers shown in full: town staff, and the recorder and secretary of the branch."""
        reach = reach_of(actor_of(request), on=today_of(request))
        own = reach.branches_with(PERSONAL_ROLES)
        branch: int | None = member.branch_id_on_day  # type: ignore[attr-defined]
        return member.town_id in reach.staff_towns or branch in own

    def row_facts(self, request: HttpRequest, row: Member) -> Sequence[Fact]:
        in_full = self.reads_personal_numbers(request, row) and ASKED_IN_FULL in request.GET
        if in_full:
            note_shown_in_full(request)
        shown = [field for field in MEMBER_FIELDS.values() if field.on_member_page]
        branch: int | None = row.branch_id_on_day  # type: ignore[attr-defined]
        return [
            Fact(_("branch"), self.branch_today(row), page_url("members_branch_change", branch) if branch else ""),
            *(Fact(field.label, field.say_of(row, in_full=in_full)) for field in shown),
        ]

    def row_buttons(self, request: HttpRequest, row: Member) -> Sequence[Button]:
        asked = (Action.RECORD, Action.PROPOSE_FINDING, Action.DECIDE_FINDING, Action.KEEP_ROSTER)
        allowed = {action: self.may_change(request, row, action) for action in asked}
        member = f"?member={row.pk}"
        buttons = []
        if allowed[Action.RECORD]:
            buttons.append(Button(_("Record points"), page_url("points_pointevent_record") + member, "add", main=True))
        if allowed[Action.PROPOSE_FINDING]:
            buttons += [
                Button(_("Propose a deduction"), page_url("veto_deduction_propose") + member, "remove_circle"),
                Button(_("Propose a veto"), page_url("veto_vetorecord_propose") + member, "gavel"),
            ]
        is_exempt = row.exemptions.open().exists()
        if allowed[Action.DECIDE_FINDING] and not is_exempt and not is_own_case(actor_of(request), row):
            url = page_url("members_exemptionapplication_enter", row.pk)
            buttons.append(Button(_("Enter an application for exemption"), url, "elderly"))
        if allowed[Action.KEEP_ROSTER]:
            buttons.append(Button(_("Move or leave"), page_url("members_membership_move", row.pk), "swap_horiz"))
            if not hasattr(row, "user"):
                buttons.append(Button(_("Make an account"), page_url("members_user_new") + member, "key"))
            buttons.append(Button(_("Edit"), self.url("edit", row.pk), "edit"))
            if row.category == Member.Category.PROBATIONARY:
                buttons.append(Button(_("Made a full member"), self.url("full", row.pk), "verified"))
        has_numbers = bool(row.id_number or row.phone)
        if has_numbers and ASKED_IN_FULL not in request.GET and self.reads_personal_numbers(request, row):
            address = f"{self.url('change', row.pk)}?{ASKED_IN_FULL}=1"
            buttons.append(Button(_("Show the numbers in full"), address, "visibility"))
        return buttons

    def row_context(self, request: HttpRequest, row: Member) -> dict[str, Any]:
        unprintable = say_missing(row.name)
        return {**read_record(request, row), "findings": list_findings(request, row), "unprintable": unprintable}
