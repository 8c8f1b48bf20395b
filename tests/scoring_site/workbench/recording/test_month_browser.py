"""A recorder logs a month in a browser: sixty members' dues, activity day and lecture, with seven exceptions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, expect

from members.models import Member
from points.models import Attendance, EvidenceLink, Meeting, PointEvent
from tests.browser import Hand, log_in, scrolls_sideways
from tests.cast import Cast
from tests.members.evidence.uploads import picture

EXCEPTIONS = {
    "党员03": "缺席",
    "党员11": "缺席",
    "党员20": "缺席",
    "党员30": "请假",
    "党员31": "请假",
    "党员40": "补课",
    "党员41": "送学上门",
}


def log_activity(page: Page, hand: Hand) -> None:
    """Volunteering of twelve with one leading and a photo."""
    page.goto("/workbench/")
    hand.click(page.get_by_role("link", name="登记活动").last)
    hand.choose(page.get_by_label("项目"), "志愿服务")
    hand.write(page.get_by_label("活动内容"), "河岸清理")
    hand.write(page.get_by_label("每人分数"), "1")
    photo: FilePayload = {"name": "河岸.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}
    hand.attach(page.locator("input[name=evidence]").first, photo)
    hand.click(page.get_by_text("粘贴名单"))
    text = "\n".join(f"{number + 1}. 党员{number:02}" for number in range(12))
    hand.write(page.get_by_role("textbox", name="粘贴名单"), text)
    hand.click(page.get_by_role("button", name="识别姓名"))
    expect(page.locator("input[name=members]:checked")).to_have_count(12)
    expect(page.get_by_text("名单中没有的：48人")).to_be_visible()
    hand.click(page.get_by_label("党员00带头"))
    row = page.locator("[data-row]", has=page.get_by_label("党员00带头"))
    expect(row.locator("[data-adds]")).to_have_text("+2.0")
    hand.click(page.get_by_role("button", name="登记这次活动"))
    expect(page.get_by_text("已为12名党员登记")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_month_takes_at_most_14_actions_and_an_activity_12(
    width: int, sixty: Cast, browser_page: Page, evidence_dir: Path
) -> None:
    """Dues of sixty, activity day with lecture (seven exceptions), volunteering of twelve, one leading."""
    page, hand = browser_page, Hand()
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "recorder-a", "/workbench/")
    hand.click(page.get_by_role("link", name="本月党日").last)
    expect(page.get_by_role("button", name="全部勾选")).to_be_visible()
    assert not scrolls_sideways(page)
    hand.click(page.get_by_role("button", name="全部勾选"))
    hand.click(page.get_by_label("党员活动日"))
    hand.click(page.get_by_label("党课"))
    for name, status in EXCEPTIONS.items():
        hand.choose(page.get_by_label(f"{name} 参加情况"), status)
    hand.click(page.get_by_role("button", name="保存本月"))
    expect(page.get_by_text("已保存：党费60人；党员活动日、党课，应到60人")).to_be_visible()
    assert not scrolls_sideways(page)
    of_month = hand.actions
    log_activity(page, hand)
    print(f"\n{width} px: a month of sixty in {of_month} actions, an activity of twelve in {hand.actions - of_month}")
    assert of_month <= 14
    assert hand.actions - of_month <= 12
    assert not scrolls_sideways(page)
    volunteering = PointEvent.objects.filter(item="volunteering").order_by("member__position")
    assert list(volunteering.values_list("member__name", "points", "led", "date", "note")) == [
        (f"党员{number:02}", 10, number < 1, date(2026, 3, 15), "河岸清理") for number in range(12)
    ]
    [batch] = set(volunteering.values_list("batch", flat=True))
    proof = EvidenceLink.objects.get()
    assert (proof.batch_id, proof.file.kind) == (batch, "image")
    assert PointEvent.objects.count() == 60 + 55 + 55 + 12
    assert PointEvent.objects.filter(item="dues", period="2026-03").count() == 60
    for item, period in (("party_day", "2026-03"), ("lecture", "2026Q1")):
        assert PointEvent.objects.filter(item=item, period=period).count() == 55
    meeting = Meeting.objects.get()
    assert meeting.held_on == date(2026, 3, 15)
    statuses = dict(meeting.attendances.exclude(status="attended").values_list("member__name", "status"))
    assert {name: str(Attendance.Status(status).label) for name, status in statuses.items()} == EXCEPTIONS
    months = PointEvent.objects.exclude(item="volunteering")
    of_meeting = months.exclude(item="dues")
    assert set(of_meeting.values_list("batch", flat=True)) == {meeting.batch_id}
    assert not months.filter(item="dues", batch=meeting.batch_id).exists()


def test_the_members_of_a_month_begin_above_the_fold(sixty: Cast, browser_page: Page) -> None:
    """R6, as it was seen: on an office's screen nobody was in sight."""
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "recorder-a", "/workbench/month/")
    rows = page.locator("[data-row]")
    assert rows.count() == 60
    bottoms = rows.evaluate_all("rows => rows.slice(0, 2).map(row => row.getBoundingClientRect().bottom)")
    # The button that saves stays in sight above the page's end.
    save = page.get_by_role("button", name="保存本月").evaluate("button => button.getBoundingClientRect().top")
    assert max(bottoms) < save < 800


def test_a_list_from_the_chat_ticks_exact_names_and_offers_the_rest(sixty: Cast, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, "recorder-a", "/workbench/")
    page.goto("/workbench/month/")
    lines = [f"{number + 1}. 党员{number:02}👍" for number in range(40)] + [
        "41. 老张",
        "42、张伟（未交）",
        "43 平安是福🙏",
    ]
    page.get_by_text("粘贴名单").click()
    page.get_by_label("名单（从聊天记录原样复制）").fill("#接龙 三月党费\n" + "\n".join(lines))
    page.get_by_role("button", name="识别姓名").click()
    expect(page.get_by_text("找到40人，另有3处请您确定")).to_be_visible()
    ticked = page.locator("[data-dues]:checked")
    expect(ticked).to_have_count(40)
    page.get_by_role("button", name="就是 张伟").click()
    expect(ticked).to_have_count(41)
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="保存本月").click()
    expect(page.get_by_text("已保存：党费41人")).to_be_visible()
    assert PointEvent.objects.count() == 41
    assert PointEvent.objects.filter(member=sixty.member_a).exists()


def test_filters_tick_what_is_shown_and_unsaved_ticks_are_guarded(sixty: Cast, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", "/workbench/")
    page.goto("/workbench/month/")
    group = page.locator("select[data-group]")
    group.select_option(label="第二党小组")
    shown = Member.objects.filter(party_group="第二党小组").count()
    page.get_by_role("button", name="全部勾选").click()
    expect(page.locator("[data-dues]:checked")).to_have_count(shown)
    group.select_option(label="全部党小组")
    page.locator("[data-find]").fill("zw")
    expect(page.locator("[data-row]:visible")).to_have_count(1)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/workbench/")
    assert asked == ["beforeunload"]
