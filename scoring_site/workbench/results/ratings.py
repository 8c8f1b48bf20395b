"""Ratings in the workbench: a branch's year as one sheet to decide on, and every decision ever entered (4, D14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, may, object_for
from members.models import Branch
from members.selectors import members_in
from points.errors import NoRulebook
from points.models import Rating, Review
from points.results.ratings import RatingRow, RatingSheet, decide_ratings, read_rating_sheet
from points.reviews.table_parts import Flag
from points.rules.periods import H2, half_end
from points.rules.ratings import UNQUALIFIED
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.requests import actor_of, catalogue_for, now_of, today_of
from scoring_site.workbench.base.columns import Column, YearFilter, column, find_by_member
from scoring_site.workbench.base.filters import OwnBranchFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin

FEW = 30
"""Up to so many branches stand unfolded above the list."""


class RatingsForm(WorkbenchForm):
    """One meeting's decisions: a choice for each member it may rate; an empty one leaves the member as they stand."""

    met_on = forms.DateField(
        label=gettext_lazy("branch meeting that decided"),
        widget=forms.DateInput,
        help_text=gettext_lazy("All ratings entered now were decided at this meeting, after the year's end."),
    )

    def __init__(self, *args: Any, rows: Sequence[RatingRow], **kwargs: Any) -> None:
        self.rows = rows
        super().__init__(*args, **kwargs)
        for row in rows:
            if row.allowed:
                self.fields[_field(row)] = self._make_choice(row)

    def _make_choice(self, row: RatingRow) -> forms.ChoiceField:
        unchanged = _("leave as it is") if row.current else _("(no rating yet)")
        choices = [("", unchanged), *[(code, Rating.Decision(code).label) for code in row.allowed]]
        return forms.ChoiceField(
            label=_("rating of %(name)s") % {"name": row.member.name},
            choices=choices,
            required=False,
            # Preset where the score leaves no other grade (4.4); the meeting decides all the same.
            initial=UNQUALIFIED if row.is_forced and row.current is None else "",
            widget=forms.Select(
                attrs={"class": "workbench-input", "aria-label": row.member.name, "data-undecided": row.current is None}
            ),
        )

    def choices(self) -> Iterator[tuple[RatingRow, forms.BoundField | None]]:
        """Each member's row with the field for its rating, None where there is nothing to decide."""
        for row in self.rows:
            yield row, self[_field(row)] if row.allowed else None

    def decisions(self) -> dict[int, str]:
        """Member id to rating, those left as they are left out."""
        chosen = {row.member.pk: self.cleaned_data.get(_field(row), "") for row in self.rows}
        return {member_id: code for member_id, code in chosen.items() if code}


def _field(row: RatingRow) -> str:
    return f"rating_{row.member.pk}"


def flags_of(row: RatingRow) -> list[Flag]:
    """What to know about a member before rating them."""
    flags = []
    if row.is_probationary:
        flags.append(Flag("probationary", _("probationary member"), _("not graded (D14)")))
    if row.score is None:
        flags.append(Flag("exempt", _("exempt"), _("no score; may be rated")))
    if row.is_vetoed:
        flags.append(Flag("veto", _("One-vote veto")))
    if row.is_part_year and row.score is not None:
        months = len(row.score.months_in_scope)
        flags.append(Flag("part_year", _("in the scheme for %(months)d months") % {"months": months}))
    if row.is_forced:
        flags.append(Flag("forced", _("below the pass mark")))
    return flags


@dataclass(frozen=True, slots=True)
class BranchYear:
    """A branch's year in the overview."""

    name: str
    url: str
    standing: str


