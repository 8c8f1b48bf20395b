"""A town with records and a picture, and a backup of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.file_store import keep_bytes
from members.backup.making import make_backup
from points.records.recording import record_events
from tests.cast import Cast, build_cast
from tests.factories import NOW, base_entry, incentive_entry
from tests.members.backup.town import PHOTO


@pytest.fixture
def town(evidence_dir: Path) -> Cast:
    """The cast with a batch of records and one evidence file, committed."""
    cast = build_cast()
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[base_entry(cast.member_a), incentive_entry(cast.members_a[1])],
    )
    keep_bytes(PHOTO)
    return cast


@pytest.fixture
def backup(town: Cast, tmp_path: Path) -> Path:
    directory = tmp_path / "backups" / "monday"
    make_backup(now=NOW, directory=directory)
    return directory
