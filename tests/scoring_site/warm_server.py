"""Configuration of gunicorn: its master loads all that a worker needs, so that one made anew answers at once."""

from __future__ import annotations

from typing import Any


def when_ready(server: Any) -> None:
    """Have the addresses and the templates of a page loaded before the workers are made."""
    from django.db import connections
    from django.test import Client

    assert Client(headers={"host": "127.0.0.1"}).get("/login/").status_code == 200
    connections.close_all()
