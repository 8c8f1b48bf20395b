"""The press: a process of its own, under limits, that lays out the papers of one web process, one at a time.

It has neither the database nor the keys. It is started with the first paper, kept for the next ones, and ended where a
paper takes too long; one that needs too much memory ends it. The next paper starts another.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Any

from points.papers.layout import Layout, lay_out

MEGABYTES = 1024
"""Address space of the press: the largest paper of a branch takes a third of it."""
PAPERS_EACH = 100
"""After so many papers another press takes over, so that none grows for ever."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""What of the environment the press is given; no secret is among it."""
MADE, REFUSED = b"+", b"-"
_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parents[2]


class PressBusy(Exception):
    """Other papers were still being laid out when this one's time was up."""


class PressFailed(Exception):
    """The paper took longer or more memory than it may, or the layout failed."""


class Press:
    """One process that lays papers out for the threads of this one."""

    def __init__(self, *, megabytes: int = MEGABYTES) -> None:
        self._megabytes = megabytes
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._made = 0

    def print(self, layout: Layout, *, seconds: int) -> bytes:
        """The PDF.

        Raises:
            PressBusy, PressFailed.
        """
        if not self._lock.acquire(timeout=seconds):
            raise PressBusy
        try:
            return self._print(layout, seconds)
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process; the next paper starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _print(self, layout: Layout, seconds: int) -> bytes:
        if self._made >= PAPERS_EACH or (self._child is not None and self._child.poll() is not None):
            self.stop()
        if self._child is None:
            self._child, self._made = self._start(seconds), 0
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        last = Timer(seconds, child.kill)
        last.start()
        try:
            _write(child.stdin, _pack(layout))
            answer = _read(child.stdout)
        except (OSError, EOFError) as error:
            self.stop()
            raise PressFailed from error
        finally:
            last.cancel()
        self._made += 1
        if not answer.startswith(MADE):
            raise PressFailed(answer[len(REFUSED) :].decode())
        return answer[len(MADE) :]

    def _start(self, seconds: int) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        command = [sys.executable, "-m", __name__, str(self._megabytes), str(seconds)]
        return subprocess.Popen(  # noqa: S603 (our own program)
            command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )


def serve(*, megabytes: int, seconds: int) -> None:
    """The press itself: lay out what comes in, until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    # What a library prints goes to the journal, never among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            asked = _read(sys.stdin.buffer)
        except EOFError:
            return
        # Should whoever asked be gone, nobody else ends it.
        signal.alarm(seconds + 1)
        try:
            answer = MADE + lay_out(_unpack(asked))
        except Exception as error:  # noqa: BLE001 (whatever it is, the one who asked is told and the next is served)
            answer = REFUSED + type(error).__name__.encode()
        signal.alarm(0)
        _write(answers, answer)


def _write(file: IO[bytes], message: bytes) -> None:
    file.write(_LENGTH.pack(len(message)))
    file.write(message)
    file.flush()


def _read(file: IO[bytes]) -> bytes:
    """One message. Raises EOFError where it does not come whole."""
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    message = file.read(length)
    if len(message) < length:
        raise EOFError
    return message


def _pack(layout: Layout) -> bytes:
    pictures = {name: base64.b64encode(data).decode() for name, data in layout.pictures.items()}
    values = {name: getattr(layout, name) for name in ("papers", "stylesheets", "title", "roots")}
    return json.dumps(values | {"pictures": pictures}).encode()


def _unpack(message: bytes) -> Layout:
    values: Mapping[str, Any] = json.loads(message)
    pictures = {name: base64.b64decode(data) for name, data in values["pictures"].items()}
    return Layout(**{**values, "pictures": pictures})


if __name__ == "__main__":
    serve(megabytes=int(sys.argv[1]), seconds=int(sys.argv[2]))
