"""Deductions and vetoes: proposed, heard, decided, revoked, voided; their grounds only for who may read them (D21).

No ground stands in an address, a list, a heading or the log. Every look at one is logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import (
    Action,
    branches_for,
    findings_for,
    holds_grounds_permission,
    is_own_case,
    may_read_grounds,
    members_for,
)
from members.admin.filters import ChoiceFilter
from members.admin.forms import ReasonForm
from members.admin.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin, actor_of, now_of, today_of
from members.models import Member
from points.admin.columns import (
    Column,
    column,
    find_by_member,
    pickable_members,
    void_facts,
    with_branch_name,
)
from points.catalogue import catalogue_for
from points.finding_forms import AnswerForm, DecisionForm, ProposalForm, no_grounds
from points.findings import (
    confirm_finding,
    dismiss_finding,
    record_answer,
    revoke_finding,
    void_finding,
)
from points.grounds import log_look
from points.models import Deduction
from points.rules.rulebook import ItemKind
from veto.models import Finding, VetoRecord

FindingT = TypeVar("FindingT", Deduction, VetoRecord)

STATES = {
    "proposed": gettext_lazy("proposed, not decided"),
    "confirmed": gettext_lazy("confirmed, counts"),
    "dismissed": gettext_lazy("not confirmed"),
    "revoked": gettext_lazy("revoked"),
    "void": gettext_lazy("voided"),
}
HIDDEN = gettext_lazy("(by permission only)")


class StateFilter(ChoiceFilter):
    """Where findings stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "void":
            return queryset.filter(voided_at__isnull=False)
        live = queryset.filter(voided_at__isnull=True)
        if value == "revoked":
            return live.filter(revoked_at__isnull=False)
        if value == "confirmed":
            return live.filter(confirmed_at__isnull=False, revoked_at__isnull=True)
        if value == "dismissed":
            return live.filter(dismissed_at__isnull=False)
        return live.filter(confirmed_at__isnull=True, dismissed_at__isnull=True)


