"""The demonstration town as of one moment, for every module here a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from members.models import Town
from tests.demonstration import demonstration_town
from tests.scoring_site.demonstration.shown import MOMENT


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town, in a database of its own until the file is done."""
    with django_db_blocker.unblock(), demonstration_town(MOMENT) as town:
        yield town
