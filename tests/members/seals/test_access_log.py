"""Removal from the access log: what is over goes with its mark; what goes otherwise is a deviation."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from time import sleep
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from foundation.clock import read_clock
from foundation.ledger import REFUSAL
from members.models import AccessEntry, AuditEntry, RemovedAccess, Seal
from members.seals import access_log
from members.seals.access_log import MONTH, RemovalRefused, check_access_log, remove_access_entries
from members.seals.checkpoint import make_checkpoint
from members.seals.verification import Chain
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.flush import drop_triggers
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import Named, begin_chain, deviations
from tests.processes import kill, start_command
from tests.threads import run_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]
LOG = "members.accessentry"
MARK = "members.removedaccess"
LONG_AGO = NOW - 13 * MONTH
SPOILT = "其中有记录与封存时不符、不见了或是后加的。"


def log_in(cast: Cast, count: int, at: datetime) -> list[int]:
    """Entries of one moment, and their seal a day later."""
    AccessEntry.objects.bulk_create(
        AccessEntry(at=at, kind="login", user=cast.staff, town=cast.town, path="/login/") for _number in range(count)
    )
    make_checkpoint(now=at + timedelta(days=1))
    return list(AccessEntry.objects.filter(at=at).order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def cast(clock: FrozenClock) -> Cast:
    """The cast, and 501 + 2 entries whose time is over, then 3 whose is not; everything sealed."""
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    log_in(cast, 501, LONG_AGO)
    log_in(cast, 2, LONG_AGO + timedelta(days=2))
    log_in(cast, 3, NOW - timedelta(days=2))
    assert named() == []
    return cast


def named() -> list[Named]:
    """What a verification of the seals and of the access log names."""
    chain = Chain()
    assert list(chain.read_on(now=read_clock())) == []
    found = check_access_log(chain.access)
    return deviations() + [(each.kind, each.identity, each.message) for each in found]


def stretches() -> list[str]:
    """The sealed stretches, the oldest first."""
    links = Seal.objects.filter(kind=Seal.Kind.ACCESS).order_by("sequence")
    return [str(stretch) for link in links for stretch in access_log.read_stretches(link)]


def test_what_is_over_goes_and_leaves_its_mark(cast: Cast) -> None:
    one, two, three, kept = stretches()
    sealed = [link.hash for link in Seal.objects.order_by("sequence")]
    removed = remove_access_entries(now=NOW, months=12)
    assert (removed.entries, removed.stretches, removed.spoilt) == (503, 3, [])
    assert AccessEntry.objects.count() == 3
    marks = list(RemovedAccess.objects.values_list("entries", "earliest", "latest", "at"))
    later = LONG_AGO + timedelta(days=2)
    assert marks == [(500, LONG_AGO, LONG_AGO, NOW), (1, LONG_AGO, LONG_AGO, NOW), (2, later, later, NOW)]
    assert [str(mark) for mark in RemovedAccess.objects.all()] == [one, two, three]
    entries = AuditEntry.objects.filter(verb="remove_access_entries")
    assert set(entries.values_list("town", flat=True)) == {cast.town.pk, cast.other_town.pk}
    assert entries[0].new == {
        "entries": 503,
        "stretches": [one, two, three],
        "from": f"{LONG_AGO:%Y-%m-%d}",
        "to": f"{later:%Y-%m-%d}",
    }
    # The links of then stand as they stood; one more holds the marks.
    assert [link.hash for link in Seal.objects.order_by("sequence")][: len(sealed)] == sealed
    assert named() == []
    log_in(cast, 1, NOW - timedelta(days=1))
    assert stretches()[:4] == [one, two, three, kept]
    assert named() == []


def test_a_second_time_nothing_goes(cast: Cast) -> None:
    remove_access_entries(now=NOW, months=12)
    again = remove_access_entries(now=NOW, months=12)
    assert (again.entries, again.stretches, again.spoilt) == (0, 0, [])
    assert AuditEntry.objects.filter(verb="remove_access_entries", town=cast.town).count() == 1


def test_a_stretch_goes_only_as_a_whole_and_not_before_it_is_sealed(cast: Cast) -> None:
    remove_access_entries(now=NOW, months=12)
    AccessEntry.objects.create(at=LONG_AGO, kind="login", user=cast.staff, town=cast.town)
    assert remove_access_entries(now=NOW, months=12).entries == 0
    AccessEntry.objects.create(at=NOW - timedelta(days=1), kind="login", user=cast.staff, town=cast.town)
    make_checkpoint(now=NOW)
    assert remove_access_entries(now=NOW, months=12).entries == 0
    assert AccessEntry.objects.count() == 5
    assert remove_access_entries(now=NOW + 14 * MONTH, months=12).entries == 5
    assert named() == []


def test_nothing_goes_before_six_months(cast: Cast) -> None:
    with pytest.raises(RemovalRefused, match="至少保存6个月"):
        remove_access_entries(now=NOW, months=5)
    at = NOW - 6 * MONTH
    log_in(cast, 1, at)
    assert remove_access_entries(now=NOW, months=6).entries == 503
    assert remove_access_entries(now=NOW + timedelta(seconds=1), months=6).entries == 1


def first_entry() -> AccessEntry:
    return AccessEntry.objects.order_by("pk")[0]


def mark_all() -> RemovedAccess:
    """A mark over every entry there is, that no seal knows of."""
    first, last = (AccessEntry.objects.order_by(order)[0].pk for order in ("pk", "-pk"))
    return RemovedAccess.objects.create(
        first_id=first, last_id=last, entries=1, earliest=LONG_AGO, latest=LONG_AGO, hash="0" * 32, at=NOW
    )


@pytest.mark.parametrize("way", ["no mark", "a mark of others", "too young"])
def test_the_triggers_let_through_what_is_marked_and_old_enough_alone(way: str, cast: Cast) -> None:
    now = datetime.now(tz=NOW.tzinfo)
    pk = first_entry().pk
    if way == "a mark of others":
        RemovedAccess.objects.create(
            first_id=pk + 1, last_id=pk + 9, entries=1, earliest=now, latest=now, hash="0", at=now
        )
    elif way == "too young":
        pk = AccessEntry.objects.create(at=now - timedelta(days=183), kind="login").pk
        mark_all()
    before = AccessEntry.objects.count()
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        AccessEntry.objects.filter(pk=pk).delete()
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE members_accessentry")
    assert AccessEntry.objects.count() == before


def without_triggers(change: Callable[[], object]) -> None:
    """Something done past every trigger, by whoever owns the database."""
    connection.check_constraints()
    with transaction.atomic(), unseen():
        change()


def delete_first_stretch() -> None:
    first = first_entry().pk
    AccessEntry.objects.filter(pk__lt=first + 500).delete()


def delete_and_mark() -> None:
    """As the verb does it, but for the seal of the mark: that needs the key."""
    stretch = access_log.read_stretches(Seal.objects.filter(kind="access").order_by("sequence")[0])[0]
    RemovedAccess.objects.create(
        first_id=stretch.first,
        last_id=stretch.last,
        entries=500,
        earliest=LONG_AGO,
        latest=LONG_AGO,
        hash=stretch.hash,
        at=NOW,
    )
    stretch.entries.delete()


def test_a_stretch_removed_by_hand_is_named_and_never_covered_up(cast: Cast) -> None:
    one, *_others = stretches()
    without_triggers(delete_first_stretch)
    assert named() == [(LOG, one, SPOILT)]
    removed = remove_access_entries(now=NOW, months=12)
    assert (removed.entries, removed.spoilt) == (3, [one])
    assert named() == [(LOG, one, SPOILT)]


def test_what_was_changed_before_its_time_was_over_is_never_removed(cast: Cast) -> None:
    one, *_others = stretches()
    without_triggers(lambda: AccessEntry.objects.filter(pk=first_entry().pk).update(path="/elsewhere/"))
    out = StringIO()
    with pytest.raises(CommandError, match=f"与封存时不符，未清除：{one}。"):
        call_command("remove_access_entries", stdout=out)
    assert "3条" in out.getvalue()
    assert AccessEntry.objects.count() == 503
    assert named() == [(LOG, one, SPOILT)]


def test_a_mark_without_a_seal_is_named(cast: Cast) -> None:
    without_triggers(delete_and_mark)
    assert named() == [(MARK, str(RemovedAccess.objects.get().pk), "是绕过程序添加的：没有封条。")]


def test_a_mark_taken_away_is_named(cast: Cast) -> None:
    remove_access_entries(now=NOW, months=12)
    one, *_others = stretches()
    mark = RemovedAccess.objects.all()[0]
    without_triggers(lambda: RemovedAccess.objects.filter(pk=mark.pk).delete())
    assert named() == [(MARK, str(mark.pk), "是绕过程序删除的。"), (LOG, one, SPOILT)]


def test_a_mark_over_what_was_never_sealed_is_named(cast: Cast) -> None:
    mark = mark_all()
    assert named() == [(LOG, str(mark), "有清除标记，但从未封存过这一段。")]


def test_entries_put_back_into_a_removed_stretch_are_named(cast: Cast) -> None:
    remove_access_entries(now=NOW, months=12)
    one, *_others = stretches()
    first = int(one.split("-")[0])
    AccessEntry.objects.create(pk=first + 1, at=LONG_AGO, kind="logout", user=cast.staff, town=cast.town)
    assert named() == [(LOG, one, "有清除标记，但其中仍有记录。")]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hash": "0" * 32}, "清除标记所记的与封存时不符。"),
        ({"latest": NOW - timedelta(days=180)}, "清除时未满六个月。"),
    ],
)
def test_a_mark_that_contradicts_the_seal_is_named(values: dict[str, Any], message: str, cast: Cast) -> None:
    """Sealed, but not the verb's: whoever can make the program write."""
    stretch = access_log.read_stretches(Seal.objects.filter(kind="access").order_by("sequence")[0])[0]
    given = {"entries": 500, "earliest": LONG_AGO, "latest": LONG_AGO, "hash": stretch.hash, "at": NOW} | values
    with transaction.atomic():
        RemovedAccess.objects.create(first_id=stretch.first, last_id=stretch.last, **given)
        stretch.entries.delete()
    assert named() == [(LOG, str(stretch), message)]


