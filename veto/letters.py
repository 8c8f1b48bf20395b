"""The papers of a finding: the notice handed to its member (告知书), and the referral of a veto to the town (移送函).

Both name the ground: only who may read it gets them (D21). Signature, seal and date places stay blank for hands (D26).
Disciplinary sanctions and expulsion are never decided here, which the referral says (D18).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from members.selectors import last_branch_on
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from veto.hearing_days import DAYS_TO_ANSWER, read_answer_time
from veto.models import Finding, VetoRecord
from veto.words import read_ground

NOTICE = "党员积分事项告知书"
REFERRAL = "关于移送一票否决事项的函"
STYLESHEET = "veto/letters.css"
ANSWERS = {
    Finding.Answer.STATEMENT: "本人作了陈述和申辩，内容见附件",
    Finding.Answer.WAIVED: "本人放弃申辩，或者在期限内未提出",
    Finding.Answer.REFUSED: "本人拒绝签收，期限内未提出陈述和申辩",
}


def write_hearing_notice(*, finding: Finding, on: date) -> bytes:
    """The notice to the member, with receipt, answer and refusal before two witnesses to be signed.

    The last day to answer stands on it once the day of handing over is entered, otherwise a place to fill in.
    """
    time = read_answer_time(finding.member.town, finding.notified_on)
    return _write("veto/hearing_notice.html", NOTICE, finding, on, {"last_day": time.last_day})


def write_referral(*, finding: VetoRecord, on: date) -> bytes:
    """The letter that refers a confirmed veto to the town's party committee.

    Raises:
        NothingToPrint: it is not confirmed, or no longer.
    """
    if finding.state != Finding.State.CONFIRMED:
        raise NothingToPrint(_("Only a confirmed veto is referred to the town."))
    answer = ANSWERS[Finding.Answer(finding.answer)] if finding.answer else "（待补录）"
    return _write("veto/referral.html", REFERRAL, finding, on, {"answer": answer})


def _write(template: str, title: str, finding: Finding, on: date, extra: dict[str, Any]) -> bytes:
    with translation.override("zh-hans"):
        branch = last_branch_on(finding.member_id, on)
        context = {
            "title": title,
            "number": f"{finding.date.year}-{finding.uuid.hex[:8].upper()}",
            "finding": finding,
            "member": finding.member,
            "town": finding.member.town.name,
            "branch": branch.name if branch else "",
            "decided_by": "支部委员会" if branch is None or branch.has_committee else "支部党员大会",
            "ground": read_ground(finding),
            "days": DAYS_TO_ANSWER,
            **extra,
        }
        return write_pdf(papers=[render_to_string(template, context)], stylesheet=STYLESHEET, title=title)
