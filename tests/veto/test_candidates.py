"""Rows of months, by value: what counts, what breaks, what does neither; and to the day (D17)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from members.models import Branch, Exemption, Member, Membership
from points.models import Attendance, Meeting
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_batch, make_event, make_member, make_membership
from tests.pages import browse
from tests.work import count_queries
from veto.candidates import MonthFacts, find_candidates, find_dues_row, find_row, months_before

MISSED: dict[str, Any] = {"held": 1, "expected": 1}
WORDS: dict[str, dict[str, Any]] = {
    "m": MISSED,
    "t": {"held": 2, "expected": 2, "took_part": 1},
    "e": {"held": 2, "expected": 2, "excused": 1},
    "r": {"held": 1, "expected": 1, "recorded": 1},
    "n": {},
    "h": {"held": 1},
    "x": {**MISSED, "in_scope": False},
}
"""m missed, t took part once, e excused once, r base record, n nothing held, h held without them expected, x out."""

ROWS = {
    "mmmmmm": 6,
    "mmmmm": 5,
    "mmm": 3,
    "tmmmmm": 5,
    "mmmtmmm": 3,
    "mmmemmm": 3,
    "mmmrmmm": 3,
    "mmmxmmm": 3,
    "mmmnmmm": 6,
    "mmmhmmm": 6,
    "nnmmmnnnmmmnn": 6,
    "mmmmmmt": 0,
    "mmmmmme": 0,
    "mmmmmmr": 0,
    "mmmmmmx": 0,
    "mmmmmmm": 7,
    "nnn": 0,
    "": 0,
}


@pytest.mark.parametrize(("word", "missed"), ROWS.items(), ids=lambda value: str(value))
def test_rows_by_value(word: str, missed: int) -> None:
    """Up to March 2026, so that the longer ones run over the year's end."""
    months = months_before(date(2026, 3, 31), len(word)) if word else ()
    facts = [MonthFacts(month, **WORDS[letter]) for month, letter in zip(months, word, strict=True)]
    row = find_row(facts, on=date(2026, 4, 1))
    assert row.missed == missed
    assert (row.is_reminder, row.is_candidate) == (missed >= 3, missed >= 6)


