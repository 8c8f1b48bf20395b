"""Papers as PDF: laid out by the press, so that no page of the site is held up or brought down by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.fonts import say_missing
from foundation.limited_process import ProcessBusy, ProcessFailed
from points.errors import PaperNotMade
from points.papers.layout import Layout, lay_out
from points.papers.press import make_press, print_layout

HEAD = "points/papers/paper.css"
"""What all papers share; a paper's own stylesheet follows it."""
PRESS = make_press()
"""Of this process."""


def write_pdf(
    *,
    papers: Sequence[str],
    stylesheet: str,
    title: str,
    pictures: Mapping[str, bytes] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> bytes:
    """One PDF of several papers (HTML), each laid out and its pages numbered by itself.

    A paper with a character that no font has says at its foot that it prints as a box, and what to do.
    `stylesheet` is the static file that follows `HEAD`. A paper shows `pictures` (name to JPEG) by the address
    `picture:<name>`. `report` is told after each paper how many are laid out, of how many; whoever gives it is the
    worker's child, which is bounded already and lays out itself.

    Raises:
        PaperNotMade: it took longer or more memory than a paper may, or others are being laid out.
    """
    roots = [str(root) for root in settings.STATICFILES_DIRS]
    layout = Layout([mark_missing(paper) for paper in papers], (HEAD, stylesheet), title, pictures or {}, roots)
    if report is not None or not settings.PAPER_SECONDS:
        return lay_out(layout, report)
    try:
        return print_layout(PRESS, layout, seconds=settings.PAPER_SECONDS)
    except ProcessBusy as busy:
        raise PaperNotMade(_("Many papers are being made just now. Try again in a minute.")) from busy
    except ProcessFailed as failed:
        raise PaperNotMade(
            _(
                "This paper could not be made: it takes longer or more memory than a paper may. Try again; if it goes "
                "on, tell whoever runs the server."
            )
        ) from failed


def mark_missing(paper: str) -> str:
    """The paper (HTML), with a remark at its foot where it has characters that no font of the server has."""
    with translation.override("zh-hans"):
        said = say_missing(paper)
    return paper.replace("</body>", f'<p class="unprintable">{said}</p></body>') if said else paper
