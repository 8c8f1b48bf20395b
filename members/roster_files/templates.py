"""Empty workbooks to fill in: the columns of a resource, and a sheet that explains each with an example.

The examples stand on the sheet of explanations, which imports pass over, so that a template sent back as it is adds
nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

from foundation.workbooks.resource import SheetResource
from foundation.workbooks.writing import Column, Look, TableSheet
from members.roster_files.reading import RosterResource

NOTES_SHEET = "填写说明"

Explanations = Mapping[str, tuple[str, str]]
"""By field name: how to fill in the column, and an example."""

ROSTER_EXPLANATIONS: Explanations = {
    "branch": ("党支部全称；名册上没有的会新建。", "东湖村党支部"),
    "name": ("姓名，中间不必空格；少数民族姓名的间隔号任意写法均可。", "张三"),
    "sex": ("男 或 女。", "男"),
    "ethnicity": ("民族。", "汉族"),
    "id_number": ("18位，按文本填写。没有时必须填写出生日期。", "429999199003077598"),
    "birth_date": ("如 1990-03-07；填了公民身份号码可以不填，填了须一致。", "1990-03-07"),
    "category": ("正式党员 或 预备党员。", "正式党员"),
    "joined_on": ("如 2015-07-01、2015/7/1、2015年7月1日、20150701。", "2015-07-01"),
    "full_since": ("正式党员填写；预备党员留空。", "2016-07-01"),
    "transferred_in": ("从镇外转入的填写转入当日，从这天起在册。", ""),
    "phone": ("手机或固定电话，按文本填写。", "13900000000"),
    "branch_post": ("书记、组织委员等，仅供参考，不产生登录权限。", "组织委员"),
    "party_group": ("所在党小组。", "第一党小组"),
    "party_standing": ("党籍状态，仅供参考。", "正常"),
    "floating": ("是 或 否，仅供参考。", "否"),
    "out_of_contact": ("是 或 否，仅供参考。", "否"),
}


def roster_template() -> bytes:
    """An empty roster workbook (.xlsx) with explanations."""
    return make_template(RosterResource, "党员名册", ROSTER_EXPLANATIONS, above=("党员名册",))


def make_template(
    resource: type[SheetResource], title: str, explanations: Explanations, *, above: Sequence[str]
) -> bytes:
    """A workbook with a sheet to fill in, all columns of the resource as text, and the sheet of explanations."""
    book = Workbook(write_only=True)
    columns = resource.columns()
    names = [f"{column.names[0]}*" if column.required else column.names[0] for column in columns]
    TableSheet(book, title, [Column(name, 16, Look.TEXT) for name in names], above=above, frozen_columns=2)
    notes = TableSheet(
        book,
        NOTES_SHEET,
        [Column("列名", 16), Column("必填", 8), Column("怎样填写", 60, Look.WRAPPED_TEXT), Column("例", 24)],
        above=("填写说明", "带 * 的列必须填写；列的次序可以调换，多出的列不读取；本表不会导入。"),
    )
    for column in columns:
        explanation, example = explanations[column.key]
        also = "、".join(column.names[1:])
        notes.append(
            (
                column.names[0],
                "是" if column.required else "",
                f"{explanation}（列名也可写作：{also}）" if also else explanation,
                example,
            )
        )
    return save(book)


def save(book: Workbook) -> bytes:
    """The workbook as a file's content."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
