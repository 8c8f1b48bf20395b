"""Logging in with the name on one's slip or with one's phone number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from foundation.client_address import address_of
from foundation.clock import read_clock
from foundation.encryption import keyed_hash
from foundation.workbooks.cells import clean_text
from foundation.workbooks.errors import CellError
from members.accounts.slowing import count_attempt, forget_attempts
from members.models import User

MOST_SHARING = 2
"""How many accounts may log in with one phone number: couples share a phone; where more do, the name on the slip tells
them apart. Just as many passwords are hashed for every attempt, so that its time does not tell whether a name exists.
"""


class TooEarly(PermissionDenied):
    """After wrong passwords the next comes too early; `pause` is how long to wait."""

    def __init__(self, pause: timedelta) -> None:
        super().__init__()
        self.pause = pause


class NameOrPhoneBackend(ModelBackend):
    """Name and password; where no account has the name, it may be a member's phone number."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The account whose name or phone, and password, were given; None where they do not fit one single account.

        Raises:
            TooEarly: too soon after wrong passwords for this name from this address; nothing was compared.
        """
        if not username or password is None:
            return None
        address = address_of(request) if request is not None else ""
        if request is not None and (pause := count_attempt(now=read_clock(), name=username, address=address)):
            request.login_pause = pause  # type: ignore[attr-defined] # Django keeps the refusal from the form
            raise TooEarly(pause)
        found = _find_accounts(username)
        fitting = [user for user in found if user.check_password(password)]
        for _missing in range(MOST_SHARING - len(found)):
            User().set_password(password)
        fitting = [user for user in fitting if self.user_can_authenticate(user)]
        if len(fitting) != 1:
            return None
        if request is not None:
            forget_attempts(name=username, address=address)
        return fitting[0]


def _find_accounts(name: str) -> list[User]:
    """The account of that name, or those of members with that phone; none where too many share it."""
    named = list(User.objects.filter(username=name))
    if named:
        return named
    try:
        phone = clean_text(name, max_length=len(name)).replace(" ", "").replace("-", "")
    except CellError:
        return []
    if not phone.isdecimal():
        return []
    sharing = list(User.objects.filter(member__phone_hash=keyed_hash(phone))[: MOST_SHARING + 1])
    return sharing if len(sharing) <= MOST_SHARING else []
