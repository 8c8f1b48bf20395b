"""The addresses of the site, and one whose view has a fault."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from scoring_site import urls


def fail(request: HttpRequest) -> HttpResponse:
    """What no view of ours does."""
    raise KeyError("faulty")


urlpatterns = [*urls.urlpatterns, path("faulty/", fail)]
handler500 = urls.handler500
