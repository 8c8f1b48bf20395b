"""Remarks from above on a branch's half (指导意见): given by a general branch or the town, read by the branch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, holds_office_for
from members.log.reasons import REASON_LENGTH
from members.models import Branch
from points.models import AssessmentYear, Guidance, Review
from points.reviews.guidance import answer_guidance, give_guidance
from points.rules.periods import begun_halves
from points.scoring.wording import name_half, name_period
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, YearFilter, column
from scoring_site.workbench.base.filters import ChoiceFilter, OwnBranchFilter
from scoring_site.workbench.base.pages import page_url, require, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import BranchStep, Outcome, RowStep, TableStep


class GiveForm(WorkbenchForm):
    """Which half, and what there is to say about it."""

    half = forms.ChoiceField(label=gettext_lazy("half"))
    text = TidyField(
        label=gettext_lazy("what is remarked"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, halves: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["half"].choices = halves  # type: ignore[attr-defined]


class AnswerForm(WorkbenchForm):
    """What the branch answers, where there is something to answer."""

    answer = TidyField(
        label=gettext_lazy("answer"),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("May stay empty: then it is only noted that the branch has read the remark."),
    )


class GiveGuidance(BranchStep[GiveForm], TableStep[GiveForm]):
    """Remark on a half of a branch below."""

    name = "new"
    form_class = GiveForm
    template = "workbench/reviews/give_guidance.html"
    submit = gettext_lazy("Send to the branch")
    intro = (
        gettext_lazy("The branch's recorder and secretary find it on their home, read it and may answer."),
        gettext_lazy("It changes nothing of the half. Everybody who works for the branch and the town can read it."),
    )
    done = gettext_lazy("Sent. You are told when the branch has read it.")

    def get_title(self) -> str:
        if self.branch is None:
            return _("Remark on a half-year")
        return _("Remark on a half-year of %(branch)s") % {"branch": self.branch.name}

    def find_branches(self) -> QuerySet[Branch]:
        return branches_for(self.actor, on=self.today, action=Action.GUIDE).order_by("town_id", "position", "id")

    def get_form_arguments(self) -> dict[str, Any]:
        assert self.branch is not None
        halves = self._halves(self.branch)
        wanted = self.request.GET.get("half", "")
        return {"halves": halves, "initial": {"half": wanted} if wanted in dict(halves) else {}}

    def _halves(self, branch: Branch) -> list[tuple[str, str]]:
        """The halves that have begun of this year and the last, as far as they are scored; the running one first."""
        years = AssessmentYear.objects.filter(town=branch.town_id, year__gte=self.today.year - 1)
        begun = begun_halves(years.values_list("year", flat=True), self.today)
        return [(f"{year}{half}", name_period(f"{year}{half}")) for year, half in begun]

    def carry_out(self, form: GiveForm) -> Outcome:
        assert self.branch is not None
        half = form.cleaned_data["half"]
        guidance = give_guidance(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            year=int(half[:4]),
            half=half[4:],
            remark=form.cleaned_data["text"],
        )
        return Outcome(row_url(guidance), self.done)


class AnswerGuidance(RowStep[Guidance, AnswerForm]):
    """The branch has read it."""

    name = "answer"
    action = Action.SUBMIT_REVIEW
    form_class = AnswerForm
    title = gettext_lazy("Read and answer a remark from above")
    submit = gettext_lazy("Read")
    shown_facts = 4
    done = gettext_lazy("Noted. Who gave the remark is told.")

    def prepare(self) -> None:
        """The town's staff may submit a half in the branch's stead, but not read for it."""
        super().prepare()
        require(holds_office_for(self.actor, self.action, self.row.branch, on=self.today))

    def carry_out(self, form: AnswerForm) -> None:
        answer_guidance(actor=self.actor, now=self.now, guidance=self.row, answer=form.cleaned_data["answer"])


class GuidanceStateFilter(ChoiceFilter):
    """Whether the branch has read it."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unread", _("not read yet")), ("read", _("read"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(read_at__isnull=value == "unread")


class GuidanceAdmin(ScopedModelAdmin[Guidance]):
    """What was remarked, the latest first, and whether it was read."""

    card_columns = ("branch", "state")
    list_filter = (YearFilter, OwnBranchFilter, GuidanceStateFilter)
    list_select_related = ("branch__town", "by", "read_by")
    subpages = (GiveGuidance, AnswerGuidance)
    ordering = ("-at", "-id")

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("half"), name_half, name="half", order="year"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("what is remarked"), lambda row: row.text, name="text"),
            column(gettext_lazy("given by"), lambda row: str(row.by), name="by"),
            column(gettext_lazy("given at"), lambda row: row.at, name="at", order="at"),
            column(gettext_lazy("answer"), lambda row: row.answer or "—", name="answer"),
            column(gettext_lazy("state"), name_state, name="state", order="read_at"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.GUIDE).exists():
            return []
        return [Button(_("Remark on a half-year"), self.url("new"), "add_comment", main=True)]

    def row_title(self, row: Guidance) -> str:
        return f"{row.branch.name} {name_half(row)}"

    def row_facts(self, request: HttpRequest, row: Guidance) -> Sequence[Fact]:
        facts = [
            Fact(_("branch"), row.branch.name, row_url(row.branch)),
            self._name_half(row),
            Fact(_("what is remarked"), row.text),
            Fact(_("given by"), f"{row.by} {timezone.localdate(row.at)}"),
            Fact(_("state"), name_state(row)),
        ]
        if row.read_at is not None:
            facts.append(Fact(_("read by"), f"{row.read_by} {timezone.localdate(row.read_at)}"))
            facts.append(Fact(_("answer"), row.answer or "—"))
        return facts

    def _name_half(self, row: Guidance) -> Fact:
        """The half, with the way to its review where it was opened."""
        review = Review.objects.filter(branch=row.branch_id, year=row.year, half=row.half).only("pk").first()
        return Fact(_("half"), name_half(row), row_url(review) if review else "")

    def row_buttons(self, request: HttpRequest, row: Guidance) -> Sequence[Button]:
        user = actor_of(request)
        is_theirs = holds_office_for(user, Action.SUBMIT_REVIEW, row.branch, on=today_of(request))
        if row.read_at is not None or not is_theirs or row.by_id == user.pk:
            return []
        return [Button(_("Read and answer"), self.url("answer", row.pk), "done_all", main=True)]


def name_state(row: Guidance) -> str:
    """Read and answered, read, or not yet."""
    if row.read_at is None:
        return _("not read yet")
    return _("read and answered") if row.answer else _("read")


def guidance_url(row: Any) -> str:
    """Where the half of a row with branch, year and half is remarked on."""
    return f"{page_url('points_guidance_new')}?branch={row.branch.pk}&half={row.year}{row.half}"
