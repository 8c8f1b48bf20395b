"""A member's copy of what is held about them: a workbook, a sheet for each kind of record (个人信息保护法 art. 45).

Every table in which a row belongs to a person is either a part of the copy or named below with why it is not; the suite
asks each table. Words are Chinese, like those of every workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone, translation

from foundation.tenths import in_points
from foundation.workbooks.writing import Column, Look, TableSheet, Value, stream_workbook
from members.access import known_to_member
from members.models import (
    AccessEntry,
    Appointment,
    DataRequest,
    Exemption,
    ExemptionApplication,
    Informing,
    Member,
    Membership,
    Notification,
    PasswordReset,
    User,
)
from members.people.fields import MEMBER_FIELDS
from points.models import (
    Attendance,
    Claim,
    Confirmation,
    Correction,
    LeaveRequest,
    PointEvent,
    Rating,
    ReviewLine,
    SignInScan,
)
from points.rules.rulebook import ItemKind, Rulebook
from points.scoring.adoption import rulebooks_of
from points.scoring.freezing import read_payload
from publicity.models import Objection, ObjectionAddition, Reading
from veto.models import Answer, Appeal, Deduction, Telling, VetoRecord

Rulebooks = Mapping[int, Rulebook]
Cell = str | Callable[[Any, Rulebooks], Value]
"""A column's value: the path of an attribute, or what is worked out of the row."""


@dataclass(frozen=True)
class Part:
    """A sheet: the table, whose rows (a path that ends at the member or the account), columns by their headers."""

    title: str
    model: type[Model]
    whose: str
    columns: Mapping[str, Cell]


def _item(kind: ItemKind, code: str, year: Callable[[Any], int]) -> Cell:
    """A row's item by the name of its year's rulebook."""

    def name(row: Any, rulebooks: Rulebooks) -> str:
        rulebook = rulebooks.get(year(row))
        item = str(getattr(row, code))
        return rulebook.item_names(kind).get(item, item) if rulebook else item

    return name


def _points(path: str) -> Cell:
    """Tenths as points."""

    def say(row: Any, _rulebooks: Rulebooks) -> Value:
        return _in_points(getattr(row, path))

    return say


def _worth(row: PointEvent, rulebooks: Rulebooks) -> Value:
    """What an event was awarded before any doubling; a base item's worth is the rulebook's."""
    if row.points is not None or row.year not in rulebooks:
        return _in_points(row.points)
    return next((in_points(item.points) for item in rulebooks[row.year].base if item.code == row.item), None)


def _in_points(tenths: int | None) -> Value:
    return None if tenths is None else in_points(tenths)


def _frozen(figure: str) -> Cell:
    """A figure of a frozen line, in points."""

    def say(row: Any, _rulebooks: Rulebooks) -> Value:
        return _in_points(getattr(read_payload(row.payload), figure))

    return say


_VOIDED = {"作废时间": "voided_at", "作废原因": "void_reason"}
_FINDING: Mapping[str, Cell] = {
    "日期": "date",
    "具体情况": "particulars",
    "材料": "papers",
    "状态": lambda row, _rulebooks: str(row.state.label),
    "提出人": "batch.actor",
    "告知日期": "notified_on",
    "决定日期": "decided_on",
    "撤销时间": "revoked_at",
    "撤销原因": "revoke_reason",
    **_VOIDED,
}
_PERSON, _ACCOUNT = "member", "user"

