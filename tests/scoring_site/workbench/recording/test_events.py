"""Recording and voiding point events by the workbench's forms."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import RecordBatch, User
from points.halves.locks import half_key_of
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.records.recording import record_events
from points.records.voiding import void_event
from points.rules.payments import Payment
from points.rules.periods import periods_of_year
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry, make_batch, make_event

RECORD = "workbench:points_pointevent_record"


def entry(cast: Cast, **values: Any) -> dict[str, Any]:
    return {
        "token": str(uuid4()),
        "members": [member.pk for member in cast.members_a[:2]],
        "item": "dues",
        "date": "2026-03-10",
    } | values


def void_page(event: PointEvent) -> str:
    return reverse("workbench:points_pointevent_void", args=[event.pk])


def test_a_base_item_for_several_members_takes_the_period_of_the_date(cast: Cast, recorder: Client) -> None:
    response = recorder.post(reverse(RECORD), entry(cast, note="现金"), follow=True)
    assert "已为2名党员登记" in response.content.decode()
    assert "作废" in str(next(iter(response.context["messages"])))
    rows = PointEvent.objects.order_by("member__position").values_list(
        "member__name", "item", "period", "points", "note"
    )
    assert list(rows) == [("张伟", "dues", "2026-03", None, "现金"), ("李娜", "dues", "2026-03", None, "现金")]


def test_the_period_can_differ_from_the_date(cast: Cast, recorder: Client) -> None:
    recorder.post(reverse(RECORD), entry(cast, period="2026-01", members=[cast.member_a.pk]))
    event = PointEvent.objects.get()
    assert (event.period, str(event.date), event.year) == ("2026-01", "2026-03-10", 2026)


@pytest.mark.parametrize(
    ("values", "tenths"),
    [({"points": "1.5"}, 15), ({"points": "0.1"}, 1), ({"points": "4"}, 40), ({"grade": "commendation:2"}, 30)],
)
def test_points_are_tenths_or_a_grade(values: dict[str, str], tenths: int, cast: Cast, recorder: Client) -> None:
    item = "commendation" if "grade" in values else "volunteering"
    recorder.post(reverse(RECORD), entry(cast, item=item, members=[cast.member_a.pk], **values))
    event = PointEvent.objects.get()
    assert (event.points, event.led, event.period) == (tenths, False, "")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"item": "volunteering"}, "points"),
        ({"item": "volunteering", "points": "NaN"}, "points"),
        ({"item": "volunteering", "points": "1.55"}, "points"),
        ({"item": "volunteering", "points": "-1"}, "points"),
        ({"item": "volunteering", "points": "1e400"}, "points"),
        ({"item": "volunteering", "points": "1", "grade": "commendation:2"}, "grade"),
        ({"item": "commendation", "points": "1", "grade": "commendation:2"}, "points"),
        ({"item": "volunteering", "points": "1", "period": "2026-01"}, "period"),
        ({"item": "dues", "points": "1"}, "points"),
        ({"item": "dues", "led": "on"}, "led"),
        ({"item": "unknown"}, "item"),
        ({"item": "dues", "date": "2026-02-30"}, "date"),
        ({"item": "dues", "date": "2019-01-01"}, "date"),
        ({"item": "dues", "members": []}, "members"),
        ({"item": "dues", "members": ["x"]}, "members"),
        ({"item": "dues", "token": "x"}, "token"),
        ({"item": "dues", "date": "2026-12-01"}, "__all__"),
        ({"note": "保留我" + "长" * 298}, "note"),
        ({"due": "5", "paid": "4.99"}, "__all__"),
        ({"due": "5"}, "__all__"),
        ({"due": "5元", "paid": "5"}, "due"),
        ({"due": "5", "paid": "5.001"}, "paid"),
        ({"due": "-5", "paid": "5"}, "due"),
        ({"paid_by": "长" * 61}, "paid_by"),
        ({"item": "party_day", "due": "5", "paid": "5"}, "__all__"),
        ({"item": "volunteering", "points": "1", "paid_by": "李娜"}, "__all__"),
    ],
)
def test_a_refused_entry_says_where_and_keeps_what_was_typed(
    values: dict[str, Any], field: str, cast: Cast, recorder: Client
) -> None:
    response = recorder.post(reverse(RECORD), entry(cast, **{"note": "保留我", **values}))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "保留我" in response.content.decode()
    assert not PointEvent.objects.exists()


def test_dues_take_amounts_and_who_paid(cast: Cast, recorder: Client) -> None:
    recorder.post(reverse(RECORD), entry(cast, due="５．２", paid="10", paid_by=" 张小红\u3000"))
    events = PointEvent.objects.order_by("member__position")
    assert [(event.member, event.payment) for event in events] == [
        (member, Payment(520, 1000, "张小红")) for member in cast.members_a[:2]
    ]
    page = recorder.get(reverse("workbench:points_pointevent_change", args=[events[0].pk])).content.decode()
    assert "应交5.20元，实交10.00元，由张小红代交" in page
    recorder.post(reverse(RECORD), entry(cast, item="party_day", due="", paid="", paid_by=""))
    assert PointEvent.objects.filter(item="party_day").count() == 2


def test_dues_paid_in_part_are_refused_with_what_to_do(cast: Cast, recorder: Client) -> None:
    response = recorder.post(reverse(RECORD), entry(cast, due="5", paid="4.5"))
    assert response.context["form"].errors["__all__"] == [
        "应交党费5.00元，实交4.50元，未足额交纳，该月不计分，请补足后再登记。"
    ]
    assert 'value="4.5"' in response.content.decode()
    assert not PointEvent.objects.exists()


def test_a_text_that_is_too_long_is_told_by_how_much(cast: Cast, recorder: Client) -> None:
    response = recorder.post(reverse(RECORD), entry(cast, note="长" * 400))
    assert response.context["form"].errors["note"] == ["最多300个字，现有400个字，请删减。"]


def test_a_second_record_of_a_period_is_refused_naming_the_first(cast: Cast, recorder: Client) -> None:
    recorder.post(reverse(RECORD), entry(cast, members=[cast.member_a.pk]))
    response = recorder.post(reverse(RECORD), entry(cast))
    assert "张伟" in response.context["form"].errors["__all__"][0]
    assert PointEvent.objects.count() == 1


def test_a_form_sent_twice_writes_once(cast: Cast, recorder: Client) -> None:
    data = entry(cast, item="volunteering", points="1", confirm_similar="on")
    first = recorder.post(reverse(RECORD), data)
    second = recorder.post(reverse(RECORD), data, follow=True)
    assert first.status_code == 302
    assert second.redirect_chain
    assert "没有重复写入" in second.content.decode()
    assert (RecordBatch.objects.count(), PointEvent.objects.count()) == (1, 2)
    assert str(RecordBatch.objects.get().uuid) == data["token"]


@pytest.mark.parametrize("item", ["commendation", "essay", "contest"])
def test_an_unusual_leading_role_is_asked_for(item: str, cast: Cast, recorder: Client) -> None:
    data = entry(cast, item=item, points="1", led="on", members=[cast.member_a.pk])
    response = recorder.post(reverse(RECORD), data)
    assert list(response.context["form"].errors) == ["confirm_lead"]
    assert 'name="confirm_lead"' in response.content.decode()
    recorder.post(reverse(RECORD), data | {"confirm_lead": "on"})
    assert PointEvent.objects.get().led


def test_a_second_deed_of_the_day_is_asked_for(cast: Cast, recorder: Client) -> None:
    data = entry(cast, item="volunteering", points="1", members=[cast.member_a.pk])
    recorder.post(reverse(RECORD), data)
    data |= {"token": str(uuid4())}
    response = recorder.post(reverse(RECORD), data)
    assert "张伟" in response.context["form"].errors["confirm_similar"][0]
    recorder.post(reverse(RECORD), data | {"confirm_similar": "on"})
    assert PointEvent.objects.count() == 2


def test_town_staff_choose_a_branch_first(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    assert "张伟" not in client.get(reverse(RECORD)).content.decode()
    page = client.get(reverse(RECORD), {"branch": cast.branch_a.pk}).content.decode()
    assert "张伟" in page
    assert "王五" not in page
    client.post(f"{reverse(RECORD)}?member={cast.left_a.pk}", entry(cast, members=[cast.left_a.pk]))
    assert not PointEvent.objects.exists()  # they had left by then (D16)
    data = entry(cast, members=[cast.left_a.pk], date="2025-03-10")
    client.post(f"{reverse(RECORD)}?member={cast.left_a.pk}", data)
    assert PointEvent.objects.get().member == cast.left_a


def test_a_void_shows_first_what_it_voids_and_needs_a_reason(cast: Cast, recorder: Client) -> None:
    batch = record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
    )
    event = batch.events.get()
    page = recorder.get(void_page(event)).content.decode()
    assert "张伟" in page
    assert "交纳党费" in page
    assert "reason" in recorder.post(void_page(event), {"reason": "  "}).context["form"].errors
    event.refresh_from_db()
    assert not event.is_void
    response = recorder.post(void_page(event), {"reason": "勾错人"}, follow=True)
    event.refresh_from_db()
    assert (event.void_reason, event.voided_by) == ("勾错人", cast.recorder_a)
    assert "作废不能撤回" in response.content.decode()
    assert void_page(event) not in response.content.decode()
    again = recorder.post(void_page(event), {"reason": "再来"})
    assert again.context["form"].non_field_errors()
    event.refresh_from_db()
    assert event.void_reason == "勾错人"


def test_a_reason_too_long_is_refused_with_what_was_typed(cast: Cast, recorder: Client) -> None:
    batch = record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
    )
    event = batch.events.get()
    typed = "勾错人。" * 125 + "完"
    page = recorder.post(void_page(event), {"reason": typed})
    assert page.context["form"].errors == {"reason": ["最多500个字，现有501个字，请删减。"]}
    assert typed in page.content.decode()
    event.refresh_from_db()
    assert not event.is_void
    recorder.post(void_page(event), {"reason": typed[:-1]})
    event.refresh_from_db()
    assert event.void_reason == typed[:-1]


def test_times_are_shown_as_in_shanghai(cast: Cast, recorder: Client) -> None:
    batch = record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
    )
    page = reverse("workbench:points_pointevent_change", args=[batch.events.get().pk])
    shown = recorder.get(page).content.decode()
    assert "2026-03-15 10:00" in shown
    assert reverse("workbench:members_recordbatch_change", args=[batch.pk]) in shown


@pytest.mark.engine
def test_the_list_sorts_by_its_headers(cast: Cast, recorder: Client) -> None:
    for member, day in zip(cast.members_a, ("2026-03-02", "2026-03-01", "2026-03-03"), strict=True):
        recorder.post(reverse(RECORD), entry(cast, members=[member.pk], date=day))
    page = reverse("workbench:points_pointevent_changelist")
    found = {}
    for order in ("0", "-5", "5"):  # by initials; by date
        rows = recorder.get(page, {"o": order}).context["cl"].result_list
        found[order] = [event.member.name for event in rows]
    assert found == {
        "0": ["李娜", "曾国华", "张伟"],
        "-5": ["曾国华", "张伟", "李娜"],
        "5": ["李娜", "张伟", "曾国华"],
    }


def test_what_a_meeting_earned_is_voided_there(cast: Cast, recorder: Client) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    event = PointEvent.objects.get()
    page = recorder.get(reverse("workbench:points_pointevent_change", args=[event.pk])).content.decode()
    assert reverse("workbench:points_meeting_change", args=[meeting.pk]) in page
    assert void_page(event) not in page
    assert recorder.post(void_page(event), {"reason": "错"}).context["form"].non_field_errors()
    attendance = meeting.attendances.get()
    recorder.post(reverse("workbench:points_attendance_void", args=[attendance.pk]), {"reason": "没来"})
    event.refresh_from_db()
    assert event.is_void


def test_a_batch_is_voided_as_one_after_showing_it(cast: Cast, recorder: Client) -> None:
    batch = record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[base_entry(member) for member in cast.members_a],
    )
    page = reverse("workbench:members_recordbatch_void", args=[batch.pk])
    shown = recorder.get(page).content.decode()
    assert all(member.name in shown for member in cast.members_a)
    response = recorder.post(page, {"reason": "月份选错"}, follow=True)
    assert "已作废。 作废得分记录3条：交纳党费（2026年1月）3条。" in response.content.decode()
    assert PointEvent.objects.voided().count() == 3


@pytest.mark.parametrize(
    ("half", "found"), [("H1", {"2026-01", "2026Q2", "2025"}), ("H2", {"2026-07", "2026H2", "2026"})]
)
def test_the_half_filter_follows_the_period(half: str, found: set[str], cast: Cast, recorder: Client) -> None:
    batch = RecordBatch.objects.create(
        town=cast.town, branch=cast.branch_a, source="import", actor=cast.recorder_a, at=NOW
    )
    for item, period, day, year in (
        ("dues", "2026-01", "2026-08-01", 2026),
        ("dues", "2026-07", "2026-07-01", 2026),
        ("lecture", "2026Q2", "2026-05-01", 2026),
        ("life_meeting", "2026H2", "2026-12-01", 2026),
        ("appraisal", "2026", "2027-02-01", 2026),
        ("appraisal", "2025", "2025-03-01", 2025),
    ):
        PointEvent.objects.create(batch=batch, member=cast.member_a, item=item, period=period, date=day, year=year)
    response = recorder.get(reverse("workbench:points_pointevent_changelist"), {"half": half})
    assert {event.period for event in response.context["cl"].result_list} == found


@pytest.mark.engine
def test_the_half_filter_agrees_with_the_locks_about_every_period_and_day(cast: Cast, recorder: Client) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    days = [date(year, month, day) for year in (2024, 2025, 2026) for month, day in ((1, 1), (6, 30), (7, 1), (12, 31))]
    written = []
    for year in (2025, 2026):
        parts = [part for kind in ("month", "quarter", "half") for part in periods_of_year(year, kind)]
        for number, period in enumerate(parts):
            day = days[number % len(days)]
            written.append(make_event(batch, cast.member_a, f"item{number}", period, date=day, year=year))
        for number, day in enumerate(days):
            written.append(make_event(batch, cast.member_a, f"year{number}", str(year), date=day, year=year))
            if day.year == year:
                written.append(make_event(batch, cast.member_a, "volunteering", "", date=day, year=year, points=10))
    shown = {}
    for half in ("H1", "H2"):
        for asked in ("", "2025", "2026"):
            query = {"half": half, "year": asked, "p": 1}
            address = reverse("workbench:points_pointevent_changelist")
            shown[half, asked] = set(recorder.get(address, query).context["cl"].queryset.values_list("pk", flat=True))
    for (half, asked), found in shown.items():
        of_year = [event for event in written if asked in ("", str(event.year))]
        assert found == {event.pk for event in of_year if half_key_of(event)[2] == half}, (half, asked)
    assert len(shown["H1", ""] | shown["H2", ""]) == len(written)


def test_the_list_leads_to_voiding_what_the_reader_may_void(cast: Cast, client: Client) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    single, void = make_event(batch, cast.member_a), make_event(batch, cast.members_a[1])
    void_event(actor=cast.recorder_a, now=NOW, event=void, reason="录错")
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={cast.member_a.pk: "attended"},
    )
    attended = meeting.attendances.get()
    offers: dict[str, set[User]] = {
        f"/workbench/points/pointevent/{single.pk}/void/": {cast.recorder_a, cast.secretary_a, cast.staff},
        f"/workbench/points/pointevent/{void.pk}/void/": set(),
        f"/workbench/points/pointevent/{attended.events.get().pk}/void/": set(),
        f"/workbench/points/attendance/{attended.pk}/void/": {cast.recorder_a, cast.secretary_a, cast.staff},
    }
    for user in (cast.recorder_a, cast.secretary_a, cast.staff, cast.committee_a, cast.supervisor, cast.recorder_b):
        client.force_login(user)
        for url, users in offers.items():
            page = client.get(url.rsplit("/", 3)[0] + "/").content.decode()
            assert (f'href="{url}"' in page) == (user in users), (url, user.username)
