"""The workbench: one admin site for everybody with an appointment, seen through `members.access`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy

from members.access import reach_of
from members.notifications import mark_read
from points.reviews.reminding import reminder_link
from scoring_site.browser_rules import WORKBENCH
from scoring_site.menu import list_sections, set_menu_entry
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.roles import desk_of
from scoring_site.workbench.dashboard import read_dashboard

if TYPE_CHECKING:
    BaseSite = AdminSite
else:
    from unfold.sites import UnfoldAdminSite as BaseSite


class WorkbenchSite(BaseSite):
    """Django's admin under one's appointments: no model permissions, no bulk actions, no deleting."""

    index_title = gettext_lazy("Home")
    index_template = "workbench/index.html"
    empty_value_display = "—"
    addresses: Sequence[Callable[[AdminSite], URLPattern]] = ()
    """What mounts the pages that have an address of their own."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Everybody with an appointment today may enter."""
        return reach_of(request.user, on=today_of(request)).is_worker

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of the workbench, whose pages need what unfold needs of the browser."""
        return csp_replace(WORKBENCH)(super().admin_view(view, cacheable))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """None: the menu is our own and nothing else lists tables."""
        return []

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The menu as this page shows it; unfold would copy all of it and ask about each entry anew."""
        return list_sections(request, desk_of(request))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # The menu has no search field; the view behind it would keep results beyond an appointment.
        tables = [url for url in super().get_urls() if getattr(url, "name", None) != "search"]
        for pattern in tables:
            if isinstance(pattern, URLPattern) and pattern.name == "index":
                set_menu_entry(pattern.callback, "index")
        return [
            *(mount(self) for mount in self.addresses),
            *tables,
        ]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """There is no index of an app's tables: the menu leads to each.

        Raises:
            Http404: always.
        """
        raise Http404

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What the user can do; whoever was reminded of what their branch is late with finds it here."""
        mark_read(user=actor_of(request), now=now_of(request), link=reminder_link())
        return super().index(request, read_dashboard(request) | (extra_context or {}))

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one place to log in, for members and workers alike."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse(f"{self.name}:index"))
        return redirect_to_login(request.GET.get("next") or reverse(f"{self.name}:index"))

    @method_decorator(login_not_required)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Log out; whoever is already out is led to log in."""
        return super().logout(request, extra_context)

    def password_change(  # type: ignore[override] # a redirect in place of a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one place to change one's password."""
        return HttpResponseRedirect(reverse("password_change"))
