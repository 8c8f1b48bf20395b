"""`remove_orphans`: remove evidence that nothing names any more (see docs/operations.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand
from scoring_site.orphans import GRACE, remove_orphans


class Command(PlainCommand):
    """Rows without a link, and files no row, link or paper has named for some time."""

    help = "Remove evidence files that nothing names any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=GRACE.days, help=f"how long something must have been an orphan ({GRACE.days})"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError(_("At least one day: what was stored today may be about to be linked."), returncode=2)
        removed = remove_orphans(now=read_clock(), grace=timedelta(days=options["days"]), only_count=options["dry_run"])
        said = (
            _("Would remove: %(rows)d rows, %(files)d files.")
            if options["dry_run"]
            else _("Removed: %(rows)d rows, %(files)d files, %(leftovers)d leftovers of broken-off writing.")
        )
        self.stdout.write(said % {"rows": removed.rows, "files": removed.files, "leftovers": removed.leftovers})
