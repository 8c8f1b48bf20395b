"""Login slips as they are made: one click one set, and the page says what to do with it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from members.models import LoginCode
from tests.browser import log_in
from tests.cast import Cast, build_cast


def test_a_second_click_makes_no_second_set_and_the_page_says_what_comes_next(
    transactional_db: None, browser_page: Page
) -> None:
    """R9, as it was seen: the second click killed the slips of the first, and nothing was said after printing."""
    cast: Cast = build_cast()
    page = browser_page
    log_in(page, "recorder-a", "/workbench/login-slips/")
    said = page.get_by_text("通知单已开始生成")
    expect(said).to_be_hidden()
    button = page.get_by_role("button", name="制作通知单（PDF）")
    with page.expect_download() as sent:
        button.dblclick(no_wait_after=True)
    assert sent.value.suggested_filename == "一支部-2026-03-02-首次登录通知单.pdf"
    expect(said).to_be_visible()
    expect(button).to_be_disabled()
    codes = LoginCode.objects.filter(user__member__in=cast.members_a)
    assert list(codes.values_list("ended_at", flat=True)) == [None, None]
