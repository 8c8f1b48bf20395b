"""A member's own results: confirmed in the portal, printed on slips, reminded of on the home page (3.3, D26)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from points.errors import NothingToPrint
from points.models import Confirmation, Review
from points.papers.reviews.result_slips import build_slips, write_result_slips
from points.reviews.steps import open_review
from points.scoring.freezing import chain_head, current_lines
from publicity.models import Notice
from publicity.objections.objections import raise_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.points.papers.pdf_text import read_pages, read_text, squeeze
from tests.publicity.stages import approved, at, corrected, dues, posted, prepared, record
from tests.scoring_site.screens import name_of, visible
from tests.work import count_queries

LATER = at(7, 8)
RESULTS = "/results/"

pytestmark = pytest.mark.django_db


def confirm_url(review: Review) -> str:
    return reverse("confirm_result", args=[review.uuid])


def slips_url(review: Review) -> str:
    return reverse("workbench:points_review_slips", args=[review.pk])


# Confirming


@pytest.mark.parametrize(
    ("language", "button"), [("zh-hans", "确认我的半年积分"), ("en", "Confirm my half-year result")]
)
def test_a_member_confirms_their_own_result(cast: Cast, notice: Notice, language: str, button: str) -> None:
    client = browse(cast.member_user_a, language)
    said = client.get(RESULTS).content.decode()
    assert button in said
    assert "1.0" in said
    assert client.post(confirm_url(notice.review), {"revision": "1"}).url == RESULTS
    confirmation = Confirmation.objects.get()
    assert (confirmation.line.member, confirmation.how, confirmation.confirmed_on) == (
        cast.member_a,
        "portal",
        LATER.date(),
    )
    said = client.get(RESULTS).content.decode()
    assert button not in said
    assert "2025-07-08" in said
    client.post(confirm_url(notice.review), {"revision": "1"})
    assert Confirmation.objects.count() == 1


def test_a_corrected_result_is_looked_at_before_it_is_confirmed(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    corrected(cast, notice.review, cast.member_a, now=LATER)
    answer = client.post(confirm_url(notice.review), {"revision": "1"}, follow=True)
    assert "刚刚更正过" in answer.content.decode()
    assert not Confirmation.objects.exists()
    said = "2025年上半年已更正：经2025-07-08会议决定，由1.0分改为2.0分。原因：漏登党费"
    assert said in client.get(RESULTS).content.decode()
    assert said in client.get("/?year=2025&half=H1").content.decode()
    assert said in client.get("/?year=2025").content.decode()
    assert said not in client.get("/?year=2025&half=H2").content.decode()
    client.post(confirm_url(notice.review), {"revision": "2"})
    assert Confirmation.objects.get().line.revision == 2


@pytest.mark.parametrize("who", ["member_user_b", "outsider", "recorder_a", "staff", "supervisor"])
def test_nobody_elses_result_is_seen_or_confirmed(cast: Cast, notice: Notice, who: str) -> None:
    client = browse(getattr(cast, who))
    said = client.get(RESULTS).content.decode()
    assert "确认我的半年积分" not in said
    assert client.post(confirm_url(notice.review), {"revision": "1"}).status_code == 404
    assert client.post(reverse("confirm_result", args=[uuid4()])).status_code == 404


def test_before_approval_there_is_none(cast: Cast) -> None:
    open_review(branch=cast.branch_a, year=2025, half="H1")
    assert "还没有" in browse(cast.member_user_a).get(RESULTS).content.decode()


def test_results_cost_the_same_for_one_half_and_for_two(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    def count() -> int:
        client = browse(cast.member_user_a)
        assert client.get(RESULTS).status_code == 200
        return count_queries(lambda: client.get(RESULTS))

    before = count()
    clock.now = at(1, 8, year=2026)
    approved(cast, half="H2", now=clock.now)
    assert count() == before


# Slips


def test_slips_of_a_branch_are_three_to_a_sheet(cast: Cast, notice: Notice) -> None:
    notice.review.refresh_from_db()
    sheets = [squeeze(text) for text in read_pages(write_result_slips(review=notice.review))]
    assert [text.count("党员半年积分结果通知单") for text in sheets] == [3, 1]
    assert [name for text in sheets for name in ("张伟", "李娜", "曾国华", "王五") if f"{name}同志" in text] == [
        "张伟",
        "李娜",
        "曾国华",
        "王五",
    ]
    head = chain_head(cast.branch_a)
    assert head is not None
    for text in sheets:
        assert head.hash in text
        assert "党员（签字）" in text
        assert "2025年7月5日会议核定" in text
        assert "公示期间" in text


def test_a_second_half_adds_up_wherever_its_member_reads_it(cast: Cast, clock: FrozenClock) -> None:
    """W3, as it was seen: the year's parts stood beside the half's score, 60 + 3 = 33."""
    record(cast, dues(cast.member_a), dues(cast.member_a, 4), dues(cast.members_a[1]))
    approved(cast)
    record(cast, dues(cast.member_a, 8), now=at(9, 1))
    clock.now = now = at(1, 5, year=2026)
    notice = posted(cast, prepared(cast, approved(cast, half="H2", now=now), now=now), now=now)
    member, secretary = browse(cast.member_user_a), browse(cast.secretary_a)
    poster = reverse("workbench:publicity_notice_poster", args=[notice.pk])
    own = "年度积分 3.0 分 公示中 上半年积分 2.0 下半年积分 1.0 年度积分 3.0 全年累计： 基础分 3.0 激励分 0.0 扣分 0.0"
    assert own in visible(member.get(RESULTS))
    assert own in visible(member.get(reverse("notice", args=[notice.uuid])))
    slip = read_text(secretary.get(slips_url(notice.review), {"member": cast.member_a.pk}).content)
    assert "全年累计上半年下半年年度备注基础分激励分扣分积分积分积分3.00.00.02.01.03.0" in slip
    assert "年度积分＝上半年积分＋下半年积分" in slip
    outside, inside = (read_text(b"".join(secretary.get(poster, version))) for version in ({}, {"version": "inside"}))
    assert "序号姓名上半年积分下半年积分年度积分备注1张伟2.01.03.02李娜1.00.01.0" in outside
    assert inside.count("全年累计") == 3
    assert "1张伟3.00.00.02.01.03.0否" in inside


def test_what_a_slip_says(cast: Cast, notice: Notice) -> None:
    corrected(cast, notice.review, cast.member_a, now=LATER)
    slip, other, *_rest = build_slips(current_lines(notice.review))
    assert (slip.name, slip.base, slip.incentive, slip.deducted, slip.half, slip.annual) == (
        "张伟",
        "2.0",
        "0.0",
        "0.0",
        "2.0",
        "",
    )
    assert slip.remark == "更正后的结果"
    assert (other.name, other.half, other.remark) == ("李娜", "0.0", "")


def test_nothing_approved_is_not_printed(cast: Cast, clock: FrozenClock) -> None:
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    with pytest.raises(NothingToPrint):
        write_result_slips(review=review)
    clock.now = LATER
    answer = browse(cast.secretary_a).get(slips_url(review), follow=True)
    assert "还没有核定的结果可以打印" in answer.content.decode()


def test_a_slip_of_one_member_names_nobody_else(cast: Cast, notice: Notice) -> None:
    answer = browse(cast.recorder_a).get(slips_url(notice.review), {"member": cast.members_a[1].pk})
    (sheet,) = read_pages(answer.content)
    assert "李娜同志" in squeeze(sheet)
    assert "张伟" not in sheet
    assert name_of(answer) == "一支部-2025年上半年-党员半年积分结果通知单.pdf"


@pytest.mark.parametrize("member", ["0", "nobody"])
def test_a_slip_of_somebody_without_a_line_does_not_exist(cast: Cast, notice: Notice, member: str) -> None:
    assert browse(cast.staff).get(slips_url(notice.review), {"member": member}).status_code == 404
    other = {"member": cast.member_b.pk}
    assert browse(cast.staff).get(slips_url(notice.review), other).status_code == 404


# Reminders


def test_the_home_page_reminds_those_who_handle_an_objection(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    objection = raise_objection(actor=cast.member_user_a, now=LATER, notice=notice, text="漏记")
    home = reverse("workbench:index")
    assert f"异议{objection.receipt}：还有10个工作日" in browse(cast.secretary_a).get(home).content.decode()
    assert objection.receipt not in browse(cast.recorder_a).get(home).content.decode()
    clock.now = at(7, 23)
    assert "已超期" in browse(cast.secretary_a).get(home).content.decode()
