"""The diary of the demonstration: what is entered at which moment, played in order of time up to now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from heapq import heappop, heappush
from itertools import count

from django.utils import timezone

Entry = Callable[[datetime], object]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in the site's time zone."""
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


class Diary:
    """Entries by their moment; each is called with that moment as its `now` and may put later ones into the diary."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Entry]] = []
        self._numbers = count()

    def add(self, moment: datetime, entry: Entry) -> None:
        """Put an entry at a moment; entries of one moment keep the order they were added in."""
        heappush(self._entries, (moment, next(self._numbers), entry))

    def play(self, *, until: datetime) -> None:
        """Make every entry up to a moment, in order of time."""
        while self._entries and self._entries[0][0] <= until:
            moment, _number, entry = heappop(self._entries)
            entry(moment)
