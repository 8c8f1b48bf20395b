"""Databases of earlier states: the migrations one by one, without those that make all tables at once in their place."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from foundation.databases.commits import plain_commits


class OneByOne(MigrationLoader):
    """Knows every migration but those that replace others."""

    def load_disk(self) -> None:
        """Read the migrations, and leave out what replaces some of them."""
        super().load_disk()
        kept = {key: migration for key, migration in self.disk_migrations.items() if not migration.replaces}
        self.disk_migrations = kept


def migrate_back(app: str, name: str) -> None:
    """Take the tables back to the state of an app's earlier migration."""
    executor = MigrationExecutor(connection)
    executor.loader = OneByOne(connection)
    with plain_commits():
        executor.migrate([(app, name)])


def migrate_forth() -> None:
    """Upgrade as whoever installs this version does."""
    call_command("migrate", verbosity=0)
