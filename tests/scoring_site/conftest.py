"""What the tests of portal and workbench share."""

from __future__ import annotations

import pytest

from publicity.models import Notice
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.publicity.stages import dues, posted, record
from tests.scoring_site.objecting import LATER


@pytest.fixture
def notice(cast: Cast, clock: FrozenClock) -> Notice:
    """The first half's notice went up on Monday 7 July; 张伟 has the dues of March; now it is Tuesday."""
    record(cast, dues(cast.member_a))
    found = posted(cast)
    clock.now = LATER
    return found