def test_a_row_names_its_first_and_last_missed_month() -> None:
    facts = [
        MonthFacts(month, **WORDS[letter])
        for month, letter in zip(months_before(date(2026, 3, 31), 9), "nmmnmmmmn", strict=True)
    ]
    months = [each.month for each in find_row(facts, on=date(2026, 4, 1)).months]
    assert months == ["2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]


def test_on_the_day_and_not_a_day_before() -> None:
    facts = [MonthFacts(month, **MISSED) for month in months_before(date(2026, 3, 31), 6)]
    assert find_row(facts, on=date(2026, 3, 31)).missed == 5
    assert not find_row(facts, on=date(2026, 3, 31)).is_candidate
    assert find_row(facts, on=date(2026, 4, 1)).is_candidate


def test_the_running_month_can_break_a_row_and_not_lengthen_it() -> None:
    earlier = [MonthFacts(month, **MISSED) for month in months_before(date(2026, 2, 28), 6)]
    for letter, missed in (("m", 6), ("n", 6), ("t", 0), ("e", 0), ("r", 0)):
        assert find_row([*earlier, MonthFacts("2026-03", **WORDS[letter])], on=date(2026, 3, 15)).missed == missed


DUES = {
    "six unpaid": ("mmmmmm", 6),
    "a payment between": ("mmmpmm", 2),
    "a month nobody's dues were recorded in": ("mmmnmm", 5),
    "out of the scheme between": ("mmmxmmm", 3),
    "paid lately": ("mmmmmmp", 0),
}


@pytest.mark.parametrize(("word", "owed"), DUES.values(), ids=DUES)
def test_open_dues_by_value(word: str, owed: int) -> None:
    months = months_before(date(2026, 3, 31), len(word))
    by = {letter: frozenset(m for m, got in zip(months, word, strict=True) if got == letter) for letter in "mpnx"}
    row = find_dues_row(
        ["" if month in by["x"] else month for month in months],
        recorded=by["m"] | by["p"] | by["x"],
        paid=by["p"],
        on=date(2026, 4, 1),
    )
    assert len(row) == owed


def test_dues_of_the_running_month_are_not_open_yet() -> None:
    months = months_before(date(2026, 3, 31), 7)
    row = find_dues_row(months, recorded=frozenset(months), paid=frozenset(), on=date(2026, 3, 31))
    assert (len(row), row[-1]) == (6, "2026-02")
    assert find_dues_row(months, recorded=frozenset(months), paid=frozenset({"2026-03"}), on=date(2026, 3, 31)) == ()


# Over the rows of a branch

Status = Attendance.Status
SIX = ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02")


def hold(cast: Cast, month: str, branch: Branch | None = None, **statuses: Any) -> Meeting:
    """A meeting on the 10th; by name how each of the branch's members took part, absent where nothing is said."""
    branch = branch or cast.branch_a
    batch = make_batch(cast.recorder_a, cast.town, branch)
    meeting = Meeting.objects.create(batch=batch, branch=branch, held_on=date.fromisoformat(f"{month}-10"))
    for name, status in statuses.items():
        member = Member.objects.get(name=name, town=cast.town)
        Attendance.objects.create(batch=batch, meeting=meeting, member=member, status=status)
    return meeting


def absent_for(cast: Cast, months: tuple[str, ...]) -> None:
    for month in months:
        hold(cast, month, 张伟=Status.ABSENT, 李娜=Status.ATTENDED)


def found(cast: Cast, on: date = TODAY) -> dict[str, tuple[int, int]]:
    candidates = find_candidates(Member.objects.filter(town=cast.town), on=on)
    return {each.member.name: (each.absence.missed, len(each.dues)) for each in candidates}


def test_six_months_over_the_years_end_show_on_the_first_of_the_next(cast: Cast) -> None:
    absent_for(cast, SIX)
    (candidate,) = find_candidates(Member.objects.filter(town=cast.town), on=NOW.date())
    assert (candidate.member, candidate.branch, candidate.is_urgent) == (cast.member_a, cast.branch_a, True)
    assert [(each.month, each.held, each.expected, each.took_part) for each in candidate.absence.months] == [
        (month, 1, 1, 0) for month in SIX
    ]
    assert found(cast, date(2026, 2, 28)) == {"张伟": (5, 0)}
    assert found(cast, date(2026, 3, 1)) == {"张伟": (6, 0)}


def test_three_months_are_a_reminder_and_two_are_nothing(cast: Cast) -> None:
    absent_for(cast, SIX[-3:])
    assert found(cast) == {"张伟": (3, 0)}
    assert found(cast, date(2026, 2, 28)) == {}


def test_any_way_of_taking_part_and_an_excuse_break_the_row(cast: Cast) -> None:
    absent_for(cast, SIX)
    for status in (*Attendance.EARNING, Status.EXCUSED):
        meeting = hold(cast, "2025-12", 张伟=status)
        assert found(cast) == {}, status  # two months remain after it
        meeting.attendances.update(voided_at=NOW, voided_by=cast.recorder_a, void_reason="录错")
        assert found(cast) == {"张伟": (6, 0)}


def test_a_base_record_is_taking_part(cast: Cast) -> None:
    absent_for(cast, SIX)
    make_event(
        make_batch(cast.recorder_a, cast.town), cast.member_a, "party_day", "2025-12", date=date(2026, 2, 5), year=2025
    )
    assert found(cast) == {}


def test_a_month_in_which_they_were_not_expected_counts_for_nothing(cast: Cast) -> None:
    absent_for(cast, SIX[:3])
    hold(cast, "2025-12", 李娜=Status.ATTENDED)
    absent_for(cast, SIX[4:])
    assert found(cast) == {"张伟": (5, 0)}


def test_months_exempt_or_off_the_roster_break_the_row(cast: Cast) -> None:
    absent_for(cast, SIX)
    exemption = Exemption.objects.create(
        member=cast.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2025, 11, 1),
        decided_on=date(2025, 11, 5),
        from_date=date(2025, 11, 5),
        ended_on=date(2025, 12, 2),
    )
    assert found(cast) == {"张伟": (3, 0)}
    exemption.delete()
    make_membership(cast.member_a, None, date(2025, 10, 20), Membership.Why.SUSPENDED)
    make_membership(cast.member_a, cast.branch_a, date(2025, 11, 20), Membership.Why.RESTORED)
    assert found(cast) == {"张伟": (4, 0)}
    make_membership(cast.member_a, None, date(2026, 3, 1), Membership.Why.TRANSFERRED_OUT)
    assert found(cast) == {}


