"""The role that serves the site on PostgreSQL: a whole town is built under it, and nothing of the tables is its own."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import ProgrammingError
from psycopg2.errors import InsufficientPrivilege

from members.models import AccessEntry
from members.seals.access_log import MONTH
from members.seals.checkpoint import make_checkpoint
from points.models import PointEvent
from points.records.recording import record_events
from points.records.voiding import void_event
from scoring_site.demonstration.town import build_demonstration_town
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, base_entry
from tests.members.seals.verified import begin_chain, deviations
from tests.scoring_site.demonstration.shown import MOMENT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engine,
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="SQLite knows no roles: whoever can write the file owns everything in it"
    ),
]
GRANTS = Path(__file__).resolve().parent.parent.parent / "docs" / "grants.sql"


@pytest.fixture
def served() -> Iterator[None]:
    """This connection as the role that serves the site, with everything sealed that is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'points_app'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE points_app")
        cursor.execute(GRANTS.read_text(encoding="utf-8"))
    begin_chain()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE points_app")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY points_app")


@pytest.fixture
def serving(served: None, clock: FrozenClock) -> Cast:
    """The cast, written by that role."""
    clock.now = NOW
    return build_cast()


def test_it_records_voids_and_seals(serving: Cast) -> None:
    record_events(actor=serving.recorder_a, now=NOW, town=serving.town, entries=[base_entry(serving.member_a)])
    void_event(actor=serving.recorder_a, now=NOW, event=PointEvent.objects.get(), reason="记错了人")
    AccessEntry.objects.create(at=NOW, kind="login", user=serving.staff, town=serving.town)
    assert PointEvent.objects.get().void_reason == "记错了人"
    assert deviations() == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE points_pointevent DISABLE TRIGGER USER",
        "DROP TRIGGER seal_points_pointevent_update ON points_pointevent",
        "ALTER TABLE points_pointevent DROP COLUMN note",
        "DROP TABLE members_seal",
        "TRUNCATE members_auditentry CASCADE",
        "DELETE FROM members_accessentry",
        (
            "INSERT INTO members_removedaccess (first_id, last_id, entries, earliest, latest, hash, at)"
            " VALUES (1, 2, 2, now(), now(), '', now())"
        ),
        "DELETE FROM points_pointevent",
        "UPDATE points_pointevent SET points = 10",
        "UPDATE members_seal SET payload = '{}'",
        "UPDATE veto_deduction SET item = 'x'",
        "DELETE FROM django_migrations",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE beside (id bigint)",
        "DROP INDEX event_live_base_once_per_period",
    ],
)
def test_it_cannot_touch_what_guards_the_ledger(statement: str, serving: Cast) -> None:
    with pytest.raises(ProgrammingError) as refusal, connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(refusal.value.__cause__, InsufficientPrivilege)


def test_it_removes_nothing_of_the_access_log(serving: Cast) -> None:
    AccessEntry.objects.create(at=NOW - 13 * MONTH, kind="login")
    make_checkpoint(now=NOW)
    with pytest.raises(CommandError, match="OWNER_DATABASE_URL"):
        call_command("remove_access_entries")
    assert (AccessEntry.objects.count(), deviations()) == (1, [])
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    out = StringIO()
    call_command("remove_access_entries", stdout=out)
    assert (AccessEntry.objects.count(), deviations()) == (0, [])
    assert "已清除：1条" in out.getvalue()


def test_a_stamp_is_all_that_it_may_set(serving: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE grantee = 'points_app' AND privilege_type = 'UPDATE' AND table_name IN %s",
            [("points_pointevent", "members_auditentry", "members_seal")],
        )
        granted: Any = set(cursor.fetchall())
    assert granted == {
        ("points_pointevent", "voided_at"),
        ("points_pointevent", "voided_by_id"),
        ("points_pointevent", "void_reason"),
    }


@pytest.mark.long
def test_it_builds_a_whole_town(served: None, clock: FrozenClock, evidence_dir: Path) -> None:
    """Every verb the demonstration comes out of: rosters, records, halves, notices, objections, findings."""
    clock.now = MOMENT
    build_demonstration_town(now=MOMENT)
    assert PointEvent.objects.count() > 10_000
    assert deviations() == []
