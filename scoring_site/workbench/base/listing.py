"""One page of a list as its address says: filters, search, order, columns and page, and what of that is no such thing.

Whatever an address asks for that the list does not have is left aside or finds nothing, and is told in a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from members.people.naming import tell_apart_at_home
from scoring_site.requests import today_of
from scoring_site.workbench.base.filters import ChoiceFilter

if TYPE_CHECKING:
    from scoring_site.workbench.base.scoped import ScopedModelAdmin

COLUMNS_VAR = "cols"
"""In the address of a list: the columns to show beside the first, each by its name."""
LONGEST_SEARCH = 200
LONGEST_SAID = 40
_NOT_BY_FILTERS = (SEARCH_VAR, ORDER_VAR, COLUMNS_VAR)


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column that may be shown; `orders` are the values of the order by it, empty where there is none."""

    name: str
    label: str
    is_shown: bool
    orders: tuple[str, ...]


class ShortSearch(ChangeListSearchForm):
    """What is looked for is a name, a number or some words; the engines refuse longer ones in their own ways."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(required=False, strip=False, max_length=LONGEST_SEARCH)


class PageFirst(ChangeList):
    """A list that finds which rows its page has before it reads them.

    Otherwise the engine works out what the columns show (a query annotates it) for every row within reach, sorts all
    of that, and throws all but a page away.
    """

    search_form_class = ShortSearch

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.faults: list[str] = []
        """What of the address the list does not have, each in a sentence."""
        super().__init__(request, *args, **kwargs)
        asked_page = request.GET.get(PAGE_VAR, "1")
        if asked_page != str(self.page_num):
            self._tell(_("There is no page “%(asked)s” of this list; this is the first."), asked_page)
        for part in self.params.get(ORDER_VAR, "").split("."):
            if part and not self._orders_by(part.removeprefix("-")):
                self._tell(_("The list has no order “%(asked)s”; it is left aside."), part)
        self.shown_columns = self._choose_columns(self.filter_params.get(COLUMNS_VAR, []))

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self.page_num = 1
            super().get_results(request)
        if not self.multi_page:
            self.page_num = 1
        found = list(self.result_list.values_list("pk", flat=True))
        self.result_list = self.queryset.filter(pk__in=found)
        table = self.table
        members = (member for row in self.result_list for member in table.members_of(row))
        tell_apart_at_home(members, on=today_of(request), lasting=table.is_of_frozen_lines)

    @property
    def table(self) -> ScopedModelAdmin[Any]:
        return cast("ScopedModelAdmin[Any]", self.model_admin)

    # Filters

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        return {name: value for name, value in super().get_filters_params(params).items() if name != COLUMNS_VAR}

    def get_filters(self, request: HttpRequest) -> Any:
        """Only the list's own filters; a column would answer questions about what is not shown (D21)."""
        for name in self.get_filters_params():
            if not self.table.lookup_allowed(name, "", request):
                self._tell(_("The list has no filter “%(asked)s”; it is left aside."), name)
                del self.params[name], self.filter_params[name]
        found = super().get_filters(request)
        seen = {spec.parameter_name: spec for spec in cast("list[ChoiceFilter]", found[0])}
        for entry in cast("list[type[ChoiceFilter]]", self.list_filter):
            if entry.parameter_name in self.filter_params:
                # One that offers no choice is not among those found, and narrows nothing.
                spec = seen.get(entry.parameter_name) or self._read_filter(entry, request)
                if (asked := spec.find_unknown()) is not None:
                    self._tell(_("“%(asked)s” is not to be chosen under %(filter)s."), asked, filter=spec.title)
        return found

    def _read_filter(self, entry: type[ChoiceFilter], request: HttpRequest) -> ChoiceFilter:
        return entry(request, self.get_filters_params(), self.model, self.model_admin)

    def _tell(self, sentence: str, asked: str, **more: Any) -> None:
        self.faults.append(sentence % {"asked": Truncator(asked).chars(LONGEST_SAID), **more})

    # Columns

    def _choose_columns(self, asked: Sequence[str]) -> tuple[int, ...]:
        """Which of the list's columns are shown: the first, and those asked for; all where none of them is one."""
        names = [name_column(entry) for entry in self.list_display]
        for name in asked:
            if name not in names:
                self._tell(_("The list has no column “%(asked)s”; it is left aside."), name)
        chosen = tuple(number for number, name in enumerate(names) if number == 0 or name in asked)
        return chosen if len(chosen) > 1 else tuple(range(len(names)))

    @property
    def columns(self) -> list[ListColumn]:
        """All columns of the list, for the choice of those to show."""
        return [
            ListColumn(
                name_column(entry),
                str(label_for_field(entry, self.model, model_admin=self.model_admin)),
                number in self.shown_columns,
                (str(number), f"-{number}") if self.get_ordering_field(entry) else (),
            )
            for number, entry in enumerate(self.list_display)
        ]

    def _orders_by(self, number: str) -> bool:
        """Whether a column can be put in order by its number."""
        is_column = number in {str(each) for each in range(len(self.list_display))}
        return is_column and bool(self.get_ordering_field(self.list_display[int(number)]))

    # What forms take along

    @property
    def order(self) -> str:
        """The order in force, as the address says it."""
        return str(self.params.get(ORDER_VAR, ""))

    @property
    def kept_by_filters(self) -> list[tuple[str, str]]:
        """What the form of the filters takes along: search, order, columns."""
        return [(name, value) for name, value in self._pairs() if name in _NOT_BY_FILTERS]

    @property
    def kept_by_columns(self) -> list[tuple[str, str]]:
        """What the form of the columns and the order takes along: filters and search."""
        return [(name, value) for name, value in self._pairs() if name not in (ORDER_VAR, COLUMNS_VAR)]

    def _pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.filter_params.items() for value in values]


def name_column(entry: Any) -> str:
    """What a column of `list_display` is called."""
    return str(getattr(entry, "__name__", entry))
