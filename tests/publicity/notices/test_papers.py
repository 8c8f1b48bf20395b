"""The notice's papers, read back from the PDF: what they say, and what they must never say (3.3, D21)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from foundation.qr_codes import draw_qr_code
from members.models import Exemption
from points.models import Review
from points.papers.reviews.result_slips import build_slips
from points.reviews.steps import reopen_review
from points.scoring.freezing import chain_head, current_lines
from publicity.errors import NoticeRefused
from publicity.models import Notice, Objection
from publicity.notices.days_up import LineDays, line_days
from publicity.notices.poster import LAYOUTS, choose_layout, lay_out, name_room, write_poster
from publicity.notices.publication import close_notice, post_notice, post_revised_lines
from publicity.notices.summary import write_summary
from publicity.notices.table import show_rows
from tests.cast import Cast
from tests.effort import sweep
from tests.factories import LONG_AGO, make_member
from tests.points.papers.pdf_text import read_heights, read_pages, read_text, squeeze
from tests.publicity.stages import (
    CONTACT,
    JULY_7,
    approved,
    at,
    choose,
    corrected,
    dues,
    posted,
    prepared,
    record,
    veto,
)

ADDRESS = "https://points.example.org/notices/x/"


def poster(notice: Notice, *, paper: str = "A4", inside: bool = False, planned_on: date = JULY_7) -> str:
    notice = Notice.objects.select_related("review__branch__town").get(pk=notice.pk)
    return read_text(write_poster(notice=notice, paper=paper, inside=inside, address=ADDRESS, planned_on=planned_on))


@pytest.mark.django_db
def test_the_poster_for_outside(cast: Cast) -> None:
    record(cast, dues(cast.member_a), dues(cast.members_a[1]), dues(cast.members_a[1], 4))
    veto(cast)
    text = poster(prepared(cast))
    assert text.startswith(
        "一支部党员2025年上半年积分公示根据《镇党员教育管理积分制考核办法（试行）》，经支部委员会2025年7月5日会议核定，"
        "现将我支部4名党员2025年上半年积分公示如下。序号姓名半年积分备注"
    )
    assert "1张伟0.02李娜2.03曾国华0.04王五0.0计分8个月" in text
    assert "公示时间：2025年7月7日至2025年7月14日（含当日；不少于5天，张贴当天不计）" in text
    assert f"异议反映：{squeeze(CONTACT)}" in text
    assert "支部书记（签字）" in text
    assert "（党支部盖章）" in text
    head = chain_head(cast.branch_a)
    assert head is not None
    assert f"校验码（第1号）：{head.hash}" in text
    for secret in ("否决", "纪委", "13900000011", "不实行积分制", "基础分", "激励分", "扣分"):  # D21
        assert secret not in text


@pytest.mark.django_db
def test_the_version_for_the_branchs_meeting(cast: Cast) -> None:
    record(cast, dues(cast.member_a))
    veto(cast)
    veteran = make_member(cast.branch_a, "老党员")
    Exemption.objects.create(member=veteran, ground="age", applied_on=LONG_AGO, decided_on=LONG_AGO, from_date=LONG_AGO)
    text = poster(prepared(cast), inside=True, paper="A3")
    assert "供支部大会使用，不对外张贴" in text
    assert "半年积分一票否决备注1张伟1.00.00.00.0是2李娜0.00.00.00.0否" in text
    assert "不实行积分制管理的党员：老党员。" in text
    assert "纪委" not in text
    assert "老党员" not in poster(Notice.objects.get(), inside=False)


@pytest.mark.django_db
def test_the_poster_of_a_second_half_shows_both_scores(cast: Cast) -> None:
    record(cast, dues(cast.member_a))
    approved(cast)
    record(cast, dues(cast.member_a, 8), now=at(9, 1))
    now = at(1, 5, year=2026)
    text = poster(prepared(cast, approved(cast, half="H2", now=now), now=now), planned_on=now.date())
    assert "2025年下半年积分和2025年度积分公示如下" in text
    assert "序号姓名上半年积分下半年积分年度积分备注1张伟1.01.02.02李娜0.00.00.0" in text
    assert "基础分" not in text
    inside = poster(Notice.objects.latest("pk"), inside=True, planned_on=now.date())
    assert inside.count("全年累计") == 3  # above base, incentive and deductions
    assert "1张伟2.00.00.01.01.02.0否" in inside


@pytest.mark.django_db
def test_poster_and_summary_printed_again_bear_the_link_of_their_own_half(cast: Cast) -> None:
    """As it was seen: after the second half was approved, the first half's poster no longer matched the one put up."""
    notice = posted(cast)
    first = chain_head(cast.branch_a)
    close_notice(actor=cast.secretary_a, now=at(7, 15), notice=notice)
    approved(cast, half="H2", now=at(1, 5, year=2026))
    second = chain_head(cast.branch_a)
    assert first is not None
    assert second is not None
    notice = Notice.objects.select_related("review__branch__town").get()
    for text in (poster(notice), read_text(write_summary(notice=notice))):
        assert f"校验码（第1号）：{first.hash}" in text
        assert second.hash not in text


