"""Imports in the workbench: upload, preview of every row and every error, confirmation of exactly what was previewed.

Nothing is written before the confirmation, which names the file by its SHA-256 and belongs to the user who uploaded
it. The import checks everything again: what changed since the preview is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from foundation.workbooks import limits
from foundation.workbooks.errors import UnreadableWorkbook
from foundation.workbooks.remarked import write_remarked
from foundation.workbooks.report import ImportReport, RowOutcome, show_value
from foundation.workbooks.resource import hash_file
from foundation.workbooks.uploaded import read_upload
from members.errors import DuplicateBatch
from members.roster_files.column_names import name_columns
from members.roster_files.uploads import Upload, UploadGone, drop_upload, find_upload, keep_upload, write_preview
from scoring_site.downloads import send_file, send_written
from scoring_site.menu import set_menu_entry
from scoring_site.parameters import read_id
from scoring_site.workbench.base.pages import Text, WorkbenchPage, page_url, require
from scoring_site.workbench.base.scoped import Button, Fact
from scoring_site.workbench.files.import_kinds import (
    ERROR_HEADINGS,
    ERRORS,
    QUESTIONS,
    TOLD_PARTS,
    FileForm,
    Found,
    ImportKind,
)
from scoring_site.workbench.files.record_imports import RecordsImport, TickImport
from scoring_site.workbench.files.roster_import import RosterImport

KINDS: tuple[ImportKind, ...] = (RosterImport(), RecordsImport(), TickImport())

PARTS = (ERRORS, QUESTIONS, *(outcome.value for outcome in RowOutcome))


@dataclass(frozen=True, slots=True)
class Tab:
    """One outcome of a preview: how many rows, and where they are listed."""

    label: str
    rows: int
    url: str
    is_open: bool
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading nobody knows: what it is called in the file and in the form, what it means, and what it may mean."""

    text: str
    name: str
    meant: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Pager:
    """Which page of how many; empty addresses where there is no further one."""

    page: int
    pages: int
    back: str
    on: str


class ImportsPage(WorkbenchPage):
    """What can be imported, with the templates."""

    route = "import/"
    name = "import"
    title = gettext_lazy("Import")
    template = "workbench/files/imports.html"

    def prepare(self) -> None:
        require(any(kind.is_for(self.request) for kind in KINDS))

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The kinds of the user's role."""
        kinds = [{"kind": kind, "buttons": _buttons_of(kind)} for kind in KINDS if kind.is_for(request)]
        return self.render(kinds=kinds)


def _buttons_of(kind: ImportKind) -> list[Button]:
    buttons = [Button(_("Choose a file"), _url(kind), "upload_file", main=True)]
    if kind.template is not None:
        buttons.append(Button(_("Download the template"), _url(kind, "_template"), "download"))
    return buttons


def _url(kind: ImportKind, page: str = "", token: UUID | None = None) -> str:
    return page_url(f"import_{kind.code}{page}", *([token] if token else []))


class ImportPage(WorkbenchPage):
    """A page of one kind of import, at `import/<kind>/`."""

    menu = ImportsPage.name
    kind: ImportKind = None  # type: ignore[assignment] # given when it is mounted

    @classmethod
    def mount_for(cls, kind: ImportKind, site: AdminSite) -> URLPattern:
        """Its address for a kind, named `import_<kind>` and what the page adds to that."""
        view = cls.as_view(site=site, kind=kind)
        set_menu_entry(view, cls.menu)
        return path(f"import/{kind.code}/{cls.route}", site.admin_view(view), name=f"import_{kind.code}{cls.name}")

    def prepare(self) -> None:
        require(self.kind.is_for(self.request))

    def say_gone(self, token: UUID, why: str) -> HttpResponseRedirect:
        """To the batch of a file that was imported before, else back to choose a file, with the reason."""
        url = self.kind.already_written(self.request, token)
        if url:
            messages.warning(self.request, _("This file was imported before; nothing was written a second time."))
            return HttpResponseRedirect(url)
        messages.error(self.request, why)
        return HttpResponseRedirect(_url(self.kind))


class TemplatePage(ImportPage):
    """The empty workbook of a kind that has one."""

    route = "template/"
    name = "_template"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The file."""
        assert self.kind.template is not None
        return send_file(self.kind.template(), f"{self.kind.template_name}.xlsx")


class FilePage(ImportPage):
    """The form for a file; a readable one is kept and leads to its preview."""

    template = "workbench/files/import_file.html"

    def get_title(self) -> Text:
        return self.kind.title

    def get_way_back(self) -> tuple[Text, str]:
        return _("Import"), page_url("import")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The form."""
        return self._show(self.kind.make_form(request))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """To the preview, or the form with what is wrong."""
        form = self.kind.make_form(request)
        token = self._keep_file(form) if form.is_valid() else None
        return HttpResponseRedirect(_url(self.kind, "_preview", token)) if token else self._show(form)

    def _show(self, form: FileForm) -> HttpResponseBase:
        return self.render(
            form=form,
            kind=self.kind,
            template_url="" if self.kind.template is None else _url(self.kind, "_template"),
            ticks_url=page_url("export_ticks") if self.kind.code == "ticks" else "",
        )

    def _keep_file(self, form: FileForm) -> UUID | None:
        """Read the file and keep it with its preview; None when it cannot be read, which the form then says."""
        file = form.cleaned_data["file"]
        # One byte more than may be read: the reader says that it is too large, and never sees the rest.
        data = file.read(limits.FILE_BYTES + 1)
        choices = self.kind.read_choices(form)
        try:
            found = self.kind.preview(self.request, data, file.name, choices)
        except UnreadableWorkbook as refusal:
            form.add_error("file", str(refusal))
            return None
        upload = keep_upload(
            actor=self.actor,
            now=self.now,
            kind=self.kind.code,
            name=file.name,
            data=data,
            file_hash=hash_file(data),
            choices=choices,
        )
        _store_preview(upload, found)
        return upload.token


