"""What a session that has ended leaves on the screen: nothing about people; what was typed stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import log_in
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW

MEMBERS = "/workbench/members/member/"
EMPTIED = "您已退出登录，或较长时间没有操作：为防他人查看，本页内容已清除。"


@pytest.fixture
def town(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = NOW
    return build_cast()


def test_an_officer_who_went_away_leaves_an_empty_page(town: Cast, browser_page: Page) -> None:
    page = browser_page
    page.clock.install()
    log_in(page, "recorder-a", MEMBERS)
    page.clock.fast_forward("29:00")
    expect(page.get_by_text("曾国华")).not_to_have_count(0)
    page.clock.fast_forward("02:00")
    expect(page.get_by_text(EMPTIED)).to_be_visible()
    assert "曾国华" not in page.content()
    page.get_by_role("link", name="登录并回到本页").click()
    expect(page.get_by_text("曾国华")).not_to_have_count(0)


def test_what_was_typed_stays_and_waits_for_the_password(town: Cast, browser_page: Page) -> None:
    page = browser_page
    page.clock.install()
    log_in(page, "recorder-a", "/workbench/activity/")
    page.locator("[name=deed]").fill("清扫村道")
    page.clock.fast_forward("45:00")
    expect(page.locator("[name=deed]")).to_have_value("清扫村道")


def test_a_member_s_phone_keeps_its_page_while_the_session_lasts(town: Cast, browser_page: Page) -> None:
    page = browser_page
    page.clock.install()
    log_in(page, "member-a", "/")
    page.clock.fast_forward("11:00:00")
    expect(page.get_by_text("张伟")).not_to_have_count(0)
    page.clock.fast_forward("01:01:00")
    expect(page.get_by_text(EMPTIED)).to_be_visible()
    assert "张伟" not in page.content()


def test_logging_out_in_one_page_empties_the_others(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", MEMBERS)
    other = page.context.new_page()
    other.goto("/workbench/activity/")
    other.locator("[name=deed]").fill("清扫村道")
    expect(other.get_by_text("曾国华")).not_to_have_count(0)
    page.goto("/more/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/")
    expect(other.get_by_text(EMPTIED)).to_be_visible()
    assert "曾国华" not in other.content()


def test_a_page_that_asks_by_itself_is_not_emptied(town: Cast, browser_page: Page) -> None:
    """A sign-in that is shown for an hour asks who is there all the time, which keeps the session awake."""
    page = browser_page
    page.clock.install()
    log_in(page, "recorder-a", "/workbench/points/signin/open/")
    page.get_by_role("button", name="开放").click()
    listed = page.locator("[data-signed]")
    expect(listed).to_contain_text("尚无人签到")
    for _part in range(5):
        with page.expect_response("**/signed/"):
            page.clock.fast_forward("10:00")
        page.wait_for_timeout(200)
    expect(listed).to_contain_text("尚无人签到")
    expect(page.get_by_text(EMPTIED)).to_have_count(0)
