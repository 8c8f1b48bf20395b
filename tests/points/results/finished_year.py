"""The year 2025 of branch A, earned and finished, ready for ratings."""

from __future__ import annotations

from datetime import date

from members.models import Member
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.rules.rulebook import load_shipped_rulebook
from tests.cast import Cast
from tests.points.half_stages import HOUR, JULY, bring_to


def earn(cast: Cast, member: Member, *, incentive: int) -> None:
    """Every base point of 2025, and this many tenths of incentive points."""
    rulebook = load_shipped_rulebook()
    periods = {
        "month": [f"2025-{month:02d}" for month in range(1, 13)],
        "quarter": [f"2025Q{quarter}" for quarter in range(1, 5)],
        "half": ["2025H1", "2025H2"],
        "year": ["2025"],
    }
    entries = [
        EventEntry(member.pk, item.code, date(2025, 3, 1), period)
        for item in rulebook.base
        for period in periods[item.per]
    ]
    for item, points in zip(rulebook.incentive, [40] * (incentive // 40) + [incentive % 40], strict=False):
        if points:
            entries.append(EventEntry(member.pk, item.code, date(2025, 4, 1), points=points))
    record_events(actor=cast.recorder_a, now=JULY, town=cast.town, entries=entries)


def finish(cast: Cast) -> None:
    bring_to(cast, "final", start=JULY + HOUR)
    bring_to(cast, "final", half="H2")
