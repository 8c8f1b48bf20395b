"""A whole half played in the browser by those whose turn it is; only the passed-in time moves (3.2, 3.3, D9–D11)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from points.integrity.ledger import verify_ledger
from points.models import Confirmation, Correction, Review, ReviewLine
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.scoring.freezing import read_payload
from publicity.models import Notice, Objection
from publicity.notices.channels import set_required_channels
from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import SHANGHAI, FrozenClock

DESK, PHONE = (1280, 800), (390, 844)
NOTICES = "/workbench/publicity/notice/"
HALF = "一支部 2025年上半年"


class Play:
    """The browser and the clock; `seat` puts the next person in front of it."""

    def __init__(self, page: Page, clock: FrozenClock) -> None:
        self.page = page
        self._clock = clock
        self._user = ""
        self._width = 0

    def at(self, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """Move the clock to a moment of 2025."""
        return self._clock.set(2025, month, day, hour, minute)

    def seat(self, username: str, address: str, *, size: tuple[int, int] = DESK) -> None:
        """Log in as somebody, if they are not the last one, and open an address."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self._width = size[0]
        if username != self._user:
            self.page.context.clear_cookies()
            log_in(self.page, username, address)
            self._user = username
        else:
            self.page.goto(address)
            self.page.wait_for_url(f"**{address}")
        self.check_width()

    def open_review(self, username: str) -> None:
        """Go to the half the way people do: over the list of reviews."""
        self.seat(username, "/workbench/points/review/")
        self.page.get_by_role("row", name=HALF.split()[1]).get_by_role("link").first.click()
        self.check_width()

    def open_notice(self) -> None:
        """Go to the notice over the list of notices, as the secretary."""
        self.seat("secretary-a", NOTICES)
        self.page.get_by_role("row", name=HALF).get_by_role("link").first.click()
        self.check_width()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link; on the page it leads to nothing may scroll sideways."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.check_width()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(value)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row", name=name)

    def check_width(self) -> None:
        self.page.wait_for_load_state()
        assert not scrolls_sideways(self.page), self.page.url


@pytest.fixture
def cast_of_july(transactional_db: None, clock: FrozenClock) -> Cast:
    """Branch A with half a year of dues; 李娜's volunteering of 5 March and 张伟's of 10 May were forgotten."""
    now = clock.set(2025, 6, 30, 18)
    cast = build_cast()
    set_required_channels(actor=cast.staff, now=now, town=cast.town, channels=["board", "web"])
    entries = [
        EventEntry(member.pk, "dues", date(2025, month, 10), f"2025-{month:02d}")
        for member in cast.members_a
        for month in range(1, 7)
    ]
    entries.append(EventEntry(cast.members_a[2].pk, "volunteering", date(2025, 3, 5), points=20, note="学雷锋"))
    record_events(actor=cast.recorder_a, now=now, town=cast.town, branch=cast.branch_a, entries=entries)
    return cast


@pytest.fixture
def play(browser_page: Page, clock: FrozenClock) -> Play:
    return Play(browser_page, clock)


def scores_of(review: Review, revision: int) -> dict[str, int]:
    lines = ReviewLine.objects.filter(review=review, revision=revision).select_related("member")
    return {line.member.name: read_payload(line.payload).half_score for line in lines}


@pytest.mark.slow
@pytest.mark.usefixtures("cast_of_july")
def test_a_half_from_submission_to_final(play: Play) -> None:
    _submit_return_and_approve(play)
    review = Review.objects.get()
    assert (review.state, review.present, review.expected) == (Review.State.APPROVED, 3, 4)
    assert scores_of(review, 1) == {"张伟": 60, "李娜": 75, "曾国华": 80, "王五": 0}

    _post(play)
    notice = Notice.objects.get()
    assert notice.posted_on == date(2025, 7, 7)

    _object_in_portal(play)
    _object_on_paper(play)
    _explain(play)
    _correct(play)
    assert scores_of(review, 2) == {"张伟": 80}
    _post_revised(play)

    _close(play)
    review.refresh_from_db()
    assert review.state == Review.State.FINAL
    assert review.final_at == datetime(2025, 7, 17, 0, 1, tzinfo=SHANGHAI)

    _see_result_on_the_phone(play)
    confirmed = Confirmation.objects.get()
    assert (confirmed.line.member.name, confirmed.line.revision, confirmed.how) == ("张伟", 2, "portal")
    assert [str(difference) for difference in verify_ledger()] == []


def _submit_return_and_approve(play: Play) -> None:
    play.at(7, 1)
    play.seat("recorder-a", "/workbench/points/review/")
    play.press(f"建立草稿 {HALF}")
    play.follow("提交本半年")
    play.press("提交本半年")
    play.sees("已提交。")

    play.at(7, 2)
    play.open_review("secretary-a")
    play.follow("附意见退回")
    play.fill("李娜", "3月5日志愿服务有其签到，请核对后补记。")
    play.press("附意见退回")
    play.sees("已退回。")

    play.at(7, 3)
    play.open_review("recorder-a")
    play.sees("3月5日志愿服务有其签到，请核对后补记。")
    play.seat("recorder-a", "/workbench/points/pointevent/record/")
    play.page.get_by_label("项目").select_option(label="志愿服务")
    play.fill("日期", "2025-03-05")
    play.fill("分数", "1.5")
    play.fill("备注", "学雷锋志愿服务（退回后补记）")
    play.page.get_by_role("checkbox", name="李娜").check()
    play.press("登记")
    play.open_review("recorder-a")
    play.follow("提交本半年")
    play.press("提交本半年")

    play.at(7, 4, 16)
    play.open_review("secretary-a")
    play.follow("登记支委会核定结果")
    play.fill("召开日期", "2025-07-04")
    play.fill("地点", "村部会议室")
    play.fill("应到人数", "4")
    play.fill("实到人数", "3")
    play.fill("会议记录", "逐人核对，一致同意公示。")
    play.press("核定并锁定")
    play.sees("已核定并锁定。")


