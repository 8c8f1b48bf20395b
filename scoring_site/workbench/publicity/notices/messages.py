"""Texts to paste into the branch's chat group while a notice is up: nothing is sent, and none says a score (D21)."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.people.naming import list_names
from points.models import Review
from points.reviews.confirmations import unconfirmed_lines
from points.scoring.wording import name_half
from publicity.models import Notice
from publicity.notices.days_up import LineDays, last_day_of
from publicity.notices.publication import notice_link


def write_messages(request: HttpRequest, notice: Notice, days: Sequence[LineDays]) -> list[tuple[str, str, str]]:
    """An id, a title and a text each; none while the notice is not up."""
    if notice.posted_on is None or notice.review.state != Review.State.PUBLISHED:
        return []
    found = [("notice-text", _("For the chat group: the notice"), _say_notice(request, notice, days))]
    if text := _say_unconfirmed(request, notice):
        found.append(("confirm-text", _("For the chat group: who has not confirmed"), text))
    return found


def _say_notice(request: HttpRequest, notice: Notice, days: Sequence[LineDays]) -> str:
    address = request.build_absolute_uri(notice_link(notice))
    last = last_day_of(days)
    lines = [
        _("Members' points of %(branch)s, %(half)s, are on notice") % _name(notice),
        _("From %(first)s to %(last)s") % {"first": notice.posted_on, "last": last} if last else "",
        _("Read it here: %(address)s") % {"address": address},
        _("Whoever objects says so while it is up. %(contact)s") % {"contact": notice.contact},
    ]
    return "\n".join(filter(None, lines))


def _say_unconfirmed(request: HttpRequest, notice: Notice) -> str:
    """Names alone; empty where everybody confirmed."""
    members = [line.member for line in unconfirmed_lines(notice.review)]
    if not members:
        return ""
    names = list_names(members, on=notice.posted_on)
    lines = [
        _("Points of %(branch)s, %(half)s: please look at your result and confirm it") % _name(notice),
        _("Not confirmed yet (%(count)d): %(names)s") % {"count": len(members), "names": names},
        _("Log in and press “Confirm”, or sign at the branch: %(address)s")
        % {"address": request.build_absolute_uri("/")},
        _("Whoever sees it otherwise raises an objection instead of confirming."),
    ]
    return "\n".join(lines)


def _name(notice: Notice) -> dict[str, str]:
    return {"branch": notice.review.branch_name, "half": name_half(notice.review)}
