"""Refusing, at every door that records, what may not count for the member then (D16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from members.models import Member
from members.people.naming import tell_apart
from points.errors import OutOfScope
from points.records.entries import EventEntry
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook
from points.scoring.scope import ScopeOfMembers

MOST_NAMED = 10


def refuse_out_of_scope(entries: Iterable[EventEntry], rulebooks: Mapping[int, Rulebook]) -> None:
    """Refuse checked entries of days or periods in which their members were not in the scheme; two queries.

    Raises:
        OutOfScope: names them and says why.
    """
    outside = _find_outside(entries, rulebooks)
    if outside:
        _refuse({entry.member_id: why for entry, why in reversed(outside)})


def keep_in_scope(entries: Iterable[EventEntry], rulebooks: Mapping[int, Rulebook]) -> list[EventEntry]:
    """The checked entries that may count; two queries."""
    entries = list(entries)
    outside = {entry for entry, _why in _find_outside(entries, rulebooks)}
    return [entry for entry in entries if entry not in outside]


def keep_attended(entries: Iterable[EventEntry], rulebooks: Mapping[int, Rulebook]) -> list[EventEntry]:
    """Of what a meeting would earn the part that may count: a kind of last year's period not for who came since.

    Raises:
        OutOfScope: names those for whom nothing of it may count, and says why.
    """
    entries = list(entries)
    outside = dict(_find_outside(entries, rulebooks))
    kept = [entry for entry in entries if entry not in outside]
    earning = {entry.member_id for entry in kept}
    nothing = {entry.member_id: why for entry, why in outside.items() if entry.member_id not in earning}
    if nothing:
        _refuse(nothing)
    return kept


def _find_outside(entries: Iterable[EventEntry], rulebooks: Mapping[int, Rulebook]) -> list[tuple[EventEntry, str]]:
    """Each entry that may not count, with why, in order."""
    entries = list(entries)
    scope = ScopeOfMembers({entry.member_id for entry in entries})
    found = []
    for entry in entries:
        item = rulebooks[entry.year].item(entry.item)
        assert isinstance(item, BaseItem | IncentiveItem)
        why = scope.say_outside(entry.member_id, item, period=entry.period, day=entry.date)
        if why:
            found.append((entry, why))
    return found


def _refuse(reasons: Mapping[int, str]) -> None:
    """Raise OutOfScope for these members."""
    named = tell_apart(Member.objects.filter(pk__in=reasons).order_by("position", "pk"))
    people = "；".join(
        _("%(name)s: %(why)s") % {"name": member.listed_name, "why": reasons[member.pk].rstrip("。.")}
        for member in named[:MOST_NAMED]
    )
    more = len(named) - MOST_NAMED
    raise OutOfScope(
        _("%(people)s%(more)s. Nothing counts then, and nothing was saved: leave these out.")
        % {"people": people, "more": _(" and %(count)d more") % {"count": more} if more > 0 else ""}
    )
