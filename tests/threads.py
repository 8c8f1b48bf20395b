"""Two people at once: real threads with connections of their own, on whichever database the suite runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

PATIENCE = 120  # seconds until a thread that hangs fails the test


def run_at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Start every action at the same moment; what each returned, or the exception it raised, in order."""
    start = threading.Barrier(len(actions))
    outcomes: list[Any] = [None] * len(actions)

    def act(index: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            outcomes[index] = actions[index]()
        except Exception as error:  # noqa: BLE001 (the caller judges it)
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(index,), daemon=True) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return outcomes
