"""The papers of an objection: the receipt handed out when it is registered, and the written answer (D11, D26)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.people.naming import tell_apart_at_home
from points.papers.pdf import write_pdf
from points.rules.periods import half_end
from points.scoring.wording import name_period
from publicity.corrections.figures import show_revised
from publicity.corrections.plans import read_revised_lines
from publicity.models import Objection
from publicity.objections.deadlines import AnswerDays

RECEIPT = "异议受理回执"
ANSWER = "异议答复书"
STYLESHEET = "publicity/objections/letter.css"
VIA = {"portal": "网页", "paper": "书面", "phone": "电话", "spoken": "当面"}


def write_receipt(*, objection: Objection, now: datetime) -> bytes:
    """The receipt, with the last day for the answer and places to sign."""
    with translation.override("zh-hans"):
        day = AnswerDays(on=timezone.localdate(now)).of(objection)
        return _write("publicity/objections/receipt.html", RECEIPT, objection, {"due": day.due})


def write_answer(*, objection: Objection) -> bytes:
    """The written answer of an answered objection, with old and new figures where a line was corrected."""
    with translation.override("zh-hans"):
        correction = objection.correction
        revised = show_revised(read_revised_lines(correction)) if correction else []
        return _write("publicity/objections/answer.html", ANSWER, objection, {"revised": revised})


def _write(template: str, title: str, objection: Objection, extra: dict[str, Any]) -> bytes:
    review = objection.notice.review
    if objection.about is not None:
        tell_apart_at_home([objection.about], on=half_end(review.year, review.half), lasting=True)
    branch_name = review.branch_name
    by_account = objection.objector is not None
    context = {
        "title": title,
        "objection": objection,
        "town": review.branch.town.name,
        "branch": branch_name,
        "period": name_period(objection.notice.period),
        "objector": str(objection.objector) if by_account else objection.objector_name,
        "via": VIA[objection.via],
        "handler": f"{review.branch.town.name}党建办" if objection.to_town_at else branch_name,
        **extra,
    }
    return write_pdf(
        papers=[render_to_string(template, context)], stylesheet=STYLESHEET, title=f"{title} {objection.receipt}"
    )
