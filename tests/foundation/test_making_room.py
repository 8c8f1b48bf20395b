"""Large writes keep more of the database in memory, for as long as they last."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.databases.commits import find_connection
from members.models import Town

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def _read_pages() -> int:
    """How much SQLite may keep: pages, or kilobytes where it is negative."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (found,) = cursor.fetchone()
    return int(found)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the server's memory is the server's to set")
def test_room_is_made_for_a_write_and_given_back() -> None:
    before = _read_pages()
    with find_connection().making_room():
        assert _read_pages() == -16_000
    assert _read_pages() == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the server's memory is the server's to set")
def test_room_is_given_back_by_a_write_that_failed() -> None:
    before = _read_pages()
    with pytest.raises(IntegrityError), transaction.atomic(), find_connection().making_room():
        Town.objects.bulk_create([Town(pk=1, name="镇"), Town(pk=1, name="乡")])
    assert _read_pages() == before


def test_what_is_written_meanwhile_stays() -> None:
    with find_connection().making_room(), transaction.atomic():
        Town.objects.create(name="镇")
    assert Town.objects.get().name == "镇"
