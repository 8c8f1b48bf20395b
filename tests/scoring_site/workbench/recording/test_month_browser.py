"""A recorder logs a month in a browser: sixty members' dues, activity day and lecture, three absent, one excused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, expect

from members.models import Member
from points.models import Attendance, EvidenceLink, Meeting, PointEvent
from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_member
from tests.members.evidence.uploads import picture


@pytest.fixture
def sixty(transactional_db: None, clock: FrozenClock) -> Cast:
    clock.now = NOW
    cast = build_cast()
    for number in range(57):
        make_member(cast.branch_a, f"党员{number:02}", party_group=f"第{'一二三'[number % 3]}党小组")
    return cast


def log_activity(page: Page) -> int:
    """Volunteering of twelve with two leading and a photo; returns how many actions it took."""
    page.goto("/workbench/")
    page.get_by_role("link", name="登记活动").last.click()
    page.get_by_label("项目").select_option(label="志愿服务")
    page.get_by_label("活动内容").fill("河岸清理")
    page.get_by_label("每人分数").fill("1")
    photo = picture()
    payload: FilePayload = {"name": "河岸.jpg", "mimeType": "image/jpeg", "buffer": photo.read()}
    page.locator("input[name=evidence]").first.set_input_files([payload])
    page.get_by_text("粘贴名单").click()
    page.get_by_role("textbox", name="粘贴名单").fill(
        "\n".join(f"{number + 1}. 党员{number:02}" for number in range(12))
    )
    page.get_by_role("button", name="识别姓名").click()
    expect(page.locator("input[name=members]:checked")).to_have_count(12)
    page.get_by_label("党员00带头").check()
    page.get_by_label("党员01带头").check()
    row = page.locator("[data-row]", has=page.get_by_label("党员01带头"))
    expect(row.locator("[data-adds]")).to_have_text("+2.0")
    page.get_by_role("button", name="登记这次活动").click()
    expect(page.get_by_text("已为12名党员登记")).to_be_visible()
    return 12


@pytest.mark.parametrize("width", [1280, 390])
def test_a_month_with_an_activity_takes_under_25_actions(
    width: int, sixty: Cast, browser_page: Page, evidence_dir: Path
) -> None:
    """Dues of sixty, activity day with lecture (three absent, one excused), volunteering of twelve, two leading."""
    page = browser_page
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, "recorder-a", "/workbench/")
    actions = 0
    page.get_by_role("link", name="本月党日").last.click()
    actions += 1
    expect(page.get_by_role("button", name="全部勾选")).to_be_visible()
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="全部勾选").click()
    page.get_by_label("党员活动日").check()
    page.get_by_label("党课").check()
    actions += 3
    for name, status in (("党员03", "缺席"), ("党员11", "缺席"), ("党员20", "缺席"), ("党员30", "请假")):
        page.get_by_label(f"{name} 参加情况").select_option(label=status)
        actions += 1
    page.get_by_role("button", name="保存本月").click()
    actions += 1
    expect(page.get_by_text("已保存：党费60人；党员活动日、党课，应到60人")).to_be_visible()
    assert not scrolls_sideways(page)
    actions += log_activity(page)
    print(f"\n{width} px: a month of sixty and an activity of twelve in {actions} actions")
    assert actions < 25
    assert not scrolls_sideways(page)
    volunteering = PointEvent.objects.filter(item="volunteering").order_by("member__position")
    assert list(volunteering.values_list("member__name", "points", "led", "date", "note")) == [
        (f"党员{number:02}", 10, number < 2, date(2026, 3, 15), "河岸清理") for number in range(12)
    ]
    [batch] = set(volunteering.values_list("batch", flat=True))
    proof = EvidenceLink.objects.get()
    assert (proof.batch_id, proof.file.kind) == (batch, "image")
    assert PointEvent.objects.count() == 60 + 56 + 56 + 12
    assert PointEvent.objects.filter(item="dues", period="2026-03").count() == 60
    for item, period in (("party_day", "2026-03"), ("lecture", "2026Q1")):
        assert PointEvent.objects.filter(item=item, period=period).count() == 56
    meeting = Meeting.objects.get()
    assert meeting.held_on == date(2026, 3, 15)
    statuses = dict(meeting.attendances.exclude(status="attended").values_list("member__name", "status"))
    absent, excused = Attendance.Status.ABSENT, Attendance.Status.EXCUSED
    assert statuses == {"党员03": absent, "党员11": absent, "党员20": absent, "党员30": excused}
    months = PointEvent.objects.exclude(item="volunteering")
    of_meeting = months.exclude(item="dues")
    assert set(of_meeting.values_list("batch", flat=True)) == {meeting.batch_id}
    assert not months.filter(item="dues", batch=meeting.batch_id).exists()


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
