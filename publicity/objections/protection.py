"""Whoever objected lately is protected: a proposal against them goes to the town's staff first (D11, D18)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q

from members.models import Member
from members.selectors import branch_on
from publicity.models import Objection

PROTECTED_DAYS = 183
"""How long an answered objection protects: half a year from the day it was received."""


def has_recent_objection(member: Member, on: date) -> bool:
    """Whether the member raised an objection within half a year before `on`, or one still without its answer.

    From their account, or on paper, by phone or in person under their name in their own branch: a namesake is
    protected too, which harms nobody.
    """
    theirs = Q(objector__member=member)
    branch = branch_on(member, on)
    if branch is not None:
        theirs |= Q(objector__isnull=True, objector_name=member.name, notice__review__branch=branch)
    lately = Q(received_on__gt=on - timedelta(days=PROTECTED_DAYS)) | Q(answered_at__isnull=True)
    return Objection.objects.filter(theirs & lately).exists()
