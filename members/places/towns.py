"""Changing what the roster says of a town, and keeping real towns and the demonstration in databases of their own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import require_roster_keeper
from members.errors import DemonstrationApart, RosterRefused
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


def refuse_mixing(*, is_demonstration: bool) -> None:
    """Refuse a new town where it would stand with the other sort: the demonstration's passwords are public.

    What is imported *into* the demonstration town is not refused: trying that is what the demonstration is for, and
    nothing of it can reach a real town, because none is there.

    Raises:
        DemonstrationApart: a real town beside the demonstration, or the demonstration beside a real town.
    """
    there = Town.objects.filter(is_demonstration=not is_demonstration).order_by("pk").first()
    if there is None:
        return
    if is_demonstration:
        raise DemonstrationApart(
            _(
                "“%(town)s” is in this database. The demonstration town and its public passwords must not stand beside "
                "real people; use another database for it (DATABASE_URL)."
            )
            % {"town": there.name}
        )
    raise DemonstrationApart(
        _(
            "This database holds the demonstration “%(town)s”, whose passwords everybody knows. Make a real town in a "
            "database of its own: set DATABASE_URL to a new one, or move the demonstration's file away and migrate."
        )
        % {"town": there.name}
    )