@pytest.mark.parametrize("payload", ["x", "[]", '{"members.accessentry": []}', '{"members.accessentry": {"1": [1]}}'])
def test_a_link_that_cannot_be_read_is_named_and_the_others_are_looked_at(payload: str, cast: Cast) -> None:
    links = list(Seal.objects.filter(kind=Seal.Kind.ACCESS).order_by("sequence"))
    links[1].payload = payload
    without_triggers(delete_first_stretch)
    found = [(each.kind, each.identity, each.message) for each in check_access_log(links)]
    assert found == [("封条", str(links[1].sequence), "内容无法读取。"), (LOG, stretches()[0], SPOILT)]


def test_triggers_that_let_everything_through_are_missed(cast: Cast) -> None:
    from foundation.ledger import missing_triggers

    drop_triggers(connection)
    lacking = {name for table, name in missing_triggers(connection) if table == "members_accessentry"}
    assert "ledger_members_accessentry_delete" in lacking
    call_command("migrate", verbosity=0)
    assert list(missing_triggers(connection)) == []


def test_two_at_once_and_a_site_that_goes_on(cast: Cast) -> None:
    outcomes = run_at_once(
        lambda: remove_access_entries(now=NOW, months=12),
        lambda: remove_access_entries(now=NOW, months=12),
        lambda: log_in(cast, 1, NOW - timedelta(hours=25)),
    )
    assert sum(outcome.entries for outcome in outcomes[:2]) == 503
    assert [outcome.spoilt for outcome in outcomes[:2]] == [[], []]
    assert (RemovedAccess.objects.count(), AccessEntry.objects.count()) == (3, 4)
    entries = AuditEntry.objects.filter(verb="remove_access_entries", town=cast.town)
    assert sum(entry.new["entries"] for entry in entries) == 503
    assert named() == []


