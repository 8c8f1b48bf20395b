"""The tick sheet as recorders use it: few actions, keys, a phone, two at once, a network that fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, Route, expect

from members.models import RecordBatch
from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from points.records.voiding import void_event
from tests.browser import PAGE_PATIENCE, log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_event, make_member
from tests.points.half_stages import bring_to

CLICK = """button => {
  button.click();
  document.body.getBoundingClientRect();
}"""
"""A click and the layout that follows it."""
COLOURS = "box => [getComputedStyle(box).backgroundColor, getComputedStyle(box).color]"
GREEN, AMBER = ["rgb(228, 243, 232)", "rgb(20, 64, 31)"], ["rgb(253, 246, 227)", "rgb(74, 58, 16)"]


@pytest.fixture
def cast_of_march(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = NOW
    return build_cast()


@pytest.fixture
def sheet(cast_of_march: Cast, browser_page: Page) -> Page:
    """The dues of branch A before the recorder, who lets the page be left with unsaved changes."""
    browser_page.on("dialog", accept)
    open_sheet(browser_page, "recorder-a")
    return browser_page


@pytest.fixture
def second_page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """Another browser."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.on("dialog", accept)
    yield page
    context.close()


def accept(dialog: Dialog) -> None:
    dialog.accept()


def open_sheet(page: Page, username: str) -> None:
    log_in(page, username, "/workbench/")
    page.goto("/workbench/ticks/")
    expect(page.locator("#ticks")).to_have_attribute("role", "grid")


def cell(page: Page, name: str, month: int) -> Locator:
    return page.locator("tbody tr", has=page.get_by_role("button", name=f"{name}：")).locator("td").nth(month - 1)


def tick_column(page: Page, month: int) -> Locator:
    return page.get_by_role("button", name=f"{month}月：整列打勾", exact=True)


def count(page: Page) -> Locator:
    return page.locator("#tick-count")


def live() -> set[tuple[str, str]]:
    return set(PointEvent.objects.filter(voided_at=None).values_list("member__name", "period"))


def test_dues_of_sixty_for_one_month_take_four_actions(cast_of_march: Cast, browser_page: Page) -> None:
    for number in range(57):
        make_member(cast_of_march.branch_a, f"党员{number}")
    page = browser_page
    log_in(page, "recorder-a", "/workbench/")
    actions = 0
    for target in (
        page.get_by_role("main").or_(page.locator(".wb")).get_by_role("link", name="打勾表").first,
        tick_column(page, 3),
        cell(page, "党员7", 3),
        page.get_by_role("button", name="保存", exact=True),
    ):
        target.click()
        actions += 1
    expect(page.locator("#tick-told")).to_contain_text("已保存59处")
    assert actions == 4
    assert live() == {(row.name, "2026-03") for row in cast_of_march.town.members.all()} & live()
    assert len(live()) == 59
    assert ("党员7", "2026-03") not in live()
    assert RecordBatch.objects.count() == 1
    expect(count(page)).to_have_text("没有未保存的更改。")
    page.get_by_role("link", name="打开该批次").click()
    page.wait_for_url("**/recordbatch/*/change/")


def test_after_a_save_the_cell_s_line_is_fresh_and_success_is_green(cast_of_march: Cast, sheet: Page) -> None:
    """R6, as it was seen: the line still said that the cell would be ticked, and a success stood in amber."""
    page, line, told = sheet, sheet.locator("#tick-says"), sheet.locator("#tick-told")
    heads = page.locator("#ticks thead small")
    assert heads.all_inner_texts() == ["0/3"] * 3 + [""] * 9, "a month to come is out of nothing, and says nothing"
    cell(page, "张伟", 3).click()
    expect(line).to_have_text("张伟 3月：保存时打勾。")
    assert heads.all_inner_texts() == ["0/3", "0/3", "1/3"] + [""] * 9
    page.get_by_role("button", name="保存", exact=True).click()
    expect(told).to_contain_text("已保存1处")
    expect(line).to_have_text(re.compile("^张伟 3月：甲记录员于2026-03-15 10:00打勾"))
    assert told.evaluate(COLOURS) == GREEN
    event = PointEvent.objects.get()
    void_event(actor=cast_of_march.secretary_a, now=NOW, event=event, reason="重登")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(told).to_contain_text("其他人刚改了1格")
    expect(line).not_to_contain_text("甲记录员于")
    assert told.evaluate(COLOURS) == AMBER


