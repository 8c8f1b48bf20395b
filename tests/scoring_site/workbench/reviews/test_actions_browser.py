"""A half of sixty members is submitted, approved and posted in few actions, each from the officer's home (3.2, 3.3)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from playwright.sync_api import Page, expect

from points.models import Review
from points.reviews.steps import open_review
from publicity.models import Notice
from publicity.notices.channels import set_required_channels
from tests.browser import Hand, log_in
from tests.cast import Cast, build_cast
from tests.clock import SHANGHAI, FrozenClock
from tests.factories import make_member

CONTACT = "可向支部书记甲书记或镇党建办书面、电话或当面反映。"
JULY_5 = datetime(2025, 7, 5, 9, tzinfo=SHANGHAI)


@pytest.fixture
def sixty_in_july(transactional_db: None, clock: FrozenClock) -> Cast:
    """Branch A with sixty members in July; the town requires the board, the chat group and the web page."""
    clock.now = JULY_5
    cast = build_cast()
    set_required_channels(actor=cast.staff, now=JULY_5, town=cast.town, channels=["board", "chat", "web"])
    for number in range(57):
        make_member(cast.branch_a, f"党员{number:02}")
    open_review(branch=cast.branch_a, year=2025, half="H1")
    return cast


def submit(page: Page, hand: Hand) -> None:
    log_in(page, "recorder-a", "/workbench/")
    hand.click(page.get_by_role("link", name="一支部 2025年上半年：草稿，待提交"))
    hand.click(page.get_by_role("link", name="提交本半年"))
    hand.click(page.get_by_role("button", name="提交本半年"))
    expect(page.get_by_text("已提交。")).to_be_visible()


def approve(page: Page, hand: Hand) -> None:
    page.context.clear_cookies()
    log_in(page, "secretary-a", "/workbench/")
    hand.click(page.get_by_role("link", name="一支部 2025年上半年：2025-07-05提交，待核定"))
    hand.click(page.get_by_role("link", name="登记支委会核定结果"))
    hand.write(page.get_by_label("召开日期"), "2025-07-05")
    hand.write(page.get_by_label("地点"), "村部会议室")
    hand.write(page.get_by_label("应到人数"), "5")
    hand.write(page.get_by_label("实到人数"), "4")
    hand.write(page.get_by_label("会议记录"), "逐人核对，一致同意公示。")
    hand.click(page.get_by_role("button", name="核定并锁定"))
    expect(page.get_by_text("已核定并锁定。")).to_be_visible()


def post(page: Page, hand: Hand) -> None:
    page.goto("/workbench/")
    hand.click(page.get_by_role("link", name="一支部 2025年上半年：2025-07-05核定，待公示"))
    hand.click(page.get_by_role("link", name="准备公示"))
    expect(page.get_by_label("异议反映方式")).to_have_value(CONTACT)
    hand.click(page.get_by_role("button", name="准备"))
    hand.click(page.get_by_role("link", name="登记发布", exact=True))
    hand.click(page.get_by_role("button", name="登记发布"))
    expect(page.get_by_text("今天发布，从明天起算")).to_be_visible()


@pytest.mark.usefixtures("sixty_in_july")
def test_a_half_is_submitted_approved_and_posted_in_few_actions(browser_page: Page) -> None:
    browser_page.set_viewport_size({"width": 1280, "height": 800})
    counts = []
    for step in (submit, approve, post):
        hand = Hand()
        step(browser_page, hand)
        counts.append(hand.actions)
    print(f"\nsubmit, approve, post: {counts}")
    assert counts == [3, 8, 5]
    notice = Notice.objects.get()
    assert {(posting.channel, posting.posted_on) for posting in notice.postings.all()} == {
        (channel, date(2025, 7, 5)) for channel in ("board", "chat", "web")
    }
    assert notice.contact == CONTACT
    assert (notice.posted_on, notice.review.state) == (date(2025, 7, 5), Review.State.PUBLISHED)
