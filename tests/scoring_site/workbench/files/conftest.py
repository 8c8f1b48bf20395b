"""What the tests of imports and exports share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def uploads_dir(settings: Any, tmp_path: Path) -> Path:
    """A place of its own for the uploaded files of one test."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"
