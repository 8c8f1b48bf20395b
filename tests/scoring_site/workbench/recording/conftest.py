"""A branch as large as they come, for what a recorder does by hand."""

from __future__ import annotations

import pytest

from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_member


@pytest.fixture
def sixty(transactional_db: None, clock: FrozenClock) -> Cast:
    """Branch A with sixty members in three party groups."""
    clock.now = NOW
    cast = build_cast()
    for number in range(57):
        make_member(cast.branch_a, f"党员{number:02}", party_group=f"第{'一二三'[number % 3]}党小组")
    return cast
