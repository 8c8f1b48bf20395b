from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import AlreadyVoided, MissingReason, NotAllowed
from members.models import AuditEntry, RecordBatch, User
from points.errors import BelongsToMeeting, HalfLocked
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.records.recording import record_events
from points.records.voiding import rows_of, void_attendance, void_batch, void_event
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry, make_batch
from tests.points.half_stages import bring_to, start_of
from tests.points.who_records import WHO_RECORDS
from tests.threads import run_at_once
from veto.deciding import propose_deduction, propose_veto
from veto.models import Deduction, VetoRecord

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def batch(cast: Cast) -> RecordBatch:
    """Branch A's recorder recorded dues and a deed for the first member."""
    return record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[base_entry(cast.member_a), incentive_entry(cast.member_a)],
    )


def test_a_voided_event_stays_readable_and_is_logged(cast: Cast, batch: RecordBatch) -> None:
    event = batch.events.get(item="dues")
    void_event(actor=cast.secretary_a, now=LATER, event=event, reason="  勾错人  ")
    event.refresh_from_db()
    assert (event.is_void, event.voided_at, event.voided_by, event.void_reason) == (
        True,
        LATER,
        cast.secretary_a,
        "勾错人",
    )
    assert batch.events.filter(voided_at=None).count() == 1
    entry = AuditEntry.objects.get(verb="void_event")
    assert (entry.actor, entry.at, entry.object_id, entry.new) == (
        cast.secretary_a,
        LATER,
        str(event.uuid),
        {"reason": "勾错人"},
    )


def test_after_a_void_the_period_can_be_recorded_again(cast: Cast, batch: RecordBatch) -> None:
    void_event(actor=cast.recorder_a, now=NOW, event=batch.events.get(item="dues"), reason="日期错")
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    assert PointEvent.objects.filter(item="dues", voided_at=None).count() == 1
    assert PointEvent.objects.filter(item="dues").count() == 2


def test_a_void_is_not_repeated(cast: Cast, batch: RecordBatch) -> None:
    event = batch.events.get(item="dues")
    void_event(actor=cast.recorder_a, now=NOW, event=event, reason="一")
    with pytest.raises(AlreadyVoided):
        void_event(actor=cast.secretary_a, now=LATER, event=event, reason="二")
    event.refresh_from_db()
    assert (event.void_reason, event.voided_by) == ("一", cast.recorder_a)
    assert AuditEntry.objects.filter(verb="void_event").count() == 1


def test_no_void_without_a_reason(cast: Cast, batch: RecordBatch) -> None:
    event = batch.events.get(item="dues")
    with pytest.raises(MissingReason):
        void_event(actor=cast.recorder_a, now=NOW, event=event, reason=" ")
    with pytest.raises(MissingReason):
        void_batch(actor=cast.recorder_a, now=NOW, batch=batch, reason=" ")
    assert batch.events.filter(voided_at=None).count() == 2


@pytest.mark.parametrize(("actor", "allowed"), WHO_RECORDS)
def test_who_may_void_an_event_and_its_batch(actor: str, allowed: bool, cast: Cast, batch: RecordBatch) -> None:
    user: User = getattr(cast, actor)
    if allowed:
        void_event(actor=user, now=NOW, event=batch.events.get(item="dues"), reason="错")
        void_batch(actor=user, now=NOW, batch=batch, reason="错")
    else:
        with pytest.raises(PermissionDenied):
            void_event(actor=user, now=NOW, event=batch.events.get(item="dues"), reason="错")
        with pytest.raises(PermissionDenied):
            void_batch(actor=user, now=NOW, batch=batch, reason="错")
    assert batch.events.filter(voided_at=None).count() == (0 if allowed else 2)


@pytest.mark.parametrize(("actor", "allowed"), WHO_RECORDS)
def test_who_may_void_an_attendance(actor: str, allowed: bool, cast: Cast) -> None:
    user: User = getattr(cast, actor)
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("party_day", "2026-03")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    attendance = meeting.attendances.get()
    if allowed:
        void_attendance(actor=user, now=NOW, attendance=attendance, reason="未到")
    else:
        with pytest.raises(PermissionDenied):
            void_attendance(actor=user, now=NOW, attendance=attendance, reason="未到")
    assert Attendance.objects.filter(voided_at=None).exists() != allowed
    assert PointEvent.objects.filter(voided_at=None).exists() != allowed


def test_what_came_from_a_meeting_is_changed_there(cast: Cast) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("party_day", "2026-03")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    event = PointEvent.objects.get()
    with pytest.raises(BelongsToMeeting):
        void_event(actor=cast.recorder_a, now=NOW, event=event, reason="错")
    attendance = meeting.attendances.get()
    void_attendance(actor=cast.recorder_a, now=LATER, attendance=attendance, reason="未到")
    event.refresh_from_db()
    assert (event.voided_at, event.voided_by, event.void_reason) == (LATER, cast.recorder_a, "未到")
    with pytest.raises(AlreadyVoided):
        void_attendance(actor=cast.recorder_a, now=LATER, attendance=attendance, reason="未到")


def test_a_voided_batch_takes_every_live_row_and_leaves_earlier_voids_alone(cast: Cast, batch: RecordBatch) -> None:
    early = batch.events.get(item="dues")
    void_event(actor=cast.recorder_a, now=NOW, event=early, reason="先作废")
    counts = void_batch(actor=cast.staff, now=LATER, batch=batch, reason="导错文件")
    assert counts == {"pointevent": 1, "attendance": 0, "deduction": 0, "vetorecord": 0}
    assert set(batch.events.values_list("item", "voided_at", "void_reason")) == {
        ("dues", NOW, "先作废"),
        ("volunteering", LATER, "导错文件"),
    }
    batch.refresh_from_db()
    assert (batch.voided_at, batch.voided_by, batch.void_reason) == (LATER, cast.staff, "导错文件")
    assert AuditEntry.objects.get(verb="void_batch").new == {"reason": "导错文件", **counts}
    with pytest.raises(AlreadyVoided):
        void_batch(actor=cast.staff, now=LATER, batch=batch, reason="导错文件")


