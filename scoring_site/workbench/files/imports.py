"""Imports in the workbench: upload, preview of every row and every error, confirmation of exactly what was previewed.

Nothing is written before the confirmation, which names the file by its SHA-256 and belongs to the user who uploaded
it. The import checks everything again: what changed since the preview is refused, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.errors import DomainError
from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.report import ImportReport, Outcome, show_value
from foundation.workbooks.resource import hash_file
from members.errors import DuplicateBatch
from members.roster_files.uploads import Upload, UploadGone, drop_upload, find_upload, keep_upload, write_preview
from scoring_site.downloads import send_file
from scoring_site.requests import actor_of, now_of
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.files.import_kinds import ERROR_HEADINGS, ERRORS, FileForm, Found, ImportKind
from scoring_site.workbench.files.record_imports import RecordsImport, TickImport
from scoring_site.workbench.files.roster_import import RosterImport

KINDS: tuple[ImportKind, ...] = (RosterImport(), RecordsImport(), TickImport())

PARTS = (ERRORS, *(outcome.value for outcome in Outcome))


@dataclass(frozen=True, slots=True)
class Tab:
    """One outcome of a preview: how many rows, and where they are listed."""

    label: str
    rows: int
    url: str
    is_open: bool
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Pager:
    """Which page of how many; empty addresses where there is no further one."""

    page: int
    pages: int
    back: str
    on: str


class ImportScreens:
    """The pages of the imports under one admin site."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        """Their addresses: `import`, and for each kind `import_<kind>`, `…_preview`, `…_cancel`, `…_template`."""
        pages = [path("import/", self.site.admin_view(require_GET(self.show_kinds)), name="import")]
        for kind in KINDS:
            for route, view, page in (
                ("", require_http_methods(["GET", "HEAD", "POST"])(self.take_file), ""),
                ("template/", require_GET(self.send_template), "_template"),
                ("<uuid:token>/", require_http_methods(["GET", "HEAD", "POST"])(self.show_preview), "_preview"),
                ("<uuid:token>/cancel/", require_POST(self.cancel), "_cancel"),
            ):
                if page == "_template" and kind.template is None:
                    continue
                guarded = self.site.admin_view(partial(self._guard, kind, view))
                pages.append(path(f"import/{kind.code}/{route}", guarded, name=f"import_{kind.code}{page}"))
        return pages

    def _guard(self, kind: ImportKind, view: Any, request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not kind.is_for(request):
            raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))
        response = view(request, kind=kind, **arguments)
        assert isinstance(response, HttpResponse)
        return response

    def _render(self, request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> TemplateResponse:
        request.current_app = self.site.name
        return TemplateResponse(request, template, {**self.site.each_context(request), "title": title, **context})

    def _url(self, kind: ImportKind, page: str = "", token: UUID | None = None) -> str:
        return reverse(f"{self.site.name}:import_{kind.code}{page}", args=[token] if token else [])

    def show_kinds(self, request: HttpRequest) -> HttpResponse:
        """What can be imported, with the templates."""
        kinds = [{"kind": kind, "buttons": self._buttons(kind)} for kind in KINDS if kind.is_for(request)]
        if not kinds:
            raise PermissionDenied(_("Your role does not include this. Ask the town's staff."))
        return self._render(request, "workbench/files/imports.html", _("Import"), {"kinds": kinds})

    def _buttons(self, kind: ImportKind) -> list[Button]:
        buttons = [Button(_("Choose a file"), self._url(kind), "upload_file", main=True)]
        if kind.template is not None:
            buttons.append(Button(_("Download the template"), self._url(kind, "_template"), "download"))
        return buttons

    def send_template(self, request: HttpRequest, kind: ImportKind) -> HttpResponse:
        """The empty workbook of a kind."""
        if kind.template is None:
            raise Http404
        return send_file(kind.template(), f"{kind.template_name}.xlsx")

    def take_file(self, request: HttpRequest, kind: ImportKind) -> HttpResponse:
        """The form for a file; a readable one is kept and leads to its preview."""
        form = kind.make_form(request)
        if request.method == "POST" and form.is_valid():
            token = self._keep_file(request, kind, form)
            if token is not None:
                return HttpResponseRedirect(self._url(kind, "_preview", token))
        return self._render(
            request,
            "workbench/files/import_file.html",
            kind.title,
            {
                "form": form,
                "kind": kind,
                "list_name": _("Import"),
                "list_url": reverse(f"{self.site.name}:import"),
                "template_url": "" if kind.template is None else self._url(kind, "_template"),
                "ticks_url": reverse(f"{self.site.name}:export_ticks") if kind.code == "ticks" else "",
            },
        )

    def _keep_file(self, request: HttpRequest, kind: ImportKind, form: FileForm) -> UUID | None:
        """Read the file and keep it with its preview; None when it cannot be read, which the form then says."""
        file = form.cleaned_data["file"]
        # One byte more than may be read: the reader says that it is too large, and never sees the rest.
        data = file.read(limits.FILE_BYTES + 1)
        choices = kind.read_choices(form)
        try:
            found = kind.preview(request, data, file.name, choices)
        except UnreadableWorkbook as refusal:
            form.add_error("file", str(refusal))
            return None
        upload = keep_upload(
            actor=actor_of(request),
            now=now_of(request),
            kind=kind.code,
            name=file.name,
            data=data,
            file_hash=hash_file(data),
            choices=choices,
        )
        _store_preview(upload, found)
        return upload.token

    def show_preview(self, request: HttpRequest, kind: ImportKind, token: UUID) -> HttpResponse:
        """What the import would do; POST confirms it."""
        try:
            upload = find_upload(actor=actor_of(request), now=now_of(request), kind=kind.code, token=token)
            if request.method == "POST":
                return self._confirm(request, kind, upload)
            upload = _in_language(request, kind, upload)
            return self._show(request, kind, upload)
        except UploadGone as gone:
            return self._say_gone(request, kind, token, str(gone))

    def _say_gone(self, request: HttpRequest, kind: ImportKind, token: UUID, why: str) -> HttpResponse:
        url = kind.already_written(request, token)
        if url:
            messages.warning(request, _("This file was imported before; nothing was written a second time."))
            return HttpResponseRedirect(url)
        messages.error(request, why)
        return HttpResponseRedirect(self._url(kind))

    def _show(self, request: HttpRequest, kind: ImportKind, upload: Upload) -> HttpResponse:
        assert upload.preview is not None
        facts, parts = upload.preview.facts, upload.preview.parts
        tabs_with_rows = [part for part in PARTS if part in parts]
        asked = request.GET.get("show", "")
        part = asked if asked in tabs_with_rows else (tabs_with_rows or [ERRORS])[0]
        headings = ERROR_HEADINGS if part == ERRORS else kind.headings
        pager = _page_of(request, part, len(parts[part].pages) if part in parts else 1)
        has_errors = ERRORS in parts
        changes = facts["added"] + facts["updated"]
        return self._render(
            request,
            "workbench/files/import_preview.html",
            _("Preview: %(title)s") % {"title": kind.title},
            {
                "kind": kind,
                "upload": upload,
                "facts": [
                    Fact(_("file"), show_value(upload.name)),
                    *kind.facts(request, upload.choices),
                    Fact(_("Rows read"), facts["rows"]),
                    Fact(_("file hash (SHA-256)"), f"{upload.file_hash[:16]}…"),
                ],
                "notes": facts["notes"],
                "errors": parts[ERRORS].rows if has_errors else 0,
                "changes": 0 if has_errors else changes,
                "tabs": [
                    Tab(_label(each), parts[each].rows, f"?show={each}", each == part, each == ERRORS)
                    for each in tabs_with_rows
                ],
                "headings": headings,
                "lines": [list(zip(headings, row, strict=True)) for row in upload.read_page(part, pager.page)],
                "pager": pager,
                "again_url": f"{self._url(kind)}?{urlencode(upload.choices)}",
                "cancel_url": self._url(kind, "_cancel", upload.token),
                "list_name": kind.title,
                "list_url": self._url(kind),
            },
        )

    def _confirm(self, request: HttpRequest, kind: ImportKind, upload: Upload) -> HttpResponse:
        """Import exactly what was previewed, once."""
        here = self._url(kind, "_preview", upload.token)
        try:
            # An empty hash would mean "any file" to the import.
            report = kind.carry_out(request, upload, request.POST.get("hash") or "-")
        except DuplicateBatch:
            drop_upload(upload)
            return self._say_gone(request, kind, upload.token, "")
        except UploadGone:
            raise
        except DomainError as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(here)
        if report.errors:
            _store_preview(upload, kind.preview(request, upload.read(), upload.name, upload.choices))
            messages.error(
                request,
                _("Nothing was written: the roster or the records have changed since. The preview below is renewed."),
            )
            return HttpResponseRedirect(here)
        drop_upload(upload)
        if not report.added and not report.updated:
            messages.info(request, _("Nothing new: everything in the file was already there."))
            return HttpResponseRedirect(self._url(kind))
        written = kind.written(request, report)
        messages.success(request, written.message)
        return HttpResponseRedirect(written.url)

    def cancel(self, request: HttpRequest, kind: ImportKind, token: UUID) -> HttpResponse:
        """Delete the file and its preview."""
        try:
            drop_upload(find_upload(actor=actor_of(request), now=now_of(request), kind=kind.code, token=token))
        except UploadGone as gone:
            return self._say_gone(request, kind, token, str(gone))
        messages.info(request, _("Cancelled. The file was deleted; nothing was written."))
        return HttpResponseRedirect(self._url(kind))


def _store_preview(upload: Upload, found: Found) -> Upload:
    return write_preview(upload, language=get_language() or "", facts=_facts_of(found.report), lines=found.lines)


def _facts_of(report: ImportReport) -> dict[str, Any]:
    return {"rows": report.rows, "added": report.added, "updated": report.updated, "notes": report.notes}


def _in_language(request: HttpRequest, kind: ImportKind, upload: Upload) -> Upload:
    """The upload with its preview in the reader's language: made anew after a change of language."""
    if upload.preview is not None and upload.preview.language == get_language():
        return upload
    return _store_preview(upload, kind.preview(request, upload.read(), upload.name, upload.choices))


def _label(part: str) -> str:
    return _("errors") if part == ERRORS else Outcome(part).label


def _page_of(request: HttpRequest, part: str, pages: int) -> Pager:
    asked = request.GET.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    back, on = (f"?show={part}&page={number}" for number in (page - 1, page + 1))
    return Pager(page, pages, back if page > 1 else "", on if page < pages else "")
