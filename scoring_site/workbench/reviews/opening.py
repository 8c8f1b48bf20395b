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
from scoring_site.parameters import read_id, read_year
from scoring_site.workbench.base.pages import TablePage, require, row_url


class OpenReview(TablePage):
    """Open the half that a button of the list names; only by POST."""

    name = "open"

    def prepare(self) -> None:
        require(branches_for(self.actor, on=self.today, action=Action.SUBMIT_REVIEW).exists())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """To the draft, or back to the list with the reason why there is none."""
        branch_id, year = read_id(request.POST.get("branch", "")), read_year(request.POST.get("year", ""))
        half = request.POST.get("half", "")
        if not branch_id or not year or half not in dict(HALVES) or half_start(year, half) > self.today:
            messages.error(request, _("Choose a half that has begun."))
            return HttpResponseRedirect(self.table.url("changelist"))
        branches = Branch.objects.select_related("town")
        branch = object_for(self.actor, branches, on=self.today, action=Action.SUBMIT_REVIEW, pk=branch_id)
        try:
            review = open_review(branch=branch, year=year, half=half)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.table.url("changelist"))
        messages.info(
            request, _("Opened as a draft. It follows the records until you submit it; nothing is locked yet.")
        )
        return HttpResponseRedirect(row_url(review))