class RatingAdmin(ScopedModelAdmin[Rating]):
    """Every decision, the replaced ones too; above them the sheets of the branches within reach."""

    list_filter = (YearFilter, OwnBranchFilter)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    list_select_related = ("member", "branch", "by")
    change_list_template = "workbench/results/rating_list.html"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        later = Rating.objects.filter(member=OuterRef("member"), year=OuterRef("year"), pk__gt=OuterRef("pk"))
        return super().get_queryset(request).select_related("member", "branch", "by").annotate(replaced=Exists(later))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Rating], search_term: str
    ) -> tuple[QuerySet[Rating], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch.name, name="branch", order="branch__position"),
            column(gettext_lazy("assessment year"), lambda row: str(row.year), name="year", order="year"),
            column(gettext_lazy("rating"), lambda row: row.get_decision_display(), name="decision", order="decision"),
            column(gettext_lazy("branch meeting that decided"), lambda row: row.met_on, name="met_on", order="met_on"),
            column(gettext_lazy("entered by"), lambda row: str(row.by), name="by"),
            column(gettext_lazy("state"), _name_state, name="state"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("of/<int:branch_id>/<int:year>/", self.sheet_view, "sheet")]

    # The list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        year = self._shown_year(request)
        branches = self._read_branches(request, year) if year else []
        context = {"year": year, "branches": branches, "unfold": len(branches) <= FEW}
        return super().changelist_view(request, context | (extra_context or {}))

    def _shown_year(self, request: HttpRequest) -> int | None:
        """The year asked for, else the latest one that is over."""
        years = catalogue_for(request).years()
        asked = request.GET.get("year", "")
        over = [year for year in years if year < today_of(request).year]
        return next((year for year in years if str(year) == asked), max(over, default=max(years, default=None)))

    def _read_branches(self, request: HttpRequest, year: int) -> list[BranchYear]:
        """The branches within reach that had members at the year's end, with where their year stands; four queries."""
        reach = branches_for(actor_of(request), on=today_of(request))
        peopled = set(
            members_in(reach, half_end(year, H2))
            .order_by()
            .values_list("branch_id_on_day", flat=True)  # type: ignore[misc] # an annotation
            .distinct()
        )
        branches = list(reach.filter(pk__in=peopled).order_by("town_id", "position", "pk"))
        halves = Review.objects.filter(year=year, half=H2, branch__in=branches)
        reviews = {review.branch_id: review for review in halves}
        rated = dict(
            Rating.objects.filter(year=year, branch__in=branches)
            .order_by()
            .values_list("branch")
            .annotate(Count("member", distinct=True))
        )
        return [
            BranchYear(
                branch.name,
                self.url("sheet", branch.pk, year),
                _name_standing(reviews.get(branch.pk), rated.get(branch.pk, 0)),
            )
            for branch in branches
        ]

    # One decision

    def row_title(self, row: Rating) -> str:
        return _("Rating of %(name)s, %(year)s") % {"name": row.member.name, "year": row.year}

    def row_facts(self, request: HttpRequest, row: Rating) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.name),
            Fact(_("branch"), row.branch.name),
            Fact(_("rating"), row.get_decision_display()),
            Fact(_("branch meeting that decided"), row.met_on),
            Fact(_("state"), _name_state(row)),
            Fact(_("entered by"), str(row.by)),
            Fact(_("entered at"), row.at),
        ]

    def row_buttons(self, request: HttpRequest, row: Rating) -> Sequence[Button]:
        return [Button(_("All ratings of the branch"), self.url("sheet", row.branch_id, row.year), "workspace_premium")]

    # A branch's year

    def sheet_view(self, request: HttpRequest, branch_id: int, year: int) -> HttpResponseBase:
        """All members of a branch's year: scores, what they allow, what was decided; one form to decide on many."""
        user, today = actor_of(request), today_of(request)
        branch = object_for(user, Branch.objects.select_related("town"), on=today, action=Action.READ, pk=branch_id)
        decides = may(user, Action.APPROVE_REVIEW, branch, on=today)
        self.require(decides or request.method in ("GET", "HEAD"))
        try:
            sheet = read_rating_sheet(branch, year)
        except NoRulebook as error:
            raise Http404 from error
        form = RatingsForm(
            request.POST if request.method == "POST" else None, rows=sheet.rows, initial={"met_on": today}
        )

        def carry_out() -> Outcome:
            decisions = form.decisions()
            decided = decide_ratings(
                actor=user,
                now=now_of(request),
                branch=branch,
                year=year,
                decisions=decisions,
                met_on=form.cleaned_data["met_on"],
            )
            said = _("Entered for %(count)d members; %(rest)d wait for their rating. A later decision replaces it.")
            return Outcome(request.path, said % {"count": len(decisions), "rest": decided.undecided})

        page = FormPage(
            title=_("Ratings %(year)s of %(branch)s") % {"year": year, "branch": branch.name},
            back=self.url_of(sheet.review) if sheet.review else self.url("changelist"),
            submit=_("Enter the ratings"),
            intro=_introduce(sheet) if decides else (),
            warning=[text for text in (sheet.refusal, sheet.warning) if text],
            template="workbench/results/rating_sheet.html",
            extra={
                "sheet": sheet,
                "rows": [(row, field, flags_of(row)) for row, field in form.choices()],
                "decides": decides and not sheet.refusal,
                "codes": Rating.Decision.choices,
                "review_url": self.url_of(sheet.review) if sheet.review else "",
            },
        )
        return self.run_form(request, form, page, carry_out)


def _introduce(sheet: RatingSheet) -> Sequence[str]:
    if sheet.refusal:
        return ()
    return [
        _("The branch's meeting decides (D14): the score says what is possible, people choose."),
        _("Leave out whom the meeting did not decide on. A later decision replaces an earlier one; both stay."),
    ]


def _name_state(row: Rating) -> str:
    return _("replaced by a later one") if getattr(row, "replaced", False) else _("counting")


def _name_standing(review: Review | None, rated: int) -> str:
    if review is None or review.state != Review.State.FINAL:
        return _("not final yet")
    return _("final, %(count)d members rated") % {"count": rated}
