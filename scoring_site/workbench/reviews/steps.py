"""The steps of a review from draft to approved, each a form of its own that says first what it will do (3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, is_own_case
from members.models import Member
from points.models import Confirmation, Review
from points.reviews.confirmations import confirm_members, unconfirmed_lines
from points.reviews.guards import own_lines_of
from points.reviews.members import members_of_half
from points.reviews.steps import (
    Step,
    approve_own_line,
    approve_review,
    explain_no_withdrawal,
    explain_refusal,
    reopen_review,
    return_review,
    submit_review,
    withdraw_review,
)
from points.reviews.table import read_review_table
from points.reviews.table_parts import ReviewTable
from points.rules.periods import H1, H2, half_end
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.forms.pictures import keep_scan
from scoring_site.forms.recusal import RecusalForm
from scoring_site.requests import actor_of, now_of
from scoring_site.workbench.base.pages import Text, page_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import FormT, Outcome, RowStep
from scoring_site.workbench.reviews.forms import ApprovalForm, ConfirmationForm, ReturnForm


@dataclass(frozen=True, slots=True)
class StepButton:
    """A step that is next: its button, and in words why it is not open to this user, if it is not."""

    label: str
    url: str
    refusal: str
    is_main: bool = False


def offer_steps(request: HttpRequest, review: Review) -> list[StepButton]:
    """The steps this state leads to, each with the reason why this user cannot take it now, if so."""
    labels: dict[Step, tuple[str, type[ReviewStep[Any]]]] = {
        Step.SUBMIT: (_("Submit the half"), SubmitReview),
        Step.APPROVE_OWN_LINE: (_("Approve the secretary's own line"), ApproveOwnLine),
        Step.RETURN: (_("Return with remarks"), ReturnReview),
        Step.APPROVE: (_("Approve with the meeting"), ApproveReview),
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
        buttons.append(StepButton(label, page_url(f"points_review_{page.name}", review.pk), refusal, is_main))
    return buttons


def summarise_table(table: ReviewTable) -> list[Fact]:
    """What a step is about, in a few figures."""
    labels = {
        "absent": _("members who were absent"),
        "excused": _("members who were excused"),
        "gap": _("members with periods without a record"),
        "pending": _("members with findings not decided"),
        "late": _("members with late records"),
        "marked": _("members with deeds to look at closely"),
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


class ReviewStep(RowStep[Review, FormT], Generic[FormT]):
    """A step of the half: its title may name it, and it says first why it is not open, where it is not."""

    step: ClassVar[Step]

    def get_title(self) -> Text:
        return str(self.title) % {"half": self.table.row_title(self.row)}

    def get_warning(self) -> Sequence[Text]:
        refusal = explain_refusal(self.step, self.row, actor=self.actor, now=self.now)
        return [refusal] if refusal else []

    @cached_property
    def review_table(self) -> ReviewTable:
        """The half as it stands."""
        return read_review_table(self.row, actor=self.actor, on=self.today)


class SubmitReview(ReviewStep[WorkbenchForm]):
    """Hand the half to the secretary; shows first what will be locked (D20)."""

    name = "submit"
    step = Step.SUBMIT
    action = Action.SUBMIT_REVIEW
    title = gettext_lazy("Submit %(half)s")
    submit = gettext_lazy("Submit the half")
    intro = (
        gettext_lazy("From then on nothing can be recorded or voided for this half until the secretary returns it."),
    )
    done = gettext_lazy(
        "Submitted. The secretary approves it with the committee's meeting, or returns it with remarks."
    )

    def get_facts(self) -> Sequence[Fact]:
        return summarise_table(self.review_table)

    def carry_out(self, form: WorkbenchForm) -> None:
        submit_review(actor=self.actor, now=self.now, review=self.row)


class WithdrawReview(RowStep[Review, WorkbenchForm]):
    """Take back a half opened by mistake, before it is ever submitted."""

    name = "withdraw"
    action = Action.SUBMIT_REVIEW
    title = gettext_lazy("Take back the opened half")
    submit = gettext_lazy("Take it back")
    intro = (
        gettext_lazy("The half leaves the list and can be opened again at any time. Records, dues and meetings stay."),
    )

    def get_title(self) -> Text:
        return f"{self.title} {self.table.row_title(self.row)}"

    def get_warning(self) -> Sequence[Text]:
        refusal = explain_no_withdrawal(self.row, actor=self.actor, now=self.now)
        return [refusal] if refusal else []

    def carry_out(self, form: WorkbenchForm) -> Outcome:
        name = self.table.row_title(self.row)
        withdraw_review(actor=self.actor, now=self.now, review=self.row)
        return Outcome(
            self.table.url("changelist"),
            _("%(half)s is taken back; to have it again, open it in this list.") % {"half": name},
        )


class ReturnReview(ReviewStep[ReturnForm]):
    """Return the half to the recorder with remarks."""

    name = "return"
    step = Step.RETURN
    action = Action.DECIDE_REVIEW
    form_class = ReturnForm
    template = "workbench/reviews/review_return.html"
    title = gettext_lazy("Return %(half)s")
    submit = gettext_lazy("Return with remarks")
    intro = (gettext_lazy("Write what to change: on the whole half, beside single lines, or both."),)
    done = gettext_lazy("Returned. The recorder sees the remarks, puts things right and submits the half again.")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"rows": self.review_table.rows}

    def carry_out(self, form: ReturnForm) -> None:
        return_review(
            actor=self.actor,
            now=self.now,
            review=self.row,
            remark=form.cleaned_data["remark"],
            line_remarks=form.line_remarks(),
        )


class ApproveOwnLine(ReviewStep[RecusalForm]):
    """Approve the secretary's own line (D19)."""

    name = "own_line"
    asks_password = True
    step = Step.APPROVE_OWN_LINE
    action = Action.APPROVE_OWN_LINE
    form_class = RecusalForm
    title = gettext_lazy("Approve the secretary's own line")
    submit = gettext_lazy("Approve")
    intro = (gettext_lazy("Nobody approves their own line: look through these records before you do."),)
    done = gettext_lazy("Approved. Now the half can be approved; a return takes this approval back.")

    def get_facts(self) -> Sequence[Fact]:
        lines = [
            member.listed_name
            for member in own_lines_of(
                self.row, members_of_half(self.row.branch, self.row.year, self.row.half), today=self.today
            )
            if not is_own_case(self.actor, member)
        ]
        return [Fact(_("whose lines"), "、".join(lines))]

    def carry_out(self, form: RecusalForm) -> None:
        approve_own_line(
            actor=self.actor, now=self.now, review=self.row, is_unrelated=form.cleaned_data["is_unrelated"]
        )


