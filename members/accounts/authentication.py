"""Logging in with the name on one's slip or with one's phone number."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from foundation.encryption import keyed_hash
from foundation.workbooks.cells import clean_text
from foundation.workbooks.errors import CellError
from members.models import User

MOST_SHARING = 5
"""How many accounts with one phone number are tried: couples share a phone, more is a mistake in the roster."""


class NameOrPhoneBackend(ModelBackend):
    """Django's own check of name and password; where no account has the name, it may be a member's phone number."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The account whose name or phone, and password, were given; None where they do not fit one single account."""
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None or not username or password is None:
            return user
        try:
            phone = clean_text(username, max_length=len(username)).replace(" ", "").replace("-", "")
        except CellError:
            return None
        if not phone.isdecimal():
            return None
        sharing = User.objects.filter(member__phone_hash=keyed_hash(phone))[:MOST_SHARING]
        fitting = [user for user in sharing if user.check_password(password) and self.user_can_authenticate(user)]
        return fitting[0] if len(fitting) == 1 else None
