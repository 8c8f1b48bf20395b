"""The diary of the demonstration: what is entered at which moment, played in order of time up to now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

from django.utils import timezone

Entry = Callable[[datetime], object]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in the site's time zone."""
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


class Diary:
    """Entries by their moment; each is called with that moment as its `now`."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, Entry]] = []

    def add(self, moment: datetime, entry: Entry) -> None:
        """Put an entry at a moment; entries of one moment keep the order they were added in."""
        self._entries.append((moment, entry))

    def play(self, *, until: datetime) -> None:
        """Make every entry up to a moment, in order of time."""
        for moment, entry in sorted(self._entries, key=lambda row: row[0]):
            if moment <= until:
                entry(moment)
