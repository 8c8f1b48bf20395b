"""更正公示: the old and the new figures of corrected lines, to be put up beside the notice (D10, D21)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.places.branches import names_on
from points.models import Correction
from points.papers.pdf import write_pdf
from publicity.corrections.figures import show_revised
from publicity.corrections.plans import RevisedLine, read_revised_lines
from publicity.models import EnteredCorrection, LinePosting, Notice
from publicity.notices.days_up import line_days

TITLE = "党员积分更正公示"
STYLESHEET = "publicity/corrections/correction.css"


def write_correction_notice(*, correction: Correction) -> bytes:
    """One page for each branch whose lines were corrected: no reason, no ground; places to sign and to seal."""
    with translation.override("zh-hans"):
        revised = sorted(read_revised_lines(correction), key=lambda entry: entry.line.review.branch_id)
        # Whichever branches they are: all are called as they were when the corrected half was approved.
        approved_on = timezone.localdate(correction.review.approved_at)
        names = names_on([entry.line.review.branch for entry in revised], approved_on)
        papers = [
            _render(correction, list(lines), names)
            for _branch, lines in groupby(revised, key=lambda entry: entry.line.review.branch_id)
        ]
        return write_pdf(papers=papers, stylesheet=STYLESHEET, title=f"{TITLE} {names[correction.review.branch_id]}")


def _render(correction: Correction, revised: list[RevisedLine], names: Mapping[int, str]) -> str:
    review = revised[0].line.review
    notice = Notice.objects.filter(review=review).select_related("review__branch__town").first()
    lines = show_revised(revised)
    context = {
        "title": TITLE,
        "correction": correction,
        "branch": review.branch,
        "branch_name": names[review.branch_id],
        "lines": lines,
        "with_parts": lines[0].with_parts,
        "of_year": "全年累计" if any(line.both_scores for line in lines) else "",
        "notice": notice,
        "up": _days_up(notice, revised),
        # Not the half's latest: a later correction has a paper of its own.
        "link": max((entry.line.freeze for entry in revised), key=lambda freeze: freeze.sequence),
        "basis": _name_basis(correction),
    }
    return render_to_string("publicity/corrections/correction.html", context)


def _name_basis(correction: Correction) -> str:
    """Who decided it and when: the town by its decision, or the meeting that the branch entered (D10, D19)."""
    # Corrections made before there was a review were entered by one officer, and name their meeting's day alone.
    entered: EnteredCorrection | None = getattr(correction, "entered", None)
    day = correction.decided_on
    said = f"{day.year}年{day.month}月{day.day}日"
    if entered is None:
        return f"经{'支部委员会' if correction.review.branch.has_committee else '支部党员大会'}{said}会议研究"
    if entered.town_decision:
        # The number is kept as it was typed: 云镇组〔2025〕12号 says 号 itself, 〔2025〕12 does not.
        mark = "号" if entered.town_decision[-1].isdigit() else ""
        return f"根据镇党委{entered.town_decision}{mark}决定（{said}）"
    return f"经{'支部党员大会' if entered.by_assembly else '支部委员会'}{said}会议研究"


def _days_up(notice: Notice | None, revised: list[RevisedLine]) -> object:
    """When the corrected line went up and until when, once that is entered; None leaves room for hands."""
    wanted = revised[0].line
    if notice is None or not LinePosting.objects.filter(line=wanted).exists():
        return None
    return next((entry for entry in line_days(notice) if entry.line.pk == wanted.pk), None)
