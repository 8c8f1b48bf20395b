"""Chinese papers as PDF by WeasyPrint, which may read our static files and the pictures given, nothing else.

It needs neither settings nor database: `press.py` does it in a process that has neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC_SCHEME = "static:"
PICTURE_SCHEME = "picture:"
PRINTED = {"dpi": 200, "optimize_images": True}
"""How finely photos are printed; more would only make the file larger."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Papers (HTML) that are one PDF: their stylesheets in order, the title, the pictures they show by name (JPEG), and
    the folders of static files."""

    papers: Sequence[str]
    stylesheets: Sequence[str]
    title: str
    pictures: Mapping[str, bytes]
    roots: Sequence[str]


class StaticFetcher(URLFetcher):  # type: ignore[misc] # untyped library
    """Serves `static:points/papers/record_form.css` from our static files, `picture:<name>` from what it was given."""

    def __init__(self, pictures: Mapping[str, bytes], roots: Sequence[str]) -> None:
        super().__init__()
        self._pictures = pictures
        self._roots = [Path(root).resolve() for root in roots]

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """Raises ValueError for anything else."""
        picture = self._pictures.get(url.removeprefix(PICTURE_SCHEME)) if url.startswith(PICTURE_SCHEME) else None
        if picture is not None:
            return URLFetcherResponse(url, picture)
        for root in self._roots if url.startswith(STATIC_SCHEME) else ():
            path = (root / url.removeprefix(STATIC_SCHEME)).resolve()
            if path.is_relative_to(root) and path.is_file():
                return URLFetcherResponse(url, path.read_bytes())
        raise ValueError(f"Neither a static file of ours nor a picture given: {url}")


def lay_out(layout: Layout, report: Callable[[int, int], None] | None = None) -> bytes:
    """The PDF; `report` is told after each paper how many are laid out, of how many.

    WeasyPrint's time and memory explode with the length of one document; papers laid out one by one and joined page by
    page stay linear: 150 forms of two pages take 26 s of CPU time and 0.5 GB.
    """
    fetcher = StaticFetcher(layout.pictures, layout.roots)
    fonts = FontConfiguration()
    css = [CSS(url=STATIC_SCHEME + each, url_fetcher=fetcher, font_config=fonts) for each in layout.stylesheets]
    documents = []
    for paper in layout.papers:
        html = HTML(string=paper, base_url=STATIC_SCHEME, url_fetcher=fetcher)
        documents.append(html.render(stylesheets=css, font_config=fonts, **PRINTED))
        if report is not None:
            report(len(documents), len(layout.papers))
    whole = documents[0].copy([page for document in documents for page in document.pages])
    whole.metadata.title = layout.title
    return bytes(whole.write_pdf(**PRINTED))
