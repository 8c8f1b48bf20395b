"""Every form that makes something: whose it is, where it stands, and what is typed beyond what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from members.models import Branch, Member
from points.models import Meeting
from tests.addresses import ADDRESSES, Rows
from tests.cast import Cast
from tests.factories import TODAY
from tests.members.evidence.uploads import picture


@dataclass(frozen=True, slots=True)
class Creating:
    """One form: who sends it, the name of its address, what is typed, and the query of its address."""

    who: str
    key: str
    types: Callable[[Cast], Mapping[str, Any]]
    query: Callable[[Rows], str] = lambda rows: ""
    member: int | None = None
    """Which of branch A's members an address is about, where it is not the one of the rows."""

    def address(self, rows: Rows, cast: Cast) -> str:
        about = rows if self.member is None else rows | {Member: cast.members_a[self.member]}
        return ADDRESSES[self.key].of(about) + self.query(rows)


def _types(**values: Any) -> Callable[[Cast], Mapping[str, Any]]:
    return lambda cast: values


CREATING: Mapping[str, Creating] = {
    "member": Creating(
        "staff",
        "workbench:members_member_new",
        lambda cast: {"name": "新来的", "branch": cast.branch_a.pk, "category": "full", "why": "admitted"},
    ),
    "branch": Creating("staff", "workbench:members_branch_new", _types(name="新支部")),
    "account": Creating("staff", "workbench:members_user_new", _types(username="new-account", name="新账号")),
    "appointment": Creating(
        "staff",
        "workbench:members_user_appoint",
        lambda cast: {"role": "assistant", "branch": cast.branch_b.pk},
    ),
    "stand-in": Creating(
        "secretary_a",
        "workbench:members_branch_stand_in",
        lambda cast: {"user": cast.member_user_a.pk, "to_date": "2026-04-15", "reason": "出差"},
    ),
    "reset": Creating(
        "recorder_a",
        "workbench:members_passwordreset_ask",
        lambda cast: {"user": cast.member_user_a.pk, "reason": "忘记密码"},
        query=lambda rows: f"?branch={rows[Branch].pk}",
    ),
    "move": Creating(
        "staff",
        "workbench:members_membership_move",
        lambda cast: {"why": "moved", "branch": cast.branch_b.pk},
        member=1,
    ),
    "application on paper": Creating(
        "secretary_a",
        "workbench:members_exemptionapplication_enter",
        lambda cast: {"ground": "unable", "applied_on": TODAY, "text": "腿脚不便", "scan": picture()},
        member=2,
    ),
    "application": Creating("member_user_b", "exemption", _types(ground="unable", text="腿脚不便")),
    "question about data": Creating("member_user_a", "my_data", _types(text="电话有误")),
    "informing": Creating(
        "recorder_a",
        "workbench:members_informing_enter",
        lambda cast: {"kind": "informed", "channel": "meeting", "day": TODAY, "members": [cast.members_a[1].pk]},
    ),
    "review dates": Creating(
        "staff",
        "workbench:points_reviewdates_new",
        _types(year=2026, half="H1", submit_by="2026-07-05", approve_by="2026-07-10", post_by="2026-07-15"),
    ),
    "remark from above": Creating(
        "staff",
        "workbench:points_guidance_new",
        _types(half="2026H1", text="请补课"),
        query=lambda rows: f"?branch={rows[Branch].pk}",
    ),
    "meeting to come": Creating(
        "recorder_a",
        "workbench:points_announcement_new",
        _types(held_on="2026-03-20", starts="15:00", place="村部会议室", kind_party_day="on"),
    ),
    "sign-in": Creating(
        "recorder_a", "workbench:points_signin_open", _types(day="2026-03-16", opens="09:00", closes="10:00")
    ),
    "records": Creating(
        "recorder_a",
        "workbench:points_pointevent_record",
        lambda cast: {"members": [cast.members_a[1].pk], "item": "dues", "date": TODAY},
    ),
    "deduction": Creating(
        "recorder_a",
        "workbench:veto_deduction_propose",
        lambda cast: {
            "member": cast.members_a[1].pk,
            "ground": "gambling",
            "date": TODAY,
            "particulars": "核实",
            "papers": "材料",
        },
    ),
    "told": Creating(
        "recorder_a",
        "workbench:veto_deduction_tell",
        _types(told_on=TODAY, way="handed", meets_on="2026-03-25", meets_at="09:00", place="村部"),
    ),
    "answer on paper": Creating(
        "recorder_a",
        "workbench:veto_vetorecord_answer",
        _types(kind="statement", answered_on=TODAY, statement="不同意"),
    ),
    "own answer": Creating("member_user_a", "hearing", _types(statement="不同意")),
    "objection on paper": Creating(
        "recorder_a",
        "workbench:publicity_objection_register",
        _types(via="paper", objector_name="匿名", text="漏登一次党课"),
    ),
    "note on an objection": Creating("secretary_a", "workbench:publicity_objection_note", _types(text="已问过本人")),
    "objection": Creating("member_user_a", "object_to_notice", _types(text="漏登", about="")),
    "days off": Creating("staff", "workbench:members_workday_year", _types(year=2026, off="10-08 调休")),
    "evidence": Creating(
        "recorder_a",
        "workbench:points_evidencelink_attach",
        lambda cast: {"evidence": picture()},
        query=lambda rows: f"?meeting={rows[Meeting].pk}",
    ),
    "guests": Creating("recorder_a", "workbench:points_meeting_guests", lambda cast: {"names": cast.members_b[1].name}),
    "rulebook": Creating("staff", "workbench:points_assessmentyear_adopt", _types(year=2027)),
}
