"""Members: the list everybody starts from, and town staff's form for personal details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.id_numbers import check_id_number
from foundation.workbooks.errors import CellError
from members.access import Action, Role, branches_for, reach_of
from members.models import Branch, Member, Membership
from members.people.changes import change_member
from members.people.roster import Joining, JoinRefusal, MemberDetails, create_member, make_full_member
from members.selectors import search_members, with_branch_on
from scoring_site.forms.fields import TidyField, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.filters import CategoryFilter, MembersBranchFilter, OnRosterFilter, PartyGroupFilter
from scoring_site.workbench.base.roles import may_export
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.roster.members.export import ExportRoster

PERSONAL_ROLES = frozenset({Role.RECORDER, Role.SECRETARY})
"""Branch roles that read ID numbers and phones in full, beside town staff."""


def mask_id_number(number: str) -> str:
    """An ID number with only its last four characters."""
    return f"{'*' * (len(number) - 4)}{number[-4:]}" if number else "—"


def mask_phone(phone: str) -> str:
    """A phone number without its middle."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else ("—" if not phone else "****")


class MemberForm(WorkbenchForm):
    """Personal details as the roster holds them."""

    name = TidyField(label=gettext_lazy("name"), max_length=60)
    pinyin = TidyField(
        label=gettext_lazy("pinyin"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For sorting and finding; correct it where a surname is read differently."),
    )
    initials = TidyField(label=gettext_lazy("pinyin initials"), max_length=60, required=False)
    sex = forms.ChoiceField(label=gettext_lazy("sex"), choices=[("", "—"), *Member.Sex.choices], required=False)
    ethnicity = TidyField(label=gettext_lazy("ethnic group"), max_length=30, required=False)
    id_number = TidyField(label=gettext_lazy("citizen ID number"), max_length=40, required=False)
    birth_date = forms.DateField(label=gettext_lazy("date of birth"), required=False, widget=forms.DateInput)
    joined_on = forms.DateField(label=gettext_lazy("joined the Party on"), required=False, widget=forms.DateInput)
    phone = TidyField(label=gettext_lazy("phone"), max_length=40, required=False)
    party_group = TidyField(label=gettext_lazy("party group"), max_length=60, required=False)
    branch_post = TidyField(
        label=gettext_lazy("post in the branch"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For information; account rights come from appointments."),
    )
    party_standing = TidyField(label=gettext_lazy("party standing"), max_length=30, required=False)
    floating = TidyField(label=gettext_lazy("floating member"), max_length=10, required=False)
    out_of_contact = TidyField(label=gettext_lazy("out of contact"), max_length=10, required=False)

    def clean_id_number(self) -> str:
        """The number as it is stored, or what is wrong with it."""
        text: str = self.cleaned_data["id_number"]
        if not text:
            return ""
        try:
            return check_id_number(text).number
        except CellError as error:
            raise forms.ValidationError(str(error)) from error


class NewMemberForm(MemberForm):
    """A person who comes onto the roster: also where, since when and how."""

    branch = forms.ModelChoiceField(label=gettext_lazy("branch"), queryset=Branch.objects.none())
    category = forms.ChoiceField(label=gettext_lazy("member category"), choices=Member.Category.choices)
    from_date = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput)
    why = forms.ChoiceField(
        label=gettext_lazy("why"),
        choices=[(why.value, why.label) for why in Membership.Why if why not in Membership.LEAVING],
    )

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["branch"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = branches
        for name in ("pinyin", "initials"):
            del self.fields[name]
        self.order_fields(["name", "branch", "category", "from_date", "why"])


class FullMemberForm(WorkbenchForm):
    """Since when a probationary member is a full one."""

    full_since = forms.DateField(label=gettext_lazy("full member since"), widget=forms.DateInput)


class MemberAdmin(ScopedModelAdmin[Member]):
    """The members within reach, found by character or pinyin initials."""

    list_display = ("name", "branch_today", "category", "party_group", "masked_id_number", "masked_phone")
    list_filter = (MembersBranchFilter, CategoryFilter, PartyGroupFilter, OnRosterFilter)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name or pinyin initials, e.g. zw")
    ordering = ("position", "id")
    subpages = (ExportRoster,)

    def guard_joinings(self, joinings: Sequence[Joining]) -> Sequence[JoinRefusal | None]:
        """What forbids new members to join on their day; whoever knows the halves' reviews says it (D20)."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        today = today_of(request)
        last = Membership.objects.filter(member=OuterRef("pk"), from_date__lte=today).order_by("-from_date")
        members = with_branch_on(super().get_queryset(request), today)
        return members.annotate(branch_name=Subquery(last.values("branch__name")[:1]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        return (search_members(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description=gettext_lazy("branch"), ordering="branch_name")
    def branch_today(self, member: Member) -> str:
        name: str | None = member.branch_name  # type: ignore[attr-defined]
        return name or _("not on the roster")

    @admin.display(description=gettext_lazy("citizen ID number"))
    def masked_id_number(self, member: Member) -> str:
        return mask_id_number(member.id_number)

    @admin.display(description=gettext_lazy("phone"))
    def masked_phone(self, member: Member) -> str:
        return mask_phone(member.phone)

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("new/", self.new_view, "new"),
            self.page("<int:object_id>/edit/", self.edit_view, "edit"),
            self.page("<int:object_id>/full/", self.full_view, "full"),
        ]

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        buttons = []
        if reach_of(actor_of(request), on=today_of(request)).staff_towns:
            buttons.append(Button(_("New member"), self.url("new"), "person_add", main=True))
        if may_export(request):
            query = f"?{request.GET.urlencode()}" if request.GET else ""
            buttons.append(Button(_("Export this list"), self.url("export") + query, "download"))
        return buttons

    def reads_personal_numbers(self, request: HttpRequest, member: Member) -> bool:
        """Whether numbers are shown in full: to town staff, and to the recorder and secretary of the branch."""
        reach = reach_of(actor_of(request), on=today_of(request))
        own = reach.branches_with(PERSONAL_ROLES)
        branch: int | None = member.branch_id_on_day  # type: ignore[attr-defined]
        return member.town_id in reach.staff_towns or branch in own

    def row_facts(self, request: HttpRequest, row: Member) -> Sequence[Fact]:
        in_full = self.reads_personal_numbers(request, row)
        return [
            Fact(_("branch"), self.branch_today(row)),
            Fact(_("party group"), row.party_group or "—"),
            Fact(_("member category"), row.get_category_display()),
            Fact(_("sex"), row.get_sex_display() or "—"),
            Fact(_("ethnic group"), row.ethnicity or "—"),
            Fact(_("date of birth"), row.birth_date or "—"),
            Fact(_("joined the Party on"), row.joined_on or "—"),
            Fact(_("full member since"), row.full_since or "—"),
            Fact(_("post in the branch"), row.branch_post or "—"),
            Fact(_("citizen ID number"), (row.id_number or "—") if in_full else mask_id_number(row.id_number)),
            Fact(_("phone"), (row.phone or "—") if in_full else mask_phone(row.phone)),
        ]

    def row_buttons(self, request: HttpRequest, row: Member) -> Sequence[Button]:
        if not self.may_change(request, row, Action.KEEP_ROSTER):
            return []
        buttons = [Button(_("Edit"), self.url("edit", row.pk), "edit")]
        if row.category == Member.Category.PROBATIONARY:
            buttons.append(Button(_("Made a full member"), self.url("full", row.pk), "verified"))
        return buttons

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Put a person on the roster."""
        user = actor_of(request)
        branches = branches_for(user, on=today_of(request), action=Action.KEEP_ROSTER)
        self.require(bool(reach_of(user, on=today_of(request)).staff_towns))
        form = NewMemberForm(request.POST or None, branches=branches, initial={"from_date": today_of(request)})

        def carry_out() -> Outcome:
            data = dict(form.cleaned_data)
            branch, from_date, why = data.pop("branch"), data.pop("from_date"), data.pop("why")
            member = create_member(
                actor=user,
                now=now_of(request),
                branch=branch,
                details=MemberDetails(**data | {"category": Member.Category(data["category"])}),
                from_date=from_date,
                why=Membership.Why(why),
                guard=self.guard_joinings,
            )
            return Outcome(
                self.url_of(member),
                _("%(name)s is on the roster. Details can be edited here; members are never deleted.")
                % {"name": member.name},
            )

        page = FormPage(
            title=_("New member"),
            back=self.url("changelist"),
            submit=_("Put on the roster"),
            intro=[_("For many people at once use the roster import.")],
        )
        return self.run_form(request, form, page, carry_out)

    def edit_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Change personal details."""
        member = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        fields = tuple(MemberForm.base_fields)
        form = MemberForm(request.POST or None, initial={name: getattr(member, name) for name in fields})

        def carry_out() -> Outcome:
            values = {name: form.cleaned_data[name] for name in fields}
            change_member(actor=actor_of(request), now=now_of(request), member=member, values=values)
            return Outcome(self.url_of(member), _("Saved. The audit log keeps what stood there before."))

        page = FormPage(
            title=_("Edit %(name)s") % {"name": member.name},
            back=self.url_of(member),
            submit=_("Save"),
            intro=[_("Branch, leaving and exemption are changed by their own buttons on the member's page.")],
        )
        return self.run_form(request, form, page, carry_out)

    def full_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Enter that a probationary member became a full one."""
        member = self.row_for(request, str(object_id), Action.KEEP_ROSTER)
        form = FullMemberForm(request.POST or None)

        def carry_out() -> Outcome:
            day = form.cleaned_data["full_since"]
            make_full_member(actor=actor_of(request), now=now_of(request), member=member, full_since=day)
            return Outcome(self.url_of(member), _("%(name)s is a full member now.") % {"name": member.name})

        page = FormPage(
            title=_("%(name)s becomes a full member") % {"name": member.name},
            back=self.url_of(member),
            submit=_("Save"),
            warning=[_("This cannot be taken back here. Check the day with the decision.")],
        )
        return self.run_form(request, form, page, carry_out)