@pytest.mark.django_db
def test_after_a_correction_the_poster_bears_its_link(cast: Cast) -> None:
    notice = posted(cast)
    correction = corrected(cast, notice.review, cast.member_a, now=at(7, 9))
    assert f"校验码（第2号）：{correction.lines.get().freeze.hash}" in poster(notice)


@pytest.mark.django_db
def test_where_the_town_chose_so_the_poster_for_outside_shows_the_parts(cast: Cast) -> None:
    choose(cast, outside_columns="parts")
    record(cast, dues(cast.member_a), dues(cast.members_a[1]))
    approved(cast)
    record(cast, dues(cast.members_a[1], 8), now=at(9, 1))
    first = poster(prepared(cast, Review.objects.get()))
    assert "序号姓名基础分激励分扣分半年积分备注1张伟1.00.00.01.02李娜1.00.00.01.0" in first
    veto(cast, date(2025, 9, 1))
    now = at(1, 5, year=2026)
    second = poster(prepared(cast, approved(cast, half="H2", now=now), now=now), planned_on=now.date())
    assert second.count("全年累计") == 3
    assert "1张伟———1.0—0.02李娜2.00.00.01.01.02.0" in second
    for secret in ("否决", "不实行积分制"):  # D21
        assert secret not in second


@pytest.mark.django_db
def test_every_row_of_a_second_half_adds_up_in_the_readers_head(cast: Cast) -> None:
    """W3, as it was seen: 60 + 3 = 33."""
    record(cast, dues(cast.member_a), dues(cast.members_a[1]))
    approved(cast)
    record(cast, dues(cast.members_a[1], 8), now=at(9, 1))
    veto(cast, date(2025, 9, 1))
    make_member(cast.branch_a, "新来", since=date(2025, 8, 1))
    now = at(1, 5, year=2026)
    lines = current_lines(approved(cast, half="H2", now=now))
    rows = show_rows([LineDays(line, None, None) for line in lines], inside=True)
    slips = build_slips(lines)
    shown = [(row.first_half, row.half, row.annual, row.is_vetoed) for row in rows]
    assert shown == [
        ("1.0", "—", "0.0", True),
        ("1.0", "1.0", "2.0", False),
        ("0.0", "0.0", "0.0", False),
        ("—", "0.0", "0.0", False),
    ]
    assert [(slip.first_half, slip.half, slip.annual) for slip in slips] == [row[:3] for row in shown]
    assert [slip.remark for slip in slips] == ["一票否决，积分为0分", "", "", "计分5个月"]
    for first, half, annual, _vetoed in shown:
        if "—" not in (first, half):
            assert Decimal(first) + Decimal(half) == Decimal(annual)


@pytest.mark.django_db
def test_a_poster_printed_after_a_correction_says_until_when_the_corrected_lines_stay(cast: Cast) -> None:
    notice = posted(cast)
    corrected(cast, notice.review, cast.member_a, now=at(7, 9))
    post_revised_lines(actor=cast.secretary_a, now=at(7, 10), notice=notice, posted_on=date(2025, 7, 10))
    text = poster(notice, planned_on=date(2025, 8, 1))
    assert "1张伟1.0已更正" in text
    assert "2025年7月7日至2025年7月14日" in text
    assert "更正的积分自7月10日公示至7月15日" in text


