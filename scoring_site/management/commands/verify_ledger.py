"""`verify_ledger [--town NAME] [--checkpoint FILE] [--against FILE] [--printed CODE]`: exit status 1 on any difference.

Every checkpoint in `CHECKPOINT_DIR` is compared with by itself.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand, find_town
from members.seals.checkpoint import (
    compare_with_link,
    make_checkpoint,
    read_checkpoint,
    read_checkpoints,
    write_checkpoint,
)
from members.seals.printed import parse_printed
from scoring_site.verification import verify_everything


class Command(PlainCommand):
    help = "Check everything stored against its seals, its rulebooks, its frozen results and its log; nothing changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--town", default="", metavar="NAME", help="the ledger of this town only (default: all)")
        parser.add_argument("--checkpoint", metavar="FILE", help="write where the chain stands to a new file")
        parser.add_argument("--against", metavar="FILE", help="compare with the checkpoint in such a file")
        parser.add_argument("--printed", metavar="CODE", help="compare with the code at the foot of a printed paper")

    def handle(self, *args: Any, **options: Any) -> None:
        now = read_clock()
        town = find_town(options["town"]) if options["town"] else None
        checkpoints = read_checkpoints()
        if options["against"]:
            checkpoints.append(read_checkpoint(Path(options["against"])))
        printed = parse_printed(options["printed"]) if options["printed"] else None
        count = 0
        found = verify_everything(now=now, town=town, checkpoints=checkpoints, progress=self._show_progress)
        for difference in chain(found, compare_with_link(*printed) if printed else ()):
            self.stdout.write(str(difference))
            count += 1
        if count:
            raise CommandError(
                _("%(count)d differences. Keep the database as it is and ask who worked on it; compare with a backup.")
                % {"count": count}
            )
        self.stdout.write(_("What is stored agrees with its seals, its rulebooks and its log."))
        if checkpoints:
            self.stdout.write(_("The chain has what %(count)d checkpoints know.") % {"count": len(checkpoints)})
        if options["checkpoint"]:
            checkpoint = make_checkpoint(now=now)
            write_checkpoint(checkpoint, Path(options["checkpoint"]))
            self.stdout.write(_("The chain stands at %(number)d.") % {"number": checkpoint.sequence})

    def _show_progress(self, check: str, rows: int) -> None:
        self.stderr.write(f"{check} … {rows}" if rows else check)
