"""A static file by its address, as it lies among the sources."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders


def read_static(address: str) -> bytes:
    """The bytes of the file behind `/static/…`."""
    path = finders.find(address.removeprefix("/static/"))
    assert isinstance(path, str), address
    return Path(path).read_bytes()
