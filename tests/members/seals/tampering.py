"""Whoever has the database to themselves: rows changed, removed and added past every trigger, at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import Error, connection, models, transaction

from foundation.databases.commits import find_connection
from foundation.ledger import install_triggers
from members.seals import chain
from members.seals.notes import install_notes, remove_notes
from members.seals.tables import sealed_columns, sealed_models
from tests.flush import drop_triggers

Named = tuple[str, str]
"""Model and uuid (or id) of a row, as a verification names it."""


def fill_empty_tables() -> None:
    """A row in every sealed table that has none, and its seal."""
    for model in sealed_models().values():
        if not model._base_manager.exists():
            _make_row(model).save(force_insert=True)
    chain.seal_pending(find_connection())


def _make_row(model: type[models.Model]) -> models.Model:
    values: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key or column.has_default():
            continue
        if isinstance(column, models.ForeignKey):
            values[column.attname] = None if column.null else _find_row(column.target_field.model).pk
        elif not column.null:
            values[column.attname] = {
                "DateField": date(2026, 5, 1),
                "TimeField": time(15),
                "DateTimeField": datetime(2026, 5, 1, tzinfo=UTC),
                "BooleanField": True,
                "JSONField": {},
            }.get(column.get_internal_type(), "1")
    if model._meta.label_lower == "members.rosterchange":
        values["branch_id"] = sealed_models()["members.branch"]._base_manager.values_list("pk", flat=True)[0]
        values["created"] = True
    return model(**values)


def _find_row(model: type[models.Model]) -> models.Model:
    """The first of a table; one is made where there is none."""
    found = model._base_manager.first()
    if found is None:
        found = _make_row(model)
        found.save(force_insert=True)
    return found


@contextmanager
def unseen() -> Iterator[None]:
    """No trigger notes or refuses anything in the block, no key or condition is checked; afterwards all stand again."""
    connection.check_constraints()
    drop_triggers(connection)
    remove_notes(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        else:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET LOCAL session_replication_role = origin")
    install_triggers(connection)
    install_notes(connection)


class Tamperer:
    """Tampers with rows nobody has tampered with yet, and remembers which."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.labels = sorted(sealed_models())
        self.touched: dict[str, set[int]] = {label: set() for label in self.labels}
        self.known = {label: sorted(_ids(label)) for label in self.labels}
        self.added: dict[str, set[int]] = {label: set() for label in self.labels}

    def tamper(self, label: str) -> bool:
        """Change, remove or add a row of a table; False where every row was touched already."""
        free = [row_id for row_id in self.known[label] if row_id not in self.touched[label]]
        if not free:
            return False
        row_id = self.chance.choice(free)
        while True:
            way = self.chance.choice([self._change, self._change, self._change, self._remove, self._add])
            try:
                with transaction.atomic():
                    touched = way(label, row_id)
            except Error:
                continue  # a value too long, a number taken: something else then
            if touched is not None:
                (self.added if way == self._add else self.touched)[label].add(touched)
                return True

    def tell(self) -> Iterator[Named]:
        """What was tampered with, as it is named now."""
        for label in self.labels:
            has_uuid = any(column.name == "uuid" for column in sealed_models()[label]._meta.concrete_fields)
            rows = sealed_models()[label]._base_manager
            for row_id in self.touched[label] | self.added[label]:
                found = rows.filter(pk=row_id).values_list("uuid", flat=True).first() if has_uuid else None
                yield label, str(found or row_id)

    def _change(self, label: str, row_id: int) -> int | None:
        model = sealed_models()[label]
        column = self.chance.choice([column for column in sealed_columns(model) if not column.primary_key])
        rows = model._base_manager.filter(pk=row_id)
        before = rows.values_list(column.attname, flat=True).get()
        after = _alter(column, before)
        if after == before:
            return None
        rows.update(**{column.attname: after})
        return row_id

    def _remove(self, label: str, row_id: int) -> int:
        rows: Any = sealed_models()[label]._base_manager.filter(pk=row_id)
        rows._raw_delete(rows.db)
        return row_id

    def _add(self, label: str, row_id: int) -> int:
        row = sealed_models()[label]._base_manager.get(pk=row_id)
        row.pk = max(_ids(label)) + self.chance.randint(1, 50)
        for column in row._meta.concrete_fields:
            if column.unique and not column.primary_key:
                setattr(row, column.attname, _alter(column, getattr(row, column.attname)))
        row.save_base(raw=True, force_insert=True)
        return int(row.pk)


def _ids(label: str) -> set[int]:
    return set(sealed_models()[label]._base_manager.values_list("pk", flat=True))


def _alter(column: Any, value: Any) -> Any:
    """Another value that may stand in a column."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, time):
        return value.replace(minute=(value.minute + 1) % 60)
    if isinstance(value, str):
        last = "b" if value.endswith("a") else "a"
        return value[:-1] + last if column.max_length and len(value) >= column.max_length else value + last
    if isinstance(value, dict | list):
        return {"forged": 1}
    kinds: dict[str, Any] = {
        "DateField": date(2026, 1, 1),
        "DateTimeField": datetime(2026, 1, 1, tzinfo=UTC),
        "JSONField": {"forged": 1},
        "BooleanField": True,
        "CharField": "a",
        "TextField": "a",
    }
    return kinds.get(column.get_internal_type(), 1)
