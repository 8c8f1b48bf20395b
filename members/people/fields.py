"""What the roster says about a person, each field declared once, in the order of the workbook.

From this follow the columns of template, import and export, the forms and facts of a member's page, what members read
of themselves, and what is left of somebody when their import is undone. The column of `Member` says the rest: the name
in words, the length, the choices, and by being encrypted that masks, hash and log keep its value back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from import_export.widgets import Widget

from foundation.encryption import encrypted_columns
from foundation.workbooks.widgets import (
    ChoiceWidget,
    DateWidget,
    DayOrMonthWidget,
    IdNumberWidget,
    NameWidget,
    PersonNameWidget,
    PhoneWidget,
    TextWidget,
)
from members.models import Member


def _column_of(name: str) -> models.Field[Any, Any]:
    column = Member._meta.get_field(name)
    assert isinstance(column, models.Field)
    return column


def _text(name: str) -> TextWidget:
    """Text as long as its column."""
    length = _column_of(name).max_length
    assert length is not None
    return TextWidget(length)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """A column of the roster workbook, a public contract (docs/interchange.md); `headings`: the exported one first."""

    headings: tuple[str, ...]
    widget: Widget
    how: str
    """How to fill it in: the template says it, with the example."""
    example: str
    required: bool = False
    width: int = 12
    for_staff: bool = False
    """Exported to the town's staff alone."""

    @property
    def is_day(self) -> bool:
        """Whether its cells are days."""
        return isinstance(self.widget, DateWidget)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterField:
    """One thing the roster says; `name` is its column of `Member`, unless memberships say it."""

    name: str
    sheet: SheetColumn | None = None
    in_membership: str = ""
    """The column of `Membership` that says it instead."""
    mask: Callable[[str], str] | None = None
    """How who may not read it in full sees it; for encrypted columns."""
    on_new_form: bool = True
    on_edit_form: bool = True
    on_member_page: bool = True
    stays_after_undo: bool = False
    """Whether it stays of somebody whose import was undone, beside their voided records (`roster_files.undoing`)."""

    @property
    def column(self) -> models.Field[Any, Any]:
        """The column of `Member`."""
        return _column_of(self.name)

    @property
    def label(self) -> str:
        """Its name in words."""
        return str(self.column.verbose_name)

    @property
    def is_secret(self) -> bool:
        """Whether it is stored encrypted."""
        return self.name in encrypted_columns(Member)

    def say(self, value: Any) -> str:
        """A value in words."""
        return str(dict(self.column.flatchoices).get(value, value) or "—")

    def say_of(self, member: Member, *, in_full: bool) -> str:
        """What is stored of a member in words, masked unless `in_full`."""
        value = getattr(member, self.name)
        return self.say(self.mask(value) if self.mask and value and not in_full else value)


def mask_id_number(number: str) -> str:
    """An ID number with only its last four characters."""
    return f"{'*' * (len(number) - 4)}{number[-4:]}"


