"""A branch's year as one sheet to decide on: scores, what they allow, what was decided (4, D14)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, may, object_for
from members.models import Branch
from points.errors import NoRulebook
from points.models import Rating
from points.papers.results.rating_summary import TITLE as SUMMARY
from points.papers.results.rating_summary import write_rating_summary
from points.results.ratings import RatingRow, RatingSheet, Votes, decide_ratings, read_rating_sheet, whom_to_rate
from points.reviews.table_parts import Flag
from points.rules.ratings import UNQUALIFIED
from scoring_site.downloads import name_paper, send_or_explain
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.forms.recusal import RecusalField
from scoring_site.workbench.base.pages import TablePage, Text, require, row_url
from scoring_site.workbench.base.steps import Outcome, TableStep

_VOTES = re.compile(r"[0-9]{1,4}")


class RatingsForm(WorkbenchForm):
    """One meeting's decisions: a choice for each member it may rate; an empty one leaves the member as they stand."""

    met_on = forms.DateField(
        label=gettext_lazy("branch meeting that decided"),
        widget=forms.DateInput,
        help_text=gettext_lazy("All ratings entered now were decided at this meeting, after the year's end."),
    )

    settle_by = forms.DateField(
        label=gettext_lazy("deferred ratings are decided by"),
        widget=forms.DateInput,
        required=False,
        help_text=gettext_lazy("Only where a rating is deferred."),
    )

    is_unrelated = RecusalField(
        label=gettext_lazy(
            "Recusal statement: none of those whose rating I enter is my spouse, parent, child or sibling."
        ),
        help_text=gettext_lazy(
            "Leave the lines of such members as they are: another officer or the town's staff enters theirs."
        ),
    )

    def __init__(self, *args: Any, rows: Sequence[RatingRow], whom: Collection[int], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)
        for row in rows:
            if row.allowed and row.member.pk in whom:
                self.fields[_field(row)] = self._make_choice(row)
                self.fields[_votes_field(row)] = VotesField(row)

    def _make_choice(self, row: RatingRow) -> forms.ChoiceField:
        unchanged = _("leave as it is") if row.current else _("(no rating yet)")
        choices = [("", unchanged), *[(code, Rating.Decision(code).label) for code in row.allowed]]
        return forms.ChoiceField(
            label=_("rating of %(name)s") % {"name": row.member.listed_name},
            choices=choices,
            required=False,
            # Preset where the score leaves no other grade (4.4); the meeting decides all the same.
            initial=UNQUALIFIED if row.is_forced and row.current is None else "",
            widget=forms.Select(
                attrs={
                    "class": "workbench-input",
                    "aria-label": row.member.listed_name,
                    "data-undecided": row.current is None,
                }
            ),
        )

    def choices(self) -> Iterator[tuple[RatingRow, forms.BoundField | None, forms.BoundField | None]]:
        """Each member's row with the fields for rating and votes; None where the user decides nothing."""
        for row in self.rows:
            offered = _field(row) in self.fields
            yield row, self[_field(row)] if offered else None, self[_votes_field(row)] if offered else None

    def decisions(self) -> dict[int, str]:
        """Member id to rating, those left as they are left out."""
        chosen = {row.member.pk: self.cleaned_data.get(_field(row), "") for row in self.rows}
        return {member_id: code for member_id, code in chosen.items() if code}

    def votes(self) -> dict[int, Votes]:
        """Member id to the votes that were entered."""
        given = {row.member.pk: self.cleaned_data.get(_votes_field(row)) for row in self.rows}
        return {member_id: votes for member_id, votes in given.items() if votes is not None}


class VotesField(forms.CharField):
    """How many were for each of the four ratings, best first, with anything between the numbers; may stay empty."""

    def __init__(self, row: RatingRow) -> None:
        label = _("votes on %(name)s") % {"name": row.member.listed_name}
        attrs = {"class": "workbench-input", "aria-label": label, "placeholder": "0/0/0/0", "inputmode": "text"}
        super().__init__(label=label, required=False, max_length=40, widget=forms.TextInput(attrs=attrs))

    def clean(self, value: Any) -> Votes | None:
        text = super().clean(value)
        if not text:
            return None
        numbers = [int(number) for number in _VOTES.findall(text)]
        if len(numbers) != len(fields(Votes)):
            raise forms.ValidationError(
                _("Four numbers: excellent, qualified, basically qualified, unqualified, such as 12/5/1/0.")
            )
        return Votes(*numbers)


def _field(row: RatingRow) -> str:
    return f"rating_{row.member.pk}"


def _votes_field(row: RatingRow) -> str:
    return f"votes_{row.member.pk}"


def flags_of(row: RatingRow) -> list[Flag]:
    """What to know about a member before rating them."""
    flags = []
    if row.is_probationary:
        flags.append(Flag("probationary", _("probationary member"), _("not graded")))
    if row.score is None:
        flags.append(Flag("exempt", _("exempt"), _("no score; may be rated")))
    if row.is_vetoed:
        flags.append(Flag("veto", _("One-vote veto")))
    if row.is_part_year and row.score is not None:
        months = len(row.score.months_in_scope)
        flags.append(Flag("part_year", _("in the scheme for %(months)d months") % {"months": months}))
    if row.is_forced:
        flags.append(Flag("forced", _("below the pass mark")))
        if row.open_matters:
            flags.append(Flag("open", _("may be deferred"), row.open_matters))
    return flags