@pytest.mark.django_db
def test_unknown_days_off_leave_room_for_hands(cast: Cast) -> None:
    now = at(12, 28, year=2026)
    text = poster(prepared(cast, now=now), planned_on=now.date())
    assert "公示时间：2026年12月28日至年月日（含当日；不少于5天" in text


@pytest.mark.parametrize("paper", LAYOUTS)
@pytest.mark.parametrize("count", [1, 2, 3, 17, 28, 29, 33, 34, 41, 60, 66, 67, 78, 90, 150, 400])
def test_every_line_is_on_the_poster_once_and_no_sheet_is_overfull(paper: str, count: int) -> None:
    layout, sheets = choose_layout(paper, count)
    assert sum(sheets) == count
    assert all(sheet > 0 for sheet in sheets)
    for number, sheet in enumerate(sheets):
        rows = layout.further if number else layout.first
        room = rows - (layout.foot if number == len(sheets) - 1 else 0)
        assert -(-sheet // layout.blocks) <= room


@pytest.mark.parametrize(
    ("paper", "count", "room"),
    [("A4", 10, "roomiest"), ("A4", 18, "roomier"), ("A4", 22, "roomy"), ("A4", 28, ""), ("A4", 46, "roomier"),
     ("A3", 12, "roomiest"), ("A3", 32, ""), ("A3", 46, "roomy"), ("A3", 60, ""), ("A3", 0, "")],
)  # fmt: skip
def test_rows_are_higher_where_the_sheet_has_room(paper: str, count: int, room: str) -> None:
    assert name_room(*choose_layout(paper, count)) == room


@pytest.mark.django_db
@pytest.mark.parametrize("paper", LAYOUTS)
@pytest.mark.parametrize("count", [14, 38, *sweep(7, 11, 16, 18, 22, 24, 30, 42, 46, 52, 60)])
def test_higher_rows_take_no_further_sheet(cast: Cast, paper: str, count: int) -> None:
    for number in range(count - 4):
        make_member(cast.branch_a, f"党员{number}")
    notice = posted(cast)
    count = len(show_rows(line_days(notice), inside=True))
    pdf = write_poster(notice=notice, paper=paper, inside=True, address=ADDRESS, planned_on=JULY_7)
    sheets = choose_layout(paper, count, foot_length=len(notice.contact))[1]
    assert len(read_pages(pdf)) == len(sheets)


@pytest.mark.django_db
@pytest.mark.parametrize("paper", LAYOUTS)
@pytest.mark.parametrize("count", [4, 34, *sweep(12, 18, 28, 48, 60, 64)])
def test_a_namesake_is_printed_as_large_as_the_others_and_takes_no_further_sheet(
    cast: Cast, paper: str, count: int
) -> None:
    """As it was seen: name and mark on one line at half the size, unreadable from where one stands before the board."""
    for number in range(count - 4):
        born = date(1969, 10 + number % 2, 1)
        make_member(cast.branch_a, f"党员{number // 2:02d}", birth_date=born)
    make_member(cast.branch_a, "张伟", birth_date=date(1970, 12, 5))
    notice = posted(cast)
    count = len(show_rows(line_days(notice), inside=False))
    pdf = write_poster(notice=notice, paper=paper, inside=False, address=ADDRESS, planned_on=JULY_7)
    heights = read_heights(pdf)
    assert {heights["张伟"], heights["李娜"]} == {heights["曾国华"]}
    assert heights["（1970年1月生）"] == heights["（1970年12月生）"] > 0.55 * heights["李娜"]
    sheets = choose_layout(paper, count, foot_length=len(notice.contact))[1]
    assert len(read_pages(pdf)) == len(sheets)


@pytest.mark.parametrize(("paper", "count", "pages"), [("A4", 28, 1), ("A4", 60, 2), ("A3", 60, 1), ("A3", 150, 2)])
def test_how_many_sheets_a_branch_takes(paper: str, count: int, pages: int) -> None:
    assert len(choose_layout(paper, count)[1]) == pages


@pytest.mark.django_db
def test_lines_are_read_down_before_across(cast: Cast) -> None:
    for number in range(56):
        make_member(cast.branch_a, f"党员{number}")
    lines = show_rows(line_days(posted(cast)), inside=False)
    layout, sheets = choose_layout("A3", len(lines))
    (page,) = lay_out(lines, layout, sheets)
    numbers = [[entry.number if entry else 0 for entry in row] for row in page.rows]
    assert numbers[0] == [1, 31]
    assert numbers[-1] == [30, 60]


def test_the_qr_code_is_a_drawing() -> None:
    assert draw_qr_code(ADDRESS).startswith("<svg")
    assert draw_qr_code(ADDRESS) != draw_qr_code(ADDRESS + "y")


# --- 公示情况说明 ---


@pytest.mark.django_db
def test_the_paper_of_a_closed_notice(cast: Cast) -> None:
    notice = prepared(cast)
    post_notice(
        actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=["chat"], posted_on=JULY_7, photo="a" * 64
    )
    notice = posted(cast, notice)
    correction = corrected(cast, notice.review, cast.member_a, now=at(7, 9))
    post_revised_lines(actor=cast.secretary_a, now=at(7, 10), notice=notice, posted_on=date(2025, 7, 10))
    about = {
        "notice": notice,
        "taken_by": cast.recorder_a,
        "at": at(7, 8),
        "received_on": date(2025, 7, 8),
        "answered_at": at(7, 9),
        "answered_by": cast.secretary_a,
        "answer": "答复里有张伟的名字",
    }
    Objection.objects.create(
        receipt="1", via="paper", objector_name="举报人", text="有误", answer_kind="explained", **about
    )
    Objection.objects.create(
        receipt="2", via="phone", text="又有误", answer_kind="corrected", correction=correction, **about
    )
    Objection.objects.create(
        receipt="3", via="portal", text="书记的", answer_kind="explained", to_town_at=at(7, 8), **about
    )
    with pytest.raises(NoticeRefused, match="结束后"):
        write_summary(notice=notice)
    notice = close_notice(actor=cast.secretary_a, now=at(7, 16), notice=notice, photo="b" * 64)
    text = read_text(write_summary(notice=notice))
    for part in (
        "关于一支部党员2025年上半年积分公示情况说明",
        "2025年7月5日召开会议（应到3人，实到3人），核定了4名党员的2025年上半年积分",
        "规定的公示渠道：公开栏",
        "微信群2025年7月7日甲书记有公开栏2025年7月7日甲书记无",
        "公示自2025年7月7日全部规定渠道发布起，至2025年7月15日（含当日），不少于5天",
        "2025年7月16日结束公示（有期满现场照片）。现场照片2张附后",
        "支部共办理异议2件（书面1件、电话1件），全部已书面答复：解释说明1件、更正1件。",
        "涉及支部书记、记录员的异议由镇党建办受理和答复，材料由镇党建办存档，不在本说明之内。",
        "12025年7月8日书面2025年7月9日解释说明22025年7月8日电话2025年7月9日更正涉及支部书记",
        "不在本说明之内。三、更正",
        "更正的积分1条，2025年7月10日发布，公示至2025年7月15日（含当日）",
        "异议均已答复，2025年上半年积分自2025年7月16日起定稿",
        "记录员（签字）：",
        "（党支部盖章）",
    ):
        assert squeeze(part) in text
    for secret in ("举报人", "有误", "张伟", "漏登"):
        assert secret not in text
    reopen_review(actor=cast.staff, now=at(8, 1), review=notice.review, reason="漏登")
    with pytest.raises(NoticeRefused):
        write_summary(notice=Notice.objects.get())


@pytest.mark.django_db
def test_the_paper_of_a_quiet_notice(cast: Cast) -> None:
    notice = close_notice(actor=cast.secretary_a, now=at(7, 15), notice=posted(cast))
    text = read_text(write_summary(notice=notice))
    assert "公示期间没有由支部办理的异议。" in text
    assert "公示期间没有更正。" in text
    assert "未存现场照片。" in text
    assert "公示期满，没有待答复的异议，2025年上半年积分自2025年7月15日起定稿" in text
