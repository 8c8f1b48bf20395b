"""Deductions and vetoes: proposed, heard, decided, revoked, voided; their grounds only for who may read them (D21).

No ground stands in an address, a list, a heading or the log. Every look at one is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import (
    Action,
    branches_for,
    findings_for,
    holds_grounds_permission,
    is_own_case,
    may_read_grounds,
)
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column, find_by_member, void_facts, with_branch_name
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import ChoiceFilter
from scoring_site.workbench.base.finding_states import name_state
from scoring_site.workbench.base.pages import TablePage, Text, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.findings.grounds import ReadGround, ground_facts, year_of
from scoring_site.workbench.findings.papers import HearingNotice
from scoring_site.workbench.findings.questions import may_change_finding
from scoring_site.workbench.findings.steps import ClearFinding, EnterAnswer, RevokeFinding, TellMember, VoidFinding
from veto.grounds import log_look
from veto.hearing_days import read_answer_time
from veto.models import Deduction, Finding, VetoRecord

FindingT = TypeVar("FindingT", Deduction, VetoRecord)


HIDDEN = gettext_lazy("(by permission only)")


class StateFilter(ChoiceFilter):
    """Where findings stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Finding.Step.choices, *Finding.State.choices]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        kind = queryset.model._default_manager
        found = kind.at_step(value) if value in Finding.Step else kind.in_state(value)
        return queryset.filter(pk__in=found.values("pk"))


