"""What a notice shows of each member, in the version for outside and in the one for the branch's meeting (D8, D21).

Outside it is the scores: of a first half that, of a second both halves and the year, so that a row adds up in the
reader's head. The parts (base, incentive, deductions) are for the meeting and the member, and outside where the town's
rulebook says so (`outside_columns`). Neither names a reason, a ground, an ID number or a phone. Points are tenths;
written forms stand beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.tenths import show_points
from members.models import Member
from members.people.naming import tell_rows_apart
from points.models import Review, ReviewLine
from points.rules.periods import H1
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import FrozenScore, read_payload
from points.scoring.wording import NOT_GIVEN, show_half
from publicity.models import Notice
from publicity.notices.days_up import LineDays


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One member's line as printed; `half` is `—` where negative (D8); `is_vetoed` is for the branch's own version.

    `first_half` stands beside a second half alone; the parts are those of the year so far (全年累计).
    """

    number: int
    line: ReviewLine
    base: str
    incentive: str
    deducted: str
    first_half: str
    half: str
    annual: str
    remark: str
    is_vetoed: bool
    posted_on: date | None
    last_day: date | None

    @property
    def member(self) -> Member:
        return self.line.member

    @property
    def is_revised(self) -> bool:
        return self.line.revision > 1


def show_rows(days: Sequence[LineDays], *, inside: bool) -> list[NoticeRow]:
    """The rows of a notice; `inside` is the version for the branch's meeting.

    Outside, a vetoed line shows neither what was earned nor what was deducted: 0 and `—` (D21).
    """
    rows = []
    for number, entry in enumerate(days, start=1):
        score = read_payload(entry.line.payload)
        hides = score.vetoed and not inside
        rows.append(
            NoticeRow(
                number=number,
                line=entry.line,
                base=NOT_GIVEN if hides else show_points(score.base),
                incentive=NOT_GIVEN if hides else show_points(score.incentive),
                deducted=NOT_GIVEN if hides else show_deducted(score),
                first_half=show_first_half(score),
                half=show_half(score.half_score),
                annual=show_points(score.cumulative),
                remark=_remark(score, entry.line),
                is_vetoed=score.vetoed,
                posted_on=entry.posted_on,
                last_day=entry.last_day,
            )
        )
    return rows


def show_first_half(score: FrozenScore) -> str:
    """What a second half builds on; `—` where the member was not in the scheme then."""
    return show_half(score.first_half)


def show_deducted(score: FrozenScore) -> str:
    """The deductions of the year with their sign."""
    return show_points(-score.deducted) if score.deducted else "0.0"


def _remark(score: FrozenScore, line: ReviewLine) -> str:
    parts = []
    if score.is_part_year:
        parts.append(_("in the scheme for %(months)d months") % {"months": len(score.months_in_scope)})
    if line.revision > 1:
        parts.append(_("corrected"))
    return "；".join(parts)


def shows_parts(review: Review, *, inside: bool) -> bool:
    """Whether the parts stand beside the scores: for the meeting, and outside where the town chose so (D21).

    Raises:
        NoRulebook.
    """
    return inside or rulebook_for(review.branch.town, review.year).settings.outside_columns == "parts"


def shows_both_scores(review: Review) -> bool:
    """A first half's score is the year's so far: one column; a second half has its own beside the annual one (D8)."""
    return review.half != H1


@dataclass(frozen=True, slots=True)
class Superseded:
    """A line that a correction replaced: it stays readable (D10)."""

    member: Member
    half: str
    annual: str
    corrected_on: date


def show_superseded(notice: Notice) -> list[Superseded]:
    """The replaced lines that were up, in roster order and by revision; two queries."""
    lines = tell_rows_apart(
        ReviewLine.objects.filter(review=notice.review, posting__isnull=False)
        .select_related("member")
        .order_by("member__position", "member_id", "revision"),
        lambda line: line.member,
        lasting=True,
    )
    newer = {
        (line.member_id, line.revision - 1): line
        for line in ReviewLine.objects.filter(review=notice.review, revision__gt=1).select_related("freeze")
    }
    found = []
    for line in lines:
        replaced_by = newer.get((line.member_id, line.revision))
        if replaced_by is not None:
            score = read_payload(line.payload)
            half = show_half(score.half_score)
            corrected_on = timezone.localdate(replaced_by.freeze.at)
            found.append(Superseded(line.member, half, show_points(score.cumulative), corrected_on))
    return found
