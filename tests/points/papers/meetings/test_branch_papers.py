"""The branch's own papers: sign-in sheet, meeting record and dues book say what the ledger holds."""

from __future__ import annotations

from datetime import date

import pytest

from members.models import Membership
from points.errors import NothingToPrint
from points.meetings.holding import record_meeting
from points.models import Attendance
from points.papers.meetings.dues_book import DuesPaid, add_dues, read_dues_rows, write_dues_book
from points.papers.meetings.meeting_record import write_meeting_record
from points.papers.meetings.sign_in_sheet import write_sign_in_sheet
from points.records.recording import record_events
from points.rules.payments import Payment
from tests.cast import Cast
from tests.factories import NOW, base_entry, make_branch, make_member
from tests.points.papers.pdf_text import read_pages, squeeze

Status = Attendance.Status


def test_the_sign_in_sheet_has_a_place_for_everybody(cast: Cast) -> None:
    for number in range(57):
        make_member(cast.branch_a, f"党员{number:02}")
    pages = read_pages(write_sign_in_sheet(branch=cast.branch_a, month="2026-03", now=NOW))
    assert len(pages) == 2
    text = squeeze("".join(pages))
    assert "党员会议签到表" in text
    assert "支部党员60人" in text
    assert all(f"党员{number:02}" in text for number in range(57))
    assert "王五" not in text


def test_the_sign_in_sheet_of_an_earlier_month_has_its_members(cast: Cast) -> None:
    make_member(cast.branch_a, "新党员", since=date(2026, 3, 2), why=Membership.Why.ADMITTED)
    text = squeeze("".join(read_pages(write_sign_in_sheet(branch=cast.branch_a, month="2026-02", now=NOW))))
    assert "张伟" in text
    assert "新党员" not in text


def test_the_meeting_record_says_who_was_there(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 10),
        kinds=[("party_day", "2026-03"), ("lecture", "2026Q1")],
        statuses={zhang.pk: Status.ATTENDED, li.pk: Status.EXCUSED, zeng.pk: Status.HOME_VISIT},
        topic="学习条例",
        place="村部会议室",
        host="甲书记",
        minutes="一、学习\n二、讨论",
    )
    text = squeeze("".join(read_pages(write_meeting_record(meeting=meeting, now=NOW))))
    for part in (
        "2026年3月10日",
        "村部会议室",
        "甲书记",
        "学习条例",
        "党员活动日（2026年3月）、党课（2026年第1季度）",
        "应到3人，实到1人，送学上门1人，请假1人，缺席0人",
        "送学上门曾国华",
        "请假人员李娜",
        "缺席人员无",
        "二、讨论",
        "记录人（签字）",
    ):
        assert squeeze(part) in text, part


def test_the_dues_book_has_the_day_of_each_month(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    entries = [
        base_entry(zhang, "dues", "2026-01"),
        base_entry(zhang, "dues", "2026-02", date(2026, 2, 8)),
        base_entry(li, "dues", "2026-01", date(2026, 3, 1)),
        base_entry(zeng, "dues", "2026-03", NOW.date()),
    ]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    rows = read_dues_rows(branch=cast.branch_a, year=2026, now=NOW)
    assert [(row.name, [month and (month.on, month.recorded_on) for month in row.months[:3]]) for row in rows] == [
        ("张伟", [(date(2026, 1, 10), NOW.date()), (date(2026, 2, 8), NOW.date()), None]),
        ("李娜", [(date(2026, 3, 1), NOW.date()), None, None]),
        ("曾国华", [None, None, (NOW.date(), NOW.date())]),
    ]
    text = squeeze("".join(read_pages(write_dues_book(branch=cast.branch_a, year=2026, now=NOW))))
    assert "党支部党费收缴登记表" in text
    assert "1.102.81张伟登3.15登3.15" in text  # the day of recording on a line of its own
    assert "曾国华3.15合计" in text
    assert "合计2人1人1人" in text
    assert "全年4人次" in text
    assert "应交" not in text
    assert "应交合计" not in text
    assert text.count("上缴金额") == 2  # the row to fill in, and the legend
    assert text.count("上缴日期") == 2


def test_the_dues_book_says_how_much_and_by_whom_where_it_was_entered(cast: Cast) -> None:
    zhang, li, zeng = cast.members_a
    entries = [
        base_entry(zhang, day=NOW.date(), payment=Payment(500, 1000, "张小红")),
        base_entry(li, day=NOW.date(), payment=Payment(20, 20)),
        base_entry(zeng, day=NOW.date()),
    ]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    text = squeeze("".join(read_pages(write_dues_book(branch=cast.branch_a, year=2026, now=NOW))))
    for part in ("应交5.00", "实交10.00代交人张小红", "应交0.20", "实交0.20"):
        assert text.count(part) == 1, part
    assert text.count("代交") == 1
    assert "“应交”“实交”以元为单位，合计不含没有登记金额的1人次" in text
    assert "应交合计5.20全年5.20" in text
    assert "实交合计10.20全年10.20" in text


def test_the_sums_of_the_dues_are_those_of_the_amounts_entered() -> None:
    day = NOW.date()
    paid = [DuesPaid(day, day, Payment(*given)) for given in ((500, 1000, "张小红"), (20, 20), (None, None))]
    total = add_dues([*paid, None])
    assert (total.payments, total.due, total.paid, total.without_amounts) == (3, "5.20", "10.20", 1)
    assert not add_dues([paid[2]]).has_amounts
    assert not add_dues([None]).has_amounts


def test_a_branch_without_members_has_nothing_to_print(cast: Cast) -> None:
    empty = make_branch(cast.town, "空支部")
    with pytest.raises(NothingToPrint):
        write_sign_in_sheet(branch=empty, month="2026-03", now=NOW)
    with pytest.raises(NothingToPrint):
        write_dues_book(branch=empty, year=2026, now=NOW)
