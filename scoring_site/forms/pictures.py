"""Pictures and scans in the workbench: taken in by a form, kept as evidence, sent once a view has authorised it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from members.evidence.documents import CONTENT_TYPES, tell_kept_scan
from members.evidence.previews import make_preview
from members.evidence.store import CONTENT_TYPE, read_picture, store_picture, store_scan
from members.models import StoredFile
from points.evidence.sending import HEADERS
from scoring_site.access_log import mark_small

SMALL_SCAN = "small"
"""In the address of a scan: the small picture of it."""


class PictureField(forms.FileField):
    """A picture that shows something; it may be left out."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
            help_text=_("JPEG, PNG or WebP, up to 10 MB; where and with what it was taken is removed."),
        )


class ScanField(forms.FileField):
    """Signed papers as a picture, or as a PDF of several pages; it may be left out."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
            help_text=_("A picture (JPEG, PNG, WebP), or a PDF where there are several pages; up to 10 MB."),
        )


def sent(request: HttpRequest) -> tuple[Any, Any]:
    """What was filled in and attached, where the form was sent; a picture alone, or nothing at all, counts as sent."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def keep_picture(upload: UploadedFile | None) -> str:
    """Store a picture where one was sent; its name, else empty. Raises PictureRefused."""
    return store_picture(upload) if upload else ""


def keep_scan(upload: UploadedFile | None) -> str:
    """Store a scan where one was sent; its name, else empty. Raises EvidenceRefused."""
    return store_scan(upload) if upload else ""


def send_scan(request: HttpRequest, name: str) -> HttpResponseBase:
    """A kept scan, for who may see it: a picture is shown, a PDF is an attachment whose name says nothing (D21).

    Asked for it small (`SMALL_SCAN`), the picture or the first page as the page shows it beside the way to the file.

    Raises Http404 where there is none of this name.
    """
    data = read_picture(name)
    if data is None:
        raise Http404
    kind = tell_kept_scan(data)
    if SMALL_SCAN in request.GET:
        return mark_small(HttpResponse(make_preview(data, kind), content_type=CONTENT_TYPE, headers=HEADERS))
    response = HttpResponse(data, content_type=CONTENT_TYPES[kind], headers=HEADERS)
    if kind == StoredFile.Kind.PDF:
        response["Content-Disposition"] = 'attachment; filename="scan.pdf"'
    return response


def send_picture(name: str) -> HttpResponse:
    """A kept picture, for who may see it. Raises Http404 where there is none of this name."""
    data = read_picture(name)
    if data is None:
        raise Http404
    return HttpResponse(data, content_type=CONTENT_TYPE, headers=HEADERS)
