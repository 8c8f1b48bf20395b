"""`pseudonymise`: forget who those were that left long ago (see docs/operations.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand, add_actor_argument, add_town_argument, find_actor, find_town
from members.people.pseudonyms import find_due, pseudonymise_member


class Command(PlainCommand):
    """One member in a transaction: broken off, it is simply started again."""

    help = "Take names and details of members who left long ago out of the roster and the log; scores stay."

    def add_arguments(self, parser: CommandParser) -> None:
        add_town_argument(parser)
        add_actor_argument(parser)
        parser.add_argument("--left-before", required=True, metavar="YYYY-MM-DD", help="who left before this day")
        parser.add_argument("--decision", default="", metavar="TEXT", help="the paper that orders it; kept in the log")
        parser.add_argument("--dry-run", action="store_true", help="only say whom")

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget them, or say whom.

        Raises:
            CommandError: the day is none, no decision is named, or one of them left less than three years ago.
        """
        left_before = _read_day(options["left_before"])
        town = find_town(options["town"])
        actor = find_actor(town, options["acting"])
        if not options["dry_run"] and not options["decision"].strip():
            raise CommandError(_("Name with --decision the paper that orders it, or look first with --dry-run."))
        due = find_due(town, left_before=left_before)
        for leaving in due.officers:
            self.stdout.write(
                _("%(date)s %(name)s stays: held an office, and what was done in it must stay accountable.")
                % {"date": leaving.from_date, "name": leaving.member}
            )
        found = list(due.forgotten)
        for leaving in found:
            self.stdout.write(f"{leaving.from_date} {leaving.member}")
            if not options["dry_run"]:
                pseudonymise_member(actor=actor, now=read_clock(), member=leaving.member, reason=options["decision"])
        said = _("Would be forgotten: %(count)d.") if options["dry_run"] else _("Forgotten: %(count)d.")
        self.stdout.write(said % {"count": len(found)})


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("“%(text)s” is no day. Write it as 2023-01-01.") % {"text": text}, returncode=2) from error
