"""The kinds of import the workbench offers: what is asked beside the file, what its preview shows, what it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Action, branches_for, reach_of, rows_for
from members.admin.forms import TEXT_CLASS, WorkbenchForm
from members.admin.scoped import Fact, actor_of, now_of, today_of
from members.imports.roster import import_roster, preview_roster
from members.imports.roster_matching import RosterPlan
from members.imports.templates import roster_template
from members.imports.uploads import Line, Upload
from members.models import Branch, Member, RecordBatch, Town
from members.workbooks.report import ImportReport, Outcome, RowError, show_value
from points.imports.records import RecordsPlan, import_records, preview_records
from points.imports.templates import records_template
from points.models import AssessmentYear
from points.wording import name_period, show_points

ERRORS = "errors"
"""The part of a preview that lists what is wrong."""

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


@dataclass(frozen=True, slots=True)
class Written:
    """Where a finished import leads and what the reader is told."""

    url: str
    message: str


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


def _error_lines(errors: Sequence[RowError]) -> Iterator[tuple[str, Line]]:
    for error in errors:
        yield (
            ERRORS,
            (
                show_place(show_value(error.sheet), error.row),
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
    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str) -> ImportReport:
        """Import what was previewed.

        Raises:
            UnreadableWorkbook, FileChanged, DuplicateBatch, UploadGone, PermissionDenied.
        """

    @abstractmethod
    def written(self, request: HttpRequest, report: ImportReport) -> Written:
        """What to say after an import."""

    def already_written(self, request: HttpRequest, token: Any) -> str:
        """Where the batch of this token stands, if it was confirmed before and its user sees it; "" otherwise."""
        own = RecordBatch.objects.filter(actor=actor_of(request).pk, uuid=token)
        batch = rows_for(actor_of(request), own, on=today_of(request)).first()
        return reverse("workbench:members_recordbatch_change", args=[batch.pk]) if batch else ""


def chosen(rows: QuerySet[Any], pk: Any) -> Any:
    """A chosen row, if it is still within reach.

    Raises:
        PermissionDenied: it is not, or not any more.
    """
    row: Model | None = rows.filter(pk=pk).first()
    if row is None:
        raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))
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


class _RosterForm(FileForm):
    new_branches = forms.BooleanField(
        label=gettext_lazy("Make branches that the roster does not have yet"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Without it a branch's name that is not on the roster is an error: it may be misspelt."),
    )


class RosterImport(ImportKind):
    """A town's roster, by town staff."""

    code = "roster"
    title = gettext_lazy("Import the roster")
    icon = "group_add"
    about = (
        gettext_lazy("Puts people on the roster and brings details up to date; it moves nobody and removes nobody."),
        gettext_lazy("A blank cell keeps what is stored. An import can be voided as one."),
    )
    headings = (
        gettext_lazy("Row"),
        gettext_lazy("branch"),
        gettext_lazy("name"),
        gettext_lazy("member category"),
        gettext_lazy("What changes"),
    )
    action = Action.KEEP_ROSTER
    template = staticmethod(roster_template)
    template_name = gettext_lazy("roster template")

    def is_for(self, request: HttpRequest) -> bool:
        return bool(reach_of(actor_of(request), on=today_of(request)).staff_towns)

    def make_form(self, request: HttpRequest) -> FileForm:
        kept = request.GET
        form = _RosterForm(
            request.POST or None,
            request.FILES or None,
            initial={"town": kept.get("town"), "new_branches": kept.get("new_branches", "True") == "True"},
        )
        add_town(form, self.towns(request))
        form.order_fields(["town", "file", "new_branches"])
        return form

    def read_choices(self, form: FileForm) -> dict[str, Any]:
        return {"town": form.cleaned_data["town"].pk, "new_branches": form.cleaned_data["new_branches"]}

    def facts(self, request: HttpRequest, choices: Mapping[str, Any]) -> list[Fact]:
        allowed = _("new ones are made") if choices["new_branches"] else _("only those on the roster")
        return [
            Fact(_("town"), chosen(self.towns(request), choices["town"]).name),
            Fact(_("branches"), allowed),
        ]

    def preview(self, request: HttpRequest, data: bytes, name: str, choices: Mapping[str, Any]) -> Found:
        plan = preview_roster(
            actor=actor_of(request),
            now=now_of(request),
            town=chosen(self.towns(request), choices["town"]),
            data=data,
            filename=name,
            allow_new_branches=choices["new_branches"],
        )
        return Found(plan.report, self._lines(plan))

    def _lines(self, plan: RosterPlan) -> Iterator[tuple[str, Line]]:
        yield from _error_lines(plan.report.errors)
        labels = dict(Member.Category.choices)
        changes = iter(plan.changes)
        for row in plan.rows:
            words = "—"
            if row.outcome is Outcome.UPDATED:
                member, values = next(changes)
                words = "；".join(_show_change(member, *change) for change in values.items() if _is_shown(change[0]))
            yield (
                row.outcome.value,
                (
                    show_place(show_value(row.sheet), row.row),
                    show_value(row.branch),
                    show_value(row.name),
                    str(labels[Member.Category(row.category)]),
                    words,
                ),
            )

    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str) -> ImportReport:
        return import_roster(
            actor=actor_of(request),
            now=now_of(request),
            town=chosen(self.towns(request), upload.choices["town"]),
            data=upload.read(),
            filename=upload.name,
            allow_new_branches=upload.choices["new_branches"],
            expected_hash=expected_hash,
            token=upload.token,
        )

    def written(self, request: HttpRequest, report: ImportReport) -> Written:
        told = _("The roster was imported: %(added)d members added, %(updated)d updated, %(unchanged)d unchanged.") % {
            "added": report.added,
            "updated": report.updated,
            "unchanged": report.unchanged,
        }
        undo = _("If this was a mistake, void the import here; a single one is put right on the member's page.")
        return Written(self.already_written(request, report.batch), f"{told}{undo}")


