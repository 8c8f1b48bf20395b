"""`restore DIR [--overwrite]`: put a backup in the place of what is here."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Max
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.backup.restoring import restore_backup
from members.commands import PlainCommand
from members.models import Seal
from members.seals.checkpoint import compare_with_checkpoint, read_checkpoints


class Command(PlainCommand):
    help = "Check a backup and put it in the place of the database and the evidence files here. Stop the site before."
    requires_migrations_checks = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIR", help="a directory that `backup` wrote")
        parser.add_argument("--overwrite", action="store_true", help="replace the data that are here")

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_clock()
        manifest = restore_backup(now=now, directory=options["directory"], overwrite=options["overwrite"])
        self.stdout.write(_("The backup of %(made_at)s is restored.") % {"made_at": manifest.made_at})
        self._compare_with_checkpoints(now)
        self.stdout.write(_("Now run verify_ledger, then start the site."))

    def _compare_with_checkpoints(self, now: datetime) -> None:
        """Say what came after the backup, as far as checkpoints know.

        Raises:
            CommandError: the chain in the backup is not the one a checkpoint knows.
        """
        # The links since then are those of the restore itself.
        last = Seal.objects.filter(at__lt=now).aggregate(last=Max("sequence"))["last"] or 0
        for checkpoint in read_checkpoints():
            if checkpoint.sequence > last:
                self.stdout.write(
                    _(
                        "The chain of seals ends at %(last)d; the checkpoint of %(made_at)s knows %(number)d. What was "
                        "recorded between is not in the backup. Move that checkpoint away: the chain goes on from here."
                    )
                    % {"last": last, "made_at": checkpoint.made_at, "number": checkpoint.sequence}
                )
            elif any(compare_with_checkpoint(checkpoint)):
                raise CommandError(
                    _(
                        "What is restored is not what the checkpoint of %(made_at)s knows: its link %(number)d is "
                        "another. Somebody made this backup's records anew; take another one."
                    )
                    % {"made_at": checkpoint.made_at, "number": checkpoint.sequence}
                )
