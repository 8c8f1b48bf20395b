"""What the tests of backups put in and look at again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps

from members.backup.manifest import seal_of

PHOTO = b"a photograph"
NAME = hashlib.sha256(PHOTO).hexdigest()
KEPT = f"evidence/{NAME[:2]}/{NAME}"
"""Where the photo lies in a backup, and below the parent of the evidence directory."""


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of ours and of the accounts, by table."""
    rows = {}
    for model in apps.get_models():
        if model._meta.app_label in ("members", "publicity", "veto", "points", "auth", "contenttypes"):
            found: Any = model._default_manager.order_by("pk").values()
            rows[model._meta.label] = list(found)
    return rows


def everything_but_restores(before: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The same without the log's entries of restores, and without the seals that came after those of `before`."""
    rows = everything()
    rows["members.AuditEntry"] = [row for row in rows["members.AuditEntry"] if row["verb"] != "restore"]
    rows["members.Seal"] = rows["members.Seal"][: len(before["members.Seal"])]
    return rows


def rewrite(backup: Path, change: Callable[[dict[str, Any]], None], *, seal: bool = True) -> None:
    """Change a manifest; with `seal`, as only somebody who has the keys could."""
    path = backup / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    if seal:
        fingerprint, _seal = (backup / "manifest.seal").read_text().split()
        (backup / "manifest.seal").write_text(f"{fingerprint} {seal_of(path.read_bytes())}\n")