def test_keys_tick_move_and_undo(sheet: Page) -> None:
    page = sheet
    page.locator("#tick-find").press("ArrowDown")
    expect(cell(page, "张伟", 1)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # ticks February and goes down
    page.keyboard.press("Enter")
    page.keyboard.press("Home")
    expect(cell(page, "曾国华", 1)).to_be_focused()
    page.keyboard.press("End")
    expect(cell(page, "曾国华", 12)).to_be_focused()
    expect(page.locator("#tick-says")).to_have_text("曾国华 12月：这一期还没有开始。")
    expect(cell(page, "曾国华", 12)).to_have_attribute("aria-describedby", "tick-says")
    page.keyboard.press("Space")
    expect(count(page)).to_have_text("3处更改未保存")
    page.keyboard.press("Control+Home")
    expect(tick_column(page, 1)).to_be_focused()
    page.keyboard.press("Space")  # January of the other two
    expect(count(page)).to_have_text("5处更改未保存")
    page.keyboard.press("Control+z")
    expect(count(page)).to_have_text("3处更改未保存")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")  # the whole row of 张伟: March is left
    expect(page.locator("tbody tr").first.locator("small")).to_have_text("3/3")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("已保存4处")
    assert live() == {("张伟", f"2026-0{month}") for month in (1, 2, 3)} | {("李娜", "2026-02")}


def test_find_by_initials_and_a_column_ticks_what_is_shown(sheet: Page) -> None:
    page = sheet
    page.locator("#tick-find").fill("zw")
    expect(page.locator("tbody tr:visible")).to_have_count(1)
    tick_column(page, 2).click()
    page.locator("#tick-find").fill("李")
    expect(page.locator("#tick-shown")).to_have_text("显示3人中的1人")
    page.locator("#tick-find").fill("")
    page.locator("#tick-group").select_option("第一党小组")
    tick_column(page, 1).click()
    page.locator("#tick-group").select_option("")
    expect(count(page)).to_have_text("2处更改未保存")
    page.get_by_role("button", name="放弃").click()
    expect(count(page)).to_have_text("没有未保存的更改。")
    page.get_by_role("button", name="撤销").click()
    expect(count(page)).to_have_text("2处更改未保存")
    tick_column(page, 1).click()
    tick_column(page, 1).click()  # all are ticked now: the unsaved ones are taken back
    expect(count(page)).to_have_text("1处更改未保存")


def test_taking_a_tick_back_asks_why(cast_of_march: Cast, sheet: Page) -> None:
    page = sheet
    event = make_event(make_batch(cast_of_march.recorder_a, cast_of_march.town), cast_of_march.member_a, "dues")
    page.reload()
    expect(page.locator("#tick-why")).to_be_hidden()
    cell(page, "张伟", 1).click()
    expect(count(page)).to_have_text("1处更改未保存（其中取消打勾1处）")
    page.get_by_label("取消打勾的原因").select_option(label="经核实未完成")
    page.get_by_label("补充说明").fill("收据不符")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("已保存1处")
    event.refresh_from_db()
    assert event.void_reason == "经核实未完成；收据不符"
    assert live() == set()


def test_a_tick_after_the_approval_says_what_it_is_worth(cast_of_march: Cast, browser_page: Page) -> None:
    """D25: as it was seen, one read it before the click, and not any more once the cell was ticked."""
    bring_to(cast_of_march, "approved")
    browser_page.on("dialog", accept)
    log_in(browser_page, "recorder-a", "/workbench/")
    browser_page.goto(f"/workbench/ticks/{cast_of_march.branch_a.pk}/?item=dues&year=2025")
    cell(browser_page, "张伟", 3).click()
    expect(browser_page.locator("#tick-says")).to_have_text(
        "张伟 3月：保存时打勾。本半年已核定：现在打勾只销欠缴，不计分。核定前已交的，凭收据或转账记录更正后计分。"
    )
    cell(browser_page, "张伟", 7).click()
    expect(browser_page.locator("#tick-says")).to_have_text("张伟 7月：保存时打勾。")


def test_two_recorders_on_the_same_cells_leave_one_record_each(
    cast_of_march: Cast, sheet: Page, second_page: Page
) -> None:
    open_sheet(second_page, "secretary-a")
    for page in (sheet, second_page):
        tick_column(page, 1).click()
        tick_column(page, 2).click()
    # Both saves are sent before either page is looked at.
    for page in (sheet, second_page):
        page.evaluate("document.getElementById('tick-save').click()")
    told = [page.locator("#tick-told") for page in (sheet, second_page)]
    for each in told:
        expect(each).to_contain_text(re.compile("已保存6处|6处此前已是如此"))
    assert sum("已保存6处" in each.inner_text() for each in told) == 1
    assert PointEvent.objects.count() == 6
    # One takes a tick back; the other, who still sees it, wants the same cell left alone and is told who did what.
    cell(second_page, "张伟", 1).click()
    second_page.get_by_role("button", name="保存", exact=True).click()
    expect(second_page.locator("#tick-told")).to_contain_text("已保存1处")
    cell(sheet, "张伟", 1).click()
    cell(sheet, "李娜", 3).click()
    sheet.get_by_role("button", name="保存", exact=True).click()
    expect(sheet.locator("#tick-told")).to_contain_text("已保存1处")
    expect(sheet.locator("#tick-told")).to_contain_text("1处此前已是如此")
    assert live() == {(name, f"2026-0{month}") for name in ("李娜", "曾国华") for month in (1, 2)} | {
        ("张伟", "2026-02"),
        ("李娜", "2026-03"),
    }
    assert PointEvent.objects.voided().count() == 1
    assert list(verify_ledger()) == []


def test_who_comes_back_to_the_sheet_sees_what_others_ticked_meanwhile(cast_of_march: Cast, sheet: Page) -> None:
    cast, page = cast_of_march, sheet
    cell(page, "张伟", 1).click()
    make_event(make_batch(cast.secretary_a, cast.town), cast.members_a[1], "dues", "2026-02")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    told = page.locator("#tick-told")
    expect(told).to_contain_text("其他人刚改了1格，表中已是最新：")
    expect(told.locator("li")).to_have_text("李娜 2月：此间已被他人更改")
    expect(cell(page, "李娜", 2)).to_have_text("√")
    # What was begun stays, and is saved besides.
    page.get_by_role("button", name="保存", exact=True).click()
    expect(told).to_contain_text("已保存1处")
    assert live() == {("李娜", "2026-02"), ("张伟", "2026-01")}


def test_a_cell_somebody_else_changed_is_told_and_left(cast_of_march: Cast, sheet: Page) -> None:
    cast, page = cast_of_march, sheet
    old = make_event(make_batch(cast.recorder_a, cast.town), cast.member_a, "dues", "2026-01")
    page.reload()
    cell(page, "张伟", 1).click()
    void_event(actor=cast.secretary_a, now=NOW, event=old, reason="重登")
    new = make_event(make_batch(cast.secretary_a, cast.town), cast.member_a, "dues", "2026-01")
    page.get_by_role("button", name="保存", exact=True).click()
    told = page.locator("#tick-told")
    expect(told).to_contain_text("1处没有保存")
    expect(told.locator("li")).to_have_text(re.compile("^张伟 1月：甲书记于2026-03-15 10:00打勾"))
    new.refresh_from_db()
    assert not new.is_void
    expect(count(page)).to_have_text("没有未保存的更改。")


def test_a_network_that_fails_loses_and_doubles_nothing(sheet: Page) -> None:
    page = sheet
    tick_column(page, 3).click()
    page.context.set_offline(True)
    page.get_by_role("button", name="保存", exact=True).click()
    told = page.locator("#tick-told")
    expect(told).to_contain_text("连接不上服务器")
    expect(told.locator("li")).to_have_text(["张伟 3月", "李娜 3月", "曾国华 3月"])
    expect(count(page)).to_have_text("3处更改未保存")
    assert live() == set()
    page.context.set_offline(False)
    # Without being asked the page finds the server again, looks, and says what is not saved.
    expect(told).to_contain_text("0处已保存，3处没有保存")
    page.reload()
    expect(told).to_contain_text("0处已保存，3处没有保存")
    expect(cell(page, "李娜", 3)).to_have_class("ticked changed")
    page.get_by_role("button", name="重试").click()
    expect(told).to_contain_text("已保存3处")
    assert PointEvent.objects.count() == 3
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('ticks:'))") == []


