"""What was entered is not lost: leaving asks on every page with a form, and long forms come back as they were left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from members.models import Member
from points.models import PointEvent
from tests.browser import log_in
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event
from tests.publicity.stages import posted

DRAFTS = "Object.keys(localStorage).filter((place) => place.startsWith('draft:')).length"


@pytest.fixture
def town(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = NOW
    return build_cast()


def leave(page: Page) -> list[str]:
    """Go to the start, whatever is asked; return what was asked."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto("/")
    page.remove_listener("dialog", answer)
    return asked


@pytest.mark.parametrize(
    ("username", "address", "field", "text"),
    [
        ("recorder-a", "/workbench/points/meeting/record/", "topic", "学习"),
        ("recorder-a", "/workbench/activity/", "deed", "清扫"),
        ("recorder-a", "/workbench/veto/deduction/propose/", "particulars", "未"),
        ("staff", "/workbench/members/member/new/", "name", "新来的"),
        ("member-a", "/claims/new/", "deed", "清扫"),
        ("member-a", "/exemption/", "text", "腿脚不便"),
    ],
)
def test_leaving_asks_once_something_was_entered(
    username: str, address: str, field: str, text: str, town: Cast, browser_page: Page
) -> None:
    page = browser_page
    log_in(page, username, address)
    box = page.locator(f"[name={field}]").first
    expect(box).to_be_attached()
    assert leave(page) == []
    page.goto(address)
    box.evaluate("(box) => box.closest('details')?.setAttribute('open', '')")
    box.fill(text)
    assert leave(page) == ["beforeunload"]
    page.goto(address)
    box.evaluate("(box) => box.closest('details')?.setAttribute('open', '')")
    box.fill(text)
    box.fill("")
    assert leave(page) == [], "put back to what it was"


def test_a_correction_is_unsaved_after_its_preview_too_and_one_button_is_the_next_step(
    town: Cast, browser_page: Page
) -> None:
    """R2, as it was seen: after the preview the red bar said 查看结果 while 保存 stood above, and the work was lost."""
    review = posted(town).review
    page, address = browser_page, f"/workbench/points/correction/new/{review.pk}/?member={town.member_a.pk}"
    log_in(page, "secretary-a", address)
    assert leave(page) == []
    page.goto(address)
    typed = {"reason": "四月党费漏登", "decided_on": "2026-03-14", "date": "2025-04-10"}
    for name, text in (typed | {"expected": "3", "present": "3", "minutes": "一致同意"}).items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=item]").select_option("dues")
    page.locator("[name=period]").select_option("2025-04")
    page.locator("[name=is_unrelated]").check()
    main = page.locator("button:is(.wb-main, .wb-grave-main):visible")
    expect(main).to_have_text(["查看更正结果"])
    main.click()
    expect(main).to_have_text(["登记，送交复核"])
    assert leave(page) == ["beforeunload"]
    page.go_back()
    page.goto(address)
    assert leave(page) == []


def test_what_was_refused_is_unsaved_and_what_was_saved_is_not(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "staff", "/workbench/members/member/new/")
    page.locator("[name=name]").fill("新来的")
    page.locator("[name=branch]").select_option(str(town.branch_a.pk))
    page.locator("[name=id_number]").fill("123")
    page.get_by_role("button", name="列入名册").click()
    expect(page.locator(".wb-refusal")).to_be_visible()
    assert leave(page) == ["beforeunload"]
    page.goto("/workbench/members/member/new/")
    page.locator("[name=name]").fill("新来的")
    page.locator("[name=branch]").select_option(str(town.branch_a.pk))
    page.get_by_role("button", name="列入名册").click()
    expect(page.get_by_role("heading", name="新来的")).to_be_visible()
    assert leave(page) == []
    assert Member.objects.filter(name="新来的").count() == 1


def enter_month(page: Page, cast: Cast) -> None:
    """Dues of two, a meeting with its minutes."""
    for member in cast.members_a[:2]:
        page.locator(f"[name=dues_{member.pk}]").check()
    page.get_by_label("党员活动日").check()
    page.locator("[name=place]").fill("村部")
    page.locator("summary", has_text="会议记录").click()
    page.locator("[name=minutes]").fill("一、学习。二、讨论。")
    page.wait_for_function(f"{DRAFTS} === 1")


def test_a_month_left_half_done_comes_back_and_is_let_go_once_saved(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", "/workbench/month/")
    enter_month(page, town)
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "张伟" not in kept
    assert leave(page) == ["beforeunload"]
    page.goto("/workbench/month/")
    bar = page.locator("[data-draft-bar]")
    expect(bar).to_contain_text("已填回")
    expect(page.locator("[data-dues]:checked")).to_have_count(2)
    expect(page.get_by_label("党员活动日")).to_be_checked()
    expect(page.locator("[name=place]")).to_have_value("村部")
    assert page.locator("[name=minutes]").input_value() == "一、学习。二、讨论。"
    page.get_by_role("button", name="保存本月").click()
    expect(page.get_by_text("已保存：党费2人")).to_be_visible()
    assert page.evaluate(DRAFTS) == 0
    expect(bar).to_be_hidden()
    assert leave(page) == []
    assert PointEvent.objects.filter(item="dues").count() == 2


def test_what_others_recorded_meanwhile_is_theirs(town: Cast, browser_page: Page) -> None:
    """The dues of one are in the meantime recorded by somebody else; the form says whose came back."""
    page = browser_page
    log_in(page, "recorder-a", "/workbench/month/")
    enter_month(page, town)
    make_event(make_batch(town.staff, town.town, town.branch_a), town.members_a[0], period="2026-03")
    leave(page)
    page.goto("/workbench/month/")
    expect(page.locator("[data-draft-lost]")).to_contain_text("1项没有填回")
    expect(page.locator("[data-dues]:checked")).to_have_count(1)


def test_what_is_thrown_away_stays_away_and_nobody_else_gets_it(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", "/workbench/month/")
    enter_month(page, town)
    leave(page)
    page.goto("/workbench/month/")
    page.get_by_role("button", name="不要了，重新填").click()
    expect(page.locator("[data-draft-bar]")).to_be_hidden()
    expect(page.locator("[data-dues]:checked")).to_have_count(0)
    assert page.evaluate(DRAFTS) == 0
    enter_month(page, town)
    leave(page)
    page.context.clear_cookies()
    log_in(page, "staff", f"/workbench/month/?branch={town.branch_a.pk}")
    expect(page.locator("[data-draft-bar]")).to_be_hidden()
    expect(page.locator("[data-dues]:checked")).to_have_count(0)


def test_logging_out_leaves_nothing_in_the_browser(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", "/workbench/month/")
    enter_month(page, town)
    leave(page)
    page.goto("/workbench/")
    with page.expect_navigation():
        page.locator("#logout-form").evaluate("(form) => form.requestSubmit()")
    assert page.evaluate(DRAFTS) == 0


def test_a_refused_month_keeps_its_draft_under_the_token_that_will_be_saved(town: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", "/workbench/month/")
    enter_month(page, town)
    page.locator("[name=held_on]").fill("2026-03-29")
    page.get_by_role("button", name="保存本月").click()
    expect(page.locator(".wb-refusal")).to_be_visible()
    page.locator("[name=place]").fill("村部二楼")
    page.wait_for_function("JSON.stringify(localStorage).includes('村部二楼')")
    assert leave(page) == ["beforeunload"]
    page.goto("/workbench/month/")
    expect(page.locator("[name=place]")).to_have_value("村部二楼")
    expect(page.locator("[data-dues]:checked")).to_have_count(2)
