"""What the tests of portal and workbench share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from members.models import Town
from publicity.models import Notice
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.demonstration import demonstration_town
from tests.publicity.stages import dues, posted, record
from tests.scoring_site.demonstration.shown import MOMENT
from tests.scoring_site.objecting import LATER


@pytest.fixture
def notice(cast: Cast, clock: FrozenClock) -> Notice:
    """The first half's notice went up on Monday 7 July; 张伟 has the dues of March; now it is Tuesday."""
    record(cast, dues(cast.member_a))
    found = posted(cast)
    clock.now = LATER
    return found


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The demonstration town as of `MOMENT`, in a database of its own until the file is done."""
    with django_db_blocker.unblock(), demonstration_town(MOMENT) as town:
        yield town
