"""What taking out the audit log and the access log have in common."""

from __future__ import annotations

from typing import Generic

from django.utils.translation import gettext_lazy

from scoring_site.workbench.base.list_exports import ListExport
from scoring_site.workbench.base.pages import RowT
from scoring_site.workbench.base.roles import may_read_logs


class LogExport(ListExport[RowT], Generic[RowT]):
    """The entries of the list as a workbook; that it was taken out stands in the access log."""

    submit = gettext_lazy("Download the list")
    intro = (gettext_lazy("Choose which entries are in it by the filters of the list. The export is logged."),)
    count_label = gettext_lazy("entries in the list")
    asks_password = True

    def may_take_out(self) -> bool:
        return may_read_logs(self.request)
