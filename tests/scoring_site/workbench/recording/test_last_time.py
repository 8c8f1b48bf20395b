"""The button 照上次 on the month and on the meeting's form: people who were there, place and host alone (S5)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, PointEvent
from points.records.recording import record_events
from tests.browser import log_in
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry, make_member
from tests.scoring_site.screens import visible

MONTH, MEETING = "workbench:month", "workbench:points_meeting_record"
SAID = (
    "已照上次（2026-02-09）填写：参加1人。地点未填的，填为“村部”。主持人未填的，填为“王书记”。"
    "未照填、请逐人选择：李娜（上次补课）、曾国华（上次送学上门）。"
)


def hold_february(cast: Cast) -> None:
    """Last month: one was there, one made it up, one was visited; dues of one."""
    zhang, li, zeng = cast.members_a
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 9),
        kinds=[("party_day", "2026-02")],
        statuses={zhang.pk: "attended", li.pk: "made_up", zeng.pk: "home_visit"},
        place="村部",
        host="王书记",
        topic="二月",
    )
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(zhang, "dues", "2026-02")])


def sent(cast: Cast, **values: Any) -> dict[str, Any]:
    statuses = {f"status_{member.pk}": "attended" for member in cast.members_a}
    return {"token": str(uuid4()), "dues_on": "2026-03-12", "held_on": "2026-03-10", "kind_party_day": "on"} | (
        statuses | values
    )


def chosen(html: str) -> dict[int, str]:
    """What each member's attendance stands at."""
    selects = re.findall(r'<select name="status_(\d+)"', html, re.DOTALL)
    found = {}
    for pk in selects:
        [value] = re.findall(
            rf'<select name="status_{pk}".*?<option value="([^"]*)"(?: hidden)? selected', html, re.DOTALL
        )
        found[int(pk)] = value
    return found


@pytest.mark.parametrize("url", [MONTH, MEETING])
def test_exceptions_are_not_copied_and_must_be_chosen(url: str, cast: Cast, recorder: Client) -> None:
    zhang, li, zeng = cast.members_a
    hold_february(cast)
    events = PointEvent.objects.count()
    page = recorder.post(reverse(url), sent(cast, do="last", topic="三月"))
    html = page.content.decode()
    assert chosen(html) == {zhang.pk: "attended", li.pk: "?", zeng.pk: "?"}
    assert SAID in visible(page)
    assert not re.search(r'name="dues_\d+"[^>]*checked', html)
    assert 'name="place" value="村部"' in html
    assert 'name="host" value="王书记"' in html
    assert 'value="三月"' in html
    assert "data-last-said" in html
    # Saved as it stands it says who is still to be chosen, and writes nothing.
    undecided = {f"status_{li.pk}": "?", f"status_{zeng.pk}": "?"}
    page = recorder.post(reverse(url), sent(cast, **undecided))
    assert "请选择李娜、曾国华的参加情况" in visible(page)
    assert (Meeting.objects.count(), PointEvent.objects.count()) == (1, events)
    recorder.post(reverse(url), sent(cast, **{f"status_{li.pk}": "attended", f"status_{zeng.pk}": "absent"}))
    march = Meeting.objects.get(held_on=date(2026, 3, 10))
    assert dict(march.attendances.values_list("member", "status")) == {
        zhang.pk: "attended",
        li.pk: "attended",
        zeng.pk: "absent",
    }


def test_dues_are_said_not_to_be_copied_and_what_is_typed_stays(cast: Cast, recorder: Client) -> None:
    hold_february(cast)
    make_member(cast.branch_a, "新来")
    page = recorder.post(reverse(MONTH), sent(cast, do="last", place="大礼堂"))
    assert "上次不在名单的1人保持原样。党费不照填，请据实勾选。" in visible(page)
    assert 'name="place" value="大礼堂"' in page.content.decode()


@pytest.mark.parametrize("url", [MONTH, MEETING])
def test_without_a_meeting_before_it_says_so(url: str, cast: Cast, recorder: Client) -> None:
    page = recorder.post(reverse(url), sent(cast, do="last"))
    assert "此前没有登记过参加情况，无可照填" in visible(page)
    assert set(chosen(page.content.decode()).values()) == {"attended"}


@pytest.mark.parametrize("url", [MONTH, MEETING])
def test_in_a_browser(url: str, transactional_db: None, clock: FrozenClock, browser_page: Page) -> None:
    clock.now = NOW
    cast = build_cast()
    hold_february(cast)
    page = browser_page
    log_in(page, "recorder-a", "/workbench/")
    page.goto(reverse(url))
    page.get_by_role("checkbox", name="党员活动日").first.check()
    expect(page.locator("[data-last-said]")).to_be_hidden()
    page.get_by_role("button", name="照上次").click()
    expect(page.locator("[data-last-said]")).to_contain_text(SAID)
    _zhang, li, zeng = cast.members_a
    for member in (li, zeng):
        expect(page.locator(f"#id_status_{member.pk}")).to_have_value("?")
    expect(page.locator("[name=place]")).to_have_value("村部")
    assert page.locator("[data-dues]:checked").count() == 0
    assert Attendance.objects.count() == 3
