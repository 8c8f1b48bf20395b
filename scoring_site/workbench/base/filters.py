"""Filters of the workbench's lists: they offer, and accept, only what lies within the user's reach."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Choices, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.ledger import live
from members.access import branches_for, members_for, towns_for
from members.models import Appointment, Member
from members.selectors import members_in
from scoring_site.requests import actor_of, today_of


class ChoiceFilter(SimpleListFilter):
    """One choice among the offered ones; anything else in the address finds nothing."""

    offered: type[Choices]
    """All that a column can be, unless `lookups` says otherwise."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.offered.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if self.find_unknown() is not None:
            return queryset.none()
        return self.narrow(request, queryset, value)

    def find_unknown(self) -> str | None:
        """What the address asks for that is not offered."""
        value = self.value()
        is_offered = not value or value in {str(choice) for choice, _label in self.lookup_choices}
        return None if is_offered else str(value)

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows that fit an offered value."""
        return queryset.filter(**{self.parameter_name or "": value})

    def options(self) -> list[tuple[str, str, bool]]:
        """(value, label, chosen) for a select."""
        return [(str(value), str(label), str(value) == self.value()) for value, label in self.lookup_choices]


class BranchFilter(ChoiceFilter):
    """The branch a member belongs to today; `member_path` leads from the list's model to the member."""

    title = _("branch")
    parameter_name = "branch"
    member_path = "member"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        branches = branches_for(actor_of(request), on=today_of(request))
        return [(str(pk), name) for pk, name in branches.values_list("pk", "name")]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        members = members_in([int(value)], today_of(request)).values("pk")
        return queryset.filter(**{f"{self.member_path}__in": members})


class MembersBranchFilter(BranchFilter):
    """The same for the list of members itself."""

    member_path = "pk"


class OwnBranchFilter(BranchFilter):
    """For rows that carry their branch."""

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(branch=value)


class TownFilter(ChoiceFilter):
    """The town, where one works for several."""

    title = _("town")
    parameter_name = "town"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        towns = towns_for(actor_of(request), on=today_of(request))
        return [(str(pk), name) for pk, name in towns.values_list("pk", "name")]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1


class CategoryFilter(ChoiceFilter):
    """Full or probationary."""

    title = _("member category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Member.Category.choices)


class PartyGroupFilter(ChoiceFilter):
    """The party group inside the branch."""

    title = _("party group")
    parameter_name = "party_group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        members = members_for(actor_of(request), on=today_of(request)).exclude(party_group="").order_by("party_group")
        return [(group, group) for group in members.values_list("party_group", flat=True).distinct()]


class OnRosterFilter(ChoiceFilter):
    """On the roster of some branch today, or left."""

    title = _("on the roster")
    parameter_name = "roster"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("on the roster")), ("no", _("left"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(branch_id_on_day__isnull=value == "no")


class RoleFilter(ChoiceFilter):
    """The role of an appointment."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Appointment.Role.choices)


class LiveFilter(ChoiceFilter):
    """Counting, or voided."""

    title = _("validity")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("counting")), ("no", _("voided"))]

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(live() if value == "yes" else ~live())
