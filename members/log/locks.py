"""The writers' order: branches, then members, each by id, before any guard is checked again.

Whatever touches a score takes these locks first. On PostgreSQL they are row locks; on SQLite the IMMEDIATE transaction
already holds the only write lock.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from members.errors import RosterRefused
from members.models import Branch, Member


def lock_for_score(*, branch_ids: Iterable[int], member_ids: Iterable[int]) -> None:
    """Lock branches and members in the order every writer keeps; call inside `transaction.atomic()`.

    Raises:
        RosterRefused: one of them is gone: the roster import that made it was voided meanwhile.
    """
    branches = set(branch_ids)
    found = len(Branch.objects.select_for_update().filter(pk__in=branches).order_by("pk").values_list("pk"))
    wanted = sorted(set(member_ids))
    for start in range(0, len(wanted), 500):  # SQLite allows a limited number of parameters in one statement
        chunk = wanted[start : start + 500]
        found += len(Member.objects.select_for_update().filter(pk__in=chunk).order_by("pk").values_list("pk"))
    if found != len(branches) + len(wanted):
        raise RosterRefused(_("A member or branch is no longer on the roster. Nothing was saved; reload the page."))
