"""Exports in the workbench: annual report, records, record forms, registers, tick workbooks; each one is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.errors import DomainError
from members.access import Action, branches_for, holds_grounds_permission, reach_of
from members.log.reasons import REASON_LENGTH
from members.models import Branch, Membership, Town
from points.models import AssessmentYear
from points.papers.annual.workbook import write_annual_workbook
from points.papers.exports import (
    ask_for_branch_files,
    ask_for_record_forms,
    ask_for_register,
    export_annual_report,
    export_tick_workbook,
)
from points.papers.records.rows import export_records
from points.papers.records.workbook import write_records_workbook
from scoring_site.downloads import send_file, send_written
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require
from scoring_site.workbench.base.roles import may_export


@dataclass(frozen=True, slots=True)
class Offer:
    """What the user may export: their branches that ever had members, the towns of all and the adopted years."""

    branches: QuerySet[Branch]
    towns: QuerySet[Town]
    whole_towns: QuerySet[Town]
    """Those of which the user exports every branch."""
    years: Sequence[int]
    this_year: int
    may_read_grounds: bool


def read_offer(request: HttpRequest) -> Offer:
    """The user's offer, in a constant number of queries."""
    user, today = actor_of(request), today_of(request)
    # A general branch without members of its own has nothing to print, and its workbook of the town would be empty.
    peopled = Membership.objects.filter(branch__isnull=False).values("branch")
    branches = branches_for(user, on=today, action=Action.EXPORT).filter(pk__in=peopled).select_related("town")
    towns = Town.objects.filter(pk__in=branches.values("town"))
    whole_towns = towns.filter(pk__in=reach_of(user, on=today).towns_with(Action.EXPORT))
    years = AssessmentYear.objects.filter(town__in=towns.values("pk")).values_list("year", flat=True)
    home = towns.first()
    return Offer(
        branches,
        towns,
        whole_towns,
        sorted(set(years), reverse=True),
        today.year,
        home is not None and holds_grounds_permission(user, home),
    )


class ExportForm(WorkbenchForm):
    """What to export; `code` keeps the forms of the page apart."""

    code = ""
    year = forms.TypedChoiceField(label=gettext_lazy("assessment year"), coerce=int)

    def __init__(
        self, offer: Offer, data: Mapping[str, Any] | None = None, chosen: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, auto_id=f"{self.code}_%s", initial=chosen)
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"{self.code}_{name}_help"
        year = self.fields["year"]
        assert isinstance(year, forms.TypedChoiceField)
        year.choices = [(each, each) for each in offer.years]
        year.initial = offer.this_year
        self.limit(offer)

    def limit(self, offer: Offer) -> None:
        """Offer only what lies within reach."""

    def offer_towns(self, towns: QuerySet[Town]) -> None:
        """A choice of the town, where there are several."""
        self.offer("town", towns)
        if len(found := list(towns[:2])) == 1:
            self.fields["town"].initial = found[0].pk
            self.fields["town"].widget = forms.HiddenInput()

    def offer_branches(self, offer: Offer) -> None:
        """A choice of the branch."""
        self.offer("branch", offer.branches)

    def offer_grounds(self, offer: Offer, *names: str) -> None:
        """Leave out what only the permission opens (D21)."""
        if not offer.may_read_grounds:
            for name in names:
                del self.fields[name]


def _reason(help_text: Any) -> forms.CharField:
    return forms.CharField(label=gettext_lazy("Reason"), max_length=REASON_LENGTH, required=False, help_text=help_text)


class AnnualForm(ExportForm):
    """The annual report of a town or a branch."""

    code = "annual"
    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=None)
    branch = forms.ModelChoiceField(
        label=gettext_lazy("branch"),
        queryset=Branch.objects.none(),
        required=False,
        empty_label=gettext_lazy("all my branches"),
    )
    with_findings = forms.BooleanField(
        label=gettext_lazy("With a sheet of deductions and vetoes: categories and numbers, no names"), required=False
    )
    reason = _reason(gettext_lazy("Why the categories are needed; it is logged."))

    def limit(self, offer: Offer) -> None:
        self.offer_towns(offer.towns)
        self.offer_branches(offer)
        self.offer_grounds(offer, "with_findings", "reason")


