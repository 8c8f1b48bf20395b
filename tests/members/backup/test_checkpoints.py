"""A restore is held against the checkpoints: what came after the backup, and whether it is the same chain at all."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from members.seals.checkpoint import make_checkpoint, write_checkpoint
from points.records.recording import record_events
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry
from tests.flush import without_ledger_triggers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    """Where the checkpoints are."""
    place = tmp_path / "checkpoints"
    place.mkdir()
    settings.CHECKPOINT_DIR = str(place)
    return place


def restore(backup: Path, clock: FrozenClock) -> str:
    clock.now += timedelta(days=2)
    out = StringIO()
    call_command("restore", str(backup), "--overwrite", stdout=out)
    return out.getvalue()


def test_what_came_after_the_backup_is_said(town: Cast, backup: Path, place: Path, clock: FrozenClock) -> None:
    write_checkpoint(make_checkpoint(now=NOW), place / "monday.json")
    for month in (5, 6, 7):
        entry = base_entry(town.member_b, period=f"2025-{month:02}")
        record_events(actor=town.recorder_b, now=NOW, town=town.town, entries=[entry])
    later = make_checkpoint(now=NOW + timedelta(days=1))
    write_checkpoint(later, place / "tuesday.json")
    said = restore(backup, clock)
    assert f"{later.made_at}的检查点到第{later.sequence}环" in said
    assert said.count("备份里没有") == 1


def test_another_chain_is_refused(town: Cast, backup: Path, place: Path, clock: FrozenClock) -> None:
    with without_ledger_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE members_seal SET hash = %s", ["0" * 64])
    write_checkpoint(make_checkpoint(now=NOW), place / "monday.json")
    with pytest.raises(CommandError, match="不是检查点"):
        restore(backup, clock)
