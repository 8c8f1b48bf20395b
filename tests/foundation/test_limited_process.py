"""A limited process: what goes wrong in it stays in it, and the next task is done."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

from foundation import limited_process
from foundation.limited_process import TASKS_EACH, LimitedProcess, ProcessBusy, ProcessFailed

AMPLE = 60
WORK = "tests.foundation.limited_work:work"


@pytest.fixture
def process() -> Iterator[LimitedProcess]:
    process = LimitedProcess(WORK, megabytes=256, answer_megabytes=2)
    yield process
    process.stop()


def ask(process: LimitedProcess, message: bytes, *, seconds: int = AMPLE) -> bytes:
    return b"|".join(process.do(message, seconds=seconds))


def child_of(process: LimitedProcess) -> int:
    assert process._child is not None
    return process._child.pid


def wait_until(is_so: Callable[[], bool]) -> None:
    for _turn in range(AMPLE * 100):
        if is_so():
            return
        sleep(0.01)
    raise AssertionError("It does not come.")


def is_served(process: LimitedProcess) -> bool:
    return ask(process, b"say next") == b"ne|xt"


def test_it_answers_in_parts_and_what_is_printed_is_not_among_them(process: LimitedProcess) -> None:
    assert ask(process, b"say hello") == b"he|ll|o"
    assert ask(process, b"say") == b""
    assert ask(process, b"say ") == b""


def test_one_process_does_many_tasks_and_then_another_takes_over(process: LimitedProcess) -> None:
    first = ask(process, b"who")
    assert int(first) == child_of(process) != os.getpid()
    assert ask(process, b"who") == first
    process._done = TASKS_EACH
    assert ask(process, b"who") != first
    assert not Path(f"/proc/{int(first)}").exists()


def test_it_knows_neither_database_nor_keys(process: LimitedProcess) -> None:
    ask(process, b"who")
    place = Path(f"/proc/{child_of(process)}")
    names = {entry.partition(b"=")[0].decode() for entry in (place / "environ").read_bytes().split(b"\0") if entry}
    assert names & {"SECRET_KEY", "PERSONAL_DATA_KEYS", "PERSONAL_DATA_HASH_KEY", "DATABASE_URL"} == set()
    assert "SECRET_KEY" in os.environ
    files = {str(each.readlink()) for each in (place / "fd").iterdir()}
    assert not [name for name in files if "sqlite" in name or "socket" in name]


def test_it_speaks_the_language_it_is_told_without_settings_of_the_site(process: LimitedProcess) -> None:
    assert ask(process, b"translate zh-hans").decode() == "文件已损坏或不完整。"
    assert ask(process, b"translate en").decode() == "The file is damaged or incomplete."


@pytest.mark.parametrize("word", ["flood", "fail", "eat", "die"])
def test_what_answers_too_much_fails_or_needs_too_much_memory_is_ended(process: LimitedProcess, word: str) -> None:
    first = ask(process, b"who")
    with pytest.raises(ProcessFailed):
        ask(process, word.encode())
    assert not Path(f"/proc/{int(first)}").exists()
    assert is_served(process)


@pytest.mark.parametrize("word", ["loop", "sleep"])
def test_what_takes_too_long_is_ended(process: LimitedProcess, word: str) -> None:
    first = ask(process, b"who")
    with pytest.raises(ProcessFailed):
        ask(process, word.encode(), seconds=1)
    assert not Path(f"/proc/{int(first)}").exists()
    assert is_served(process)


def test_one_without_a_task_is_ended_and_the_next_task_starts_another(
    process: LimitedProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limited_process, "IDLE_SECONDS", 0.2)
    first = ask(process, b"who")
    wait_until(lambda: not Path(f"/proc/{int(first)}").exists())
    assert ask(process, b"who") != first


def test_what_fails_tells_the_journal_no_names(process: LimitedProcess, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProcessFailed):
        ask(process, b"fail")
    assert capfd.readouterr() == ("", f"{WORK}: ValueError\n")


def test_one_that_was_killed_between_tasks_is_not_missed(process: LimitedProcess) -> None:
    ask(process, b"who")
    assert process._child is not None
    os.kill(child_of(process), signal.SIGKILL)
    process._child.wait()
    assert is_served(process)


def test_one_that_is_killed_at_its_task_is_told_and_replaced(process: LimitedProcess, tmp_path: Path) -> None:
    first = int(ask(process, b"who"))
    failed: list[ProcessFailed] = []
    mark = tmp_path / "begun"

    def act() -> None:
        try:
            ask(process, b"sleep " + bytes(mark))
        except ProcessFailed as error:
            failed.append(error)

    thread = Thread(target=act)
    thread.start()
    wait_until(mark.exists)
    os.kill(first, signal.SIGKILL)
    thread.join(AMPLE)
    assert len(failed) == 1
    assert is_served(process)


def test_whoever_breaks_off_leaves_no_answer_for_the_next(process: LimitedProcess) -> None:
    ask(process, b"who")

    def break_off(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, break_off)
    signal.alarm(1)
    try:
        with pytest.raises(KeyboardInterrupt):
            ask(process, b"sleep")
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert is_served(process)


def test_one_at_a_time_and_nobody_waits_for_ever(process: LimitedProcess) -> None:
    with process._lock, pytest.raises(ProcessBusy):
        ask(process, b"who", seconds=1)
    said: list[bytes] = []

    def act(number: int) -> None:
        said.append(ask(process, b"say %d" % number))

    threads = [Thread(target=act, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(AMPLE)
    assert sorted(said) == [b"1", b"2", b"3", b"4", b"5"]
