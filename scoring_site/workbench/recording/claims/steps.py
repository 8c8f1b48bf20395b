"""The answers to a claim: accepted beside its evidence and what it may repeat, returned with a remark, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points, to_tenths
from members.access import Action, is_own_case
from members.notifications import mark_read
from points.claims.alike import claims_alike
from points.claims.claims import (
    accept_claim,
    claims_to_answer,
    filing_of,
    may_answer,
    next_to_answer,
    reject_claim,
    return_claim,
    work_claim_link,
)
from points.models import Claim
from scoring_site.workbench.base.evidence_panel import show_evidence
from scoring_site.workbench.base.pages import Text, require
from scoring_site.workbench.base.scoped import Button
from scoring_site.workbench.base.steps import FormT, Outcome, RowStep
from scoring_site.workbench.recording.claims.alike import ShownClaim
from scoring_site.workbench.recording.claims.duplicates import ShownDuplicate, find_duplicates
from scoring_site.workbench.recording.claims.forms import AcceptForm, RemarkForm


class AnswerStep(RowStep[Claim, FormT], Generic[FormT]):
    """One of the answers."""

    action = Action.READ
    shown_facts = 5

    def prepare(self) -> None:
        """Fetch the claim, if it is the user's to answer.

        Raises:
            Http404: outside reach.
            PermissionDenied: visible, but not the user's to answer, or answered before.
        """
        super().prepare()
        claim = self.row
        if self.request.method == "POST" and claim.state != Claim.State.WAITING:
            # Sent twice, or somebody was faster: the verb says so on the form.
            require(
                self.table.may_change(self.request, claim, Action.RECORD) and not is_own_case(self.actor, claim.member)
            )
        else:
            require(may_answer(self.actor, claim, on=self.today))

    def carry_out(self, form: FormT) -> Outcome:
        """Answer, and lead to the next claim that waits for the user; to the claim itself where none does."""
        done = self.answer(form)
        following = next_to_answer(self.actor, self.row, on=self.today)
        if following is None:
            return Outcome(self.get_back(), done)
        count = claims_to_answer(self.actor, on=self.today).count()
        said = _("%(done)s Claims that still wait for you: %(count)d; this is the next.")
        return Outcome(self.table.url(AcceptClaim.name, following.pk), said % {"done": done, "count": count})

    def answer(self, form: FormT) -> Text:
        """Call the verb, and say what was done."""
        raise NotImplementedError


class AcceptClaim(AnswerStep[AcceptForm]):
    """Accept a claim; other points than claimed need a reason."""

    name = "accept"
    form_class = AcceptForm
    records = True
    template = "workbench/recording/claims/claim_accept.html"
    title = gettext_lazy("Accept a claim")
    submit = gettext_lazy("Accept")
    done = gettext_lazy("Accepted and recorded; the member is told. To undo it, open the point event and void it.")

    @cached_property
    def alike(self) -> list[Claim]:
        return claims_alike(self.actor, self.row, on=self.today)

    @cached_property
    def duplicates(self) -> list[ShownDuplicate]:
        return find_duplicates(self.request, self.row)

    def get_form_arguments(self) -> dict[str, Any]:
        claim = self.row
        points = None if claim.points is None else show_points(claim.points)
        return {
            "has_duplicates": bool(self.duplicates),
            "alike": self.alike,
            "initial": {"points": points, "led": claim.led, "filed": filing_of(claim)},
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whoever comes from the claim before has not opened the claim's own page: its message is read here."""
        mark_read(user=self.actor, now=self.now, link=work_claim_link(self.row))
        return super().get(request, *args, **kwargs)

    def show(self, form: AcceptForm | None, **context: Any) -> HttpResponseBase:
        """With the other claims of the deed, as they are offered on the form."""
        picked = set(form["others"].value() or ()) if form else set()
        alike = [ShownClaim.of(claim, self.table.url("change", claim.pk), picked) for claim in self.alike]
        return super().show(form, alike=alike, **context)

    def get_context(self) -> dict[str, Any]:
        return {
            "duplicates": self.duplicates,
            "evidence": show_evidence(self.request, self.row),
            "buttons": self._offer_others(),
        }

    def _offer_others(self) -> Sequence[Button]:
        """What else can be done with the claim without going back to its page."""
        buttons = [
            Button(_("Return with a remark"), self.table.url(ReturnClaim.name, self.row.pk), "undo"),
            Button(_("Reject"), self.table.url(RejectClaim.name, self.row.pk), "close", grave=True),
        ]
        following = next_to_answer(self.actor, self.row, on=self.today)
        if following is not None:
            later = self.table.url(AcceptClaim.name, following.pk)
            buttons.append(Button(_("Leave it for later, show the next"), later, "skip_next"))
        return buttons

    def answer(self, form: AcceptForm) -> Text:
        data = form.cleaned_data
        others = data["others"]
        accept_claim(
            actor=self.actor,
            now=self.now,
            claim=self.row,
            others=others,
            points=to_tenths(data["points"]) or 0,
            led=data["led"],
            remark=data["remark"],
            filed=data["filed"],
            token=data["token"],
        )
        if not others:
            return self.done
        for other, _read in others:
            mark_read(user=self.actor, now=self.now, link=work_claim_link(other))
        done = _("%(count)d claims accepted and recorded; the members are told. To undo one, void its point event.")
        return done % {"count": 1 + len(others)}


class ReturnClaim(AnswerStep[RemarkForm]):
    """Give a claim back to be completed."""

    name = "return"
    form_class = RemarkForm
    title = gettext_lazy("Return a claim")
    submit = gettext_lazy("Return")
    intro = (
        gettext_lazy("For what is incomplete: the member reads your remark, completes the claim and files it again."),
    )
    done = gettext_lazy("Returned; the member can complete it and file it again.")

    def answer(self, form: RemarkForm) -> Text:
        return_claim(actor=self.actor, now=self.now, claim=self.row, remark=form.cleaned_data["remark"])
        return self.done


class RejectClaim(AnswerStep[RemarkForm]):
    """Reject a claim with a reason."""

    name = "reject"
    form_class = RemarkForm
    title = gettext_lazy("Reject a claim")
    submit = gettext_lazy("Reject")
    warning = (gettext_lazy("Nothing is recorded. The member reads your reason and may file a new claim or object."),)
    grave = True
    done = gettext_lazy("Rejected; the member is told why. If it was a mistake, record the points.")

    def answer(self, form: RemarkForm) -> Text:
        reject_claim(actor=self.actor, now=self.now, claim=self.row, reason=form.cleaned_data["remark"])
        return self.done
