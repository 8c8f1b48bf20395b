from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from foundation.errors import DomainError
from members.errors import DuplicateBatch
from members.models import AuditEntry, RecordBatch, User
from points.errors import (
    AmountMissing,
    DuplicateBaseRecord,
    FutureDate,
    LeadNotPossible,
    NoRulebook,
    PaidTooLittle,
    PaymentNotPossible,
    UnknownItem,
    WrongPeriod,
    WrongPoints,
)
from points.models import PointEvent
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.rules.payments import UNSAID, Payment
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, base_entry, incentive_entry, make_batch, make_event, make_member
from tests.points.who_records import WHO_RECORDS
from tests.threads import run_at_once
from tests.towns import add_towns
from tests.work import queries_of


def test_one_form_is_one_batch_with_its_events_and_log(cast: Cast) -> None:
    entries = [
        base_entry(cast.member_a, "dues", "2026-02", date(2026, 2, 3)),
        incentive_entry(cast.members_a[1], "essay", 15, date(2026, 1, 5), led=True),
    ]
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
    assert (batch.actor, batch.at, batch.source, batch.branch) == (
        cast.recorder_a,
        NOW,
        RecordBatch.Source.SCREEN,
        cast.branch_a,
    )
    columns = ("member", "item", "period", "year", "date", "points", "led", "attendance", "voided_at")
    assert list(batch.events.order_by("pk").values_list(*columns)) == [
        (cast.member_a.pk, "dues", "2026-02", 2026, date(2026, 2, 3), None, False, None, None),
        (cast.members_a[1].pk, "essay", "", 2026, date(2026, 1, 5), 15, True, None, None),
    ]
    entry = AuditEntry.objects.get(verb="record_events")
    assert (entry.actor, entry.at, entry.town, entry.object_id) == (cast.recorder_a, NOW, cast.town, str(batch.uuid))
    assert entry.new == {"events": 2}


@pytest.mark.parametrize(
    ("item", "period", "day", "year"),
    [
        ("dues", "2025-12", date(2026, 1, 5), 2025),  # D3: the period decides, not the day
        ("appraisal", "2025", date(2026, 2, 1), 2025),
        ("lecture", "2026Q1", date(2026, 1, 20), 2026),
        ("life_meeting", "2026H1", date(2026, 3, 1), 2026),
    ],
)
def test_a_base_record_belongs_to_the_year_of_its_period(
    item: str, period: str, day: date, year: int, cast: Cast
) -> None:
    entry = base_entry(cast.member_a, item, period, day)
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[entry])
    assert batch.events.get().year == year


MARCH_DUES = {"item": "dues", "date": TODAY, "period": "2026-03"}
REFUSED = {
    "the future": ({"item": "dues", "date": TODAY + timedelta(days=1), "period": "2026-03"}, FutureDate),
    "no rulebook that year": ({"item": "dues", "date": date(2024, 5, 1), "period": "2024-05"}, NoRulebook),
    "no rulebook for a deed": ({"item": "essay", "date": date(2024, 5, 1), "points": 10}, NoRulebook),
    "unknown item": ({"item": "singing", "date": TODAY, "points": 10}, UnknownItem),
    "a ground is no item": ({"item": "gambling", "date": TODAY, "points": 10}, UnknownItem),
    "quarter for a monthly item": ({"item": "dues", "date": TODAY, "period": "2026Q1"}, WrongPeriod),
    "month for a quarterly item": ({"item": "lecture", "date": TODAY, "period": "2026-03"}, WrongPeriod),
    "month 13": ({"item": "dues", "date": TODAY, "period": "2026-13"}, WrongPeriod),
    "no period at all": ({"item": "dues", "date": TODAY}, WrongPeriod),
    "a period that is none": ({"item": "dues", "date": TODAY, "period": "gestern"}, WrongPeriod),
    "a period in other words": ({"item": "dues", "date": TODAY, "period": "2026年3月"}, WrongPeriod),
    "a period for a deed": ({"item": "essay", "date": TODAY, "period": "2026-03", "points": 10}, WrongPeriod),
    "points for a base item": ({"item": "dues", "date": TODAY, "period": "2026-03", "points": 10}, WrongPoints),
    "leading a base item": ({"item": "dues", "date": TODAY, "period": "2026-03", "led": True}, LeadNotPossible),
    "an amount for a meeting": (
        {"item": "party_day", "date": TODAY, "period": "2026-03", "payment": Payment(500, 500)},
        PaymentNotPossible,
    ),
    "a payer for a deed": (
        {"item": "essay", "date": TODAY, "points": 10, "payment": Payment(paid_by="李娜")},
        PaymentNotPossible,
    ),
    "what was due alone": ({**MARCH_DUES, "payment": Payment(due_fen=500)}, AmountMissing),
    "what was paid alone": ({**MARCH_DUES, "payment": Payment(paid_fen=500)}, AmountMissing),
    "a fen too little": ({**MARCH_DUES, "payment": Payment(500, 499, "李娜")}, PaidTooLittle),
    "no points": ({"item": "essay", "date": TODAY}, WrongPoints),
    "0 points": ({"item": "essay", "date": TODAY, "points": 0}, WrongPoints),
    "4.1 points": ({"item": "essay", "date": TODAY, "points": 41}, WrongPoints),
    "negative points": ({"item": "essay", "date": TODAY, "points": -10}, WrongPoints),
}


