"""Looking for anything from anywhere (Ctrl+K): people, meetings, notices, branches, pages of the own menu and help.

Everything comes through `members.access`, and of each kind so many that they stand on one screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.ledger import live
from members.access import branches_for, members_for, rows_for
from members.models import Member, User
from members.people.naming import tell_apart_at_home
from members.selectors import branch_subquery, search_members
from points.models import Meeting
from points.scoring.wording import name_half
from publicity.models import Notice
from scoring_site.menu import list_sections
from scoring_site.workbench.base.pages import WorkbenchPage, page_url, row_url
from scoring_site.workbench.base.roles import desk_of
from scoring_site.workbench.help import HOW_TO

MOST = 10
"""So many of a kind are shown; whoever sees as many writes more of the name."""
LONGEST = 40
SHORTEST = 2
"""A single letter finds half a town; a single character is looked for among the names alone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: its words, what else tells it from others, and its page."""

    words: str
    more: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `is_cut` where there is more of it."""

    title: str
    hits: list[Hit]
    is_cut: bool


def find_anything(request: HttpRequest, user: User, text: str, *, on: date) -> list[Group]:
    """What the user may see and `text` names, by kind; those without a hit are left out. At most five queries."""
    pages = _list_pages(request)
    found = [(_("Members"), _find_members(user, text, on=on)), (_("Pages"), _find_pages(pages, text))]
    if len(text) >= SHORTEST:
        found += [
            (_("Branches"), _find_branches(user, text, on=on)),
            (_("Meetings"), _find_meetings(user, text, on=on)),
            (_("Notices"), _find_notices(user, text, on=on)),
            (_("Help"), _find_help(pages, text)),
        ]
    return [Group(title, hits[:MOST], len(hits) > MOST) for title, hits in found if hits]


def _find_members(user: User, text: str, *, on: date) -> list[Hit]:
    named = search_members(members_for(user, on=on), text).annotate(branch_name=branch_subquery(on, "branch__name"))
    members: list[Member] = tell_apart_at_home(named.order_by("position", "pk")[: MOST + 1], on=on)
    return [
        Hit(member.listed_name, member.branch_name or _("not on the roster"), row_url(member))  # type: ignore[attr-defined]
        for member in members
    ]


def _find_branches(user: User, text: str, *, on: date) -> list[Hit]:
    rows = branches_for(user, on=on).filter(name__contains=text).order_by("town_id", "position", "pk")
    return [Hit(branch.name, "", row_url(branch)) for branch in rows[: MOST + 1]]


def _find_meetings(user: User, text: str, *, on: date) -> list[Hit]:
    rows = rows_for(user, Meeting.objects.filter(live("batch")), on=on).select_related("branch")
    rows = rows.filter(Q(topic__contains=text) | Q(place__contains=text)).order_by("-held_on", "-pk")
    return [
        Hit(meeting.topic or meeting.place, f"{meeting.held_on} {meeting.branch.name}", row_url(meeting))
        for meeting in rows[: MOST + 1]
    ]


def _find_notices(user: User, text: str, *, on: date) -> list[Hit]:
    rows = rows_for(user, Notice.objects.filter(review__branch__name__contains=text), on=on)
    rows = rows.select_related("review__branch").order_by("-review__year", "-review__half", "review__branch__position")
    return [
        Hit(f"{notice.review.branch.name} {name_half(notice.review)}", "", row_url(notice))
        for notice in rows[: MOST + 1]
    ]


def _find_pages(pages: list[Hit], text: str) -> list[Hit]:
    return [hit for hit in pages if text.lower() in hit.words.lower()]


def _find_help(pages: list[Hit], text: str) -> list[Hit]:
    """How a job is done, of those whose page is in the user's own menu."""
    own = {hit.url for hit in pages}
    asked = [(entry, page_url(entry.page)) for entry in HOW_TO if entry.matches(text)]
    return [Hit(str(entry.question), str(entry.answer), url) for entry, url in asked if url in own]


def _list_pages(request: HttpRequest) -> list[Hit]:
    """The pages of the user's own menu."""
    hits = {}
    for section in list_sections(request, desk_of(request)):
        for item in section["items"]:
            for tab in item["tabs"]:
                hits[str(tab["link"])] = Hit(str(tab["title"]), str(item["title"]), str(tab["link"]))
    return list(hits.values())


class SearchPage(WorkbenchPage):
    """The page of what was found."""

    route = "search/"
    name = "search"
    menu = "index"
    title = gettext_lazy("Search")
    template = "workbench/base/search.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """What the address asks for; without a word, only the field."""
        text = request.GET.get("q", "").strip()[:LONGEST]
        groups = find_anything(request, self.actor, text, on=self.today) if text else []
        return self.render(query=text, groups=groups, longest=LONGEST)
