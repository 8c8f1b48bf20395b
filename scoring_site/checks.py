"""What the site is not started for: settings that would send people's data over a public network in the clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
"""Names under which nobody elsewhere reaches the site."""
WHAT_TO_DO = (
    "Set HTTPS_ONLY=true, and BEHIND_PROXY=true where a proxy ends TLS. Only in a closed office network that cannot "
    "have HTTPS, set PLAIN_HTTP_ALLOWED=true instead."
)


def explain_plain_http() -> str:
    """Why passwords and personal data would go over the network unencrypted; empty where they do not."""
    if settings.HTTPS_ONLY or settings.PLAIN_HTTP_ALLOWED:
        return ""
    elsewhere = [host for host in settings.ALLOWED_HOSTS if host.lower() not in THIS_MACHINE]
    if not elsewhere:
        return ""
    return (
        f"ALLOWED_HOSTS names {', '.join(elsewhere)}, so others reach the site, but without HTTPS: passwords and "
        "personal data could be read on the way."
    )


def check_https(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check `site.E001`: others reach the site, but not over HTTPS."""
    refusal = explain_plain_http()
    return [Error(refusal, hint=WHAT_TO_DO, id="site.E001")] if refusal else []


def require_https() -> None:
    """Check it where no system check runs: in the server's processes.

    Raises:
        ImproperlyConfigured: others reach the site, but not over HTTPS.
    """
    if refusal := explain_plain_http():
        raise ImproperlyConfigured(f"{refusal} {WHAT_TO_DO}")


def register_checks() -> None:
    """Make them known to Django."""
    register(check_https, Tags.security)
