"""`remove_access_entries [--months N]`: entries of the access log whose time is over go (see docs/operations.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import ProgrammingError
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand
from members.seals.access_log import LEAST_MONTHS, remove_access_entries

NO_PRIVILEGE = "42501"
"""PostgreSQL's word for it."""


class Command(PlainCommand):
    """May be broken off and started again at any time, beside the running site."""

    help = (
        "Remove sealed stretches of the access log that are older than some months; verify_ledger knows it as lawful."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months",
            type=int,
            default=12,
            metavar="N",
            help=f"how long entries are kept, at least {LEAST_MONTHS} (default: 12)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove.

        Raises:
            CommandError: the role that serves the site cannot, or a stretch is not what was sealed; which is said.
        """
        try:
            removed = remove_access_entries(now=read_clock(), months=options["months"])
        except ProgrammingError as error:
            if getattr(error.__cause__, "pgcode", "") != NO_PRIVILEGE:
                raise
            raise CommandError(
                _("Only the role that owns the tables may remove entries. Set OWNER_DATABASE_URL for this command.")
            ) from error
        self.stdout.write(
            _("Removed: %(entries)d entries in %(stretches)d stretches. What is not sealed yet stays (checkpoint).")
            % {"entries": removed.entries, "stretches": removed.stretches}
        )
        if removed.spoilt:
            raise CommandError(
                _("These stretches are not what was sealed and stay: %(stretches)s. Run verify_ledger.")
                % {"stretches": "、".join(removed.spoilt)}
            )
