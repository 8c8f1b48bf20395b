"""Which appointments one person of the town may not make alone (D29)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Appointment, Branch, User


class WhySecond(models.TextChoices):
    """What makes an appointment wait for a second person."""

    TOWN_ROLE = "town_role", _("a role over the town")
    BACK_DATED = "back_dated", _("it begins before the day it was entered")
    SECOND_ROLE = "second_role", _("another role in the same branch")


def why_second(*, user: User, role: str, branch: Branch | None, from_date: date, made_on: date) -> list[WhySecond]:
    """Why an appointment made on a day needs a second person; empty where it needs none.

    A role that waits counts as another one: two that were entered together are confirmed by somebody who sees both. An
    account is one member's and a member has one account, so that its roles are all of the member's.
    """
    others = Appointment.objects.held_or_waiting(from_date).filter(user=user, branch=branch).exclude(role=role)
    found = {
        WhySecond.TOWN_ROLE: role in Appointment.TOWN_ROLES,
        WhySecond.BACK_DATED: from_date < made_on,
        WhySecond.SECOND_ROLE: branch is not None and others.exists(),
    }
    return [why for why, holds in found.items() if holds]
