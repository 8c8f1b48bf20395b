"""Claims in the workbench: what members say they did, looked at beside its evidence and like records, and answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, is_own_case
from members.notifications import mark_read
from points.claims.claims import accept_claim, filing_of, may_answer, reject_claim, return_claim, work_claim_link
from points.models import Claim
from points.records.duplicates import LikelyDuplicate, likely_duplicates
from points.scoring.wording import say_points, show_points
from scoring_site.forms.fields import to_tenths
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import (
    Column,
    DateYearFilter,
    ItemFilter,
    column,
    find_by_member,
    with_branch_name,
)
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.recording.claims.forms import AcceptForm, RemarkForm


class ClaimStateFilter(ChoiceFilter):
    """Where claims stand."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Claim.State.choices)


@dataclass(frozen=True, slots=True)
class ShownDuplicate:
    """A record or claim that may be of the same deed, with the way to it."""

    duplicate: LikelyDuplicate
    item: str
    points: str
    url: str


class ClaimAdmin(ScopedModelAdmin[Claim]):
    """What members claimed, latest first."""

    list_filter = (ClaimStateFilter, BranchFilter, ItemFilter, DateYearFilter)
    list_select_related = ("member", "answered_by")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-filed_at", "-id")
    row_template = "workbench/recording/claims/claim.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Claim], search_term: str
    ) -> tuple[QuerySet[Claim], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        catalogue = catalogue_for(request)

        def show_item(claim: Claim) -> str:
            return catalogue.name(claim.member.town_id, claim.date.year, claim.item)

        return (
            column(gettext_lazy("member"), lambda claim: claim.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda claim: claim.branch_name or "—", name="branch"),
            column(gettext_lazy("item"), show_item, name="item", order="item"),
            column(gettext_lazy("date"), lambda claim: claim.date, name="date", order="date"),
            column(gettext_lazy("what was done"), lambda claim: claim.deed, name="deed"),
            column(gettext_lazy("points claimed"), _say_claimed, name="points", order="points"),
            column(gettext_lazy("filed at"), lambda claim: claim.filed_at, name="filed_at", order="filed_at"),
            column(gettext_lazy("state"), lambda claim: claim.get_state_display(), name="state", order="state"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("<int:object_id>/accept/", self.accept_view, "accept"),
            self.page("<int:object_id>/return/", self.return_view, "return"),
            self.page("<int:object_id>/reject/", self.reject_view, "reject"),
        ]

    def row_title(self, row: Claim) -> str:
        return f"{row.member.name} {row.date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Claim) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
            Fact(_("item"), catalogue_for(request).name(row.member.town_id, row.date.year, row.item)),
            Fact(_("date"), row.date),
            Fact(_("what was done"), row.deed),
            Fact(_("points claimed"), _say_claimed(row)),
            Fact(_("filed at"), row.filed_at),
            Fact(_("state"), row.get_state_display()),
        ]
        if row.remark:
            facts.append(Fact(_("reason or remark"), row.remark))
        if row.answered_at:
            facts += [Fact(_("answered at"), row.answered_at), Fact(_("answered by"), str(row.answered_by))]
        if row.event is not None:
            recorded = show_points(row.event.points or 0) + (" ×2" if row.event.led else "")
            said = f"{recorded}（{_('voided')}）" if row.event.is_void else recorded
            facts.append(Fact(_("points recorded"), said, self.url_of(row.event)))
        return facts

    def row_context(self, request: HttpRequest, row: Claim) -> dict[str, Any]:
        if request.method == "GET":
            mark_read(user=actor_of(request), now=now_of(request), link=work_claim_link(row))
        waits = row.state in Claim.OPEN
        return {
            "evidence": show_evidence(request, row),
            "is_own": waits and is_own_case(actor_of(request), row.member),
            "duplicates": self._find_duplicates(request, row) if waits else None,
        }

    def row_buttons(self, request: HttpRequest, row: Claim) -> Sequence[Button]:
        if not may_answer(actor_of(request), row, on=today_of(request)):
            return []
        return [
            Button(_("Accept"), self.url("accept", row.pk), "check", main=True),
            Button(_("Return with a remark"), self.url("return", row.pk), "undo"),
            Button(_("Reject"), self.url("reject", row.pk), "close", grave=True),
        ]

    def _find_duplicates(self, request: HttpRequest, row: Claim) -> list[ShownDuplicate]:
        catalogue = catalogue_for(request)
        found = likely_duplicates(
            member_ids=[row.member_id], item=row.item, day=row.date, text=row.deed, leave_out=row
        ).get(row.member_id, [])
        return [
            ShownDuplicate(
                duplicate=each,
                item=catalogue.name(row.member.town_id, each.date.year, each.item),
                points="" if each.points is None else say_points(each.points) + (" ×2" if each.led else ""),
                url=self.url_of(each.event or each.claim or row),
            )
            for each in found
        ]

    # The answers

    def _claim_to_answer(self, request: HttpRequest, object_id: int) -> Claim:
        """The claim, if it is the user's to answer.

        Raises:
            Http404: outside reach.
            PermissionDenied: visible, but not the user's to answer, or answered before.
        """
        claim = self.get_object(request, str(object_id))
        if request.method == "POST" and claim.state != Claim.State.WAITING:
            # Sent twice, or somebody was faster: the verb says so on the form.
            self.require(
                self.may_change(request, claim, Action.RECORD) and not is_own_case(actor_of(request), claim.member)
            )
            return claim
        self.require(may_answer(actor_of(request), claim, on=today_of(request)))
        return claim

    def accept_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Accept a claim beside its evidence and what it may repeat; other points than claimed need a reason."""
        claim = self._claim_to_answer(request, object_id)
        duplicates = self._find_duplicates(request, claim)
        points = None if claim.points is None else show_points(claim.points)
        form = AcceptForm(
            request.POST or None,
            has_duplicates=bool(duplicates),
            initial={"points": points, "led": claim.led, "filed": filing_of(claim)},
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            accept_claim(
                actor=actor_of(request),
                now=now_of(request),
                claim=claim,
                points=to_tenths(data["points"]) or 0,
                led=data["led"],
                remark=data["remark"],
                filed=data["filed"],
                token=data["token"],
            )
            return Outcome(
                self.url_of(claim),
                _("Accepted and recorded; the member is told. To undo it, open the point event and void it."),
            )

        page = FormPage(
            title=_("Accept a claim"),
            back=self.url_of(claim),
            submit=_("Accept"),
            facts=self.row_facts(request, claim)[:5],
            template="workbench/recording/claims/claim_accept.html",
            extra={"duplicates": duplicates, "evidence": show_evidence(request, claim)},
        )
        return self.run_form(request, form, page, carry_out)

    def return_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Give a claim back to be completed."""
        claim = self._claim_to_answer(request, object_id)
        form = RemarkForm(request.POST or None)

        def carry_out() -> Outcome:
            return_claim(actor=actor_of(request), now=now_of(request), claim=claim, remark=form.cleaned_data["remark"])
            return Outcome(self.url_of(claim), _("Returned; the member can complete it and file it again."))

        page = FormPage(
            title=_("Return a claim"),
            back=self.url_of(claim),
            submit=_("Return"),
            intro=[_("For what is incomplete: the member reads your remark, completes the claim and files it again.")],
            facts=self.row_facts(request, claim)[:5],
        )
        return self.run_form(request, form, page, carry_out)

    def reject_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Reject a claim with a reason."""
        claim = self._claim_to_answer(request, object_id)
        form = RemarkForm(request.POST or None)

        def carry_out() -> Outcome:
            reject_claim(actor=actor_of(request), now=now_of(request), claim=claim, reason=form.cleaned_data["remark"])
            return Outcome(
                self.url_of(claim), _("Rejected; the member is told why. If it was a mistake, record the points.")
            )

        page = FormPage(
            title=_("Reject a claim"),
            back=self.url_of(claim),
            submit=_("Reject"),
            warning=[_("Nothing is recorded. The member reads your reason and may file a new claim or object.")],
            facts=self.row_facts(request, claim)[:5],
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


def _say_claimed(claim: Claim) -> str:
    said = "—" if claim.points is None else show_points(claim.points)
    return f"{said} ×2" if claim.led else said
