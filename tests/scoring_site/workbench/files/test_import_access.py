"""Who is offered imports and exports; what may be imported into which town, about whom."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from points.models import PointEvent
from tests.cast import Cast
from tests.pages import browse
from tests.scoring_site.workbench.files.uploading import (
    DUES,
    cells,
    confirm,
    records_file,
    roster_file,
    tabs,
    upload_records,
    upload_roster,
)
from veto.models import Deduction


@pytest.mark.parametrize("page", ["import", "export"])
def test_the_menu_offers_files_to_those_who_may_have_them(page: str, cast: Cast) -> None:
    offered = {
        who
        for who in ("staff", "recorder_a", "secretary_a", "committee_a", "supervisor")
        if reverse(f"workbench:{page}") in browse(getattr(cast, who)).get(reverse("workbench:index")).content.decode()
    }
    assert offered == {"staff", "recorder_a", "secretary_a"}


def test_staff_cannot_choose_another_town(cast: Cast) -> None:
    data = roster_file(("三支部", "新人", "正式党员", "1980-03-04"))
    page = upload_roster(browse(cast.staff), cast, data, town=cast.other_town.pk)
    assert page.context["form"].errors["town"]
    assert not cast.other_town.members.filter(name="新人").exists()


def test_a_foreign_member_is_refused_like_one_who_does_not_exist(cast: Cast) -> None:
    def errors_of(name: str) -> list[list[str]]:
        row = ("二支部", name, "得分", "交纳党费", date(2026, 1, 5))
        return cells(upload_records(browse(cast.recorder_a), cast, records_file(row)))

    there, not_there = errors_of("赵敏"), errors_of("无此人")
    assert [row[2:] for row in there] == [["赵敏", "名册上没有这个姓名。", there[0][4]]]
    assert [[cell.replace("无此人", "赵敏") for cell in row] for row in not_there] == there


def test_a_recorder_imports_no_findings(cast: Cast) -> None:
    row = ("一支部", "张伟", "扣分", "赌博", date(2026, 1, 5), "核实", date(2026, 1, 9))
    data = records_file(row)
    preview = upload_records(browse(cast.recorder_a), cast, data)
    assert tabs(preview) == {"错误": 1}
    confirm(browse(cast.recorder_a), preview)
    assert not Deduction.objects.exists()


def test_who_lost_the_office_confirms_nothing(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    cast.recorder_a.appointments.update(to_date=date(2026, 3, 1))
    response = client.post(preview.request["PATH_INFO"], {"hash": preview.context["upload"].file_hash})
    assert response.status_code == 302
    assert not PointEvent.objects.exists()
