"""Bringing everything that is encrypted under the first of `PERSONAL_DATA_KEYS`, while the site runs.

Each value is written over only if it still is what was read: an edit meanwhile is never undone. What is under the first
key already is left alone, so that a run that was broken off is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from foundation.chunks import CHUNK
from foundation.databases.commits import find_connection
from foundation.encryption import encrypted_columns, renew_text

STORED = "stored_"
"""In front of a column's name: the value as it is stored, not decrypted."""


@dataclass(slots=True)
class Rotation:
    """How far one model is: values (not rows) by what became of them, and the rows no key can read."""

    model: type[Model]
    total: int = 0
    done: int = 0
    already: int = 0
    changed_meanwhile: int = 0
    unreadable: list[int] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.done + self.already + self.changed_meanwhile + len(self.unreadable)


def encrypted_models() -> list[type[Model]]:
    """Every model with an encrypted column."""
    return [model for model in apps.get_models() if encrypted_columns(model)]


def rotate_values(model: type[Model], *, write: bool = True, chunk: int = CHUNK) -> Iterator[Rotation]:
    """Encrypt a model's values with the first key, `chunk` rows in a transaction; yields how far it is after each.

    Without `write` nothing is changed: `done` then counts what would be.
    """
    columns = sorted(encrypted_columns(model))
    so_far = Rotation(model, total=sum(_count_values(model, name) for name in columns))
    last = 0
    while True:
        rows = with_stored(model, columns).filter(pk__gt=last).order_by("pk")
        found = list(rows.values_list("pk", *(STORED + name for name in columns))[:chunk])
        if not found:
            return
        with transaction.atomic(), find_connection().rewriting():
            for pk, *values in found:
                for name, stored in zip(columns, values, strict=True):
                    if stored:
                        _rotate_value(so_far, pk, name, stored, write=write)
        last = found[-1][0]
        yield so_far


def _count_values(model: type[Model], name: str) -> int:
    return model._base_manager.exclude(Q(**{name: ""}) | Q(**{f"{name}__isnull": True})).count()


def with_stored(model: type[Model], columns: Iterable[str]) -> QuerySet[Model]:
    """Every row with what is stored in some of its columns (`STORED` in front of their names)."""
    rows: QuerySet[Model] = model._base_manager.annotate(
        **{STORED + name: Cast(F(name), TextField()) for name in columns}
    )
    return rows


def _rotate_value(so_far: Rotation, pk: int, name: str, stored: str, *, write: bool) -> None:
    try:
        fresh = renew_text(stored)
    except InvalidToken:
        so_far.unreadable.append(pk)
        return
    if fresh == stored:
        so_far.already += 1
    elif write and not _swap(so_far.model, pk, name, stored, fresh):
        so_far.changed_meanwhile += 1
    else:
        so_far.done += 1


def _swap(model: type[Model], pk: int, name: str, stored: str, fresh: str) -> bool:
    """Write a value over the one that was read; False where another stands there since."""
    same = with_stored(model, [name]).filter(pk=pk, **{STORED + name: stored})
    return same.update(**{name: as_stored(fresh)}) == 1


def as_stored(text: str) -> Value:
    """What `update` writes as it is: given the text itself, an encrypted column would encrypt it once more."""
    return Value(text, output_field=TextField())
