"""Whoever has the database without its keys reads no ground, statement, appeal or objection in it (D21)."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from foundation.encryption import encrypted_columns
from foundation.key_rotation import encrypted_models

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("town")]

ELSEWHERE = {
    ("Deduction", "item"): "the rulebook names its grounds",
    ("VetoRecord", "ground"): "the rulebook names its grounds",
    ("Objection", "answer"): "one that corrects is the correction's reason, which its line says",
}
"""What may stand in the clear in another place, and why."""


def read_plain_values() -> dict[tuple[str, str], set[str]]:
    """Every encrypted value in the clear, by model and column."""
    found = {}
    for model in encrypted_models():
        for name in sorted(encrypted_columns(model)):
            found[model.__name__, name] = {value for value in model._base_manager.values_list(name, flat=True) if value}
    return found


def read_everything() -> str:
    """The whole database, as whoever copied the file reads it."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def test_no_encrypted_value_stands_anywhere_in_the_clear() -> None:
    plain = read_plain_values()
    everything = read_everything()
    filled = {key for key, values in plain.items() if values}
    assert {
        ("Deduction", "particulars"),
        ("VetoRecord", "minutes"),
        ("Answer", "statement"),
        ("Appeal", "text"),
    } <= filled
    assert {("Objection", "text"), ("InvestigationNote", "text"), ("ExemptionApplication", "text")} <= filled
    told = {
        (model, name, value)
        for (model, name), values in plain.items()
        if (model, name) not in ELSEWHERE
        for value in values
        if value in everything or json.dumps(value)[1:-1] in everything
    }
    assert told == set()
