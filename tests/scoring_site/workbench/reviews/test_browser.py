"""The half's table as people use it: heading and names stay in sight, on a phone nothing scrolls sideways."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from points.models import Review
from points.reviews.steps import open_review, submit_review
from scoring_site.workbench.reviews.table import LINES
from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_event, make_member
from tests.members.evidence.uploads import picture
from tests.points.half_stages import JULY


@pytest.fixture
def cast_of_july(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = JULY
    cast = build_cast()
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for number in range(20):
        member = make_member(cast.branch_a, f"党员{number}")
        make_event(batch, member, "dues", "2025-01", date=date(2025, 1, 10), year=2025)
    make_event(batch, cast.member_a, "volunteering", "", points=40, led=True, date=date(2025, 3, 5), year=2025)
    return cast


def test_a_half_is_opened_sorted_and_submitted_with_heading_and_names_in_sight(
    cast_of_july: Cast, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "recorder-a", "/workbench/")
    page.get_by_role("link", name="一支部 2025年上半年：尚未开始核定").click()
    page.get_by_role("button", name="建立草稿 一支部 2025年上半年").click()
    expect(page.locator("thead").get_by_role("link", name="志愿服务")).to_be_visible()
    assert not scrolls_sideways(page)
    page.locator("thead").get_by_role("link", name="志愿服务").click()
    page.wait_for_url("**/?sort=-volunteering")
    first = page.locator(".wb-review-table tbody tr").first
    expect(first.locator("th")).to_contain_text("张伟")
    page.locator(".wb-review-scroll").evaluate("part => part.scrollTo(600, 300)")
    corner = page.locator(".wb-review-table thead th").first.bounding_box()
    frame = page.locator(".wb-review-scroll").bounding_box()
    assert corner is not None
    assert frame is not None
    assert abs(corner["x"] - frame["x"]) <= 2
    assert abs(corner["y"] - frame["y"]) <= 2
    page.locator(".wb-review-scroll").evaluate("part => part.scrollTo(0, 0)")
    first.locator("td.item").get_by_role("link", name="8.0").click()
    expect(page.locator("#volunteering details")).to_have_attribute("open", "")
    page.go_back()
    page.get_by_role("link", name="提交本半年").click()
    page.get_by_role("button", name="提交本半年").click()
    expect(page.get_by_text("已提交。书记将凭支委会会议核定")).to_be_visible()
    assert Review.objects.get().state == Review.State.SUBMITTED


@pytest.mark.parametrize("half", ["H1", "H2"])
def test_at_an_office_s_screen_all_columns_are_in_sight(half: str, cast_of_july: Cast, browser_page: Page) -> None:
    review = open_review(branch=cast_of_july.branch_a, year=2025, half=half)
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "secretary-a", f"/workbench/points/review/{review.pk}/change/")
    expect(page.locator("thead").get_by_role("link", name="上级表彰")).to_be_visible()
    # Once more as where the bar to scroll up and down takes its 15 pixels.
    frame = page.locator(".wb-review-scroll")
    for bar in (0, 15):
        frame.evaluate("(part, bar) => { part.style.width = `${part.offsetWidth - bar}px`; }", bar)
        assert frame.evaluate("part => part.scrollWidth - part.clientWidth") == 0, bar


def test_on_a_phone_the_table_becomes_cards(cast_of_july: Cast, browser_page: Page) -> None:
    review = open_review(branch=cast_of_july.branch_a, year=2025, half="H1")
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, "secretary-a", "/workbench/")
    for address in ("", f"members/{cast_of_july.member_a.pk}/", "return/"):
        page.goto(f"/workbench/points/review/{review.pk}/{address or 'change/'}")
        assert not scrolls_sideways(page), address
    page.goto(f"/workbench/points/review/{review.pk}/change/")
    page.get_by_label("排序").select_option(label="年度累计")
    page.wait_for_url("**/?sort=-cumulative")
    expect(page.locator(".wb-review-table tbody tr").first.locator("th")).to_contain_text("张伟")
    box = page.locator(".wb-review-table tbody tr").first.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_on_a_phone_a_branch_of_sixty_takes_ten_screens_at_most_and_the_items_come_on_a_tap(
    cast_of_july: Cast, browser_page: Page
) -> None:
    batch = make_batch(cast_of_july.recorder_a, cast_of_july.town, cast_of_july.branch_a)
    for number in range(20, 60):
        member = make_member(cast_of_july.branch_a, f"党员{number}")
        make_event(batch, member, "dues", "2025-01", date=date(2025, 1, 10), year=2025)
    review = open_review(branch=cast_of_july.branch_a, year=2025, half="H1")
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, "secretary-a", f"/workbench/points/review/{review.pk}/change/")
    rows = page.locator(".wb-review-table tbody tr")
    assert rows.count() == LINES
    assert page.evaluate("document.documentElement.scrollHeight") <= 8440
    row = rows.filter(has_text="张伟").first
    expect(row.locator("td.half")).to_be_visible()
    expect(row.locator("td.item").get_by_role("link", name="8.0")).to_be_hidden()
    row.get_by_label("张伟的各项").check()
    expect(row.locator("td.item").get_by_role("link", name="8.0")).to_be_visible()
    expect(rows.filter(has_text="党员5").first.locator("td.base")).to_be_hidden()
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("第2页，共2页")).to_be_visible()
    assert rows.count() == 64 - LINES
    assert page.evaluate("document.documentElement.scrollHeight") <= 8440


def test_a_chosen_photo_leaves_what_was_typed_as_it_was(
    cast_of_july: Cast, browser_page: Page, evidence_dir: Path
) -> None:
    """The admin theme would write the file's name into the form's first text field: here the meeting's place."""
    review = submit_review(
        actor=cast_of_july.recorder_a,
        now=JULY,
        review=open_review(branch=cast_of_july.branch_a, year=2025, half="H1"),
    )
    page = browser_page
    log_in(page, "secretary-a", "/workbench/")
    page.goto(f"/workbench/points/review/{review.pk}/approve/")
    page.get_by_label("地点").fill("村部会议室")
    page.get_by_label("应到人数").fill("4")
    page.get_by_label("实到人数").fill("2")
    page.get_by_label("会议记录").fill("逐人核对，一致通过。")
    page.get_by_role("button", name="核定并锁定").click()
    expect(page.get_by_text("实到人数须超过应到人数的一半").first).to_be_visible()
    page.get_by_label("实到人数").fill("3")
    data = picture().read()
    page.get_by_label("会议照片").set_input_files({"name": "会场.jpg", "mimeType": "image/jpeg", "buffer": data})
    page.get_by_role("button", name="核定并锁定").click()
    expect(page.get_by_text("已核定并锁定")).to_be_visible()
    review.refresh_from_db()
    assert (review.met_at, review.present, len(review.photo)) == ("村部会议室", 3, 64)
