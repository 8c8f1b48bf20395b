"""Confirmations from a list copied out of a chat: exact names, the rest said; whoever confirmed before is not asked."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Page, expect

from points.models import Confirmation, Review
from points.reviews.confirmations import confirm_members
from tests.browser import log_in
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import make_member
from tests.points.half_stages import HOUR, JULY, bring_to


def test_a_pasted_list_ticks_who_has_not_confirmed_yet(
    transactional_db: None, clock: FrozenClock, browser_page: Page
) -> None:
    clock.now = JULY + 2 * HOUR
    cast = build_cast()
    for name, born in (("刘建军", 1970), ("刘建军", 1980), ("赵一", 1960)):
        make_member(cast.branch_a, name, birth_date=date(born, 1, 1))
    review = bring_to(cast, "approved")
    weiwei = cast.member_a
    confirm_members(
        actor=cast.secretary_a,
        now=JULY + 2 * HOUR,
        review=review,
        member_ids=[weiwei.pk],
        how=Confirmation.How.MEETING,
        confirmed_on=JULY.date(),
    )
    page = browser_page
    log_in(page, cast.secretary_a.username, f"/workbench/points/review/{review.pk}/confirm/")
    picker = page.locator("[data-picker]")
    picker.get_by_text("粘贴名单").click()
    picker.locator("[data-paste-text]").fill("1. 张伟 已确认\n2. 李娜\n3. 刘建军\n4. 周外\n5. 赵一 有异议")
    picker.locator("[data-paste-read]").click()
    expect(picker.locator(".wb-paste-unset")).to_have_text("名单里有、但这里不需要勾选的：张伟。")
    expect(picker.locator("[data-count]")).to_have_text("1 / 6")
    ticked = picker.locator("label:has(input:checked)")
    expect(ticked).to_have_count(1)
    expect(ticked).to_contain_text("李娜")
    left = picker.locator(".wb-paste-result li > b").all_inner_texts()
    assert left == ["刘建军", "周外", "赵一"]
    picker.get_by_role("button", name="是 刘建军").first.click()
    expect(picker.locator("[data-count]")).to_have_text("2 / 6")
    assert Review.objects.get(pk=review.pk).state in Review.FROZEN
    assert Confirmation.objects.count() == 1
