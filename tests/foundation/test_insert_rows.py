"""Rows written past the models arrive as they were given, whether one statement carries them or they are copied in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from foundation.databases.commits import find_connection

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
COLUMNS = ("id", "word", "day", "yes", "size")
WORDS = ["张伟", "", "\\N", "a\tb", "第一行\n第二行\r\n", "\\", "\\.", "100%", "'\"", "{}", " x ", "NULL", "\u3000"]


@pytest.fixture
def table() -> str:
    with find_connection().cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE insert_trial"
            " (id integer PRIMARY KEY, word text NOT NULL, day date, yes boolean NOT NULL, size integer)"
        )
    return "insert_trial"


def make_rows(count: int) -> list[tuple[Any, ...]]:
    return [
        (
            number,
            WORDS[number % len(WORDS)],
            date(2024, 2, 29) if number % 3 else None,
            number % 2 == 0,
            None if number % 5 else -number,
        )
        for number in range(count)
    ]


def insert(table: str, rows: list[tuple[Any, ...]]) -> int:
    connection = find_connection()
    write_date = connection.ops.adapt_datefield_value
    return connection.insert_rows(
        table, COLUMNS, ((key, word, write_date(day), yes, size) for key, word, day, yes, size in rows)
    )


def read_rows(table: str) -> list[tuple[Any, ...]]:
    with find_connection().cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(COLUMNS)} FROM {table} ORDER BY id")
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@pytest.mark.parametrize("chunks", [0, 1, 2])
@pytest.mark.parametrize("more", [0, 1, 13])
def test_what_is_written_is_what_was_given(chunks: int, more: int, table: str) -> None:
    rows = make_rows(chunks * find_connection().rows_at_once(len(COLUMNS)) + more)
    assert insert(table, rows) == len(rows)
    assert read_rows(table) == rows


@pytest.mark.parametrize("chunks", [0, 1])
def test_what_the_database_refuses_is_refused_as_ever(chunks: int, table: str) -> None:
    rows = make_rows(chunks * find_connection().rows_at_once(len(COLUMNS)) + 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(table, [rows[0], *rows])
    assert read_rows(table) == []
    insert(table, rows)
    assert len(read_rows(table)) == len(rows)
