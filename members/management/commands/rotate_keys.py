"""`rotate_keys`: everything encrypted is brought under the first of PERSONAL_DATA_KEYS (see docs/operations.md)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Model
from django.utils.translation import gettext as _

from foundation.clock import read_clock
from foundation.key_rotation import Rotation, encrypted_models, rotate_values
from members.commands import PlainCommand
from members.log.audit import log_in_every_town


class Command(PlainCommand):
    """May be broken off and started again at any time, beside the running site."""

    help = "Encrypt personal data with the first key in PERSONAL_DATA_KEYS, and say when the others are not needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what is still under another key")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate.

        Raises:
            CommandError: something is still under another key, or under none that is known; which rows is said.
        """
        done = [self.rotate(model, write=not options["check"]) for model in encrypted_models()]
        unreadable = [f"{rotation.model._meta.verbose_name} {pk}" for rotation in done for pk in rotation.unreadable]
        if unreadable:
            raise CommandError(
                _(
                    "No key in PERSONAL_DATA_KEYS reads these: %(rows)s. Put the key they were written with back into "
                    "the list, and start again."
                )
                % {"rows": "、".join(unreadable)}
            )
        written = sum(rotation.done for rotation in done)
        left = sum(rotation.changed_meanwhile for rotation in done) + (written if options["check"] else 0)
        if left:
            raise CommandError(
                _("%(count)d values are not under the first key yet. Start the command (again), without --check.")
                % {"count": left}
            )
        if written:
            log_in_every_town(now=read_clock(), verb="rotate_keys", new={"values": written})
        self.stdout.write(
            _(
                "Everything is encrypted with the first key. The others may be taken out of PERSONAL_DATA_KEYS once "
                "the site was started anew with this list, and no backup made before is needed any more."
            )
        )

    def rotate(self, model: type[Model], *, write: bool) -> Rotation:
        """One model's values, saying how far it is."""
        rotation = Rotation(model)
        for rotation in rotate_values(model, write=write):
            self.stdout.write(f"{model._meta.verbose_name} {rotation.seen} / {rotation.total}")
        return rotation
