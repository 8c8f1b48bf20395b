"""What a member reads of a correction of their own line (D10)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from points.models import ReviewLine
from points.scoring.freezing import read_payload
from points.scoring.wording import name_period


def explain_correction(revisions: Sequence[ReviewLine]) -> str:
    """When and why the latest of a line's revisions replaced the one before, and both scores; empty where none did.

    A line's score is the year's through its half: of the second half the annual one.
    """
    if len(revisions) < 2 or revisions[-1].correction is None:
        return ""
    before, now = (read_payload(line.payload).cumulative for line in revisions[-2:])
    correction = revisions[-1].correction
    review = revisions[-1].review
    if correction.entered.town_decision:
        said = _(
            "%(half)s was corrected by the town's decision of %(day)s: %(before)s points became %(now)s. "
            "Reason: %(reason)s"
        )
    else:
        said = _(
            "%(half)s was corrected by the decision of %(day)s: %(before)s points became %(now)s. Reason: %(reason)s"
        )
    return said % {
        "half": name_period(f"{review.year}{review.half}"),
        "day": correction.decided_on,
        "before": show_points(before),
        "now": show_points(now),
        "reason": correction.reason,
    }
