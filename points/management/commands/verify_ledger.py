"""`verify_ledger [--town NAME]`: check what is stored against itself; exit status 1 when anything differs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.commands import PlainCommand, find_town
from points.integrity import verify_ledger


class Command(PlainCommand):
    help = "Check the ledger against itself, its rulebooks and its log; nothing is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--town", default="", metavar="NAME", help="only this town (default: all towns)")

    def handle(self, *args: Any, **options: Any) -> None:
        town = find_town(options["town"]) if options["town"] else None
        count = 0
        for difference in verify_ledger(town=town, progress=self._show_progress):
            self.stdout.write(str(difference))
            count += 1
        if count:
            raise CommandError(
                _("%(count)d differences. Keep the database as it is and ask who worked on it; compare with a backup.")
                % {"count": count}
            )
        self.stdout.write(_("The ledger agrees with itself, its rulebooks and its log."))

    def _show_progress(self, check: str, rows: int) -> None:
        self.stderr.write(f"{check} … {rows}" if rows else check)
