"""`request.now` shows the configured clock, and only an aware one."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from foundation.clock import read_clock
from scoring_site.requests import ClockMiddleware, TimedRequest
from tests.clock import SHANGHAI, FrozenClock


def test_a_request_carries_one_moment(clock: FrozenClock) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        assert isinstance(request, TimedRequest)
        clock.advance(minutes=5)
        seen.append(request.now)
        return HttpResponse()

    clock.set(2026, 7, 1, 8, 30)
    ClockMiddleware(view)(TimedRequest())
    assert seen == [datetime(2026, 7, 1, 8, 30, tzinfo=SHANGHAI)]
    assert read_clock() == datetime(2026, 7, 1, 8, 35, tzinfo=SHANGHAI)


def test_the_clock_may_be_named_by_its_path(settings: Any) -> None:
    settings.CLOCK = "django.utils.timezone.now"
    before = timezone.now()
    assert before <= read_clock() <= timezone.now()


def test_a_naive_clock_is_refused(settings: Any) -> None:
    settings.CLOCK = lambda: datetime(2026, 7, 1)
    with pytest.raises(ImproperlyConfigured):
        read_clock()
