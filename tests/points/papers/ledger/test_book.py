"""台账 of a month and a quarter: what it lists is what the ledger holds, and every table adds up."""

from __future__ import annotations

from datetime import date

import pytest

from members.models import Membership
from points.errors import NoRulebook, NothingToPrint
from points.meetings.holding import record_meeting
from points.models import Attendance, Review
from points.papers.ledger.book import write_ledger
from points.papers.ledger.reading import BranchLedger, read_ledger
from points.papers.meetings.dues_book import add_dues, read_dues_rows
from points.records.recording import record_events
from points.rules.payments import Payment
from tests.cast import Cast
from tests.factories import NOW, base_entry, incentive_entry, make_branch
from tests.points.papers.pdf_text import read_pages, read_text, squeeze

Status = Attendance.Status


@pytest.fixture
def played(cast: Cast) -> Cast:
    """A meeting of March and one of February, dues of three months, records of two."""
    zhang, li, zeng = cast.members_a
    for day, statuses in (
        (date(2026, 2, 10), {zhang.pk: Status.ATTENDED, li.pk: Status.ATTENDED, zeng.pk: Status.ABSENT}),
        (date(2026, 3, 10), {zhang.pk: Status.ATTENDED, li.pk: Status.EXCUSED, zeng.pk: Status.HOME_VISIT}),
    ):
        record_meeting(
            actor=cast.recorder_a,
            now=NOW,
            branch=cast.branch_a,
            held_on=day,
            kinds=[("party_day", f"{day:%Y-%m}")],
            statuses=statuses,
            topic=f"{day.month}月主题党日",
            place="村部会议室",
            host="甲书记",
            minutes="",
        )
    entries = [
        base_entry(zhang, "dues", "2026-01"),
        base_entry(zhang, "dues", "2026-03", date(2026, 3, 8), payment=Payment(500, 1000, "张小红")),
        base_entry(li, "dues", "2026-03", date(2026, 3, 9), payment=Payment(20, 20)),
        incentive_entry(li, "volunteering", 20, date(2026, 2, 20)),
        incentive_entry(zhang, "volunteering", 15, date(2026, 3, 2)),
        incentive_entry(zeng, "volunteering", 10, date(2026, 3, 3), led=True),
    ]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    return cast


def read(cast: Cast, period: str) -> BranchLedger:
    return read_ledger(branch=cast.branch_a, period=period, now=NOW)


def test_a_month_lists_what_was_held_with_who_was_expected_and_excused(played: Cast) -> None:
    [row] = read(played, "2026-03").meetings
    assert (row.held_on, row.topic, row.place, row.host) == (
        date(2026, 3, 10),
        "3月主题党日",
        "村部会议室",
        "甲书记",
    )
    assert (row.expected, row.present, row.beside, row.excused, row.absent) == (3, 1, 1, 1, 0)


def test_the_dues_of_a_month_and_a_quarter_add_up(played: Cast) -> None:
    month = read(played, "2026-03")
    assert month.dues is not None
    assert [(row.name, [paid and paid.on for paid in row.months]) for row in month.dues] == [
        ("张伟", [date(2026, 3, 8)]),
        ("李娜", [date(2026, 3, 9)]),
        ("曾国华", [None]),
    ]
    assert month.dues[0].payers == ((3, "张小红"),)
    assert (month.all_dues.payments, month.all_dues.due, month.all_dues.paid) == (2, "5.20", "10.20")
    quarter = read(played, "2026Q1")
    assert quarter.months == (1, 2, 3)
    assert [total.payments for total in quarter.dues_totals] == [1, 0, 2]
    assert (quarter.all_dues.payments, quarter.all_dues.without_amounts) == (3, 1)


def test_the_records_and_their_totals_add_up(played: Cast) -> None:
    month = read(played, "2026-03")
    assert [(row.day, row.name, row.points, row.files, row.remark) for row in month.points] == [
        (date(2026, 3, 2), "张伟", 15, 0, ""),
        (date(2026, 3, 3), "曾国华", 20, 0, "带头作用，双倍"),
    ]
    quarter = read(played, "2026Q1")
    assert [(row.name, row.points) for row in quarter.points] == [("李娜", 20), ("张伟", 15), ("曾国华", 20)]
    assert [(total.records, total.points) for total in quarter.item_totals] == [(3, 55)]
    assert (quarter.all_points.records, quarter.all_points.shown, quarter.rewarded) == (3, "5.5", 3)
    assert (quarter.attendance.expected, quarter.attendance.took_part, quarter.attendance.absent) == (6, 4, 1)


