"""What the tests of the portal share."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import Cast
from tests.factories import make_batch, make_event


@pytest.fixture
def recorded(cast: Cast) -> Cast:
    """张伟 has earned 9.5 of 2026 and 3.0 of 2025; her neighbours have records too."""
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    member = cast.member_a
    make_event(batch, member, "dues", "2026-01", date=date(2026, 1, 10))
    make_event(batch, member, "dues", "2026-02", date=date(2026, 2, 10))
    make_event(batch, member, "volunteering", "", points=25, led=True, date=date(2026, 3, 5), note="清理河道")
    make_event(batch, member, "essay", "", points=25, date=date(2026, 2, 1))
    make_event(batch, member, "lecture", "2025Q1", date=date(2025, 3, 1), year=2025)
    make_event(batch, cast.members_a[1], "heritage", "", points=40, date=date(2026, 3, 1), note="别人的事")
    return cast
