"""需关心了解: the page of whoever may need a visit, and what a proposal may begin with; it never proposes (D17)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, members_for, reach_of
from members.models import Appointment, Branch, Member
from members.people.naming import tell_apart_at_home
from members.selectors import members_in
from points.rules.rulebook import Rulebook
from points.scoring.wording import name_period
from scoring_site.requests import actor_of, catalogue_for, today_of
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require
from scoring_site.workbench.base.paging import choose_page
from veto.candidates import Candidate, find_candidates
from veto.models import VetoRecord

ROWS = 20
"""So many members stand on a page: with their months in words, on a phone, it is less than ten screens."""
OFFICERS = frozenset({Appointment.Role.RECORDER, Appointment.Role.SECRETARY})


def may_see_candidates(request: HttpRequest) -> bool:
    """Recorders and secretaries for their own branch, the town's staff and supervisors; the menu asks too."""
    reach = reach_of(actor_of(request), on=today_of(request))
    return bool(reach.read_towns or reach.branches_with(OFFICERS))


class CandidatesPage(WorkbenchPage):
    """需关心了解: who stayed away or whose dues are open, month by month (D17)."""

    route = "candidates/"
    name = "candidates"
    template = "workbench/findings/candidates.html"
    title = gettext_lazy("Members to care about")

    def prepare(self) -> None:
        require(may_see_candidates(self.request))

    def get_way_back(self) -> tuple[Text, str]:
        return VetoRecord._meta.verbose_name_plural or "", page_url("veto_vetorecord_changelist")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The members within reach, or those of the chosen branch."""
        return self.render(**read_candidates(request))


def read_candidates(request: HttpRequest) -> dict[str, Any]:
    """The page's context: candidates of the chosen branch, or of all within reach; a constant number of queries."""
    user, today = actor_of(request), today_of(request)
    reach = reach_of(user, on=today)
    own = reach.branches_with(OFFICERS)
    branches = list(Branch.objects.filter(Q(town__in=reach.read_towns) | Q(pk__in=own)).order_by("town", "position"))
    asked = request.GET.get("branch", "")
    chosen = next((row for row in branches if str(row.pk) == asked), None)
    members = Member.objects.filter(
        Q(town__in=reach.read_towns) | Q(pk__in=members_in(own, today).values("pk"))
        if own
        else Q(town__in=reach.read_towns)
    )
    if chosen is not None:
        members = members.filter(pk__in=members_in([chosen.pk], today).values("pk"))
    found = find_candidates(members, on=today)
    listed = choose_page(request, found, size=ROWS)
    tell_apart_at_home((each.member for each in listed.rows), on=today)
    proposes = set(
        members_for(user, on=today, action=Action.PROPOSE_FINDING)
        .filter(pk__in=[each.member.pk for each in listed.rows if each.is_urgent])
        .values_list("pk", flat=True)
    )
    return {
        "candidates": [(each, each.member.pk in proposes) for each in listed.rows],
        "count": len(found),
        "listed": listed,
        "wrong": [
            *([_("The branch asked for is not among yours; all are shown.")] if asked and chosen is None else []),
            *([listed.wrong] if listed.wrong else []),
        ],
        "branch": chosen,
        "branches": branches,
    }


def list_concerns(candidate: Candidate, rulebook: Rulebook) -> list[tuple[str | None, str]]:
    """What six complete months would let the branch look into: (ground, facts in words), in a fixed order.

    The ground is None where the rulebook names none for such months.
    """
    concerns = []
    if candidate.is_absent_long:
        lines = [
            _("%(month)s: expected %(expected)d times, took part %(took_part)d times")
            % {"month": name_period(each.month), "expected": each.expected, "took_part": each.took_part}
            for each in candidate.absence.months
            if each.expected
        ]
        concerns.append((rulebook.ground_after("meeting"), lines))
    if candidate.owes_long:
        concerns.append(
            (
                rulebook.ground_after("dues"),
                [_("%(month)s: no dues recorded") % {"month": name_period(each)} for each in candidate.dues],
            )
        )
    head = _("What the records say (a reminder of the system, no conclusion; to be verified with the member):")
    return [(ground, "\n".join([head, *lines])) for ground, lines in concerns]


def prefill_proposal(request: HttpRequest, member: Member | None) -> dict[str, Any]:
    """What a proposal that comes from this page begins with; the address says only which concern, by number (D21).

    Nothing unless six months are complete today: three are a reminder to visit somebody.
    """
    number = request.GET.get("prefill", "")
    if member is None or not number.isdecimal() or len(number) > 2 or not may_see_candidates(request):
        return {}
    rulebooks = catalogue_for(request).of_town(member.town_id)
    if not rulebooks:
        return {}
    found = find_candidates(Member.objects.filter(pk=member.pk), on=today_of(request))
    latest = rulebooks[max(rulebooks)]  # whose grounds the form offers
    concerns = [concern for candidate in found for concern in list_concerns(candidate, latest)]
    if not 1 <= int(number) <= len(concerns):
        return {}
    ground, facts = concerns[int(number) - 1]
    return {"ground": ground, "particulars": facts}
