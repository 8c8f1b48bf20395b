"""结果通知单: each member's half-year result as approved, several to a sheet, to be signed (3.3, D26)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.tenths import show_points
from members.models import Member
from points.errors import NothingToPrint
from points.models import Review, ReviewLine
from points.papers.pdf import write_pdf
from points.papers.words import name_part_year
from points.rules.periods import H1
from points.scoring.freezing import FrozenScore, current_lines, link_of_half, read_payload
from points.scoring.wording import NOT_GIVEN, name_period, show_half

TITLE = "党员半年积分结果通知单"
STYLESHEET = "points/papers/result_slips.css"
SLIPS_PER_SHEET = 3
VETOED = "一票否决，积分为0分"
STATES = {Review.State.APPROVED: "已核定", Review.State.PUBLISHED: "公示期间", Review.State.FINAL: "已定稿"}


@dataclass(frozen=True, slots=True)
class ResultSlip:
    """What one slip says; of a vetoed line no more than a notice does (D21).

    `first_half` and `annual` are empty for a first half.
    """

    name: str
    base: str
    incentive: str
    deducted: str
    first_half: str
    half: str
    annual: str
    remark: str

    @property
    def adds_up(self) -> bool:
        """Whether both halves have a figure, so that their sum is the year's."""
        return NOT_GIVEN not in (self.first_half, self.half)


def write_result_slips(*, review: Review, member: Member | None = None) -> bytes:
    """The slips of a whole half, or of one member, as PDF.

    Raises:
        NothingToPrint: nothing is approved yet, or the member has no line.
    """
    lines = [line for line in current_lines(review) if member is None or line.member_id == member.pk]
    if not lines:
        raise NothingToPrint(_("There is no approved result to print; approve the half first."))
    with translation.override("zh-hans"):
        context = {
            "title": TITLE,
            "review": review,
            "branch_name": review.branch_name,
            "period": name_period(f"{review.year}{review.half}"),
            "state": STATES[Review.State(review.state)],
            "decided_by": "支部党员大会" if review.by_assembly else "支部委员会",
            "both_scores": review.half != H1,
            "link": link_of_half(review),
        }
        papers = [
            render_to_string("points/papers/result_slips.html", {**context, "slips": slips})
            for slips in split_into_chunks(build_slips(lines), SLIPS_PER_SHEET)
        ]
        return write_pdf(
            papers=papers, stylesheet=STYLESHEET, title=f"{TITLE} {context['branch_name']} {context['period']}"
        )


def build_slips(lines: Iterable[ReviewLine]) -> list[ResultSlip]:
    """One slip for each current line, in their order, in the active language."""
    slips = []
    for line in lines:
        score = read_payload(line.payload)
        slips.append(
            ResultSlip(
                name=line.member.listed_name,
                base=NOT_GIVEN if score.vetoed else show_points(score.base),
                incentive=NOT_GIVEN if score.vetoed else show_points(score.incentive),
                deducted=NOT_GIVEN if score.vetoed else show_points(-score.deducted) if score.deducted else "0.0",
                first_half="" if score.half == H1 else show_half(score.first_half),
                half=show_half(score.half_score),
                annual="" if score.half == H1 else show_points(score.cumulative),
                remark=_remark(score, line),
            )
        )
    return slips


def _remark(score: FrozenScore, line: ReviewLine) -> str:
    # The slip is for the member alone, who is told of a veto in its own proceeding (D18): it says why the score is 0.
    parts = [VETOED] if score.vetoed else []
    parts += [name_part_year(len(score.months_in_scope))] if score.is_part_year else []
    if line.revision > 1:
        parts.append("更正后的结果")
    return "；".join(parts)
