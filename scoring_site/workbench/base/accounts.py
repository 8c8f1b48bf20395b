"""Accounts by the names of their members, in lists and to choose from."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from members.models import User
from members.people.naming import tell_apart_at_home
from scoring_site.forms.fields import WorkbenchForm


def name_accounts(users: QuerySet[User], *, on: date) -> dict[int, str]:
    """Each account by its member's name, told apart from others of that name in the branch; else by its own."""
    found = list(users.select_related("member"))
    tell_apart_at_home([user.member for user in found if user.member], on=on)
    return {user.pk: user.member.listed_name if user.member else str(user) for user in found}


def offer_accounts(form: WorkbenchForm, users: QuerySet[User], *, on: date) -> None:
    """Let the field `user` of a form offer these, each by name."""
    form.offer("user", users)
    names = name_accounts(users, on=on)
    # Any: the field of a ModelChoiceField, which the form's type does not know.
    chosen: Any = form.fields["user"]
    chosen.label_from_instance = lambda user: names[user.pk]
