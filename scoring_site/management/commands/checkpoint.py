"""`checkpoint`: writes where the chain of seals stands into `CHECKPOINT_DIR`, a second place; once a day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from members.commands import PlainCommand
from members.seals.checkpoint import make_checkpoint, write_checkpoint


class Command(PlainCommand):
    help = "Seal the access log and write a checkpoint into CHECKPOINT_DIR; verify_ledger compares with all of them."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CHECKPOINT_DIR:
            raise CommandError(_("Set CHECKPOINT_DIR to a directory on another machine or disk first."))
        now = read_clock()
        checkpoint = make_checkpoint(now=now)
        file = Path(settings.CHECKPOINT_DIR) / f"checkpoint-{now:%Y%m%dT%H%M%S}.json"
        try:
            write_checkpoint(checkpoint, file)
        except OSError as error:
            raise CommandError(
                _("The checkpoint cannot be written to %(file)s: %(reason)s") % {"file": file, "reason": error}
            ) from error
        self.stdout.write(
            _("%(file)s: the chain stands at %(number)d.") % {"file": file, "number": checkpoint.sequence}
        )
