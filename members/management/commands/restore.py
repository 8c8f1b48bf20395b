"""`restore DIR [--overwrite]`: put a backup in the place of what is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.backup.restoring import restore_backup
from members.commands import PlainCommand


class Command(PlainCommand):
    help = "Check a backup and put it in the place of the database and the evidence files here. Stop the site before."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR", help="a directory that `backup` wrote")
        parser.add_argument("--overwrite", action="store_true", help="replace the data that are here")

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = restore_backup(now=read_clock(), directory=options["directory"], overwrite=options["overwrite"])
        self.stdout.write(_("The backup of %(made_at)s is restored.") % {"made_at": manifest.made_at})
        self.stdout.write(_("Now run verify_ledger, then start the site."))