class ApproveReview(ReviewStep[ApprovalForm]):
    """Approve the half as the meeting decided it; every line is frozen (3.2)."""

    name = "approve"
    asks_password = True
    step = Step.APPROVE
    action = Action.DECIDE_REVIEW
    form_class = ApprovalForm
    title = gettext_lazy("Approve %(half)s")
    submit = gettext_lazy("Approve and freeze")
    grave = True
    done = gettext_lazy("Approved and frozen. Next the notice is posted; a change from now on is a correction.")

    def get_intro(self) -> Sequence[Text]:
        if self.row.branch.has_committee:
            intro = _("Enter the branch committee's meeting that went through every member's points.")
        else:
            intro = _("This branch has no committee: enter the members' assembly that decided, and its minutes.")
        return [
            intro,
            _("Approval freezes every line and cannot be taken back; a later change is a correction, open to see."),
        ]

    def get_facts(self) -> Sequence[Fact]:
        return summarise_table(self.review_table)

    def get_form_arguments(self) -> dict[str, Any]:
        return {"initial": {"met_on": self.today}}

    def carry_out(self, form: ApprovalForm) -> None:
        photo = keep_scan(form.cleaned_data["photo"])
        approve_review(actor=self.actor, now=self.now, review=self.row, meeting=form.meeting(photo=photo))


