"""An import says how many rows are dues that come too late to earn, where the town reads it so (D25)."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.workbooks.report import ImportReport
from points.imports.records import import_records, preview_records
from points.scoring.adoption import set_up_town
from tests.cast import Cast
from tests.factories import NOW
from tests.members.roster_files.tables import make_xlsx
from tests.points.half_stages import JULY, bring_to

pytestmark = pytest.mark.django_db
LATE = "有2行（格）党费属于已核定的半年：只销欠缴，不计分。核定前已交的，凭收据或转账记录更正后计分。"


def reports(cast: Cast) -> list[ImportReport]:
    """Of the preview and the import of dues of both halves, and a lecture of the first."""
    data = make_xlsx(
        {
            "交纳党费": [["姓名", "2月", "3月", "8月"], ["张伟", "√", "√", "√"]],
            "党课": [["姓名", "一季度"], ["张伟", "√"]],
        }
    )
    about: dict[str, Any] = {"town": cast.town, "branch": cast.branch_a, "year": 2025}
    given: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "data": data, "filename": "打勾表.xlsx", **about}
    return [preview_records(**given).report, import_records(**given)]


def test_dues_of_an_approved_half_are_counted_before_and_after(cast: Cast) -> None:
    bring_to(cast, "approved")
    assert [(report.added, report.notes) for report in reports(cast)] == [(4, [LATE]), (4, [LATE])]


def test_while_no_half_is_approved_nothing_comes_late(cast: Cast) -> None:
    bring_to(cast, "draft")
    assert [report.notes for report in reports(cast)] == [[], []]


def test_where_the_town_chose_so_late_dues_earn_and_nothing_is_noted(cast: Cast) -> None:
    set_up_town(now=JULY, name="甲镇", years=(2025,), settings={"late_dues": "always"})
    bring_to(cast, "approved")
    assert [report.notes for report in reports(cast)] == [[], []]
