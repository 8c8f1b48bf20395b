"""`import_roster FILE --town NAME [--branch NAME] [--dry-run] [--new-branches]`: a town's roster from a workbook."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import CommandParser

from foundation.clock import read_clock
from foundation.names import normalise_name
from members.commands import PlainCommand, add_actor_argument, add_town_argument, find_actor, find_town
from members.roster_files.commands import add_file_arguments, finish_import, read_file, unreadable_as_status_2
from members.roster_files.importing import import_roster, preview_roster
from points.roster.closed_lists import find_closed_joinings


class Command(PlainCommand):
    help = "Import a roster workbook (党员名册), all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        add_town_argument(parser)
        add_actor_argument(parser)
        parser.add_argument("--branch", metavar="NAME", default="", help="whose list it is, if no column says it")
        parser.add_argument(
            "--new-branches",
            action=BooleanOptionalAction,
            help="make branches the town does not have yet (by default only where it has none)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        town = find_town(options["town"])
        actor = find_actor(town, options["acting"])
        data, name = read_file(options["file"])
        makes_branches = options["new_branches"]
        read: dict[str, Any] = {
            "data": data,
            "filename": name,
            "branch": normalise_name(options["branch"]),
            "allow_new_branches": not town.branches.exists() if makes_branches is None else makes_branches,
            "guard": find_closed_joinings,
        }
        with unreadable_as_status_2():
            if options["dry_run"]:
                report = preview_roster(actor=actor, now=read_clock(), town=town, **read).report
            else:
                report = import_roster(actor=actor, now=read_clock(), town=town, **read)
        finish_import(report, self.stdout)