@pytest.mark.parametrize(("fields", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_entry_writes_nothing(fields: dict, error: type[DomainError], cast: Cast) -> None:
    good = base_entry(cast.members_a[1])
    with pytest.raises(error) as refusal:
        record_events(
            actor=cast.recorder_a,
            now=NOW,
            town=cast.town,
            entries=[good, EventEntry(member_id=cast.member_a.pk, **fields)],
        )
    assert str(refusal.value)
    assert not PointEvent.objects.exists()
    assert not RecordBatch.objects.exists()


@pytest.mark.parametrize(
    "payment",
    [
        UNSAID,
        Payment(500, 500),
        Payment(500, 600, "李娜"),  # more than due
        Payment(0, 0),  # waived (D25)
        Payment(paid_by="女儿张小红"),
    ],
)
def test_dues_take_what_was_due_and_paid_and_by_whom(payment: Payment, cast: Cast) -> None:
    entry = base_entry(cast.member_a, payment=payment)
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[entry])
    event = PointEvent.objects.get()
    assert event.payment == payment
    assert (event.due_fen, event.paid_fen, event.paid_by) == payment


def test_dues_not_paid_in_full_are_refused_with_both_amounts_and_what_to_do(cast: Cast) -> None:
    entry = base_entry(cast.member_a, payment=Payment(1050, 20))
    with pytest.raises(PaidTooLittle) as refusal:
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[entry])
    assert str(refusal.value) == "应交党费10.50元，实交0.20元，未足额交纳，该月不计分，请补足后再登记。"


@pytest.mark.parametrize(
    "fields",
    [
        {"due_fen": 500},
        {"paid_fen": 500},
        {"due_fen": 500, "paid_fen": 499},
        {"due_fen": -500, "paid_fen": 0},
        {"period": "", "points": 10, "due_fen": 500, "paid_fen": 500},
        {"period": "", "points": 10, "paid_by": "李娜"},
    ],
)
def test_the_database_refuses_what_the_verb_refuses_of_a_payment(fields: dict, cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_event(batch, cast.member_a, **fields)


@pytest.mark.parametrize("points", [1, 40])
def test_an_incentive_entry_takes_a_tenth_to_the_items_cap(points: int, cast: Cast) -> None:
    record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, entries=[incentive_entry(cast.member_a, points=points)]
    )
    assert PointEvent.objects.get().points == points


def test_a_second_base_record_is_refused_and_names_the_first(cast: Cast) -> None:
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    with pytest.raises(DuplicateBaseRecord) as refusal:
        record_events(
            actor=cast.recorder_a,
            now=NOW,
            town=cast.town,
            entries=[base_entry(cast.members_a[1]), base_entry(cast.member_a, day=date(2026, 1, 25))],
        )
    for named in ("张伟", "交纳党费", "2026-01", "2026-01-10"):
        assert named in str(refusal.value)
    assert PointEvent.objects.count() == 1


