"""The portal as a phone shows it: nothing to scroll sideways, everything within reach of a keyboard."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from points.rules.periods import last_day, periods_of_year
from points.scoring.adoption import rulebook_for
from tests.appearance import HEIGHT
from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event, make_member
from tests.publicity.stages import at, posted


@pytest.fixture
def people(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = NOW
    return build_cast()


@pytest.fixture
def phone(browser_page: Page, people: Cast) -> Page:
    """A phone of 360 pixels on which 张伟 has logged in."""
    cast = people
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
    folded = phone.locator("section", has=phone.get_by_role("heading", name="激励分")).locator("summary").first
    why = phone.locator("#volunteering summary")
    clause = phone.locator("#volunteering").get_by_text("加入一支志愿服务队，根据服务的次数、质量打分，满分4分；")
    for part in (folded, why):
        expect(clause).to_be_hidden()
        part.focus()
        phone.keyboard.press("Enter")
    expect(clause).to_be_visible()
    assert why.evaluate("element => element.getBoundingClientRect().height") >= 44


def test_a_full_year_with_what_waits_is_at_most_two_thousand_pixels_high(phone: Page, people: Cast) -> None:
    """W9, as it was seen: 4,100 pixels, and what waits at their end."""
    cast, rulebook = people, rulebook_for(people.town, 2025)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, at=at(6, 1))
    for base in rulebook.base:
        for period in periods_of_year(2025, base.per):
            make_event(batch, cast.member_a, base.code, period, date=last_day(period), year=2025)
    for deed in rulebook.incentive:
        make_event(batch, cast.member_a, deed.code, "", points=40, date=date(2025, 5, 1), year=2025)
    posted(cast)
    phone.set_viewport_size({"width": 390, "height": 800})
    phone.goto("/?year=2025")
    expect(phone.locator(".number span")).to_have_text("100.0")
    expect(phone.locator("main section").first).to_contain_text("2025年上半年积分正在公示")
    assert phone.evaluate(HEIGHT) <= 2_000
    assert phone.locator("#base b, #incentive b").all_inner_texts() == ["60.0", "40.0"]
    # Period by period the items are one tap away, and so are the deeds.
    folded = phone.locator("#dues, #party_day, #volunteering, #council")
    assert folded.count() == 4
    assert not any(each.is_visible() for each in folded.all())
    phone.get_by_role("button", name="长辈版（大字）").click()
    expect(phone.get_by_role("button", name="标准字号")).to_be_visible()
    assert phone.evaluate(HEIGHT) <= 2_500


def test_a_notice_of_a_branch_of_sixty_begins_with_ones_own_line_and_folds_the_others(
    phone: Page, people: Cast
) -> None:
    """W9, as it was seen: 12,500 pixels."""
    for number in range(57):
        make_member(people.branch_a, f"党员{number}")
    notice = posted(people)
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(f"/notices/{notice.uuid}/")
    expect(phone.get_by_text("我的积分").first).to_be_in_viewport()
    expect(phone.get_by_text("全部名单（61人）")).to_be_visible()
    expect(phone.get_by_text("党员56", exact=True)).to_be_hidden()
    assert phone.evaluate(HEIGHT) <= 2_000
    phone.get_by_text("全部名单（61人）").click()
    expect(phone.get_by_text("党员56", exact=True)).to_be_visible()
    assert phone.evaluate(HEIGHT) <= 8_440


def test_the_browser_takes_it_for_an_app(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}


def test_the_first_tab_skips_to_the_content(phone: Page) -> None:
    phone.reload()
    phone.keyboard.press("Tab")
    link = phone.get_by_role("link", name="跳到正文")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    phone.keyboard.press("Enter")
    expect(phone.locator("main")).to_be_focused()
