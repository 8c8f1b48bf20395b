"""A backup holds everything committed before it and comes back as it was; anything else is refused untouched."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from foundation.database_copy import FILE_NAMES, CopyFailed, file_name
from foundation.ledger import missing_triggers
from members.backup.errors import BackupRefused, RestoreRefused
from members.backup.making import make_backup
from members.backup.restoring import read_backup, restore_backup
from members.models import AuditEntry, Member, Membership, RecordBatch, Town
from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from points.records.recording import record_events
from points.records.voiding import void_batch
from tests.cast import Cast
from tests.factories import NOW, incentive_entry, make_branch, make_id_number
from tests.flush import without_ledger_triggers
from tests.members.backup.town import KEPT, NAME, PHOTO, everything, everything_but_restores, rewrite
from tests.threads import PATIENCE

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def changed_since(cast: Cast) -> None:
    """What happens after the backup and must be gone after the restore."""
    void_batch(actor=cast.recorder_a, now=NOW, batch=RecordBatch.objects.get(), reason="错")
    make_branch(cast.town, "新支部")
    Membership.objects.filter(member=cast.left_a, branch=None).delete()


def test_a_connection_that_somebody_holds_neither_stops_a_restore_nor_misses_it(town: Cast, backup: Path) -> None:
    """The site's threads keep theirs between requests."""

    def read(held: Any) -> list[Any]:
        with held.cursor() as cursor:
            cursor.execute("SELECT voided_at IS NULL FROM points_pointevent ORDER BY id")
            return [bool(standing) for (standing,) in cursor.fetchall()]

    held = connection.copy()
    try:
        assert read(held) == [True, True]
        changed_since(town)
        assert read(held) == [False, False]
        restore_backup(now=NOW, directory=backup, overwrite=True)
        assert read(held) == [True, True]
        record_events(actor=town.recorder_a, now=NOW, town=town.town, entries=[incentive_entry(town.member_a)])
        assert read(held) == [True, True, True]
    finally:
        held.close()


def test_what_was_backed_up_comes_back(town: Cast, backup: Path, evidence_dir: Path) -> None:
    before = everything()
    changed_since(town)
    (evidence_dir / NAME[:2] / NAME).write_bytes(b"forged")
    (evidence_dir / "later.pdf").write_bytes(b"later")
    out = StringIO()
    call_command("restore", str(backup), "--overwrite", stdout=out)
    assert "verify_ledger" in out.getvalue()

    noted = AuditEntry.objects.filter(verb="restore").order_by("town_id")
    assert [(entry.town, entry.actor.is_system, entry.new) for entry in noted] == [
        (each, True, {"backup_of": NOW.isoformat()}) for each in Town.objects.order_by("pk")
    ]
    assert everything_but_restores(before) == before
    assert Member.objects.get(pk=town.member_a.pk).id_number == make_id_number(11)
    assert list(missing_triggers(connection)) == []
    assert list(verify_ledger()) == []

    assert sorted(path.name for path in evidence_dir.rglob("*")) == [NAME[:2], NAME]
    assert (evidence_dir / NAME[:2] / NAME).read_bytes() == PHOTO
    (kept,) = evidence_dir.parent.glob("evidence-until-*")
    assert (kept / "later.pdf").read_bytes() == b"later"
    # The ledger goes on: sequences stand where they stood.
    record_events(actor=town.recorder_a, now=NOW, town=town.town, entries=[incentive_entry(town.member_a)])


