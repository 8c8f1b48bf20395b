"""The demonstration town in the middle of a year's first review, and in a year whose days off nobody published yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from members.models import AuditEntry, Town, WorkDay
from points.integrity.ledger import verify_ledger
from points.models import Review
from publicity.models import Notice, Objection
from tests.clock import SHANGHAI
from tests.demonstration import demonstration_town

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NOW = datetime(2027, 8, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town, in a database of its own."""
    with django_db_blocker.unblock(), demonstration_town(NOW) as town:
        yield town


def test_in_august_this_years_half_stands_at_every_step(town: Town) -> None:
    reviews = Review.objects.filter(branch__town=town).order_by("branch__position")
    assert set(reviews.filter(year=2026).values_list("half", "state")) == {("H1", "final"), ("H2", "final")}
    assert dict(reviews.filter(year=2027).values_list("branch__name", "state")) == {
        "云岭镇机关党支部": "final",
        "桃源村党支部": "published",
        "石桥村党支部": "final",
        "柳湾村党支部": "submitted",
        "枫林村党支部": "final",
        "云岭社区第一党支部": "final",
        "云岭社区第二党支部": "draft",
        "云岭茶叶专业合作社党支部": "final",
    }
    running = Notice.objects.get(review__state="published")
    assert running.posted_on == date(2027, 8, 17)
    waiting = Objection.objects.get(answered_at__isnull=True)
    assert (waiting.notice, waiting.via) == (running, "phone")
    assert WorkDay.objects.filter(town=town, day__year=2027, is_worked=False).count() >= 10
    assert [str(difference) for difference in verify_ledger(town=town)] == []
    assert not AuditEntry.objects.filter(town=town, at__gt=NOW).exists()
