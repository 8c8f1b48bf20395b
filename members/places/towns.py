"""Changing what the roster says of a town."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import require_roster_keeper
from members.errors import RosterRefused
from members.log.changes import save_changes
from members.models import Town, User


def rename_town(*, actor: User, now: datetime, town: Town, name: str) -> None:
    """Give the town another name.

    Raises:
        PermissionDenied.
        RosterRefused: no name, or another town's.
    """
    require_roster_keeper(actor, town, on=timezone.localdate(now))
    name = " ".join(name.split())
    if not name:
        raise RosterRefused(_("Give the town a name."))
    with transaction.atomic():
        save_changes(
            town,
            {"name": name},
            actor=actor,
            now=now,
            town=town,
            verb="rename_town",
            refusal=_("Another town is called “%(name)s”.") % {"name": name},
        )
