"""What was changed underneath is found and named; what people do through the verbs never is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from foundation.differences import Difference
from foundation.encryption import encrypt_text
from members.models import AuditEntry, Branch, Member, Membership, RecordBatch
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting, MeetingKind, PointEvent, Rulebook
from points.records.recording import record_events
from points.records.voiding import void_attendance, void_batch, void_event
from points.roster.moves import change_membership
from points.rules.payments import Payment
from tests.cast import Cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry
from tests.flush import without_ledger_triggers
from tests.members.seals.verified import begin_chain
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import revoke as revoke_finding
from tests.work import count_queries
from veto.deciding import propose_deduction, propose_veto
from veto.models import Answer, Deduction, Finding, VetoRecord

pytestmark = pytest.mark.engine


@dataclass
class Year:
    """A busy half-year of 甲镇, through the verbs, with voids of every kind."""

    cast: Cast
    ticks: RecordBatch
    voided: RecordBatch
    meeting: Meeting
    deduction: Deduction
    veto: VetoRecord


def _decide(cast: Cast, finding: Finding) -> None:
    hear_member(
        actor=cast.recorder_a,
        now=NOW,
        finding=finding,
        notified_on=TODAY,
        answered_on=TODAY,
        answer=Answer.Kind.WAIVED,
    )
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)


@pytest.fixture
def year(cast: Cast) -> Year:
    ticks, voided = (
        record_events(
            actor=cast.recorder_a,
            now=NOW,
            town=cast.town,
            branch=cast.branch_a,
            entries=[
                base_entry(cast.member_a, period=period, payment=Payment(500, 500, "李娜")),
                base_entry(cast.member_a, "party_day", period, date(2026, 2, 9)),
                incentive_entry(cast.members_a[1], "essay", 12, led=True),
            ],
        )
        for period in ("2026-01", "2026-02")
    )
    meetings = [
        record_meeting(
            actor=cast.recorder_a,
            now=NOW,
            branch=cast.branch_a,
            held_on=date(2026, 2, 20),
            kinds=[("party_day", "2026-02"), ("lecture", "2026Q1")],
            statuses=dict.fromkeys([member.pk for member in cast.members_a], Attendance.Status.ATTENDED),
        )
        for _ in range(2)
    ]
    void_attendance(
        actor=cast.recorder_a, now=NOW, attendance=meetings[0].attendances.get(member=cast.members_a[1]), reason="未到"
    )
    void_batch(actor=cast.recorder_a, now=NOW, batch=voided, reason="重复")
    void_event(actor=cast.recorder_a, now=NOW, event=ticks.events.get(item="dues"), reason="错")
    about: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "member": cast.member_a, "particulars": "通报"}
    deduction = propose_deduction(item="gambling", date=date(2026, 2, 1), papers="核实材料", **about)
    veto = propose_veto(ground="disciplined", date=date(2026, 2, 1), papers="核实材料", **about)
    _decide(cast, deduction)
    _decide(cast, veto)
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=veto, reason="查无此事")
    propose_veto(ground="cult", date=date(2026, 2, 1), papers="核实材料", **about)
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=cast.members_a[1],
        branch=cast.branch_b,
        from_date=TODAY,
        why=Membership.Why.MOVED,
    )
    return Year(cast, ticks, voided, meetings[1], deduction, veto)


def differences(**options: Any) -> list[Difference]:
    return list(verify_ledger(**options))


def test_what_people_did_is_in_order(year: Year) -> None:
    assert differences() == []
    assert differences(town=year.cast.town) == []


@contextmanager
def unguarded(*tables: str) -> Iterator[Callable[..., None]]:
    """SQL past triggers, and past the constraints of the tables named."""
    connection.check_constraints()
    with without_ledger_triggers(), connection.cursor() as cursor:
        for table in tables:
            _drop_constraints(cursor, table)
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield lambda sql, *parameters: cursor.execute(sql, parameters)
        finally:
            connection.check_constraints()
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def _drop_constraints(cursor: Any, table: str) -> None:
    for name, described in connection.introspection.get_constraints(cursor, table).items():
        if described["check"] and connection.vendor == "postgresql":
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        elif described["unique"] and name in ("event_live_base_once_per_period", "attendance_live_once"):
            cursor.execute(f'DROP INDEX "{name}"')


def found(difference: Difference, *words: str) -> None:
    for word in words:
        assert word in str(difference)


EVENT = "UPDATE points_pointevent SET {} WHERE uuid = %s"


def _event_uuid(year: Year, item: str = "party_day") -> str:
    return _stored_uuid(year.ticks.events.get(item=item))


def _stored_uuid(event: PointEvent) -> str:
    return event.uuid.hex if connection.vendor == "sqlite" else str(event.uuid)


# What is set in which column of the year's standing tick of 主题党日 (or its essay), and what is said of it.
TAMPERED_EVENTS = {
    "an unknown item": ("party_day", "item = 'singing'", "不是"),
    "a period of another kind": ("party_day", "period = '2026Q1'", "2026Q1"),
    "a period that is none": ("party_day", "period = 'x'", "不是期次"),
    "another year": ("party_day", "year = 2025", "2025"),
    "a year without rulebook": ("party_day", "year = 2020, period = '2020-01'", "2020"),
    "a day after it was recorded": ("party_day", "date = '2026-12-01'", "2026-12-01"),
    "too many points": ("essay", "points = 400", "0.1"),
    "an amount where none may be": ("party_day", "due_fen = 500, paid_fen = 500", "不是交纳党费"),
    "half a void": ("party_day", "voided_at = '2026-03-01 00:00:00+00:00'", "作废"),
}


@pytest.mark.parametrize(("item", "change", "words"), TAMPERED_EVENTS.values(), ids=TAMPERED_EVENTS.keys())
def test_a_changed_event_is_named(item: str, change: str, words: str, year: Year) -> None:
    uuid = year.ticks.events.get(item=item).uuid
    with unguarded("points_pointevent") as run:
        run(EVENT.format(change), _event_uuid(year, item))
    (difference,) = differences()
    found(difference, "得分登记", str(uuid), words)
    assert differences(town=year.cast.other_town) == []


def test_dues_that_were_not_paid_in_full_are_named(year: Year) -> None:
    event = year.voided.events.get(item="dues")
    with unguarded("points_pointevent") as run:
        run(EVENT.format("paid_fen = 100"), _stored_uuid(event))
    (difference,) = differences()
    found(difference, "得分登记", str(event.uuid), "应交党费5.00元，实交1.00元")


def test_an_event_of_another_town_is_named(year: Year) -> None:
    with unguarded() as run:
        run(EVENT.format("member_id = %s"), year.cast.other_member.pk, _event_uuid(year))
    (difference,) = differences()
    found(difference, str(year.ticks.events.get(item="party_day").uuid), "批次不属于本镇")


def test_a_live_row_in_a_voided_batch_is_named(year: Year) -> None:
    event = year.voided.events.get(item="essay")
    with unguarded() as run:
        run(
            "UPDATE points_pointevent SET voided_at = NULL, voided_by_id = NULL, void_reason = NULL WHERE id = %s",
            event.pk,
        )
    (difference,) = differences()
    found(difference, str(event.uuid), "批次已作废")


def test_two_live_base_records_are_both_named(year: Year) -> None:
    event = year.ticks.events.get(item="dues")
    double = year.voided.events.get(item="dues")
    with unguarded("points_pointevent") as run:
        for pk in (event.pk, double.pk):
            run(
                "UPDATE points_pointevent SET voided_at = NULL, voided_by_id = NULL, void_reason = NULL,"
                " period = '2026-01', batch_id = %s WHERE id = %s",
                year.ticks.pk,
                pk,
            )
    named = differences()
    assert {str(event.uuid), str(double.uuid)} == {
        difference.identity for difference in named if "同一党员" in difference.message
    }


def test_a_deleted_event_is_missed_by_its_batch(year: Year) -> None:
    with unguarded() as run:
        run("DELETE FROM points_pointevent WHERE id = %s", year.ticks.events.get(item="essay").pk)
    (difference,) = differences()
    found(difference, "批次", str(year.ticks.uuid), "3", "2")


def test_an_added_event_is_noticed_by_its_batch(year: Year) -> None:
    PointEvent.objects.create(
        batch=year.ticks, member=year.cast.member_a, item="essay", year=2026, date=date(2026, 3, 1), points=40
    )
    (difference,) = differences()
    found(difference, str(year.ticks.uuid), "3", "4")


def test_a_deleted_attendance_is_missed_by_its_meeting(year: Year) -> None:
    attendance = year.meeting.attendances.get(member=year.cast.members_a[2])
    assert not attendance.events.exists()
    with unguarded() as run:
        run("DELETE FROM points_attendance WHERE id = %s", attendance.pk)
    (difference,) = differences()
    found(difference, "组织生活", str(year.meeting.uuid), "3", "2")


def test_an_event_whose_attendance_does_not_earn_is_named(year: Year) -> None:
    event = PointEvent.objects.filter(attendance__isnull=False, voided_at=None, item="lecture").first()
    assert event is not None
    with unguarded() as run:
        run("UPDATE points_attendance SET status = 'absent' WHERE id = %s", event.attendance_id)
    named = {difference.identity for difference in differences()}
    assert named == {
        str(uuid)
        for uuid in PointEvent.objects.filter(attendance=event.attendance_id, voided_at=None).values_list(
            "uuid", flat=True
        )
    }


def test_an_event_on_another_members_attendance_is_named(year: Year) -> None:
    event = PointEvent.objects.filter(attendance__isnull=False, voided_at=None, item="lecture").first()
    assert event is not None
    with unguarded() as run:
        run("UPDATE points_pointevent SET member_id = %s WHERE id = %s", year.cast.members_b[1].pk, event.pk)
    (difference,) = differences()
    found(difference, str(event.uuid), "另一名党员")


def test_an_event_of_a_kind_the_meeting_was_not_is_named(year: Year) -> None:
    MeetingKind.objects.filter(item="lecture", meeting=year.meeting).update(item="assembly")
    lectures = PointEvent.objects.filter(item="lecture", attendance__meeting=year.meeting, voided_at=None)
    assert lectures.exists()
    assert {difference.identity for difference in differences()} == {str(event.uuid) for event in lectures}


FINDINGS = {
    "an unknown ground": (f"item = '{encrypt_text('singing')}'", "事由"),
    "a ground no key reads": ("item = 'singing'", "事由"),
    "a year without rulebook": ("date = '2020-01-01'", "2020"),
    "a decision without its meeting": ("decided_on = NULL", "不完整"),
    "confirmed and dismissed": ("dismissed_at = confirmed_at", "矛盾"),
    "a revocation by nobody": ("revoked_at = confirmed_at", "撤销"),
    "decided before the answer": ("decided_on = '2026-01-15'", "早于"),
    "answered untold": ("notified_on = NULL", "告知"),
    "past the town's staff": ("needs_clearance = true", "审核"),
}


@pytest.mark.parametrize(("change", "words"), FINDINGS.values(), ids=FINDINGS.keys())
def test_a_changed_finding_is_named_without_its_ground(change: str, words: str, year: Year) -> None:
    with unguarded("veto_deduction") as run:
        run(f"UPDATE veto_deduction SET {change} WHERE id = %s", year.deduction.pk)
    (difference,) = differences()
    found(difference, "扣分", str(year.deduction.uuid), words)
    for ground in ("gambling", "参与赌博", "singing"):
        assert ground not in str(difference)


def test_a_finding_whose_answer_is_gone_is_named(year: Year) -> None:
    with unguarded("veto_answer") as run:
        run(
            "UPDATE veto_answer SET disowned_at = '2026-03-01 00:00:00+00:00' WHERE deduction_id = %s",
            year.deduction.pk,
        )
    (difference,) = differences()
    found(difference, "扣分", str(year.deduction.uuid), "未听取")


def test_who_proposed_and_decided_is_named(year: Year) -> None:
    with unguarded("veto_deduction") as run:
        run(
            "UPDATE veto_deduction SET decided_by_id = %s WHERE id = %s",
            year.deduction.batch.actor_id,
            year.deduction.pk,
        )
    (difference,) = differences()
    found(difference, "扣分", str(year.deduction.uuid), "提出人")


def test_a_veto_of_a_year_without_rulebook_is_named(year: Year) -> None:
    with unguarded() as run:
        run("UPDATE veto_vetorecord SET year = 2020 WHERE id = %s", year.veto.pk)
    (difference,) = differences()
    found(difference, "一票否决", str(year.veto.uuid), "2020")


def test_a_deleted_finding_is_missed_by_the_log(year: Year) -> None:
    with unguarded() as run:
        for table in ("veto_telling", "veto_answer", "points_evidencelink"):
            run(f"DELETE FROM {table} WHERE deduction_id = %s", year.deduction.pk)
        run("DELETE FROM veto_deduction WHERE id = %s", year.deduction.pk)
    named = differences()
    assert len(named) == AuditEntry.objects.filter(object_id=str(year.deduction.uuid)).count() == 4
    for difference in named:
        found(difference, "操作日志", str(year.deduction.uuid))


def test_a_changed_rulebook_is_named(year: Year) -> None:
    stored = Rulebook.objects.get()
    with unguarded() as run:
        run("UPDATE points_rulebook SET text = %s", stored.text.replace('"cap":40', '"cap":50', 1))
    named = differences()
    assert named
    assert {difference.identity for difference in named} == {stored.hash}
    found(named[0], "积分办法", "校验值")


def test_an_unreadable_rulebook_is_named_once_and_not_for_every_record(year: Year) -> None:
    with unguarded() as run:
        run("UPDATE points_rulebook SET text = '{}'")
    assert {difference.identity for difference in differences()} == {Rulebook.objects.get().hash}


def test_a_batch_in_another_towns_branch_is_named(year: Year) -> None:
    with unguarded() as run:
        run("UPDATE members_recordbatch SET branch_id = %s WHERE id = %s", year.cast.other_branch.pk, year.ticks.pk)
    (difference,) = differences()
    found(difference, "批次", str(year.ticks.uuid), "支部不属于本镇")


def test_a_meeting_moved_to_another_town_is_named(year: Year) -> None:
    Meeting.objects.filter(pk=year.meeting.pk).update(branch=Branch.objects.get(pk=year.cast.other_branch.pk))
    named = {difference.identity for difference in differences(town=year.cast.town)}
    assert named == {str(row.uuid) for row in year.meeting.attendances.all()}


def test_a_missing_trigger_is_named(year: Year) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        suffix = "" if connection.vendor == "sqlite" else " ON veto_deduction"
        cursor.execute("DROP TRIGGER ledger_veto_deduction_delete" + suffix)
    (difference,) = differences()
    found(difference, "veto_deduction", "ledger_veto_deduction_delete")


def test_the_command_names_what_differs_and_fails(year: Year) -> None:
    begin_chain()
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out, stderr=err)
    assert "核对无误" in out.getvalue()
    assert "得分登记" in err.getvalue()  # progress
    with unguarded() as run:
        run(EVENT.format("item = 'singing'"), _event_uuid(year))
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("verify_ledger", "--town", "甲镇", stdout=out, stderr=StringIO())
    assert "1" in str(failure.value)
    assert failure.value.returncode == 1
    assert str(year.ticks.events.get(item="singing").uuid) in out.getvalue()
    call_command("verify_ledger", "--town", "乙镇", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--town", "丙镇")


def test_the_checks_cost_the_same_queries_whatever_the_size(cast: Cast) -> None:
    def record(month: int, *members: Member) -> None:
        entries = [base_entry(member, period=f"2026-{month:02}") for member in members]
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)

    record(1, cast.member_a)
    few = count_queries(differences)
    for month in (2, 3, 4):
        record(month, *cast.members_a)
    assert count_queries(differences) == few
    assert differences() == []