def lose_answer(route: Route) -> None:
    """The request arrives, nothing comes back."""
    route.fetch()
    route.abort()


def break_off_answer(route: Route) -> None:
    """The request arrives, the first half of the answer comes back."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text()[: len(answer.text()) // 2])


@pytest.mark.parametrize("lose", [lose_answer, break_off_answer])
def test_an_answer_that_is_lost_on_its_way_is_looked_up(sheet: Page, lose: Callable[[Route], None]) -> None:
    page = sheet
    page.route("**/ticks/*/save/", lose)
    tick_column(page, 3).click()
    kept = page.evaluate("Object.entries(localStorage).find(([key]) => key.startsWith('ticks:'))[1]")
    assert "张伟" not in kept
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("3处更改都已保存")
    expect(count(page)).to_have_text("没有未保存的更改。")
    assert (PointEvent.objects.count(), RecordBatch.objects.count()) == (3, 1)


def test_a_crash_before_the_answer_is_told_after_the_reload(sheet: Page) -> None:
    """The request arrives, the browser is closed meanwhile."""
    page = sheet

    def never_answer(route: Route) -> None:
        route.fetch()

    page.route("**/ticks/*/save/", never_answer)
    tick_column(page, 3).click()
    with page.expect_request("**/ticks/*/save/"):
        page.get_by_role("button", name="保存", exact=True).click()
    expect(count(page)).to_have_text("正在保存3处更改……")
    for _again in range(PAGE_PATIENCE // 100):
        if PointEvent.objects.exists():
            break
        page.wait_for_timeout(100)
    page.reload()
    expect(page.locator("#tick-told")).to_contain_text("3处更改都已保存")
    assert PointEvent.objects.count() == 3


def test_logged_out_meanwhile_keeps_the_changes(sheet: Page) -> None:
    page = sheet
    cell(page, "张伟", 3).click()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("您已退出登录")
    page.context.add_cookies(cookies)  # type: ignore[arg-type] # what it gave out itself
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("已保存1处")
    assert live() == {("张伟", "2026-03")}


class Counter:
    """What a page has its browser do, counted by the browser itself: the same on every machine, beside any load."""

    def __init__(self, page: Page) -> None:
        self._browser = page.context.new_cdp_session(page)
        for command in ("Performance.enable", "Profiler.enable"):
            self._browser.send(command)
        self._browser.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
        self._layouts = 0

    def count(self, script: str) -> tuple[int, int]:
        """How many functions of a script were called and how often the page was laid out, since last asked."""
        scripts = self._browser.send("Profiler.takePreciseCoverage")["result"]
        functions = [each for found in scripts if script in found["url"] for each in found["functions"]]
        metrics = self._browser.send("Performance.getMetrics")["metrics"]
        before, self._layouts = self._layouts, next(each["value"] for each in metrics if each["name"] == "LayoutCount")
        return sum(function["ranges"][0]["count"] for function in functions), self._layouts - before


def test_a_hundred_and_fifty_members_without_lag(cast_of_march: Cast, browser_page: Page, clock: FrozenClock) -> None:
    clock.now = NOW.replace(month=12, day=30)
    batch = make_batch(cast_of_march.recorder_a, cast_of_march.town)
    for number in range(147):
        member = make_member(cast_of_march.branch_a, f"党员{number}")
        make_event(batch, member, "dues", "2026-01")
    page = browser_page
    counter = Counter(page)
    open_sheet(page, "recorder-a")
    expect(page.locator("#ticks td")).to_have_count(150 * 12)
    started, _layouts = counter.count("ticks.js")
    # Some for each of the 1,800 cells; some for each pair of them would be millions.
    assert 0 < started < 150 * 20
    for month in range(2, 7):
        tick_column(page, month).evaluate(CLICK)
        ticked, layouts = counter.count("ticks.js")
        assert 0 < ticked < 150 * 60, month
        assert 0 < layouts < 5, month  # for the click, not for each cell
    expect(count(page)).to_have_text("750处更改未保存")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("已保存750处")


def test_on_a_phone_only_the_sheet_scrolls_and_cells_can_be_tapped(sheet: Page) -> None:
    page = sheet
    page.set_viewport_size({"width": 390, "height": 800})
    assert not scrolls_sideways(page)
    for target in (cell(page, "张伟", 1), tick_column(page, 1), page.get_by_role("button", name="张伟：")):
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    page.locator("#tick-scroll").evaluate("part => part.scrollTo(300, 0)")
    name, frame = page.get_by_role("button", name="张伟：").bounding_box(), page.locator("#tick-scroll").bounding_box()
    assert name is not None
    assert frame is not None
    assert abs(name["x"] - frame["x"]) <= 2
    cell(page, "张伟", 3).click()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#tick-told")).to_contain_text("已保存1处")
    assert not scrolls_sideways(page)
