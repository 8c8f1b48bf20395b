"""The tools of a roster on a meeting's form, after a sign-in of two in sixty: few actions, each said and undone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from members.models import Exemption, Member
from points.meetings.sign_ins import open_sign_in
from points.models import Meeting, SignIn, SignInScan
from tests.browser import Hand, log_in
from tests.cast import Cast
from tests.factories import NOW, TODAY


@pytest.fixture
def sign_in(sixty: Cast) -> SignIn:
    """Open since ten minutes; 张伟 and 李娜 have signed in; 党员05 is exempt."""
    start = NOW - timedelta(minutes=10)
    opened = open_sign_in(
        actor=sixty.recorder_a, now=start, branch=sixty.branch_a, opens_at=start, closes_at=NOW + timedelta(hours=1)
    )
    for member in sixty.members_a[:2]:
        SignInScan.objects.create(sign_in=opened, member=member, at=NOW)
    exempt = Member.objects.get(name="党员05")
    Exemption.objects.create(member=exempt, ground="unable", applied_on=TODAY, decided_on=TODAY, from_date=TODAY)
    return opened


def test_a_meeting_after_a_sign_in_takes_at_most_6_actions(sign_in: SignIn, browser_page: Page) -> None:
    page, hand = browser_page, Hand()
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "recorder-a", "/workbench/month/")
    expect(page.get_by_text("已签到2人，会议尚未登记")).to_be_visible()
    hand.click(page.get_by_role("link", name="扫码签到").last)
    hand.click(page.get_by_role("link", name="登记该会议"))
    hand.choose(page.locator("[data-set=rest]"), "参加")
    hand.click(page.locator("input[name=kind_party_day]"))
    hand.choose(page.get_by_label("党员07"), "请假")
    hand.click(page.get_by_role("button", name="登记", exact=True))
    expect(page.get_by_text("已登记59名党员")).to_be_visible()
    print(f"\na meeting of sixty after a sign-in of two in {hand.actions} actions")
    assert hand.actions <= 6
    meeting = Meeting.objects.get()
    assert Counter(meeting.attendances.values_list("status", flat=True)) == {"attended": 58, "excused": 1}
    assert not meeting.attendances.filter(member__name="党员05").exists()
    sign_in.refresh_from_db()
    assert sign_in.meeting == meeting


def test_the_tools_spare_who_answered_say_what_they_did_and_undo_it(sign_in: SignIn, browser_page: Page) -> None:
    page = browser_page
    log_in(page, "recorder-a", f"/workbench/points/meeting/record/?sign_in={sign_in.pk}")
    tally, said = page.locator("[data-tally]"), page.locator("[data-said]")
    rest, undo = page.locator("[data-set=rest]"), page.get_by_role("button", name="撤销")
    expect(tally).to_have_text("参加 2  缺席 57  不应到 1")

    # By keys: to the one who is found, present; the next shown; chosen on.
    find = page.locator("[data-find]")
    find.fill("党员1")
    find.press("Enter")
    page.keyboard.press("Space")
    expect(page.get_by_label("党员10")).to_have_value("attended")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("党员11")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("党员10")).to_have_value("made_up")
    expect(tally).to_have_text("参加 2  补课 1  缺席 56  不应到 1")
    find.fill("")

    # The rest of a group: nobody outside it.
    page.locator("select[data-group]").select_option(label="第一党小组")
    rest.select_option(label="请假")
    expect(said).to_have_text("已将其余19人设为“请假”。已签到或已单独填写的1人未动。未显示的39人未动。")
    undo.click()
    expect(said).to_have_text("已撤销，19人恢复原样。")
    expect(tally).to_have_text("参加 2  补课 1  缺席 56  不应到 1")
    page.locator("select[data-group]").select_option(label="全部党小组")

    rest.select_option(label="参加")
    expect(said).to_have_text(
        "已将其余56人设为“参加”。已签到或已单独填写的3人未动。不需填写的1人（不实行积分制等）未动。"
    )
    expect(tally).to_have_text("参加 58  补课 1  不应到 1")
    page.locator("[data-set=all]").select_option(label="缺席")
    expect(tally).to_have_text("缺席 59  不应到 1")
    undo.click()
    expect(tally).to_have_text("参加 58  补课 1  不应到 1")

    # A pasted list says who is missing from it, and that nothing is set for who is exempt.
    page.get_by_text("粘贴名单").click()
    page.locator("[data-paste-text]").fill("党员01\n党员05\n平安是福")
    page.get_by_role("button", name="识别姓名").click()
    result = page.locator("[data-paste-result]")
    expect(result).to_contain_text("找到1人，另有1处请您确定")
    expect(result).to_contain_text("名单中有、但此处不能填写（原因见其所在行）：党员05。")
    expect(result).to_contain_text("名单中没有的：58人张伟、李娜、曾国华、党员00、党员02")
    expect(said).to_have_text("已按名单填写1人。不在名单的55人设为“缺席”。")
    expect(tally).to_have_text("参加 3  补课 1  缺席 55  不应到 1")
