"""Evidence in the workbench: what is kept, opened as an attachment, added to its subject, voided with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Member, StoredFile
from points.evidence.links import evidence_for, evidence_to_take_out, may_void_evidence, subject_of
from points.models import EvidenceLink
from scoring_site.requests import actor_of, today_of
from scoring_site.workbench.base.columns import Column, column, void_facts
from scoring_site.workbench.base.filters import ChoiceFilter, LiveFilter
from scoring_site.workbench.base.scoped import Button, Fact, ScopedModelAdmin
from scoring_site.workbench.recording.evidence.files import EvidenceFile, EvidenceThumbnail
from scoring_site.workbench.recording.evidence.steps import AttachEvidence, VoidEvidence
from scoring_site.workbench.recording.evidence.subjects import find_subject_url, name_subject


class KindFilter(ChoiceFilter):
    """Pictures, PDF, Word, Excel."""

    title = gettext_lazy("kind")
    parameter_name = "kind"
    offered = StoredFile.Kind

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(file__kind=value)


class EvidenceLinkAdmin(ScopedModelAdmin[EvidenceLink]):
    """What is kept as evidence within reach, latest first."""

    card_columns = ("kind", "subject", "state")
    list_filter = (KindFilter, LiveFilter)
    list_select_related = (
        *("file", "added_by", "batch", "meeting", "event__member", "deduction__member"),
        *("veto__member", "claim__member"),
    )
    ordering = ("-added_at", "-id")
    row_template = "workbench/recording/evidence_link.html"
    subpages = (AttachEvidence, EvidenceFile, EvidenceThumbnail, VoidEvidence)

    def scope(self, request: HttpRequest, rows: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
        return rows.filter(pk__in=evidence_for(actor_of(request), on=today_of(request)).values("pk"))

    def scope_taken_out(self, request: HttpRequest, rows: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
        return rows.filter(pk__in=evidence_to_take_out(actor_of(request), on=today_of(request)).values("pk"))

    def members_of(self, row: Model) -> Iterable[Member]:
        """Whose record, claim or finding a file proves."""
        member = getattr(subject_of(row), "member", None) if isinstance(row, EvidenceLink) else None
        return [member] if member is not None else []

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("file name"), lambda row: row.file.name, name="name", order="file__name"),
            column(gettext_lazy("kind"), lambda row: row.file.get_kind_display(), name="kind", order="file__kind"),
            column(gettext_lazy("proves"), lambda row: name_subject(subject_of(row)), name="subject"),
            column(gettext_lazy("added at"), lambda row: row.added_at, name="added_at", order="added_at"),
            column(gettext_lazy("added by"), lambda row: str(row.added_by), name="added_by"),
            column(gettext_lazy("validity"), _show_state, name="state", order="voided_at"),
        )

    def row_title(self, row: EvidenceLink) -> str:
        return f"{row.file.get_kind_display()} {timezone.localdate(row.added_at)}"

    def row_facts(self, request: HttpRequest, row: EvidenceLink) -> Sequence[Fact]:
        subject = subject_of(row)
        return [
            Fact(_("file name"), row.file.name),
            Fact(_("kind"), row.file.get_kind_display()),
            Fact(_("proves"), name_subject(subject), find_subject_url(request, subject)),
            Fact(_("added at"), row.added_at),
            Fact(_("added by"), str(row.added_by)),
            *void_facts(row),
        ]

    def row_context(self, request: HttpRequest, row: EvidenceLink) -> dict[str, Any]:
        return {"thumbnail_url": self.url("thumbnail", row.pk) if row.has_thumbnail else ""}

    def row_buttons(self, request: HttpRequest, row: EvidenceLink) -> Sequence[Button]:
        buttons = [Button(_("Open the file"), self.url("file", row.pk), "download", main=True)]
        if may_void_evidence(actor_of(request), row, on=today_of(request)):
            buttons.append(Button(_("Void"), self.url("void", row.pk), "block", grave=True))
        return buttons


def _show_state(row: EvidenceLink) -> str:
    return _("voided") if row.is_void else _("valid")
