"""What the tests of the record form share."""

from __future__ import annotations

import pytest

from members.models import Town
from tests.points.papers.messy_town import build_messy_town


@pytest.fixture
def town(db: None) -> Town:
    return build_messy_town()
