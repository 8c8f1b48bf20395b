"""Workbooks to fill in: an empty records workbook, and the tick workbook of a branch with its members and records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.utils import translation
from openpyxl import Workbook

from foundation.workbooks.writing import Column, Look, TableSheet
from members.models import Branch, Member
from members.people.fields import SHEET_COLUMNS
from members.roster_files.templates import NOTES_SHEET, Explanations, make_template, save
from members.selectors import members_in
from points.imports.records_file import RecordsResource
from points.models import Attendance, PointEvent
from points.rules.periods import periods_of_year
from points.rules.rulebook import Rulebook
from points.scoring.missed import Missed, MissedKey, read_missed
from points.scoring.squares import MARKS, OF_STATUS, Square

RECORDS_EXPLANATIONS: Explanations = {
    "branch": ("党员当日所在的党支部，按名册上的名称。", "东湖村党支部"),
    "name": ("姓名。", "张三"),
    "id_number": ("支部内有同名党员时必须填写，按文本填写。", ""),
    "kind": ("得分、扣分 或 一票否决。", "得分"),
    "item": ("积分办法中的项目名称或代码。", "交纳党费"),
    "date": ("发生的日期；扣分和一票否决填发现的日期。", "2025-03-05"),
    "period": (
        "只有基础分填写：2025-03、2025Q1、2025H1 或 2025；不填则按日期所在的一期。一票否决可填考核年度。",
        "2025-03",
    ),
    "points": ("只有激励分填写，0.1 至该项上限，一位小数，为加倍之前的分值。基础分和扣分留空。", ""),
    "led": ("是 或 否；起带头、组织、主导作用的激励分填 是。", "否"),
    "note": ("扣分和一票否决必须填写事实和核实情况。", ""),
    "decided_on": ("扣分和一票否决必须填写认定它的支委会日期。", ""),
    "due": ("只有交纳党费可填：该月应交党费，元，最多两位小数；与实交同填或同不填。", "5.00"),
    "paid": ("只有交纳党费可填：该月实交党费，元；少于应交的不能登记，补足后再登记。", "5.00"),
    "paid_by": ("亲属或其他党员经支部同意代交的，填写代交人。", ""),
}

_WHO = {key: RECORDS_EXPLANATIONS[key][1] for key in ("branch", "name")}
RECORDS_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "亲属代交的党费": {
        **{key: example for key, (_how, example) in RECORDS_EXPLANATIONS.items() if example},
        "date": "2025-04-07",
        "period": "2025-04",
        "paid_by": "女儿李四",
    },
    "激励分，支部内有同名党员": {
        **_WHO,
        "id_number": SHEET_COLUMNS["id_number"].example,
        "kind": "得分",
        "item": "志愿服务",
        "date": "2025-04-12",
        "points": "0.5",
        "led": "是",
        "note": "组织清理河道",
    },
    "扣分": {
        **_WHO,
        "kind": "扣分",
        "item": "传播谣言",
        "date": "2025-04-20",
        "note": "在群内转发未经证实的消息，本人承认",
        "decided_on": "2025-05-08",
    },
}
"""Rows beside the one in the explanations, by what they are of: no row can fill all columns, together they do."""

_PERIOD_WORDS = {
    "month": [f"{month}月" for month in range(1, 13)],
    "quarter": ["一季度", "二季度", "三季度", "四季度"],
    "half": ["上半年", "下半年"],
    "year": ["全年"],
}


def records_template() -> bytes:
    """An empty records workbook (.xlsx) with explanations."""
    return make_template(
        RecordsResource, "积分记录", RECORDS_EXPLANATIONS, above=("积分记录",), more_examples=RECORDS_EXAMPLES
    )


def tick_template(*, branch: Branch, year: int, rulebook: Rulebook, today: date) -> bytes:
    """The branch's tick workbook of a year: a sheet per base item, its present members, √ where a record stands,
    假 or 缺 where a meeting was missed (D24).

    Namesakes are told apart in a column with their ID numbers, which is there only where a branch has any.
    """
    book = Workbook(write_only=True)
    members = list(members_in([branch.pk], today).order_by("position", "pk"))
    names = [member.name for member in members]
    twins = {name for name in names if names.count(name) > 1}
    recorded = set(
        PointEvent.objects.filter(member__in=members_in([branch.pk], today).values("pk"), year=year)
        .live()
        .exclude(period="")
        .values_list("member_id", "item", "period")
    )
    missed = read_missed([member.pk for member in members], year=year)
    for item in rulebook.base:
        periods = periods_of_year(year, item.per)
        columns = [Column("序号", 6, Look.WHOLE), Column("姓名", 12)]
        if twins:
            columns.append(Column("公民身份号码", 22))
        columns += [Column(word, 8) for word in _PERIOD_WORDS[item.per]]
        sheet = TableSheet(
            book, item.name, columns, above=(f"{branch.name} {year}年度 {item.name}",), frozen_columns=len(columns[:2])
        )
        for number, member in enumerate(members, 1):
            ticks = [_mark((member.pk, item.code, period), recorded, missed) for period in periods]
            sheet.append([number, member.name, *([_twin_id(member, twins)] if twins else []), *ticks])
    notes = TableSheet(
        book, NOTES_SHEET, [Column("填写说明", 90, Look.WRAPPED_TEXT)], above=(f"{branch.name} {year}年度打勾表",)
    )
    for line in (
        "参加或完成的填 √（也可填 1、是）；没有的留空或填 ×；假 为请假，不得分也不算缺席；缺 为缺席。",
        "已登记为请假、缺席的，只能在工作台该次会议的参加情况中更改。",
        "已有记录的格已打勾；把勾去掉不会作废记录，作废请在工作台办理。",
        "导入时须选定党支部和年度，与本表一致。",
    ):
        notes.append((line,))
    return save(book)


def _mark(key: MissedKey, recorded: Collection[MissedKey], missed: Mapping[MissedKey, Missed]) -> str:
    """√, 假 or 缺, whoever downloads it: the workbook speaks Chinese."""
    with translation.override("zh-hans"):
        if key in recorded:
            return str(MARKS[Square.EARNED])
        return str(MARKS[OF_STATUS[Attendance.Status(missed[key].status)]]) if key in missed else ""


def _twin_id(member: Member, twins: set[str]) -> str:
    return member.id_number if member.name in twins else ""
