"""Who would approve is told what recording costs, and is not invited to it where a recorder was appointed (D27, P6)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from members.models import Appointment, Branch, User
from points.rules.periods import H1, half_end
from scoring_site.workbench.tasks import read_tasks
from tests.cast import Cast
from tests.factories import TODAY
from tests.pages import browse

pytestmark = pytest.mark.django_db

COST = "登记过一支部某个半年积分的人，不得核定该半年：您本人一经登记，该半年即由未登记过的支委或镇党建办核定。"
WITHOUT = "一支部未任命记录员：书记自己登记的半年，由其他支部委员或镇党建办核定。可在支部页面任命代理记录员。"
SCREENS = ("month", "activity", "points_meeting_record", "points_pointevent_record", "points_signin_open")


def read(user: User, address: str) -> str:
    response = browse(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def home(user: User) -> str:
    return read(user, reverse("workbench:index"))


def screens(cast: Cast) -> list[str]:
    ticks = reverse("workbench:ticks", args=[cast.branch_a.pk]) + "?item=dues&year=2026"
    return [*(reverse(f"workbench:{name}") for name in SCREENS), ticks]


def test_every_recording_screen_says_first_what_recording_costs_whoever_approves(cast: Cast) -> None:
    for address in screens(cast):
        assert read(cast.secretary_a, address).count(COST) == 1, address
        assert COST not in read(cast.recorder_a, address), address


def test_where_the_assembly_decides_recording_costs_nothing(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch_a.pk).update(has_committee=False)
    assert COST not in read(cast.secretary_a, screens(cast)[0])
    assert WITHOUT not in home(cast.secretary_a)


def test_the_secretarys_home_proposes_no_recording_while_there_is_a_recorder(cast: Cast) -> None:
    late = half_end(2026, H1)
    button = f'href="{reverse("workbench:points_pointevent_record")}"'
    assert button not in home(cast.secretary_a)
    assert WITHOUT not in home(cast.secretary_a)
    assert button in home(cast.recorder_a)
    owed = [task.text for task in read_tasks(cast.recorder_a, on=late)]
    assert any("交纳党费" in text for text in owed)
    assert not any("交纳党费" in task.text for task in read_tasks(cast.secretary_a, on=late))
    Appointment.objects.filter(user=cast.recorder_a).update(to_date=TODAY)
    assert button in home(cast.secretary_a)
    assert WITHOUT in home(cast.secretary_a)
    assert [task.text for task in read_tasks(cast.secretary_a, on=late) if "交纳党费" in task.text] == [
        text for text in owed if "交纳党费" in text
    ]
