"""`verify_ledger [--town NAME] [--checkpoint FILE] [--against FILE]`: exit status 1 when anything stored differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from members.commands import PlainCommand, find_town
from points.integrity.chain import compare_with_checkpoint, read_chain_heads
from points.integrity.ledger import verify_ledger


class Command(PlainCommand):
    help = "Check the ledger against itself, its rulebooks, its frozen results and its log; nothing is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--town", default="", metavar="NAME", help="only this town (default: all towns)")
        parser.add_argument("--checkpoint", metavar="FILE", help="write the end of every branch's chain to a file")
        parser.add_argument("--against", metavar="FILE", help="compare with the chain ends in such a file")

    def handle(self, *args: Any, **options: Any) -> None:
        town = find_town(options["town"]) if options["town"] else None
        known = _read_checkpoint(options["against"]) if options["against"] else []
        count = 0
        for difference in verify_ledger(town=town, progress=self._show_progress):
            self.stdout.write(str(difference))
            count += 1
        for difference in compare_with_checkpoint(known):
            self.stdout.write(str(difference))
            count += 1
        if count:
            raise CommandError(
                _("%(count)d differences. Keep the database as it is and ask who worked on it; compare with a backup.")
                % {"count": count}
            )
        self.stdout.write(_("The ledger agrees with itself, its rulebooks and its log."))
        if options["checkpoint"]:
            heads = read_chain_heads(town)
            text = json.dumps({"chains": heads}, ensure_ascii=False, indent=1)
            Path(options["checkpoint"]).write_text(text + "\n", encoding="utf-8")
            self.stdout.write(_("The ends of %(count)d chains were written.") % {"count": len(heads)})

    def _show_progress(self, check: str, rows: int) -> None:
        self.stderr.write(f"{check} … {rows}" if rows else check)


def _read_checkpoint(name: str) -> list[dict[str, Any]]:
    try:
        chains = json.loads(Path(name).read_text(encoding="utf-8"))["chains"]
        return [{key: chain[key] for key in ("branch", "name", "sequence", "hash")} for chain in chains]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(_("The checkpoint %(file)s cannot be read.") % {"file": name}) from error
