"""Checkpoints: where the chain stood, kept in a second place, so that nothing at its end can be cut off or made anew.

One is a small file with the number and hash of the last link and how many rows each table had, signed with a key that
comes from the one that never changes. Writing one also seals the access log, which has no link of its own till then.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from foundation.databases.commits import find_connection
from foundation.differences import Difference
from foundation.encryption import sign_bytes
from foundation.errors import DomainError
from members.models import AccessEntry, Seal
from members.seals.access_log import seal_entries
from members.seals.tables import sealed_models

FORMAT = 2


class CheckpointUnreadable(DomainError):
    """The file is no checkpoint, or its signature is not this site's."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the chain stood: the number and hash of its last link, and the rows of each table."""

    format: int
    made_at: str
    sequence: int
    hash: str
    rows: Mapping[str, int]


def make_checkpoint(*, now: datetime) -> Checkpoint:
    """Seal the access log so far, and say where the chain stands then."""
    with transaction.atomic():
        seal_entries(find_connection(), until=now)
        last = Seal.objects.order_by("-sequence").first()
        models: dict[str, type[Model]] = {**sealed_models(), AccessEntry._meta.label_lower: AccessEntry}
        return Checkpoint(
            FORMAT,
            now.isoformat(),
            last.sequence if last else 0,
            last.hash if last else "",
            {label: model._base_manager.count() for label, model in sorted(models.items())},
        )


def write_checkpoint(checkpoint: Checkpoint, file: Path) -> None:
    """Write a checkpoint into a new file. Raises OSError."""
    text = json.dumps({**asdict(checkpoint), "signature": _sign(checkpoint)}, indent=1)
    with file.open("x", encoding="utf-8") as opened:
        opened.write(f"{text}\n")


def read_checkpoint(file: Path) -> Checkpoint:
    """A checkpoint from its file.

    Raises:
        CheckpointUnreadable: it cannot be read, or is not signed by this site.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        signature = found.pop("signature")
        checkpoint = Checkpoint(**found)
        is_signed = hmac.compare_digest(signature, _sign(checkpoint))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointUnreadable(_("The checkpoint %(file)s cannot be read.") % {"file": file}) from error
    if not is_signed:
        raise CheckpointUnreadable(
            _("The checkpoint %(file)s was changed, or another site's keys signed it.") % {"file": file}
        )
    return checkpoint


def read_checkpoints() -> list[Checkpoint]:
    """Those in `CHECKPOINT_DIR`, the oldest first. Raises CheckpointUnreadable."""
    files = Path(settings.CHECKPOINT_DIR).glob("*.json") if settings.CHECKPOINT_DIR else ()
    return sorted(map(read_checkpoint, files), key=lambda checkpoint: checkpoint.made_at)


def _sign(checkpoint: Checkpoint) -> str:
    text = json.dumps(asdict(checkpoint), sort_keys=True)
    return sign_bytes(text.encode(), purpose="checkpoint")


def compare_with_checkpoint(checkpoint: Checkpoint) -> Iterator[Difference]:
    """Whether the chain still has the link that a checkpoint knows."""
    yield from compare_with_link(checkpoint.sequence, checkpoint.hash)


def compare_with_link(sequence: int, beginning: str) -> Iterator[Difference]:
    """Whether the chain still has a link under a number, with a hash that begins so: as on a printed paper."""
    if sequence == 0:
        return
    found = Seal.objects.filter(sequence=sequence).values_list("hash", flat=True).first()
    if found is None:
        yield Difference(_("seal"), str(sequence), _("the checkpoint knows it, and it is not there."))
    elif not beginning or not found.startswith(beginning):
        yield Difference(_("seal"), str(sequence), _("it is not the one the checkpoint knows."))