def mask_phone(phone: str) -> str:
    """A phone number without its middle."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"


FIELDS = (
    RosterField(
        name="branch",
        in_membership="branch",
        sheet=SheetColumn(
            headings=("党支部", "所在党支部", "所属党支部", "所在党组织", "所属党组织", "支部名称"),
            widget=NameWidget(100),
            how="党支部全称；名册上没有的会新建。",
            example="东湖村党支部",
            required=True,
            width=22,
        ),
    ),
    RosterField(
        name="name",
        sheet=SheetColumn(
            headings=("姓名", "党员姓名"),
            widget=PersonNameWidget(60),
            how="姓名，中间不必空格；少数民族姓名的间隔号任意写法均可。",
            example="张三",
            required=True,
        ),
        on_member_page=False,  # the page's title
        stays_after_undo=True,  # voided records name their member
    ),
    RosterField(name="pinyin", on_new_form=False, on_member_page=False, stays_after_undo=True),
    RosterField(name="initials", on_new_form=False, on_member_page=False, stays_after_undo=True),
    RosterField(
        name="sex",
        sheet=SheetColumn(
            headings=("性别",),
            widget=ChoiceWidget({"男": "male", "女": "female"}),
            how="男 或 女。",
            example="男",
        ),
    ),
    RosterField(
        name="ethnicity",
        sheet=SheetColumn(headings=("民族",), widget=_text("ethnicity"), how="民族。", example="汉族"),
    ),
    RosterField(
        name="id_number",
        sheet=SheetColumn(
            headings=("公民身份号码", "公民身份证号码", "身份证号", "身份证号码", "身份证"),
            widget=IdNumberWidget(),
            how="18位，按文本填写。没有时必须填写出生日期。",
            example="429999199003077598",
            width=22,
            for_staff=True,
        ),
        mask=mask_id_number,
    ),
    RosterField(
        name="birth_date",
        sheet=SheetColumn(
            headings=("出生日期", "出生年月"),
            widget=DayOrMonthWidget(),
            how="如 1990-03-07；填了公民身份号码可以不填，填了须一致。",
            example="1990-03-07",
        ),
    ),
    RosterField(
        name="category",
        sheet=SheetColumn(
            headings=("人员类别", "党员类别", "人员类型", "党员类型"),
            widget=ChoiceWidget(
                {
                    "正式党员": "full",
                    "预备党员": "probationary",
                    "正式": "full",
                    "预备": "probationary",
                    "中共党员": "full",
                    "中共预备党员": "probationary",
                }
            ),
            how="正式党员 或 预备党员。",
            example="正式党员",
            required=True,
        ),
        on_edit_form=False,  # it changes by 转正
        stays_after_undo=True,  # no member is without one
    ),
    RosterField(
        name="joined_on",
        sheet=SheetColumn(
            headings=("入党日期", "入党时间", "入党年月", "加入党组织日期"),
            widget=DayOrMonthWidget(),
            how="如 2015-07-01、2015/7/1、2015年7月1日、20150701；只知道月份的写 2015-07、2015年7月。",
            example="2015-07-01",
        ),
    ),
    RosterField(
        name="full_since",
        sheet=SheetColumn(
            headings=("转正日期", "转正时间", "转正年月", "转为正式党员日期"),
            widget=DayOrMonthWidget(),
            how="正式党员填写，可以只写月份；预备党员留空。",
            example="2016-07-01",
        ),
        on_new_form=False,  # 转正 has its own form
        on_edit_form=False,
    ),
    RosterField(
        name="transferred_in",
        in_membership="from_date",
        sheet=SheetColumn(
            headings=("转入日期",),
            widget=DateWidget(),
            how="从镇外转入的填写转入当日，从这天起在册。",
            example="",
        ),
    ),
    RosterField(
        name="phone",
        sheet=SheetColumn(
            headings=("联系电话", "联系方式", "手机号码", "手机号", "手机", "电话"),
            widget=PhoneWidget(),
            how="手机或固定电话，按文本填写。",
            example="13900000000",
            width=16,
        ),
        mask=mask_phone,
    ),
    RosterField(
        name="branch_post",
        sheet=SheetColumn(
            headings=("支部职务", "党内职务"),
            widget=_text("branch_post"),
            how="书记、组织委员等，仅供参考，不产生登录权限。",
            example="组织委员",
        ),
    ),
    RosterField(
        name="party_group",
        sheet=SheetColumn(headings=("党小组",), widget=_text("party_group"), how="所在党小组。", example="第一党小组"),
    ),
    RosterField(
        name="party_standing",
        sheet=SheetColumn(
            headings=("党籍状态",), widget=_text("party_standing"), how="党籍状态，仅供参考。", example="正常"
        ),
    ),
    RosterField(
        name="floating",
        sheet=SheetColumn(
            headings=("是否流动党员",), widget=_text("floating"), how="是 或 否，仅供参考。", example="否"
        ),
    ),
    RosterField(
        name="out_of_contact",
        sheet=SheetColumn(
            headings=("是否失联",), widget=_text("out_of_contact"), how="是 或 否，仅供参考。", example="否"
        ),
    ),
)

MEMBER_FIELDS = {field.name: field for field in FIELDS if not field.in_membership}
"""What the columns of `Member` say, by column."""

SHEET_COLUMNS = {field.name: field.sheet for field in FIELDS if field.sheet is not None}
"""The columns of the roster workbook in their order, by field."""

SAYS_NOTHING = {
    "id": "the database's own number",
    "uuid": "names the row in the log",
    "town": "whose roster it is; a member never changes towns",
    "position": "the place in the roster's order",
    "pseudonymised_on": "when everything else was taken away",
}
"""The columns of `Member` that are no field, and why: they say nothing about the person. Hashes say what they hash."""
