"""One member's line of a half with its reasons: live before approval, later each revision as it was frozen (D10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from foundation.tenths import show_points
from members.models import Member
from points.models import Review, ReviewLine
from points.reviews.flags import name_late
from points.reviews.late import late_records, late_records_of
from points.reviews.members import members_of_half, score_members_of_half
from points.reviews.table import line_agrees, score_of_sheet
from points.rules.periods import half_end
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet
from points.scoring.adoption import rulebook_for
from points.scoring.explanation_parts import SheetExplanation
from points.scoring.explanations import cut_ticks, explain_sheet, read_held_periods
from points.scoring.freezing import FrozenScore, read_payload, recompute_sheets
from points.scoring.gaps import read_gap_reasons
from points.scoring.wording import show_half


@dataclass(frozen=True, slots=True)
class Revision:
    """One frozen revision of a line; only the highest one counts."""

    line: ReviewLine
    score: FrozenScore
    is_current: bool

    @property
    def shown_half(self) -> str:
        return show_half(self.score.half_score)

    @property
    def shown_cumulative(self) -> str:
        return show_points(self.score.cumulative)


@dataclass(frozen=True, slots=True)
class LineView:
    """What a member's page of a review shows; `sheet` is None when a line's records no longer make a sheet.

    `chosen` is the revision shown, None before approval; `late` names what came after the approval.
    """

    rulebook: Rulebook
    score: FrozenScore
    sheet: SheetExplanation | None
    revisions: tuple[Revision, ...]
    chosen: Revision | None
    agrees: bool
    late: tuple[str, ...]

    @property
    def shown_half(self) -> str:
        return show_half(self.score.half_score)

    @property
    def shown_first_half(self) -> str:
        return show_half(self.score.first_half)

    @property
    def shown_cumulative(self) -> str:
        return show_points(self.score.cumulative)


def read_line_view(review: Review, member: Member, *, revision: int | None = None) -> LineView | None:
    """A member's line, or one of its revisions; None when the member, or the revision, is not in this review.

    Raises NoRulebook (D1).
    """
    rulebook = rulebook_for(review.branch.town, review.year)
    lines = list(
        review.lines.filter(member=member).select_related("member", "freeze", "correction").order_by("revision")
    )
    revisions = tuple(Revision(line, read_payload(line.payload), line is lines[-1]) for line in lines)
    chosen: Revision | None = None
    sheet: ScoreSheet | None
    if review.state in Review.FROZEN:
        wanted = revision or len(revisions)
        chosen = next((entry for entry in revisions if entry.line.revision == wanted), None)
        if chosen is None:
            return None
        sheet = recompute_sheets([chosen.line], rulebook=rulebook, year=review.year)[chosen.line.pk]
        score, agrees = chosen.score, line_agrees(chosen.line, sheet)
    else:
        if revision is not None or member not in members_of_half(review.branch, review.year, review.half):
            return None
        row = score_members_of_half(review, [member])[0]
        sheet, agrees = row.sheet, True
        score = score_of_sheet(sheet, row.first_half)
    late = [entry for entry in late_records_of(review) if entry.line.member_id == member.pk]
    late += late_records(lines[-1:])
    return LineView(
        rulebook=rulebook,
        score=score,
        sheet=_explain(review, rulebook, member, sheet) if sheet else None,
        revisions=revisions,
        chosen=chosen,
        agrees=agrees,
        late=tuple(name_late(late, rulebook).get(member.pk, ())),
    )


def _explain(review: Review, rulebook: Rulebook, member: Member, sheet: ScoreSheet) -> SheetExplanation:
    """The sheet in words up to the half's end, without grounds: those stand on the findings' own pages (D21)."""
    held = read_held_periods(branch_id=review.branch_id, year=review.year)
    day_after = half_end(review.year, review.half) + timedelta(days=1)
    reasons = read_gap_reasons(member, branch_id=review.branch_id, year=review.year)
    explained = explain_sheet(rulebook, sheet, on=day_after, with_grounds=False, held=held, reasons=reasons)
    return replace(explained, base=cut_ticks(explained.base, sheet.through))
