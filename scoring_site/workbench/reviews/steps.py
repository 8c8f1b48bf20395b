"""The steps of a review from draft to approved, each a form of its own that says first what it will do (3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.access import Action
from members.models import Member
from points.models import Confirmation, Review
from points.reviews.confirmations import confirm_members, unconfirmed_lines
from points.reviews.steps import (
    Step,
    approve_own_line,
    approve_review,
    explain_refusal,
    reopen_review,
    return_review,
    submit_review,
)
from points.reviews.table import read_review_table
from points.reviews.table_parts import ReviewTable
from points.rules.periods import H1, H2
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.forms.pictures import keep_picture, sent
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.scoped import Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.reviews.forms import ApprovalForm, ConfirmationForm, ReturnForm


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step that is next: its button, and in words why it is not open to this user, if it is not."""

    label: str
    url: str
    refusal: str
    is_main: bool = False


def summarise_table(table: ReviewTable) -> list[Fact]:
    """What a step is about, in a few figures."""
    labels = {
        "gap": _("members with periods without a record"),
        "pending": _("members with findings not decided"),
        "late": _("members with late records"),
        "veto": _("members with a veto"),
        "part_year": _("members for part of the year"),
    }
    counts = dict(table.flag_counts)
    return [
        Fact(_("members reviewed"), len(table.rows)),
        Fact(_("exempt, without a line"), len(table.exempt)),
        *[Fact(label, counts[kind]) for kind, label in labels.items() if kind in counts],
        *([Fact(_("the branch held none"), table.not_held)] if table.not_held else []),
    ]


