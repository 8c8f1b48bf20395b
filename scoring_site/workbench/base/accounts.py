"""Accounts by the names of their members."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from members.models import User
from members.people.naming import tell_apart_at_home


def name_accounts(users: QuerySet[User], *, on: date) -> dict[int, str]:
    """Each account by its member's name, told apart from others of that name in the branch; else by its own."""
    found = list(users.select_related("member"))
    tell_apart_at_home([user.member for user in found if user.member], on=on)
    return {user.pk: user.member.listed_name if user.member else str(user) for user in found}
