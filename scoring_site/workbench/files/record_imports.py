"""Importing records and tick workbooks in the workbench."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.tenths import show_points
from foundation.workbooks.report import ImportReport, RowOutcome, show_value
from foundation.workbooks.resource import SheetResource
from members.access import Action, branches_for, reach_of
from members.models import Branch
from members.roster_files.uploads import Line, Upload
from points.imports.records import RecordsPlan, import_records, preview_records
from points.imports.records_file import RecordsResource
from points.imports.templates import records_template
from points.models import AssessmentYear
from points.scoring.wording import name_period, say_payment
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.pages import page_url
from scoring_site.workbench.base.scoped import Fact
from scoring_site.workbench.base.steps import Outcome
from scoring_site.workbench.files.import_kinds import (
    FileForm,
    Found,
    ImportKind,
    add_town,
    chosen,
    show_place,
    told_lines,
)


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
    resource: type[SheetResource] | None = RecordsResource

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
        yield from told_lines(plan.report)
        # A town's year has 270,000 rows and a few dozen periods and sheets.
        say_sheet, say_period = cache(show_value), cache(name_period)
        for row in plan.rows():
            if row.outcome in (RowOutcome.UNCHANGED, RowOutcome.SKIPPED):  # told among the errors, or as not counted
                continue
            points = "—" if row.points is None else show_points(row.points)
            if row.led:
                points = _("%(points)s, leading role") % {"points": points}
            item = f"{row.item}（{say_payment(row.payment)}）" if row.payment.is_said else row.item
            yield (
                row.outcome.value,
                (
                    show_place(say_sheet(row.sheet), row.row),
                    row.branch or "—",
                    row.member,
                    row.kind,
                    item,
                    row.date.isoformat(),
                    say_period(row.period) if row.period else "—",
                    points,
                ),
            )

    def carry_out(self, request: HttpRequest, upload: Upload, expected_hash: str, *, confirmed: bool) -> ImportReport:
        return import_records(
            actor=actor_of(request),
            now=now_of(request),
            data=upload.read(),
            filename=upload.name,
            expected_hash=expected_hash,
            token=upload.token,
            confirmed=confirmed,
            **self._arguments(request, upload.choices),
        )

    def written(self, request: HttpRequest, report: ImportReport) -> Outcome:
        url = self.already_written(request, report.batch)
        counts = {
            "added": report.added,
            "there": report.already_there + report.repeated,
            "skipped": len(report.skipped),
        }
        if report.skipped:
            text = _("Imported: %(added)d records added, %(there)d stood there already, %(skipped)d earn nothing.")
        else:
            text = _("Imported: %(added)d records added, %(there)d stood there already.")
        told = text % counts
        if url:
            undo = _("If this was a mistake, void the whole batch here; records stay readable.")
        else:
            url = page_url("members_recordbatch_changelist")
            undo = _("The batch reaches over branches: only the town's staff see it as one and can void it.")
        return Outcome(url, f"{told}{undo}")


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
    resource = None

    def make_form(self, request: HttpRequest) -> FileForm:
        kept = request.GET
        initial = {"branch": kept.get("branch"), "year": kept.get("year", str(today_of(request).year))}
        form = _TickForm(request.POST or None, request.FILES or None, initial=initial)
        year = form.fields["year"]
        assert isinstance(year, forms.TypedChoiceField)
        form.offer("branch", self.branches(request))
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
