"""`backup DIR`: a consistent copy of the running site, evidence included, keys not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.backup.making import make_backup
from members.commands import PlainCommand


class Command(PlainCommand):
    help = "Copy the database and the evidence files of the running site into a new directory. The keys stay in .env."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR", help="a directory that does not exist yet")
        parser.add_argument(
            "--encrypt", action="store_true", help="only whoever has the keys in .env can read database and evidence"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        manifest = make_backup(now=read_clock(), directory=options["directory"], encrypt=options["encrypt"])
        self.stdout.write(
            _("%(count)d files, %(size)d bytes are in %(path)s.")
            % {
                "count": len(manifest.files),
                "size": sum(file.bytes for file in manifest.files),
                "path": options["directory"],
            }
        )
        self.stdout.write(
            _("The keys are not among them: keep .env separately. Without it nothing of this can be restored.")
        )
