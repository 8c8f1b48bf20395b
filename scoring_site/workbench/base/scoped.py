"""The admin class every workbench table stands on: what it shows and lets be done comes from `members.access` alone.

Django's own add, change and delete forms are never used: rows are shown on a page of facts, and changed by forms that
call one verb each. Django model permissions play no part; appointments decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, reach_of, rows_for
from members.models import Member
from members.people.naming import tell_apart_at_home
from scoring_site.forms.pictures import SMALL_SCAN
from scoring_site.menu import set_menu_entry
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.listing import PageFirst
from scoring_site.workbench.base.pages import TablePage, Text, page_url, render_framed
from scoring_site.workbench.base.roles import may_take_out

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin

    class ModelAdmin(UnfoldModelAdmin):
        """Unfold's, which may be written with the model it is for, as the type checker knows it."""

        def __class_getitem__(cls, model):
            return cls


ModelT = TypeVar("ModelT", bound=Model)

LONG_TEXT = 80
_ABOUT = ("member", "about")
"""What the columns are called that say whom a row is about."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a row's page; with `url` the value is a link, with `is_scan` to a scan, shown small beside it."""

    label: str
    value: Any
    url: str = ""
    is_scan: bool = False

    @property
    def preview_url(self) -> str:
        """The small picture of a scan; empty for all else."""
        return f"{self.url}?{SMALL_SCAN}=1" if self.is_scan else ""

    @property
    def shown(self) -> str:
        """The value for people: times in Shanghai to the minute, days as they are sorted."""
        if isinstance(self.value, datetime):
            return f"{timezone.localtime(self.value):%Y-%m-%d %H:%M}"
        return str(self.value)

    @property
    def is_long(self) -> bool:
        """Whether the value is text of some lines, which takes the width of the page."""
        return len(self.shown) > LONG_TEXT


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done from here; `main` is the one people come for, `grave` cannot be taken back."""

    label: str
    url: str
    icon: str = ""
    main: bool = False
    grave: bool = False


class ScopedModelAdmin(ModelAdmin[ModelT]):
    """A table of the workbench, showing what lies within the user's reach."""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    show_add_link = False
    change_list_template = "workbench/base/list.html"
    row_template = "workbench/base/row.html"
    card_columns: ClassVar[tuple[str, ...]] = ()
    """The columns under the first on the card that a row is on a phone; the next three where it names none."""
    for_town_roles = False
    """Only town staff and supervisors see this table at all."""
    is_of_frozen_lines = False
    """Its rows are about lines of approved halves: their members are named as on those papers."""
    subpages: ClassVar[tuple[type[TablePage], ...]] = ()
    """Further pages under the table's address."""

    # What is seen

    def scope(self, request: HttpRequest, rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
        """The rows within the user's reach; overridden where a model has no `access_path` or fewer may see it."""
        return rows_for(actor_of(request), rows, on=today_of(request))

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[ModelT]) -> QuerySet[ModelT]:
        """Those of the rows shown that are the user's to take out; overridden where a model has no `access_path`."""
        return rows_for(actor_of(request), rows, on=today_of(request), action=Action.TAKE_OUT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelT]:
        return self.scope(request, super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PageFirst

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ModelT:
        """The row, if it lies within reach: outside it does not exist.

        By its id alone: another column that an address names (`_to_field`) is no page's of ours.

        Raises:
            Http404.
        """
        row = super().get_object(request, object_id)
        if row is None:
            raise Http404
        for name in _ABOUT:
            getattr(row, name, None)  # a page of one row says whom it is about, whether that was fetched with it or not
        tell_apart_at_home(self.members_of(row), on=today_of(request), lasting=self.is_of_frozen_lines)
        return row

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the list's own filters, no columns: they would answer questions about what is not shown (D21)."""
        if request is None:
            return False
        return lookup in {getattr(entry, "parameter_name", None) for entry in self.get_list_filter(request)}

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Whatever column names an order; columns are made anew per request and cannot be compared with a list."""
        return None

    def members_of(self, row: Model) -> Iterable[Member]:
        """Whom a row is, or is about, as far as it was fetched with it; they are told apart from their namesakes."""
        if isinstance(row, Member):
            yield row
        for field in row._meta.fields:
            if field.name in _ABOUT and isinstance(field, ForeignKey) and field.is_cached(row):
                member = getattr(row, field.name)
                if isinstance(member, Member):
                    yield member

    # What may be done

    def has_view_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        reach = reach_of(request.user, on=today_of(request))
        return bool(reach.read_towns) if self.for_town_roles else reach.works_on_points

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        return False

    def may_change(self, request: HttpRequest, row: ModelT, action: Action) -> bool:
        """Whether the user may do `action` to a row they see."""
        rows = type(row)._default_manager.filter(pk=row.pk)
        return rows_for(actor_of(request), rows, on=today_of(request), action=action).exists()

    def row_for(self, request: HttpRequest, object_id: str, action: Action) -> ModelT:
        """Fetch and authorise; to read a row it is enough to see it.

        Raises:
            Http404: outside reach.
            PermissionDenied: visible, but not to be changed.
        """
        row = self.get_object(request, object_id)
        if action is not Action.READ and not self.may_change(request, row, action):
            raise PermissionDenied(_("You may read this but not change it. Ask the branch's recorder or secretary."))
        return row

    def require_reading(self, request: HttpRequest) -> None:
        """Refuse (403) whatever would write, on a page that only shows."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied(_("Rows are changed by their buttons, not by this page."))

    # Pages

    def get_urls(self) -> list[URLPattern]:
        tables = super().get_urls()
        for pattern in tables:
            set_menu_entry(pattern.callback, self.url_name("changelist"))
        return [*(page.mount_under(self) for page in self.subpages), *tables]

    def url_name(self, page: str) -> str:
        """The name of a page's address, without the namespace."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, *args: Any) -> str:
        """The address of one of this table's pages."""
        return page_url(self.url_name(page), *args)

    def url_by_row(self, page: str) -> Callable[[int], str]:
        """The address of a page of each of many rows by its id, looked up once for all of them."""
        before, after = self.url(page, 0).rsplit("/0/", 1)
        return lambda pk: f"{before}/{pk}/{after}"

    def way_back(self) -> tuple[Text, str]:
        """From a page of this table to its list: words and address."""
        return self.opts.verbose_name_plural or "", self.url("changelist")

    def list_buttons(self, request: HttpRequest) -> Sequence[Button]:
        """What can be done from the list."""
        return ()

    def _export_buttons(self, request: HttpRequest) -> Sequence[Button]:
        """The way to take out what the list shows, with what its address says."""
        if "sheet" not in {page.name for page in self.subpages} or not may_take_out(request):
            return ()
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return [Button(_("Export this table"), self.url("sheet") + query, "table_view")]

    def row_title(self, row: ModelT) -> str:
        """The heading of a row's page; never a ground of a finding (D21)."""
        return str(row)

    def row_facts(self, request: HttpRequest, row: ModelT) -> Sequence[Fact]:
        """What a row's page says."""
        return ()

    def row_buttons(self, request: HttpRequest, row: ModelT) -> Sequence[Button]:
        """What can be done with a row."""
        return ()

    def row_context(self, request: HttpRequest, row: ModelT) -> dict[str, Any]:
        """Further context of a row's page."""
        return {}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        buttons = [*self.list_buttons(request), *self._export_buttons(request)]
        context = {"buttons": buttons, "title": self.opts.verbose_name_plural}
        response = super().changelist_view(request, context | (extra_context or {}))
        assert isinstance(response, HttpResponse)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            # Rows are counted once; without this the heading would offer to show "all" of the same rows.
            changelist = response.context_data["cl"]
            changelist.full_result_count = changelist.result_count
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one row."""
        row = self.get_object(request, object_id)
        self.require_reading(request)
        context = {
            "row": row,
            "facts": self.row_facts(request, row),
            "buttons": self.row_buttons(request, row),
            **self.row_context(request, row),
        }
        return render_framed(
            request,
            self.row_template,
            site=self.admin_site,
            title=self.row_title(row),
            way_back=self.way_back(),
            context=context,
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit log is the history."""
        self.get_object(request, object_id)
        raise Http404
