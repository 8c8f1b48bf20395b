"""Chinese papers as PDF by WeasyPrint, which may read our static files and the pictures given, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC_SCHEME = "static:"
HEAD = "points/papers/paper.css"
"""What all papers share; a paper's own stylesheet follows it."""
PICTURE_SCHEME = "picture:"
PRINTED = {"dpi": 200, "optimize_images": True}
"""How finely photos are printed; more would only make the file larger."""


class StaticFetcher(URLFetcher):  # type: ignore[misc] # untyped library
    """Serves `static:points/papers/record_form.css` from our static files, `picture:<name>` from what it was given."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self._pictures = pictures

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Raises ValueError for anything else."""
        picture = self._pictures.get(url.removeprefix(PICTURE_SCHEME)) if url.startswith(PICTURE_SCHEME) else None
        if picture is not None:
            return URLFetcherResponse(url, picture)
        found = finders.find(url.removeprefix(STATIC_SCHEME)) if url.startswith(STATIC_SCHEME) else None
        if not isinstance(found, str):
            raise ValueError(f"Neither a static file of ours nor a picture given: {url}")
        return URLFetcherResponse(url, Path(found).read_bytes())


def write_pdf(
    *,
    papers: Sequence[str],
    stylesheet: str,
    title: str,
    pictures: Mapping[str, bytes] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> bytes:
    """One PDF of several papers (HTML), each laid out and its pages numbered by itself.

    `stylesheet` is the static file that follows `HEAD`. A paper shows `pictures` (name to JPEG) by the address
    `picture:<name>`. `report` is told after each paper how many are laid out, of how many.

    WeasyPrint's time and memory explode with the length of one document; papers laid out one by one and joined page by
    page stay linear: 150 forms of two pages take 26 s of CPU time and 0.5 GB.
    """
    fetcher = StaticFetcher(pictures or {})
    fonts = FontConfiguration()
    css = [CSS(url=STATIC_SCHEME + each, url_fetcher=fetcher, font_config=fonts) for each in (HEAD, stylesheet)]
    documents = []
    for paper in papers:
        html = HTML(string=paper, base_url=STATIC_SCHEME, url_fetcher=fetcher)
        documents.append(html.render(stylesheets=css, font_config=fonts, **PRINTED))
        if report is not None:
            report(len(documents), len(papers))
    whole = documents[0].copy([page for document in documents for page in document.pages])
    whole.metadata.title = title
    return bytes(whole.write_pdf(**PRINTED))
