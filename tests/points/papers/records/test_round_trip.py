"""What `export_records` writes, `import_records` recognises: movers, leavers, odd names, vetoes of another year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from points.models import PointEvent
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.points.papers.messy_town import NAME, build_messy_town
from tests.points.papers.workbooks import read_sheet
from veto.models import Deduction, VetoRecord

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_every_record_of_an_irregular_town_is_there_already(clock: FrozenClock, tmp_path: Path, capsys: Any) -> None:
    clock.now = NOW
    build_messy_town()
    counts = [model.objects.count() for model in (PointEvent, Deduction, VetoRecord)]
    exported = tmp_path / "records.xlsx"
    call_command("export_records", "2025", "--town", NAME, "--output", str(exported))
    rows = read_sheet(exported, "积分记录")
    # Three deductions and two vetoes stand; apart are a voided event, a proposed deduction and veto, a revoked veto.
    assert len(rows) == PointEvent.objects.live().count() + 3 + 2
    assert len(read_sheet(exported, "作废与待定")) == 4
    capsys.readouterr()
    call_command("import_records", str(exported), "--town", NAME)
    assert [model.objects.count() for model in (PointEvent, Deduction, VetoRecord)] == counts
    assert str(len(rows)) in capsys.readouterr().out
