"""Holding everything against the chain: every link, every row, every definition.

The site may go on meanwhile: what does not fit is held against the links that were added since, before it is said.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from foundation.databases.commits import find_connection
from foundation.differences import Difference, Progress, say_failure
from members.models import Seal, UnsealedRow
from members.seals.chain import link_hash
from members.seals.definitions import COLUMNS, DEFINITION, MIGRATIONS, read_definitions
from members.seals.hashes import RowHasher, hash_rows, select_rows
from members.seals.tables import sealed_models

AT_ONCE = 5000
NO_ROWS = frozenset({DEFINITION, COLUMNS, MIGRATIONS})


@dataclass(slots=True)
class Chain:
    """What the links say, read from the first to the last: by kind of thing and its id the last hash."""

    last: Seal | None = None
    sealed: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    access: list[Seal] = field(default_factory=list)

    def read_on(self, *, now: datetime) -> Iterator[Difference]:
        """Take in the links after the last one that was read; what is wrong with them."""
        links = Seal.objects.order_by("sequence")
        if self.last is not None:
            links = links.filter(sequence__gt=self.last.sequence)
        for link in links.iterator(chunk_size=100):
            for message in _check_link(link, self.last, now):
                yield Difference(_("seal"), str(link.sequence), message)
            self.last = link
            if link.kind == Seal.Kind.ACCESS:
                self.access.append(link)
            else:
                yield from self._take_in(link)

    def _take_in(self, link: Seal) -> Iterator[Difference]:
        try:
            for kind, things in json.loads(link.payload).items():
                known = self.sealed[kind]
                for identity, row_hash in things.items():
                    if row_hash is None:
                        known.pop(identity, None)
                    else:
                        known[identity] = bytes.fromhex(row_hash)
        except (ValueError, AttributeError, TypeError):
            yield Difference(_("seal"), str(link.sequence), _("its content cannot be read."))


def _check_link(link: Seal, before: Seal | None, now: datetime) -> Iterator[str]:
    if link.sequence != (before.sequence + 1 if before else 1):
        yield _("a link before it is missing.")
    if link.previous_hash != (before.hash if before else ""):
        yield _("it does not follow from the link before it.")
    if before is not None and link.at < before.at:
        yield _("it is older than the link before it.")
    if link.at > now:
        yield _("it is dated in the future.")
    if link.hash != link_hash(link):
        yield _("its hash is not that of its place, its time and its content.")


def verify_seals(chain: Chain, *, now: datetime, progress: Progress | None) -> Iterator[Difference]:
    """Every link, row and definition that is not as it was sealed; `chain` has the links afterwards.

    What this connection has written in a transaction that goes on is not sealed yet and not looked at.
    """
    yield from chain.read_on(now=now)
    if chain.last is None:
        yield Difference(_("seal"), "1", _("nothing was ever sealed, or every seal is gone."))
        return
    doubtful: dict[str, set[int]] = {}
    for label, model in sealed_models().items():
        if progress:
            progress(label, 0)
        doubtful[label] = _find_doubtful(model, chain.sealed[label], progress)
    yield from chain.read_on(now=now)
    under_way = _read_notes(own=True)
    for label, ids in doubtful.items():
        yield from _look_again(label, ids - under_way[label], chain.sealed[label])
    yield from _check_kinds(chain)
    for label, ids in _read_notes(own=False).items():
        for row_id in sorted(ids):
            yield Difference(label, _name_row(label, row_id), _("it was written past the program."))
    yield from _check_definitions(chain.sealed[DEFINITION])


def _find_doubtful(model: type[Model], sealed: Mapping[str, bytes], progress: Progress | None) -> set[int]:
    """The ids of rows that are not what the seals say, are not there, or have no seal."""
    unseen = set(map(int, sealed))
    doubtful = set()
    count = 0
    try:
        for row_id, found in _hash_all(model):
            unseen.discard(row_id)
            if sealed.get(str(row_id)) != bytes.fromhex(found):
                doubtful.add(row_id)
            count += 1
            if progress and count % AT_ONCE == 0:
                progress(model._meta.label_lower, count)
    except Exception:  # noqa: BLE001 (one value that cannot be read ends the reading: each row is asked by itself)
        return {*unseen, *model._base_manager.values_list("pk", flat=True)}
    return doubtful | unseen


def _hash_all(model: type[Model]) -> Iterator[tuple[int, str]]:
    """(id, hash) of every row, in the order of the ids."""
    hasher = RowHasher(model, connection)
    last = -(2**63)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{select_rows(model, connection)} WHERE id > %s ORDER BY id LIMIT {AT_ONCE}", [last])
            rows = cursor.fetchall()
        if not rows:
            return
        for row in rows:
            yield row[0], hasher.hash(row)
        last = rows[-1][0]


def _look_again(label: str, ids: Iterable[int], sealed: Mapping[str, bytes]) -> Iterator[Difference]:
    model = sealed_models()[label]
    for row_id in sorted(ids):
        known = sealed.get(str(row_id))
        try:
            found = dict(hash_rows(model, [row_id], using=connection.alias)).get(row_id)
        except Exception as error:  # noqa: BLE001 (whatever a column says of what is stored in it)
            yield Difference(label, str(row_id), _("it cannot be read: %(reason)s") % {"reason": say_failure(error)})
            continue
        if found is None and known is not None:
            yield Difference(label, str(row_id), _("it was removed past the program."))
        elif found is not None and known is None:
            yield Difference(label, _name_row(label, row_id), _("it was added past the program: it has no seal."))
        elif found is not None and known is not None and known != bytes.fromhex(found):
            yield Difference(label, _name_row(label, row_id), _("it is not what was sealed: it was changed."))


def _name_row(label: str, row_id: int) -> str:
    """The uuid by which other pages know a row; else its id."""
    model = sealed_models().get(label)
    if model is not None and any(column.name == "uuid" for column in model._meta.concrete_fields):
        found = model._base_manager.filter(pk=row_id).values_list("uuid", flat=True).first()
        if found:
            return str(found)
    return str(row_id)


def _read_notes(*, own: bool) -> dict[str, set[int]]:
    """The rows noted and not sealed, by model: those of this connection's transaction, or those nobody will seal."""
    ticket = find_connection().ticket
    notes = UnsealedRow.objects.all()
    notes = notes.filter(ticket=ticket) if own else notes.exclude(ticket=ticket)
    found: dict[str, set[int]] = defaultdict(set)
    for label, row_id in notes.order_by().values_list("of_table", "row_id"):
        found[label].add(row_id)
    return found


def _check_kinds(chain: Chain) -> Iterator[Difference]:
    for kind in sorted(chain.sealed.keys() - sealed_models().keys() - NO_ROWS):
        if chain.sealed[kind]:
            yield Difference(kind, "", _("rows of it were sealed, and this version knows no such table."))


def _check_definitions(sealed: Mapping[str, bytes]) -> Iterator[Difference]:
    found = read_definitions(connection)
    for name in sorted(sealed.keys() | found.keys()):
        if name not in found:
            yield Difference(_("definition"), name, _("it was removed past the program."))
        elif name not in sealed:
            yield Difference(_("definition"), name, _("it was added past the program: it has no seal."))
        elif sealed[name] != bytes.fromhex(found[name]):
            yield Difference(_("definition"), name, _("it is not what was sealed: it was changed."))
