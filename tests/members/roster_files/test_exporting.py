"""The roster as a workbook: importable again, within reach, without ID numbers for branches, logged."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from foundation.workbooks.reader import read_workbook
from members.errors import NotAllowed
from members.models import AuditEntry, Member, Membership
from members.roster_files.exporting import export_roster, write_roster_workbook
from members.roster_files.importing import import_roster, preview_roster
from points.roster.closed_lists import find_closed_joinings
from points.scoring.adoption import set_up_town
from tests.cast import Cast
from tests.factories import NOW, make_id_number, make_member


def write(cast: Cast, actor: Any, members: Any = None) -> bytes:
    export = export_roster(actor=actor, now=NOW, members=Member.objects.all() if members is None else members)
    file = io.BytesIO()
    write_roster_workbook(export, file)
    return file.getvalue()


def table(content: bytes) -> list[dict[str, Any]]:
    rows = list(read_workbook(content, "r.xlsx").sheets[0].rows())
    header = [str(cell) for cell in rows[0][1]]
    return [dict(zip(header, [*cells, *[None] * len(header)], strict=False)) for _number, cells in rows[1:]]


def test_town_staff_export_their_town_with_id_numbers(cast: Cast) -> None:
    rows = table(write(cast, cast.staff))
    assert [(row["党支部"], row["姓名"]) for row in rows] == [
        *(("一支部", name) for name in ("张伟", "李娜", "曾国华")),
        *(("二支部", name) for name in ("赵敏", "钱进", "孙立")),
    ]
    first = rows[0]
    assert first["公民身份号码"] == make_id_number(11)
    assert first["联系电话"] == "13900000011"
    assert (first["性别"], first["人员类别"], first["党小组"]) == ("男", "正式党员", "第一党小组")
    assert first["出生日期"] == date(1970, 1, 1)
    entry = AuditEntry.objects.get(verb="export_roster")
    assert (entry.actor, entry.town, entry.new) == (cast.staff, cast.town, {"members": 6, "id_numbers": True})


def test_a_recorder_exports_the_own_branch_without_id_numbers(cast: Cast) -> None:
    rows = table(write(cast, cast.recorder_a))
    assert [row["姓名"] for row in rows] == ["张伟", "李娜", "曾国华"]
    assert "公民身份号码" not in rows[0]
    assert AuditEntry.objects.get(verb="export_roster").new == {"members": 3, "id_numbers": False}


@pytest.mark.parametrize("who", ["supervisor", "committee_a", "outsider", "member_user_a"])
def test_others_export_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        export_roster(actor=getattr(cast, who), now=NOW, members=Member.objects.all())
    assert not AuditEntry.objects.filter(verb="export_roster").exists()


def test_who_has_left_is_left_out_and_counted(cast: Cast) -> None:
    export = export_roster(actor=cast.staff, now=NOW, members=Member.objects.filter(town=cast.town))
    assert cast.left_a not in export.members
    file = io.BytesIO()
    write_roster_workbook(export, file)
    notes = [cells[0] for _number, cells in read_workbook(file.getvalue(), "r.xlsx").sheets[1].rows()]
    assert notes[-1] == "所选党员中有1人已不在册或不能由您导出，未列入本表。"


def test_the_file_changes_nothing_where_it_came_from_and_fills_another_town(cast: Cast) -> None:
    Member.objects.filter(birth_date=None, id_number_hash="").update(birth_date=date(1960, 2, 3))
    came = make_member(
        cast.branch_a,
        "马克·阿里",
        since=date(2025, 4, 1),
        why=Membership.Why.TRANSFERRED_IN,
        id_number=make_id_number(77),
        joined_on=date(2001, 7, 1),
        ethnicity="回族",
        branch_post="组织委员",
    )
    # As an import would have filled them in from the ID number.
    Member.objects.exclude(id_number_hash="").update(sex="male", birth_date=date(1970, 1, 1))
    content = write(cast, cast.staff)
    came.refresh_from_db()
    plan = preview_roster(
        guard=find_closed_joinings, actor=cast.staff, now=NOW, town=cast.town, data=content, filename="名册.xlsx"
    )
    assert plan.report.errors == []
    assert (plan.report.unchanged, plan.report.added, plan.report.updated) == (7, 0, 0)

    new_town = set_up_town(now=NOW, name="丙镇", years=(2025,), settings={})
    system = new_town.users.get(is_system=True)
    report = import_roster(
        guard=find_closed_joinings, actor=system, now=NOW, town=new_town, data=content, filename="名册.xlsx"
    )
    assert report.errors == []
    copy = new_town.members.get(name=came.name)
    for field in ("id_number", "birth_date", "joined_on", "ethnicity", "branch_post", "category"):
        assert getattr(copy, field) == getattr(came, field), field
    assert copy.memberships.get().from_date == date(2025, 4, 1)