PARTS: Sequence[Part] = (
    Part("组织关系", Membership, _PERSON, {"日期": "from_date", "党支部": "branch", "原因": "why"}),
    Part(
        "任职",
        Appointment,
        _ACCOUNT,
        {"职务": "role", "党支部": "branch", "起": "from_date", "止": "to_date", "状态": "state"},
    ),
    Part(
        "积分记录",
        PointEvent,
        _PERSON,
        {
            "年度": "year",
            "项目": _item("points", "item", lambda row: row.year),
            "日期": "date",
            "期次": "period",
            "分值（翻倍前）": _worth,
            "带头作用": "led",
            "说明": "note",
            "登记时间": "batch.at",
            "登记人": "batch.actor",
            **_VOIDED,
        },
    ),
    Part(
        "参加情况",
        Attendance,
        _PERSON,
        {"日期": "meeting.held_on", "议题": "meeting.topic", "情况": "status", **_VOIDED},
    ),
    Part(
        "请假",
        LeaveRequest,
        _PERSON,
        {
            "会议日期": "day",
            "请假原因": "reason",
            "申请时间": "asked_at",
            "登记人": "entered_by",
            "状态": "state",
            "答复时间": "answered_at",
            "答复": "remark",
        },
    ),
    Part("扫码签到", SignInScan, _PERSON, {"时间": "at"}),
    Part(
        "积分申报",
        Claim,
        _PERSON,
        {
            "申报时间": "filed_at",
            "项目": _item("points", "item", lambda row: row.date.year),
            "日期": "date",
            "做了什么": "deed",
            "分值（翻倍前）": _points("points"),
            "状态": "state",
            "答复时间": "answered_at",
            "答复": "remark",
        },
    ),
    Part(
        "核定结果",
        ReviewLine,
        _PERSON,
        {
            "半年": lambda row, _rulebooks: f"{row.review.year}年{row.review.get_half_display()}",
            "党支部": "review.branch_name",
            "第几稿": "revision",
            "基础分": _frozen("base"),
            "激励分": _frozen("incentive"),
            "扣分": _frozen("deducted"),
            "全年累计": _frozen("cumulative"),
            "核定时间": "freeze.at",
            "校验值": "hash",
        },
    ),
    Part(
        "结果确认",
        Confirmation,
        "line__member",
        {"方式": "how", "日期": "confirmed_on", "登记人": "entered_by", "登记时间": "at"},
    ),
    Part(
        "更正", Correction, _PERSON, {"会议日期": "decided_on", "原因": "reason", "登记人": "actor", "登记时间": "at"}
    ),
    Part(
        "评定等次",
        Rating,
        _PERSON,
        {"年度": "year", "等次": "decision", "会议日期": "met_on", "登记人": "by", "登记时间": "at"},
    ),
    Part("扣分", Deduction, _PERSON, {"情形": _item("deduction", "item", lambda row: row.date.year), **_FINDING}),
    Part(
        "一票否决",
        VetoRecord,
        _PERSON,
        {"年度": "year", "事由": _item("veto", "ground", lambda row: row.year), **_FINDING},
    ),
    Part("送达", Telling, "finding", {"文书": "paper", "日期": "told_on", "方式": "way", "见证人": "witnesses"}),
    Part(
        "答复和申辩",
        Answer,
        "finding",
        {"日期": "answered_on", "答复": "kind", "内容": "statement", "登记人": "entered_by", "登记时间": "entered_at"},
    ),
    Part(
        "申诉",
        Appeal,
        "finding",
        {"日期": "filed_on", "内容": "text", "结果": "outcome", "镇党委答复": "answer", "答复时间": "answered_at"},
    ),
    Part(
        "异议",
        Objection,
        "objector",
        {
            "编号": "receipt",
            "时间": "at",
            "内容": "text",
            "答复": "answer",
            "答复时间": "answered_at",
            "不满意的理由": "dissatisfaction",
            "镇党建办答复": "town_reply",
        },
    ),
    Part("异议补充", ObjectionAddition, "objection__objector", {"时间": "at", "内容": "text"}),
    Part("看过的公示", Reading, _ACCOUNT, {"时间": "at"}),
    Part(
        "不实行积分制",
        Exemption,
        _PERSON,
        {"情形": "ground", "申请日期": "applied_on", "决定日期": "decided_on", "起": "from_date", "止": "ended_on"},
    ),
    Part(
        "不实行积分制申请",
        ExemptionApplication,
        _PERSON,
        {
            "申请日期": "applied_on",
            "情形": "ground",
            "本人陈述": "text",
            "状态": "state",
            "决定日期": "decided_on",
            "决定说明": "explanation",
        },
    ),
    Part(
        "信息更正请求",
        DataRequest,
        _PERSON,
        {"时间": "at", "内容": "text", "答复": "answer", "答复时间": "answered_at"},
    ),
    Part(
        "信息处理告知",
        Informing,
        _PERSON,
        {"日期": "day", "事项": "kind", "方式": "channel", "登记人": "entered_by", "登记时间": "at"},
    ),
    Part(
        "密码重置",
        PasswordReset,
        _ACCOUNT,
        {
            "申请时间": "asked_at",
            "申请人": "asked_by",
            "原因": "reason",
            "确认人": "given_by",
            "确认时间": "given_at",
            "镇级确认或退回": "settled_by",
            "状态": "state",
        },
    ),
    Part("消息", Notification, _ACCOUNT, {"时间": "at", "内容": "kind", "已读时间": "read_at"}),
    Part("登录和查看", AccessEntry, _ACCOUNT, {"时间": "at", "类别": "kind", "设备地址": "address", "页面": "path"}),
)

