"""What is still open about a year's score: only for that may the rating of a failing one be deferred (D14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from points.results.open_readers import registered_readers
from points.rules.periods import periods_of_year
from points.rules.rulebook import Rulebook
from points.scoring.explanations import read_held_periods
from veto.models import Deduction, VetoRecord


def read_open_matters(member_ids: Collection[int], *, branch_id: int, year: int, rulebook: Rulebook) -> dict[int, str]:
    """Why each member's rating may be deferred, in words; who has nothing open is left out.

    What is open about the member, or a period in which the branch held nothing (支部未组织). A constant number of
    queries.
    """
    found = read_open_about(member_ids, year)
    not_held = _name_not_held(branch_id, year, rulebook)
    if not_held:
        for member_id in member_ids:
            found.setdefault(member_id, []).append(not_held)
    return {member_id: "；".join(parts) for member_id, parts in found.items()}


def read_open_about(member_ids: Collection[int], year: int) -> dict[int, list[str]]:
    """What is open about each member's year, in words that name no ground (D21); who has nothing open is left out.

    An undecided finding about the year, an appeal against one, what an app above knows of. A constant number of
    queries.
    """
    found: dict[int, list[str]] = {}
    findings = (
        Deduction.objects.filter(member__in=member_ids, date__year=year),
        VetoRecord.objects.filter(member__in=member_ids, year=year),
    )
    for member_id in _whose(rows.proposed() for rows in findings):
        found.setdefault(member_id, []).append(_("a finding is not decided yet"))
    for member_id in _whose(rows.with_appeal() for rows in findings):
        found.setdefault(member_id, []).append(_("an appeal is not answered yet"))
    for read in registered_readers():
        for member_id, words in read(member_ids, year).items():
            found.setdefault(member_id, []).append(words)
    return found


def _whose(findings: Iterable[QuerySet[Any]]) -> set[int]:
    return {member_id for rows in findings for member_id in rows.values_list("member_id", flat=True)}


def _name_not_held(branch_id: int, year: int, rulebook: Rulebook) -> str:
    """The meeting items of which the branch let periods pass without holding any, with their number; else empty."""
    held = read_held_periods(branch_id=branch_id, year=year)
    missing = {
        item.name: sum((item.code, period) not in held for period in periods_of_year(year, item.per))
        for item in rulebook.meeting_items
    }
    parts = [f"{name} × {count}" for name, count in missing.items() if count]
    return _("not held by the branch: %(items)s") % {"items": "、".join(parts)} if parts else ""
