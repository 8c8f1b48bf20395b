"""Moves and exemptions: entered from a member's page, listed for who reads the member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, is_own_case, members_for, object_for
from members.models import Branch, Exemption, Member, Membership
from points.roster.moves import change_membership, end_exemption, grant_exemption
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column, find_by_member, with_branch_name
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin


class MoveForm(WorkbenchForm):
    """From a day on in another branch, or in none."""

    why = forms.ChoiceField(label=gettext_lazy("why"), choices=Membership.Why.choices)
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("none (leaving)"),
        help_text=gettext_lazy("Leaving has no branch, and every other move has one."),
    )
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["branch"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = branches


class ExemptionForm(WorkbenchForm):
    """The branch's decision to exempt a member on their own application (2.1, D15)."""

    ground = forms.ChoiceField(label=gettext_lazy("ground"), choices=Exemption.Ground.choices)
    applied_on = forms.DateField(label=gettext_lazy("applied on"), widget=forms.DateInput)
    decided_on = forms.DateField(label=gettext_lazy("decided by the branch on"), widget=forms.DateInput)
    from_date = forms.DateField(label=gettext_lazy("effective from"), widget=forms.DateInput)
    note = TidyField(label=gettext_lazy("note"), max_length=300, required=False)


class EndExemptionForm(WorkbenchForm):
    """From which day the member is scored again, and why."""

    ended_on = forms.DateField(
        label=gettext_lazy("ended on"),
        widget=forms.DateInput,
        help_text=gettext_lazy("The first day the member is scored again."),
    )
    reason = TidyField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class WhyFilter(ChoiceFilter):
    """Why somebody came, moved or left."""

    title = gettext_lazy("why")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Membership.Why.choices)


class MembershipAdmin(ScopedModelAdmin[Membership]):
    """Where members belonged from when; town staff enter moves."""

    list_filter = (BranchFilter, WhyFilter)
    list_select_related = ("member", "branch")
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-from_date", "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Membership], search_term: str
    ) -> tuple[QuerySet[Membership], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), _show_branch, name="branch", order="branch__position"),
            column(gettext_lazy("from"), lambda row: row.from_date, name="from_date", order="from_date"),
            column(gettext_lazy("why"), lambda row: row.get_why_display(), name="why", order="why"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [self.page("move/<int:member_id>/", self.move_view, "move")]

    def row_title(self, row: Membership) -> str:
        return f"{row.member.name} {row.from_date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Membership) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
            Fact(_("branch"), _show_branch(row)),
            Fact(_("from"), row.from_date),
            Fact(_("why"), row.get_why_display()),
        ]

    def move_view(self, request: HttpRequest, member_id: int) -> HttpResponseBase:
        """Enter a move, a leaving or a return."""
        user, today = actor_of(request), today_of(request)
        member = object_for(user, Member.objects.all(), on=today, action=Action.KEEP_ROSTER, pk=member_id)
        branches = branches_for(user, on=today, action=Action.KEEP_ROSTER).filter(town=member.town_id)
        form = MoveForm(request.POST or None, branches=branches, initial={"from_date": today})

        def carry_out() -> Outcome:
            data = form.cleaned_data
            change_membership(
                actor=user,
                now=now_of(request),
                member=member,
                branch=data["branch"],
                from_date=data["from_date"],
                why=Membership.Why(data["why"]),
            )
            return Outcome(
                self.url_of(member), _("Entered. To undo it, enter the move back; what stood before stays in the list.")
            )

        last = member.memberships.order_by("-from_date").select_related("branch").first()
        page = FormPage(
            title=_("Move %(name)s") % {"name": member.name},
            back=self.url_of(member),
            submit=_("Enter the move"),
            warning=[_("From that day the new branch records and reviews the member. Points move along.")],
            facts=[Fact(_("branch"), _show_branch(last)), Fact(_("from"), last.from_date)] if last else [],
        )
        return self.run_form(request, form, page, carry_out)


