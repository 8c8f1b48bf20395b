"""The half-year review's page, with the way on to its notice."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from members.access import Action
from points.models import Review
from publicity.models import Notice
from scoring_site.workbench.base.scoped import Button, ScopedModelAdmin


class NoticeOfReview(ScopedModelAdmin[Review]):
    """Leads from a review to its notice, or to preparing it once it is approved."""

    def row_buttons(self, request: HttpRequest, row: Review) -> Sequence[Button]:
        buttons = list(super().row_buttons(request, row))
        notice = Notice.objects.filter(review=row).only("pk").first()
        if notice is not None:
            return [Button(_("To the notice"), self.url_of(notice), "campaign", main=True), *buttons]
        if row.state == Review.State.APPROVED and self.may_change(request, row, Action.APPROVE_REVIEW):
            prepare = reverse(f"{self.admin_site.name}:publicity_notice_prepare")
            return [Button(_("Prepare a notice"), f"{prepare}?review={row.pk}", "campaign", main=True), *buttons]
        return buttons
