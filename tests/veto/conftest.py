"""A finding to hear about."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.veto.proposals import propose
from veto.models import Deduction


@pytest.fixture
def finding(cast: Cast) -> Deduction:
    return propose(cast)
