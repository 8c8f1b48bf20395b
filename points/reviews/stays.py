"""Taking part at the place of stay (流入地) earns with a proof: one a half for each member (D24).

The proof is a file kept with any of the member's records of that half that rest on it: the 流动党员活动证, or a
certificate of the host that names the days.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foundation.ledger import live
from members.models import Member
from points.models import Attendance, EvidenceLink, PointEvent, Review
from points.rules.periods import half_end, half_start

MOST_NAMED = 10


def read_unproved_stays(review: Review, members: Sequence[Member]) -> dict[int, PointEvent]:
    """The first such record of each member who has no proof of any in the half; two queries."""
    events = PointEvent.objects.live().filter(
        member__in=[member.pk for member in members],
        attendance__status=Attendance.Status.AT_PLACE_OF_STAY,
        attendance__meeting__held_on__range=(half_start(review.year, review.half), half_end(review.year, review.half)),
    )
    proved = set(EvidenceLink.objects.filter(live(), event__in=events).values_list("event__member", flat=True))
    found: dict[int, PointEvent] = {}
    for event in events.order_by("date", "pk"):
        if event.member_id not in proved:
            found.setdefault(event.member_id, event)
    return found


def refuse_unproved_stays(review: Review, members: Sequence[Member]) -> str:
    """Why the half cannot be submitted yet: who took part elsewhere without a proof; empty where everybody has one."""
    unproved = read_unproved_stays(review, members)
    names = [member.listed_name for member in members if member.pk in unproved]
    if not names:
        return ""
    return _(
        "Taking part at the place of stay earns with one proof a half: %(names)s have none. Add a photo of the "
        "活动证, or of the host's certificate that names the days, to one of these records, or change the attendance."
    ) % {"names": "、".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")}
