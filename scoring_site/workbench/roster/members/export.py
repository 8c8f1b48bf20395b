"""Exporting the list of members as it is filtered: first who and what leaves the town, then the file."""

from __future__ import annotations

from collections.abc import Sequence

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import reach_of
from members.models import Member
from members.roster_files.exporting import export_roster, write_roster_workbook
from scoring_site.downloads import send_written
from scoring_site.workbench.base.list_exports import ListExport
from scoring_site.workbench.base.pages import Text
from scoring_site.workbench.base.roles import may_export


class ExportRoster(ListExport[Member]):
    """The roster as a workbook that can be corrected and imported again."""

    title = gettext_lazy("Export the roster")
    asks_password = True
    submit = gettext_lazy("Download the roster")
    intro = (
        gettext_lazy(
            "The workbook can be corrected and imported again. Choose who is in it by the filters of the list."
        ),
    )
    count_label = gettext_lazy("members in the list")

    def may_take_out(self) -> bool:
        return may_export(self.request)

    def get_warning(self) -> Sequence[Text]:
        is_staff = bool(reach_of(self.actor, on=self.today).staff_towns)
        return [
            _("It holds citizen ID numbers and telephone numbers. Keep it where only those who need it can read it.")
            if is_staff
            else _("It holds telephone numbers but no citizen ID numbers: those only the town's staff may export."),
            _("The export is logged. Who has left the roster is left out."),
        ]

    def send(self) -> HttpResponseBase:
        """One row per member."""
        export = export_roster(actor=self.actor, now=self.now, members=self.rows)
        what = _("roster")
        return send_written(lambda file: write_roster_workbook(export, file), f"{what}-{self.today:%Y%m%d}.xlsx")
