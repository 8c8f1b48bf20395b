"""The file itself, and its small picture; a finding's file is a look at its ground, and logged (D21)."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from members.access import Action, findings_for, holds_grounds_permission
from points.evidence.links import town_of
from points.evidence.sending import send_evidence, send_thumbnail
from points.models import EvidenceLink
from scoring_site.access_log import mark_small
from scoring_site.forms.fields import ReasonForm
from scoring_site.workbench.base.pages import RowPage
from veto.grounds import log_look


class EvidenceFile(RowPage[EvidenceLink]):
    """The file as an attachment: read as what it proves is read; sent a reason, by permission (D21)."""

    name = "file"
    action = Action.READ
    reason = ""

    def prepare(self) -> None:
        """Fetch the link; who may neither see what it proves nor holds the permission finds none."""
        if self.request.method == "POST":
            self._find_by_permission()
        else:
            super().prepare()

    def _find_by_permission(self) -> None:
        """For who may know of the finding, holds the permission and said why; for all others it is not there."""
        link = EvidenceLink.objects.filter(pk=self.kwargs["object_id"]).first()
        finding = (link.deduction or link.veto) if link else None
        form = ReasonForm(self.request.POST)
        if link is None or finding is None or not form.is_valid():
            raise Http404
        rows = type(finding)._default_manager.filter(pk=finding.pk)
        if not findings_for(self.actor, rows, on=self.today).exists():
            raise Http404
        if not holds_grounds_permission(self.actor, town_of(finding)):
            raise Http404
        self.row, self.reason = link, form.cleaned_data["reason"]

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file; asked for its head alone, nothing was looked at."""
        finding = self.row.deduction or self.row.veto
        if finding is not None and request.method != "HEAD":
            log_look(actor=self.actor, now=self.now, finding=finding, reason=self.reason)
        return send_evidence(self.row)

    def post(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file, for the reason sent."""
        return self.get(request, object_id)


class EvidenceThumbnail(RowPage[EvidenceLink]):
    """A picture of a list, small."""

    name = "thumbnail"
    action = Action.READ

    def get(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The picture."""
        return mark_small(send_thumbnail(self.row))
