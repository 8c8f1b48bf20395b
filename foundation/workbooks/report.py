"""What an import found and did, as lines for a terminal and rows for a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.utils.translation import gettext as _

SHOWN_LENGTH = 60
KEPT_LENGTH = 200
MOST_KINDS = 10
"""Kinds of errors that are counted above the list; a shorter list needs no count."""
MOST_ERRORS = 20_000  # a file with more is not being corrected row by row


class RowOutcome(StrEnum):
    """What an import does with a good row."""

    ADDED = "added"
    ALREADY_THERE = "already_there"
    REPEATED = "repeated"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"

    @property
    def label(self) -> str:
        """The outcome in the user's language."""
        return {
            RowOutcome.ADDED: _("added"),
            RowOutcome.ALREADY_THERE: _("already there"),
            RowOutcome.REPEATED: _("repeated in the file"),
            RowOutcome.UPDATED: _("updated"),
            RowOutcome.UNCHANGED: _("unchanged"),
            RowOutcome.SKIPPED: _("earns nothing"),
        }[self]


@dataclass(frozen=True)
class RowError:
    """One thing wrong: where (sheet, row as Excel shows it, column), what stands there, what is wrong, what to do.

    `person` is whom the row is about, where the value does not name them.
    """

    sheet: str
    row: int
    column: str
    value: str
    problem: str
    remedy: str
    person: str = ""

    def line(self) -> str:
        """The error as one line of Chinese text, the value shortened and without control characters."""
        where = _("Sheet “%(sheet)s” row %(row)d") % {"sheet": show_value(self.sheet), "row": self.row}
        if self.person:
            where += f"（{show_value(self.person)}）"
        if self.column:
            where += _(", column “%(column)s”") % {"column": show_value(self.column)}
        value = f"“{show_value(self.value)}”" if self.value else _("(blank)")
        return f"{where}：{value} {self.problem} {self.remedy}".rstrip()


def show_value(value: object) -> str:
    """A value fit for a message: one line, printable, at most 60 characters."""
    text = "" if value is None else str(value)
    if len(text) <= SHOWN_LENGTH and text.isalnum():  # the usual case, of tens of thousands
        return text
    printable = "".join(character if character.isprintable() else " " for character in text[: SHOWN_LENGTH * 2])
    printable = " ".join(printable.split())
    return printable if len(printable) <= SHOWN_LENGTH else printable[:SHOWN_LENGTH] + "…"


@dataclass
class ImportReport:
    """The outcome of reading, and perhaps writing, one file. With `errors` nothing was or will be written.

    `skipped` names the rows that earn nothing beside the record that counts (D2); they refuse nothing. `questions`
    names rows that may be meant as they stand but seldom are (D4, D5): they wait until somebody `confirmed` them.
    """

    file_name: str
    file_hash: str
    dry_run: bool = True
    rows: int = 0
    added: int = 0
    already_there: int = 0
    repeated: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    skipped: list[RowError] = field(default_factory=list)
    questions: list[RowError] = field(default_factory=list)
    confirmed: bool = False
    notes: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    """Headings that stand on no list, and the field each was said to mean, "" where nobody said it."""
    batch: str = ""

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def is_held(self) -> bool:
        """Whether somebody has to confirm what is unusual before anything is written."""
        return bool(self.questions) and not self.confirmed

    @property
    def is_full(self) -> bool:
        """Whether there are more errors than anybody corrects row by row; reading on is of no use."""
        return len(self.errors) > MOST_ERRORS

    def add_error(self, error: RowError) -> None:
        """Keep an error with the beginning of its value, up to the limit beyond which no file is corrected by row."""
        if len(self.errors) < MOST_ERRORS:
            long = len(error.value) > KEPT_LENGTH
            self.errors.append(replace(error, value=error.value[:KEPT_LENGTH]) if long else error)
        elif len(self.errors) == MOST_ERRORS:
            self.errors.append(
                RowError(
                    error.sheet,
                    error.row,
                    "",
                    "",
                    _("There are more errors; from here on they were not listed."),
                    _("Correct those above first."),
                )
            )

    def add_skipped(self, row: RowError) -> None:
        """Name a row that earns nothing, up to the number anybody reads."""
        if len(self.skipped) < MOST_ERRORS:
            self.skipped.append(row)

    def count_errors(self) -> list[tuple[str, int]]:
        """What is wrong, by column and kind, the most frequent first, with how often."""
        found = Counter((error.column, error.problem) for error in self.errors)
        return [
            (f"{show_value(column)}：{problem}" if column else problem, count)
            for (column, problem), count in found.most_common(MOST_KINDS)
        ]

    def lines(self) -> Iterator[str]:
        """The report in the user's language, errors last."""
        yield _("File: %(name)s") % {"name": show_value(self.file_name)}
        yield from self.notes
        if self.skipped:
            yield _("%(count)d rows or cells earn nothing; what they repeat counts:") % {"count": len(self.skipped)}
            yield from (row.line() for row in self.skipped)
        if self.questions:
            yield _("%(count)d rows are unusual; look whether they are right:") % {"count": len(self.questions)}
            yield from (row.line() for row in self.questions)
        if self.errors:
            yield _("%(count)d errors; nothing was written.") % {"count": len(self.errors)}
            if len(self.errors) > MOST_KINDS:
                for problem, count in self.count_errors():
                    yield _("%(count)d × %(problem)s") % {"count": count, "problem": problem}
            for error in self.errors:
                yield error.line()
            return
        yield _("Rows read: %(rows)d.") % {"rows": self.rows}
        counts = {
            RowOutcome.ADDED: self.added,
            RowOutcome.ALREADY_THERE: self.already_there,
            RowOutcome.REPEATED: self.repeated,
            RowOutcome.UPDATED: self.updated,
            RowOutcome.UNCHANGED: self.unchanged,
            RowOutcome.SKIPPED: len(self.skipped),
        }
        yield "，".join(f"{outcome.label} {count}" for outcome, count in counts.items() if count) or _("No rows.")
        if self.is_held:
            yield _("Nothing was written: the unusual rows above wait for a confirmation.")
        elif self.dry_run:
            yield _("This was a trial; nothing was written.")
        elif not self.added and not self.updated:
            yield _("Nothing new: everything in the file was already there.")