def test_a_backup_is_for_its_owner_alone_and_says_what_it_lacks(town: Cast, tmp_path: Path, settings: Any) -> None:
    directory = tmp_path / "new"
    out = StringIO()
    call_command("backup", str(directory), stdout=out)
    assert ".env" in out.getvalue()
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    assert {file["path"] for file in manifest["files"]} == {FILE_NAMES[connection.vendor], KEPT}
    assert ["members", "0001_house"] in manifest["migrations"]
    assert "PERSONAL_DATA_KEYS" in manifest["not_included"]
    for path in [directory, *directory.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            content = path.read_bytes()
            for secret in (settings.SECRET_KEY, settings.PERSONAL_DATA_HASH_KEY, *settings.PERSONAL_DATA_KEYS):
                assert secret.encode() not in content
            assert make_id_number(11).encode() not in content
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_backup_takes_a_new_or_empty_directory(town: Cast, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused):
        make_backup(now=NOW, directory=backup)
    read_backup(backup)
    (tmp_path / "empty").mkdir()
    make_backup(now=NOW, directory=tmp_path / "empty")
    read_backup(tmp_path / "empty")
    with pytest.raises(CommandError):
        call_command("backup", str(backup))


def test_nothing_is_replaced_unasked(town: Cast, backup: Path, evidence_dir: Path) -> None:
    changed_since(town)
    before = everything()
    with pytest.raises(CommandError) as refusal:
        call_command("restore", str(backup))
    assert "--overwrite" in str(refusal.value)
    assert everything() == before
    assert (evidence_dir / NAME[:2] / NAME).read_bytes() == PHOTO


def test_an_empty_installation_needs_no_permission(town: Cast, backup: Path, settings: Any, tmp_path: Path) -> None:
    before = everything()
    settings.EVIDENCE_DIR = tmp_path / "elsewhere" / "evidence"
    _empty()
    assert not Town.objects.exists()
    restore_backup(now=NOW, directory=backup)
    assert everything_but_restores(before) == before
    assert (settings.EVIDENCE_DIR / NAME[:2] / NAME).read_bytes() == PHOTO


def _empty() -> None:
    with without_ledger_triggers():
        call_command("flush", verbosity=0, interactive=False)


def _flip_a_byte(backup: Path) -> None:
    path = backup / file_name()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _swap_the_hashes(data: dict[str, Any]) -> None:
    data["files"][0]["sha256"], data["files"][1]["sha256"] = data["files"][1]["sha256"], data["files"][0]["sha256"]


def _link_the_database(backup: Path) -> None:
    (backup / file_name()).rename(backup.parent / "aside")
    (backup / file_name()).symlink_to(backup.parent / "aside")


def _link_the_evidence(backup: Path) -> None:
    (backup / "evidence").rename(backup.parent / "aside")
    (backup / "evidence").symlink_to(backup.parent / "aside", target_is_directory=True)


def _reseal_with_another_key(backup: Path) -> None:
    fingerprint, _seal = (backup / "manifest.seal").read_text().split()
    forged = hmac.new(b"a guess", (backup / "manifest.json").read_bytes(), hashlib.sha256).hexdigest()
    (backup / "manifest.seal").write_text(f"{fingerprint} {forged}")


OUTSIDE = {"path": "../../x", "bytes": 0, "sha256": ""}
SPOILT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no manifest": (lambda backup: (backup / "manifest.json").unlink(), "清单"),
    "no seal": (lambda backup: (backup / "manifest.seal").unlink(), "防伪码"),
    "a seal that is none": (lambda backup: (backup / "manifest.seal").write_text("印"), "防伪码"),
    "a seal of another key": (_reseal_with_another_key, "清单在备份后被改动"),
    "a manifest that is none": (lambda backup: (backup / "manifest.json").write_text("["), "清单在备份后被改动"),
    "a changed manifest": (lambda backup: rewrite(backup, _swap_the_hashes, seal=False), "清单在备份后被改动"),
    "a sealed manifest of something else": (
        lambda backup: rewrite(backup, lambda data: data.pop("engine")),
        "清单",
    ),
    "another format": (lambda backup: rewrite(backup, lambda data: data.update(format=1)), "格式"),
    "a changed database": (_flip_a_byte, "database."),
    "a missing database": (lambda backup: (backup / file_name()).unlink(), "database."),
    "a linked database": (_link_the_database, "database."),
    "changed evidence": (lambda backup: (backup / KEPT).write_bytes(b"forged"), NAME),
    "evidence cut off": (lambda backup: (backup / KEPT).write_bytes(PHOTO[:-1]), NAME),
    "missing evidence": (lambda backup: (backup / KEPT).unlink(), NAME),
    "a file too many": (lambda backup: (backup / "evidence/more.jpg").write_bytes(b"x"), "more.jpg"),
    "a link": (lambda backup: (backup / "evidence/link").symlink_to("/etc/hostname"), "link"),
    "a link to a directory": (_link_the_evidence, "evidence"),
    "a pipe": (lambda backup: os.mkfifo(backup / "evidence" / "pipe"), "pipe"),
    "a way out": (lambda backup: rewrite(backup, lambda data: data["files"].append(OUTSIDE)), "../../x"),
    "another engine": (lambda backup: rewrite(backup, lambda data: data.update(engine="oracle")), "oracle"),
    "a newer version": (
        lambda backup: rewrite(backup, lambda data: data["migrations"].append(["points", "0999_later"])),
        "points.0999_later",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_backup_is_refused_before_anything_is_touched(
    spoil: Callable[[Path], Any], words: str, town: Cast, backup: Path, evidence_dir: Path
) -> None:
    spoil(backup)
    before = everything()
    with pytest.raises((BackupRefused, RestoreRefused)) as refusal:
        restore_backup(now=NOW, directory=backup, overwrite=True)
    assert words in str(refusal.value)
    assert everything() == before
    assert (evidence_dir / NAME[:2] / NAME).read_bytes() == PHOTO


@pytest.mark.parametrize("setting", ["PERSONAL_DATA_KEYS", "PERSONAL_DATA_HASH_KEY"])
def test_without_its_keys_a_backup_is_refused(setting: str, town: Cast, backup: Path, settings: Any) -> None:
    right = getattr(settings, setting)
    other = Fernet.generate_key().decode()
    before = everything()
    setattr(settings, setting, [other] if isinstance(right, list) else other)
    with pytest.raises(RestoreRefused) as refusal:
        restore_backup(now=NOW, directory=backup, overwrite=True)
    assert ".env" in str(refusal.value)
    setattr(settings, setting, right)
    assert everything() == before
    if isinstance(right, list):
        settings.PERSONAL_DATA_KEYS = [other, *right]  # rotated since
        restore_backup(now=NOW, directory=backup, overwrite=True)


def test_a_database_that_cannot_be_put_back_leaves_everything_as_it_was(
    town: Cast, backup: Path, evidence_dir: Path
) -> None:
    path = backup / file_name()
    path.write_bytes(b"not a database" * 999)
    about = {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    rewrite(backup, lambda data: next(file for file in data["files"] if file["path"] == path.name).update(about))
    before = everything()
    with pytest.raises(CopyFailed) as failure:
        restore_backup(now=NOW, directory=backup, overwrite=True)
    assert str(failure.value)
    assert everything() == before
    assert (evidence_dir / NAME[:2] / NAME).read_bytes() == PHOTO
    assert list(missing_triggers(connection)) == []


def test_what_the_engine_needs_is_named(town: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", str(tmp_path))
        expected = "postgresql-client"
    else:
        monkeypatch.setitem(connection.settings_dict, "NAME", ":memory:")
        expected = "DATABASE_URL"
    with pytest.raises(CommandError) as failure:
        call_command("backup", str(tmp_path / "new"))
    assert expected in str(failure.value)
    assert not (tmp_path / "new").exists()


def test_a_backup_beside_a_writer_loses_nothing_committed_before_it(town: Cast, tmp_path: Path) -> None:
    committed: list[str] = []
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                batch = record_events(
                    actor=town.recorder_a,
                    now=NOW,
                    town=town.town,
                    entries=[incentive_entry(member, day=date(2026, 1, 1)) for member in town.members_a],
                )
                committed.append(str(batch.uuid))
        finally:
            connection.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    while len(committed) < 3 and writer.is_alive():
        stop.wait(0.01)
    before = list(committed)
    make_backup(now=NOW, directory=tmp_path / "busy")
    while len(committed) == len(before) and writer.is_alive():
        stop.wait(0.01)  # it goes on writing afterwards
    stop.set()
    writer.join(PATIENCE)
    assert not writer.is_alive()
    written = len(committed)
    assert written > len(before) >= 3

    restore_backup(now=NOW, directory=tmp_path / "busy", overwrite=True)
    restored = {str(uuid) for uuid in RecordBatch.objects.values_list("uuid", flat=True)}
    assert set(before) <= restored
    assert not restored - set(committed) - {str(RecordBatch.objects.order_by("pk").values_list("uuid", flat=True)[0])}
    assert PointEvent.objects.count() == 2 + 3 * (len(restored) - 1)  # whole batches only
    assert list(verify_ledger()) == []


def test_a_backup_left_unfinished_is_cleared_away(town: Cast, tmp_path: Path) -> None:
    (tmp_path / "tuesday.unfinished").mkdir()
    (tmp_path / "tuesday.unfinished" / "half").write_bytes(b"x")
    make_backup(now=NOW, directory=tmp_path / "tuesday")
    assert not (tmp_path / "tuesday" / "half").exists()
    read_backup(tmp_path / "tuesday")
