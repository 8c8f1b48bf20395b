"""Reading .csv: UTF-8 with or without BOM, GB18030 (and so GBK, GB 2312), UTF-16 with BOM."""

import codecs
import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook

DELIMITERS = (",", "\t", ";")


def decode_text(data: bytes) -> str:
    """The text of the file. Raises `UnreadableWorkbook` when it is in no encoding we read, or no text at all."""
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableWorkbook(
        "csv_encoding",
        _("The text of the file cannot be read: it is neither UTF-8 nor GB18030."),
        _("Save it as “CSV UTF-8” or as an “Excel workbook (*.xlsx)”."),
    )


def _find_delimiter(head: str) -> str:
    """What separates the columns: the sign that splits some line into most parts; a comma where none does."""
    # Between quotation marks a sign is text: every other part of a line split at them.
    outside = ["".join(line.split('"')[::2]) for line in head.splitlines()]
    return max(DELIMITERS, key=lambda sign: max((line.count(sign) for line in outside), default=0))


def read_delimited(text: str) -> Iterator[tuple[int, tuple[str | None, ...]]]:
    """The rows of a text with commas, tabs or semicolons, numbered as Excel shows them. Blank cells are None."""
    delimiter = _find_delimiter(text[:4096])
    csv.field_size_limit(limits.RUN_BYTES)
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if not any(row):
                continue
            if number > limits.ROWS or len(row) > limits.COLUMNS:
                raise UnreadableWorkbook(
                    "too_many_cells",
                    _("The file has more rows or columns than can be read (%(rows)d rows, %(columns)d columns).")
                    % {"rows": limits.ROWS, "columns": limits.COLUMNS},
                    _("Delete unused rows and columns, or split the file."),
                )
            yield number, tuple(cell or None for cell in row)
    except csv.Error as error:
        raise UnreadableWorkbook(
            "csv_syntax",
            _("The text cannot be split into columns near row %(row)d (quotation marks do not match).")
            % {"row": number + 1},
            _("Save the table from Excel again as “CSV UTF-8” or as .xlsx."),
        ) from error