class FindingAdmin(ScopedModelAdmin[FindingT]):
    """What both kinds of finding share."""

    kind: ClassVar[ItemKind]
    list_select_related = ("member", "batch__actor")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-date", "-id")
    row_template = "workbench/finding.html"

    def scope(self, request: HttpRequest, rows: QuerySet[FindingT]) -> QuerySet[FindingT]:
        return findings_for(actor_of(request), rows, on=today_of(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[FindingT]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FindingT], search_term: str
    ) -> tuple[QuerySet[FindingT], bool]:
        return find_by_member(queryset, search_term), False

    def may_change(self, request: HttpRequest, row: FindingT, action: Action) -> bool:
        members = members_for(actor_of(request), on=today_of(request), action=action)
        return members.filter(pk=row.member_id).exists()

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("found on"), lambda row: row.date, name="date", order="date"),
            column(gettext_lazy("state"), lambda row: STATES[row.state], name="state"),
            column(gettext_lazy("proposed by"), lambda row: str(row.batch.actor), name="actor"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("propose/", self.propose_view, "propose"),
            self.page("<int:object_id>/answer/", self.answer_view, "answer"),
            self.page("<int:object_id>/decide/", self.decide_view, "decide"),
            self.page("<int:object_id>/revoke/", self.revoke_view, "revoke"),
            self.page("<int:object_id>/void/", self.void_view, "void"),
            self.page("<int:object_id>/grounds/", self.grounds_view, "grounds"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        branches = branches_for(actor_of(request), on=today_of(request), action=Action.PROPOSE_FINDING)
        if not branches.exists():
            return []
        return [Button(self.propose_label(), self.url("propose"), "add", main=True)]

    def propose_label(self) -> str:
        """The words of the button that proposes."""
        raise NotImplementedError

    def propose(
        self, request: HttpRequest, *, member: Member, data: dict[str, Any], token: UUID
    ) -> Deduction | VetoRecord:
        """Call the verb of this kind."""
        raise NotImplementedError

    def ground_code(self, row: FindingT) -> str:
        """The code of the ground."""
        raise NotImplementedError

    def ground_year(self, row: FindingT) -> int:
        """The year whose rulebook names the ground."""
        raise NotImplementedError

    # What a page shows

    def row_title(self, row: FindingT) -> str:
        return f"{row.member.name} {row.date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: FindingT) -> Sequence[Fact]:
        """Everything but the ground and the particulars."""
        facts: list[Fact] = [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
            Fact(_("found on"), row.date),
            Fact(_("assessment year"), str(self.ground_year(row))),
            Fact(_("state"), STATES[row.state]),
            Fact(_("proposed by"), str(row.batch.actor)),
            Fact(_("recorded at"), row.batch.at),
            Fact(_("backfilled"), _("yes") if row.backfilled else _("no")),
            Fact(_("member told on"), row.notified_on or "—"),
            Fact(_("answer"), row.get_answer_display() if row.answer else "—"),
            Fact(_("answered on"), row.answered_on or "—"),
            Fact(_("committee meeting that decided"), row.decided_on or "—"),
            Fact(_("decision entered by"), str(row.decided_by) if row.decided_by else "—"),
        ]
        if row.revoked_at:
            facts += [Fact(_("revoked at"), row.revoked_at), Fact(_("revoked by"), str(row.revoked_by))]
        # The reasons of a void or a revocation may repeat the ground.
        return [*facts, *void_facts(row)[:2]]

    def ground_facts(self, request: HttpRequest, row: FindingT) -> list[Fact]:
        """Ground, particulars, statement and reasons: only for who may read them."""
        ground = catalogue_for(request).name(
            row.member.town_id, self.ground_year(row), self.ground_code(row), self.kind
        )
        facts = [
            Fact(_("ground"), ground),
            Fact(_("what was found and how it was verified"), row.particulars),
            Fact(_("statement of the member"), row.statement or "—"),
        ]
        if row.revoke_reason:
            facts.append(Fact(_("reason for revoking"), row.revoke_reason))
        if row.void_reason:
            facts.append(Fact(_("reason for voiding"), row.void_reason))
        return facts

    def row_context(self, request: HttpRequest, row: FindingT) -> dict[str, Any]:
        user = actor_of(request)
        if may_read_grounds(user, row, on=today_of(request)):
            if request.method == "GET":
                log_look(actor=user, now=now_of(request), finding=row)
            return {"grounds": self.ground_facts(request, row)}
        asks = holds_grounds_permission(user, row.member.town)
        return {"grounds": None, "hidden": HIDDEN, "grounds_url": self.url("grounds", row.pk) if asks else ""}

    def row_buttons(self, request: HttpRequest, row: FindingT) -> Sequence[Button]:
        proposes = self.may_change(request, row, Action.PROPOSE_FINDING)
        decides = self.may_change(request, row, Action.DECIDE_FINDING) and not is_own_case(
            actor_of(request), row.member
        )
        buttons = []
        if proposes and not row.is_void and row.notified_on is None:
            buttons.append(
                Button(_("Enter the member's answer"), self.url("answer", row.pk), "record_voice_over", main=True)
            )
        if decides and row.state == "proposed":
            heard = row.answered_on is not None
            buttons.append(Button(_("Enter the decision"), self.url("decide", row.pk), "gavel", main=heard))
        if decides and row.state == "confirmed":
            buttons.append(Button(_("Revoke"), self.url("revoke", row.pk), "undo", grave=True))
        if decides and not row.is_void:
            buttons.append(Button(_("Void"), self.url("void", row.pk), "block", grave=True))
        return buttons

    # What can be done

    def propose_view(self, request: HttpRequest) -> HttpResponseBase:
        """Propose a finding about one member of a branch."""
        members, branch, branches = pickable_members(request, Action.PROPOSE_FINDING)
        self.require(bool(branches) or members.exists())
        first = members.select_related("town").first()
        alone = first if branch is None else None
        rulebooks = catalogue_for(request).of_town(first.town_id) if first else {}
        form = ProposalForm(
            request.POST if request.method == "POST" and first else None,
            members=members,
            rulebooks=rulebooks,
            kind=self.kind,
            today=today_of(request),
            initial={"member": alone.pk if alone else None},
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            finding = self.propose(request, member=data["member"], data=data, token=data["token"])
            return Outcome(
                self.url_of(finding),
                _("Proposed; it does not count yet. Tell the member, then enter the answer here. To undo it, void it."),
            )

        page = FormPage(
            title=self.propose_label(),
            back=self.url_of(alone) if alone else self.url("changelist"),
            submit=_("Propose"),
            warning=no_grounds(),
            template="workbench/propose.html",
            extra={"branch": branch, "branches": branches, "chosen": first is not None, "rulebooks": bool(rulebooks)},
        )
        return self.run_form(request, form, page, carry_out)

    def answer_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the member was told, and the answer (D18, D26)."""
        finding = self.row_for(request, str(object_id), Action.PROPOSE_FINDING)
        form = AnswerForm(request.POST or None)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            record_answer(
                actor=actor_of(request),
                now=now_of(request),
                finding=finding,
                notified_on=data["notified_on"],
                answered_on=data["answered_on"],
                answer=Finding.Answer(data["answer"]),
                statement=data["statement"],
            )
            return Outcome(
                self.url_of(finding),
                _("Entered. It stands once and for all; if it is wrong, void the finding and propose it anew."),
            )

        page = FormPage(
            title=_("Enter the member's answer"),
            back=self.url_of(finding),
            submit=_("Enter"),
            intro=[_("The member has at least five working days to answer; the answer may come on paper.")],
            facts=self.row_facts(request, finding)[:4],
        )
        return self.run_form(request, form, page, carry_out)

    def decide_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter the committee's decision."""
        finding = self.row_for(request, str(object_id), Action.DECIDE_FINDING)
        form = DecisionForm(request.POST or None)

        def carry_out() -> Outcome:
            actor, now, day = actor_of(request), now_of(request), form.cleaned_data["decided_on"]
            if form.cleaned_data["decision"] == DecisionForm.CONFIRM:
                confirm_finding(actor=actor, now=now, finding=finding, decided_on=day)
                said = _("Confirmed; it counts now. A wrong confirmation is revoked here, with a reason.")
            else:
                dismiss_finding(actor=actor, now=now, finding=finding, decided_on=day)
                said = _("Not confirmed; it never counts. To take it up again, propose it anew.")
            return Outcome(self.url_of(finding), said)

        page = FormPage(
            title=_("Enter the decision"),
            back=self.url_of(finding),
            submit=_("Enter the decision"),
            facts=self.row_facts(request, finding)[:10],
            warning=[self.consequence()],
        )
        return self.run_form(request, form, page, carry_out)

    def consequence(self) -> str:
        """What a confirmation does, said before it is entered."""
        raise NotImplementedError

    def revoke_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Take a confirmed finding back."""
        finding = self.row_for(request, str(object_id), Action.DECIDE_FINDING)
        form = ReasonForm(request.POST or None)

        def carry_out() -> Outcome:
            revoke_finding(
                actor=actor_of(request), now=now_of(request), finding=finding, reason=form.cleaned_data["reason"]
            )
            return Outcome(self.url_of(finding), _("Revoked; it counts no longer. To bring it back, propose it anew."))

        page = FormPage(
            title=_("Revoke a finding"),
            back=self.url_of(finding),
            submit=_("Revoke"),
            warning=[_("The finding will no longer count; the member's score changes accordingly.")],
            facts=self.row_facts(request, finding),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def void_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Void a finding entered by mistake."""
        finding = self.row_for(request, str(object_id), Action.DECIDE_FINDING)
        form = ReasonForm(request.POST or None)

        def carry_out() -> Outcome:
            void_finding(
                actor=actor_of(request), now=now_of(request), finding=finding, reason=form.cleaned_data["reason"]
            )
            return Outcome(
                self.url_of(finding),
                _("Voided. A void cannot be undone: if it was a mistake, propose the finding again."),
            )

        page = FormPage(
            title=_("Void a finding"),
            back=self.url_of(finding),
            submit=_("Void"),
            warning=[_("This finding will no longer count. It stays readable with your name and the reason.")],
            facts=self.row_facts(request, finding),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def grounds_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show the ground to who has the permission and says why; the look is logged (D21)."""
        finding = self.get_object(request, str(object_id))
        self.require(holds_grounds_permission(actor_of(request), finding.member.town))
        form = ReasonForm(request.POST or None)
        page = FormPage(
            title=_("Read the ground"),
            back=self.url_of(finding),
            submit=_("Read the ground"),
            warning=[_("Your name, the time and the reason are logged; supervisors read the log.")],
            facts=self.row_facts(request, finding)[:4],
        )
        context: dict[str, Any] = {"form": form, "page": page, "grounds": None}
        if request.method == "POST" and form.is_valid():
            log_look(actor=actor_of(request), now=now_of(request), finding=finding, reason=form.cleaned_data["reason"])
            context["grounds"] = self.ground_facts(request, finding)
        return self.render(request, "workbench/grounds.html", title=page.title, context=context)
