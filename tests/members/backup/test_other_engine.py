"""A town that has outgrown a file: its SQLite backup goes into PostgreSQL, every row of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection, connections
from django.db.models import Model

from foundation.database_copy import FILE_NAMES, CopyFailed
from foundation.databases.commits import find_connection, plain_commits
from foundation.file_store import kept_names
from foundation.ledger import missing_triggers
from members.backup.errors import RestoreRefused
from members.backup.making import make_backup
from members.backup.manifest import HashingReader, read_manifest, write_manifest
from members.backup.other_engine import STAGED, copy_rows, open_staged
from members.backup.restoring import restore_backup
from members.models import AuditEntry, Member, Town
from members.seals.definitions import seal_definitions
from members.seals.hashes import hash_rows
from members.seals.tables import sealed_models
from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from points.records.recording import record_events
from tests.cast import Cast
from tests.demonstration import demonstration_town
from tests.factories import NOW, incentive_entry
from tests.flush import empty_tables, without_ledger_triggers
from tests.members.backup.town import NAME, everything, everything_but_restores
from tests.members.seals.verified import deviations
from tests.scoring_site.demonstration.shown import MOMENT

pytestmark = [
    pytest.mark.engine,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite into SQLite is an ordinary backup; PostgreSQL tries this"
    ),
]


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Path]:
    """An empty SQLite file with this version's tables, behind the alias `STAGED`."""
    file = tmp_path / "staged.sqlite3"
    with open_staged(file), plain_commits(STAGED):
        call_command(MigrateCommand(), database=STAGED, verbosity=0)
        yield file


def rows_of(model: type[Model], alias: str) -> list[dict[str, Any]]:
    return list(model._base_manager.using(alias).order_by("pk").values())


def test_rows_arrive_as_they_were(town: Cast, staged: Path) -> None:
    copy_rows("default", STAGED)
    for model in (Town, Member, PointEvent, AuditEntry):
        there = rows_of(model, STAGED)
        assert there == rows_of(model, "default")
        assert there
    again = Member.objects.using(STAGED).get(pk=town.member_a.pk)
    assert (again.name, again.id_number) == ("张伟", town.member_a.id_number)


def test_rows_that_do_not_arrive_are_missed(town: Cast, staged: Path) -> None:
    with connections[STAGED].cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER lost AFTER INSERT ON members_branch WHEN NEW.name = '二支部'"
            " BEGIN DELETE FROM members_branch WHERE id = NEW.id; END"
        )
    with pytest.raises(CopyFailed, match=r"members_branch.*共3行，只到了2行"):
        copy_rows("default", STAGED)
    assert not Town.objects.using(STAGED).exists()


def seal_file(directory: Path, file: Path) -> None:
    """A backup of SQLite, sealed as one is, of a file that was made here."""
    own = read_manifest(directory)
    (directory / FILE_NAMES[own.engine]).unlink()
    place = directory / FILE_NAMES["sqlite"]
    place.write_bytes(file.read_bytes())
    with place.open("rb") as opened:
        reader = HashingReader(opened)
        reader.read()
    files = [each for each in own.files if each.path not in FILE_NAMES.values()]
    write_manifest(replace(own, engine="sqlite", files=[*files, reader.describe(place.name)]), directory)


@pytest.fixture
def of_sqlite(town: Cast, tmp_path: Path) -> Path:
    """A SQLite backup of the town that stands here, with its evidence."""
    directory = tmp_path / "backups" / "sqlite"
    make_backup(now=NOW, directory=directory)
    file = tmp_path / "town.sqlite3"
    with open_staged(file), plain_commits(STAGED):
        call_command(MigrateCommand(), database=STAGED, verbosity=0)
        copy_rows("default", STAGED)
    seal_file(directory, file)
    return directory


def test_a_sqlite_backup_goes_into_an_empty_postgresql(
    town: Cast, of_sqlite: Path, evidence_dir: Path, tmp_path: Path
) -> None:
    before, member = everything(), town.member_a
    with pytest.raises(RestoreRefused, match="空的PostgreSQL"):
        restore_backup(now=NOW, directory=of_sqlite, overwrite=True)
    assert everything() == before
    with without_ledger_triggers():
        empty_tables(connection)
    seal_definitions(find_connection())  # as whoever has run `migrate` there
    for path in sorted(evidence_dir.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    restore_backup(now=NOW, directory=of_sqlite)
    assert everything_but_restores(before) == before
    assert kept_names() == {NAME}
    assert Member.objects.get(pk=member.pk).id_number == member.id_number
    assert list(missing_triggers(connection)) == []
    assert deviations() == []
    # The ids go on where they were.
    record_events(actor=town.recorder_a, now=NOW, town=town.town, entries=[incentive_entry(town.members_a[2])])
    assert list(verify_ledger()) == []


@pytest.mark.sweep
def test_a_whole_town_moves(staged: Path) -> None:
    """The demonstration: 240 members, their records, halves, notices and findings."""
    with demonstration_town(MOMENT):
        copy_rows("default", STAGED)
        for model in apps.get_models(include_auto_created=True):
            assert rows_of(model, STAGED) == rows_of(model, "default"), model._meta.label
        for model in sealed_models().values():
            ids = list(model._base_manager.values_list("pk", flat=True))
            assert list(hash_rows(model, ids, using=STAGED)) == list(hash_rows(model, ids, using="default"))
        assert PointEvent.objects.using(STAGED).count() > 10_000