def test_six_months_of_open_dues(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town)
    for month in SIX:
        for member in (*cast.members_a[1:], *cast.members_b):
            make_event(batch, member, "dues", month, year=int(month[:4]))
    assert found(cast) == {"张伟": (0, 6)}
    assert found(cast, date(2026, 2, 28)) == {}
    make_event(batch, cast.member_a, "dues", "2025-11", year=2025)
    assert found(cast) == {}


def test_a_branch_that_recorded_no_dues_owes_none(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town)
    for month in SIX:
        make_event(batch, cast.member_b, "dues", month, year=int(month[:4]))
    assert set(found(cast)) == {"钱进", "孙立"}


def test_a_town_costs_the_same_queries_as_three_members(cast: Cast) -> None:
    absent_for(cast, SIX)

    few = count_queries(lambda: found(cast))
    for number in range(40):
        make_member(cast.branch_b, f"员{number}")
    for month in SIX:
        hold(cast, month, cast.branch_b, **{f"员{number}": Status.ABSENT for number in range(40)})
    assert count_queries(lambda: found(cast)) == few
    assert len(found(cast)) == 41


# The page

PAGE = "workbench:candidates"


def test_who_sees_whom(cast: Cast) -> None:
    absent_for(cast, SIX)
    for month in SIX:
        hold(cast, month, cast.branch_b, 赵敏=Status.ABSENT)
    seen = {
        who: [
            name
            for name in ("张伟", "赵敏")
            if f"<h2>{name}" in browse(getattr(cast, who)).get(reverse(PAGE)).content.decode()
        ]
        for who in ("recorder_a", "secretary_a", "recorder_b", "staff", "supervisor", "other_staff")
    }
    assert seen == {
        "recorder_a": ["张伟"],
        "secretary_a": ["张伟"],
        "recorder_b": ["赵敏"],
        "staff": ["张伟", "赵敏"],
        "supervisor": ["张伟", "赵敏"],
        "other_staff": [],
    }


def test_a_branch_out_of_reach_is_answered_in_a_sentence(cast: Cast) -> None:
    absent_for(cast, SIX)
    for asked in (str(cast.branch_b.pk), "abc"):
        page = browse(cast.recorder_a).get(reverse(PAGE, query={"branch": asked})).content.decode()
        assert "所选支部不在您的范围内，现显示全部支部。" in page
        assert "<h2>张伟" in page
    page = browse(cast.recorder_a).get(reverse(PAGE, query={"branch": cast.branch_a.pk})).content.decode()
    assert "所选支部不在您的范围内" not in page


def test_the_page_reminds_and_leads_to_a_proposal_only_after_six_months(cast: Cast, clock: FrozenClock) -> None:
    absent_for(cast, SIX)
    page = browse(cast.recorder_a).get(reverse(PAGE)).content.decode()
    assert "需关心了解（系统提示，不作结论）" in page
    assert "prefill=1" in page
    for ground in ("absence", "dues_refusal", "无正当理由"):
        assert ground not in page.partition('class="wb"')[2]
    address = reverse("workbench:veto_vetorecord_propose") + f"?member={cast.member_a.pk}&prefill=1"
    form = browse(cast.recorder_a).get(address).context["form"]
    assert form.initial["ground"] == "absence"
    assert "2025年9月：应参加1次，参加0次" in form.initial["particulars"]
    assert (
        "ground" not in browse(cast.recorder_a).get(address.replace("prefill=1", "prefill=2")).context["form"].initial
    )
    assert "prefill" not in browse(cast.supervisor).get(reverse(PAGE)).content.decode()
    clock.now = NOW - timedelta(days=15)  # 28 February: five months are over
    page = browse(cast.recorder_a).get(reverse(PAGE)).content.decode()
    assert "<h2>张伟" in page
    assert "prefill" not in page
    assert "ground" not in browse(cast.recorder_a).get(address).context["form"].initial
