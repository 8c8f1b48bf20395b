"""Sending evidence once a view has authorised it: only as an attachment, never shown by the browser, names nobody."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from members.evidence.documents import CONTENT_TYPES, EXTENSIONS
from members.evidence.previews import make_preview
from members.evidence.store import read_file
from members.models import StoredFile
from points.models import EvidenceLink

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every file: what it holds runs nowhere, is read as nothing else, and no other site shows it."""


def send_evidence(link: EvidenceLink) -> HttpResponse:
    """The file as an attachment; its name says the day it was added and nothing else (D21).

    Raises:
        Http404: its bytes were removed after the last link was voided.
    """
    kind = StoredFile.Kind(link.file.kind)
    day = timezone.localdate(link.added_at)
    name = f"evidence-{day:%Y%m%d}-{link.uuid.hex[:8]}.{EXTENSIONS[kind]}"
    return HttpResponse(
        _read(link),
        content_type=CONTENT_TYPES[kind],
        headers=HEADERS | {"Content-Disposition": content_disposition_header(True, name) or "attachment"},
    )


def send_thumbnail(link: EvidenceLink) -> HttpResponse:
    """A picture, or the first page of a PDF, small.

    Raises:
        Http404: it is neither, proves a finding (those are opened one by one, and each look is logged), or is gone.
    """
    if not link.has_thumbnail:
        raise Http404
    preview = make_preview(_read(link), StoredFile.Kind(link.file.kind))
    return HttpResponse(preview, content_type=CONTENT_TYPES[StoredFile.Kind.IMAGE], headers=HEADERS)


def _read(link: EvidenceLink) -> bytes:
    data = read_file(link.file)
    if data is None:
        raise Http404(_("This file is no longer kept."))
    return data