class ReviewStepViews(ScopedModelAdmin[Review]):
    """The pages of the steps; the list and the review itself stand in `scoring_site.workbench.reviews.table`."""

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("<int:object_id>/submit/", self.submit_view, "submit"),
            self.page("<int:object_id>/return/", self.return_view, "return"),
            self.page("<int:object_id>/own-line/", self.own_line_view, "own_line"),
            self.page("<int:object_id>/approve/", self.approve_view, "approve"),
            self.page("<int:object_id>/confirm/", self.confirm_view, "confirm"),
            self.page("<int:object_id>/reopen/", self.reopen_view, "reopen"),
        ]

    def make_steps(self, request: HttpRequest, review: Review) -> list[StepButton]:
        """The steps this state leads to, each with the reason why this user cannot take it now, if so."""
        labels = {
            Step.SUBMIT: (_("Submit the half"), "submit"),
            Step.APPROVE_OWN_LINE: (_("Approve the secretary's own line"), "own_line"),
            Step.RETURN: (_("Return with remarks"), "return"),
            Step.APPROVE: (_("Approve with the meeting"), "approve"),
        }
        next_steps = {
            Review.State.DRAFT: (Step.SUBMIT, Step.APPROVE),
            Review.State.SUBMITTED: (Step.APPROVE_OWN_LINE, Step.RETURN, Step.APPROVE),
        }.get(Review.State(review.state), ())
        buttons = []
        for step in next_steps:
            label, page = labels[step]
            refusal = explain_refusal(step, review, actor=actor_of(request), now=now_of(request))
            is_main = step in (Step.SUBMIT, Step.APPROVE) and not refusal
            if step is Step.APPROVE_OWN_LINE and review.own_line_by_id is not None:
                continue
            buttons.append(StepButton(label, self.url(page, review.pk), refusal, is_main))
        return buttons

    def submit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand the half to the secretary; shows first what will be locked (D20)."""
        review = self.row_for(request, str(object_id), Action.SUBMIT_REVIEW)
        table = read_review_table(review, actor=actor_of(request), on=today_of(request))
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            submit_review(actor=actor_of(request), now=now_of(request), review=review)
            return Outcome(
                self.url_of(review),
                _("Submitted. The secretary approves it with the committee's meeting, or returns it with remarks."),
            )

        page = FormPage(
            title=_("Submit %(half)s") % {"half": self.row_title(review)},
            back=self.url_of(review),
            submit=_("Submit the half"),
            intro=[
                _("From then on nothing can be recorded or voided for this half until the secretary returns it (D20).")
            ],
            warning=self._refusals(request, review, Step.SUBMIT),
            facts=summarise_table(table),
        )
        return self.run_form(request, form, page, carry_out)

    def return_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Return the half to the recorder with remarks."""
        review = self.row_for(request, str(object_id), Action.APPROVE_REVIEW)
        table = read_review_table(review, actor=actor_of(request), on=today_of(request))
        form = ReturnForm(request.POST if request.method == "POST" else None, rows=table.rows)

        def carry_out() -> Outcome:
            return_review(
                actor=actor_of(request),
                now=now_of(request),
                review=review,
                remark=form.cleaned_data["remark"],
                line_remarks=form.line_remarks(),
            )
            return Outcome(
                self.url_of(review),
                _("Returned. The recorder sees the remarks, puts things right and submits the half again."),
            )

        page = FormPage(
            title=_("Return %(half)s") % {"half": self.row_title(review)},
            back=self.url_of(review),
            submit=_("Return with remarks"),
            intro=[_("Write what to change: on the whole half, beside single lines, or both.")],
            warning=self._refusals(request, review, Step.RETURN),
            template="workbench/reviews/review_return.html",
        )
        return self.run_form(request, form, page, carry_out)

    def own_line_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Approve the secretary's own line (D19)."""
        review = self.row_for(request, str(object_id), Action.APPROVE_OWN_LINE)
        form = WorkbenchForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            approve_own_line(actor=actor_of(request), now=now_of(request), review=review)
            return Outcome(
                self.url_of(review),
                _("Approved. The secretary can now approve the half; a return takes this approval back."),
            )

        page = FormPage(
            title=_("Approve the secretary's own line"),
            back=self.url_of(review),
            submit=_("Approve"),
            intro=[_("Nobody approves their own line (D19): look through the secretary's records before you do.")],
            warning=self._refusals(request, review, Step.APPROVE_OWN_LINE),
        )
        return self.run_form(request, form, page, carry_out)

    def approve_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Approve the half as the meeting decided it; every line is frozen (3.2)."""
        review = self.row_for(request, str(object_id), Action.APPROVE_REVIEW)
        table = read_review_table(review, actor=actor_of(request), on=today_of(request))
        form = ApprovalForm(*sent(request), initial={"met_on": today_of(request)})

        def carry_out() -> Outcome:
            photo = keep_picture(form.cleaned_data["photo"])
            meeting = form.meeting(photo=photo)
            approve_review(actor=actor_of(request), now=now_of(request), review=review, meeting=meeting)
            return Outcome(
                self.url_of(review),
                _("Approved and frozen. Next the notice is posted; a change from now on is a correction (D10)."),
            )

        if review.branch.has_committee:
            intro = _("Enter the branch committee's meeting that went through every member's points (3.2).")
        else:
            intro = _("This branch has no committee: enter the members' assembly that decided, and its minutes (D19).")
        page = FormPage(
            title=_("Approve %(half)s") % {"half": self.row_title(review)},
            back=self.url_of(review),
            submit=_("Approve and freeze"),
            intro=[
                intro,
                _("Approval freezes every line and cannot be taken back; a later change is a correction, open to see."),
            ],
            warning=self._refusals(request, review, Step.APPROVE),
            facts=summarise_table(table),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def confirm_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter who confirmed their result on paper or at a meeting (3.3, D26)."""
        review = self.row_for(request, str(object_id), Action.RECORD)
        waiting = [line.member_id for line in unconfirmed_lines(review)]
        form = ConfirmationForm(
            *sent(request),
            members=Member.objects.filter(pk__in=waiting).order_by("position", "pk"),
            initial={"confirmed_on": today_of(request)},
        )

        def carry_out() -> Outcome:
            data = form.cleaned_data
            count = confirm_members(
                actor=actor_of(request),
                now=now_of(request),
                review=review,
                member_ids=[member.pk for member in data["members"]],
                how=Confirmation.How(data["how"]),
                confirmed_on=data["confirmed_on"],
                scan=keep_picture(data["scan"]),
            )
            said = _("%(count)d members confirmed. A confirmation stands; whoever disagrees raises an objection.")
            return Outcome(self.url_of(review), said % {"count": count})

        page = FormPage(
            title=_("Enter confirmations of %(half)s") % {"half": self.row_title(review)},
            back=self.url_of(review),
            submit=_("Enter"),
            intro=[
                _("Tick who confirmed; the signed papers or minutes stay with the branch. Nothing waits for it."),
                _("At a meeting: tick everybody who heard their result and agreed; one scan does for all (D26)."),
            ],
            template="workbench/reviews/review_confirm.html",
            extra={"is_frozen": review.state in Review.FROZEN},
        )
        return self.run_form(request, form, page, carry_out)

    def reopen_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Open a final half again for corrections; shows first what follows from it (D10)."""
        review = self.row_for(request, str(object_id), Action.CONSENT)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def carry_out() -> Outcome:
            reopen_review(
                actor=actor_of(request), now=now_of(request), review=review, reason=form.cleaned_data["reason"]
            )
            return Outcome(
                self.url_of(review),
                _("Opened again. It is published until its notice is closed anew; nothing of it was changed by this."),
            )

        consequences = [
            _("The half is published again: its notice counts as up until it is closed anew."),
            _("Until then the branch's secretary can enter corrections; this is the town's consent to them (D10)."),
            _("Every line stays as it is; a corrected one goes up and has its own full days."),
        ]
        if review.half == H1 and self._second_half_is_final(review):
            consequences.append(
                _(
                    "The second half is final too, and a correction of the first half revises its lines as well: open "
                    "it again besides, or the corrections stay with the town."
                )
            )
        if review.half == H2:
            consequences.append(
                _("The year is no longer final: ratings wait, and reports print what stood before them (D14).")
            )
        page = FormPage(
            title=_("Open %(half)s again") % {"half": self.row_title(review)},
            back=self.url_of(review),
            submit=_("Open it again"),
            intro=[_("To correct one line at once, “Correct a line” is enough: it opens the half by itself.")],
            warning=[*self._refusals(request, review, Step.REOPEN), *consequences],
            facts=[
                Fact(_("state"), review.get_state_display()),
                *([Fact(_("final at"), review.final_at)] if review.final_at else []),
            ],
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)

    def _second_half_is_final(self, review: Review) -> bool:
        return Review.objects.filter(
            branch=review.branch_id, year=review.year, half=H2, state=Review.State.FINAL
        ).exists()

    def _refusals(self, request: HttpRequest, review: Review, step: Step) -> list[str]:
        refusal = explain_refusal(step, review, actor=actor_of(request), now=now_of(request))
        return [refusal] if refusal else []
