"""Writing the chain: what every transaction ends with.

The lock that orders the links is the last a transaction takes, so it can be part of no circle, and it is held no longer
than the links and the commit take: rows are hashed before.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from foundation.chunks import split_into_chunks
from foundation.clock import read_clock
from foundation.databases.commits import CallsBeforeCommit
from members.models import Seal, UnsealedRow
from members.seals.hashes import hash_rows, to_plain_text
from members.seals.tables import sealed_models

AT_ONCE = 1000
"""Things in one link at most."""
LOCK = 6_120_455_112_025_061
"""PostgreSQL's advisory lock of the chain; on SQLite there is but one writer anyway."""

Content = Mapping[str, Mapping[str, str | None]]
"""What a link seals: by kind of thing and its id the hash, None where it was removed."""


def seal_pending(connection: CallsBeforeCommit) -> None:
    """Seal what this connection's transaction has written, changed or removed so far."""
    notes = UnsealedRow.objects.using(connection.alias).filter(ticket=connection.ticket)
    noted: dict[str, set[int]] = defaultdict(set)
    # Plain SQL: of an import there are as many notes as rows.
    asked = f"SELECT of_table, row_id FROM {UnsealedRow._meta.db_table} WHERE ticket = %s"  # noqa: S608 (our names)
    with connection.chunked_cursor() as cursor:
        cursor.execute(asked, [connection.ticket])
        for label, row_id in cursor:
            noted[label].add(row_id)
    if not noted:
        return
    # As text at once: of an import's rows the dictionaries would take ten times as much.
    payloads = [write_content(content) for content in _pack(_hash_noted(noted, using=connection.alias))]
    append_links(connection, Seal.Kind.ROWS, payloads)
    notes.delete()


def _hash_noted(noted: Mapping[str, set[int]], *, using: str) -> Iterator[tuple[str, int, str | None]]:
    models = sealed_models()
    for label in sorted(noted):
        gone = set(noted[label])
        for row_id, row_hash in hash_rows(models[label], sorted(noted[label]), using=using):
            gone.discard(row_id)
            yield label, row_id, row_hash
        for row_id in sorted(gone):
            yield label, row_id, None


def _pack(things: Iterable[tuple[str, int, str | None]]) -> Iterator[Content]:
    for chunk in split_into_chunks(things, AT_ONCE):
        content: dict[str, dict[str, str | None]] = defaultdict(dict)
        for label, row_id, row_hash in chunk:
            content[label][str(row_id)] = row_hash
        yield content


def append_links(connection: BaseDatabaseWrapper, kind: Seal.Kind, payloads: Iterable[str]) -> None:
    """Append links with contents as `write_content` writes them; call as the last thing of a transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    seals = Seal.objects.using(connection.alias)
    last = seals.order_by("-sequence").only("sequence", "hash", "at").first()
    at = read_clock() if last is None else max(last.at, read_clock())
    for payload in payloads:
        link = Seal(
            sequence=last.sequence + 1 if last else 1,
            previous_hash=last.hash if last else "",
            kind=kind,
            at=at,
            payload=payload,
        )
        link.hash = link_hash(link)
        link.save(using=connection.alias, force_insert=True)
        last = link


def write_content(content: Content) -> str:
    """What a link seals as the text its hash is made of."""
    return to_plain_text(content)


def link_hash(link: Seal) -> str:
    """The hash of a link over its place, its time and its content; anybody can make it who has these."""
    parts: list[Any] = [link.sequence, link.previous_hash, link.kind, link.at.astimezone(UTC).isoformat(), link.payload]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def note_all_rows(connection: CallsBeforeCommit, labels: Iterable[str]) -> None:
    """Have every row of some models sealed at the end of this transaction, whether it was written in it or not."""
    models = sealed_models()
    with connection.cursor() as cursor:
        for label in labels:
            table = models[label]._meta.db_table
            rows = f"SELECT %s, id, %s FROM {table}"  # noqa: S608 (our names)
            cursor.execute(
                f"INSERT INTO {UnsealedRow._meta.db_table} (of_table, row_id, ticket) {rows}",
                [label, connection.ticket],
            )
