"""The roster import and the roster's screen put nobody into a half whose list is closed (D10, D20)."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from members.errors import RosterRefused
from members.models import AuditEntry, Branch, Member, Membership, RecordBatch
from members.people.roster import Joining, create_member
from members.roster_files.importing import import_roster, preview_roster
from points.roster.closed_lists import find_closed_joinings
from tests.cast import Cast
from tests.factories import NOW, make_id_number
from tests.members.roster_files.tables import make_xlsx, table_of
from tests.points.half_stages import bring_to
from tests.work import count_queries

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "党支部": "一支部",
    "姓名": "周新",
    "公民身份号码": make_id_number(500),
    "人员类别": "正式党员",
    "入党日期": "2005-07-01",
}
OTHER = {**NEW, "党支部": "二支部", "姓名": "吴来", "公民身份号码": make_id_number(501)}
STATES = ("submitted", "approved", "published", "final")


def workbook(*rows: dict[str, Any]) -> bytes:
    return make_xlsx({"名册": table_of(rows, "党员名册")})


def rows_in_tables() -> list[int]:
    return [model._default_manager.count() for model in (Branch, Member, Membership, RecordBatch, AuditEntry)]


@pytest.mark.parametrize("came", [None, "2025-06-30"])
@pytest.mark.parametrize("state", STATES)
def test_a_row_that_would_join_a_closed_half_is_refused_and_nothing_is_written(
    cast: Cast, state: str, came: str | None
) -> None:
    bring_to(cast, state)
    before = rows_in_tables()
    data = workbook({**NEW, "转入日期": came}, {**OTHER, "转入日期": None})
    given: dict[str, Any] = {"actor": cast.staff, "now": NOW, "town": cast.town, "data": data, "filename": "名册.xlsx"}
    reports = [
        preview_roster(guard=find_closed_joinings, **given).report,
        import_roster(guard=find_closed_joinings, **given),
    ]
    for report in reports:
        (error,) = report.errors
        assert (error.sheet, error.row, error.column) == ("名册", 3, "转入日期")
        assert "一支部2025年上半年" in error.problem
        assert "2025-07-01" in error.remedy
    assert rows_in_tables() == before


@pytest.mark.parametrize("state", ["draft", *STATES])
def test_whoever_came_after_the_half_joins(cast: Cast, state: str) -> None:
    bring_to(cast, state)
    elsewhere = {**NEW, "党支部": "新村支部", "姓名": "郑新", "公民身份号码": make_id_number(502)}
    data = workbook({**NEW, "转入日期": "2025-07-01"}, {**OTHER, "转入日期": None}, elsewhere)
    given: dict[str, Any] = {"actor": cast.staff, "now": NOW, "town": cast.town, "data": data, "filename": "名册.xlsx"}
    report = import_roster(guard=find_closed_joinings, **given)
    assert (report.errors, report.added) == ([], 3)


def test_the_command_refuses_it_too(cast: Cast, tmp_path: Path) -> None:
    bring_to(cast, "approved")
    before = rows_in_tables()
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook(NEW))
    for options in ([], ["--dry-run"]):
        out = StringIO()
        with pytest.raises(CommandError) as refusal:
            call_command("import_roster", str(path), "--town", "甲镇", *options, stdout=out)
        assert refusal.value.returncode == 1
        assert "第 3 行“转入日期”列" in out.getvalue()
        assert "一支部2025年上半年已核定" in out.getvalue()
    assert rows_in_tables() == before


def test_nobody_new_is_entered_into_a_closed_half(cast: Cast) -> None:
    bring_to(cast, "approved")

    def enter(day: date) -> Member:
        return create_member(
            actor=cast.staff,
            now=NOW,
            branch=cast.branch_a,
            values={"name": "周新", "category": Member.Category.FULL},
            from_date=day,
            why=Membership.Why.TRANSFERRED_IN,
            guard=find_closed_joinings,
        )

    with pytest.raises(RosterRefused, match=r"一支部2025年上半年已核定.*2025-07-01"):
        enter(date(2025, 6, 30))
    assert not Member.objects.filter(name="周新").exists()
    assert enter(date(2025, 7, 1)).memberships.count() == 1


def test_many_joinings_are_one_question(cast: Cast) -> None:
    bring_to(cast, "final")
    bring_to(cast, "submitted", half="H2")
    joinings = [Joining(branch.pk, date(2025, 12, day)) for branch in (cast.branch_a, cast.branch_b) for day in (1, 31)]
    assert count_queries(lambda: find_closed_joinings(joinings)) == count_queries(
        lambda: find_closed_joinings(joinings[:1])
    )
    found = find_closed_joinings(joinings)
    assert [refusal and "已提交" in refusal.message for refusal in found] == [True, True, None, None]
