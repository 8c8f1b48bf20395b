"""Changing columns of a row of the roster, and logging what differed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

from foundation.encryption import encrypted_columns
from members.errors import RosterRefused
from members.log.audit import log_change
from members.models import Town, User

RowT = TypeVar("RowT", bound=Model)


HIDDEN = "***"
"""Stands in the log for a personal number: the log says that it changed, never what it says."""


def loggable(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a row as JSON for the log: encrypted ones hidden, the hashes beside them left out (D21)."""
    secret = encrypted_columns(model)
    hashes = {f"{name}_hash" for name in secret}
    return {name: HIDDEN if name in secret else _plain(value) for name, value in values.items() if name not in hashes}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Model) else value


def save_changes(
    row: RowT, values: Mapping[str, Any], *, actor: User, now: datetime, town: Town, verb: str, refusal: str
) -> list[str]:
    """Set what differs, save and log it; returns the names of the fields that changed."""
    row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    changed = {name: value for name, value in sorted(values.items()) if getattr(row, name) != value}
    if not changed:
        return []
    old = loggable(type(row), {name: getattr(row, name) for name in changed})
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=list(changed))
    except IntegrityError as error:
        raise RosterRefused(refusal) from error
    new = loggable(type(row), changed)
    log_change(actor=actor, now=now, town=town, verb=verb, subject=row, old=old, new=new)
    return list(new)


def refuse_other_fields(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raise KeyError with the names that are not to be changed here."""
    unknown = values.keys() - allowed
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
