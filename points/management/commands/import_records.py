"""`import_records FILE --town NAME [--refuse-unusual] [--branch NAME --year YEAR]`: from a workbook."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from foundation.clock import read_clock
from members.commands import PlainCommand, add_actor_argument, add_town_argument, find_actor, find_branch, find_town
from members.roster_files.commands import add_file_arguments, finish_import, read_file, unreadable_as_status_2
from points.imports.records import import_records, preview_records


class Command(PlainCommand):
    help = "Import a records workbook (积分记录) or a tick workbook (逐月打勾表), all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        add_file_arguments(parser)
        add_town_argument(parser)
        add_actor_argument(parser)
        parser.add_argument("--branch", default="", metavar="NAME", help="the branch of a tick workbook")
        parser.add_argument(
            "--refuse-unusual",
            action="store_true",
            help="refuse the file where rows are unusual, instead of naming them",
        )
        parser.add_argument("--year", type=int, metavar="YEAR", help="the year of a tick workbook")

    def handle(self, *args: Any, **options: Any) -> None:
        town = find_town(options["town"])
        actor = find_actor(town, options["acting"])
        branch = find_branch(town, options["branch"]) if options["branch"] else None
        data, name = read_file(options["file"])
        read: dict[str, Any] = {"data": data, "filename": name, "branch": branch, "year": options["year"]}
        with unreadable_as_status_2():
            if options["dry_run"]:
                report = preview_records(actor=actor, now=read_clock(), town=town, **read).report
                report.confirmed = not options["refuse_unusual"]
            else:
                report = import_records(
                    actor=actor, now=read_clock(), town=town, confirmed=not options["refuse_unusual"], **read
                )
        finish_import(report, self.stdout)
