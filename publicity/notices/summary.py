"""公示情况说明 (3.3): what a closed notice came to, for the files: dates, channels, objections and answers, result.

Objections that the branch handles appear as numbers, days and kinds of answer: no name and no word of theirs, and
nothing of those the town handles (D11, D21). The photos that show the notice up follow on pages of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from members.evidence.store import read_picture
from points.models import Review
from points.papers.pdf import write_pdf
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import link_of_half
from points.scoring.wording import name_period
from publicity.errors import NoticeRefused
from publicity.models import Closing, LinePosting, Notice, Objection, Reading
from publicity.notices.channels import name_channels
from publicity.notices.days_up import LineDays, last_day_of, line_days_or_problem

TITLE = "公示情况说明"
STYLESHEET = "publicity/notices/summary.css"
VIA = {"portal": "网页", "paper": "书面", "phone": "电话", "spoken": "当面"}
ANSWERS = {"explained": "解释说明", "corrected": "更正"}


@dataclass(frozen=True, slots=True)
class Correction:
    """Corrected lines that went up on one day, and until when they were to stay."""

    count: int
    posted_on: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Photo:
    """A kept photo and what it shows; `is_there` is false where its file is missing."""

    name: str
    caption: str
    is_there: bool


def write_summary(*, notice: Notice) -> bytes:
    """The paper of a closed notice as PDF.

    Raises:
        NoticeRefused: the notice is not closed, or was opened again.
    """
    closings = list(notice.closings.select_related("by"))
    if notice.review.state != Review.State.FINAL or not closings:
        raise NoticeRefused(_("The paper is made when the notice is closed."))
    with translation.override("zh-hans"):
        review = notice.review
        days, _problem = line_days_or_problem(notice)
        period = name_period(notice.period)
        title_parts = (f"关于{review.branch_name}", f"党员{period}积分", TITLE)
        captions = _caption_photos(notice, closings)
        pictures = {name: data for name in captions if (data := read_picture(name)) is not None}
        context = {
            "title": "".join(title_parts),
            "title_parts": title_parts,
            "notice": notice,
            "review": review,
            "period": period,
            "rulebook": rulebook_for(review.branch.town, review.year),
            "decided_by": "支部党员大会" if review.by_assembly else "支部委员会",
            "postings": notice.postings.select_related("entered_by").order_by("posted_on", "pk"),
            "required": name_channels(notice.required),
            "last_day": last_day_of(days),
            "lines": len(days),
            "readers": Reading.objects.filter(notice=notice, user__member__isnull=False).count(),
            "corrections": _read_corrections(notice, days),
            "closings": [(closing, timezone.localdate(closing.at)) for closing in closings],
            "closed": closings[-1],
            "photos": [Photo(name, "；".join(said), name in pictures) for name, said in captions.items()],
            "link": link_of_half(review),
            **_describe_objections(notice),
        }
        return write_pdf(
            papers=[render_to_string("publicity/notices/summary.html", context)],
            stylesheet=STYLESHEET,
            title=str(context["title"]),
            pictures=pictures,
        )


def _describe_objections(notice: Notice) -> dict[str, Any]:
    """Numbers for the text and one row each for the table, of what the branch handles.

    What the town handles is in neither: the paper is made by those whom it is hidden from (D21).
    """
    objections = list(notice.objections.filter(to_town_at__isnull=True).order_by("received_on", "pk"))
    ways = Counter(VIA[objection.via] for objection in objections)
    answers = Counter(ANSWERS[objection.answer_kind] for objection in objections if objection.answer_kind)
    return {
        "objections": len(objections),
        "ways": "、".join(f"{way}{count}件" for way, count in ways.items()),
        "answers": "、".join(f"{answer}{count}件" for answer, count in answers.items()),
        "unanswered": sum(1 for objection in objections if not objection.is_answered),
        "rows": [_describe(objection) for objection in objections],
    }


def _describe(objection: Objection) -> dict[str, Any]:
    answered_on = timezone.localdate(objection.answered_at) if objection.answered_at else None
    return {
        "received_on": objection.received_on,
        "via": VIA[objection.via],
        "answered_on": answered_on,
        "answer": ANSWERS.get(objection.answer_kind or "", ""),
    }


def _read_corrections(notice: Notice, days: Sequence[LineDays]) -> list[Correction]:
    """The corrected lines by the day they went up; a line corrected twice is counted for each time."""
    last_days = {entry.line.pk: entry.last_day for entry in days}
    found: dict[date, list[int]] = {}
    for line_id, posted_on in (
        LinePosting.objects.filter(notice=notice, line__revision__gt=1)
        .order_by("posted_on", "line_id")
        .values_list("line_id", "posted_on")
    ):
        found.setdefault(posted_on, []).append(line_id)
    return [
        Correction(len(ids), posted_on, max(filter(None, (last_days.get(pk) for pk in ids)), default=None))
        for posted_on, ids in found.items()
    ]


def _caption_photos(notice: Notice, closings: Sequence[Closing]) -> dict[str, list[str]]:
    """The name of each photo of the notice with what it shows, in the order things happened; one shown twice once."""
    captions: dict[str, list[str]] = {}

    def add(name: str, caption: str) -> None:
        if name and caption not in captions.setdefault(name, []):
            captions[name].append(caption)

    for posting in notice.postings.order_by("posted_on", "pk"):
        add(posting.photo, f"{posting.get_channel_display()} {_format_day(posting.posted_on)}发布")
    corrected = LinePosting.objects.filter(notice=notice, line__revision__gt=1).order_by("posted_on", "line_id")
    for name, posted_on in corrected.values_list("photo", "posted_on"):
        add(name, f"更正后的积分 {_format_day(posted_on)}发布")
    for closing in closings:
        add(closing.photo, f"公示期满 {_format_day(timezone.localdate(closing.at))}")
    return captions


def _format_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
