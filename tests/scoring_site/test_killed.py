"""The web server's processes killed at any moment, under load: what was answered is there, nothing is there by half."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from time import sleep

import pytest

from members.models import RecordBatch
from tests.cast import build_cast
from tests.clock import FrozenClock
from tests.effort import in_ci
from tests.members.seals.verified import begin_chain
from tests.processes import name_test_database
from tests.scoring_site.busy_server import (
    Server,
    check_what_is_there,
    count_answers,
    have_done,
    make_recorders,
    set_to_work,
)

pytestmark = [pytest.mark.engine, pytest.mark.long, pytest.mark.django_db(transaction=True)]

KILLS = in_ci(200, by_hand=600)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(name_test_database())
    yield server
    server.stop()


def test_no_answered_record_is_lost_and_none_is_there_by_half(clock: FrozenClock, server: Server) -> None:
    clock.now = datetime.now(tz=UTC)
    begin_chain()
    recorders = make_recorders(build_cast(), server)
    threads = set_to_work(recorders)
    chance, kills = random.Random(1), 0
    while kills < KILLS:
        # Some kills come right after another, before anything was answered; the others wait for a few answers.
        awaited = count_answers(recorders) + chance.choice([0, 0, 1, 3])
        while count_answers(recorders) < awaited:
            sleep(0.005)
        sleep(chance.uniform(0, 0.1))
        kills += server.kill_one(chance)
    have_done(recorders, threads)
    answered = {token for recorder in recorders for token in recorder.answered}
    cut_off = {token for recorder in recorders for token in recorder.cut_off}
    assert [answer for recorder in recorders for _body, answer in recorder.refused.values()] == []
    clock.now = datetime.now(tz=UTC)
    written = set(RecordBatch.objects.values_list("uuid", flat=True))
    assert answered <= written <= answered | cut_off
    assert (len(answered) > KILLS // 2, len(cut_off) > KILLS // 10) == (True, True)
    check_what_is_there(written)
    kept = len(written & cut_off)
    # Whoever had no answer sends again, and nothing is doubled.
    for recorder in recorders:
        answers = [recorder.send(body) for body in recorder.cut_off.values()]
        assert {answer and answer.status for answer in answers} <= {302}
    clock.now = datetime.now(tz=UTC)
    check_what_is_there(answered | cut_off)
    print(f"{kills} kills: {len(answered)} records answered, {len(cut_off)} cut off, of which {kept} were written")
