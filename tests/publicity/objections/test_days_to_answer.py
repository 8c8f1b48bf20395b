"""The ten working days in which an objection is answered (D11)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from members.models import User
from publicity.models import Notice, Objection
from publicity.objections.deadlines import read_answer_days, reminders_for
from publicity.objections.objections import answer_objection
from tests.cast import Cast
from tests.publicity.objections.raising import LATER, TODAY, put_up, raise_in_portal

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return put_up(cast)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Before the National Day of 2025: 28 September (Sunday) is worked, 1 to 8 October are off, 11 is worked.
        (date(2025, 9, 26), date(2025, 10, 16)),
        (date(2025, 7, 8), date(2025, 7, 22)),
        (date(2025, 7, 12), date(2025, 7, 25)),
    ],
)
def test_ten_working_days_after_the_day_of_receipt(cast: Cast, received: date, due: date) -> None:
    notice = put_up(cast)
    objection = Objection(notice=notice, received_on=received)
    assert read_answer_days([objection], on=received)[0].due == due


def test_reminders_show_the_days_left_to_those_who_handle_it(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    hidden = raise_in_portal(cast, notice, about_officers=True)

    def shown(user: User, day: date) -> list[tuple[UUID, date | None, int, bool]]:
        user = User.objects.get(pk=user.pk)
        return [(row.objection.uuid, row.due, row.left, row.is_overdue) for row in reminders_for(user, on=day)]

    due = date(2025, 7, 22)
    assert shown(cast.secretary_a, TODAY) == [(objection.uuid, due, 10, False)]
    assert {row[0] for row in shown(cast.staff, TODAY)} == {objection.uuid, hidden.uuid}
    assert shown(cast.recorder_a, TODAY) == []
    assert shown(cast.secretary_a, date(2025, 7, 19)) == [(objection.uuid, due, 2, False)]
    assert shown(cast.secretary_a, due) == [(objection.uuid, due, 0, False)]
    assert shown(cast.secretary_a, date(2025, 7, 23)) == [(objection.uuid, due, 0, True)]
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    assert shown(cast.secretary_a, date(2025, 7, 23)) == []


def test_a_year_nobody_knows_is_said_and_breaks_nothing(cast: Cast, notice: Notice) -> None:
    objection = Objection(notice=notice, received_on=date(2031, 3, 3))
    day = read_answer_days([objection], on=date(2031, 3, 4))[0]
    assert (day.due, day.is_overdue) == (None, False)
    assert "休假" in day.shown or "放假" in day.shown
