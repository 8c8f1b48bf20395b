"""What is left to the long loops, and how much they do: all of it by hand, a part in continuous integration, whose time
is limited.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

IN_CI = os.environ.get("CI") == "true"


def in_ci(part: int, *, by_hand: int) -> int:
    """The count of examples, members or steps for where this runs."""
    return part if IN_CI else by_hand


def sweep(*cases: Any) -> list[Any]:
    """Cases that ask every page once more, for a further role, size, language or look: `make test-long` runs them."""
    several = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*values, marks=pytest.mark.sweep) for values in several]
