"""`annual_report YEAR --town NAME --output FILE.xlsx`: the town's annual report as a workbook."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import (
    PlainCommand,
    add_actor_argument,
    add_output_argument,
    add_town_argument,
    find_actor,
    find_branch,
    find_town,
    read_output,
    save_workbook,
)
from points.papers.annual.report import read_annual_report
from points.papers.annual.workbook import write_annual_workbook


class Command(PlainCommand):
    help = "Write the annual report of a town, or of one branch, into an Excel workbook."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="the assessment year")
        add_town_argument(parser)
        add_output_argument(parser)
        parser.add_argument("--branch", default="", metavar="NAME", help="only this branch")
        parser.add_argument(
            "--with-findings",
            action="store_true",
            help="add the categories and counts of findings; needs the permission members.view_finding_grounds",
        )
        add_actor_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        output = read_output(options["output"])
        town = find_town(options["town"])
        report = read_annual_report(
            actor=find_actor(town, options["acting"]),
            now=read_clock(),
            town=town,
            year=options["year"],
            branch=find_branch(town, options["branch"]) if options["branch"] else None,
            with_findings=options["with_findings"],
        )
        save_workbook(output, lambda file: write_annual_workbook(report, file))
        self.stdout.write(
            _("%(members)d members of %(branches)d branches are in %(file)s.")
            % {"members": sum(1 for _row in report.rows), "branches": len(report.branches), "file": output}
        )
