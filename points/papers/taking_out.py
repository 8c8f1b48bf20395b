"""Who may take a list of members' points out of the town, and the log of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, branches_for
from members.errors import NotAllowed
from members.log.audit import log_change
from members.models import Town, User


def take_out_lines(*, actor: User, now: datetime, town: Town, year: int, branch_ids: Sequence[int], verb: str) -> None:
    """Let the lines of a list leave the town by the actor's hand; logged. `branch_ids` has each line's branch.

    Raises:
        NotAllowed: a line is of a branch that is not the actor's to take out.
    """
    rows = branches_for(actor, on=timezone.localdate(now), action=Action.TAKE_OUT)
    if not set(branch_ids) <= set(rows.values_list("pk", flat=True)):
        raise NotAllowed(_("You may not export this. Ask the branch's recorder or secretary, or the town's staff."))
    new = {"year": year, "count": len(branch_ids)}
    log_change(actor=actor, now=now, town=town, verb=verb, subject=town, new=new)
