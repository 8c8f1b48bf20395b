"""Exporting the list of members as it is filtered: first who and what leaves the town, then the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.access import reach_of
from members.models import Member
from members.roster_files.exporting import export_roster, write_roster_workbook
from scoring_site.downloads import send_written
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.roles import may_export
from scoring_site.workbench.base.scoped import Fact, FormPage

if TYPE_CHECKING:
    from scoring_site.workbench.base.scoped import ScopedModelAdmin


def show_roster_export(admin: ScopedModelAdmin[Member], request: HttpRequest) -> HttpResponseBase:
    """The page before the download, and (POST) the workbook; the list's filters stand in the address."""
    if not may_export(request):
        raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))
    back = admin.url("changelist")
    try:
        listed = admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return HttpResponseRedirect(back)
    if request.method == "POST":
        try:
            export = export_roster(actor=actor_of(request), now=now_of(request), members=listed.get_queryset(request))
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(back)
        what = _("roster")
        return send_written(lambda file: write_roster_workbook(export, file), f"{what}-{today_of(request):%Y%m%d}.xlsx")
    is_staff = bool(reach_of(actor_of(request), on=today_of(request)).staff_towns)
    page = FormPage(
        title=_("Export the list of members"),
        back=back,
        submit=_("Download the roster"),
        intro=[
            _("The workbook can be corrected and imported again. Choose who is in it by the filters of the list."),
        ],
        warning=[
            _("It holds citizen ID numbers and telephone numbers. Keep it where only those who need it can read it.")
            if is_staff
            else _("It holds telephone numbers but no citizen ID numbers: those only the town's staff may export."),
            _("The export is logged. Who has left the roster is left out."),
        ],
        facts=[Fact(_("members in the list"), listed.get_queryset(request).count()), *_filters_of(listed)],
    )
    context: dict[str, Any] = {"page": page}
    return admin.render(request, "workbench/roster/export_roster.html", title=page.title, context=context)


def _filters_of(listed: Any) -> list[Fact]:
    """The filters and the search in force, in words."""
    facts = [Fact(_("search"), listed.query)] if listed.query else []
    for spec in listed.filter_specs:
        facts += [Fact(str(spec.title), label) for _value, label, is_chosen in spec.options() if is_chosen]
    return facts
