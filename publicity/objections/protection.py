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
    lately = Q(received_on__gt=on - timedelta(days=PROTECTED_DAYS)) | Q(answered_at__isnull=True)
    objections = Objection.objects.filter(lately)
    if objections.filter(objector__member=member).exists():
        return True
    branch = branch_on(member, on)
    if branch is None:
        return False
    # The names are encrypted: they are compared here, and not by the database.
    on_paper = objections.filter(objector__isnull=True, notice__review__branch=branch)
    return member.name in on_paper.values_list("objector_name", flat=True)
