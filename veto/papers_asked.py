"""The papers a ground asks for before anybody is confronted with it (D18); which, its rulebook says.

They prove that somebody verified the fact, and who; the software itself collects nothing about anybody (D22).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from points.errors import PapersMissing


def require_papers(papers: str, *, asked: Sequence[str]) -> str:
    """The papers as given, tidied.

    Raises:
        PapersMissing: the ground asks for papers and none are named.
    """
    papers = papers.strip()
    if asked and not papers:
        raise PapersMissing(
            _("This ground asks for its papers. Name: %(papers)s. Without them it cannot be proposed.")
            % {"papers": list_papers(asked)}
        )
    return papers


def list_papers(asked: Sequence[str]) -> str:
    """What a ground asks for, in one line."""
    return "；".join(asked)
