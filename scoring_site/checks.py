"""What the site is not started for: settings that would send people's data over a public network in the clear.

And a list of stolen passwords that cannot be read. What the server lacks to print: a font with the Chinese of the
papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from foundation.fonts import find_missing, knows_fonts
from members.accounts.breached import describe_fault

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver"})
"""Names under which nobody elsewhere reaches the site."""
PRINTED_OFTEN = "党员积分䶮㛃𠅤"
"""Everyday characters, and of each of the older blocks of rare ones a character that names have."""
FONTS_TO_INSTALL = "apt-get install fontconfig fonts-noto-cjk, then restart the site; see docs/operations.md."
HOW_TO_LIST = "Name a file with one SHA-1 a line, in order, that the site may read; or leave the setting out."
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


def check_fonts(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check `site.W001` of a deployment: no font for the Chinese of the papers, or nothing that could say so."""
    missing = "".join(find_missing(PRINTED_OFTEN))
    if missing or not knows_fonts():
        said = f"No installed font has {missing}" if missing else "fc-list is missing, so nobody knows what fonts have"
        return [checks.Warning(f"{said}: papers may print boxes.", hint=FONTS_TO_INSTALL, id="site.W001")]
    return []


def check_breached_passwords(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """System check `site.E002`: the file of stolen passwords is named, but cannot serve."""
    path = settings.BREACHED_PASSWORDS
    fault = describe_fault(Path(path)) if path else ""
    return [Error(fault, hint=HOW_TO_LIST, id="site.E002")] if fault else []


def register_checks() -> None:
    """Make them known to Django."""
    register(check_https, Tags.security)
    register(check_breached_passwords, Tags.security)
    register(check_fonts, deploy=True)
