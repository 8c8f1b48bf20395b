"""The seals of the access log: stretches of entries, each under one hash in a link of the chain, and their removal.

An entry is written without a transaction to be sealed in, so the daily checkpoint seals what came since the last one.
When the time of a whole stretch is over it may go: a mark stays, sealed like every row, and the hash in its link.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.databases.commits import CallsBeforeCommit
from foundation.differences import Difference
from foundation.errors import DomainError
from members.log.audit import log_in_every_town
from members.models import AccessEntry, RemovedAccess, Seal
from members.seals.chain import append_links, write_content
from members.seals.hashes import hash_thing

LABEL = AccessEntry._meta.label_lower
COLUMNS = ("pk", "at", "kind", "user_id", "town_id", "address", "path")
STRETCH = 500
"""Entries of the access log under one hash."""
SETTLED = timedelta(minutes=1)
"""An entry may appear after one with a later id; by then it has."""
MONTH = timedelta(days=31)
"""Counted long, so that what is kept for months is never kept for less."""
LEAST_MONTHS = 6
AT_ONCE = 20
"""Stretches removed in one transaction: a moment's work, for which the site's writers wait on SQLite."""


class RemovalRefused(DomainError):
    """Entries would go before they may."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries under one hash: the first id that may be among them, the last that is, and the hash that was sealed."""

    first: int
    last: int
    hash: str

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @property
    def entries(self) -> QuerySet[AccessEntry]:
        """The entries that are there."""
        return AccessEntry.objects.filter(pk__gte=self.first, pk__lte=self.last)

    def fits(self) -> bool:
        """Whether the entries that are there are those that were sealed."""
        return hash_stretch(self.first, self.last) == self.hash


@dataclass(slots=True)
class Removed:
    """What a removal did: how many entries and stretches went, and the stretches that are not what was sealed."""

    entries: int = 0
    stretches: int = 0
    spoilt: list[str] = field(default_factory=list)


def seal_entries(connection: CallsBeforeCommit, *, until: datetime) -> None:
    """Append a link with the entries since the last one; call inside a transaction."""
    stretches = dict(_read_stretches(after=_last_sealed_entry(), until=until - SETTLED))
    if stretches:
        append_links(connection, Seal.Kind.ACCESS, [write_content({LABEL: stretches})])


def _last_sealed_entry() -> int:
    payload = Seal.objects.filter(kind=Seal.Kind.ACCESS).order_by("-sequence").values_list("payload", flat=True).first()
    return max((int(name.split("-")[1]) for name in json.loads(payload)[LABEL]), default=0) if payload else 0


def _read_stretches(*, after: int, until: datetime) -> Iterator[tuple[str, str | None]]:
    """Each stretch is named by the first id that may be in it and the last that is."""
    ids = AccessEntry.objects.filter(pk__gt=after, at__lt=until).order_by("pk").values_list("pk", flat=True)
    first = after + 1
    for chunk in split_into_chunks(ids.iterator(), STRETCH):
        yield f"{first}-{chunk[-1]}", hash_stretch(first, chunk[-1])
        first = chunk[-1] + 1


def hash_stretch(first: int, last: int) -> str:
    """The hash over all entries whose id lies between two, both included."""
    rows = AccessEntry.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list(*COLUMNS)
    return hash_thing(LABEL, f"{first}-{last}", [list(row) for row in rows])


def read_stretches(link: Seal) -> list[Stretch]:
    """The stretches a link has sealed, in order. Raises various errors where it is forged."""
    found = []
    for name, sealed in json.loads(link.payload)[LABEL].items():
        first, last = map(int, name.split("-"))
        found.append(Stretch(first, last, sealed))
    return sorted(found, key=lambda stretch: stretch.first)


