"""The member is told, answers, and only then the branch decides; five working days where nobody answered (D18, D26)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from members.errors import UnknownWorkYear
from members.models import Notification, WorkDay
from members.places.workdays import TownCalendar
from points.errors import DaysNotOver, FindingNotReady, FutureDate, PaperMissing
from points.models import EvidenceLink
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY, make_batch
from tests.veto.hearings import PAPER
from tests.veto.hearings import dismiss as dismiss_finding
from tests.veto.hearings import tell as tell_member
from tests.veto.proposals import (
    FOUND,
    TOLD,
    Kind,
    Way,
    answer,
    confirm,
    propose,
    tell,
    told_of,
    told_with,
)
from veto.hearing_days import last_day_to_answer, read_answer_time
from veto.hearings import (
    Delivery,
    Meeting,
    answer_own_finding,
    postpone_meeting,
)
from veto.models import Answer, Deduction, Finding, Telling


def test_each_step_names_what_comes_next(cast: Cast, finding: Deduction) -> None:
    steps = [finding.step]
    tell(cast, finding)
    finding.refresh_from_db()
    steps.append(finding.step)
    assert list(Deduction.objects.at_step("to_answer")) == [finding]
    answer(cast, finding, Kind.WAIVED)
    finding.refresh_from_db()
    steps.append(finding.step)
    assert list(Deduction.objects.at_step("to_decide")) == [finding]
    confirm(cast, finding, TODAY)
    finding.refresh_from_db()
    assert [*steps, finding.step] == ["to_tell", "to_answer", "to_decide", None]
    assert finding.state == Finding.State.CONFIRMED
    assert not any(Deduction.objects.at_step(step) for step in ("to_clear", "to_tell", "to_answer", "to_decide"))


def test_the_member_is_told_once_and_learns_no_ground_from_it(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    (row,) = Notification.objects.filter(user=cast.member_user_a)
    assert (row.kind, row.link, row.branch, row.period) == (
        "hearing_asked",
        f"/hearings/{finding.uuid}/",
        cast.branch_a,
        "",
    )
    with pytest.raises(FindingNotReady):
        tell(cast, finding)
    with pytest.raises(FindingNotReady):
        tell(cast, finding, FOUND - timedelta(days=1))
    with pytest.raises(FutureDate):
        tell(cast, finding, TODAY + timedelta(days=1))
    assert told_of(cast.member_user_a) == ["hearing_asked"]


def test_nobody_is_told_before_it_was_proposed(cast: Cast) -> None:
    finding = propose(cast, now=NOW)
    with pytest.raises(FindingNotReady, match="提出"):
        tell(cast, finding, TODAY - timedelta(days=1))


def test_the_notice_names_day_hour_and_place_after_the_last_day_to_answer(cast: Cast, finding: Deduction) -> None:
    last = date(2026, 2, 10)
    assert last_day_to_answer(TOLD, TownCalendar(cast.town)) == last
    for meeting in (None, Meeting(datetime(2026, 2, 11, 15, tzinfo=SHANGHAI), "  ")):
        with pytest.raises(FindingNotReady, match="地点"):
            told_with(cast, finding, meeting)
    with pytest.raises(FindingNotReady, match="2026-02-10"):
        told_with(cast, finding, Meeting(datetime(2026, 2, 10, 20, tzinfo=SHANGHAI), "村部"))
    told_with(cast, finding, Meeting(datetime(2026, 2, 11, 8, tzinfo=SHANGHAI), " 村部 "))
    finding.refresh_from_db()
    assert finding.told is not None
    assert (finding.told.meets_at, finding.told.place, finding.told.entered_by) == (
        datetime(2026, 2, 11, 8, tzinfo=SHANGHAI),
        "村部",
        cast.recorder_a,
    )


def test_what_was_given_on_an_earlier_day_needs_its_receipt(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(PaperMissing, match="回执"):
        tell(cast, finding, receipt=[])
    assert not Telling.objects.exists()
    tell(cast, finding)
    assert EvidenceLink.objects.get(deduction=finding).file == Telling.objects.get().scan


def test_on_the_day_itself_the_receipt_may_stay_on_paper(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding, TODAY, receipt=[])
    assert Telling.objects.get().scan is None


@pytest.mark.parametrize("way", [Way.POST, Way.MESSAGE])
def test_who_is_away_has_ten_working_days_and_a_receipt(way: str, cast: Cast, finding: Deduction) -> None:
    with pytest.raises(PaperMissing):
        tell(cast, finding, TODAY, way=way, receipt=[])
    tell(cast, finding, date(2026, 3, 2), way=way)
    finding.refresh_from_db()
    time = read_answer_time(finding)
    assert (time.last_day, time.days) == (date(2026, 3, 16), 10)


def test_a_postponed_meeting_is_told_anew_and_the_days_to_answer_stay(cast: Cast, finding: Deduction) -> None:
    def postpone(day: int) -> None:
        postpone_meeting(
            actor=cast.recorder_a,
            now=NOW,
            finding=finding,
            delivery=Delivery(TODAY),
            meeting=Meeting(datetime(2026, 3, day, 15, tzinfo=SHANGHAI), "镇政府会议室"),
        )

    with pytest.raises(FindingNotReady):
        postpone(20)
    tell(cast, finding)
    answer(cast, finding, Kind.STATEMENT, statement="不是我")
    postpone(20)
    finding.refresh_from_db()
    assert finding.told is not None
    assert (finding.notified_on, finding.told.place) == (TOLD, "镇政府会议室")
    assert read_answer_time(finding).last_day == date(2026, 2, 10)
    assert told_of(cast.member_user_a) == ["hearing_asked", "answer_entered", "hearing_asked"]
    with pytest.raises(DaysNotOver, match="2026-03-20"):
        confirm(cast, finding, TODAY)


def test_a_meeting_is_put_off_never_brought_forward_unless_the_member_agreed(cast: Cast) -> None:
    """The days of the first notice and of the second are both kept: it was confirmed a month before it was told of."""
    waiting, agreed = propose(cast), propose(cast)
    for finding, agrees in ((waiting, False), (agreed, True)):
        tell(cast, finding, meeting=Meeting(datetime(2026, 6, 20, 15, tzinfo=SHANGHAI), "村部"))
        answer(cast, finding, Kind.STATEMENT, statement="不是我", agrees_earlier=agrees, papers=[PAPER])

    def bring_to(finding: Deduction, day: date) -> None:
        at = datetime(day.year, day.month, day.day, 15, tzinfo=SHANGHAI)
        delivery = Delivery(TODAY, receipt=[PAPER])
        postpone_meeting(
            actor=cast.recorder_a, now=NOW, finding=finding, delivery=delivery, meeting=Meeting(at, "村部")
        )

    for finding in (waiting, agreed):
        with pytest.raises(FindingNotReady, match="先告知本人"):
            bring_to(finding, date(2026, 2, 11))
    with pytest.raises(FindingNotReady, match="2026-06-20"):
        bring_to(waiting, date(2026, 4, 1))
    bring_to(agreed, date(2026, 4, 1))
    bring_to(waiting, date(2026, 7, 1))
    for finding, month in ((waiting, 7), (agreed, 4)):
        finding.refresh_from_db()
        assert finding.told is not None
        assert finding.told.meets_at is not None
        assert finding.told.meets_at.month == month


def test_nothing_is_answered_before_the_member_was_told(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(FindingNotReady, match="告知"):
        answer(cast, finding, Kind.WAIVED)
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, kind=Kind.WAIVED)


# Five working days

DAYS = {
    "an ordinary week": (date(2026, 3, 2), date(2026, 3, 9)),
    "over a weekend": (date(2026, 3, 5), date(2026, 3, 12)),
    "told on a Saturday": (date(2026, 3, 7), date(2026, 3, 13)),
    # Spring Festival 2026: 15 to 23 February off, Saturdays 14 and 28 February worked.
    "over Spring Festival": (date(2026, 2, 11), date(2026, 2, 25)),
    "over the National Day of 2025": (date(2025, 9, 29), date(2025, 10, 13)),
}


@pytest.mark.parametrize(("told", "last"), DAYS.values(), ids=DAYS)
def test_the_fifth_working_day(told: date, last: date, cast: Cast) -> None:
    assert last_day_to_answer(told, TownCalendar(cast.town)) == last


def test_silence_is_entered_after_the_fifth_working_day_and_not_a_day_before(cast: Cast) -> None:
    finding = propose(cast, now=datetime(2026, 3, 2, 8, tzinfo=SHANGHAI))
    tell(cast, finding, date(2026, 3, 2))
    for early in (date(2026, 3, 2), date(2026, 3, 9)):
        with pytest.raises(DaysNotOver, match="2026-03-09"):
            answer(cast, finding, Kind.LAPSED, early)
    with pytest.raises(FutureDate):
        answer(cast, finding, Kind.LAPSED, date(2026, 3, 10), now=datetime(2026, 3, 9, 9, tzinfo=SHANGHAI))
    answer(cast, finding, Kind.LAPSED, date(2026, 3, 10))
    with pytest.raises(FindingNotReady):
        confirm(cast, finding, date(2026, 3, 9))
    confirm(cast, finding, date(2026, 3, 10))
    finding.refresh_from_db()
    assert finding.state == "confirmed"


def test_a_waiver_on_paper_needs_the_paper(cast: Cast, finding: Deduction) -> None:
    """P1: "waived" was a word that anybody could enter."""
    tell(cast, finding)
    with pytest.raises(PaperMissing, match="签"):
        answer(cast, finding, Kind.WAIVED, papers=[])
    with pytest.raises(PaperMissing):
        answer(cast, finding, Kind.STATEMENT, statement="不是我", agrees_earlier=True)
    assert not Answer.objects.exists()
    answer(cast, finding, Kind.WAIVED)
    assert Answer.objects.get().scan is not None


@pytest.mark.parametrize("given", [Kind.STATEMENT, Kind.WAIVED])
def test_before_the_printed_day_only_where_the_member_agreed(given: Answer.Kind, cast: Cast) -> None:
    said = "不是我" if given == Kind.STATEMENT else ""
    waiting, agreed = propose(cast), propose(cast)
    for finding, agrees in ((waiting, False), (agreed, True)):
        tell(cast, finding)
        answer(cast, finding, given, statement=said, agrees_earlier=agrees, papers=[PAPER])
    with pytest.raises(DaysNotOver, match="2026-02-11"):
        confirm(cast, waiting, date(2026, 2, 10))
    confirm(cast, agreed, TOLD)
    confirm(cast, waiting, date(2026, 2, 11))
    assert Deduction.objects.confirmed().count() == 2


def test_silence_is_no_answer_and_nothing_is_confirmed_on_it(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    with pytest.raises(FindingNotReady, match="听取"):
        confirm(cast, finding, TODAY)
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)  # in the member's favour


def test_a_year_nobody_knows_the_days_off_of_is_said_in_words(cast: Cast) -> None:
    finding = Deduction.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=cast.member_a,
        item="gambling",
        date=date(2031, 1, 6),
        particulars="当场查实",
    )
    now = datetime(2031, 3, 1, 9, tzinfo=SHANGHAI)
    meeting = Meeting(datetime(2031, 1, 15, 9, tzinfo=SHANGHAI), "村部")
    with pytest.raises(UnknownWorkYear, match="2031"):
        tell_member(actor=cast.recorder_a, now=now, finding=finding, notified_on=date(2031, 1, 6), meeting=meeting)
    Deduction.objects.filter(pk=finding.pk).update(notified_on=date(2031, 1, 6))
    finding.refresh_from_db()
    time = read_answer_time(finding)
    assert time.last_day is None
    assert "2031" in time.problem
    WorkDay.objects.create(town=cast.town, day=date(2031, 1, 8), is_worked=False, name="放假")
    assert read_answer_time(finding).last_day == date(2031, 1, 14)  # one day off, one weekend


WITNESSES: dict[str, tuple[str, ...]] = {
    "none": (),
    "one": ("李娜",),
    "the same twice": ("李娜", " 李娜 "),
    "three": ("李娜", "曾国华", "王五"),
    "the member themselves": ("李娜", "张伟"),
    "an endless name": ("李娜", "长" * 41),
    "two officers": ("甲书记", "甲记录员"),
}


@pytest.mark.parametrize("names", WITNESSES.values(), ids=WITNESSES)
def test_a_refusal_to_sign_has_two_witnesses_one_of_them_no_officer(
    names: tuple[str, ...], cast: Cast, finding: Deduction
) -> None:
    with pytest.raises(FindingNotReady):
        tell(cast, finding, way=Way.REFUSED, witnesses=names)
    assert not Telling.objects.exists()
    tell(cast, finding, way=Way.REFUSED, witnesses=("甲书记", " 曾国华 "))
    assert Telling.objects.get().witnesses == "甲书记、曾国华"


def test_witnesses_belong_to_a_refusal(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(FindingNotReady):
        tell(cast, finding, witnesses=("李娜", "曾国华"))


REFUSALS: dict[str, tuple[Answer.Kind, dict[str, Any]]] = {
    "a waiver with a statement": (Kind.WAIVED, {"statement": "不同意"}),
    "a statement without words": (Kind.STATEMENT, {"statement": "  "}),
    "silence with a statement": (Kind.LAPSED, {"statement": "不同意"}),
    "silence that agreed": (Kind.LAPSED, {"agrees_earlier": True, "papers": [PAPER]}),
}


@pytest.mark.parametrize(("given", "more"), REFUSALS.values(), ids=REFUSALS)
def test_a_contradictory_answer_writes_nothing(
    given: Answer.Kind, more: dict[str, Any], cast: Cast, finding: Deduction
) -> None:
    tell(cast, finding)
    with pytest.raises(FindingNotReady):
        answer(cast, finding, given, TODAY, **more)
    assert not Answer.objects.exists()
