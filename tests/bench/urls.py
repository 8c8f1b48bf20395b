"""The site's addresses, and the floor of every page: what a page costs that shows next to nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from points.models import Review
from scoring_site.urls import urlpatterns as site


def show_bare(request: HttpRequest) -> HttpResponse:
    """One query, behind the session that the site asks for."""
    return HttpResponse("yes" if Review.objects.exists() else "no")


urlpatterns: list[URLPattern | URLResolver] = [path("bare/", show_bare, name="bare"), *site]
