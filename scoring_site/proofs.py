"""Asking whoever is logged in for a proof that it is they: what the password and the second factor have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from foundation.client_address import address_of
from foundation.clock import read_clock
from members.accounts.slowing import count_attempt, forget_attempts, say_pause
from members.log.access import record_access
from members.models import AccessEntry
from scoring_site.requests import actor_of


class ProofMiddleware(ABC):
    """Stands before every view that asks for a log-in, behind the checks of the log-in and of the CSRF token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """What `demand` answers; views that are open to everybody, and whoever is not logged in, pass."""
        # In this order: a view that is open to everybody may be asked while the database is away.
        if not getattr(view_func, "login_required", True) or not request.user.is_authenticated:
            return None
        return self.demand(request)

    @abstractmethod
    def demand(self, request: HttpRequest) -> HttpResponseBase | None:
        """The page that asks for the proof, or None where the view may go on."""


def refuse_proof(request: HttpRequest, *, name: str, fits: Callable[[], bool], wrong: str) -> str:
    """Why a proof that was sent is not taken, in words; empty where it is right: the session then has a fresh key.

    Guessing is slowed as at the log-in, counted under `name`, and noted in the access log.
    """
    address, now = address_of(request), read_clock()
    if pause := count_attempt(now=now, name=name, address=address):
        return say_pause(pause)
    if not fits():
        record_access(request=request, now=now, kind=AccessEntry.Kind.LOGIN_FAILED, user=actor_of(request))
        return wrong
    forget_attempts(name=name, address=address)
    request.session.cycle_key()
    return ""
