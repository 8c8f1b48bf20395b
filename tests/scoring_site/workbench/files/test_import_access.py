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
    records_file,
    roster_file,
    upload_records,
    upload_roster,
)


@pytest.mark.parametrize("page", ["import", "export"])
def test_the_menu_offers_files_to_those_who_may_have_them(page: str, cast: Cast) -> None:
    def tabs(who: str) -> set[str]:
        sections = browse(getattr(cast, who)).get(reverse("workbench:index")).context["sidebar_navigation"]
        return {str(tab["link"]) for section in sections for item in section["items"] for tab in item["tabs"]}

    address = reverse(f"workbench:{page}")
    offered = {
        who for who in ("staff", "recorder_a", "secretary_a", "committee_a", "supervisor") if address in tabs(who)
    }
    assert offered == {"staff", "recorder_a", "secretary_a"}


def test_staff_cannot_choose_another_town(cast: Cast) -> None:
    data = roster_file(("三支部", "新人", "正式党员", "1980-03-04"))
    page = upload_roster(browse(cast.staff), cast, data, town=cast.other_town.pk)
    assert page.context["form"].errors["town"]
    assert not cast.other_town.members.filter(name="新人").exists()


def test_who_lost_the_office_confirms_nothing(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    preview = upload_records(client, cast, records_file(DUES))
    cast.recorder_a.appointments.update(to_date=date(2026, 3, 1))
    response = client.post(preview.request["PATH_INFO"], {"hash": preview.context["upload"].file_hash})
    assert response.status_code == 302
    assert not PointEvent.objects.exists()