class RatingSummary(TablePage):
    """The summary of the appraisal (测评汇总表) of a branch's year as PDF, with its votes."""

    name = "summary"
    route = "of/<id:branch_id>/<year:year>/summary.pdf"
    branch: Branch

    def prepare(self) -> None:
        towns = Branch.objects.select_related("town").prefetch_related("former_names")
        self.branch = object_for(self.actor, towns, on=self.today, action=Action.TAKE_OUT, pk=self.kwargs["branch_id"])

    def get(self, request: HttpRequest, branch_id: int, year: int) -> HttpResponseBase:
        """The file."""
        try:
            sheet = read_rating_sheet(self.branch, year)
        except NoRulebook as error:
            raise Http404 from error
        return send_or_explain(
            request,
            back=self.table.url("sheet", branch_id, year),
            name=name_paper(sheet.review.branch_name if sheet.review else self.branch.name, year, SUMMARY),
            write=lambda: write_rating_summary(sheet=sheet, today=self.today),
        )


class DecideRatings(TableStep[RatingsForm]):
    """All members of a branch's year; one form to decide on many, for who approves the branch's halves."""

    name = "sheet"
    route = "of/<id:branch_id>/<year:year>/"
    form_class = RatingsForm
    template = "workbench/results/rating_sheet.html"
    submit = gettext_lazy("Enter the ratings")

    branch: Branch
    whom: frozenset[int]
    """Whose rating the user may enter."""
    sheet: RatingSheet

    def get_draft(self) -> str:
        return f"ratings:{self.branch.pk}:{self.kwargs['year']}"

    def prepare(self) -> None:
        self.branch = object_for(
            self.actor, Branch.objects.select_related("town"), on=self.today, pk=self.kwargs["branch_id"]
        )
        try:
            self.sheet = read_rating_sheet(self.branch, self.kwargs["year"])
        except NoRulebook as error:
            raise Http404 from error
        self.whom = whom_to_rate(self.actor, self.sheet, on=self.today)
        enters = bool(self.whom) or may(self.actor, Action.APPROVE_REVIEW, self.branch, on=self.today)
        require(enters or self.request.method in ("GET", "HEAD"))

    @property
    def decides(self) -> bool:
        return bool(self.whom)

    def get_title(self) -> str:
        branch = self.sheet.review.branch_name if self.sheet.review else self.branch.name
        return _("Ratings %(year)s of %(branch)s") % {"year": self.kwargs["year"], "branch": branch}

    def get_back(self) -> str:
        return row_url(self.sheet.review) if self.sheet.review else super().get_back()

    def get_intro(self) -> Sequence[Text]:
        if self.sheet.refusal or not self.decides:
            return ()
        return [
            _("The branch's meeting decides: the score says what is possible, people choose."),
            _("Leave out whom the meeting did not decide on. A later decision replaces an earlier one; both stay."),
            _("Nobody enters their own rating: another committee member enters the secretary's, or the town's staff."),
        ]

    def get_warning(self) -> Sequence[Text]:
        return [text for text in (self.sheet.refusal, self.sheet.warning) if text]

    def get_form_arguments(self) -> dict[str, Any]:
        return {"rows": self.sheet.rows, "whom": self.whom, "initial": {"met_on": self.today}}

    def get_context(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "decides": self.decides and not self.sheet.refusal,
            "codes": Rating.Decision.choices,
            "review_url": row_url(self.sheet.review) if self.sheet.review else "",
            "summary_url": self._summary_url(),
        }

    def _summary_url(self) -> str:
        """Where the summary is printed, for who may take papers out; empty where there is nobody on it."""
        if not self.sheet.rows or not may(self.actor, Action.TAKE_OUT, self.branch, on=self.today):
            return ""
        return self.table.url(RatingSummary.name, self.branch.pk, self.kwargs["year"])

    def show(self, form: RatingsForm | None, **context: Any) -> HttpResponseBase:
        """The page with each member's row beside its field."""
        assert form is not None
        rows = [(row, field, votes, flags_of(row)) for row, field, votes in form.choices()]
        return super().show(form, rows=rows, **context)

    def carry_out(self, form: RatingsForm) -> Outcome:
        decisions = form.decisions()
        decided = decide_ratings(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            year=self.kwargs["year"],
            decisions=decisions,
            met_on=form.cleaned_data["met_on"],
            is_unrelated=form.cleaned_data["is_unrelated"],
            settle_by=form.cleaned_data["settle_by"],
            votes=form.votes(),
        )
        said = _("Entered for %(count)d members; %(rest)d wait for their rating. A later decision replaces it.")
        return Outcome(self.request.path, said % {"count": len(decisions), "rest": decided.undecided})