def _is_shown(name: str) -> bool:
    return not name.endswith("_hash")


def _show_change(member: Member, name: str, value: Any) -> str:
    """One change of a member in words; personal numbers only as the fact (D21)."""
    field = Member._meta.get_field(name)
    label = str(getattr(field, "verbose_name", name))
    if name in ("id_number", "phone"):
        return _("%(field)s: entered anew") % {"field": label}
    names = {str(key): str(words) for key, words in getattr(field, "flatchoices", ())}
    old, new = (names.get(str(each), str(each or "—")) for each in (getattr(member, name), value))
    return f"{label}：{show_value(old)} → {show_value(new)}"


class RecordsImport(ImportKind):
    """A records workbook, by whoever records for a branch."""

    code = "records"
    title = gettext_lazy("Import records")
    icon = "playlist_add"
    about = (
        gettext_lazy("Records of many members from one table: base items, incentive items, confirmed findings."),
        gettext_lazy("Records that stand already are not written again. An import can be voided as one."),
    )
    headings = (
        gettext_lazy("Row"),
        gettext_lazy("branch"),
        gettext_lazy("name"),
        gettext_lazy("kind"),
        gettext_lazy("item"),
        gettext_lazy("date"),
        gettext_lazy("period"),
        gettext_lazy("points"),
    )
    template: Callable[[], bytes] | None = staticmethod(records_template)
    template_name = gettext_lazy("records template")

    def is_for(self, request: HttpRequest) -> bool:
        reach = reach_of(actor_of(request), on=today_of(request))
        return bool(reach.staff_towns) or bool(self.branches(request).exists())

    def branches(self, request: HttpRequest) -> QuerySet[Branch]:
        """The branches for which the user may record."""
        return branches_for(actor_of(request), on=today_of(request), action=Action.RECORD)

    def make_form(self, request: HttpRequest) -> FileForm:
        form = FileForm(request.POST or None, request.FILES or None, initial={"town": request.GET.get("town")})
        add_town(form, self.towns(request))
        form.order_fields(["town", "file"])
        return form

    def read_choices(self, form: FileForm) -> dict[str, Any]:
        return {"town": form.cleaned_data["town"].pk}

    def facts(self, request: HttpRequest, choices: Mapping[str, Any]) -> list[Fact]:
        return [Fact(_("town"), chosen(self.towns(request), choices["town"]).name)]

    def _arguments(self, request: HttpRequest, choices: Mapping[str, Any]) -> dict[str, Any]:
        return {"town": chosen(self.towns(request), choices["town"])}

    def preview(self, request: HttpRequest, data: bytes, name: str, choices: Mapping[str, Any]) -> Found:
        plan = preview_records(
            actor=actor_of(request),
            now=now_of(request),
            data=data,
            filename=name,
            **self._arguments(request, choices),
        )
        return Found(plan.report, self._lines(plan))

    def _lines(self, plan: RecordsPlan) -> Iterator[tuple[str, Line]]:
        yield from _error_lines(plan.report.errors)
        # A town's year has 270,000 rows and a few dozen periods and sheets.
        say_sheet, say_period = cache(show_value), cache(name_period)
        for row in plan.rows():
            if row.outcome is Outcome.UNCHANGED:  # refused: among the errors
                continue
            points = "—" if row.points is None else show_points(row.points)
            if row.led:
                points = _("%(points)s, leading role") % {"points": points}
            yield (
                row.outcome.value,
                (
                    show_place(say_sheet(row.sheet), row.row),
                    row.branch or "—",
                    row.member,
                    row.kind,
                    row.item,
                    row.date.isoformat(),
                    say_period(row.period) if row.period else "—",
                    points,
                ),
            )

    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str) -> ImportReport:
        return import_records(
            actor=actor_of(request),
            now=now_of(request),
            data=upload.read(),
            filename=upload.name,
            expected_hash=expected_hash,
            token=upload.token,
            **self._arguments(request, upload.choices),
        )

    def written(self, request: HttpRequest, report: ImportReport) -> Written:
        url = self.already_written(request, report.batch)
        counts = {"added": report.added, "there": report.already_there + report.repeated}
        told = _("Imported: %(added)d records added, %(there)d stood there already.") % counts
        if url:
            undo = _("If this was a mistake, void the whole batch here; records stay readable.")
        else:
            url = reverse("workbench:members_recordbatch_changelist")
            undo = _("The batch reaches over branches: only the town's staff see it as one and can void it.")
        return Written(url, f"{told}{undo}")


