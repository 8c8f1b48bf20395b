"""The member is told, answers, and only then the branch decides; five working days where nobody answered (D18, D26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import NotAllowed, UnknownWorkYear
from members.models import AuditEntry, Notification, User, WorkDay
from members.places.workdays import TownCalendar
from points.errors import DaysNotOver, FindingNotReady, FutureDate, HeldBack
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, TODAY, make_batch, make_user
from veto.deciding import (
    clear_finding,
    confirm_finding,
    dismiss_finding,
    propose_deduction,
    revoke_finding,
    void_finding,
)
from veto.hearing_days import last_day_to_answer, read_answer_time
from veto.hearings import answer_own_finding, own_hearings, record_answer, tell_member
from veto.models import Deduction, Finding

FOUND = date(2026, 2, 1)
TOLD = date(2026, 2, 3)
Answer = Finding.Answer
WITNESSES = ("李娜", "曾国华")


@pytest.fixture
def finding(cast: Cast) -> Deduction:
    return propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="当场查实",
        papers="派出所登记",
    )


def tell(cast: Cast, finding: Finding, day: date = TOLD) -> None:
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=day)


def answer(cast: Cast, finding: Finding, given: Finding.Answer, day: date = TOLD, **more: Any) -> None:
    record_answer(actor=cast.recorder_a, now=NOW, finding=finding, answered_on=day, answer=given, **more)


def confirm(cast: Cast, finding: Finding, day: date, now: datetime = NOW) -> None:
    confirm_finding(actor=cast.secretary_a, now=now, finding=finding, decided_on=day)


def told_of(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_each_step_names_what_comes_next(cast: Cast, finding: Deduction) -> None:
    steps = [finding.step]
    tell(cast, finding)
    finding.refresh_from_db()
    steps.append(finding.step)
    assert list(Deduction.objects.at_step("to_answer")) == [finding]
    answer(cast, finding, Answer.WAIVED)
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


def test_nothing_is_answered_before_the_member_was_told(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(FindingNotReady, match="告知本人"):
        answer(cast, finding, Answer.WAIVED)
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, answer=Answer.WAIVED)


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


def test_a_refusal_waits_for_the_five_days_and_not_a_day_less(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding, date(2026, 3, 2))
    answer(cast, finding, Answer.REFUSED, date(2026, 3, 2), witnesses=WITNESSES)
    for early in (date(2026, 3, 2), date(2026, 3, 9)):
        with pytest.raises(DaysNotOver, match="2026-03-09"):
            confirm(cast, finding, early)
    confirm(cast, finding, date(2026, 3, 10))
    finding.refresh_from_db()
    assert (finding.state, finding.witnesses) == ("confirmed", "李娜、曾国华")


@pytest.mark.parametrize("given", [Answer.STATEMENT, Answer.WAIVED])
def test_a_statement_or_a_waiver_ends_the_wait(given: Finding.Answer, cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer(cast, finding, given, statement="不是我" if given == Answer.STATEMENT else "")
    confirm(cast, finding, TOLD)
    finding.refresh_from_db()
    assert finding.state == "confirmed"


def test_silence_is_no_answer_and_nothing_is_confirmed_on_it(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    with pytest.raises(FindingNotReady, match="听取"):
        confirm(cast, finding, TODAY)
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)  # in the member's favour


def test_a_year_nobody_knows_the_days_off_of_is_said_in_words(cast: Cast) -> None:
    now = datetime(2031, 3, 1, 9, tzinfo=SHANGHAI)
    finding = Deduction.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=cast.member_a,
        item="gambling",
        date=date(2031, 1, 6),
        particulars="当场查实",
    )
    tell_member(actor=cast.recorder_a, now=now, finding=finding, notified_on=date(2031, 1, 6))
    record_answer(
        actor=cast.recorder_a,
        now=now,
        finding=finding,
        answered_on=date(2031, 1, 6),
        answer=Answer.REFUSED,
        witnesses=WITNESSES,
    )
    with pytest.raises(UnknownWorkYear, match="2031"):
        confirm(cast, finding, date(2031, 2, 20), now)
    time = read_answer_time(cast.town, date(2031, 1, 6))
    assert time.last_day is None
    assert "2031" in time.problem
    WorkDay.objects.create(town=cast.town, day=date(2031, 1, 8), is_worked=False, name="放假")
    confirm(cast, finding, date(2031, 1, 15), now)  # the fifth is the 14th: one day off, one weekend


REFUSALS: dict[str, tuple[Finding.Answer, dict[str, Any]]] = {
    "refused without witnesses": (Answer.REFUSED, {}),
    "one witness": (Answer.REFUSED, {"witnesses": ("李娜",)}),
    "the same twice": (Answer.REFUSED, {"witnesses": ("李娜", " 李娜 ")}),
    "three": (Answer.REFUSED, {"witnesses": ("李娜", "曾国华", "王五")}),
    "the member themselves": (Answer.REFUSED, {"witnesses": ("李娜", "张伟")}),
    "an endless name": (Answer.REFUSED, {"witnesses": ("李娜", "长" * 41)}),
    "refused with a statement": (Answer.REFUSED, {"witnesses": WITNESSES, "statement": "我不签"}),
    "a waiver with witnesses": (Answer.WAIVED, {"witnesses": WITNESSES}),
    "a waiver with a statement": (Answer.WAIVED, {"statement": "不同意"}),
    "a statement without words": (Answer.STATEMENT, {"statement": "  "}),
}


@pytest.mark.parametrize(("given", "more"), REFUSALS.values(), ids=REFUSALS)
def test_a_contradictory_answer_writes_nothing(
    given: Finding.Answer, more: dict[str, Any], cast: Cast, finding: Deduction
) -> None:
    tell(cast, finding)
    with pytest.raises(FindingNotReady):
        answer(cast, finding, given, **more)
    finding.refresh_from_db()
    assert (finding.answer, finding.answered_on, finding.statement, finding.witnesses) == (None, None, None, None)


# The member's own answer


def test_the_member_makes_their_own_statement(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer_own_finding(
        actor=cast.member_user_a, now=NOW, finding=finding, answer=Answer.STATEMENT, statement="  当时我在外地 "
    )
    finding.refresh_from_db()
    assert (finding.answer, finding.answered_on, finding.statement) == ("statement", TODAY, "当时我在外地")
    entry = AuditEntry.objects.get(verb="answer_own_finding")
    assert (entry.actor, entry.object_id, entry.new) == (cast.member_user_a, str(finding.uuid), {})
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, answer=Answer.WAIVED)
    with pytest.raises(FindingNotReady):
        answer(cast, finding, Answer.WAIVED, TODAY)


@pytest.mark.parametrize(
    "who", ["member_user_b", "recorder_a", "secretary_a", "committee_a", "staff", "supervisor", "outsider"]
)
def test_nobody_answers_for_the_member_in_the_portal(who: str, cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    with pytest.raises(PermissionDenied):
        answer_own_finding(actor=getattr(cast, who), now=NOW, finding=finding, answer=Answer.WAIVED)
    assert own_hearings(getattr(cast, who)) == []


def test_a_proposal_nobody_told_the_member_of_is_not_shown(cast: Cast, finding: Deduction) -> None:
    assert own_hearings(cast.member_user_a) == []
    tell(cast, finding)
    assert own_hearings(cast.member_user_a) == [finding]


def test_one_answer_too_late_is_refused_in_words(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    void_finding(actor=cast.secretary_a, now=NOW, finding=finding, reason="录错人")
    with pytest.raises(FindingNotReady):
        answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, answer=Answer.WAIVED)


def test_the_member_is_told_of_every_decision(cast: Cast, finding: Deduction) -> None:
    tell(cast, finding)
    answer(cast, finding, Answer.WAIVED)
    confirm(cast, finding, TODAY)
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=finding, reason="查无此事")
    assert told_of(cast.member_user_a) == ["hearing_asked", "hearing_decided", "hearing_decided"]
    assert not Notification.objects.exclude(user=cast.member_user_a).exists()


def test_who_was_never_told_hears_nothing_of_a_dismissal(cast: Cast, finding: Deduction) -> None:
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)
    assert told_of(cast.member_user_a) == []


def test_a_closed_account_is_told_nothing(cast: Cast, finding: Deduction) -> None:
    cast.member_user_a.is_active = False
    cast.member_user_a.save()
    tell(cast, finding)
    assert told_of(cast.member_user_a) == []


def test_a_backfilled_finding_is_told_and_answered_after_it_was_confirmed(cast: Cast) -> None:
    finding = Deduction.objects.create(
        batch=make_batch(cast.staff, cast.town),
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="历史补录",
        backfilled=True,
        decided_on=date(2026, 2, 20),
        decided_by=cast.staff,
        confirmed_at=NOW,
    )
    assert own_hearings(cast.member_user_a) == [finding]  # it counts already
    tell(cast, finding)
    assert told_of(cast.member_user_a) == []  # nothing is left to be decided
    answer_own_finding(actor=cast.member_user_a, now=NOW, finding=finding, answer=Answer.WAIVED)
    finding.refresh_from_db()
    assert (finding.state, finding.answer) == ("confirmed", "waived")


# The town's staff first


@pytest.fixture
def held(cast: Cast, finding: Deduction) -> Deduction:
    """As proposed against somebody protected; `tests/publicity/objections/test_protection.py` tries who that is."""
    return Deduction.objects.create(
        batch=finding.batch,
        member=cast.member_a,
        item="gambling",
        date=FOUND,
        particulars="当场查实",
        needs_clearance=True,
    )


def test_until_the_town_lets_it_through_nothing_goes_on(cast: Cast, held: Deduction) -> None:
    assert held.step == "to_clear"
    steps: list[Callable[[], None]] = [
        lambda: tell(cast, held),
        lambda: confirm(cast, held, TODAY),
        lambda: dismiss_finding(actor=cast.secretary_a, now=NOW, finding=held, decided_on=TODAY),
    ]
    for step in steps:
        with pytest.raises(HeldBack, match="镇党建办") as refusal:
            step()
        assert "异议" not in str(refusal.value)
    clear_finding(actor=cast.staff, now=NOW, finding=held)
    held.refresh_from_db()
    assert (held.step, held.cleared_by, held.cleared_at) == ("to_tell", cast.staff, NOW)
    tell(cast, held)
    with pytest.raises(FindingNotReady):
        clear_finding(actor=cast.staff, now=NOW, finding=held)


def test_what_is_held_back_can_be_voided(cast: Cast, held: Deduction) -> None:
    void_finding(actor=cast.staff, now=NOW, finding=held, reason="没有独立事实依据")
    held.refresh_from_db()
    assert held.state == "void"


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "committee_a", "supervisor", "recorder_b", "other_staff"])
def test_only_the_towns_staff_let_it_through(who: str, cast: Cast, held: Deduction) -> None:
    with pytest.raises(PermissionDenied):
        clear_finding(actor=getattr(cast, who), now=NOW, finding=held)


def test_neither_the_proposer_nor_the_member_lets_it_through(cast: Cast, held: Deduction) -> None:
    held.batch = make_batch(cast.staff, cast.town)
    with pytest.raises(NotAllowed, match="本人提出"):
        clear_finding(actor=cast.staff, now=NOW, finding=held)
    cast.staff.member = None
    other = make_user("staff-2", town=cast.town, member=cast.members_a[2])
    held.batch = make_batch(cast.recorder_a, cast.town)
    held.member = cast.members_a[2]
    with pytest.raises(PermissionDenied):
        clear_finding(actor=other, now=NOW, finding=held)


def test_what_waits_for_nobody_cannot_be_let_through(cast: Cast, finding: Deduction) -> None:
    with pytest.raises(FindingNotReady):
        clear_finding(actor=cast.staff, now=NOW, finding=finding)