LEFT_OUT: Mapping[str, str] = {
    "members.User": "the first sheet has the user name; a password has no copy",
    "members.Job": "a file an officer asked for, kept for a day; 我的任务 lists them",
    "members.LoginCode": "keyed hashes",
    "members.RecoveryCode": "keyed hashes",
    "members.SecondFactor": "a secret",
    "members.Session": "keys; 我的登录 lists them",
    "members.RosterChange": "what an import changed, kept only to take it back; the values stand on the first sheet",
    "points.Guidance": "what the general branch or the town remarks on a branch's half, about nobody in particular",
    "points.ReviewRemark": "what the secretary asks the recorder to look at, while the half is being prepared",
    "publicity.EnteredCorrection": "not decided yet; once it is, it stands among the corrections",
}
"""Tables with a person's rows that are no part of the copy, each with why."""


def write_own_copy(*, user: User, member: Member, file: IO[bytes], now: datetime) -> None:
    """Write the copy into an open binary file: one query for each sheet, its rows streamed."""
    day = f"{timezone.localtime(now):%Y-%m-%d %H:%M}"
    with translation.override("zh-hans"), stream_workbook(file, title="本人信息副本", author="") as workbook:
        first = TableSheet(
            workbook,
            "本人信息",
            (Column("项目", 20), Column("内容", 50)),
            above=("本人信息副本", f"截至{day}。内含证件号码和电话，请妥善保管。"),
        )
        for field in MEMBER_FIELDS.values():
            first.append((str(field.label), field.say_of(member, in_full=True)))
        first.append(("用户名", user.username))
        first.finish()
        rulebooks = rulebooks_of(member.town)
        for part in PARTS:
            _write_part(workbook, part, _rows_of(part, user, member), rulebooks)


def _rows_of(part: Part, user: User, member: Member) -> Iterable[Model]:
    """The person's own rows of a table, oldest first; of findings what they were told of (D18, D21)."""
    rows: QuerySet[Any] = part.model._default_manager.all()
    if part.model in (Deduction, VetoRecord):
        rows = rows.filter(known_to_member(), member=member)
    elif part.whose == "finding":
        known = [model._default_manager.filter(known_to_member(), member=member) for model in (Deduction, VetoRecord)]
        rows = rows.filter(Q(deduction__in=known[0]) | Q(veto__in=known[1]))
    else:
        own = member if part.whose.endswith(_PERSON) else user
        rows = rows.filter(**{part.whose: own})
    beside = {path.rpartition(".")[0].replace(".", "__") for path in part.columns.values() if isinstance(path, str)}
    rows = rows.select_related(*filter(None, beside | _NAMED.get(part.model, set())))
    return rows.prefetch_related(*_MANY.get(part.model, ())).order_by("pk").iterator(500)


_NAMED: Mapping[type[Model], set[str]] = {
    Membership: {"branch"},
    Appointment: {"branch"},
    ReviewLine: {"review__branch", "freeze"},
    PointEvent: {"batch__actor"},
    Deduction: {"batch__actor"},
    VetoRecord: {"batch__actor"},
    Confirmation: {"entered_by"},
    Correction: {"actor"},
    Rating: {"by"},
    Answer: {"entered_by"},
    LeaveRequest: {"entered_by"},
}
"""What a row names and is read with it."""
_MANY: Mapping[type[Model], tuple[str, ...]] = {ReviewLine: ("review__branch__former_names",)}


_LONG, _FIGURE = (60, Look.WRAPPED_TEXT), (12, Look.POINTS)
_LOOKS: Mapping[str, tuple[float, Look]] = {
    **dict.fromkeys(
        ("具体情况", "内容", "做了什么", "本人陈述", "请假原因", "答复", "镇党委答复", "镇党建办答复"), _LONG
    ),
    **dict.fromkeys(("分值（翻倍前）", "基础分", "激励分", "扣分", "全年累计"), _FIGURE),
}


def _write_part(workbook: Any, part: Part, rows: Iterable[Model], rulebooks: Rulebooks) -> None:
    columns = [Column(header, *_LOOKS.get(header, (18, Look.TEXT))) for header in part.columns]
    sheet = TableSheet(workbook, part.title, columns)
    for row in rows:
        sheet.append(_show(row, cell, rulebooks) for cell in part.columns.values())
    sheet.finish()


def _show(row: Any, cell: Cell, rulebooks: Rulebooks) -> Value:
    """What a column says of a row, in words."""
    if not isinstance(cell, str):
        return cell(row, rulebooks)
    *path, name = cell.split(".")
    for step in path:
        row = getattr(row, step)
    value = getattr(row, name)
    if hasattr(row, f"get_{name}_display"):
        return str(getattr(row, f"get_{name}_display")() or "")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return value if isinstance(value, int) else str(value or "")
