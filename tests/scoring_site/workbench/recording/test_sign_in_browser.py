"""The QR journey with a desk and a phone: the code is shown, the member taps, the recorder confirms the list (D24)."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from points.models import Meeting, PointEvent, SignIn, SignInScan
from tests.browser import log_in, scrolls_sideways
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW


def test_a_member_signs_in_by_phone_and_the_recorder_confirms(
    transactional_db: None, clock: FrozenClock, browser: Browser, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    cast = build_cast()
    desk = browser_page
    desk.set_viewport_size({"width": 1280, "height": 900})
    log_in(desk, "recorder-a", "/workbench/points/signin/open/")
    desk.get_by_role("button", name="开放").click()
    expect(desk.locator(".wb-qr svg")).to_be_visible()
    box = desk.locator(".wb-qr svg").bounding_box()
    assert box is not None
    assert box["width"] >= 300
    whole = desk.locator(".wb-sign-in").bounding_box()
    assert whole is not None
    assert whole["y"] + whole["height"] <= 900
    expect(desk.get_by_text("尚无人签到")).to_be_visible()
    expect(desk.locator(".wb-show-title")).to_be_hidden()
    desk.get_by_role("button", name="全屏显示").click()
    expect(desk.locator(".wb-show-title")).to_have_text("一支部 2026-03-15签到")
    address = desk.locator(".wb-address a").inner_text()
    assert address == f"{live_server.url}/sign-in/{SignIn.objects.get().uuid}/"

    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai")
    phone = context.new_page()
    phone.goto(address)
    log_in(phone, "member-a")
    phone.get_by_role("button", name="我已到会，签到").click()
    expect(phone.get_by_text("您已于10:00签到")).to_be_visible()
    assert not scrolls_sideways(phone)
    phone.reload()
    assert phone.get_by_role("button", name="我已到会，签到").count() == 0
    context.close()
    assert SignInScan.objects.get().member == cast.member_a

    # The recorder's page finds out by itself.
    expect(desk.locator("[data-signed]").get_by_text("张伟")).to_be_visible()
    expect(desk.locator(".wb-signed-count")).to_have_text("1")
    desk.get_by_role("button", name="退出全屏").click()
    expect(desk.locator(".wb-show-title")).to_be_hidden()
    desk.get_by_role("link", name="登记该会议").click()
    expect(desk.get_by_label("张伟")).to_have_value("attended")
    expect(desk.get_by_label("李娜")).to_have_value("absent")
    desk.get_by_label("李娜").select_option("excused")
    expect(desk.locator("[data-tally]")).to_contain_text("请假 1")
    expect(desk.locator("select[name=period_lecture] option").first).to_contain_text("2026年第1季度")
    desk.locator("input[name=kind_party_day]").check()
    desk.get_by_role("button", name="登记", exact=True).click()
    expect(desk.get_by_text("10:00本人签到")).to_be_visible()
    assert dict(Meeting.objects.get().attendances.values_list("member__name", "status")) == {
        "张伟": "attended",
        "李娜": "excused",
        "曾国华": "absent",
    }
    assert PointEvent.objects.get().member == cast.member_a
