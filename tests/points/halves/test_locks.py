"""What a submitted half and a final year forbid, way by way of writing; what stays open in between (D20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from foundation.errors import DomainError
from members.models import Exemption, Membership
from points.errors import HalfLocked, RecordFrozen
from points.halves.locks import halves_past_draft, locked_halves, refuse_submitted_halves
from points.imports.records import import_records, preview_records
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent, Review
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
from points.reviews.steps import submit_review
from points.roster.moves import change_membership
from tests.cast import Cast, build_cast, write_again
from tests.clock import FrozenClock
from tests.exemptions import exempt_member
from tests.factories import NOW, make_member, make_membership
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to, record_deed, record_dues
from tests.towns import add_towns
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import revoke as revoke_finding
from tests.work import counting_calls, counts_while_growing, queries_of
from veto.deciding import propose_deduction, propose_veto, void_finding
from veto.models import Answer, Deduction, Finding, VetoRecord

engine = pytest.mark.engine
BEFORE = JULY - timedelta(days=10)
LATER = JULY + timedelta(days=1)


def answer(cast: Cast, finding: Finding, now: datetime) -> Finding:
    hear_member(
        actor=cast.recorder_a,
        now=now,
        finding=finding,
        notified_on=now.date(),
        answered_on=now.date(),
        answer=Answer.Kind.WAIVED,
    )
    return finding


class Ledger:
    """Something of every kind for 张伟 in the first half: to be voided, confirmed or revoked later."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.dues = record_dues(cast, month=3, now=BEFORE)
        meeting = record_meeting(
            actor=cast.recorder_a,
            now=BEFORE,
            branch=cast.branch_a,
            held_on=date(2025, 3, 5),
            kinds=[("party_day", "2025-03")],
            statuses={cast.member_a.pk: "attended", cast.members_a[1].pk: "absent"},
        )
        self.attended, self.absent = Attendance.objects.filter(meeting=meeting).order_by("pk")
        self.proposed = answer(cast, self.propose("gambling", date(2025, 6, 1)), BEFORE)
        self.confirmed = answer(cast, self.propose("rumour", date(2025, 6, 2)), BEFORE)
        confirm_finding(actor=cast.secretary_a, now=BEFORE, finding=self.confirmed, decided_on=BEFORE.date())
        self.veto = propose_veto(
            actor=cast.recorder_a,
            now=BEFORE,
            member=cast.members_a[1],
            ground="disrepute",
            date=date(2025, 6, 1),
            particulars="核查记录",
            papers="核实材料",
        )
        answer(cast, self.veto, BEFORE)

    def propose(self, item: str, day: date) -> Deduction:
        return propose_deduction(
            actor=self.cast.recorder_a,
            now=BEFORE,
            member=self.cast.member_a,
            item=item,
            date=day,
            particulars="核查",
            papers="核实材料",
        )

    def record(self, now: datetime, entry: EventEntry) -> Any:
        return record_events(actor=self.cast.recorder_a, now=now, town=self.cast.town, entries=[entry])


WRITES: dict[str, Callable[[Cast, Ledger, datetime], Any]] = {
    "record a month": lambda cast, ledger, now: record_dues(cast, month=4, now=now),
    "record a deed": lambda cast, ledger, now: record_deed(cast, day=date(2025, 6, 30), now=now),
    "record a yearly item dated in the half": lambda cast, ledger, now: ledger.record(
        now, EventEntry(cast.member_a.pk, "pledge", date(2025, 6, 30), "2025")
    ),
    "hold a meeting": lambda cast, ledger, now: record_meeting(
        actor=cast.recorder_a,
        now=now,
        branch=cast.branch_a,
        held_on=date(2025, 6, 5),
        kinds=[("party_day", "2025-06")],
        statuses={cast.member_a.pk: "absent"},
    ),
    "void a record": lambda cast, ledger, now: void_event(
        actor=cast.recorder_a, now=now, event=ledger.dues, reason="误登"
    ),
    "void an attendance": lambda cast, ledger, now: void_attendance(
        actor=cast.recorder_a, now=now, attendance=ledger.attended, reason="误登"
    ),
    "void an absence": lambda cast, ledger, now: void_attendance(
        actor=cast.recorder_a, now=now, attendance=ledger.absent, reason="误登"
    ),
    "void a batch": lambda cast, ledger, now: void_batch(
        actor=cast.staff, now=now, batch=ledger.dues.batch, reason="误登"
    ),
    "confirm a deduction": lambda cast, ledger, now: confirm_finding(
        actor=cast.secretary_a, now=now, finding=ledger.proposed, decided_on=now.date()
    ),
    "confirm a veto as of the half": lambda cast, ledger, now: confirm_finding(
        actor=cast.secretary_a, now=now, finding=ledger.veto, decided_on=date(2025, 6, 30)
    ),
    "revoke a deduction": lambda cast, ledger, now: revoke_finding(
        actor=cast.secretary_a, now=now, finding=ledger.confirmed, reason="复查不实"
    ),
    "void a deduction": lambda cast, ledger, now: void_finding(
        actor=cast.secretary_a, now=now, finding=ledger.confirmed, reason="录入错误", is_unrelated=True
    ),
    "move a member": lambda cast, ledger, now: change_membership(
        actor=cast.staff,
        now=now,
        member=cast.member_a,
        branch=cast.branch_b,
        from_date=date(2025, 6, 20),
        why=Membership.Why.MOVED,
    ),
    "exempt a member": lambda cast, ledger, now: exempt_member(
        actor=cast.secretary_a,
        now=now,
        member=cast.members_a[2],
        ground=Exemption.Ground.UNABLE,
        applied_on=date(2025, 6, 1),
        decided_on=date(2025, 6, 2),
        from_date=date(2025, 6, 2),
    ),
}
COUNTED = {"void a record", "void an attendance", "void a batch", "void a deduction"}


