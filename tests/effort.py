"""How much a long loop does: all of it by hand, a part in continuous integration, whose time is limited."""

from __future__ import annotations

import os

IN_CI = os.environ.get("CI") == "true"


def in_ci(part: int, *, by_hand: int) -> int:
    """The count of examples, members or steps for where this runs."""
    return part if IN_CI else by_hand
