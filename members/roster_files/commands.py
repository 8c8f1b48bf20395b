"""What the import commands share: the file, the report on the terminal, and the exit statuses of the contract.

0: imported (or, with --dry-run, importable); 1: the content is refused; 2: the file cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.utils.translation import gettext as _

from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.report import ImportReport, show_value

UNREADABLE = 2


def add_file_arguments(parser: CommandParser) -> None:
    """FILE and `--dry-run`."""
    parser.add_argument("file", metavar="FILE", help="the workbook (.xlsx) or table (.csv)")
    parser.add_argument("--dry-run", action="store_true", help="report the same, write nothing")


def read_file(path: str) -> tuple[bytes, str]:
    """Content and name of the file, one byte more than may be read at most. Raises CommandError (exit status 2)."""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            return stream.read(limits.FILE_BYTES + 1), file.name
    except (OSError, ValueError) as error:
        raise CommandError(
            _("The file “%(name)s” cannot be opened. Check the path.") % {"name": show_value(path)},
            returncode=UNREADABLE,
        ) from error


@contextmanager
def unreadable_as_status_2() -> Iterator[None]:
    """Turn `UnreadableWorkbook` into the command's refusal with exit status 2."""
    try:
        yield
    except UnreadableWorkbook as refusal:
        raise CommandError(str(refusal), returncode=UNREADABLE) from refusal


def finish_import(report: ImportReport, stdout: OutputWrapper) -> None:
    """Print the report; raises CommandError (exit status 1) when it has errors, or questions nobody confirmed."""
    for line in report.lines():
        stdout.write(line)
    if report.errors:
        raise CommandError(_("The file was not imported. Correct the rows above and import it again."))
    if report.is_held:
        raise CommandError(
            _("The file was not imported. Check the unusual rows above; without --refuse-unusual they are imported.")
        )