def test_the_command_says_what_it_did(cast: Cast) -> None:
    out = StringIO()
    call_command("remove_access_entries", "--months", "6", stdout=out)
    assert "503条" in out.getvalue()
    with pytest.raises(CommandError, match="至少保存6个月"):
        call_command("remove_access_entries", "--months", "0")


@pytest.mark.long
def test_killed_at_any_moment_it_goes_on(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    with monkeypatch.context() as small:
        small.setattr(access_log, "STRETCH", 2)
        log_in(cast, 400, LONG_AGO)
    clock.now = datetime.now(tz=NOW.tzinfo) + timedelta(hours=1)
    chance, kills = random.Random(1), 0
    while True:
        removing = start_command("remove_access_entries")
        awaited = RemovedAccess.objects.count() + chance.choice([1, 1, 40, 80])
        while RemovedAccess.objects.count() < awaited and removing.poll() is None:
            sleep(0.005)
        sleep(chance.uniform(0, 0.05))
        if not kill(removing):
            break
        kills += 1
        removed = sum(RemovedAccess.objects.values_list("entries", flat=True))
        logged = AuditEntry.objects.filter(verb="remove_access_entries", town=cast.town)
        assert sum(entry.new["entries"] for entry in logged) == removed == 400 - AccessEntry.objects.count()
        assert named() == []
    assert (removing.returncode, RemovedAccess.objects.count(), AccessEntry.objects.count()) == (0, 200, 0)
    assert named() == []
    assert kills >= 3
