"""Everything that is stored held against what must be: the seals, the kept files, the ledger against its rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from foundation.differences import Difference, Progress
from foundation.file_encryption import CHUNK
from foundation.file_store import NotPlain, open_kept
from members.models import Town
from members.seals.access_log import check_access_log
from members.seals.checkpoint import Checkpoint, compare_with_checkpoint
from members.seals.verification import Chain, verify_seals
from points.integrity.ledger import verify_ledger
from scoring_site.orphans import names_in_use


def verify_everything(
    *,
    now: datetime,
    town: Town | None = None,
    checkpoints: Iterable[Checkpoint] = (),
    progress: Progress | None = None,
) -> Iterator[Difference]:
    """Every difference; seals and files are everybody's, `town` narrows the ledger's own checks alone."""
    chain = Chain()
    yield from verify_seals(chain, now=now, progress=progress)
    yield from check_access_log(chain.access)
    for checkpoint in checkpoints:
        yield from compare_with_checkpoint(checkpoint)
    if progress:
        progress(_("kept files"), 0)
    yield from _check_files(now)
    yield from verify_ledger(town=town, progress=progress)


def _check_files(now: datetime) -> Iterator[Difference]:
    """Every file that a row names is there, byte for byte."""
    for name in sorted(names_in_use(now)):
        try:
            file = open_kept(name)
        except NotPlain:
            yield Difference(_("kept file"), name, _("a link or something else lies in its place."))
            continue
        if file is None:
            yield Difference(_("kept file"), name, _("it is not there."))
            continue
        with file:
            digest = hashlib.sha256()
            while data := file.read(CHUNK):
                digest.update(data)
            if digest.hexdigest() != name:
                yield Difference(_("kept file"), name, _("its bytes are not those that were handed in."))
