"""What every kind of import in the workbench has: what is asked beside the file, its preview, and what it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.workbooks.report import ImportReport, RowError, RowOutcome, show_value
from foundation.workbooks.resource import SheetResource
from members.access import Action, branches_for, reach_of, rows_for
from members.models import RecordBatch, Town
from members.roster_files.uploads import Line, Upload
from scoring_site.forms.fields import TEXT_CLASS, WorkbenchForm
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import require, row_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome

ERRORS = "errors"
"""The part of a preview that lists what is wrong."""

QUESTIONS = "questions"
"""The part that lists what is unusual and waits for a confirmation."""

SKIPPED = RowOutcome.SKIPPED.value
"""The part that names the rows that earn nothing."""

TOLD_PARTS = (ERRORS, QUESTIONS, SKIPPED)
"""Parts whose lines say what is the matter with a row."""

ERROR_HEADINGS = (
    gettext_lazy("Row"),
    gettext_lazy("Column"),
    gettext_lazy("What stands there"),
    gettext_lazy("What is wrong"),
    gettext_lazy("What to do"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A preview before it is stored: the report, and every row with its outcome."""

    report: ImportReport
    lines: Iterator[tuple[str, Line]]


class FileForm(WorkbenchForm):
    """A workbook to upload."""

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy(".xlsx or .csv, up to 20 MB. Nothing is written before you have seen the preview."),
    )


def show_place(sheet: str, row: int) -> str:
    """Sheet (as `show_value` gives it) and row as a preview shows them."""
    return _("%(sheet)s, row %(row)d") % {"sheet": sheet, "row": row}


def told_lines(report: ImportReport) -> Iterator[tuple[str, Line]]:
    """What is wrong with a file, what is unusual in it and what earns nothing, row by row."""
    yield from _lines_of(ERRORS, report.errors)
    yield from _lines_of(QUESTIONS, report.questions)
    yield from _lines_of(SKIPPED, report.skipped)


def _lines_of(part: str, rows: Sequence[RowError]) -> Iterator[tuple[str, Line]]:
    for error in rows:
        yield (
            part,
            (
                " ".join(filter(None, (show_place(show_value(error.sheet), error.row), show_value(error.person)))),
                show_value(error.column) or "—",
                show_value(error.value) or _("(blank)"),
                error.problem,
                error.remedy or "—",
            ),
        )


class ImportKind(ABC):
    """One kind of import; `code` names it in addresses."""

    code: str
    title: Promise
    icon: str
    about: Sequence[Promise]
    headings: Sequence[Promise]
    template: Callable[[], bytes] | None = None
    """Makes the empty workbook, where there is one for everybody."""
    template_name: Promise | str = ""
    action = Action.RECORD
    resource: type[SheetResource] | None = None
    """The workbook, where the town's own headings can be named on its preview."""

    def towns(self, request: HttpRequest) -> QuerySet[Town]:
        """The towns into which the user may import."""
        branches = branches_for(actor_of(request), on=today_of(request), action=self.action)
        return Town.objects.filter(pk__in=branches.values("town")) | Town.objects.filter(
            pk__in=reach_of(actor_of(request), on=today_of(request)).staff_towns
        )

    @abstractmethod
    def is_for(self, request: HttpRequest) -> bool:
        """Whether the user's role includes it."""

    @abstractmethod
    def make_form(self, request: HttpRequest) -> FileForm:
        """The form: the file and what is chosen beside it, offering only what lies within reach."""

    @abstractmethod
    def read_choices(self, form: FileForm) -> dict[str, Any]:
        """What was chosen, as JSON values."""

    @abstractmethod
    def facts(self, request: HttpRequest, choices: Mapping[str, Any]) -> list[Fact]:
        """What was chosen, in words."""

    @abstractmethod
    def preview(self, request: HttpRequest, data: bytes, name: str, choices: Mapping[str, Any]) -> Found:
        """What importing would do.

        Raises:
            UnreadableWorkbook.
            PermissionDenied: what was chosen is no longer within reach.
        """

    @abstractmethod
    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str, *, confirmed: bool) -> ImportReport:
        """Import what was previewed; `confirmed`: what is unusual in it too.

        Raises:
            UnreadableWorkbook, FileChanged, DuplicateBatch, UploadGone, PermissionDenied.
        """

    @abstractmethod
    def written(self, request: HttpRequest, report: ImportReport) -> Outcome:
        """What to say after an import."""

    def already_written(self, request: HttpRequest, token: Any) -> str:
        """Where the batch of this token stands, if it was confirmed before and its user sees it; "" otherwise."""
        own = RecordBatch.objects.filter(actor=actor_of(request).pk, uuid=token)
        batch = rows_for(actor_of(request), own, on=today_of(request)).first()
        return row_url(batch) if batch else ""

    def town_of_headings(self, request: HttpRequest, choices: Mapping[str, Any]) -> Town | None:
        """The town whose headings the user may name on a preview; None where they may not, or nothing is to name."""
        if self.resource is None:
            return None
        staffed = reach_of(actor_of(request), on=today_of(request)).staff_towns
        return self.towns(request).filter(pk__in=staffed).filter(pk=choices["town"]).first()


def chosen(rows: QuerySet[Any], pk: Any) -> Any:
    """A chosen row, if it is still within reach.

    Raises:
        PermissionDenied: it is not, or not any more.
    """
    row: Model | None = rows.filter(pk=pk).first()
    require(row is not None)
    return row


def add_town(form: forms.Form, towns: QuerySet[Town]) -> None:
    """A choice of the town; with only one there is nothing to choose."""
    found = list(towns[:2])
    field = forms.ModelChoiceField(queryset=towns, label=_("town"), empty_label=None)
    field.widget.attrs["class"] = TEXT_CLASS
    if len(found) == 1:
        form.initial["town"] = found[0].pk
        field.widget = forms.HiddenInput()
    form.fields["town"] = field