def count_rows(cast: Cast) -> list[Any]:
    return [
        PointEvent.objects.live().count(),
        Attendance.objects.live().count(),
        Deduction.objects.confirmed().count(),
        VetoRecord.objects.confirmed().count(),
        Membership.objects.count(),
        Exemption.objects.count(),
    ]


def build_half(state: str) -> tuple[Cast, Ledger]:
    """The cast, a ledger and the first half in a state; in a final year the second half too."""
    cast = build_cast()
    ledger = Ledger(cast)
    if state == "year final":
        bring_to(cast, "final")
        bring_to(cast, "final", half="H2")
    else:
        bring_to(cast, state)
    return cast, ledger


HALVES = {
    state: partial(build_half, state)
    for state in ("draft", "submitted", "approved", "published", "final", "year final")
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", HALVES)
@pytest.mark.parametrize("what", WRITES)
def test_every_way_of_writing_in_every_state(clock: FrozenClock, what: str, state: str) -> None:
    clock.now = NOW
    cast, ledger = write_again(HALVES[state])
    now = JANUARY + timedelta(days=1) if state == "year final" else LATER
    refusal: type[DomainError] | None = None
    if state in ("submitted", "year final"):
        refusal = HalfLocked
    elif state != "draft" and what in COUNTED:
        refusal = RecordFrozen
    before = count_rows(cast)
    if refusal is None:
        WRITES[what](cast, ledger, now)
        assert count_rows(cast) != before
    else:
        with pytest.raises(refusal):
            WRITES[what](cast, ledger, now)
        assert count_rows(cast) == before


@engine
@pytest.mark.django_db
@pytest.mark.parametrize("half", ["H1", "H2"])
def test_a_submitted_second_half_locks_the_first_and_a_submitted_first_not_the_second(cast: Cast, half: str) -> None:
    if half == "H2":
        bring_to(cast, "approved")
    bring_to(cast, "submitted", half=half)
    months = {"H1": 9, "H2": 3}
    now = JANUARY + HOUR
    if half == "H1":
        record_dues(cast, month=months[half], now=now)
    else:
        with pytest.raises(HalfLocked, match="下半年"):
            record_dues(cast, month=months[half], now=now)
    record_dues(cast, month=3, now=now, member=cast.member_b, actor=cast.recorder_b)  # another branch goes on


@engine
@pytest.mark.django_db
def test_a_veto_confirmed_after_the_half_reaches_the_year_only(cast: Cast) -> None:
    ledger = Ledger(cast)
    bring_to(cast, "submitted")
    confirm_finding(actor=cast.secretary_a, now=LATER, finding=ledger.veto, decided_on=date(2025, 7, 1))
    assert VetoRecord.objects.confirmed().count() == 1


@engine
@pytest.mark.django_db
def test_the_lock_follows_the_line_of_whoever_was_moved_late(cast: Cast) -> None:
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    make_membership(cast.member_a, cast.branch_b, date(2025, 12, 1), Membership.Why.MOVED)
    with pytest.raises(HalfLocked, match="一支部"):
        record_dues(cast, month=3, now=JANUARY + timedelta(days=1), actor=cast.recorder_b)


@engine
@pytest.mark.django_db
def test_another_attendance_does_not_earn_into_a_submitted_half(cast: Cast) -> None:
    """The pledge of the year, earned in August; the meeting of June stands by (D24) and would earn next."""
    for day in (date(2025, 8, 5), date(2025, 6, 5)):
        record_meeting(
            actor=cast.recorder_a,
            now=JULY + timedelta(days=60),
            branch=cast.branch_a,
            held_on=day,
            kinds=[("pledge", "2025")],
            statuses={cast.member_a.pk: "attended"},
        )
    review = bring_to(cast, "draft")
    submit_review(actor=cast.recorder_a, now=JULY + timedelta(days=61), review=review)
    august = Attendance.objects.get(meeting__held_on=date(2025, 8, 5))
    with pytest.raises(HalfLocked):
        void_attendance(actor=cast.recorder_a, now=JULY + timedelta(days=62), attendance=august, reason="误登")
    assert PointEvent.objects.live().get().attendance == august


SHEET = """党支部,姓名,类别,项目,日期,期次,说明,核实日期
一支部,张伟,得分,dues,2025-03-10,2025-03,,
一支部,李娜,得分,dues,2025-08-10,2025-08,,
二支部,赵敏,得分,dues,2025-03-10,2025-03,,
一支部,张伟,扣分,gambling,2025-05-01,,核查记录,2025-06-01
一支部,曾国华,一票否决,disrepute,2025-05-01,,核查记录,2025-06-30
一支部,李娜,一票否决,disrepute,2025-05-01,,核查记录,2025-07-01
"""


@engine
@pytest.mark.django_db
def test_an_import_names_every_row_of_a_locked_half(cast: Cast) -> None:
    bring_to(cast, "submitted")
    now = JULY + timedelta(days=60)
    given: dict[str, Any] = {
        "actor": cast.staff,
        "now": now,
        "town": cast.town,
        "data": SHEET.encode(),
        "filename": "记录.csv",
    }
    for report in (preview_records(**given).report, import_records(**given)):
        assert [(error.row, error.column) for error in report.errors] == [(2, "日期"), (5, "日期"), (6, "日期")]
        assert all("一支部已提交" in error.problem for error in report.errors)
        assert (report.added, report.batch) == (3, "")
    assert (PointEvent.objects.count(), Deduction.objects.count(), VetoRecord.objects.count()) == (0, 0, 0)
    given["data"] = "\n".join(SHEET.splitlines()[index] for index in (0, 2, 3, 6)).encode()
    report = import_records(**given)
    assert (report.errors, report.added) == ([], 3)


@engine
@pytest.mark.django_db
def test_an_import_after_the_year_is_final_is_refused_row_by_row(cast: Cast) -> None:
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    report = import_records(
        actor=cast.staff,
        now=JANUARY + timedelta(days=1),
        town=cast.town,
        data=SHEET.encode(),
        filename="记录.csv",
    )
    assert [error.row for error in report.errors] == [2, 3, 5, 6, 7]
    assert all("已定稿" in error.problem for error in report.errors)


@engine
def test_asking_what_is_locked_costs_the_same_whoever_else_there_is(cast: Cast) -> None:
    """Neither other towns nor members who are not asked about are read."""
    bring_to(cast, "submitted")
    keys = [(member.pk, 2025, half) for member in cast.members_a[:2] for half in ("H1", "H2")]

    def ask() -> None:
        assert {key[2] for key in locked_halves(keys, now=NOW)} == {"H1"}
        assert halves_past_draft(keys) == {(member.pk, 2025, "H1") for member in cast.members_a[:2]}
        with pytest.raises(HalfLocked):
            refuse_submitted_halves(keys)

    def add_members() -> None:
        for number in range(27):
            make_member(cast.branch_a, f"党员{number}")
            make_member(cast.branch_b, f"党员{number}")
        bring_to(cast, "approved", branch=cast.branch_b)

    def call() -> int:
        with counting_calls() as work:
            ask()
        return work.calls

    ask()
    before = call()
    counts = counts_while_growing(ask, add_members, add_towns)
    assert counts == [counts[0]] * 3
    assert call() == before


@engine
@pytest.mark.parametrize("members", [1, 3])
def test_asking_costs_the_same_queries_for_one_member_and_for_many(members: int, cast: Cast) -> None:
    keys = [(member.pk, 2025, half) for member in cast.members_a[:members] for half in ("H1", "H2")]
    assert len(queries_of(lambda: locked_halves(keys, now=NOW))) == 4


@engine
def test_whoever_was_moved_since_keeps_the_lock_of_where_they_were_frozen(cast: Cast) -> None:
    """Frozen in branch A; of B on the last day by a later entry: what B does locks nothing of theirs."""
    bring_to(cast, "approved")
    key = (cast.member_a.pk, 2025, "H1")
    Membership.objects.filter(member=cast.member_a).delete()
    make_membership(cast.member_a, cast.branch_b, date(2025, 1, 1), Membership.Why.MOVED)
    assert halves_past_draft([key]) == {key}
    assert locked_halves([key], now=JULY + 2 * HOUR) == {}
    # The moment before the approval: what was typed meanwhile is too late.
    assert "核定" in locked_halves([key], now=JULY)[key]
    Review.objects.update(state=Review.State.SUBMITTED)
    assert "一支部" in locked_halves([key], now=JULY + 2 * HOUR)[key]
    Review.objects.create(branch=cast.branch_b, year=2025, half="H1", state=Review.State.SUBMITTED)
    assert "一支部" in locked_halves([key], now=JULY + 2 * HOUR)[key]
    Review.objects.filter(branch=cast.branch_a).update(state=Review.State.APPROVED)
    assert "二支部" in locked_halves([key], now=JULY + 2 * HOUR)[key]
