"""What the tests of the half-year review share."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.clock import FrozenClock
from tests.points.half_stages import JULY


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    """The cast on 5 July 2025, the first half just over."""
    clock.now = JULY
    return cast
