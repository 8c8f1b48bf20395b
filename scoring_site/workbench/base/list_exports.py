"""Taking a list out as a workbook, as it is filtered: first who and what is in it, then the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from scoring_site.forms.fields import WorkbenchForm
from scoring_site.workbench.base.listing import PageFirst
from scoring_site.workbench.base.pages import RowT, Text, require
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.base.steps import TableStep


class ListExport(TableStep[WorkbenchForm], Generic[RowT]):
    """The page before the download, and the workbook; the list's filters stand in the address."""

    name = "export"
    template = "workbench/base/export_list.html"
    count_label: ClassVar[Text] = ""
    """What the rows are, before their number."""
    listed: PageFirst

    @classmethod
    def offer(cls, table: ScopedModelAdmin[Any], request: HttpRequest) -> Button:
        """The list's way to it, with the filters that are in force."""
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return Button(str(cls.title), table.url(cls.name) + query, "download")

    def may_take_out(self) -> bool:
        """Whether the list may leave the town by this user's hand."""
        raise NotImplementedError

    def prepare(self) -> HttpResponseBase | None:
        """Authorise; filters that are none lead back to the list."""
        require(self.may_take_out())
        try:
            listed = self.table.get_changelist_instance(self.request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(self.get_back())
        assert isinstance(listed, PageFirst)
        self.listed = listed
        return None

    @property
    def rows(self) -> QuerySet[RowT]:
        """What the list shows."""
        rows: QuerySet[RowT] = self.listed.queryset
        return rows

    def get_facts(self) -> Sequence[Fact]:
        """How many rows, and the filters and the search in force."""
        facts = [Fact(str(self.count_label), self.rows.count())]
        if self.listed.query:
            facts.append(Fact(_("search"), self.listed.query))
        for spec in self.listed.filter_specs:
            facts += [Fact(str(spec.title), label) for _value, label, is_chosen in spec.options() if is_chosen]  # type: ignore[attr-defined] # ChoiceFilter's
        return facts

    def send(self) -> HttpResponseBase:
        """The workbook; logged by the verb."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The file, or back to the list with the reason why there is none."""
        try:
            return self.send()
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.get_back())
