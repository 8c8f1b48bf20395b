"""The chain: what a transaction wrote is in its link, links follow one another, whatever happens at the same time."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings as site
from django.db import connection, transaction

from foundation.databases.commits import find_connection
from foundation.key_rotation import rotate_values
from members.log.audit import log_change
from members.models import AuditEntry, Member, Seal, UnsealedRow, User
from members.people.changes import change_member
from members.seals import chain
from members.seals.chain import link_hash
from members.seals.hashes import hash_rows
from members.seals.tables import NOT_OURS, reason_not_sealed, sealed_models
from points.models import PointEvent
from points.records.recording import record_events
from points.records.voiding import void_event
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry
from tests.flush import drop_triggers
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain, deviations, last_link
from tests.threads import run_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]
SEAL = "封条"


@pytest.fixture
def cast(clock: FrozenClock) -> Cast:
    """The cast, committed, with everything sealed."""
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    assert deviations() == []
    return cast


def record(cast: Cast, month: int = 3, number: int = 0) -> Any:
    entry = base_entry(cast.members_a[number], period=f"2026-{month:02}")
    return record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[entry])


def sealed_in(link: Seal) -> dict[str, list[str]]:
    return {label: sorted(rows) for label, rows in json.loads(link.payload).items()}


def test_a_link_holds_every_row_of_its_transaction(cast: Cast) -> None:
    before = last_link()
    batch = record(cast)
    link = last_link()
    event, entry = PointEvent.objects.get(), AuditEntry.objects.get(verb="record_events")
    assert sealed_in(link) == {
        "members.auditentry": [str(entry.pk)],
        "members.recordbatch": [str(batch.pk)],
        "points.pointevent": [str(event.pk)],
    }
    assert (link.sequence, link.previous_hash, link.hash) == (before.sequence + 1, before.hash, link_hash(link))
    assert (link.kind, link.at) == (Seal.Kind.ROWS, NOW)
    assert not UnsealedRow.objects.exists()
    assert deviations() == []


def test_a_stamp_is_sealed_by_the_transaction_that_sets_it(cast: Cast) -> None:
    record(cast)
    event = PointEvent.objects.get()
    before = json.loads(last_link().payload)["points.pointevent"][str(event.pk)]
    void_event(actor=cast.recorder_a, now=NOW, event=event, reason="记错了人")
    assert json.loads(last_link().payload)["points.pointevent"][str(event.pk)] != before
    assert deviations() == []


def test_what_is_rolled_back_leaves_no_link(cast: Cast) -> None:
    before = last_link()
    with transaction.atomic():
        record(cast)
        transaction.set_rollback(True)
    assert (last_link(), PointEvent.objects.count(), UnsealedRow.objects.count()) == (before, 0, 0)
    with transaction.atomic():
        sid = transaction.savepoint()
        record(cast)
        transaction.savepoint_rollback(sid)
        record(cast, month=4)
    assert sealed_in(last_link())["points.pointevent"] == [str(PointEvent.objects.get().pk)]
    assert deviations() == []


def test_what_cannot_be_sealed_is_not_written(cast: Cast) -> None:
    before = last_link()
    UnsealedRow.objects.create(of_table="nothing", row_id=1, ticket=find_connection().ticket)
    with pytest.raises(KeyError, match="nothing"):
        record(cast)
    assert (last_link(), PointEvent.objects.count(), UnsealedRow.objects.count()) == (before, 0, 1)
    UnsealedRow.objects.all().delete()
    record(cast)
    assert deviations() == []


def test_reading_leaves_no_link(cast: Cast) -> None:
    before = last_link()
    with transaction.atomic():
        assert Member.objects.select_for_update().count() > 0
    assert last_link() == before


def test_a_login_leaves_no_link(cast: Cast) -> None:
    before = last_link()
    User.objects.filter(pk=cast.recorder_a.pk).update(last_login=NOW)
    assert (last_link(), UnsealedRow.objects.count(), deviations()) == (before, 0, [])


def test_many_rows_take_several_links(cast: Cast) -> None:
    before = last_link()
    with transaction.atomic():
        for number in range(chain.AT_ONCE + 1):
            log_change(actor=cast.staff, now=NOW, town=cast.town, verb="restore", subject=cast.town, new={"n": number})
    counts = [len(json.loads(link.payload)["members.auditentry"]) for link in Seal.objects.filter(pk__gt=before.pk)]
    assert counts == [chain.AT_ONCE, 1]
    assert deviations() == []


def test_writers_at_once_make_one_chain(cast: Cast) -> None:
    before = last_link()
    outcomes = run_at_once(*(lambda number=number: record(cast, number=number) for number in range(3)))
    assert [type(outcome).__name__ for outcome in outcomes] == ["RecordBatch"] * 3
    links = list(Seal.objects.filter(sequence__gt=before.sequence))
    assert [link.sequence - before.sequence for link in links] == [1, 2, 3]
    assert deviations() == []


def test_a_clock_set_back_does_not_turn_the_chain_back(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW - timedelta(days=3)
    record(cast)
    assert last_link().at == NOW
    clock.now = NOW
    assert deviations() == []


def test_links_from_the_future_are_named(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW + timedelta(days=400)
    record(cast)
    clock.now = NOW
    assert deviations() == [(SEAL, str(last_link().sequence), "日期在将来。")]


def test_a_rotated_key_changes_no_hash(cast: Cast, settings: Any) -> None:
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values={"phone": "13900000001"})
    stored = dict(hash_rows(Member, [cast.member_a.pk], using="default"))
    settings.PERSONAL_DATA_KEYS = [Fernet.generate_key().decode(), *site.PERSONAL_DATA_KEYS]
    assert [sum(each.done for each in rotate_values(Member))] != [0]
    assert dict(hash_rows(Member, [cast.member_a.pk], using="default")) == stored
    assert deviations() == []


def connect_past_the_program() -> Any:
    """A connection like that of a database's own shell."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return sqlite3.connect(settings["NAME"])
    return psycopg2.connect(
        dbname=settings["NAME"], host=settings["HOST"], user=settings["USER"] or None, port=settings["PORT"] or None
    )


