"""The portal as a phone shows it: nothing to scroll sideways, everything within reach of a keyboard."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser import log_in, scrolls_sideways
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event


@pytest.fixture
def phone(browser_page: Page, clock: FrozenClock) -> Page:
    """A phone of 360 pixels on which 张伟 has logged in."""
    clock.now = NOW
    cast = build_cast()
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, cast.member_a, "dues", "2026-01")
    make_event(
        batch,
        cast.member_a,
        "volunteering",
        "",
        points=25,
        led=True,
        date=date(2026, 3, 5),
        note="https://example.org/" + "a-very-long-word" * 12,
    )
    browser_page.set_viewport_size({"width": 360, "height": 740})
    log_in(browser_page, "member-a", "/")
    expect(browser_page.get_by_role("heading", name="张伟的2026年度积分")).to_be_visible()
    return browser_page


def test_nothing_scrolls_sideways_in_either_size(phone: Page) -> None:
    for button in ("长辈版（大字）", "标准字号"):
        phone.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert not scrolls_sideways(phone)
        phone.get_by_role("button", name=button).click()
        phone.wait_for_load_state()
    expect(phone.get_by_role("button", name="长辈版（大字）")).to_be_visible()


def test_a_figure_opens_its_why_by_keyboard(phone: Page) -> None:
    why = phone.locator("article", has=phone.get_by_role("heading", name="志愿服务")).locator("summary")
    clause = phone.locator("#volunteering").get_by_text("加入一支志愿服务队，根据服务的次数、质量打分，满分4分；")
    expect(clause).to_be_hidden()
    why.focus()
    phone.keyboard.press("Enter")
    expect(clause).to_be_visible()
    assert why.evaluate("element => element.getBoundingClientRect().height") >= 44


def test_the_first_tab_skips_to_the_content(phone: Page) -> None:
    phone.reload()
    phone.keyboard.press("Tab")
    link = phone.get_by_role("link", name="跳到正文")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    phone.keyboard.press("Enter")
    expect(phone.locator("main")).to_be_focused()
