"""Members: the list everybody starts from, and town staff's form for personal details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, Role, branches_for, reach_of
from members.models import Member, Membership
from members.people.changes import change_member
from members.people.fields import MEMBER_FIELDS
from members.people.roster import Joining, JoinRefusal, create_member, make_full_member
from members.selectors import search_members, with_branch_on
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.filters import CategoryFilter, MembersBranchFilter, OnRosterFilter, PartyGroupFilter
from scoring_site.workbench.base.roles import may_export
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from scoring_site.workbench.roster.members.export import ExportRoster
from scoring_site.workbench.roster.members.forms import FullMemberForm, MemberForm, NewMemberForm

PERSONAL_ROLES = frozenset({Role.RECORDER, Role.SECRETARY})
"""Branch roles that read ID numbers and phones in full, beside town staff."""


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
        return MEMBER_FIELDS["id_number"].say_of(member, in_full=False)

    @admin.display(description=gettext_lazy("phone"))
    def masked_phone(self, member: Member) -> str:
        return MEMBER_FIELDS["phone"].say_of(member, in_full=False)

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
        shown = [field for field in MEMBER_FIELDS.values() if field.on_member_page]
        return [
            Fact(_("branch"), self.branch_today(row)),
            *(Fact(field.label, field.say_of(row, in_full=in_full)) for field in shown),
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
                values=data,
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
