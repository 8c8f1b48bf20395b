"""Opening a half of a branch as a draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.access import Action, branches_for, object_for
from members.models import Branch
from points.models.reviews import HALVES
from points.reviews.steps import open_review
from points.rules.periods import half_start
from scoring_site.workbench.base.pages import TablePage, require, row_url


class OpenReview(TablePage):
    """Open the half that a button of the list names; only by POST."""

    name = "open"

    def prepare(self) -> None:
        require(branches_for(self.actor, on=self.today, action=Action.SUBMIT_REVIEW).exists())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """To the draft, or back to the list with the reason why there is none."""
        branch_id, year, half = (request.POST.get(name, "") for name in ("branch", "year", "half"))
        is_half = branch_id.isdecimal() and year.isdecimal() and len(year) == 4 and half in dict(HALVES)
        if not is_half or half_start(int(year), half) > self.today:
            messages.error(request, _("Choose a half that has begun."))
            return HttpResponseRedirect(self.table.url("changelist"))
        branches = Branch.objects.select_related("town")
        branch = object_for(self.actor, branches, on=self.today, action=Action.SUBMIT_REVIEW, pk=int(branch_id))
        try:
            review = open_review(branch=branch, year=int(year), half=half)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.table.url("changelist"))
        messages.info(
            request, _("Opened as a draft. It follows the records until you submit it; nothing is locked yet.")
        )
        return HttpResponseRedirect(row_url(review))