class PreviewPage(ImportPage):
    """What the import would do; POST confirms it."""

    route = "<uuid:token>/"
    name = "_preview"
    template = "workbench/files/import_preview.html"

    def get_title(self) -> str:
        return _("Preview: %(title)s") % {"title": self.kind.title}

    def get_way_back(self) -> tuple[Text, str]:
        return self.kind.title, _url(self.kind)

    def _find(self, token: UUID) -> Upload:
        return find_upload(actor=self.actor, now=self.now, kind=self.kind.code, token=token)

    def get(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        """The rows by outcome, a page at a time."""
        try:
            return self._show(_in_language(request, self.kind, self._find(token)))
        except (UploadGone, UnreadableWorkbook) as refusal:
            return self.say_gone(token, str(refusal))

    def post(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        """Import exactly what was previewed, once."""
        try:
            return self._confirm(self._find(token))
        except UploadGone as gone:
            return self.say_gone(token, str(gone))
        except UnreadableWorkbook as refusal:  # it was readable: others' files are being read just now
            messages.error(request, str(refusal))
            return HttpResponseRedirect(_url(self.kind, "_preview", token))

    def _show(self, upload: Upload) -> HttpResponseBase:
        assert upload.preview is not None
        kind, request = self.kind, self.request
        facts, parts = upload.preview.facts, upload.preview.parts
        tabs_with_rows = [part for part in PARTS if part in parts]
        asked = request.GET.get("show", "")
        part = asked if asked in tabs_with_rows else (tabs_with_rows or [ERRORS])[0]
        headings = ERROR_HEADINGS if part in TOLD_PARTS else kind.headings
        pager = _page_of(request, part, len(parts[part].pages) if part in parts else 1)
        has_errors = ERRORS in parts
        changes = facts["added"] + facts["updated"]
        return self.render(
            kind=kind,
            upload=upload,
            facts=[
                Fact(_("file"), show_value(upload.name)),
                *kind.facts(request, upload.choices),
                Fact(_("Rows read"), facts["rows"]),
                Fact(_("file hash (SHA-256)"), f"{upload.file_hash[:16]}…"),
            ],
            notes=facts["notes"],
            headings_url=_url(kind, "_headings", upload.token) if self._may_name_headings(upload) else "",
            unknown=_headings_of(kind, facts.get("headings", {})),
            errors=parts[ERRORS].rows if has_errors else 0,
            problems=facts["problems"],
            remarks_url=_url(kind, "_remarks", upload.token),
            changes=0 if has_errors else changes,
            questions=parts[QUESTIONS].rows if QUESTIONS in parts else 0,
            questions_url=f"?show={QUESTIONS}",
            tabs=[
                Tab(_label(each), parts[each].rows, f"?show={each}", each == part, each in (ERRORS, QUESTIONS))
                for each in tabs_with_rows
            ],
            headings=headings,
            lines=[list(zip(headings, row, strict=True)) for row in upload.read_page(part, pager.page)],
            pager=pager,
            again_url=f"{_url(kind)}?{urlencode(upload.choices)}",
            cancel_url=_url(kind, "_cancel", upload.token),
        )

    def _may_name_headings(self, upload: Upload) -> bool:
        return self.kind.town_of_headings(self.request, upload.choices) is not None

    def _confirm(self, upload: Upload) -> HttpResponseBase:
        kind, request = self.kind, self.request
        here = _url(kind, "_preview", upload.token)
        try:
            # An empty hash would mean "any file" to the import.
            report = kind.carry_out(
                request, upload, request.POST.get("hash") or "-", confirmed="confirmed" in request.POST
            )
        except DuplicateBatch:
            drop_upload(upload)
            return self.say_gone(upload.token, "")
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
        if report.is_held:
            _store_preview(upload, kind.preview(request, upload.read(), upload.name, upload.choices))
            messages.error(
                request,
                _("Nothing was written: look at the unusual rows, and tick at the button that they are right."),
            )
            return HttpResponseRedirect(f"{here}?show={QUESTIONS}")
        drop_upload(upload)
        if not report.added and not report.updated:
            messages.info(request, _("Nothing new: everything in the file was already there."))
            return HttpResponseRedirect(_url(kind))
        written = kind.written(request, report)
        messages.success(request, str(written.message))
        return HttpResponseRedirect(written.url)


class HeadingsPage(ImportPage):
    """Say what headings mean that no list knows; the preview is made anew and the town remembers it."""

    route = "<uuid:token>/headings/"
    name = "_headings"

    def post(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        """Back to the preview."""
        try:
            upload = find_upload(actor=self.actor, now=self.now, kind=self.kind.code, token=token)
            town = self.kind.town_of_headings(request, upload.choices)
            require(town is not None and upload.preview is not None)
            assert town is not None
            assert upload.preview is not None
            assert self.kind.resource is not None
            name_columns(
                actor=self.actor,
                now=self.now,
                town=town,
                resource=self.kind.resource,
                names={
                    heading: request.POST.get(f"heading-{at}", "")
                    for at, heading in enumerate(upload.preview.facts.get("headings", {}))
                },
            )
            _store_preview(upload, self.kind.preview(request, upload.read(), upload.name, upload.choices))
        except (UploadGone, UnreadableWorkbook) as refusal:
            return self.say_gone(token, str(refusal))
        messages.success(request, _("The file was read again with these headings; the town remembers them."))
        return HttpResponseRedirect(_url(self.kind, "_preview", token))


class RemarksPage(ImportPage):
    """The file as it was sent, with what is wrong beside each row."""

    route = "<uuid:token>/remarks/"
    name = "_remarks"

    def get(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        """The workbook; the file is read once more."""
        try:
            upload = find_upload(actor=self.actor, now=self.now, kind=self.kind.code, token=token)
            data = upload.read()
            report = self.kind.preview(request, data, upload.name, upload.choices).report
            book = read_upload(data, upload.name)
        except (UploadGone, UnreadableWorkbook) as refusal:
            return self.say_gone(token, str(refusal))
        heading = _("What is wrong")
        name = _("%(title)s, with remarks") % {"title": self.kind.title}
        return send_written(
            lambda file: write_remarked(book, report.errors, file, heading=heading), f"{name}-{self.now:%Y%m%d}.xlsx"
        )


class CancelPage(ImportPage):
    """Delete the file and its preview."""

    route = "<uuid:token>/cancel/"
    name = "_cancel"

    def post(self, request: HttpRequest, token: UUID) -> HttpResponseBase:
        """Back to choose a file."""
        try:
            drop_upload(find_upload(actor=self.actor, now=self.now, kind=self.kind.code, token=token))
        except UploadGone as gone:
            return self.say_gone(token, str(gone))
        messages.info(request, _("Cancelled. The file was deleted; nothing was written."))
        return HttpResponseRedirect(_url(self.kind))


IMPORT_ADDRESSES: Sequence[Callable[[AdminSite], URLPattern]] = [
    ImportsPage.mount,
    *(
        partial(page.mount_for, kind)
        for kind in KINDS
        for page in (FilePage, TemplatePage, PreviewPage, HeadingsPage, RemarksPage, CancelPage)
        if (page is not TemplatePage or kind.template is not None)
        and (page is not HeadingsPage or kind.resource is not None)
    ),
]
"""`import`, and for each kind `import_<kind>`, `…_template`, `…_preview`, `…_headings`, `…_remarks`, `…_cancel`."""


def _store_preview(upload: Upload, found: Found) -> Upload:
    return write_preview(upload, language=get_language() or "", facts=_facts_of(found.report), lines=found.lines)


def _headings_of(kind: ImportKind, headings: Mapping[str, str]) -> list[Heading]:
    """The headings that stand on no list, with what each may mean: a column that the file does not have otherwise."""
    fields = {} if kind.resource is None else kind.resource.fields
    choices = [("", _("Not to be read")), *((name, str(field.names[0])) for name, field in fields.items())]
    return [
        Heading(show_value(heading), f"heading-{at}", meant, choices)
        for at, (heading, meant) in enumerate(headings.items())
    ]


def _facts_of(report: ImportReport) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "added": report.added,
        "updated": report.updated,
        "notes": report.notes,
        "problems": report.count_errors(),
        "headings": report.headings,
    }


def _in_language(request: HttpRequest, kind: ImportKind, upload: Upload) -> Upload:
    """The upload with its preview in the reader's language: made anew after a change of language."""
    if upload.preview is not None and upload.preview.language == get_language():
        return upload
    return _store_preview(upload, kind.preview(request, upload.read(), upload.name, upload.choices))


def _label(part: str) -> str:
    return {ERRORS: _("errors"), QUESTIONS: _("to be confirmed")}.get(part) or RowOutcome(part).label


def _page_of(request: HttpRequest, part: str, pages: int) -> Pager:
    page = min(max(read_id(request.GET.get("page", "")) or 1, 1), pages)
    back, on = (f"?show={part}&page={number}" for number in (page - 1, page + 1))
    return Pager(page, pages, back if page > 1 else "", on if page < pages else "")
