"""Claims of one deed: several did the same on the same day, and one answer serves those whom a person picks."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, Q

from members.models import User
from members.people.naming import tell_rows_apart_at_home
from members.selectors import branch_on, members_in
from points.claims.claims import claims_to_answer
from points.models import Claim
from points.records.duplicates import likely_duplicates


def claims_alike(user: User, claim: Claim, *, on: date) -> list[Claim]:
    """Others' claims of the same item, day and branch that this user may answer alike, in the order of filing.

    Each has its number of live `files`. Left out is what needs a look of its own: a leading role, two claims of one
    member, and what may be recorded or claimed already (D5).
    """
    branch = branch_on(claim.member, on)
    if branch is None:
        return []
    waiting = claims_to_answer(user, on=on).filter(item=claim.item, date=claim.date).exclude(member=claim.member_id)
    waiting = waiting.filter(member__in=members_in([branch.pk], on).values("pk"))
    waiting = waiting.annotate(files=Count("evidence", filter=Q(evidence__voided_at=None)))
    found = list(waiting.select_related("member__town").order_by("filed_at", "pk"))
    times = Counter(each.member_id for each in found)
    alike = {each.member_id: each for each in found if times[each.member_id] == 1 and not each.led}
    doubtful = likely_duplicates(
        texts={member_id: each.deed for member_id, each in alike.items()},
        item=claim.item,
        day=claim.date,
        leave_out=list(alike.values()),
    )
    plain = [each for each in alike.values() if each.member_id not in doubtful]
    return tell_rows_apart_at_home(plain, lambda each: each.member, on=on)
