"""通知与请假 with a desk and a phone: announced, leave asked for and accepted, the meeting's list begins with it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from points.models import Announcement, Attendance, LeaveRequest, Meeting
from tests.browser import log_in, scrolls_sideways
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW


def test_leave_asked_by_phone_stands_on_the_meeting_s_list(
    transactional_db: None, clock: FrozenClock, browser: Browser, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    cast = build_cast()
    desk = browser_page
    desk.set_viewport_size({"width": 1280, "height": 900})
    log_in(desk, "recorder-a", "/workbench/points/announcement/new/")
    desk.get_by_label("日期", exact=False).first.fill("2026-03-15")
    desk.locator("#id_starts").fill("15:00")
    desk.locator("#id_place").fill("村部会议室")
    desk.locator("#id_kind_party_day").check()
    desk.get_by_role("button", name="发出通知").click()
    expect(desk.locator("#chat-text")).to_contain_text("地点：村部会议室")
    expect(desk.get_by_role("button", name="复制文字")).to_be_visible()

    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai")
    phone = context.new_page()
    phone.goto(f"{live_server.url}/")
    log_in(phone, "member-a")
    phone.get_by_role("link", name="村部会议室").click()
    phone.get_by_label("不能参加的原因").fill("住院检查")
    assert not scrolls_sideways(phone)
    phone.get_by_role("button", name="请假").click()
    expect(phone.get_by_text("待答复")).to_be_visible()

    desk.goto(f"{live_server.url}/workbench/")
    expect(desk.get_by_text("1份请假待答复")).to_be_visible()
    desk.goto(f"{live_server.url}/workbench/points/announcement/{Announcement.objects.get().pk}/change/")
    expect(desk.get_by_text("住院检查")).to_be_visible()
    desk.get_by_role("button", name="准假", exact=True).click()
    expect(desk.get_by_text("张伟的请假：已准假。")).to_be_visible()
    assert LeaveRequest.objects.get().state == "accepted"
    assert "住院" not in desk.locator("#chat-text").input_value()

    desk.get_by_role("link", name="登记该会议").click()
    expect(desk.get_by_label("张伟")).to_have_value("excused")
    expect(desk.get_by_label("李娜")).to_have_value("attended")
    expect(desk.locator("#id_place")).to_have_value("村部会议室")
    expect(desk.locator("#id_kind_party_day")).to_be_checked()
    expect(desk.get_by_text("1人已准假")).to_be_visible()
    desk.get_by_role("button", name="登记", exact=True).click()
    expect(desk.get_by_text("已登记").first).to_be_visible()
    meeting = Meeting.objects.get()
    assert meeting.announcement == Announcement.objects.get()
    assert meeting.attendances.get(member=cast.member_a).status == Attendance.Status.EXCUSED

    phone.goto(f"{live_server.url}/meetings/{meeting.announcement.uuid}/")
    expect(phone.get_by_text("会议已登记")).to_be_visible()
    phone.goto(f"{live_server.url}/")
    expect(phone.get_by_text("请假").first).to_be_visible()
    context.close()
