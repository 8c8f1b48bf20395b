"""A backup beside people who send files: only whole ones are taken, and what goes meanwhile is not missed."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.file_store import keep_bytes, kept_names, open_kept, remove_bytes
from members.backup.errors import BackupRefused
from members.backup.making import make_backup
from members.backup.restoring import read_backup
from tests.cast import Cast
from tests.factories import NOW
from tests.members.backup.town import KEPT, NAME, PHOTO
from tests.threads import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def files_of(directory: Path) -> set[str]:
    return {file.path for file in read_backup(directory).files if file.path.startswith("evidence/")}


def test_two_busy_uploads_and_a_removal_beside_three_backups(town: Cast, tmp_path: Path) -> None:
    """Temporary files come and go all the time; each backup is whole and holds what stood before it began."""
    stop = threading.Event()
    stored: list[str] = []

    def send(first: int) -> None:
        number = first
        while not stop.is_set():
            stored.append(keep_bytes(b"%d" % number * 5000))
            going = keep_bytes(b"gone %d" % number)
            remove_bytes(going, kept_before=NOW + timedelta(days=36500))
            number += 2

    writers = [threading.Thread(target=send, args=(first,), daemon=True) for first in (1, 2)]
    for writer in writers:
        writer.start()
    for day in ("monday", "tuesday", "wednesday"):
        seen = len(stored)
        while len(stored) < seen + 10 and all(writer.is_alive() for writer in writers):
            stop.wait(0.01)
        before = set(stored)
        make_backup(now=NOW, directory=tmp_path / day)
        assert {f"evidence/{name[:2]}/{name}" for name in before} | {KEPT} <= files_of(tmp_path / day)
    assert all(writer.is_alive() for writer in writers)
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)


def test_what_is_half_written_is_left_out(town: Cast, evidence_dir: Path, tmp_path: Path) -> None:
    (evidence_dir / NAME[:2] / "tmpabcdef").write_bytes(b"half")
    (evidence_dir / "README").write_bytes(b"no evidence")
    make_backup(now=NOW, directory=tmp_path / "monday")
    assert files_of(tmp_path / "monday") == {KEPT}


def test_what_is_on_its_way_out_is_taken_under_its_name(town: Cast, evidence_dir: Path, tmp_path: Path) -> None:
    """It may be put back: somebody took the same bytes in again."""
    path = evidence_dir / NAME[:2] / NAME
    path.rename(path.with_name(f"{NAME}.leaving"))
    make_backup(now=NOW, directory=tmp_path / "monday")
    assert files_of(tmp_path / "monday") == {KEPT}
    assert (tmp_path / "monday" / KEPT).read_bytes() == PHOTO


def test_what_went_after_it_was_listed_is_none(town: Cast, evidence_dir: Path) -> None:
    (name,) = kept_names()
    (evidence_dir / name[:2] / name).unlink()
    assert open_kept(name) is None


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/hostname"), os.mkfifo], ids=["link", "pipe"])
def test_what_is_no_file_among_the_evidence_is_named(
    make: object, town: Cast, evidence_dir: Path, tmp_path: Path
) -> None:
    path = evidence_dir / NAME[:2] / NAME
    path.unlink()
    assert callable(make)
    make(path)
    with pytest.raises(BackupRefused, match=NAME):
        make_backup(now=NOW, directory=tmp_path / "monday")
    assert not (tmp_path / "monday").exists()
