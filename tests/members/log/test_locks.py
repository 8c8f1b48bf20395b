"""Writers keep one order and wait for each other, on both engines."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from members.errors import RosterRefused
from members.log.locks import lock_for_score
from members.models import Member
from points.models import PointEvent
from points.records.recording import record_events
from tests.cast import Cast, build_cast
from tests.factories import NOW, base_entry
from tests.threads import PATIENCE, run_at_once

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def in_thread(action: Any) -> tuple[threading.Thread, threading.Event]:
    done = threading.Event()

    def act() -> None:
        try:
            action()
            done.set()
        finally:
            connection.close()

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread, done


def test_a_writer_waits_for_the_one_who_holds_the_member() -> None:
    cast = build_cast()

    def record() -> None:
        record_events(
            actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[base_entry(cast.member_a)]
        )

    with transaction.atomic():
        lock_for_score(branch_ids=[cast.branch_a.pk], member_ids=[cast.member_a.pk])
        thread, done = in_thread(record)
        assert not done.wait(0.4)
        assert not PointEvent.objects.exists()
    thread.join(PATIENCE)
    assert done.is_set()
    assert PointEvent.objects.count() == 1


def test_opposite_orders_do_not_deadlock() -> None:
    cast = build_cast()
    members = [member.pk for member in (*cast.members_a, *cast.members_b)]
    branches = [cast.branch_a.pk, cast.branch_b.pk]

    def hold(branch_ids: list[int], member_ids: list[int]) -> str:
        for _ in range(10):
            with transaction.atomic():
                lock_for_score(branch_ids=branch_ids, member_ids=member_ids)
        return "done"

    assert (
        run_at_once(
            lambda: hold(branches, members), lambda: hold(branches[::-1], members[::-1]), lambda: hold([], members)
        )
        == ["done"] * 3
    )


def test_branches_come_first_then_members_by_id_in_chunks(cast: Cast) -> None:
    crowd = Member.objects.bulk_create(
        Member(town=cast.town, name=f"众{number}", category=Member.Category.FULL) for number in range(1_200)
    )
    ids = [cast.members_b[0].pk, cast.members_a[0].pk, *(member.pk for member in crowd)]
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        lock_for_score(branch_ids=[cast.branch_b.pk, cast.branch_a.pk], member_ids=ids)
    statements = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert [statement.split(" FROM ")[1].split('"')[1] for statement in statements] == [
        "members_branch",
        *["members_member"] * 3,
    ]
    assert all(re.search(r'ORDER BY (1|"members_[a-z]+"."id") ASC', statement) for statement in statements)
    assert all("FOR UPDATE" in statement for statement in statements) == (connection.vendor == "postgresql")


def test_who_was_taken_off_the_roster_meanwhile_is_not_written_for(cast: Cast) -> None:
    gone = cast.member_a.pk + 100_000
    with transaction.atomic(), pytest.raises(RosterRefused, match="已不在名册上"):
        lock_for_score(branch_ids=[cast.branch_a.pk], member_ids=[cast.member_a.pk, gone])
    with transaction.atomic(), pytest.raises(RosterRefused, match="已不在名册上"):
        lock_for_score(branch_ids=[cast.branch_a.pk + 100_000], member_ids=[])
