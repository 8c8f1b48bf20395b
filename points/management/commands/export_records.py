"""`export_records YEAR --town NAME --output FILE.xlsx`: a year's records, importable again."""

from __future__ import annotations

from typing import IO, Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import (
    PlainCommand,
    add_actor_argument,
    add_output_argument,
    add_town_argument,
    find_actor,
    find_town,
    read_output,
    save_workbook,
)
from points.papers.records.rows import export_records
from points.papers.records.workbook import write_records_workbook


class Command(PlainCommand):
    help = "Write a year's records into an Excel workbook: the live ones importable again, the others apart."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="the assessment year")
        add_town_argument(parser)
        add_output_argument(parser)
        parser.add_argument(
            "--reason",
            default="",
            help="why the grounds of findings are needed: includes those your permission opens, and is logged",
        )
        add_actor_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        output = read_output(options["output"])
        town = find_town(options["town"])
        export = export_records(
            actor=find_actor(town, options["acting"]),
            now=read_clock(),
            town=town,
            year=options["year"],
            reason=options["reason"],
        )
        counts = (0, 0)

        def write(file: IO[bytes]) -> None:
            nonlocal counts
            counts = write_records_workbook(export, file)

        save_workbook(output, write)
        self.stdout.write(
            _("%(live)d records and %(others)d voided or pending ones are in %(file)s.")
            % {"live": counts[0], "others": counts[1], "file": output}
        )
        if export.hidden_findings:
            self.stdout.write(
                _("%(count)d deductions and vetoes are left out: their grounds are not open to this account.")
                % {"count": export.hidden_findings}
            )