def test_every_record_that_stands_is_named_at_once(cast: Cast) -> None:
    many = [*cast.members_a, *(make_member(cast.branch_a, f"党员{number}") for number in range(9))]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(member) for member in many[:2]])
    with pytest.raises(DuplicateBaseRecord) as refusal:
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(member) for member in many])
    assert "张伟" in str(refusal.value)
    assert "李娜" in str(refusal.value)
    assert "曾国华" not in str(refusal.value)
    assert PointEvent.objects.count() == 2
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(member) for member in many[2:]])
    with pytest.raises(DuplicateBaseRecord, match="另有2人"):
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(member) for member in many])


def test_the_same_base_record_twice_in_one_form_is_refused(cast: Cast) -> None:
    with pytest.raises(DuplicateBaseRecord):
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)] * 2)
    assert not PointEvent.objects.exists()


def test_deeds_may_repeat(cast: Cast) -> None:
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[incentive_entry(cast.member_a)] * 2)
    assert PointEvent.objects.count() == 2


def test_a_form_sent_twice_is_saved_once(cast: Cast) -> None:
    token = uuid4()
    entries = [incentive_entry(cast.member_a)]
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries, token=token)
    assert batch.uuid == token
    with pytest.raises(DuplicateBatch):
        record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries, token=token)
    assert PointEvent.objects.count() == 1


@pytest.mark.parametrize(("actor", "allowed"), WHO_RECORDS)
def test_who_may_record_for_a_member_of_branch_a(actor: str, allowed: bool, cast: Cast) -> None:
    user: User = getattr(cast, actor)
    if allowed:
        record_events(actor=user, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    else:
        with pytest.raises(PermissionDenied):
            record_events(actor=user, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    assert PointEvent.objects.count() == allowed


def test_one_stranger_among_the_members_refuses_the_whole_form(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        record_events(
            actor=cast.recorder_a,
            now=NOW,
            town=cast.town,
            entries=[base_entry(cast.member_a), base_entry(cast.member_b)],
        )
    assert not PointEvent.objects.exists()


def test_staff_cannot_record_another_towns_member_under_their_own_town(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(cast.other_member)])


def test_recording_costs_the_same_queries_for_one_entry_and_for_many_and_for_more_towns(cast: Cast) -> None:
    def record(entries: list[EventEntry]) -> int:
        actor = User.objects.get(pk=cast.recorder_a.pk)
        return len(
            queries_of(
                lambda: record_events(actor=actor, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
            )
        )

    # Both halves of one year: for each half asked about, the branches on its last day are read.
    one = record([base_entry(cast.member_a, period="2025-01"), base_entry(cast.member_a, period="2025-12")])
    assert one == record(
        [base_entry(member, period=f"2025-{month:02}") for member in cast.members_a for month in range(2, 12)]
    )
    add_towns()
    assert one == record(
        [base_entry(cast.members_a[1], period="2025-01"), base_entry(cast.members_a[1], period="2025-12")]
    )


@pytest.mark.django_db(transaction=True)
def test_two_recorders_ticking_the_same_cell_make_one_record() -> None:
    cast = build_cast()

    def tick(actor: User) -> RecordBatch:
        return record_events(
            actor=actor, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
        )

    outcomes = run_at_once(lambda: tick(cast.recorder_a), lambda: tick(cast.secretary_a), lambda: tick(cast.staff))
    assert sum(isinstance(outcome, RecordBatch) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DuplicateBaseRecord) for outcome in outcomes) == 2
    assert PointEvent.objects.count() == 1
    assert RecordBatch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_saves_one_batch() -> None:
    cast = build_cast()
    token = uuid4()

    def send() -> RecordBatch:
        return record_events(
            actor=cast.recorder_a, now=NOW, town=cast.town, entries=[incentive_entry(cast.member_a)], token=token
        )

    outcomes = run_at_once(send, send)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DuplicateBatch", "RecordBatch"]
    assert PointEvent.objects.count() == 1