class BranchFilesForm(ExportForm):
    """The annual report of every branch of a town."""

    code = "branch_files"
    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=None)

    def limit(self, offer: Offer) -> None:
        self.offer_towns(offer.whole_towns)


class RecordsForm(ExportForm):
    """A year's records."""

    code = "records"
    town = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Town.objects.none(), empty_label=None)
    reason = _reason(
        gettext_lazy("Only to include grounds and particulars that are not yours by office; it is logged.")
    )

    def limit(self, offer: Offer) -> None:
        self.offer_towns(offer.towns)
        self.offer_grounds(offer, "reason")


class BranchYearForm(ExportForm):
    """A branch and a year."""

    branch = forms.ModelChoiceField(label=gettext_lazy("branch"), queryset=Branch.objects.none(), empty_label=None)
    field_order = ("branch", "year")

    def limit(self, offer: Offer) -> None:
        self.offer_branches(offer)


class RecordFormsForm(BranchYearForm):
    """The record forms of a branch."""

    code = "record_forms"


class RegisterForm(BranchYearForm):
    """The points register of a branch."""

    code = "register"


class TicksForm(BranchYearForm):
    """The tick workbook of a branch."""

    code = "ticks"


class ExportPage(WorkbenchPage):
    """All exports on one page."""

    route = "export/"
    name = "export"
    asks_password = True
    title = gettext_lazy("Export")
    template = "workbench/files/exports.html"

    def prepare(self) -> None:
        require(may_export(self.request))

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """What is within the user's reach."""
        return self.show()

    def show(self, refused: ExportForm | None = None) -> HttpResponseBase:
        """A card for each export; a refused form keeps what was chosen."""
        offer = read_offer(self.request)
        # A branch's page leads here with the branch and the year.
        chosen = {name: self.request.GET[name] for name in ("branch", "year") if name in self.request.GET}
        cards = [
            {
                "title": download.title,
                "about": download.about,
                "submit": download.submit,
                "form": refused
                if isinstance(refused, download.form_class)
                else download.form_class(offer, chosen=chosen),
                "url": page_url(download.name),
            }
            for download in (DOWNLOADS if offer.branches.exists() else ())
            if not download.is_of_towns or offer.whole_towns.exists()
        ]
        return self.render(
            cards=cards,
            roster_url=page_url("members_member_export") + "?roster=yes",
            members_url=page_url("members_member_changelist"),
            jobs_url=page_url("jobs"),
        )

    def get_title(self) -> Text:
        return ExportPage.title


