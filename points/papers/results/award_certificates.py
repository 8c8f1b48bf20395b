"""评先评优积分证明: a member's final score admits to awards; one page each, to be signed and stamped (4.3, 4.4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.models import Branch
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from points.results.award_list import AwardLine
from points.rules.rulebook import Rulebook
from points.scoring.bands import EXCELLENT
from points.scoring.freezing import link_of_half

TITLE = "评先评优积分证明"
STYLESHEET = "points/papers/award_certificates.css"


def write_award_certificates(*, branch: Branch, lines: Iterable[AwardLine], rulebook: Rulebook, today: date) -> bytes:
    """A page for each of a branch's lines that has a certificate, as PDF.

    Raises:
        NothingToPrint: none has one.
    """
    vouched = [line for line in lines if line.has_certificate]
    if not vouched:
        raise NothingToPrint(
            _("Nobody to certify: the year is not final, the score is below the mark, or something is still open.")
        )
    with translation.override("zh-hans"):
        review = vouched[0].review
        context = {
            "title": TITLE,
            "town": branch.town.name,
            "branch": review.branch_name,
            "year": review.year,
            "rulebook": rulebook,
            "award_mark": say_points(rulebook.thresholds.award),
            "excellent_mark": say_points(rulebook.thresholds.excellent),
            "link": link_of_half(review),
            "printed_on": today,
        }
        papers = [
            render_to_string(
                "points/papers/award_certificate.html",
                {
                    **context,
                    "name": line.member.listed_name,
                    "score": say_points(line.score.cumulative),
                    "is_excellent": line.band == EXCELLENT,
                },
            )
            for line in vouched
        ]
        return write_pdf(papers=papers, stylesheet=STYLESHEET, title=f"{TITLE} {review.branch_name} {review.year}")
