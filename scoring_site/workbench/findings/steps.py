"""The pages on which a finding goes its way: proposed, let through, told, answered, decided, revoked, voided (D18).

No ground stands in an address, a heading, a file name or a message (D21).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.access import Action, holds_grounds_permission, may_read_grounds
from members.models import Member
from points.evidence.links import attach_evidence, evidence_of_finding
from points.rules.rulebook import ItemKind
from scoring_site.downloads import send_file
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.choices import pickable_members
from scoring_site.workbench.base.evidence_panel import make_panel
from scoring_site.workbench.base.scoped import Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.findings.forms import AnswerForm, DecisionForm, ProposalForm, TellForm, no_grounds
from veto.deciding import clear_finding, confirm_finding, dismiss_finding, revoke_finding, void_finding
from veto.grounds import log_look
from veto.hearings import record_answer, tell_member
from veto.letters import write_hearing_notice
from veto.models import Deduction, Finding, VetoRecord

FindingT = TypeVar("FindingT", Deduction, VetoRecord)


class FindingPages(ScopedModelAdmin[FindingT]):
    """The steps both kinds of finding share; what a row shows is `FindingAdmin`'s."""

    kind: ClassVar[ItemKind]

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("propose/", self.propose_view, "propose"),
            self.page("<int:object_id>/clear/", self.clear_view, "clear"),
            self.page("<int:object_id>/notice/", self.notice_view, "notice"),
            self.page("<int:object_id>/tell/", self.tell_view, "tell"),
            self.page("<int:object_id>/answer/", self.answer_view, "answer"),
            self.page("<int:object_id>/decide/", self.decide_view, "decide"),
            self.page("<int:object_id>/revoke/", self.revoke_view, "revoke"),
            self.page("<int:object_id>/void/", self.void_view, "void"),
            self.page("<int:object_id>/grounds/", self.grounds_view, "grounds"),
        ]

    def propose_label(self) -> str:
        """The words of the button that proposes."""
        raise NotImplementedError

    def propose(
        self, request: HttpRequest, *, member: Member, data: dict[str, Any], token: UUID
    ) -> Deduction | VetoRecord:
        """Call the verb of this kind."""
        raise NotImplementedError

    def consequence(self) -> str:
        """What a confirmation does, said before it is entered."""
        raise NotImplementedError

    def ground_facts(self, request: HttpRequest, row: FindingT) -> list[Fact]:
        """Ground, particulars, statement and reasons: only for who may read them."""
        raise NotImplementedError

    def prefill(self, request: HttpRequest, member: Member | None) -> dict[str, Any]:
        """What a proposal begins with where it comes from elsewhere; nothing by default."""
        return {}

    def row_to_read(self, request: HttpRequest, object_id: int) -> FindingT:
        """A row whose ground is the reader's, for a paper that names it; the look is logged (D21).

        Raises:
            Http404: outside reach.
            PermissionDenied: the ground is not theirs to read.
        """
        row = self.get_object(request, str(object_id))
        self.require(may_read_grounds(actor_of(request), row, on=today_of(request)))
        return row

    def propose_view(self, request: HttpRequest) -> HttpResponseBase:
        """Propose a finding about one member of a branch."""
        members, branch, branches = pickable_members(request, Action.PROPOSE_FINDING)
        self.require(bool(branches) or members.exists())
        first = members.select_related("town").first()
        alone = first if branch is None else None
        rulebooks = catalogue_for(request).of_town(first.town_id) if first else {}
        form = ProposalForm(
            request.POST if request.method == "POST" and first else None,
            request.FILES if request.method == "POST" and first else None,
            members=members,
            rulebooks=rulebooks,
            kind=self.kind,
            today=today_of(request),
            initial={"member": alone.pk if alone else None, **self.prefill(request, alone)},
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            with transaction.atomic():
                finding = self.propose(request, member=data["member"], data=data, token=data["token"])
                files = data["evidence"]
                attach_evidence(actor=actor_of(request), now=now_of(request), files=files, subject=finding)
            said = _("Proposed; it does not count yet. Next: print the notice, hand it over and enter the day.")
            if finding.is_held_back:
                said = _("Proposed; it does not count yet. The town's staff look at it first; then you can go on here.")
            return Outcome(self.url_of(finding), said + _(" To undo it, void it."))

        page = FormPage(
            title=self.propose_label(),
            back=self.url_of(alone) if alone else self.url("changelist"),
            submit=_("Propose"),
            warning=no_grounds(),
            template="workbench/findings/propose.html",
            extra={"branch": branch, "branches": branches, "chosen": first is not None, "rulebooks": bool(rulebooks)},
        )
        return self.run_form(request, form, page, carry_out)

    def clear_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The town's staff let a proposal through."""
        finding = self.row_for(request, str(object_id), Action.CONSENT)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            clear_finding(actor=actor_of(request), now=now_of(request), finding=finding)
            return Outcome(self.url_of(finding), _("Let through; the branch goes on with it. It cannot be held again."))

        page = FormPage(
            title=_("Let a proposal through"),
            back=self.url_of(finding),
            submit=_("Let it through"),
            intro=[
                _("Look whether it has grounds of its own and is no answer to what the member did by right (D18)."),
                _("Let it through only then; otherwise void it, with a reason."),
            ],
            facts=self.row_facts(request, finding)[:6],
        )
        return self.run_form(request, form, page, carry_out)

    def notice_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The notice of the finding (告知书) as PDF, to be handed over and signed."""
        finding = self.row_to_read(request, object_id)
        self.require(self.may_change(request, finding, Action.PROPOSE_FINDING) and not finding.is_held_back)
        log_look(actor=actor_of(request), now=now_of(request), finding=finding)
        pdf = write_hearing_notice(finding=finding, on=today_of(request))
        return send_file(pdf, f"notice-{finding.uuid}.pdf")

    def tell_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that the member was handed the notice."""
        finding = self.row_for(request, str(object_id), Action.PROPOSE_FINDING)
        form = TellForm(request.POST or None, initial={"notified_on": today_of(request)})

        def carry_out() -> Outcome:
            day = form.cleaned_data["notified_on"]
            tell_member(actor=actor_of(request), now=now_of(request), finding=finding, notified_on=day)
            return Outcome(
                self.url_of(finding),
                _("Entered. The member can answer in the portal; what comes on paper is entered here. ")
                + _("If the day is wrong, void the finding and propose it anew."),
            )

        page = FormPage(
            title=_("Enter that the member was told"),
            back=self.url_of(finding),
            submit=_("Enter"),
            intro=[
                _("Print the notice, hand it over in person and have its receipt signed; then enter the day here."),
                _("With an account the member finds it in the portal too, and may answer there."),
            ],
            facts=self.row_facts(request, finding)[:4],
        )
        return self.run_form(request, form, page, carry_out)

    def answer_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter the answer that came on paper (D18, D26)."""
        finding = self.row_for(request, str(object_id), Action.PROPOSE_FINDING)
        form = AnswerForm(request.POST or None)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            record_answer(
                actor=actor_of(request),
                now=now_of(request),
                finding=finding,
                answered_on=data["answered_on"],
                answer=Finding.Answer(data["answer"]),
                statement=data["statement"],
                witnesses=form.witnesses,
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
            context["evidence"] = make_panel(evidence_of_finding(finding), reason=form.cleaned_data["reason"])
        return self.render(request, "workbench/findings/grounds.html", title=page.title, context=context)
