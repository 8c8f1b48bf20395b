"""The register of who was told how data about them is processed, who agreed, and who took that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, members_for
from members.models import Branch, Informing, Member
from members.people.informing import enter_informings, find_uninformed, void_informing
from members.people.naming import tell_apart_at_home
from members.selectors import members_in
from scoring_site.forms.fields import MembersField, ReasonForm, WorkbenchForm
from scoring_site.forms.pictures import ScanField, keep_scan, send_scan
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import (
    Column,
    column,
    find_by_member,
    show_state,
    void_facts,
    with_branch_name,
)
from scoring_site.workbench.base.filters import BranchFilter, ChoiceFilter
from scoring_site.workbench.base.pages import RowPage, row_url
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import BranchStep, Outcome, ReasonStep, TableStep


class InformingForm(WorkbenchForm):
    """What happened, when, how, and to whom."""

    kind = forms.ChoiceField(
        label=gettext_lazy("kind"),
        choices=Informing.Kind.choices,
        initial=Informing.Kind.INFORMED,
        widget=forms.RadioSelect,
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("channel"),
        choices=[choice for choice in Informing.Channel.choices if choice[0] != Informing.Channel.PORTAL],
        initial=Informing.Channel.MEETING,
        widget=forms.RadioSelect,
    )
    day = forms.DateField(label=gettext_lazy("day"), widget=forms.DateInput)
    scan = ScanField(label=gettext_lazy("scan or photo of the signed papers or the minutes"))
    members = MembersField(label=gettext_lazy("members"), queryset=Member.objects.none())

    def __init__(self, *args: Any, members: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("members", members)


class EnterInformings(BranchStep[InformingForm], TableStep[InformingForm]):
    """Enter it for members of one branch together, for example after a meeting."""

    name = "enter"
    form_class = InformingForm
    template = "workbench/roster/enter_informings.html"
    title = gettext_lazy("Enter who was informed")
    submit = gettext_lazy("Enter")
    intro = (
        gettext_lazy(
            "Tick those who were there or signed; whoever was absent is informed in another way and entered "
            "then. A consent needs the scan of what the member signed."
        ),
    )

    def find_branches(self) -> QuerySet[Branch]:
        return branches_for(self.actor, on=self.today, action=Action.RECORD).order_by("position", "id")

    def get_context(self) -> dict[str, Any]:
        missing = find_uninformed(self._members()) if self.branch else ()
        # One of two who share a name may be missing alone: told apart from the other all the same.
        names = [member.listed_name for member in tell_apart_at_home(missing, on=self.today)]
        return {**super().get_context(), "uninformed": names}

    def _members(self) -> QuerySet[Member]:
        assert self.branch is not None
        return members_in([self.branch.pk], self.today).order_by("position", "pk")

    def get_form_arguments(self) -> dict[str, Any]:
        return {"members": self._members(), "initial": {"day": self.today}}

    def carry_out(self, form: InformingForm) -> Outcome:
        assert self.branch is not None
        data = form.cleaned_data
        count = enter_informings(
            actor=self.actor,
            now=self.now,
            branch=self.branch,
            member_ids=[member.pk for member in data["members"]],
            kind=Informing.Kind(data["kind"]),
            channel=Informing.Channel(data["channel"]),
            day=data["day"],
            scan=keep_scan(data["scan"]),
        )
        left_out = len(data["members"]) - count
        said = _("Entered for %(count)d members.") % {"count": count}
        if left_out:
            said += _("%(count)d were entered for this day before.") % {"count": left_out}
        return Outcome(self.get_back(), said)


class VoidInforming(ReasonStep[Informing]):
    """Void an entry made by mistake."""

    name = "void"
    action = Action.RECORD
    title = gettext_lazy("Void an entry")
    submit = gettext_lazy("Void")
    done = gettext_lazy("Voided.")

    def carry_out(self, form: ReasonForm) -> None:
        void_informing(actor=self.actor, now=self.now, informing=self.row, reason=form.cleaned_data["reason"])


class InformingScan(RowPage[Informing]):
    """What was signed or minuted, as it was scanned."""

    name = "scan"
    action = Action.RECORD

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        return send_scan(request, self.row.scan)


class KindFilter(ChoiceFilter):
    """Informed, agreed or taken back."""

    title = gettext_lazy("kind")
    parameter_name = "kind"
    offered = Informing.Kind


class InformingAdmin(ScopedModelAdmin[Informing]):
    """One row for each member and occasion."""

    card_columns = ("branch", "kind", "day", "state")
    list_filter = (KindFilter, BranchFilter)
    list_select_related = ("member",)
    search_fields = ("member__name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("-day", "-id")
    subpages = (EnterInformings, VoidInforming, InformingScan)

    def scope(self, request: HttpRequest, rows: QuerySet[Informing]) -> QuerySet[Informing]:
        return rows.filter(member__in=members_for(actor_of(request), on=today_of(request)).values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Informing]:
        return with_branch_name(super().get_queryset(request), today_of(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Informing], search_term: str
    ) -> tuple[QuerySet[Informing], bool]:
        return find_by_member(queryset, search_term), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("member"), lambda row: row.member.listed_name, name="member", order="member__initials"),
            column(gettext_lazy("branch"), lambda row: row.branch_name or "—", name="branch"),
            column(gettext_lazy("kind"), lambda row: row.get_kind_display(), name="kind", order="kind"),
            column(gettext_lazy("channel"), lambda row: row.get_channel_display(), name="channel", order="channel"),
            column(gettext_lazy("day"), lambda row: row.day, name="day", order="day"),
            column(gettext_lazy("validity"), show_state, name="state", order="voided_at"),
        )

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        if not branches_for(actor_of(request), on=today_of(request), action=Action.RECORD).exists():
            return []
        return [Button(_("Enter who was informed"), self.url("enter"), "playlist_add_check", main=True)]

    def row_title(self, row: Informing) -> str:
        return f"{row.member.listed_name} {row.day:%Y-%m-%d}"

    def may_change(self, request: HttpRequest, row: Informing, action: Action) -> bool:
        members = members_for(actor_of(request), on=today_of(request), action=action)
        return members.filter(pk=row.member_id).exists()

    def row_facts(self, request: HttpRequest, row: Informing) -> Sequence[Fact]:
        facts = [
            Fact(_("member"), row.member.listed_name, row_url(row.member)),
            Fact(_("kind"), row.get_kind_display()),
            Fact(_("channel"), row.get_channel_display()),
            Fact(_("day"), row.day),
            Fact(_("entered by"), str(row.entered_by)),
            Fact(_("entered at"), row.at),
        ]
        if row.scan and self.may_change(request, row, Action.RECORD):
            facts.append(Fact(_("scan"), _("open the scan"), self.url("scan", row.pk), is_scan=True))
        return [*facts, *void_facts(row)]

    def row_buttons(self, request: HttpRequest, row: Informing) -> Sequence[Button]:
        may = not row.is_void and row.channel != Informing.Channel.PORTAL
        if not may or not self.may_change(request, row, Action.RECORD):
            return []
        return [Button(_("Void"), self.url("void", row.pk), "block", grave=True)]
