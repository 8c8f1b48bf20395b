"""A process of its own, under limits, that does one kind of task for the threads of this one, one at a time.

For what reads a stranger's file or may take any time. It has neither the database nor the keys. It is started with the
first task, kept for the next ones for some minutes, and ended where a task takes too long; one that needs too much
memory ends it. The next task starts another. What it answers is bytes, whose sense the caller judges: nothing in them
is ever run.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from threading import Lock, Timer
from typing import IO

import django
from django.conf import settings
from django.utils import translation

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
"""What of the environment the process is given; no secret is among it."""
TASKS_EACH = 100
"""After so many tasks another process takes over, so that none grows for ever."""
IDLE_SECONDS = 300
"""After so long without a task it is ended: a server of 1 GB has better use for its memory."""
PART, END = b"+", b"."
_HEAD = struct.Struct(">cQ")
_ROOT = Path(__file__).resolve().parents[1]

Work = Callable[[bytes], Iterable[bytes]]
"""A task: a message in, parts of an answer out."""


class ProcessBusy(Exception):
    """Other tasks were still being done when this one's time was up."""


class ProcessFailed(Exception):
    """The task took longer or more memory than it may, answered too much, or failed."""


class LimitedProcess:
    """One process that does tasks for the threads of this one.

    `work` names its function as `module:function`. `megabytes` bounds its address space, `answer_megabytes` what it may
    answer to one task.
    """

    def __init__(self, work: str, *, megabytes: int, answer_megabytes: int) -> None:
        self._work = work
        self._megabytes = megabytes
        self._most_answered = answer_megabytes * 1024 * 1024
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._idle: Timer | None = None

    def do(self, message: bytes, *, seconds: int) -> list[bytes]:
        """The parts of the answer; so long it may take, and so long others are waited for.

        Raises:
            ProcessBusy, ProcessFailed.
        """
        if not self._lock.acquire(timeout=seconds):
            raise ProcessBusy
        try:
            return self._do(message, seconds)
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process; the next task starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _wait_for_the_next(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = Timer(IDLE_SECONDS, self._stop_idle)
        self._idle.daemon = True
        self._idle.start()

    def _stop_idle(self) -> None:
        if self._lock.acquire(blocking=False):
            self.stop()
            self._lock.release()

    def _do(self, message: bytes, seconds: int) -> list[bytes]:
        if self._done >= TASKS_EACH or (self._child is not None and self._child.poll() is not None):
            self.stop()
        try:
            if self._child is None:
                self._child, self._done = self._start(seconds), 0
            answer = self._ask(self._child, message, seconds)
        except (OSError, EOFError) as error:
            self.stop()
            raise ProcessFailed from error
        except BaseException:
            self.stop()  # or the next one would be given this answer
            raise
        self._done += 1
        self._wait_for_the_next()
        return answer

    def _ask(self, child: subprocess.Popen[bytes], message: bytes, seconds: int) -> list[bytes]:
        assert child.stdin is not None
        assert child.stdout is not None
        last = Timer(seconds, child.kill)
        last.start()
        try:
            _write(child.stdin, PART, message)
            parts: list[bytes] = []
            left = self._most_answered
            while True:
                kind, content = _read(child.stdout, most=left)
                if kind == END:
                    return parts
                left -= len(content)
                parts.append(content)
        finally:
            last.cancel()

    def _start(self, seconds: int) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        command = [sys.executable, "-m", __name__, self._work, str(self._megabytes), str(seconds)]
        return subprocess.Popen(  # noqa: S603 (our own program)
            command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )


def speak(language: str) -> None:
    """Within a task: refusals are in this language, in a process that has no settings of the site."""
    if not settings.configured:
        settings.configure(LOCALE_PATHS=[_ROOT / "locale"], LOGGING_CONFIG=None)
        django.setup()
    translation.activate(language)


def serve(name: str, *, megabytes: int, seconds: int) -> None:
    """The process itself: do what comes in, until nobody asks any more or something fails."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    # What a library prints goes to the journal, never among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    module, _colon, function = name.partition(":")
    work: Work = getattr(import_module(module), function)
    while True:
        try:
            _kind, asked = _read(sys.stdin.buffer)
        except EOFError:
            return
        # Should whoever asked be gone, nobody else ends it.
        signal.alarm(seconds + 1)
        try:
            for part in work(asked):
                _write(answers, PART, part)
        except Exception as error:  # noqa: BLE001 (its words may name somebody: the journal gets its kind alone)
            sys.exit(f"{name}: {type(error).__name__}")
        _write(answers, END, b"")
        signal.alarm(0)


def _write(file: IO[bytes], kind: bytes, content: bytes) -> None:
    file.write(_HEAD.pack(kind, len(content)))
    file.write(content)
    file.flush()


def _read(file: IO[bytes], *, most: int = sys.maxsize) -> tuple[bytes, bytes]:
    """One message. Raises EOFError where it does not come whole, or is longer than `most` bytes."""
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise EOFError
    kind, length = _HEAD.unpack(head)
    content = file.read(length) if length <= most else b""
    if len(content) < length:
        raise EOFError
    return kind, content


if __name__ == "__main__":
    serve(sys.argv[1], megabytes=int(sys.argv[2]), seconds=int(sys.argv[3]))
