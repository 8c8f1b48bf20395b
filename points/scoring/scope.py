"""May this count for this member on this day, or in this period (2.1, D16)? One answer, in words, for every door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from members.models import Member, Membership
from points.rules.periods import last_day
from points.rules.rulebook import BaseItem, IncentiveItem
from points.rules.scope import Span, is_in_scope, judged_day, may_count
from points.scoring.scores import ExemptionRow, MembershipRow, days_in_scheme, read_roster_rows


class ScopeOfMembers:
    """Where some members stood on the roster, read once in two queries, to ask about many records of theirs."""

    def __init__(self, member_ids: Iterable[int]) -> None:
        self._memberships: dict[int, list[MembershipRow]] = {}
        self._exemptions: dict[int, list[ExemptionRow]] = {}
        for chunk in split_into_chunks(sorted(set(member_ids))):
            memberships, exemptions = read_roster_rows(Member.objects.filter(pk__in=chunk))
            self._memberships |= memberships
            self._exemptions |= exemptions
        self._days = {
            member_id: days_in_scheme(rows, self._exemptions.get(member_id, ()))
            for member_id, rows in self._memberships.items()
        }

    def spans_of(self, member_id: int) -> tuple[Span, ...]:
        """The days on which the member was in the scheme."""
        return self._days.get(member_id, ())

    def has_stayed_since(self, member_id: int, *, period: str, day: date) -> bool:
        """Whether the member is in the scheme from a record's day, and its period's last day, on for good.

        Then it may count, whatever its item: the quick answer for most of many. False decides nothing.
        """
        spans = self.spans_of(member_id)
        if not spans or spans[-1].end is not None:
            return False
        start = spans[-1].start
        return start <= day and (not period or start <= last_day(period))

    def say_outside(self, member_id: int, item: BaseItem | IncentiveItem, *, period: str, day: date) -> str:
        """Why a record may not count for the member; empty where it may."""
        if may_count(item, period, day, self.spans_of(member_id)):
            return ""
        return self._say_where(member_id, judged_day(item, period, day))

    def say_outside_on(self, member_id: int, day: date) -> str:
        """Why the member was not in the scheme on a day; empty where they were."""
        return "" if is_in_scope(self.spans_of(member_id), day) else self._say_where(member_id, day)

    def _say_where(self, member_id: int, day: date) -> str:
        return _say_where(self._memberships.get(member_id, ()), self._exemptions.get(member_id, ()), day)


def say_outside(
    item: BaseItem | IncentiveItem,
    memberships: Sequence[MembershipRow],
    exemptions: Iterable[ExemptionRow],
    *,
    period: str,
    day: date,
) -> str:
    """Why a record of a base item's period, or of a deed's day (empty `period`), may not count; empty where it may.

    `memberships` are the member's rows in date order.
    """
    exemptions = tuple(exemptions)
    if may_count(item, period, day, days_in_scheme(memberships, exemptions)):
        return ""
    return _say_where(memberships, exemptions, judged_day(item, period, day))


def row_on(rows: Iterable[MembershipRow], day: date) -> MembershipRow | None:
    """The membership that counts on a day, of rows in date order."""
    found = None
    for row in rows:
        if row[0] > day:
            break
        found = row
    return found


def _say_where(rows: Sequence[MembershipRow], exemptions: Iterable[ExemptionRow], day: date) -> str:
    row = row_on(rows, day)
    if row is None:
        if not rows:
            return _("Out of scope: not on the roster.")
        return _("Out of scope: not on the roster before %(date)s.") % {"date": rows[0][0]}
    if row[1] is None:
        return _("Out of scope: %(why)s on %(date)s, no longer on the roster since.") % {
            "why": Membership.Why(row[2]).label,
            "date": row[0],
        }
    since = max((start for start, end in exemptions if start <= day and (end is None or day < end)), default=row[0])
    return _("Out of scope: exempt since %(date)s.") % {"date": since}
