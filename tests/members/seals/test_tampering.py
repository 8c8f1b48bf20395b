"""Tamperings at random, over every sealed table: each is found and named, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from foundation.clock import read_clock
from foundation.differences import Difference
from members.models import Town
from members.seals.tables import sealed_models
from members.seals.verification import Chain, verify_seals
from tests.demonstration import demonstration_town
from tests.effort import in_ci
from tests.members.seals.tampering import Tamperer, fill_empty_tables, unseen
from tests.scoring_site.demonstration.shown import MOMENT

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
TOGETHER = 50
"""Tamperings that one verification has to tell apart."""


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The demonstration town, in a database of its own until the file is done."""
    with django_db_blocker.unblock(), demonstration_town(MOMENT) as town:
        yield town


@pytest.fixture(autouse=True)
def undone(town: Town, clock: Any) -> Iterator[None]:
    """Whatever a test does to the database is undone."""
    clock.now = max(MOMENT, datetime.now(tz=MOMENT.tzinfo))
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def verify() -> list[Difference]:
    return list(verify_seals(Chain(), now=read_clock(), progress=None))


def test_a_whole_town_is_as_it_was_sealed() -> None:
    assert verify() == []


def test_tampering_with_any_table_is_found() -> None:
    fill_empty_tables()
    assert verify() == []
    tamperer = Tamperer(random.Random(1))
    with unseen():
        assert [label for label in sealed_models() if not tamperer.tamper(label)] == []
        expected = set(tamperer.tell())
    assert {(found.kind, found.identity) for found in verify()} == expected
    assert len(expected) == len(sealed_models())


def tamper_at_random(seed: int) -> None:
    tamperer = Tamperer(random.Random(seed))
    with unseen():
        while sum(map(len, tamperer.touched.values())) + sum(map(len, tamperer.added.values())) < TOGETHER:
            tamperer.tamper(tamperer.chance.choice(tamperer.labels))
        expected = set(tamperer.tell())
    assert len(expected) == TOGETHER
    assert {(found.kind, found.identity) for found in verify()} == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_tamperings_at_random_are_found_and_located(seed: int) -> None:
    tamper_at_random(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3, 3 + in_ci(20, by_hand=100)))
def test_a_thousand_tamperings_are_found_and_located(seed: int) -> None:
    tamper_at_random(seed)
