"""What the tests of imports and exports share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def uploads_dir(uploads_dir: Path) -> Path:
    """Every test here uploads."""
    return uploads_dir
