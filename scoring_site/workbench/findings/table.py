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
from scoring_site.workbench.findings.appeal_steps import AnswerAppeal, EnterAppeal, appeal_facts
from scoring_site.workbench.findings.course import course_facts, say_next
from scoring_site.workbench.findings.grounds import ReadGround, ground_facts, year_of
from scoring_site.workbench.findings.hearing_steps import EnterAnswer, GiveDecision, PostponeMeeting, TellMember
from scoring_site.workbench.findings.papers import AppealAnswerLetter, AppealReceipt, DecisionLetter, HearingNotice
from scoring_site.workbench.findings.questions import may_change_finding
from scoring_site.workbench.findings.steps import ClearFinding, RevokeFinding, VoidFinding
from veto.appeals import may_answer_appeal, may_enter_appeal
from veto.endings import has_died
from veto.grounds import log_look
from veto.models import HEARING, Deduction, Finding, VetoRecord
from veto.steps import may_decide, may_judge, say_unread

FindingT = TypeVar("FindingT", Deduction, VetoRecord)


HIDDEN = gettext_lazy("(by permission only)")
APPEALED = "appealed"
"""In the filter of states: an appeal waits for the town's answer."""


class StateFilter(ChoiceFilter):
    """Where findings stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Finding.Step.choices, (APPEALED, _("appeal waits for its answer")), *Finding.State.choices]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        kind = queryset.model._default_manager
        if value == APPEALED:
            return queryset.filter(pk__in=kind.with_appeal().values("pk"))
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
        PostponeMeeting,
        EnterAnswer,
        DecisionLetter,
        GiveDecision,
        EnterAppeal,
        AppealReceipt,
        AnswerAppeal,
        AppealAnswerLetter,
        RevokeFinding,
        VoidFinding,
        ReadGround,
    )
    propose_label: ClassVar[Text]
    """The words of the button that proposes."""

    def scope(self, request: HttpRequest, rows: QuerySet[FindingT]) -> QuerySet[FindingT]:
        return findings_for(actor_of(request), rows, on=today_of(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[FindingT]:
        return with_branch_name(super().get_queryset(request), today_of(request)).prefetch_related(*HEARING)

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
            *course_facts(row),
        ]
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
                "grounds": [*ground_facts(request, row), *appeal_facts(row)],
                "evidence": show_evidence(request, row),
                "next_steps": say_next(row),
            }
        asks = holds_grounds_permission(user, row.member.town)
        would_judge = row.step == Finding.Step.TO_CLEAR or (row.appeal is not None and row.appeal.is_waiting)
        says_why = would_judge and not asks and self.may_change(request, row, Action.CONSENT)
        return {
            "grounds": None,
            "hidden": HIDDEN,
            "grounds_url": self.url("grounds", row.pk) if asks else "",
            "next_steps": [*say_next(row), say_unread()] if says_why else say_next(row),
        }

    def row_buttons(self, request: HttpRequest, row: FindingT) -> Sequence[Button]:
        user, today = actor_of(request), today_of(request)
        is_own = is_own_case(user, row.member)
        proposes = self.may_change(request, row, Action.PROPOSE_FINDING) and not is_own
        takes_back = self.may_change(request, row, Action.DECIDE_FINDING) and not is_own
        buttons = []
        if row.step == Finding.Step.TO_CLEAR and self.may_clear(request, row):
            buttons.append(Button(_("Let it through"), self.url("clear", row.pk), "verified_user", main=True))
        if proposes and not row.is_held_back:
            buttons += self.hearing_buttons(row, reads=may_read_grounds(user, row, on=today))
        if row.state == Finding.State.PROPOSED and not row.is_held_back and may_decide(user, row, on=today):
            heard = row.answered is not None
            buttons.append(Button(_("Enter the decision"), self.url("decide", row.pk), "gavel", main=heard))
        if not is_own:
            buttons += self.appeal_buttons(request, row)
        if takes_back and row.state == Finding.State.CONFIRMED:
            buttons.append(Button(_("Revoke"), self.url("revoke", row.pk), "undo", grave=True))
        if takes_back and not row.is_void:
            buttons.append(Button(_("Void"), self.url("void", row.pk), "block", grave=True))
        return buttons

    def hearing_buttons(self, row: FindingT, *, reads: bool) -> list[Button]:
        """What is given to the member and comes from them; the ground stands on the papers (D21)."""
        buttons = []
        waits = row.is_open_to_hearing and row.answered is None
        is_open = row.state == Finding.State.PROPOSED
        if reads and (waits or is_open):
            buttons.append(Button(_("Notice to the member (PDF)"), self.url("notice", row.pk), "print"))
        if waits and row.notified_on is None:
            buttons.append(
                Button(_("Enter that the member was told"), self.url("tell", row.pk), "mark_email_read", main=True)
            )
        elif waits:
            buttons.append(
                Button(_("Enter the member's answer"), self.url("answer", row.pk), "record_voice_over", main=True)
            )
        if is_open and row.notified_on is not None:
            buttons.append(Button(_("The committee meets on another day"), self.url("postpone", row.pk), "event"))
        is_decided = row.state in (Finding.State.CONFIRMED, Finding.State.DISMISSED)
        if is_decided and not row.backfilled:
            given = row.decision_given is not None or has_died(row.member)
            if reads:
                buttons.append(Button(_("Decision letter (PDF)"), self.url("letter", row.pk), "print", main=not given))
            if not given:
                label = _("Enter that the decision letter was given")
                buttons.append(Button(label, self.url("give", row.pk), "mark_email_read"))
        return buttons

    def appeal_buttons(self, request: HttpRequest, row: FindingT) -> list[Button]:
        """What the town's staff do about an appeal."""
        user, today, appeal = actor_of(request), today_of(request), row.appeal
        if appeal is None:
            if may_enter_appeal(row) and self.may_change(request, row, Action.CONSENT):
                return [Button(_("Enter an appeal that came on paper"), self.url("appeal", row.pk), "balance")]
            return []
        if not self.may_change(request, row, Action.CONSENT):
            return []
        buttons = [Button(_("Receipt of the appeal (PDF)"), self.url("appeal_receipt", row.pk), "print")]
        if appeal.is_waiting and may_answer_appeal(user, row, on=today):
            buttons.append(Button(_("Answer the appeal"), self.url("answer_appeal", row.pk), "balance", main=True))
        if appeal.outcome is not None and may_judge(user, row, on=today):
            buttons.append(Button(_("Answer to the appeal (PDF)"), self.url("appeal_answer", row.pk), "print"))
        return buttons

    def may_clear(self, request: HttpRequest, row: FindingT) -> bool:
        """Whether the user is of the town's staff, did not propose it, may read it and is not the one it is about."""
        user = actor_of(request)
        stranger = row.batch.actor_id != user.pk and not is_own_case(user, row.member)
        reads = may_judge(user, row, on=today_of(request))
        return stranger and reads and self.may_change(request, row, Action.CONSENT)
