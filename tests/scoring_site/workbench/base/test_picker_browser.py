"""Members are picked by party group, as in a roster: what is hidden is not ticked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser import log_in
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_member
from tests.points.half_stages import bring_to, start_of


@pytest.mark.django_db(transaction=True)
def test_a_party_group_is_picked_at_once(browser_page: Page, clock: FrozenClock, live_server: Any) -> None:
    clock.now = NOW
    cast = build_cast()
    for name, group in (("赵一", "第二党小组"), ("钱二", "第二党小组"), ("孙三", "第一党小组")):
        make_member(cast.branch_a, name, party_group=group)
    page = browser_page
    log_in(page, cast.recorder_a.username, reverse("workbench:points_pointevent_record"))
    picker = page.locator("[data-picker]")
    choice = picker.locator("select[data-group]")
    assert choice.locator("option").all_inner_texts() == ["全部党小组", "第一党小组", "第二党小组"]
    choice.select_option("第二党小组")
    picker.get_by_text("全选所列").click()
    expect(picker.locator("[data-count]")).to_have_text("2 / 6")
    ticked = picker.locator("label:has(input:checked)").all_inner_texts()
    assert [text.split()[0] for text in ticked] == ["赵一", "钱二"]
    choice.select_option("全部党小组")
    picker.locator("[data-find]").fill("zw")
    expect(picker.locator("label[data-words]:visible")).to_have_count(1)


@pytest.mark.django_db(transaction=True)
def test_what_unfolds_in_a_group_of_fields_has_its_sign_beside_it(
    browser_page: Page, clock: FrozenClock, live_server: Any
) -> None:
    """The theme drew one of its own in the page's corner, over the banner of the demonstration."""
    cast = build_cast()
    review = bring_to(cast, "published")
    clock.now = start_of("H1") + timedelta(hours=3)
    page = browser_page
    address = reverse("workbench:points_review_confirm", args=[review.pk])
    log_in(page, cast.secretary_a.username, address)
    summary = page.locator("[data-picker] .wb-paste summary")
    assert summary.evaluate("part => getComputedStyle(part, '::after').content") == "none"
    assert summary.evaluate("part => getComputedStyle(part).listStyleType") == "disclosure-closed"


@pytest.mark.django_db(transaction=True)
def test_where_there_is_one_group_none_is_asked_for(browser_page: Page, clock: FrozenClock, live_server: Any) -> None:
    clock.now = NOW
    cast = build_cast()
    log_in(browser_page, cast.recorder_a.username, reverse("workbench:points_pointevent_record"))
    picker = browser_page.locator("[data-picker]")
    expect(picker.locator("[data-find]")).to_be_visible()
    expect(picker.locator("select[data-group]")).to_be_hidden()
