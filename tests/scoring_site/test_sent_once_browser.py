"""Back and send again, in the browser: the page that is fetched anew bears the token of the form that was saved."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from members.models import Member
from tests.browser import log_in
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.factories import NOW


def test_back_and_send_again_makes_one_member(
    transactional_db: None, clock: FrozenClock, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    cast = build_cast()
    page = browser_page
    log_in(page, "staff", "/workbench/members/member/new/")

    def send(name: str = "新来的") -> None:
        page.locator("[name=name]").fill(name)
        page.locator("[name=branch]").select_option(str(cast.branch_a.pk))
        page.get_by_role("button", name="列入名册").click()

    send()
    expect(page).to_have_url(f"{live_server.url}/workbench/members/member/{Member.objects.latest('pk').pk}/change/")
    made = page.url
    page.go_back()
    send()
    expect(page.get_by_text("这份表单此前已经保存")).to_be_visible()
    assert page.url == made
    assert Member.objects.filter(name="新来的").count() == 1
    page.go_back()
    send("另一位")
    expect(page.get_by_text("现在填写的还没有保存")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("另一位")
    page.get_by_role("button", name="列入名册").click()
    expect(page).to_have_url(f"{live_server.url}/workbench/members/member/{Member.objects.latest('pk').pk}/change/")
    assert Member.objects.filter(name="另一位").count() == 1
    page.goto(f"{live_server.url}/workbench/members/member/new/")
    send()
    expect(page).not_to_have_url(made)
    assert Member.objects.filter(name="新来的").count() == 2
