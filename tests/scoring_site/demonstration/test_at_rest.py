"""What can be read in a whole town as it is stored: no ground, statement or objection, and nobody forgotten (D21)."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from django.db import connection

from foundation.encryption import encrypted_columns
from foundation.key_rotation import encrypted_models
from members.models import Town, User
from members.people.pseudonyms import find_due, pseudonymise_member
from points.integrity.ledger import verify_ledger
from points.models import ReviewLine
from tests.clock import SHANGHAI

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
            rows += ["\t".join(map(str, row)) for row in cursor.fetchall()]
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


def test_who_is_forgotten_is_named_nowhere_and_every_line_stands(town: Town) -> None:
    now = datetime(2031, 1, 10, 9, 0, tzinfo=SHANGHAI)
    leavings = list(find_due(town, left_before=date(2027, 1, 1)).forgotten)
    names = {leaving.member.name for leaving in leavings}
    lines = list(ReviewLine.objects.values_list("payload", "hash"))
    assert len(names) >= 2
    assert {name for name in names if name in read_everything()} == names
    actor = User.objects.get(town=town, is_system=True)
    for leaving in leavings:
        pseudonymise_member(actor=actor, now=now, member=leaving.member, reason="镇党委会议决定")
    everything = read_everything()
    assert {name for name in names if name in everything or json.dumps(name)[1:-1] in everything} == set()
    assert list(ReviewLine.objects.values_list("payload", "hash")) == lines
    assert list(verify_ledger()) == []
