"""A member heard in one go, for tests about what comes before and after."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from members.models import User
from veto.hearings import record_answer, tell_member
from veto.models import Finding


def hear(*, actor: User, now: datetime, finding: Finding, notified_on: date, answered_on: date, **answer: Any) -> None:
    """Tell the member on a day and enter the answer (`answer`, `statement`, `witnesses`) of another day, or neither."""
    with transaction.atomic():
        tell_member(actor=actor, now=now, finding=finding, notified_on=notified_on)
        record_answer(actor=actor, now=now, finding=finding, answered_on=answered_on, **answer)
