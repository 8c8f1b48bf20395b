"""A second half waits for appraisal, year-end meeting and pledge, and the town's days run from then (D3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason
from members.models import AuditEntry
from points.errors import NothingToDeclare, ReviewDatesRefused, TransitionRefused
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import NotHeldDeclaration, Review
from points.records.recording import record_events
from points.reviews.dates import read_town_days, set_review_dates
from points.reviews.steps import open_review, submit_review
from points.reviews.year_end import declare_not_held, read_year_end
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import base_entry
from tests.points.half_stages import bring_to

JANUARY = datetime(2026, 1, 8, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def half(cast: Cast) -> Review:
    return open_review(branch=cast.branch_a, year=2025, half="H2")


def settle(cast: Cast, half: Review, *, at: datetime) -> None:
    """Appraisal and year-end meeting held and recorded, the pledge declared."""
    record_meeting(
        actor=cast.recorder_a,
        now=at,
        branch=cast.branch_a,
        held_on=date(2025, 12, 22),
        kinds=[("life_meeting", "2025H2"), ("appraisal", "2025")],
        statuses={cast.member_a.pk: "attended"},
    )
    declare_not_held(actor=cast.secretary_a, now=at, review=half, items=["pledge"], reason="支部换届，未开展")


def test_the_refusal_names_what_is_missing(cast: Cast, half: Review) -> None:
    with pytest.raises(TransitionRefused) as refused:
        submit_review(actor=cast.recorder_a, now=JANUARY, review=half)
    assert str(refused.value) == (
        "尚缺：组织生活会（2025年下半年）、民主评议党员（2025年度）、承诺践诺（2025年度）。"
        "请先登记；本年度不再召开的，在本半年核定页面声明。"
    )
    entry = base_entry(cast.member_a, "pledge", "2025", date(2025, 3, 20))
    record_events(actor=cast.recorder_a, now=JANUARY, town=cast.town, entries=[entry])
    with pytest.raises(TransitionRefused, match=r"尚缺：组织生活会（2025年下半年）、民主评议党员（2025年度）。"):
        submit_review(actor=cast.recorder_a, now=JANUARY, review=half)
    half.refresh_from_db()
    assert half.state == "draft"


def test_recorded_or_declared_it_is_submitted(cast: Cast, half: Review) -> None:
    settle(cast, half, at=JANUARY)
    assert [(entry.item.code, entry.shown_state) for entry in read_year_end(half)] == [
        ("life_meeting", "已登记（2026-01-08）"),
        ("appraisal", "已登记（2026-01-08）"),
        ("pledge", "已声明本年度不再召开：甲书记，2026-01-08（支部换届，未开展）"),
    ]
    entry = AuditEntry.objects.get(verb="declare_not_held")
    assert (entry.actor, entry.new) == (
        cast.secretary_a,
        {"reason": "支部换届，未开展", "kinds": [["pledge", "2025"]]},
    )
    assert submit_review(actor=cast.recorder_a, now=JANUARY + timedelta(hours=1), review=half).state == "submitted"
    assert list(verify_ledger()) == []


def test_a_first_half_waits_for_nothing(cast: Cast) -> None:
    assert bring_to(cast, "submitted", half="H1").state == "submitted"
    assert read_year_end(open_review(branch=cast.branch_a, year=2025, half="H1")) == []


def test_another_branchs_records_do_not_settle_it(cast: Cast, half: Review) -> None:
    entry = base_entry(cast.member_b, "pledge", "2025", date(2025, 3, 20))
    record_events(actor=cast.recorder_b, now=JANUARY, town=cast.town, entries=[entry])
    assert [row.settled_on for row in read_year_end(half)] == [None, None, None]


def test_who_declares_what_and_when(cast: Cast, half: Review) -> None:
    about: dict[str, Any] = {"review": half, "items": ["pledge"], "reason": "未开展"}
    with pytest.raises(PermissionDenied):
        declare_not_held(actor=cast.committee_a, now=JANUARY, **about)
    with pytest.raises(MissingReason):
        declare_not_held(actor=cast.recorder_a, now=JANUARY, review=half, items=["pledge"], reason=" ")
    november = datetime(2025, 11, 30, 10, 0, tzinfo=SHANGHAI)
    with pytest.raises(NothingToDeclare, match="12月"):
        declare_not_held(actor=cast.recorder_a, now=november, **about)
    for items in ([], ["dues"], ["party_day"]):
        with pytest.raises(NothingToDeclare):
            declare_not_held(actor=cast.recorder_a, now=JANUARY, review=half, items=items, reason="未开展")
    declare_not_held(actor=cast.recorder_a, now=JANUARY, **about)
    with pytest.raises(NothingToDeclare):
        declare_not_held(actor=cast.recorder_a, now=JANUARY, **about)
    assert NotHeldDeclaration.objects.get().period == "2025"


def test_the_towns_days_run_from_when_the_year_end_is_settled(cast: Cast, half: Review) -> None:
    def due() -> tuple[date, date, date]:
        days = read_town_days([cast.branch_a]).of(cast.branch_a, 2025, "H2")
        assert days is not None
        return days.submit_by, days.approve_by, days.post_by

    days: dict[str, Any] = {
        "submit_by": date(2026, 1, 10),
        "approve_by": date(2026, 1, 15),
        "post_by": date(2026, 1, 20),
    }
    about: dict[str, Any] = {"actor": cast.staff, "now": JANUARY, "town": cast.town, "year": 2025}
    set_review_dates(**about, half="H2", **days)
    assert due() == tuple(days.values())
    set_review_dates(**about, half="H2", **days, latest_start=date(2026, 2, 28))
    # Not settled yet: as if it were on the latest day, 59 days after 31 December.
    assert due() == (date(2026, 3, 10), date(2026, 3, 15), date(2026, 3, 20))
    settle(cast, half, at=JANUARY + timedelta(days=30))
    # Settled on 7 February, 38 days after 31 December.
    assert due() == (date(2026, 2, 17), date(2026, 2, 22), date(2026, 2, 27))
    with pytest.raises(ReviewDatesRefused):
        set_review_dates(**about, half="H2", **days, latest_start=date(2025, 12, 30))
    summer = dict.fromkeys(days, date(2026, 7, 9))
    with pytest.raises(ReviewDatesRefused):
        set_review_dates(**about | {"year": 2026} | summer, half="H1", latest_start=date(2026, 7, 30))