class EnterConfirmations(RowStep[Review, ConfirmationForm]):
    """Enter who confirmed their result on paper or at a meeting (3.3, D26)."""

    name = "confirm"
    action = Action.RECORD
    form_class = ConfirmationForm
    template = "workbench/reviews/review_confirm.html"
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy("Tick who confirmed; the signed papers or minutes stay with the branch. Nothing waits for it."),
        gettext_lazy("At a meeting: tick everybody who heard their result and agreed; one scan does for all."),
    )

    def get_title(self) -> str:
        return _("Enter confirmations of %(half)s") % {"half": self.table.row_title(self.row)}

    def get_form_arguments(self) -> dict[str, Any]:
        waiting = [line.member_id for line in unconfirmed_lines(self.row)]
        return {
            "members": Member.objects.filter(pk__in=waiting).order_by("position", "pk"),
            "initial": {"confirmed_on": self.today},
        }

    def get_context(self) -> dict[str, Any]:
        return {
            "is_frozen": self.row.state in Review.FROZEN,
            "roster": {"names_url": page_url("names")},
            "branch": self.row.branch,
            "day": half_end(self.row.year, self.row.half),
        }

    def carry_out(self, form: ConfirmationForm) -> Outcome:
        data = form.cleaned_data
        count = confirm_members(
            actor=self.actor,
            now=self.now,
            review=self.row,
            member_ids=[member.pk for member in data["members"]],
            how=Confirmation.How(data["how"]),
            confirmed_on=data["confirmed_on"],
            scan=keep_scan(data["scan"]),
        )
        said = _("%(count)d members confirmed. A confirmation stands; whoever disagrees raises an objection.")
        return Outcome(self.get_back(), said % {"count": count})


class ReopenReview(ReviewStep[ReasonForm]):
    """Open a final half again for corrections; shows first what follows from it (D10)."""

    name = "reopen"
    asks_password = True
    step = Step.REOPEN
    action = Action.CONSENT
    form_class = ReasonForm
    title = gettext_lazy("Open %(half)s again")
    submit = gettext_lazy("Open it again")
    intro = (gettext_lazy("To correct one line at once, “Correct a line” is enough: it opens the half by itself."),)
    grave = True
    done = gettext_lazy(
        "Opened again. It is published until its notice is closed anew; nothing of it was changed by this."
    )

    def get_warning(self) -> Sequence[Text]:
        """Why it is not open, then what follows from it."""
        consequences = [
            _("The half is published again: its notice counts as up until it is closed anew."),
            _("Until then the branch's secretary can enter corrections; this is the town's consent to them."),
            _("Every line stays as it is; a corrected one goes up and has its own full days."),
        ]
        if self.row.half == H1 and _second_half_is_final(self.row):
            consequences.append(
                _(
                    "The second half is final too, and a correction of the first half revises its lines as well: open "
                    "it again besides, or the corrections stay with the town."
                )
            )
        if self.row.half == H2:
            consequences.append(
                _("The year is no longer final: ratings wait, and reports print what stood before them.")
            )
        return [*super().get_warning(), *consequences]

    def get_facts(self) -> Sequence[Fact]:
        final = [Fact(_("final at"), self.row.final_at)] if self.row.final_at else []
        return [Fact(_("state"), self.row.get_state_display()), *final]

    def carry_out(self, form: ReasonForm) -> None:
        reopen_review(actor=self.actor, now=self.now, review=self.row, reason=form.cleaned_data["reason"])


def _second_half_is_final(review: Review) -> bool:
    return Review.objects.filter(branch=review.branch_id, year=review.year, half=H2, state=Review.State.FINAL).exists()