class FindingAdmin(ScopedModelAdmin[FindingT]):
    """What both kinds of finding share."""

    list_select_related = ("member", "batch__actor")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-date", "-id")
    row_template = "workbench/findings/finding.html"
    subpages: ClassVar[tuple[type[TablePage], ...]] = (
        ClearFinding,
        HearingNotice,
        TellMember,
        EnterAnswer,
        RevokeFinding,
        VoidFinding,
        ReadGround,
    )
    propose_label: ClassVar[Text]
    """The words of the button that proposes."""

    def scope(self, request: HttpRequest, rows: QuerySet[FindingT]) -> QuerySet[FindingT]:
        return findings_for(actor_of(request), rows, on=today_of(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[FindingT]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FindingT], search_term: str
    ) -> tuple[QuerySet[FindingT], bool]:
        return find_by_member(queryset, search_term), False

    def may_change(self, request: HttpRequest, row: FindingT, action: Action) -> bool:
        return may_change_finding(request, row, action)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("found on"), lambda row: row.date, name="date", order="date"),
            column(gettext_lazy("state"), lambda row: name_state(row), name="state"),
            column(gettext_lazy("proposed by"), lambda row: str(row.batch.actor), name="actor"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        branches = branches_for(actor_of(request), on=today_of(request), action=Action.PROPOSE_FINDING)
        if not branches.exists():
            return []
        return [Button(str(self.propose_label), self.url("propose"), "add", main=True)]

    # What a page shows

    def row_title(self, row: FindingT) -> str:
        return f"{row.member.listed_name} {row.date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: FindingT) -> Sequence[Fact]:
        """Everything but the ground and the particulars."""
        facts: list[Fact] = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("found on"), row.date),
            Fact(_("assessment year"), str(year_of(row))),
            Fact(_("state"), name_state(row)),
            Fact(_("proposed by"), str(row.batch.actor)),
            Fact(_("recorded at"), row.batch.at),
            Fact(_("backfilled"), _("yes") if row.backfilled else _("no")),
            Fact(_("member told on"), row.notified_on or "—"),
            Fact(_("answer"), row.get_answer_display() if row.answer else "—"),
            Fact(_("answered on"), row.answered_on or "—"),
            Fact(_("committee meeting that decided"), row.decided_on or "—"),
            Fact(_("decision entered by"), str(row.decided_by) if row.decided_by else "—"),
        ]
        if row.witnesses:
            facts.append(Fact(_("two witnesses of the refusal"), row.witnesses))
        if row.cleared_at:
            facts.append(Fact(_("let through by the town at"), row.cleared_at))
            facts.append(Fact(_("let through by"), str(row.cleared_by)))
        if row.revoked_at:
            facts += [Fact(_("revoked at"), row.revoked_at), Fact(_("revoked by"), str(row.revoked_by))]
        # The reasons of a void or a revocation may repeat the ground.
        return [*facts, *void_facts(row)[:2]]

    def row_context(self, request: HttpRequest, row: FindingT) -> dict[str, Any]:
        user = actor_of(request)
        if may_read_grounds(user, row, on=today_of(request)):
            if request.method == "GET":
                log_look(actor=user, now=now_of(request), finding=row)
            return {
                "grounds": ground_facts(request, row),
                "evidence": show_evidence(request, row),
                "next_step": self.say_next(row),
            }
        asks = holds_grounds_permission(user, row.member.town)
        return {
            "grounds": None,
            "hidden": HIDDEN,
            "grounds_url": self.url("grounds", row.pk) if asks else "",
            "next_step": self.say_next(row),
        }

    def say_next(self, row: FindingT) -> str:
        """What comes next and from when on, in words (D18); empty once it is decided."""
        if row.step == Finding.Step.TO_CLEAR:
            return _("The town's staff look at this proposal first. You can go on as soon as they let it through.")
        if row.step == Finding.Step.TO_TELL:
            return _("Next: print the notice, hand it over, and enter the day. Nothing counts yet.")
        if row.step not in (Finding.Step.TO_ANSWER, Finding.Step.TO_DECIDE):
            return ""
        time = read_answer_time(row.member.town, row.notified_on)
        if row.step == Finding.Step.TO_ANSWER or row.answer == row.Answer.REFUSED:
            if time.last_day is None:
                return time.problem
            return _(
                "The member may answer until %(day)s (five working days). Without a statement or a waiver the "
                "committee decides only after that day."
            ) % {"day": time.last_day}
        return _("The member was heard. Next: the committee decides at a meeting; then enter the decision and its day.")

    def row_buttons(self, request: HttpRequest, row: FindingT) -> Sequence[Button]:
        proposes = self.may_change(request, row, Action.PROPOSE_FINDING)
        decides = self.may_change(request, row, Action.DECIDE_FINDING) and not is_own_case(
            actor_of(request), row.member
        )
        # Whoever may enter the answer of one's member hands them the paper; the ground stands on it (D21).
        reads = may_read_grounds(actor_of(request), row, on=today_of(request))
        waits = row.is_open_to_hearing and row.answered_on is None and not row.is_held_back
        buttons = []
        if row.step == Finding.Step.TO_CLEAR and self.may_clear(request, row):
            buttons.append(Button(_("Let it through"), self.url("clear", row.pk), "verified_user", main=True))
        if proposes and waits and reads:
            buttons.append(Button(_("Notice to the member (PDF)"), self.url("notice", row.pk), "print"))
        if proposes and waits and row.notified_on is None:
            buttons.append(
                Button(_("Enter that the member was told"), self.url("tell", row.pk), "mark_email_read", main=True)
            )
        elif proposes and waits:
            buttons.append(
                Button(_("Enter the member's answer"), self.url("answer", row.pk), "record_voice_over", main=True)
            )
        if decides and row.state == Finding.State.PROPOSED and not row.is_held_back:
            heard = row.answered_on is not None
            buttons.append(Button(_("Enter the decision"), self.url("decide", row.pk), "gavel", main=heard))
        if decides and row.state == Finding.State.CONFIRMED:
            buttons.append(Button(_("Revoke"), self.url("revoke", row.pk), "undo", grave=True))
        if decides and not row.is_void:
            buttons.append(Button(_("Void"), self.url("void", row.pk), "block", grave=True))
        return buttons

    def may_clear(self, request: HttpRequest, row: FindingT) -> bool:
        """Whether the user is of the town's staff, did not propose it and is not the one it is about."""
        user = actor_of(request)
        stranger = row.batch.actor_id != user.pk and not is_own_case(user, row.member)
        return stranger and self.may_change(request, row, Action.CONSENT)
