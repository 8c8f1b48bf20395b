"""Passwords that were stolen elsewhere, looked up in a file that whoever runs the site puts there (ASVS 6.2.12).

The file is what public collections of such passwords are handed out as: one SHA-1 in capitals a line, in order, a count
behind a colon or not. It may have a thousand million lines: it is searched where it lies, never read.
"""

from __future__ import annotations

import hashlib
import logging
import re
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DIGEST_LENGTH = 40
"""Characters of a SHA-1."""
LONGEST_LINE = 80
_LINE = re.compile(rb"[0-9A-Fa-f]{40}(:\d+)?\r?\n?")

logger = logging.getLogger(__name__)


class BreachedPasswordValidator:
    """Refuses what stands in the file of `BREACHED_PASSWORDS`; without one, nothing."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError` for a password in the file."""
        if settings.BREACHED_PASSWORDS and _is_listed_if_readable(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError(
                _(
                    "This password was stolen from another site and stands in the lists that are tried first. "
                    "Choose another one, and change it wherever else you use it."
                ),
                code="breached",
            )

    def get_help_text(self) -> str:
        """What a form says beforehand; nothing, where there is no file."""
        return _("Not a password that was stolen elsewhere.") if settings.BREACHED_PASSWORDS else ""


def _is_listed_if_readable(password: str, path: Path) -> bool:
    """Without its file the site goes on: else nobody could set a password, who has none could not come in."""
    try:
        return is_listed(password, path)
    except OSError:
        logger.exception("BREACHED_PASSWORDS cannot be read: a password was taken without looking it up.")
        return False


def describe_fault(path: Path) -> str:
    """Why a file cannot serve, in English for whoever runs the site; empty where it can."""
    try:
        with path.open("rb") as listed:
            first = listed.readline(LONGEST_LINE)
    except OSError as error:
        return f"BREACHED_PASSWORDS cannot be read: {error}."
    if not _LINE.fullmatch(first):
        return "BREACHED_PASSWORDS has no SHA-1 in its first line."
    return ""


def is_listed(password: str, path: Path) -> bool:
    """Whether the file holds a password's SHA-1: some thirty short reads.

    Raises:
        OSError: it cannot be read.
    """
    # The collections are made of SHA-1; nothing here is kept or relies on it.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as listed:
        low, high = 0, listed.seek(0, SEEK_END)
        # The line that begins at or after `low` is the first that may be the one; it begins before `high`.
        while low < high:
            middle = (low + high) // 2
            start, digest = _read_line_after(listed, middle)
            if digest == wanted:
                return True
            if digest and digest < wanted:
                low = start + 1
            else:
                high = middle
        return False


def _read_line_after(listed: BinaryIO, offset: int) -> tuple[int, bytes]:
    """Where the first line at or after an offset begins, and its SHA-1; empty behind the last."""
    if offset:
        listed.seek(offset - 1)
        listed.readline(LONGEST_LINE)
    start = listed.tell() if offset else listed.seek(0)
    return start, listed.readline(LONGEST_LINE)[:DIGEST_LENGTH].upper()
