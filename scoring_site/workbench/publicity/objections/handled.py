"""Who handles an objection, and the pages for them alone (3.3, D11)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from members.access import Action, may
from publicity.models import Objection
from publicity.objections.access import objections_to_handle
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.pages import RowPage


def handles(request: HttpRequest, row: Objection) -> bool:
    """Whether the user investigates and answers it, and so may know who objects."""
    return objections_to_handle(actor_of(request), on=today_of(request)).contains(row)


def registers(request: HttpRequest, row: Objection) -> bool:
    """Whether the user enters what an objector says on paper or by phone."""
    return may(actor_of(request), Action.RECORD, row.notice.review.branch, on=today_of(request))


def is_staff(request: HttpRequest, row: Objection) -> bool:
    """Whether the user is of the town's staff, who reply for the town."""
    return may(actor_of(request), Action.CONSENT, row.notice.review.branch, on=today_of(request))


class HandledPage(RowPage[Objection]):
    """A page about an objection for who handles it."""

    action = Action.READ

    def prepare(self) -> None:
        super().prepare()
        if not handles(self.request, self.row):
            raise PermissionDenied(_("This objection is not yours to handle."))


class ReceiptedPage(HandledPage):
    """A page for who handles it or registered it themselves, even where they may not see it afterwards (D11)."""

    def prepare(self) -> None:
        own = Objection.objects.filter(pk=self.kwargs["object_id"], taken_by=self.actor)
        rows = own.exclude(via=Objection.Via.PORTAL).select_related("notice__review__branch__town", "about")
        row = rows.prefetch_related("notice__review__branch__former_names").first()
        if row is None:
            super().prepare()
        else:
            self.row = row