def test_whoever_left_stands_with_what_was_theirs_here_and_nothing_stands_in_both_branches(played: Cast) -> None:
    """D16: what a branch collected and recorded stays in its book, the new branch's begins with the move."""
    zhang, _li, zeng = played.members_a
    Membership.objects.create(member=zhang, branch=played.branch_b, from_date=date(2026, 2, 15), why="moved")
    Membership.objects.create(member=zeng, branch=None, from_date=date(2026, 3, 4), why="removed")
    ledgers = [read_ledger(branch=branch, period="2026Q1", now=NOW) for branch in (played.branch_a, played.branch_b)]
    here, there = ledgers
    assert here.dues is not None
    assert there.dues is not None
    assert [(row.name, [paid is not None for paid in row.months], row.note) for row in here.dues] == [
        ("李娜", [False, False, True], ""),
        ("张伟", [True, False, False], "2月15日起不在本支部"),
        ("曾国华", [False, False, False], "3月4日起不在本支部"),
    ]
    assert [(row.name, [paid is not None for paid in row.months], row.note) for row in there.dues if row.note] == [
        ("张伟", [False, False, True], "2月15日起在本支部"),
    ]
    assert sum(ledger.all_dues.payments for ledger in ledgers) == 3
    assert [(row.name, row.points) for row in here.points] == [("李娜", 20), ("曾国华", 20)]
    assert [(row.name, row.points) for row in there.points] == [("张伟", 15)]
    assert (here.members, there.members) == (1, 1 + len(played.members_b))
    # Before the move, and of a month in which nobody left, everything is as it was.
    january = read(played, "2026-01").dues
    assert january is not None
    assert [(row.name, row.note) for row in january] == [("张伟", ""), ("李娜", ""), ("曾国华", "")]
    text = read_text(write_ledger(branch=played.branch_a, period="2026Q1", now=NOW))
    assert "除名" not in text
    assert "1人（正式党员1人）" in text
    year = read_dues_rows(branch=played.branch_a, year=2026, now=NOW)
    assert [(row.name, add_dues(row.months).payments) for row in year] == [("李娜", 1), ("张伟", 1), ("曾国华", 0)]


def test_the_paper_says_period_state_and_sums(played: Cast) -> None:
    pages = read_pages(write_ledger(branch=played.branch_a, period="2026Q1", now=NOW))
    text = squeeze("".join(pages))
    for part in (
        "党支部季度工作台账",
        "2026年第1季度（截至3月15日）",
        "2026年上半年积分：未定稿（半年尚未结束）",
        "2月主题党日",
        "合计2次63111",
        "3条5.50",
        "2次，应到6人次，参加4人次",
        "3人次，应交5.20元，实交10.20元",
        "3人，3条，5.5分",
        "不含没有登记金额的1人次",
    ):
        assert part in text, part


def test_a_month_whose_half_is_final_says_so(played: Cast) -> None:
    state = "2026年上半年积分：已定稿"
    assert state not in read_text(write_ledger(branch=played.branch_a, period="2026-02", now=NOW))
    Review.objects.create(branch=played.branch_a, year=2026, half="H1", state=Review.State.FINAL)
    text = read_text(write_ledger(branch=played.branch_a, period="2026-02", now=NOW))
    assert state in text
    assert "党支部月度工作台账" in text
    assert "3月主题党日" not in text


def test_there_is_nothing_to_print_of_an_empty_branch_or_a_year_without_a_rulebook(cast: Cast) -> None:
    with pytest.raises(NothingToPrint, match="空支部"):
        write_ledger(branch=make_branch(cast.town, "空支部"), period="2026-03", now=NOW)
    with pytest.raises(NoRulebook):
        write_ledger(branch=cast.branch_a, period="2019-03", now=NOW)
