"""How a branch has put its activities into words before, to be chosen again instead of typed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db.models import Count, Max

from members.access import rows_for
from members.models import Branch, User
from points.models import PointEvent

MOST_PHRASES = 60


class Phrase(NamedTuple):
    """What an activity was called, and the code of the item it was recorded under."""

    item: str
    words: str


def read_phrases(user: User, branch: Branch, *, on: date) -> list[Phrase]:
    """The words of a branch's activities of this year and the last, latest first, as far as the user reads them.

    What a single member did is no phrase: its words may tell of somebody. One query.
    """
    events = PointEvent.objects.live().filter(batch__branch=branch, points__isnull=False, year__gte=on.year - 1)
    used = (
        rows_for(user, events.exclude(note=""), on=on)
        .order_by()
        .values("item", "note")
        .annotate(members=Count("member", distinct=True), last=Max("date"))
        .filter(members__gt=1)
        .order_by("-last", "note")
    )
    return [Phrase(row["item"], row["note"]) for row in used[:MOST_PHRASES]]
