"""The papers of a finding and of an appeal: 告知书 and 认定结果通知书 to its member, 情况报告 of a veto to the town.

All but the receipt of an appeal name the ground: only who may read it gets them (D21). Each says what is so on the day
it is printed: before the decision what was reported, never what was found. The branch is the one that acted, called as
it was on that day.
Signature, seal and date places stay blank for hands (D26).
Disciplinary sanctions and expulsion are never decided here, which the report to the town says (D18).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from members.models import Branch, Member
from members.places.branches import names_on
from members.places.resolutions import Body, body_of
from members.selectors import last_branch_on
from points.errors import NothingToPrint
from points.papers.pdf import write_pdf
from veto.appeals import appeal_days_of, last_day_to_appeal
from veto.hearing_days import read_answer_time
from veto.models import Answer, Appeal, Finding, VetoRecord
from veto.words import read_ground

NOTICE = "党员积分事项告知书"
DECISION = "认定结果通知书"
APPEAL_RECEIPT = "申诉受理通知书"
APPEAL_ANSWER = "申诉答复书"
REPORT = "关于一票否决事项的情况报告"
STYLESHEET = "veto/letters.css"
BODIES = {Body.COMMITTEE: "支部委员会", Body.ASSEMBLY: "支部党员大会", Body.TOWN: "镇党委"}
HEARD = {
    Answer.Kind.STATEMENT: "本人作了陈述和申辩",
    Answer.Kind.WAIVED: "本人书面放弃申辩",
    Answer.Kind.LAPSED: "期限届满，本人没有提出陈述和申辩",
}
DECIDED = {
    Finding.State.CONFIRMED: "该事项已于{day}作出认定，见《认定结果通知书》。",
    Finding.State.DISMISSED: "该事项已于{day}决定不予认定，不计入积分。",
    Finding.State.REVOKED: "原认定已经撤销，不计入积分。",
    Finding.State.VOID: "该事项已经作废，不计入积分。",
    Finding.State.ENDED: "该事项已于{day}终止，不计入积分。",
}
"""What a notice that is printed again says of what came after it."""

APPEAL_OUTCOMES = {
    Appeal.Outcome.UPHELD: "维持原认定。",
    Appeal.Outcome.CHANGED: "原认定予以变更：原认定撤销，不计入积分；应当如何认定，由支部重新提出，按程序决定。",
    Appeal.Outcome.REVOKED: "原认定予以撤销，不计入积分。",
}


def number_of(finding: Finding) -> str:
    """The number of its papers; it names nobody."""
    return f"〔{finding.date.year}〕{short_number_of(finding)}"


def short_number_of(finding: Finding) -> str:
    """The number where the year stands beside it already."""
    return f"{'否' if isinstance(finding, VetoRecord) else '扣'}{finding.pk}号"


def branch_name_of(finding: Finding, *, on: date) -> str:
    """The branch whose matter it is, as it was called when it decided, told the member, or else on the day."""
    day = finding.decided_on or finding.notified_on or on
    branch = _find_branch(finding, day, on=on)
    return names_on([branch], day)[branch.pk] if branch else ""


def write_hearing_notice(*, finding: Finding, on: date) -> bytes:
    """The notice to the member, with receipt, answer and refusal before two witnesses to be signed.

    The committee's meeting and the last day to answer stand on it once the handing over is entered, otherwise places
    to fill in. Printed again after the decision it says so.
    """
    time, told = read_answer_time(finding), finding.told
    until = finding.decided_on or finding.ended_on
    day = f"{until.year}年{until.month}月{until.day}日" if until else ""
    is_open = finding.state == Finding.State.PROPOSED
    extra = {
        "last_day": time.last_day,
        "days": time.days,
        "told": told,
        "is_open": is_open,
        "outcome": "" if is_open else DECIDED[finding.state].format(day=day),
    }
    day_told = told.told_on if told else finding.notified_on
    return _write("veto/hearing_notice.html", NOTICE, finding, acted_on=day_told, on=on, extra=extra)


def write_decision_letter(*, finding: Finding, on: date) -> bytes:
    """The letter that tells the member what was decided and how to appeal, with its receipt.

    Raises:
        NothingToPrint: it is not decided, or the decision does not stand.
    """
    if finding.state not in (Finding.State.CONFIRMED, Finding.State.DISMISSED):
        raise NothingToPrint(_("The decision letter is printed once the finding is decided."))
    extra = {
        "is_confirmed": finding.state == Finding.State.CONFIRMED,
        "last_day": last_day_to_appeal(finding),
        **_decision(finding),
    }
    return _write("veto/decision_letter.html", DECISION, finding, acted_on=finding.decided_on, on=on, extra=extra)


def write_report(*, finding: VetoRecord, on: date) -> bytes:
    """The report of a confirmed veto to the town's party committee.

    Raises:
        NothingToPrint: it is not confirmed, or no longer.
    """
    if finding.state != Finding.State.CONFIRMED:
        raise NothingToPrint(_("Only a confirmed veto is reported to the town."))
    told = finding.told
    extra = {
        "witnesses": told.witnesses if told else "",
        "on_probation": finding.member.category_on(finding.decided_on or on) == Member.Category.PROBATIONARY,
        **_decision(finding),
    }
    return _write("veto/report.html", REPORT, finding, acted_on=finding.decided_on, on=on, extra=extra)


def write_appeal_receipt(*, finding: Finding, on: date) -> bytes:
    """What the town gives who appealed: the receipt number, and how it goes on; it names no ground.

    Raises:
        NothingToPrint: nobody appealed.
    """
    return _write_appeal("veto/appeal_receipt.html", APPEAL_RECEIPT, finding, on=on, extra={})


def write_appeal_answer(*, finding: Finding, on: date) -> bytes:
    """The town's written answer to an appeal, with its reason and a receipt.

    Raises:
        NothingToPrint: nobody appealed, or the answer is still to come.
    """
    appeal = finding.appeal
    if appeal is None or appeal.outcome is None:
        raise NothingToPrint(_("The answer to an appeal is printed once it is given."))
    outcome = APPEAL_OUTCOMES[Appeal.Outcome(appeal.outcome)]
    return _write_appeal("veto/appeal_answer.html", APPEAL_ANSWER, finding, on=on, extra={"outcome": outcome})


def _write_appeal(template: str, title: str, finding: Finding, *, on: date, extra: dict[str, Any]) -> bytes:
    appeal = finding.appeal
    if appeal is None:
        raise NothingToPrint(_("Nobody appealed against this finding."))
    return _write(template, title, finding, acted_on=finding.decided_on, on=on, extra={"appeal": appeal, **extra})


def _decision(finding: Finding) -> dict[str, str]:
    """How the member was heard, who decided, and with how many."""
    answer, votes = finding.answered, ""
    if finding.expected is not None:
        votes = (
            f"应到{finding.expected}人，实到{finding.present}人，"
            f"赞成认定{finding.in_favour}票，反对{finding.against}票，弃权{finding.abstained}票"
        )
    said = "" if answer is None else HEARD[Answer.Kind(answer.kind)]
    if answer is not None:
        said += f"（{answer.answered_on.year}年{answer.answered_on.month}月{answer.answered_on.day}日）"
    unknown = "（陈述和申辩情况待补录）" if finding.ended_on is None else "（未补录陈述和申辩情况）"
    if any(row.disowned_at for row in finding.answers.all()):
        unknown = "（本人声明所登记的答复不是本人作出）"
    given = {"heard": said or unknown, "votes": votes}
    if finding.decided_in:
        given["decided_by"] = BODIES[Body(finding.decided_in)]
    return given


def _find_branch(finding: Finding, day: date, *, on: date) -> Branch | None:
    # An imported decision may be older than what the roster knows of its member.
    return last_branch_on(finding.member_id, day) or last_branch_on(finding.member_id, on)


def _name_meeting(finding: Finding, branch: Branch | None) -> str:
    """Which meeting of the branch it is for: the one that decided, as it was entered then; else today's."""
    decided_in = finding.decided_in
    return BODIES[Body(decided_in) if decided_in and decided_in != Body.TOWN else body_of(branch)]


def _write(
    template: str, title: str, finding: Finding, *, acted_on: date | None, on: date, extra: dict[str, Any]
) -> bytes:
    """`acted_on` is the day of what the paper says (told, decided); None where that is still to come."""
    day = acted_on or on
    with translation.override("zh-hans"):
        branch = _find_branch(finding, day, on=on)
        meets = _name_meeting(finding, branch)
        context = {
            "title": title,
            "number": number_of(finding),
            "finding": finding,
            "member": finding.member,
            "town": finding.member.town.name,
            "branch": branch.name_on(day) if branch else "",
            "meets": meets,
            "decided_by": meets,
            "ground": read_ground(finding),
            "appeal_days": appeal_days_of(finding),
            **extra,
        }
        return write_pdf(papers=[render_to_string(template, context)], stylesheet=STYLESHEET, title=title)