def test_a_voided_batch_takes_its_findings(cast: Cast) -> None:
    deduction = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        item="gambling",
        date=TODAY,
        particulars="派出所通报",
        papers="核实材料",
    )
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disciplined",
        date=TODAY,
        particulars="处分决定",
        papers="核实材料",
    )
    for finding, kind in ((deduction, "deduction"), (veto, "vetorecord")):
        counts = void_batch(actor=cast.secretary_a, now=NOW, batch=finding.batch, reason="录错人")
        assert counts[kind] == sum(counts.values()) == 1
    assert Deduction.objects.get().is_void
    assert VetoRecord.objects.get().is_void


def test_a_batch_with_a_finding_is_voided_by_who_decides_findings(cast: Cast) -> None:
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        item="gambling",
        date=TODAY,
        particulars="派出所通报",
        papers="核实材料",
    )
    with pytest.raises(PermissionDenied):
        void_batch(actor=cast.recorder_a, now=LATER, batch=finding.batch, reason="撤回")
    assert not Deduction.objects.get().is_void
    assert void_batch(actor=cast.secretary_a, now=LATER, batch=finding.batch, reason="撤回")["deduction"] == 1


def test_nobody_voids_a_batch_with_a_finding_about_themselves(cast: Cast) -> None:
    cast.secretary_a.member = cast.members_a[1]
    cast.secretary_a.save()
    finding = propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.members_a[1],
        item="gambling",
        date=TODAY,
        particulars="派出所通报",
        papers="核实材料",
    )
    with pytest.raises(NotAllowed, match="涉及本人"):
        void_batch(actor=cast.secretary_a, now=LATER, batch=finding.batch, reason="撤回")
    assert not Deduction.objects.get().is_void
    assert void_batch(actor=cast.staff, now=LATER, batch=finding.batch, reason="撤回")["deduction"] == 1


def test_a_batch_over_several_branches_is_the_towns(cast: Cast) -> None:
    wide = make_batch(cast.staff, cast.town, source=RecordBatch.Source.IMPORT)
    for user in (cast.recorder_a, cast.secretary_a, cast.supervisor, cast.other_staff):
        with pytest.raises(PermissionDenied):
            void_batch(actor=user, now=NOW, batch=wide, reason="导错")
    void_batch(actor=cast.staff, now=NOW, batch=wide, reason="导错")
    wide.refresh_from_db()
    assert wide.is_void


@pytest.mark.django_db(transaction=True)
def test_two_voids_at_once_void_once() -> None:
    cast = build_cast()
    batch = record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
    )
    event = batch.events.get()

    def void(actor: User, reason: str) -> None:
        void_event(actor=actor, now=NOW, event=event, reason=reason)

    outcomes = run_at_once(lambda: void(cast.recorder_a, "一"), lambda: void(cast.secretary_a, "二"))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyVoided", "NoneType"]
    event.refresh_from_db()
    assert event.void_reason == ("一" if outcomes[0] is None else "二")
    assert AuditEntry.objects.filter(verb="void_event").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_void_of_the_batch_and_of_its_attendance_at_once_earn_once_elsewhere() -> None:
    cast = build_cast()
    first, second = (
        record_meeting(
            actor=cast.recorder_a,
            now=NOW,
            branch=cast.branch_a,
            held_on=TODAY,
            kinds=[("party_day", "2026-03")],
            statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
        )
        for _ in range(2)
    )
    outcomes = run_at_once(
        lambda: void_batch(actor=cast.recorder_a, now=NOW, batch=first.batch, reason="重复"),
        lambda: void_attendance(actor=cast.secretary_a, now=NOW, attendance=first.attendances.get(), reason="未到"),
    )
    assert {type(outcome).__name__ for outcome in outcomes} <= {"dict", "NoneType", "AlreadyVoided"}
    assert isinstance(outcomes[0], dict)
    live = PointEvent.objects.filter(voided_at=None)
    assert list(live.values_list("attendance__meeting", flat=True)) == [second.pk]


def test_a_meetings_batch_is_not_voided_while_its_half_is_submitted_though_nobody_earned(cast: Cast) -> None:
    """Nothing is voided for a submitted half (D20): the list of the absent is a record too."""
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=start_of("H2"),
        branch=cast.branch_a,
        held_on=date(2025, 12, 5),
        kinds=[("lecture", "2025Q4")],
        statuses={cast.member_a.pk: Attendance.Status.ABSENT},
    )
    review = bring_to(cast, "submitted", half="H2")
    with pytest.raises(HalfLocked):
        void_batch(actor=cast.recorder_a, now=start_of("H2") + timedelta(hours=9), batch=meeting.batch, reason="重复")
    assert meeting.attendances.get().voided_at is None
    assert review.state == "submitted"


@pytest.mark.parametrize("model", [PointEvent, Attendance])
def test_the_rows_of_a_batch_are_found_without_joining_the_table(
    model: type[PointEvent] | type[Attendance], cast: Cast, batch: RecordBatch
) -> None:
    """Joined by an outer join, PostgreSQL went through every pair of rows where it had counted the tables as empty."""
    said = str(rows_of(batch, model).query)
    outside = said[: said.index("(SELECT")]
    assert (" JOIN " in outside, said.count("(SELECT")) == (False, 1)
