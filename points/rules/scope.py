"""When a member is in the scheme, and what may count then: days, and the months they cover (2.1, D15, D16)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from points.rules.periods import first_day, last_day, month_end
from points.rules.vocabulary import BaseItem, IncentiveItem


class Span(NamedTuple):
    """Days from `start` on, up to but without `end`; open when `end` is None."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the span."""
        return self.start <= day and (self.end is None or day < self.end)


ALWAYS = (Span(date.min),)
"""Of somebody who was never out of the scheme."""


def is_in_scope(spans: Iterable[Span], day: date) -> bool:
    """Whether a day lies in any of the spans."""
    return any(span.covers(day) for span in spans)


def months_in_scope(year: int, spans: Iterable[Span]) -> tuple[int, ...]:
    """The months (1–12) of a year on whose last day the member was in the scheme (D16)."""
    spans = tuple(spans)
    return tuple(month for month in range(1, 13) if is_in_scope(spans, month_end(year, month)))


def spans_of_months(year: int, months: Collection[int]) -> tuple[Span, ...]:
    """Days of a year of which only the months in scope are known: each month says its last day alone (D16).

    So that nobody is asked for what a branch held before they came, a run of months begins on the last day of its
    first; only what begins in January is taken from its first day.
    """
    spans: list[Span] = []
    for month in sorted(months):
        begins = date(year, 1, 1) if month == 1 else month_end(year, month)
        before = spans.pop() if month - 1 in months else Span(begins)
        spans.append(Span(before.start, month_end(year, month) + timedelta(days=1)))
    return tuple(spans)


def cut_to_year(spans: Iterable[Span], year: int) -> tuple[Span, ...]:
    """The days of a year in some spans; one that goes on after it stays open."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return tuple(
        Span(max(start, first), end if end is not None and end <= last else None)
        for start, end in spans
        if start <= last and (end is None or end > first)
    )


def may_count(item: BaseItem | IncentiveItem, period: str, day: date, spans: Iterable[Span]) -> bool:
    """Whether a record of an item may count for somebody who was in the scheme on the days of `spans` (D16).

    Dues and pledge by their period: one of its months is in scope. What a meeting earns by the day it was held, or by
    the period's last day where it was held after that; a deed (empty `period`) by its day.
    """
    spans = tuple(spans)
    if isinstance(item, BaseItem) and item.is_owed_by_period:
        return any(is_in_scope(spans, end) for end in _month_ends(period))
    return is_in_scope(spans, judged_day(item, period, day))


def is_owed(item: BaseItem, period: str, held_on: Collection[date], spans: Iterable[Span], *, on: date) -> bool:
    """Whether a period asked something of somebody who was in the scheme on the days of `spans` (D16).

    Dues and pledge as `may_count` says. A meeting only if the branch held it on a day in scope: `held_on` are the days
    it did; while the period runs another may be held, and where none was, any day of the period will do.
    """
    spans = tuple(spans)
    first, last = first_day(period), last_day(period)
    if item.is_owed_by_period:
        return may_count(item, period, last, spans)
    if any(is_in_scope(spans, min(day, last)) for day in held_on):
        return True
    first = max(first, on) if held_on else first
    return first <= last and any(span.start <= last and (span.end is None or first < span.end) for span in spans)


def judged_day(item: BaseItem | IncentiveItem, period: str, day: date) -> date:
    """The day of which to say why something may not count: of dues and pledge the period's last, else as judged."""
    if not period:
        return day
    end = last_day(period)
    return end if isinstance(item, BaseItem) and item.is_owed_by_period else min(day, end)


def _month_ends(period: str) -> Iterator[date]:
    first, last = first_day(period), last_day(period)
    return (month_end(first.year, month) for month in range(first.month, last.month + 1))


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
