"""An encrypted backup: nothing can be read of it without the keys, and it comes back as a plain one does."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from foundation.database_copy import file_name
from members.backup.errors import BackupRefused, RestoreRefused
from members.backup.restoring import read_backup, restore_backup
from members.models import Member
from tests.cast import Cast
from tests.factories import NOW
from tests.members.backup.town import KEPT, NAME, PHOTO, everything, everything_but_restores, rewrite

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sealed(town: Cast, tmp_path: Path) -> Path:
    directory = tmp_path / "backups" / "encrypted"
    call_command("backup", str(directory), "--encrypt", stdout=StringIO())
    return directory


def test_it_comes_back_as_it_was(town: Cast, sealed: Path, evidence_dir: Path) -> None:
    before = everything()
    Member.objects.filter(pk=town.member_a.pk).update(name="假名")
    (evidence_dir / NAME[:2] / NAME).write_bytes(b"forged")
    restore_backup(now=NOW, directory=sealed, overwrite=True)
    assert everything_but_restores(before) == before
    assert (evidence_dir / NAME[:2] / NAME).read_bytes() == PHOTO
    # Nothing of the plain copy stays behind.
    assert {path.name.split("-")[0] for path in evidence_dir.parent.iterdir()} == {"evidence", "backups"}


def test_nothing_of_it_can_be_read(town: Cast, sealed: Path, evidence_dir: Path) -> None:
    everybody = "".join(path.read_bytes().decode("latin-1") for path in sealed.rglob("*") if path.is_file())
    for plain in (town.member_a.name.encode(), PHOTO, b"SQLite format 3", b"PGDMP", b"points_pointevent"):
        assert plain.decode("latin-1") not in everybody
    assert {path.name for path in evidence_dir.parent.iterdir()} == {"evidence", "backups"}
    assert {path.name for path in sealed.iterdir()} == {"evidence", file_name(), "manifest.json", "manifest.seal"}


def test_a_changed_one_is_refused_untouched(town: Cast, sealed: Path) -> None:
    content = bytearray((sealed / KEPT).read_bytes())
    content[-1] ^= 1
    (sealed / KEPT).write_bytes(content)
    before = everything()
    with pytest.raises(BackupRefused, match=NAME):
        restore_backup(now=NOW, directory=sealed, overwrite=True)
    assert everything() == before


def test_one_file_does_not_stand_for_another(town: Cast, sealed: Path) -> None:
    """Not even for somebody who could seal a manifest: what a file is called is encrypted with it."""
    (sealed / KEPT).write_bytes((sealed / file_name()).read_bytes())

    def name_the_database_twice(data: dict[str, list[dict[str, object]]]) -> None:
        database = next(file for file in data["files"] if file["path"] == file_name())
        data["files"] = [database, database | {"path": KEPT}]

    rewrite(sealed, name_the_database_twice)
    with pytest.raises(BackupRefused, match=NAME):
        read_backup(sealed)


def test_without_the_key_it_is_refused(town: Cast, sealed: Path, settings: Any) -> None:
    before = everything()
    right = settings.PERSONAL_DATA_HASH_KEY
    settings.PERSONAL_DATA_HASH_KEY = "another"
    with pytest.raises(RestoreRefused, match=r"\.env"):
        restore_backup(now=NOW, directory=sealed, overwrite=True)
    settings.PERSONAL_DATA_HASH_KEY = right
    assert everything() == before
