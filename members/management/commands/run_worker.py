"""`run_worker`: makes what people asked for that takes long, until it is stopped; runs beside the site."""

from __future__ import annotations

import signal
from threading import Event
from typing import Any

from members.commands import PlainCommand
from members.jobs.worker import read_limits, serve


class Command(PlainCommand):
    """Several may run at once, on the machine that serves the site or another that shares JOBS_DIR."""

    help = "Make what people asked for that takes long (files of a whole branch). Runs beside the site until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # What it is making goes back into the queue.
            signal.signal(number, lambda *_signal: stop.set())
        serve(stop=stop, limits=read_limits())
