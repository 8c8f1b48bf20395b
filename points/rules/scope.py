"""When a member is in the scheme: spans of days and the months they cover (2.1, D15, D16)."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from points.rules.periods import month_end


class Span(NamedTuple):
    """Days from `start` on, up to but without `end`; open when `end` is None."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the span."""
        return self.start <= day and (self.end is None or day < self.end)


def is_in_scope(spans: Iterable[Span], day: date) -> bool:
    """Whether a day lies in any of the spans."""
    return any(span.covers(day) for span in spans)


def months_in_scope(year: int, spans: Iterable[Span]) -> tuple[int, ...]:
    """The months (1–12) of a year on whose last day the member was in the scheme (D16)."""
    spans = tuple(spans)
    return tuple(month for month in range(1, 13) if is_in_scope(spans, month_end(year, month)))


def subtract_spans(spans: Iterable[Span], minus: Iterable[Span]) -> tuple[Span, ...]:
    """The days of `spans` that lie in none of `minus` (exemptions, suspensions), as spans in order."""
    left = [span for span in spans if _has_days(span)]
    for hole in minus:
        if _has_days(hole):
            left = [part for span in left for part in _cut(span, hole)]
    return tuple(sorted(left, key=lambda span: span.start))


def _cut(span: Span, hole: Span) -> Iterable[Span]:
    before = Span(span.start, hole.start if span.end is None else min(span.end, hole.start))
    parts = [before]
    if hole.end is not None:
        parts.append(Span(max(span.start, hole.end), span.end))
    return filter(_has_days, parts)


def _has_days(span: Span) -> bool:
    return span.end is None or span.start < span.end
