"""Topics, places and hosts of a branch's meetings, to be chosen again instead of typed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from foundation.ledger import live
from members.access import rows_for
from members.models import Branch, User
from points.models import Meeting

MOST_MEETINGS = 200
MOST_PHRASES = 20


class MeetingPhrases(NamedTuple):
    """What was written before, each once, latest first."""

    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def read_meeting_phrases(user: User, branch: Branch, *, on: date) -> MeetingPhrases:
    """The words of a branch's meetings of this year and the last, as far as the user reads them; voided ones left out.

    One query.
    """
    held = Meeting.objects.filter(live("batch"), branch=branch, held_on__gte=date(on.year - 1, 1, 1))
    latest = rows_for(user, held, on=on).order_by("-held_on", "-pk")
    rows = list(latest.values_list("topic", "place", "host")[:MOST_MEETINGS])
    columns = ([row[number] for row in rows if row[number]] for number in range(3))
    return MeetingPhrases(*(tuple(dict.fromkeys(column))[:MOST_PHRASES] for column in columns))