def check_access_log(links: Iterable[Seal]) -> Iterator[Difference]:
    """Whether the access log is what was sealed, stretch by stretch; what came since has no seal yet.

    A stretch may be gone where its mark is there. That the marks are the program's own, their seals say.
    """
    stretches: list[Stretch] = []
    for link in links:
        try:
            stretches += read_stretches(link)
        except (ValueError, TypeError, KeyError, AttributeError):
            yield Difference(_("seal"), str(link.sequence), _("its content cannot be read."))
    # Marks last: a stretch that goes meanwhile is found either whole or with its mark.
    fitting = [stretch.fits() for stretch in stretches]
    marks = {(mark.first_id, mark.last_id): mark for mark in RemovedAccess.objects.all()}
    for stretch, fits in zip(stretches, fitting, strict=True):
        mark = marks.pop((stretch.first, stretch.last), None)
        if mark is not None:
            for message in _check_mark(mark, stretch):
                yield Difference(LABEL, str(stretch), message)
        elif not fits:
            yield Difference(
                LABEL, str(stretch), _("one of these entries is not what was sealed, is gone or was added.")
            )
    for mark in marks.values():
        yield Difference(LABEL, str(mark), _("its removal is marked, and no such stretch was ever sealed."))


def _check_mark(mark: RemovedAccess, stretch: Stretch) -> Iterator[str]:
    if stretch.entries.exists():
        yield _("its removal is marked, and entries of it are there.")
    if mark.hash != stretch.hash:
        yield _("what its removal says of it is not what was sealed.")
    if mark.latest > mark.at - LEAST_MONTHS * MONTH:
        yield _("it was removed before six months had passed.")


def remove_access_entries(*, now: datetime, months: int) -> Removed:
    """Remove every sealed stretch whose entries are all older than `months`, each with its mark.

    Stretches go with their marks and their entry in the log of each town, some in one transaction: broken off anywhere,
    it is simply started again. What is not as it was sealed stays, and is said; so does what is not sealed yet.

    Raises:
        RemovalRefused: fewer than six months (网络安全法).
    """
    if months < LEAST_MONTHS:
        raise RemovalRefused(
            _("Entries of the access log are kept for at least %(months)d months.") % {"months": LEAST_MONTHS}
        )
    removed = Removed()
    for chunk in split_into_chunks(_find_over(before=now - months * MONTH, removed=removed), AT_ONCE):
        with transaction.atomic():
            marks = [mark for stretch in chunk if (mark := _remove(stretch, now)) is not None]
            if not marks:
                continue
            entries = sum(mark.entries for mark in marks)
            log_in_every_town(
                now=now,
                verb="remove_access_entries",
                new={
                    "entries": entries,
                    "stretches": [str(mark) for mark in marks],
                    "from": _say_day(min(mark.earliest for mark in marks)),
                    "to": _say_day(max(mark.latest for mark in marks)),
                },
            )
        removed.entries += entries
        removed.stretches += len(marks)
    return removed


def _say_day(moment: datetime) -> str:
    return timezone.localtime(moment).date().isoformat()


def _find_over(*, before: datetime, removed: Removed) -> Iterator[Stretch]:
    """The sealed stretches that are over and still there, as they were sealed; the others are noted in `removed`."""
    gone = set(RemovedAccess.objects.values_list("first_id", flat=True))
    # All links before the first removal: SQLite writes nothing beside a reading that began before another's writing.
    links = list(Seal.objects.filter(kind=Seal.Kind.ACCESS).order_by("sequence"))
    for stretch in (stretch for link in links for stretch in read_stretches(link)):
        if stretch.first in gone or stretch.entries.filter(at__gte=before).exists():
            continue
        if stretch.fits():
            yield stretch
        elif not RemovedAccess.objects.filter(first_id=stretch.first).exists():  # by another run, a moment ago
            removed.spoilt.append(str(stretch))


def _remove(stretch: Stretch, now: datetime) -> RemovedAccess | None:
    """Mark a stretch and delete its entries; None where another run was first."""
    found = stretch.entries.aggregate(entries=Count("pk"), earliest=Min("at"), latest=Max("at"))
    mark, is_new = RemovedAccess.objects.get_or_create(
        first_id=stretch.first, defaults={"last_id": stretch.last, "hash": stretch.hash, "at": now, **found}
    )
    if not is_new:
        return None
    stretch.entries.delete()
    return mark