class _TickForm(FileForm):
    branch = forms.ModelChoiceField(label=gettext_lazy("branch"), queryset=Branch.objects.none(), empty_label=None)
    year = forms.TypedChoiceField(label=gettext_lazy("assessment year"), coerce=int)


class TickImport(RecordsImport):
    """A branch's tick workbook of one year."""

    code = "ticks"
    title = gettext_lazy("Import a tick workbook")
    icon = "grid_on"
    about = (
        gettext_lazy("The table branches keep by hand: one sheet per base item, members down, periods across."),
        gettext_lazy("√, 1 and 是 earn; blank and × do not. A tick that is missing voids nothing."),
    )
    template = None

    def make_form(self, request: HttpRequest) -> FileForm:
        kept = request.GET
        initial = {"branch": kept.get("branch"), "year": kept.get("year", str(today_of(request).year))}
        form = _TickForm(request.POST or None, request.FILES or None, initial=initial)
        branch, year = form.fields["branch"], form.fields["year"]
        assert isinstance(branch, forms.ModelChoiceField)
        assert isinstance(year, forms.TypedChoiceField)
        branch.queryset = self.branches(request)
        year.choices = [(each, each) for each in self.years(request)]
        form.order_fields(["branch", "year", "file"])
        return form

    def years(self, request: HttpRequest) -> list[int]:
        """The years adopted by the towns of these branches, latest first."""
        adopted = AssessmentYear.objects.filter(town__in=self.branches(request).values("town"))
        return sorted(set(adopted.values_list("year", flat=True)), reverse=True)

    def read_choices(self, form: FileForm) -> dict[str, Any]:
        return {"branch": form.cleaned_data["branch"].pk, "year": form.cleaned_data["year"]}

    def facts(self, request: HttpRequest, choices: Mapping[str, Any]) -> list[Fact]:
        return [
            Fact(_("branch"), chosen(self.branches(request), choices["branch"]).name),
            Fact(_("assessment year"), choices["year"]),
        ]

    def _arguments(self, request: HttpRequest, choices: Mapping[str, Any]) -> dict[str, Any]:
        branch = chosen(self.branches(request).select_related("town"), choices["branch"])
        return {"town": branch.town, "branch": branch, "year": choices["year"]}


KINDS: tuple[ImportKind, ...] = (RosterImport(), RecordsImport(), TickImport())