def _post(play: Play) -> None:
    """On the board on Friday the 4th; with the web page on Monday the 7th the days begin."""
    play.at(7, 4, 17)
    play.seat("secretary-a", NOTICES)
    play.follow("准备公示")
    play.fill("异议反映方式", "可向组织委员或镇党建办口头、电话或书面提出。")
    play.press("准备")
    play.sees("已准备好。")
    play.follow("公开栏：登记发布")
    play.press("登记发布")
    play.sees("公示天数从最后一个必须渠道发布起算")
    assert Review.objects.get().state == Review.State.APPROVED

    play.at(7, 7)
    play.open_notice()
    play.follow("网页：登记发布")
    play.press("登记发布")
    play.sees("今天发布，从明天起算，公示至2025-07-14（含当日）")
    assert Review.objects.get().state == Review.State.PUBLISHED


def _object_in_portal(play: Play) -> None:
    play.at(7, 8, 20)
    play.seat("member-a", "/notices/", size=PHONE)
    play.page.get_by_role("link", name="一支部").first.click()
    play.check_width()
    play.follow("提出异议")
    play.fill("您对什么有异议", "5月10日清理河道我参加了，没有记分。")
    play.press("提交异议")
    play.sees("您的异议已收到")
    play.check_width()


def _object_on_paper(play: Play) -> None:
    play.at(7, 9)
    play.seat("recorder-a", "/workbench/publicity/objection/")
    play.follow("登记异议")
    play.page.get_by_role("radio", name="书面", exact=True).check()
    play.fill("异议人姓名", "匿名")
    play.page.get_by_label("针对谁的积分").select_option(label="曾国华")
    play.fill("异议内容", "学雷锋那天没有看见他。")
    play.press("登记")
    play.sees("已登记，编号")


def _explain(play: Play) -> None:
    play.at(7, 10)
    _open_objection(play, "曾国华")
    play.follow("解释答复")
    play.fill("书面答复", "签到表和照片证实其上午参加，记分不变。")
    play.page.get_by_label("回避声明").check()
    play.press("答复")
    assert Objection.objects.get(about__name="曾国华").answer_kind == "explained"


def _correct(play: Play) -> None:
    play.at(7, 10, 20)
    _open_objection(play, "张伟")
    play.follow("更正并答复")
    play.page.get_by_label("项目").select_option(label="志愿服务")
    play.fill("日期", "2025-05-10")
    play.fill("分数", "2")
    play.fill("作出决定的支委会日期", "2025-07-10")
    play.fill("应到人数", "3")
    play.fill("实到人数", "3")
    play.fill("会议记录", "核对签到表，一致同意补记。")
    play.fill("更正原因", "签到表漏录，经支委会研究补记。")
    play.fill("给异议人的书面答复", "经核实属实，已补记2分。")
    play.page.get_by_label("回避声明").check()
    play.press("查看更正结果")
    play.sees("尚未保存")
    play.press("登记，送交复核")
    play.sees("已登记，积分尚未改动。须经另一人复核后生效")
    assert not Correction.objects.exists()
    assert not Objection.objects.get(about__name="张伟").is_answered

    play.at(7, 10, 21)
    play.seat("committee-a", "/workbench/publicity/enteredcorrection/")
    play.row("张伟").get_by_role("link").first.click()
    play.check_width()
    play.follow("复核")
    play.sees("应到3人，实到3人")
    play.page.get_by_label("回避声明").check()
    play.press("复核无误，予以更正")
    play.sees("已复核并更正，原记录仍可查看。")
    assert Objection.objects.get(about__name="张伟").answer_kind == "corrected"


def _open_objection(play: Play, name: str) -> None:
    play.seat("secretary-a", "/workbench/publicity/objection/")
    play.row(name).get_by_role("link").first.click()
    play.check_width()


def _post_revised(play: Play) -> None:
    play.at(7, 11)
    play.open_notice()
    play.sees("更正后的明细还没有发布：张伟")
    play.follow("更正的积分已发布")
    play.press("登记发布")
    play.sees("公示至2025-07-16（含当日）")


def _close(play: Play) -> None:
    """The notice's own days end with Monday the 14th (the fifth is a Saturday), the revised line's with the 16th."""
    play.open_notice()
    closing = play.page.url.replace("/change/", "/close/")
    for day in (14, 16):
        play.at(7, day, 23, 59)
        play.page.goto(closing)
        play.press("结束公示")
        play.sees("公示至2025-07-16（含当日）")
        assert Review.objects.get().state == Review.State.PUBLISHED
    play.at(7, 17, 0, 1)
    play.open_notice()
    play.follow("结束公示")
    play.press("结束公示")
    play.sees("公示已结束")


def _see_result_on_the_phone(play: Play) -> None:
    play.at(7, 18)
    play.seat("member-a", "/objections/", size=PHONE)
    play.page.get_by_role("link", name="2025年上半年").first.click()
    play.check_width()
    play.sees("经核实属实，已补记2分。")
    play.seat("member-a", "/", size=PHONE)
    play.follow("我的半年积分确认")
    play.press("确认我的半年积分")
    play.sees("已于2025-07-18确认")
    play.check_width()