def test_whoever_has_no_ticket_is_refused(cast: Cast) -> None:
    with closing(connect_past_the_program()) as other:
        cursor = other.cursor()
        with pytest.raises((sqlite3.OperationalError, psycopg2.errors.NotNullViolation)):
            cursor.execute("UPDATE members_member SET name = '某某'")
        other.rollback()
    assert deviations() == []


def test_a_forged_ticket_is_named(cast: Cast) -> None:
    with closing(connect_past_the_program()) as other:
        cursor = other.cursor()
        if connection.vendor == "sqlite":
            other.create_function("seal_ticket", 0, lambda: "1" * 32)
        else:
            cursor.execute("SET seal.ticket = 'forged'")
        cursor.execute(f"UPDATE members_member SET name = '某某' WHERE id = {cast.member_a.pk}")
        other.commit()
    uuid = str(cast.member_a.uuid)
    assert deviations() == [
        ("members.member", uuid, "与封存时不符：被改动过。"),
        ("members.member", uuid, "是绕过程序写入的。"),
    ]


def test_what_cannot_be_read_is_named_and_the_rest_is_looked_at(cast: Cast) -> None:
    with transaction.atomic(), unseen(), connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET phone = 'x' WHERE id = %s", [cast.member_a.pk])
        cursor.execute("UPDATE members_member SET name = '某某' WHERE id = %s", [cast.members_a[1].pk])
    first, second = deviations()
    assert first[:2] == ("members.member", str(cast.member_a.pk))
    assert first[2].startswith("无法读取：")
    assert second == ("members.member", str(cast.members_a[1].uuid), "与封存时不符：被改动过。")


# What a forger does to links, and what is said of it: the number relative to the last link, and the words.
FORGERIES: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "content": (
        "UPDATE members_seal SET payload = replace(payload, 'points.pointevent', 'points.pointevenu') WHERE {last}",
        [(0, "校验值与其位置、时间、内容不符。")],
    ),
    "a link in the middle": (
        "DELETE FROM members_seal WHERE sequence = (SELECT max(sequence) - 1 FROM members_seal)",
        [(0, "它前面缺了一环。"), (0, "它与前一环对不上。")],
    ),
    "hash": (
        "UPDATE members_seal SET hash = '" + "0" * 64 + "' WHERE {last}",
        [(0, "校验值与其位置、时间、内容不符。")],
    ),
    "content of no kind": (
        "UPDATE members_seal SET payload = 'x' WHERE {last}",
        [(0, "校验值与其位置、时间、内容不符。"), (0, "内容无法读取。")],
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_link_is_named(name: str, cast: Cast) -> None:
    record(cast)
    record(cast, month=4)
    statement, expected = FORGERIES[name]
    last = last_link().sequence
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(last=f"sequence = {last}"))
    named = [found for found in deviations() if found[0] == SEAL]
    assert named == [(SEAL, str(last + number), words) for number, words in expected]


def test_a_chain_that_is_gone_is_named(cast: Cast) -> None:
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_seal")
    assert deviations() == [(SEAL, "1", "从未封存过，或者全部封条都不见了。")]


def test_every_table_is_sealed_or_says_why_not() -> None:
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    reasons = {model._meta.label_lower: reason_not_sealed(model) for model in models}
    assert {label for label, reason in reasons.items() if reason} == {
        "admin.logentry",
        "members.accessentry",
        "members.failedlogins",
        "members.job",
        "members.notification",
        "members.seal",
        "members.sentform",
        "members.session",
        "members.unsealedrow",
    }
    assert sealed_models().keys() == {label for label, reason in reasons.items() if not reason}
    assert NOT_OURS.keys() <= reasons.keys()
    assert {model._meta.pk.attname for model in sealed_models().values()} == {"id"}
