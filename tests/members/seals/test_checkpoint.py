"""Checkpoints: what was cut off or made anew at the end of the chain, and what became of the access log."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from members.models import AccessEntry, AuditEntry, RecordBatch, Seal
from members.seals.access_log import check_access_log
from members.seals.checkpoint import (
    CheckpointUnreadable,
    compare_with_checkpoint,
    make_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from members.seals.printed import NoSuchCode, parse_printed, print_link_since
from members.seals.verification import Chain
from points.models import PointEvent
from points.records.recording import record_events
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry
from tests.flush import drop_triggers
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain, deviations, last_link

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def cast(clock: FrozenClock) -> Cast:
    """The cast with a record, and everything sealed."""
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    return cast


def test_a_checkpoint_says_where_the_chain_stands(cast: Cast, tmp_path: Path) -> None:
    checkpoint = make_checkpoint(now=NOW)
    link = last_link()
    assert (checkpoint.sequence, checkpoint.hash, checkpoint.made_at) == (link.sequence, link.hash, NOW.isoformat())
    assert (checkpoint.rows["points.pointevent"], checkpoint.rows["members.member"]) == (1, 8)
    file = tmp_path / "checkpoint.json"
    write_checkpoint(checkpoint, file)
    assert read_checkpoint(file) == checkpoint
    with pytest.raises(FileExistsError):
        write_checkpoint(checkpoint, file)


@pytest.mark.parametrize("key", ["hash", "sequence", "rows", "signature"])
def test_a_checkpoint_that_was_changed_is_refused(key: str, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    write_checkpoint(make_checkpoint(now=NOW), file)
    found = json.loads(file.read_text())
    found[key] = {"hash": "0" * 64, "sequence": 1, "rows": {}, "signature": "0" * 64}[key]
    file.write_text(json.dumps(found))
    with pytest.raises(CheckpointUnreadable, match="被改动过"):
        read_checkpoint(file)
    file.write_text("[]")
    with pytest.raises(CheckpointUnreadable, match="无法读取"):
        read_checkpoint(file)


def cut_off_the_last_record() -> None:
    """As if the last transaction had never been: its rows and its link go together."""
    with transaction.atomic(), unseen():
        for model in (PointEvent, AuditEntry, RecordBatch):
            rows = model._base_manager.filter(pk__in=[model._base_manager.order_by("-pk")[0].pk])
            rows._raw_delete(rows.db)
        links = Seal._base_manager.filter(pk=last_link().pk)
        links._raw_delete(links.db)


def test_only_a_checkpoint_knows_what_was_cut_off_with_its_link(cast: Cast) -> None:
    checkpoint = make_checkpoint(now=NOW)
    assert list(compare_with_checkpoint(checkpoint)) == []
    cut_off_the_last_record()
    assert deviations() == []
    assert [astuple(found) for found in compare_with_checkpoint(checkpoint)] == [
        ("封条", str(checkpoint.sequence), "检查点中有这一环，现在没有了。")
    ]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.members_a[1])])
    assert deviations() == []
    assert [astuple(found) for found in compare_with_checkpoint(checkpoint)] == [
        ("封条", str(checkpoint.sequence), "与检查点中的不一致。")
    ]


def test_a_printed_code_is_a_checkpoint(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW + timedelta(hours=1)
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.members_a[1])])
    link = last_link()
    code = print_link_since(clock.now)
    assert print_link_since(clock.now + timedelta(hours=1)) == ""
    digits = link.hash[:16]
    assert code == f"{link.sequence}-{digits[:4]}-{digits[4:8]}-{digits[8:12]}-{digits[12:]}"
    assert parse_printed(f" {code.upper()} ") == (link.sequence, digits)
    for wrong in ("", "12", f"{code}-0000", code.replace("-", "")):
        with pytest.raises(NoSuchCode):
            parse_printed(wrong)


def log_in(cast: Cast, count: int, minute: int = 0) -> None:
    at = NOW + timedelta(minutes=minute)
    AccessEntry.objects.bulk_create(
        AccessEntry(at=at, kind="login", user=cast.staff, town=cast.town, path="/login/") for _number in range(count)
    )


def check_log() -> list[tuple[str, str]]:
    chain = Chain()
    assert list(chain.read_on(now=NOW + timedelta(days=1))) == []
    return [(found.kind, found.identity) for found in check_access_log(chain.access)]


@pytest.mark.parametrize("way", ["changed", "removed", "added"])
def test_the_access_log_is_sealed_by_the_checkpoint(way: str, cast: Cast) -> None:
    log_in(cast, 501)
    make_checkpoint(now=NOW + timedelta(hours=1))
    log_in(cast, 3, minute=90)
    make_checkpoint(now=NOW + timedelta(hours=2))
    log_in(cast, 1, minute=119)
    make_checkpoint(now=NOW + timedelta(hours=2))
    assert check_log() == []
    ids = list(AccessEntry.objects.order_by("pk").values_list("pk", flat=True))
    connection.check_constraints()
    drop_triggers(connection)
    victim = AccessEntry.objects.filter(pk=ids[500])
    if way == "changed":
        victim.update(path="/logout/")
    elif way == "removed":
        victim._raw_delete(victim.db)
    else:
        victim._raw_delete(victim.db)
        AccessEntry.objects.create(pk=ids[500], at=NOW, kind="logout", user=cast.staff, town=cast.town)
    assert check_log() == [("members.accessentry", f"{ids[500]}-{ids[500]}")]
    # The last one is younger than what a checkpoint seals: nobody can say anything of it yet.
    AccessEntry.objects.filter(pk=ids[-1]).update(path="/elsewhere/")
    assert len(check_log()) == 1