class OpenFilter(ChoiceFilter):
    """Exempt still, or ended."""

    title = gettext_lazy("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("in force")), ("no", gettext_lazy("ended"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(ended_on__isnull=value == "yes")


class ExemptionAdmin(ScopedModelAdmin[Exemption]):
    """Who is outside the scheme, since when (2.1, D15)."""

    list_filter = (BranchFilter, OpenFilter)
    list_select_related = ("member",)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-from_date", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Exemption]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Exemption], search_term: str
    ) -> tuple[QuerySet[Exemption], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("effective from"), lambda row: row.from_date, name="from_date", order="from_date"),
            column(gettext_lazy("ended on"), lambda row: row.ended_on or "—", name="ended_on", order="ended_on"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("grant/<int:member_id>/", self.grant_view, "grant"),
            self.page("<int:object_id>/end/", self.end_view, "end"),
        ]

    def row_title(self, row: Exemption) -> str:
        return f"{row.member.name} {row.from_date:%Y-%m-%d}"

    def row_facts(self, request: HttpRequest, row: Exemption) -> Sequence[Fact]:
        return [
            Fact(_("member"), row.member.name, self.url_of(row.member)),
            Fact(_("ground"), row.get_ground_display()),
            Fact(_("applied on"), row.applied_on),
            Fact(_("decided by the branch on"), row.decided_on),
            Fact(_("effective from"), row.from_date),
            Fact(_("ended on"), row.ended_on or "—"),
            Fact(_("note"), row.note or "—"),
        ]

    def may_change(self, request: HttpRequest, row: Exemption, action: Action) -> bool:
        members = members_for(actor_of(request), on=today_of(request), action=action)
        return members.filter(pk=row.member_id).exists()

    def row_buttons(self, request: HttpRequest, row: Exemption) -> Sequence[Button]:
        if row.ended_on is not None or is_own_case(actor_of(request), row.member):
            return []
        if not self.may_change(request, row, Action.DECIDE_FINDING):
            return []
        return [Button(_("End the exemption"), self.url("end", row.pk), "event_busy", grave=True)]

    def grant_view(self, request: HttpRequest, member_id: int) -> HttpResponseBase:
        """Enter the branch's decision to exempt a member."""
        user, today = actor_of(request), today_of(request)
        member = object_for(user, Member.objects.all(), on=today, action=Action.DECIDE_FINDING, pk=member_id)
        form = ExemptionForm(request.POST or None)

        def carry_out() -> Outcome:
            data = form.cleaned_data
            exemption = grant_exemption(
                actor=user,
                now=now_of(request),
                member=member,
                ground=Exemption.Ground(data["ground"]),
                applied_on=data["applied_on"],
                decided_on=data["decided_on"],
                from_date=data["from_date"],
                note=data["note"],
            )
            return Outcome(self.url_of(exemption), _("Entered. It can be ended here, with a reason."))

        page = FormPage(
            title=_("Exempt %(name)s") % {"name": member.name},
            back=self.url_of(member),
            submit=_("Enter the exemption"),
            intro=[_("On the member's own application, decided by the branch; age alone exempts nobody (2.1, D15).")],
            facts=[Fact(_("date of birth"), member.birth_date or "—")],
        )
        return self.run_form(request, form, page, carry_out)

    def end_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """End an exemption."""
        exemption = self.row_for(request, str(object_id), Action.DECIDE_FINDING)
        form = EndExemptionForm(request.POST or None, initial={"ended_on": today_of(request)})

        def carry_out() -> Outcome:
            end_exemption(
                actor=actor_of(request),
                now=now_of(request),
                exemption=exemption,
                ended_on=form.cleaned_data["ended_on"],
                reason=form.cleaned_data["reason"],
            )
            return Outcome(self.url_of(exemption), _("Ended. To undo it, enter a new exemption."))

        page = FormPage(
            title=_("End the exemption"),
            back=self.url_of(exemption),
            submit=_("End the exemption"),
            facts=self.row_facts(request, exemption),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


def _show_branch(row: Membership) -> str:
    return row.branch.name if row.branch else _("left")
