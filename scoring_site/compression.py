"""Pages, and what answers their scripts, travel compressed for slow links; files do not: they are so already."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED = ("text/html", "application/json")


class CompressPages(GZipMiddleware):
    """Django's compression, with its random padding: nobody guesses a secret by the length of what stands beside it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").partition(";")[0] not in COMPRESSED:
            return response
        return super().process_response(request, response)
