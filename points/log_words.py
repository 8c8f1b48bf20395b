"""The words of what this app logs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.tenths import say_points
from members.log.words import LogWords
from points.meetings.attendance import NOT_EXPECTED
from points.models import Attendance, Confirmation
from points.rules.rulebook import load_shipped_rulebook
from points.scoring.wording import name_period


def _name_item(code: str) -> str:
    """By the shipped rulebook; who knows the town and the year of an entry asks the rulebook adopted there."""
    return load_shipped_rulebook().item_names().get(code, code)


def _name_kinds(kinds: Sequence[Sequence[str]]) -> str:
    """Item, period and, where it has one, the topic of each kind of a meeting."""
    return "、".join(
        " ".join((f"{_name_item(item)}（{name_period(period)}）", *topic)) for item, period, *topic in kinds
    )


def _count_attendance(changes: Sequence[tuple[str, str]]) -> str:
    """How many of each; the meeting's page says who."""
    counted = Counter(status for _member, status in changes)
    labels = {**dict(Attendance.Status.choices), NOT_EXPECTED: gettext("not expected")}
    return "、".join(f"{labels.get(status, status)} {number}" for status, number in sorted(counted.items()))


def _count(rows: int | Sequence[str]) -> str:
    """How many; where the entry keeps which, the page of the object shows them."""
    return str(rows if isinstance(rows, int) else len(rows))


def _say_kept(_name: str) -> str:
    """A picture is kept under the hash of its bytes, which tells nobody anything."""
    return gettext("yes")


WORDS = LogWords(
    verbs={
        "accept_claim": _("accepted a claim"),
        "accept_leave": _("accepted a leave"),
        "adopt_rulebook": _("adopted a rulebook"),
        "announce_meeting": _("announced a meeting"),
        "answer_guidance": _("read and answered a remark from above"),
        "apply_for_exemption": _("applied for exemption"),
        "enter_paper_application": _("entered a signed application for exemption"),
        "approve_own_line": _("approved the secretary's own line"),
        "approve_review": _("approved a half-year"),
        "ask_leave": _("asked for leave"),
        "attach_evidence": _("added evidence"),
        "change_announcement": _("changed a meeting to come"),
        "change_attendance": _("changed attendances"),
        "change_meeting": _("changed a meeting"),
        "change_membership": _("entered a move"),
        "close_sign_in": _("closed a sign-in"),
        "confirm_draft": _("confirmed a draft"),
        "confirm_lines": _("entered confirmations of results"),
        "decide_ratings": _("entered ratings"),
        "declare_not_held": _("declared that something is not held this year"),
        "decline_application": _("declined an application for exemption"),
        "decline_leave": _("declined a leave"),
        "end_exemption": _("ended an exemption"),
        "enter_leave": _("entered and accepted a leave"),
        "export_annual_report": _("exported the annual report"),
        "export_meetings": _("exported a list of meetings"),
        "export_branch_files": _("exported the annual report by branch"),
        "export_record_forms": _("exported record forms"),
        "export_records": _("exported records"),
        "export_scores": _("exported a list of scores"),
        "export_award_list": _("exported a list of award eligibility"),
        "export_register": _("exported a points register"),
        "export_tick_workbook": _("exported a tick workbook"),
        "extend_sign_in": _("kept a sign-in open longer"),
        "file_claim": _("filed a claim"),
        "give_guidance": _("remarked on a branch's half-year"),
        "grant_application": _("granted an application for exemption"),
        "grant_exemption": _("entered an exemption"),
        "import_records": _("imported records"),
        "make_draft": _("made a draft"),
        "mark_final": _("made a half-year final"),
        "mark_published": _("published a half-year"),
        "open_sign_in": _("opened a sign-in"),
        "read_finding_categories": _("read the categories of findings"),
        "record_events": _("recorded points"),
        "record_meeting": _("recorded a meeting"),
        "record_month": _("recorded a month"),
        "reject_claim": _("rejected a claim"),
        "remind_branch": _("reminded a branch of what it is late with"),
        "reopen_review": _("opened a final half-year again"),
        "replace_application": _("replaced an application for exemption by the signed one"),
        "return_claim": _("returned a claim"),
        "return_draft": _("returned a draft"),
        "return_review": _("returned a half-year"),
        "revise_claim": _("revised a claim"),
        "set_review_dates": _("set the dates of a half-year"),
        "sign_in_self": _("signed in to a meeting"),
        "submit_review": _("submitted a half-year"),
        "withdraw_review": _("took back a half-year that was opened"),
        "take_back_leave": _("took a request for leave back"),
        "void_attendance": _("voided an attendance"),
        "void_batch": _("voided a batch"),
        "void_event": _("voided a record"),
        "void_events": _("voided records"),
        "void_evidence": _("voided evidence"),
        "withdraw_announcement": _("withdrew a meeting to come"),
        "withdraw_application": _("withdrew an application for exemption"),
        "withdraw_claim": _("withdrew a claim"),
        "withdraw_draft": _("withdrew a draft"),
    },
    keys={
        "attendance": _("attendances"),
        "attendance_changes": _("attendances"),
        "confirmed_on": _("confirmed on"),
        "count": _("rows"),
        "decided_on": _("decided by the branch on"),
        "deduction": _("deductions"),
        "ended_on": _("ended on"),
        "events": _("point events"),
        "evidence": _("files"),
        "findings": _("deductions and vetoes"),
        "how": _("how"),
        "kinds": _("kinds of meeting"),
        "late": _("late with"),
        "lines": _("lines"),
        "links": _("chain head"),
        "met_on": _("day of the meeting"),
        "month": _("month"),
        "people": _("members"),
        "pointevent": _("point events"),
        "points": _("points"),
        "reason": _("Reason"),
        "remarks": _("remarks"),
        "report": _("report"),
        "told": _("who was told"),
        "vetorecord": _("vetoes"),
        "with_findings": _("with categories of findings"),
    },
    values={"how": dict(Confirmation.How.choices)},
    sayings={
        "attendance_changes": _count_attendance,
        "events": _count,
        "evidence": _count,
        "item": _name_item,
        "kinds": _name_kinds,
        "month": name_period,
        "photo": _say_kept,
        "points": say_points,
    },
)
