"""The notice in the workbench, played through its pages; channels and days off; papers and photos (3.3, D9, D21)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members.evidence.store import read_picture, store_picture
from members.models import WorkDay
from members.places.workdays import set_work_year
from points.models import Confirmation, Freeze, Review
from points.scoring.freezing import current_lines
from publicity.models import Closing, Notice, Posting, RequiredChannel
from publicity.notices.publication import close_notice, notice_link, post_notice
from scoring_site.workbench.publicity.calendar.forms import read_days
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_user
from tests.members.evidence.uploads import picture
from tests.pages import read_form
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.stages import CONTACT, FIRST_MINUTE, JULY_7, approved, at, corrected, posted, prepared
from tests.scoring_site.screens import get, name_of, visible

pytestmark = pytest.mark.django_db


def url(page: str, *args: Any, model: str = "publicity_notice") -> str:
    return reverse(f"workbench:{model}_{page}", args=args)


def ticked(response: Any) -> set[str]:
    """The channels that the form to post begins with."""
    return set(read_form(response.content, by="posted_on")["channels"])


def test_a_notice_from_preparing_to_closing(client: Client, cast: Cast, clock: FrozenClock, evidence_dir: Path) -> None:
    RequiredChannel.objects.bulk_create(RequiredChannel(town=cast.town, channel=each) for each in ("board", "chat"))
    review = approved(cast)
    clock.now = at(7, 7)
    client.force_login(cast.secretary_a)
    assert "准备公示" in visible(client.get(url("changelist")))
    form = visible(client.get(url("prepare") + f"?review={review.pk}"))
    assert "一支部 2025年上半年" in form
    # Before a branch's first notice its secretary is proposed; no telephone is anybody's to publish but their own.
    assert "可向支部书记甲书记或镇党建办书面、电话或当面反映。" in form
    response = client.post(url("prepare"), {"review": review.pk, "days": 5, "contact": CONTACT}, follow=True)
    page = visible(response)
    assert "已准备好" in page
    notice = Notice.objects.get()
    assert response.redirect_chain[0][0] == url("change", notice.pk)
    assert "还没有在以下渠道公示：公开栏、微信群。" in page
    assert f"校验码 第1号：{Freeze.objects.get().hash[:16]}…" in page

    post = url("post", notice.pk)
    assert ticked(client.get(f"{post}?channel=chat")) == {"chat"}
    assert ticked(client.get(post)) == {"board", "chat"}
    page = visible(
        client.post(post, {"channels": ["board"], "posted_on": "2025-07-07", "photo": picture()}, follow=True)
    )
    assert "公示天数从最后一个必须渠道发布起算" in page
    photo = Posting.objects.get().photo
    assert client.get(f"{url('photo', notice.pk)}?name={photo}").content == read_picture(photo)
    assert ticked(client.get(post)) == {"chat"}
    page = visible(client.post(post, {"channels": ["chat"], "posted_on": "2025-07-07"}, follow=True))
    assert "全部必须渠道都已公示，已通知本支部党员" in page
    assert "今天发布，从明天起算，公示至2025-07-14（含当日）" in page
    assert "现在还不能结束： 公示至2025-07-14（含当日）。" in page

    clock.now = at(7, 9)
    get(client, cast.member_user_a, f"/notices/{notice.uuid}/")
    page = get(client, cast.secretary_a, url("change", notice.pk))
    assert "公示第2天" in page
    assert "1名党员看过，3名还没有" in page
    assert "张伟 2025-07-09 10:00" in page
    assert "李娜（没有账号）、曾国华（没有账号）、王五（没有账号）" in page
    assert "结束公示" not in page

    corrected(cast, review, cast.member_a, now=at(7, 9))
    assert "更正后的明细还没有发布：张伟" in get(client, cast.secretary_a, url("change", notice.pk))
    page = visible(client.post(url("post_corrected", notice.pk), {"posted_on": "2025-07-09"}, follow=True))
    assert "已登记1条更正" in page
    assert "张伟 1.0 2025-07-09发布，公示至2025-07-14（含当日）" in page

    clock.now = at(7, 14, 23, 59)
    assert "公示至2025-07-14（含当日）" in visible(client.post(url("close", notice.pk), {}, follow=True))
    assert Review.objects.get().state == "published"
    clock.now = FIRST_MINUTE
    assert "可以结束公示了" in get(client, cast.secretary_a, url("change", notice.pk))
    page = visible(client.post(url("close", notice.pk), {"photo": picture(size=(50, 50))}, follow=True))
    assert "公示已结束，半年积分已定稿" in page
    assert "甲书记于2025-07-15 00:01结束。 照片" in page
    assert Review.objects.get().state == "final"
    assert Closing.objects.get().photo != photo
    pdf = client.get(url("summary", notice.pk))
    assert pdf["Content-Type"] == "application/pdf"
    text = squeeze("".join(read_pages(pdf.content)))
    assert "公示期间没有由支部办理的异议。" in text
    assert "涉及支部书记、记录员的异议由镇党建办受理和答复，材料由镇党建办存档，不在本说明之内。" in text


def test_a_refusal_keeps_what_was_typed(client: Client, cast: Cast, clock: FrozenClock, evidence_dir: Path) -> None:
    review = approved(cast)
    clock.now = at(7, 7)
    client.force_login(cast.secretary_a)
    page = visible(client.post(url("prepare"), {"review": review.pk, "days": 3, "contact": CONTACT}))
    assert "公示时间不少于5天" in page
    assert CONTACT in page
    notice = prepared(cast, review)
    fake = SimpleUploadedFile("x.jpg", b"<svg/>", content_type="image/jpeg")
    post = f"{url('post', notice.pk)}?channel=board"
    assert "不是JPEG" in visible(client.post(post, {"channels": ["board"], "posted_on": "2025-07-07", "photo": fake}))
    assert "不能提前" in visible(client.post(post, {"channels": ["board"], "posted_on": "2025-07-08"}))
    assert "这个字段是必填项" in visible(client.post(post, {"posted_on": "2025-07-07"}))
    assert not Posting.objects.exists()
    assert client.get(f"{url('post', notice.pk)}?channel=smoke").status_code == 404


def test_the_review_leads_to_its_notice(client: Client, cast: Cast) -> None:
    review = approved(cast)
    page = reverse("workbench:points_review_change", args=[review.pk])
    client.force_login(cast.secretary_a)
    assert f"{url('prepare')}?review={review.pk}" in client.get(page).content.decode()
    client.force_login(cast.recorder_a)
    assert url("prepare") not in client.get(page).content.decode()
    notice = prepared(cast, review)
    assert url("change", notice.pk) in client.get(page).content.decode()


def test_nobody_prepares_anothers_half(client: Client, cast: Cast) -> None:
    review = approved(cast)
    for who in (cast.secretary_b, cast.other_staff):
        client.force_login(who)
        data = {"review": review.pk, "days": 5, "contact": CONTACT}
        assert "没有等待公示" in visible(client.post(url("prepare"), data))
    assert not Notice.objects.exists()


def test_posters_for_outside_and_inside_with_the_day_they_go_up(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = prepared(cast)
    clock.now = at(7, 7)
    client.force_login(cast.secretary_a)
    response = client.get(url("poster", notice.pk), {"paper": "A3", "version": "inside", "on": "2025-07-08"})
    assert name_of(response) == "一支部-2025年上半年-党员积分公示-A3-供支部大会使用.pdf"
    text = squeeze("".join(read_pages(response.content)))
    assert "2025年7月8日至2025年7月14日" in text
    assert "一票否决" in text
    outside = squeeze("".join(read_pages(client.get(url("poster", notice.pk), {"on": "someday"}).content)))
    assert "2025年7月7日至2025年7月14日" in outside
    assert "一票否决" not in outside
    for wrong in ({"paper": "A5"}, {"version": "both"}):
        assert client.get(url("poster", notice.pk), wrong).status_code == 404


def test_the_summary_waits_for_the_closing(client: Client, cast: Cast) -> None:
    notice = posted(cast)
    client.force_login(cast.secretary_a)
    assert "公示结束后才能生成情况说明" in visible(client.get(url("summary", notice.pk), follow=True))
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)
    assert client.get(url("summary", notice.pk)).status_code == 200


def test_a_photo_is_served_with_its_own_notice_alone(client: Client, cast: Cast, evidence_dir: Path) -> None:
    name = store_picture(picture())
    a = prepared(cast)
    post_notice(actor=cast.secretary_a, now=at(7, 7), notice=a, channels=["board"], posted_on=JULY_7, photo=name)
    b = prepared(cast, approved(cast, half="H2", now=at(1, 5, year=2026)), now=at(1, 5, year=2026))
    client.force_login(cast.committee_a)
    response = client.get(f"{url('photo', a.pk)}?name={name}")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert client.get(f"{url('photo', b.pk)}?name={name}").status_code == 404
    for other in ("", "../settings", "a" * 64):
        assert client.get(f"{url('photo', a.pk)}?name={other}").status_code == 404
    client.force_login(cast.secretary_b)
    assert client.get(f"{url('photo', a.pk)}?name={name}").status_code == 404
    client.force_login(cast.member_user_a)
    assert client.get(f"{url('photo', a.pk)}?name={name}").status_code == 302


def test_the_list_filters_and_stays_within_reach(client: Client, cast: Cast) -> None:
    posted(cast)
    for query, found in (("", True), ("?state=up", True), ("?state=closed", False), ("?state=posting", False)):
        page = get(client, cast.secretary_a, url("changelist") + query)
        assert ("一支部 2025年上半年 公示中 2025年7月7日 5 0" in page) is found
    assert "一支部" not in get(client, cast.secretary_b, url("changelist"))


def test_in_english(client: Client, cast: Cast, clock: FrozenClock) -> None:
    notice = posted(cast)
    clock.now = at(7, 8)
    page = get(client, cast.secretary_a, url("change", notice.pk), language="en")
    for text in ("Where it stands", "It stays up until the end of 2025-07-14.", "Channels", "Who has opened it"):
        assert text in page


# --- what a town sets once ---


def test_the_towns_staff_choose_channels(client: Client, cast: Cast) -> None:
    client.force_login(cast.staff)
    choose = url("choose", model="publicity_requiredchannel")
    page = visible(client.post(choose, {"town": cast.town.pk, "channels": ["board", "web"]}, follow=True))
    assert "已保存" in page
    assert set(RequiredChannel.objects.values_list("town", "channel")) == {
        (cast.town.pk, "board"),
        (cast.town.pk, "web"),
    }
    assert client.post(choose, {"town": cast.other_town.pk, "channels": ["chat"]}).status_code == 200
    assert not RequiredChannel.objects.filter(town=cast.other_town).exists()


def test_a_year_is_typed_in_as_the_state_council_writes_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.staff)
    year = url("year", model="members_workday")
    assert "内置日历还没有2030年" in visible(client.get(f"{year}?year=2030"))
    assert "内置日历已有2026年" in visible(client.get(f"{year}?year=2026"))
    off = "1月1日（周二）至3日（周四） 元旦\n2-3 至 2-9 春节\n\n10-01到10-07 国庆节"
    data = {"town": cast.town.pk, "year": 2030, "off": off, "worked": "10-12 补班"}
    page = visible(client.post(year, data, follow=True))
    assert "已保存2030年的安排" in page
    assert WorkDay.objects.filter(is_worked=False).count() == 17
    assert WorkDay.objects.get(is_worked=True).day == date(2030, 10, 12)
    again = client.get(f"{year}?year=2030&town={cast.town.pk}").content.decode()
    assert "10-12 补班" in again
    wrong = visible(client.post(year, data | {"off": "国庆节放七天"}))
    assert "看不懂“国庆节放七天”" in wrong
    assert "10-12 补班" in wrong


@pytest.mark.parametrize("line", ["13-01 x", "2-30", "10-07 至 10-01 国庆节", "1-1 至 12-31 全年", "7日", "10-01 5"])
def test_a_line_that_is_no_day_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="看不懂"):
        read_days(f"1-1 元旦\n{line}", 2027)


def test_another_towns_days_are_not_seen(client: Client, cast: Cast) -> None:
    set_work_year(actor=cast.staff, now=at(7, 1), town=cast.town, year=2026, off={date(2026, 7, 6): "抗洪"}, worked={})
    make_user("x")
    assert "抗洪" in get(client, cast.staff, url("changelist", model="members_workday"))
    assert "抗洪" not in get(client, cast.other_staff, url("changelist", model="members_workday"))


def test_texts_for_the_chat_group_name_who_has_not_confirmed_and_no_score(
    client: Client, cast: Cast, clock: FrozenClock
) -> None:
    notice = posted(cast)
    clock.now = at(7, 8)
    confirmed = cast.member_a
    line = next(line for line in current_lines(notice.review) if line.member_id == confirmed.pk)
    about = {"how": "slip", "confirmed_on": clock.now.date(), "entered_by": cast.recorder_a, "at": clock.now}
    Confirmation.objects.create(line=line, **about)
    for user in (cast.recorder_a, cast.secretary_a):
        client.force_login(user)
        texts = {key: text for key, _title, text in client.get(url("change", notice.pk)).context["messages_out"]}
        assert texts["notice-text"].splitlines() == [
            "一支部2025年上半年党员积分正在公示",
            "公示时间：2025-07-07至2025-07-14",
            f"在手机上查看：http://testserver{notice_link(notice)}",
            f"有异议的，请在公示期内提出。{CONTACT}",
        ]
        lines = texts["confirm-text"].splitlines()
        assert lines[:2] == [
            "一支部2025年上半年积分结果，请各位党员查看并确认",
            "还没有确认的（3人）：李娜、曾国华、王五",
        ]
        assert lines[2] == "请登录后点“确认”，或者到支部签字：http://testserver/"
        assert confirmed.name not in texts["confirm-text"]
        assert not re.search(r"\d\.\d", "".join(texts.values()).replace("http://testserver", ""))
    for user in (cast.committee_a, cast.supervisor):
        client.force_login(user)
        assert client.get(url("change", notice.pk)).context["messages_out"] == []
    Review.objects.filter(pk=notice.review_id).update(state=Review.State.FINAL)
    client.force_login(cast.recorder_a)
    assert client.get(url("change", notice.pk)).context["messages_out"] == []
