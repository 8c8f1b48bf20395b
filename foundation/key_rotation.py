"""Bringing everything that is encrypted under the first of `PERSONAL_DATA_KEYS`, while the site runs.

Each value is written over only if it still is what was read: an edit meanwhile is never undone. What is under the first
key already is left alone, so that a run that was broken off is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from foundation.chunks import CHUNK
from foundation.encryption import encrypted_columns

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
    rows = model._base_manager.order_by("pk").annotate(
        **{STORED + name: Cast(F(name), TextField()) for name in columns}
    )
    so_far = Rotation(model, total=sum(_holding(model, name).count() for name in columns))
    last = 0
    while True:
        found = list(rows.filter(pk__gt=last).values("pk", *(STORED + name for name in columns))[:chunk])
        if not found:
            return
        with transaction.atomic():
            for row in found:
                for name in columns:
                    if row[STORED + name]:
                        _rotate_value(so_far, row["pk"], name, row[STORED + name], write=write)
        last = found[-1]["pk"]
        yield so_far


def _holding(model: type[Model], name: str) -> QuerySet[Model]:
    stored: QuerySet[Model] = model._base_manager.annotate(stored=Cast(F(name), TextField()))
    return stored.exclude(Q(stored="") | Q(stored__isnull=True))


def _rotate_value(so_far: Rotation, pk: int, name: str, stored: str, *, write: bool) -> None:
    keys = [Fernet(key) for key in settings.PERSONAL_DATA_KEYS]
    try:
        keys[0].decrypt(stored.encode())
    except InvalidToken:
        pass
    else:
        so_far.already += 1
        return
    try:
        fresh = MultiFernet(keys).rotate(stored.encode()).decode()
    except InvalidToken:
        so_far.unreadable.append(pk)
        return
    if write:
        same = so_far.model._base_manager.annotate(stored=Cast(F(name), TextField())).filter(pk=pk, stored=stored)
        # As an expression, the value is stored as it is; as text, the column would encrypt it once more.
        if not same.update(**{name: Value(fresh, output_field=TextField())}):
            so_far.changed_meanwhile += 1
            return
    so_far.done += 1
