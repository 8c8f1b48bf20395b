"""An overview leaves the town: who may take it out, and the log of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import branches_for
from members.errors import NotAllowed
from members.log.audit import log_change
from members.models import Branch, Town, User


def export_overview(*, actor: User, now: datetime, town: Town, year: int, branches: Collection[Branch]) -> None:
    """Let the figures of these branches leave by the actor's hand; logged.

    They are numbers of branches and name no member: whoever reads them all may take them out, a supervisor too (T4).

    Raises:
        NotAllowed: a branch is not the actor's to read.
    """
    readable = set(branches_for(actor, on=timezone.localdate(now)).values_list("pk", flat=True))
    if not branches or any(branch.pk not in readable for branch in branches):
        raise NotAllowed(_("You may not export this. Ask the branch's recorder or secretary, or the town's staff."))
    new = {"year": year, "count": len(branches)}
    log_change(actor=actor, now=now, town=town, verb="export_overview", subject=town, new=new)
