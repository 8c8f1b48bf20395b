"""Changing columns of a row of the roster, and logging what differed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model

from members.errors import RosterRefused
from members.log.audit import log_change
from members.models import Town, User

RowT = TypeVar("RowT", bound=Model)


SECRET_FIELDS = frozenset({"id_number", "phone"})
"""The log says that these changed, never what they say."""

HIDDEN = "***"
"""Stands in the log for what they say."""


def _plain(value: Any) -> Any:
    """A JSON value for the log."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Model) else value


def write_changes(
    row: RowT, values: Mapping[str, Any], *, actor: User, now: datetime, town: Town, verb: str, refusal: str
) -> list[str]:
    """Set what differs, save and log it; returns the names of the fields that changed."""
    row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return []
    shown = {name for name in changed if name not in SECRET_FIELDS and not name.endswith("_hash")}
    hidden = {name: HIDDEN for name in changed if name in SECRET_FIELDS}
    old = {name: _plain(getattr(row, name)) for name in sorted(shown)}
    for name, value in changed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=sorted(changed))
    except IntegrityError as error:
        raise RosterRefused(refusal) from error
    new = {name: _plain(changed[name]) for name in sorted(shown)}
    log_change(actor=actor, now=now, town=town, verb=verb, subject=row, old=old | hidden, new=new | hidden)
    return sorted(shown | hidden.keys())


def refuse_other_fields(values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    """Raise KeyError with the names that are not to be changed here."""
    unknown = values.keys() - allowed
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
