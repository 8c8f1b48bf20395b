"""Evidence in the workbench: what is kept, opened as an attachment, added to its subject, voided with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import findings_for, holds_grounds_permission, rows_for
from members.models import RecordBatch, StoredFile
from points.evidence.links import (
    NAMES,
    Subject,
    attach_evidence,
    evidence_for,
    may_add_evidence,
    may_void_evidence,
    subject_of,
    town_of,
    void_evidence_link,
)
from points.evidence.sending import send_evidence, send_thumbnail
from points.models import EvidenceLink, Meeting, PointEvent
from scoring_site.forms.evidence import EvidenceField
from scoring_site.forms.fields import ReasonForm, WorkbenchForm
from scoring_site.requests import actor_of, now_of, today_of
from scoring_site.workbench.base.columns import Column, column, void_facts
from scoring_site.workbench.base.filters import ChoiceFilter, LiveFilter
from scoring_site.workbench.base.scoped import Button, Fact, FormPage, Outcome, ScopedModelAdmin
from veto.grounds import log_look
from veto.models import Deduction, VetoRecord

ATTACHABLE: dict[str, type[Subject]] = {
    NAMES[model]: model for model in (RecordBatch, Meeting, PointEvent, Deduction, VetoRecord)
}
"""What the workbench attaches to; a claim's files are its member's to add."""


class EvidenceForm(WorkbenchForm):
    """Files to attach to what stands already."""

    evidence = EvidenceField(label=gettext_lazy("files"), required=True)


class KindFilter(ChoiceFilter):
    """Pictures, PDF, Word, Excel."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(StoredFile.Kind.choices)

    def narrow(self, request: HttpRequest, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(file__kind=value)


class EvidenceLinkAdmin(ScopedModelAdmin[EvidenceLink]):
    """What is kept as evidence within reach, latest first."""

    list_filter = (KindFilter, LiveFilter)
    list_select_related = (
        *("file", "added_by", "batch", "meeting", "event__member", "deduction__member"),
        *("veto__member", "claim__member"),
    )
    ordering = ("-added_at", "-id")
    row_template = "workbench/recording/evidence_link.html"

    def scope(self, request: HttpRequest, rows: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
        return rows.filter(pk__in=evidence_for(actor_of(request), on=today_of(request)).values("pk"))

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return (
            column(gettext_lazy("file name"), lambda row: row.file.name, name="name", order="file__name"),
            column(gettext_lazy("kind"), lambda row: row.file.get_kind_display(), name="kind", order="file__kind"),
            column(gettext_lazy("proves"), _name_subject, name="subject"),
            column(gettext_lazy("added at"), lambda row: row.added_at, name="added_at", order="added_at"),
            column(gettext_lazy("added by"), lambda row: str(row.added_by), name="added_by"),
            column(gettext_lazy("validity"), _show_state, name="state", order="voided_at"),
        )

    def pages(self) -> Iterable[URLPattern]:
        return [
            self.page("attach/", self.attach_view, "attach"),
            self.page("<int:object_id>/file/", self.file_view, "file"),
            self.page("<int:object_id>/thumbnail/", self.thumbnail_view, "thumbnail"),
            self.page("<int:object_id>/void/", self.void_view, "void"),
        ]

    def row_title(self, row: EvidenceLink) -> str:
        return f"{row.file.get_kind_display()} {timezone.localdate(row.added_at)}"

    def row_facts(self, request: HttpRequest, row: EvidenceLink) -> Sequence[Fact]:
        subject = subject_of(row)
        voided = void_facts(row)
        return [
            Fact(_("file name"), row.file.name),
            Fact(_("kind"), row.file.get_kind_display()),
            Fact(_("proves"), _name_subject(row), _url_of(self, request, subject)),
            Fact(_("added at"), row.added_at),
            Fact(_("added by"), str(row.added_by)),
            *voided,
        ]

    def row_context(self, request: HttpRequest, row: EvidenceLink) -> dict[str, Any]:
        return {"thumbnail_url": self.url("thumbnail", row.pk) if row.has_thumbnail else ""}

    def row_buttons(self, request: HttpRequest, row: EvidenceLink) -> Sequence[Button]:
        buttons = [Button(_("Open the file"), self.url("file", row.pk), "download", main=True)]
        if may_void_evidence(actor_of(request), row, on=today_of(request)):
            buttons.append(Button(_("Void"), self.url("void", row.pk), "block", grave=True))
        return buttons

    # What can be done

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """The file as an attachment; a finding's is a look at its ground and logged, by permission with a reason."""
        if request.method == "POST":
            return self._send_by_permission(request, object_id)
        link = self.get_object(request, str(object_id))
        if request.method != "HEAD":  # whatever else is asked with, the answer carries the file
            self._log_look(request, link)
        return send_evidence(link)

    def _send_by_permission(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """For who may know of the finding, holds the permission and said why (D21); for all others it is not there."""
        user, today = actor_of(request), today_of(request)
        link = EvidenceLink.objects.filter(pk=object_id).first()
        finding = (link.deduction or link.veto) if link else None
        form = ReasonForm(request.POST)
        if link is None or finding is None or not form.is_valid():
            raise Http404
        known = findings_for(user, type(finding)._default_manager.filter(pk=finding.pk), on=today).exists()
        if not known or not holds_grounds_permission(user, town_of(finding)):
            raise Http404
        self._log_look(request, link, reason=form.cleaned_data["reason"])
        return send_evidence(link)

    @staticmethod
    def _log_look(request: HttpRequest, link: EvidenceLink, reason: str = "") -> None:
        finding = link.deduction or link.veto
        if finding is not None:
            log_look(actor=actor_of(request), now=now_of(request), finding=finding, reason=reason)

    def thumbnail_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """A picture of a list, small."""
        return send_thumbnail(self.get_object(request, str(object_id)))

    def attach_view(self, request: HttpRequest) -> HttpResponseBase:
        """Add files to what stands already: `?event=`, `?meeting=`, `?deduction=`, `?veto=` or `?batch=`."""
        user, today = actor_of(request), today_of(request)
        subject = self._find_subject(request)
        self.require(may_add_evidence(user, subject, on=today))
        form = EvidenceForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        back = self.url_of(subject)

        def carry_out() -> Outcome:
            links = attach_evidence(
                actor=user, now=now_of(request), files=form.cleaned_data["evidence"], subject=subject
            )
            if not links:
                return Outcome(back, _("These files were attached already; nothing was added twice."))
            return Outcome(
                back, _("%(count)d files added. To take one back, void it with a reason.") % {"count": len(links)}
            )

        page = FormPage(
            title=_("Add evidence"),
            back=back,
            submit=_("Add"),
            facts=[Fact(_("proves"), _name(subject), back)],
        )
        return self.run_form(request, form, page, carry_out)

    def _find_subject(self, request: HttpRequest) -> Subject:
        """The one row the address names, if it lies within reach. Raises Http404."""
        user, today = actor_of(request), today_of(request)
        named = [(name, request.GET[name]) for name in ATTACHABLE if request.GET.get(name, "").isdecimal()]
        if len(named) != 1 or len(named[0][1]) > MOST_DIGITS:
            raise Http404
        name, pk = named[0]
        rows: QuerySet[Any] = ATTACHABLE[name]._default_manager.filter(pk=pk)
        is_finding = name in ("deduction", "veto")
        found = (findings_for if is_finding else rows_for)(user, rows, on=today)
        subject: Subject | None = found.first()
        if subject is None:
            raise Http404
        return subject

    def void_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Void one link, after showing it."""
        link = self.get_object(request, str(object_id))
        self.require(link.is_void or may_void_evidence(actor_of(request), link, on=today_of(request)))
        form = ReasonForm(request.POST or None)

        def carry_out() -> Outcome:
            void_evidence_link(
                actor=actor_of(request), now=now_of(request), link=link, reason=form.cleaned_data["reason"]
            )
            return Outcome(
                _url_of(self, request, subject_of(link)) or self.url("changelist"),
                _("Voided. If it was a mistake, add the file again."),
            )

        page = FormPage(
            title=_("Void evidence"),
            back=self.url_of(link),
            submit=_("Void"),
            warning=[_("The file will no longer be shown; the line stays readable with your name and the reason.")],
            facts=self.row_facts(request, link),
            grave=True,
        )
        return self.run_form(request, form, page, carry_out)


MOST_DIGITS = 18


def _url_of(admin: ScopedModelAdmin[Any], request: HttpRequest, subject: Subject) -> str:
    """The page of what is proved, where it is the user's to see."""
    user, today = actor_of(request), today_of(request)
    rows: QuerySet[Any] = type(subject)._default_manager.filter(pk=subject.pk)
    if isinstance(subject, Deduction | VetoRecord):
        return admin.url_of(subject) if findings_for(user, rows, on=today).exists() else ""
    return admin.url_of(subject) if rows_for(user, rows, on=today).exists() else ""


def _name_subject(link: EvidenceLink) -> str:
    return _name(subject_of(link))


def _name(subject: Model) -> str:
    """What is proved, in words and without a ground."""
    kind = str(subject._meta.verbose_name)
    member = getattr(subject, "member", None)
    day = getattr(subject, "date", None)
    return f"{kind} {member.name} {day}" if member is not None else f"{kind} {subject}"


def _show_state(row: EvidenceLink) -> str:
    return _("voided") if row.is_void else _("valid")
