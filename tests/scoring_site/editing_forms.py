"""Every form that changes what it shows: whose it is, where it stands, what another changes there, what one types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.addresses import ADDRESSES, Rows

Sent = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Editing:
    """One form; another changes `theirs`, who has the page open types `mine`."""

    who: str
    key: str
    theirs: Sent
    mine: Sent
    says: str
    """What one is told of the other's change."""
    query: Callable[[Rows], str] = lambda rows: ""

    def address(self, rows: Rows) -> str:
        return ADDRESSES[self.key].of(rows) + self.query(rows)


EDITING: Mapping[str, Editing] = {
    "member": Editing(
        "staff",
        "workbench:members_member_edit",
        {"phone": "13900000099"},
        {"party_group": "第二党小组"},
        "13900000011 → 13900000099",
    ),
    "town": Editing("staff", "workbench:members_town_edit", {"name": "新甲镇"}, {"name": "甲乙镇"}, "甲镇 → 新甲镇"),
    "branch": Editing(
        "staff", "workbench:members_branch_edit", {"name": "第一支部"}, {"position": "7"}, "一支部 → 第一支部"
    ),
    "review dates": Editing(
        "staff",
        "workbench:points_reviewdates_edit",
        {"post_by": "2026-03-20"},
        {"approve_by": "2026-03-18", "post_by": "2026-03-25"},
        "2026-03-15 → 2026-03-20",
    ),
    "days off": Editing(
        "staff",
        "workbench:members_workday_year",
        {"year": 2026, "off": "10-08 调休"},
        {"year": 2026, "worked": "10-10 补班"},
        "07-06 → 10-08 调休",
        query=lambda rows: "?year=2026",
    ),
    "channels": Editing(
        "staff",
        "workbench:publicity_requiredchannel_choose",
        {"channels": ["board", "meeting"]},
        {"channels": ["chat"]},
        "公开栏 → 公开栏、支部大会",
    ),
    "meeting": Editing(
        "recorder_a", "workbench:points_meeting_edit", {"place": "镇礼堂"}, {"host": "李娜"}, "— → 镇礼堂"
    ),
    "meeting to come": Editing(
        "recorder_a", "workbench:points_announcement_edit", {"place": "镇礼堂"}, {"note": "带笔记本"}, "会议室 → 镇礼堂"
    ),
    "sign-in": Editing(
        "recorder_a",
        "workbench:points_signin_extend",
        {"closes": "11:20"},
        {"closes": "11:40"},
        "11:30 → 11:50",
    ),
    "account": Editing("staff", "workbench:members_user_active", {}, {}, "是 → 否"),
    "reading of grounds": Editing("staff", "workbench:members_user_grounds", {}, {}, "否 → 是"),
}
