"""Lists on a phone: cards of two lines that open their row, and no list taller than ten screens."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.factories import make_batch, make_event, make_member

PHONE = ViewportSize(width=390, height=844)
TEN_SCREENS = 10 * PHONE["height"]


@pytest.fixture
def cast_of_sixty(transactional_db: None) -> Cast:
    cast = build_cast()
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for number in range(60):
        member = make_member(cast.branch_a, f"党员{number}", party_group="第一党小组")
        make_event(batch, member, "dues", "2026-01")
    return cast


@pytest.mark.parametrize("table", ["members_member", "points_pointevent", "members_membership", "members_recordbatch"])
@pytest.mark.sweep
def test_no_list_is_taller_than_ten_screens(cast_of_sixty: Cast, browser_page: Page, table: str) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    log_in(page, "recorder-a", reverse(f"workbench:{table}_changelist"))
    rows = page.locator("#result_list .data-row")
    assert rows.count() == (1 if table == "members_recordbatch" else 50)
    assert max(rows.evaluate_all("rows => rows.map(row => row.offsetHeight)")) <= 70
    assert page.evaluate("document.documentElement.scrollHeight") <= TEN_SCREENS
    assert not scrolls_sideways(page)


def test_a_card_has_a_title_and_what_tells_most_and_opens_its_row_wherever_it_is_touched(
    cast_of_sixty: Cast, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    log_in(page, "recorder-a", reverse("workbench:points_pointevent_changelist"))
    card = page.locator("#result_list .data-row").first
    shown = [cell.inner_text() for cell in card.locator("> *").all() if cell.is_visible()]
    # The branch is everybody's here, so it tells nothing; who recorded it is for the row's page.
    assert shown == ["党员59", "交纳党费", "1.0", "2026年1月10日", "有效"]
    box = card.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 12, box["y"] + box["height"] - 8)
    page.wait_for_url("**/change/**")


def test_on_a_desk_the_list_is_a_table_with_all_its_columns(cast_of_sixty: Cast, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "recorder-a", reverse("workbench:points_pointevent_changelist"))
    row = page.locator("#result_list .data-row").first
    assert row.locator("> *").evaluate_all("cells => new Set(cells.map(cell => cell.offsetTop)).size") == 1
    assert len([cell for cell in row.locator("> *").all() if cell.is_visible()]) == 8
    expect(row.get_by_role("link", name="作废")).to_be_visible()
