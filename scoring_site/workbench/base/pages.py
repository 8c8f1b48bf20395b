"""Pages of the workbench that are no list: each a plain view that says its address, heading and place in the menu.

`prepare` fetches and authorises before anything else. A `WorkbenchPage` has an address of its own; a `TablePage` lies
under its table's address, a `RowPage` under one row's.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from members.access import Action
from members.models import User
from scoring_site.menu import set_menu_entry
from scoring_site.password_again import ask_before_grave
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.seats import say_recording_cost

if TYPE_CHECKING:
    from scoring_site.workbench.base.scoped import ScopedModelAdmin

Text = str | Promise
RowT = TypeVar("RowT", bound=Model)


def page_url(name: str, *args: Any) -> str:
    """The address of a page of the workbench by its name."""
    return reverse(f"workbench:{name}", args=args)


def row_url(row: Model) -> str:
    """The address of any row's page."""
    opts = row._meta
    return page_url(f"{opts.app_label}_{opts.model_name}_change", row.pk)


def require(allowed: bool) -> None:
    """Refuse what the user's role does not include (403)."""
    if not allowed:
        raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))


def render_framed(
    request: HttpRequest,
    template: str,
    *,
    site: AdminSite,
    title: Text,
    way_back: tuple[Text, str],
    context: dict[str, Any],
) -> TemplateResponse:
    """A page inside the workbench's frame; `way_back` are the words and address of the line above the heading."""
    request.current_app = site.name
    list_name, list_url = way_back
    frame = {**site.each_context(request), "title": title, "list_name": list_name, "list_url": list_url}
    return TemplateResponse(request, template, frame | context)


class WorkbenchPage(View):
    """One page inside the workbench's frame."""

    site: AdminSite = None  # type: ignore[assignment] # given when it is mounted
    route: ClassVar[str] = ""
    """Its address below the workbench's."""
    name: ClassVar[str] = ""
    """The name of its address."""
    menu: ClassVar[str] = ""
    """The name of the page whose entry in the menu is lit; its own where empty."""
    title: Text = ""
    template: ClassVar[str] = ""
    records: ClassVar[bool] = False
    """Whether what is saved here is recorded: then whoever would approve is told what that costs (D27)."""
    asks_password: ClassVar[bool] = False
    """Whether it is grave enough that the password is asked for again where it was not given just now."""

    @classmethod
    def mount(cls, site: AdminSite) -> URLPattern:
        """Its address under an admin site."""
        view = cls.as_view(site=site)
        set_menu_entry(view, cls.menu or cls.name)
        return path(cls.route, site.admin_view(view), name=cls.name)

    @cached_property
    def actor(self) -> User:
        return actor_of(self.request)

    @cached_property
    def now(self) -> datetime:
        return now_of(self.request)

    @cached_property
    def today(self) -> date:
        return today_of(self.request)

    def prepare(self) -> HttpResponseBase | None:
        """Fetch what the page is about and authorise: 404 for what is out of reach, 403 for what is seen only.

        What it returns is the answer: where the page leads elsewhere.
        """
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.prepare() or self._ask_password() or super().dispatch(request, *args, **kwargs)

    def _ask_password(self) -> HttpResponseBase | None:
        return ask_before_grave(self.request) if self.asks_password else None

    def get_title(self) -> Text:
        """The heading."""
        return self.title

    def get_way_back(self) -> tuple[Text, str]:
        """Where the line above the heading leads: words and address, both empty where there is none."""
        return "", ""

    def get_context(self) -> dict[str, Any]:
        """What the template shows."""
        return {}

    def render(self, template: str = "", /, **context: Any) -> TemplateResponse:
        """The page."""
        if self.records:
            context["recording_cost"] = say_recording_cost(self.actor, on=self.today)
        return render_framed(
            self.request,
            template or self.template,
            site=self.site,
            title=self.get_title(),
            way_back=self.get_way_back(),
            context=self.get_context() | context,
        )


class TablePage(WorkbenchPage):
    """A page under the address of a table."""

    table: ScopedModelAdmin[Any] = None  # type: ignore[assignment] # given when it is mounted

    @classmethod
    def mount_under(cls, table: ScopedModelAdmin[Any]) -> URLPattern:
        """Its address under a table; the name begins with the table's, the table's entry of the menu is lit."""
        view = cls.as_view(site=table.admin_site, table=table)
        set_menu_entry(view, cls.menu or table.url_name("changelist"))
        return path(cls.get_route(), table.admin_site.admin_view(view), name=table.url_name(cls.name))

    @classmethod
    def get_route(cls) -> str:
        """Its address below the table's: as it is named, where it says nothing else."""
        return cls.route or f"{cls.name.replace('_', '-')}/"

    def get_way_back(self) -> tuple[Text, str]:
        """To the table's list."""
        return self.table.way_back()


class RowPage(TablePage, Generic[RowT]):
    """A page about one row, at `<row>/<name>/`, for who may do `action` to it."""

    action: ClassVar[Action]
    row: RowT

    @classmethod
    def get_route(cls) -> str:
        """Its address below the table's."""
        return f"<id:object_id>/{super().get_route()}"

    def prepare(self) -> None:
        """Fetch the row and authorise."""
        self.row = self.table.row_for(self.request, str(self.kwargs["object_id"]), self.action)
