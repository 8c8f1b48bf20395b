"""Django's `migrate`, which leaves a database of the first version as it is, and seals what it has changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from foundation.databases.commits import plain_commits
from members.seals.definitions import seal_after_migrate

FIRST_VERSION = ("members", "0001_initial")
"""The migration that only the first version had: the tables were laid out anew before anything was released."""


class Command(MigrateCommand):
    """Brings the tables up to date, unless they are the first version's."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate.

        Raises:
            CommandError: the database was made by the first version; nothing in it was changed.
        """
        connection = connections[options["database"]]
        if FIRST_VERSION in MigrationRecorder(connection).applied_migrations():
            raise CommandError(
                _(
                    "The database %(name)s was made by the first version of this software, whose tables this version "
                    "cannot read. Nothing was changed. Move it away (a file: rename it), or name another one in "
                    "DATABASE_URL, and start again; what is to be kept is taken out with the first version's exports."
                )
                % {"name": connection.settings_dict["NAME"]}
            )
        with plain_commits(options["database"]):
            super().handle(*args, **options)
        seal_after_migrate(options["database"])
