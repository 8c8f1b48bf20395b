"""What does not go by itself in a branch's half: a line returned, objections, a final half opened again, late ones."""

from __future__ import annotations

from dataclasses import dataclass

from points.models import Review
from points.rules.periods import H1
from publicity.models import Objection

State = Review.State
Via = Objection.Via


@dataclass(frozen=True, slots=True)
class Deed:
    """A record earning points, told apart by item and day; to be recorded it has tenths and a note."""

    item: str
    month: int
    day: int
    points: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """A line the secretary returned, and what the recorder entered for it then."""

    person: str
    remark: str
    missing: Deed


@dataclass(frozen=True, slots=True)
class Objected:
    """An objection to a line; `by` is the account of who objects in the portal, otherwise it came by `via` from `name`.

    With an answer it is settled: by the record it was right about (`missing`), or else by the explanation.
    """

    person: str
    text: str
    note: str = ""
    answer: str = ""
    missing: Deed | None = None
    by: str = ""
    via: Objection.Via = Via.PORTAL
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reopened:
    """A final half opened again with the town's consent, for a deed that stands on the wrong member's line."""

    why: str
    reason: str
    wrong: str
    right: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class Story:
    """What happens on the way; without anything a half goes straight from submission to final."""

    ends: Review.State = State.FINAL
    returned: Returned | None = None
    objected: Objected | None = None
    reopened: Reopened | None = None
    posted_lately: bool = False
    """Put up only a few days before now, so that its days are still running."""


PLAIN = Story()

LAST_YEAR = {
    ("taoyuan", H1): Story(
        returned=Returned(
            "taoyuan-22",
            "5月22日结对帮扶的签到表上有任美玲，积分表里没有，请核对后补记。",
            Deed("pairing", 5, 22, 15, "结对帮扶：帮助缺劳力农户抢收抢种（审核退回后补记）"),
        ),
        objected=Objected(
            "member",
            "6月14日县里的党史知识竞赛我代表支部参加，得了优秀奖，公示表里我的竞赛项是0分，请核实。",
            note="与县委组织部竞赛组核对获奖名单，潘青山获优秀奖，有证书照片；当时带队的同志漏报。",
            answer="经核实，您获县级优秀奖属实，漏记系带队同志未报名单。经支委会研究，补记2分，更正后的结果已重新公示。",
            missing=Deed("contest", 6, 14, 20, "党史知识竞赛：县级优秀奖（异议核实后补记）"),
            by="member",
        ),
    ),
    ("shiqiao", H1): Story(
        objected=Objected(
            "shiqiao-11",
            "五月抢收抢种那天没有看见他，怎么也有结对帮扶的分。",
            note="查阅5月22日签到表和现场照片，询问两户受帮扶农户，均证实其上午在场。",
            answer="经查阅签到表、现场照片并走访受帮扶农户，当天上午他在第三组帮两户抢收油菜，记分依据充分，原记分不变。",
            via=Via.PAPER,
            name="匿名",
        ),
    ),
    ("fenglin", H1): Story(
        reopened=Reopened(
            "镇党委核对“七一”表彰名单，发现支部把获表彰的同志记成了另一位，同意重新打开更正。",
            "与镇党委“七一”表彰名单核对，表彰记错人，经支委会研究更正。",
            wrong="fenglin-8",
            right="fenglin-6",
            deed=Deed("commendation", 6, 29, 10, "镇党委“七一”表彰：优秀共产党员（更正补记）"),
        ),
    ),
}

THIS_YEAR = {
    ("taoyuan", H1): Story(
        posted_lately=True,
        objected=Objected(
            "taoyuan-21",
            "村民来电：四月人居环境整治他家门口的杂物堆到五月才清，这一项不应得分，请支部核实。",
            via=Via.PHONE,
            name="徐先生",
        ),
    ),
    ("liuwan", H1): Story(ends=State.SUBMITTED),
    ("second", H1): Story(ends=State.DRAFT),
}
