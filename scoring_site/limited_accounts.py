"""What an account sees whose password its branch reset, until the town has confirmed that: scores and notices only.

The pages that stay open are named; every other address, also one that is made later, answers with why it is not (D29).
That nothing is changed holds in the verbs (`refuse_limited` in `members/log/audit.py`), whatever an address allows.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from scoring_site.proofs import ProofMiddleware
from scoring_site.requests import actor_of

READ = frozenset({"home", "notices", "notice", "results", "more", "logins", "password_change", "password_change_done"})
"""Pages that are read: scores, notices, and where one is logged in."""
SENT = frozenset({"end_other_logins", "password_change", "large_type", "theme"})
"""What may be sent: how the pages look, and what guards the log-in itself."""


class LimitedAccountMiddleware(ProofMiddleware):
    """Stands before every view that asks for a log-in; those that everybody may open pass."""

    def demand(self, request: HttpRequest) -> HttpResponseBase | None:
        """The page that says what is not open yet, or None where the view may go on."""
        if not actor_of(request).is_limited:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in (READ if request.method in ("GET", "HEAD") else SENT):
            return None
        return render(request, "portal/accounts/limited.html", status=403)