class Download(ExportPage):
    """One export: its card on the page, and the file."""

    http_method_names = ["post", "options"]
    menu = ExportPage.name
    form_class: ClassVar[type[ExportForm]]
    about: ClassVar[Text]
    submit: ClassVar[Text]
    is_of_towns: ClassVar[bool] = False
    """Only for who exports a whole town."""

    def prepare(self) -> None:
        super().prepare()
        if self.is_of_towns:
            require(bool(reach_of(self.actor, on=self.today).towns_with(Action.EXPORT)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """The file, or the page with what is wrong."""
        form = self.form_class(read_offer(request), request.POST)
        if form.is_valid():
            try:
                return self.send(form.cleaned_data)
            except DomainError as refusal:
                form.add_error(None, str(refusal))
        return self.show(refused=form)

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        """Call the verb, which logs it, and send what it gives."""
        raise NotImplementedError


class AnnualReport(Download):
    """The annual report of a town or a branch."""

    route = "export/annual/"
    name = "export_annual"
    form_class = AnnualForm
    title = gettext_lazy("Annual report")
    about = gettext_lazy("Every member's year by branch, summaries and distribution, ready to print (A3).")
    submit = gettext_lazy("Download the report")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        branch: Branch | None = values["branch"]
        town: Town = branch.town if branch else values["town"]
        report = export_annual_report(
            actor=self.actor,
            now=self.now,
            town=town,
            year=values["year"],
            branch=branch,
            with_findings=values.get("with_findings", False),
            reason=values.get("reason", ""),
        )
        name = _name_file(branch or town, values, _("annual points report"), "xlsx")
        return send_written(lambda file: write_annual_workbook(report, file), name)


class BranchFiles(Download):
    """The annual report of every branch, each in a workbook of its own."""

    route = "export/branch-files/"
    name = "export_branch_files"
    form_class = BranchFilesForm
    is_of_towns = True
    title = gettext_lazy("Annual report by branch")
    about = gettext_lazy(
        "A workbook for each branch, to be handed to it, all in one archive (ZIP). It is made in the background; you "
        "are told when it is ready."
    )
    submit = gettext_lazy("Make the archive")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        ask_for_branch_files(actor=self.actor, now=self.now, town=values["town"], year=values["year"])
        return HttpResponseRedirect(page_url("jobs"))


class Records(Download):
    """A year's records."""

    route = "export/records/"
    name = "export_records"
    form_class = RecordsForm
    title = gettext_lazy("A year's records")
    about = gettext_lazy(
        "The records that count, importable again; voided and pending ones on a second sheet. Deductions and "
        "vetoes are in it only where their grounds are yours to read."
    )
    submit = gettext_lazy("Download the records")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        export = export_records(
            actor=self.actor,
            now=self.now,
            town=values["town"],
            year=values["year"],
            reason=values.get("reason", ""),
        )
        name = _name_file(values["town"], values, _("points records"), "xlsx")
        return send_written(lambda file: write_records_workbook(export, file), name)


class RecordForms(Download):
    """The record forms of a branch."""

    route = "export/record-forms/"
    name = "export_record_forms"
    form_class = RecordFormsForm
    title = gettext_lazy("Record forms of a branch")
    about = gettext_lazy(
        "One PDF, a form for each member, with blank places for signatures. It is made in the background; you are "
        "told when it is ready."
    )
    submit = gettext_lazy("Make the record forms")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        branch: Branch = values["branch"]
        ask_for_record_forms(actor=self.actor, now=self.now, branch=branch, year=values["year"])
        return HttpResponseRedirect(page_url("jobs"))


class Register(Download):
    """The points register of a branch."""

    route = "export/register/"
    name = "export_register"
    form_class = RegisterForm
    title = gettext_lazy("Points register of a branch")
    about = gettext_lazy(
        "One booklet (PDF): cover, index and a page for each member with base items by month and incentive records. "
        "It is made in the background; you are told when it is ready."
    )
    submit = gettext_lazy("Make the register")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        ask_for_register(actor=self.actor, now=self.now, branch=values["branch"], year=values["year"])
        return HttpResponseRedirect(page_url("jobs"))


class TickWorkbook(Download):
    """The tick workbook of a branch."""

    route = "export/ticks/"
    name = "export_ticks"
    form_class = TicksForm
    title = gettext_lazy("Tick workbook of a branch")
    about = gettext_lazy("A sheet for each base item with the branch's members; what is recorded is ticked already.")
    submit = gettext_lazy("Download the tick workbook")

    def send(self, values: Mapping[str, Any]) -> HttpResponseBase:
        branch: Branch = values["branch"]
        content = export_tick_workbook(actor=self.actor, now=self.now, branch=branch, year=values["year"])
        return send_file(content, _name_file(branch, values, _("tick workbook"), "xlsx"))


DOWNLOADS: Sequence[type[Download]] = (AnnualReport, BranchFiles, Records, RecordForms, Register, TickWorkbook)


def _name_file(place: Branch | Town, values: Mapping[str, Any], what: str, ending: str) -> str:
    """A name that says where, when and what, and names nobody."""
    return f"{place.name}-{values['year']}-{what}.{ending}"
