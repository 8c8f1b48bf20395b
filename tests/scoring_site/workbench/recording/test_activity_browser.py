"""The forms of a deed on a phone, with a branch of sixty: which grades they offer, and how high they are (W10, R11)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from points.models import PointEvent
from tests.appearance import HEIGHT
from tests.browser import log_in
from tests.cast import Cast

TEN_SCREENS = 8_440


@pytest.mark.parametrize("address", ["/workbench/activity/", "/workbench/points/pointevent/record/"])
def test_a_grade_is_offered_where_the_item_has_grades_and_only_its_own(
    address: str, sixty: Cast, browser_page: Page
) -> None:
    """W10, as it was seen: 镇级 to 省级 stood there for every item, and choosing one was refused."""
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, "recorder-a", address)
    assert page.evaluate(HEIGHT) <= TEN_SCREENS
    item, grade = page.locator("select[name=item]"), page.locator("select[name=grade]")
    expect(grade).to_be_hidden()
    item.select_option("commendation")
    expect(grade).to_be_visible()
    values = grade.locator("option").evaluate_all(
        "all => all.filter(each => !each.parentElement.disabled).map(each => each.value)"
    )
    assert values == ["", *(f"commendation:{place}" for place in range(len(values) - 1))]
    grade.select_option("commendation:1")
    item.select_option("volunteering")
    expect(grade).to_be_hidden()
    assert grade.input_value() == ""
    # What was chosen before is not sent with the other item: nothing is refused.
    page.locator("input[name=points]").fill("1")
    page.locator("input[name=deed], input[name=note]").fill("清理河道")
    page.locator("input[name=members]").first.check()
    page.locator("button.wb-main[type=submit]").click()
    page.wait_for_url(lambda url: address not in url)
    assert PointEvent.objects.values_list("item", "points").get() == ("volunteering", 10)
