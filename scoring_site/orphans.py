"""Removing evidence that nothing names any more: rows without a link, and files no row, link or paper names.

A file stays while a live link names it (`EvidenceLink`), or a column that keeps a picture's or a scan's name
(`NAMED_BY`). What became an orphan lately stays too: somebody may be about to link it, or have voided it by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q

from foundation.file_store import kept_before, remove_bytes, remove_leftovers
from foundation.ledger import live
from members.log.audit import log_change
from members.models import ExemptionApplication, Informing, StoredFile
from members.selectors import system_account
from points.models import Confirmation, EvidenceLink, Review
from publicity.models import Closing, LinePosting, Objection, Posting

GRACE = timedelta(days=30)
NAMED_BY: tuple[tuple[type[models.Model], str], ...] = (
    (Posting, "photo"),
    (LinePosting, "photo"),
    (Closing, "photo"),
    (Objection, "scan"),
    (Review, "photo"),
    (Confirmation, "scan"),
    (ExemptionApplication, "scan"),
    (Informing, "scan"),
)
"""Columns that hold the name of a kept file, its SHA-256."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows and files are gone, or would be."""

    rows: int
    files: int
    leftovers: int


def remove_orphans(*, now: datetime, grace: timedelta = GRACE, only_count: bool = False) -> Removed:
    """Remove what has been an orphan for `grace`; `only_count` removes nothing.

    A row whose links are all void stays, for they name it; its file goes. May run while the site is used: a file
    that is taken in meanwhile is young again and stays.
    """
    until = now - grace
    rows = StoredFile.objects.filter(links__isnull=True, stored_at__lt=until)
    gone = (
        list(rows.values_list("pk", flat=True))
        if only_count
        else [pk for pk in rows.values_list("pk", flat=True) if _remove_row(pk, until, now)]
    )
    named = names_in_use(until) - (_names_of_rows(gone) if only_count else set())
    files = [name for name in kept_before(until) if name not in named]
    if only_count:
        return Removed(len(gone), len(files), 0)
    removed = [name for name in files if not _is_named(name, until) and remove_bytes(name, kept_before=until)]
    return Removed(len(gone), len(removed), remove_leftovers(kept_before=until))


def _remove_row(pk: int, until: datetime, now: datetime) -> bool:
    """Delete one row, unless it was linked in the meantime: the row is locked before its links are looked for."""
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().filter(pk=pk, stored_at__lt=until).first()
        if row is None or EvidenceLink.objects.filter(file=row).exists():
            return False
        log_change(actor=system_account(row.town), now=now, town=row.town, verb="remove_file", subject=row)
        row.delete()
    return True


def _in_use(until: datetime) -> models.QuerySet[StoredFile]:
    """Rows whose file stays: linked, linked until lately, or young and not linked yet."""
    links = EvidenceLink.objects.filter(live() | Q(voided_at__gte=until))
    return StoredFile.objects.filter(Q(pk__in=links.values("file")) | Q(links__isnull=True)).order_by()


def names_in_use(until: datetime) -> set[str]:
    """The names of the files that must be there: those of `_in_use`, and those that a paper or a column names."""
    names = set(_in_use(until).values_list("sha256", flat=True))
    for model, column in NAMED_BY:
        names.update(model._default_manager.exclude(**{column: ""}).values_list(column, flat=True))
    return names


def _names_of_rows(pks: list[int]) -> set[str]:
    """The files of rows that would go, as far as no other row keeps them."""
    names = set(StoredFile.objects.filter(pk__in=pks).values_list("sha256", flat=True))
    return names - set(StoredFile.objects.filter(sha256__in=names).exclude(pk__in=pks).values_list("sha256", flat=True))


def _is_named(name: str, until: datetime) -> bool:
    """Asked again right before a file goes: the list may be minutes old."""
    return _in_use(until).filter(sha256=name).exists() or any(
        model._default_manager.filter(**{column: name}).exists() for model, column in NAMED_BY
    )
