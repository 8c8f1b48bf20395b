"""What a member reads of a correction of their own line (D10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from foundation.tenths import show_points
from points.models import ReviewLine
from points.scoring.freezing import read_payload
from points.scoring.wording import name_period
from publicity.models import EnteredCorrection


def explain_corrections(lines: Iterable[Sequence[ReviewLine]]) -> dict[int, str]:
    """When and why the latest of a line's revisions replaced the one before, and both scores, by review; one query.

    `lines` are the revisions of each line in order. A line's score is the year's through its half: of the second half
    the annual one.
    """
    corrected = [revisions for revisions in lines if len(revisions) > 1 and revisions[-1].correction_id is not None]
    if not corrected:
        return {}
    ids = [revisions[-1].correction_id for revisions in corrected]
    by_town = EnteredCorrection.objects.filter(correction__in=ids).exclude(town_decision="")
    decided = set(by_town.values_list("correction_id", flat=True))
    return {
        revisions[-1].review_id: _explain(revisions, by_town=revisions[-1].correction_id in decided)
        for revisions in corrected
    }


def _explain(revisions: Sequence[ReviewLine], *, by_town: bool) -> str:
    before, now = (read_payload(line.payload).cumulative for line in revisions[-2:])
    correction, review = revisions[-1].correction, revisions[-1].review
    assert correction is not None
    if by_town:
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
