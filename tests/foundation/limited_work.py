"""What a limited process is asked to do in tests: each message is one word."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from time import sleep

from django.utils.translation import gettext as _

from foundation.limited_process import speak


def work(message: bytes) -> Iterator[bytes]:
    """Answer in parts, or misbehave as the message says."""
    word, _space, rest = message.partition(b" ")
    return _WORDS[word](rest)


def _say(rest: bytes) -> Iterator[bytes]:
    print("what a library prints")
    yield from (rest[at : at + 2] for at in range(0, len(rest), 2))


def _who(_rest: bytes) -> Iterator[bytes]:
    yield str(os.getpid()).encode()


def _translate(language: bytes) -> Iterator[bytes]:
    speak(language.decode())
    yield _("The file is damaged or incomplete.").encode()


def _flood(_rest: bytes) -> Iterator[bytes]:
    return (bytes(1024 * 1024) for _number in count())


def _fail(_rest: bytes) -> Iterator[bytes]:
    yield b"half of it"
    raise ValueError("张伟")


def _eat(_rest: bytes) -> Iterator[bytes]:
    eaten = [bytes(1024 * 1024 * number) for number in count()]
    yield b"%d" % len(eaten)


def _loop(_rest: bytes) -> Iterator[bytes]:
    yield b"begun"
    while True:
        pass


def _die(_rest: bytes) -> Iterator[bytes]:
    yield b"half of it"
    sys.stdout.flush()
    os._exit(0)


def _sleep(mark: bytes) -> Iterator[bytes]:
    if mark:
        Path(mark.decode()).touch()
    sleep(600)
    yield b"awake"


_WORDS: Mapping[bytes, Callable[[bytes], Iterator[bytes]]] = {
    b"say": _say,
    b"who": _who,
    b"translate": _translate,
    b"flood": _flood,
    b"fail": _fail,
    b"eat": _eat,
    b"loop": _loop,
    b"die": _die,
    b"sleep": _sleep,
}
