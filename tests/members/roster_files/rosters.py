"""Rosters made of one good row, previewed and imported by the town's staff."""

from __future__ import annotations

from datetime import date
from typing import Any

from foundation.workbooks.report import ImportReport
from members.models import AuditEntry, Branch, Member, Membership, RecordBatch, RosterChange
from members.roster_files.importing import import_roster, preview_roster
from members.roster_files.matching import RosterPlan
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, make_id_number
from tests.members.roster_files.tables import make_xlsx, table_of

ID = make_id_number(500, date(1980, 6, 15))  # male: the digit before the last is odd or even as the factory made it
SEX = "男" if int(ID[16]) % 2 else "女"
GOOD: dict[str, Any] = {
    "党支部": "一支部",
    "姓名": "周新",
    "性别": SEX,
    "公民身份号码": ID,
    "出生日期": "1980-06-15",
    "人员类别": "正式党员",
    "入党日期": "2005-07-01",
    "转正日期": "2006-07-01",
    "转入日期": None,
    "联系电话": "13900000099",
    "民族": "汉族",
}


def roster(*changes: dict[str, Any]) -> bytes:
    """A roster whose rows are the good row with these changes."""
    return make_xlsx({"名册": table_of([GOOD | change for change in changes or ({},)], "党员名册")})


def run(cast: Cast, data: bytes, name: str = "名册.xlsx", **options: Any) -> ImportReport:
    return import_roster(
        guard=find_closed_joinings, actor=cast.staff, now=NOW, town=cast.town, data=data, filename=name, **options
    )


def look(cast: Cast, data: bytes, **options: Any) -> RosterPlan:
    return preview_roster(
        guard=find_closed_joinings,
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        data=data,
        filename="名册.xlsx",
        **options,
    )


def rows_in_tables() -> list[int]:
    return [model.objects.count() for model in (Branch, Member, Membership, AuditEntry, RecordBatch, RosterChange)]
