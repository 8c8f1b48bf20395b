"""What the checks of a verification share (`points.integrity.ledger`, `points.integrity.chain`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from foundation.differences import Difference, Progress
from members.models import Town
from points.models import AssessmentYear
from points.rules import rulebook as rules

CHUNK = 5000


@dataclass
class Scope:
    """What one run verifies: a town or everything; what several checks need is read once."""

    town: Town | None = None
    progress: Progress | None = None
    unreadable: set[tuple[int, int]] = field(default_factory=set)

    def of_town(self, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
        """The rows whose `path` is the town; all of them when everything is verified."""
        return rows if self.town is None else rows.filter(**{path: self.town})

    def stream(self, name: str, rows: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
        """The columns of each row in the order written, in bounded memory, reporting progress."""
        found: Iterator[tuple[Any, ...]] = rows.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK)
        for number, row in enumerate(found, 1):
            yield row
            if self.progress and number % CHUNK == 0:
                self.progress(name, number)

    @cached_property
    def rulebooks(self) -> dict[int, dict[int, rules.Rulebook]]:
        """The readable rulebooks by town and year; (town, year) of the others go to `unreadable`."""
        found: dict[int, dict[int, rules.Rulebook]] = {}
        rows = self.of_town(AssessmentYear.objects.all(), "town").values_list("town_id", "year", "rulebook__text")
        for town_id, year, text in rows:
            try:
                found.setdefault(town_id, {})[year] = rules.parse_rulebook(text)
            except rules.RulebookError:
                self.unreadable.add((town_id, year))
        return found


Check = Callable[[Scope], Iterator[Difference]]
