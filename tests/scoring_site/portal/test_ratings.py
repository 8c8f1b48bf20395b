"""What members read of their rating: the decision with its day, and nothing else beside it (4, D14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from members.models import Exemption, Notification
from points.results.ratings import decide_ratings
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.points.half_stages import JANUARY
from tests.points.results.finished_year import earn, finish
from tests.scoring_site.screens import get

pytestmark = pytest.mark.django_db
NOW = JANUARY + timedelta(days=30)


def decide(cast: Cast, decision: str, *, met_on: date = date(2026, 2, 5), settle_by: date | None = None) -> None:
    decide_ratings(
        actor=cast.secretary_a,
        now=NOW,
        branch=cast.branch_a,
        year=2025,
        decisions={cast.member_a.pk: decision},
        met_on=met_on,
        settle_by=settle_by,
        is_unrelated=True,
    )


@pytest.fixture
def february(cast: Cast, clock: FrozenClock) -> Cast:
    clock.now = NOW
    return cast


def test_the_decision_replaces_what_was_pending(february: Cast, client: Client) -> None:
    """W1, as it was seen: 优秀 read 待评定."""
    earn(february, february.member_a, incentive=380)
    finish(february)
    assert "民主评议等次： 待评定" in get(client, february.member_user_a, "/?year=2025")
    assert "民主评议等次" not in get(client, february.member_user_a, "/results/")
    decide(february, "excellent")
    assert Notification.objects.filter(kind="rating_decided", read_at__isnull=True).count() == 1
    assert "您的年度民主评议等次已评定 一支部 2025年度" in get(client, february.member_user_a, "/notifications/")
    home = get(client, february.member_user_a, "/?year=2025")
    assert "民主评议等次： 优秀 一支部2026-02-05会议评定" in home
    assert "待评定" not in home
    assert "民主评议等次： 优秀 一支部2026-02-05会议评定" in get(client, february.member_user_a, "/results/")
    assert not Notification.objects.filter(kind="rating_decided", read_at__isnull=True).exists()
    # The running year has none, and whoever reads the member in the workbench reads the same.
    assert "民主评议等次" not in get(client, february.member_user_a, "/?year=2026")
    record = f"/workbench/members/member/{february.member_a.pk}/change/?year=2025"
    assert "民主评议等次： 优秀 一支部2026-02-05会议评定" in get(client, february.secretary_a, record)


def test_a_failing_year_that_was_decided_proposes_nothing(february: Cast, client: Client) -> None:
    finish(february)
    assert "民主评议等次： 拟定不合格" in get(client, february.member_user_a, "/?year=2025")
    decide(february, "deferred", settle_by=date(2026, 3, 31))
    home = get(client, february.member_user_a, "/?year=2025")
    assert "民主评议等次： 暂缓评定 一支部2026-02-05会议评定；将于2026-03-31前评定" in home
    assert "拟定不合格" not in home
    decide(february, "unqualified", met_on=date(2026, 2, 6))
    assert "民主评议等次： 不合格 一支部2026-02-06会议评定" in get(client, february.member_user_a, "/?year=2025")


def test_who_is_exempt_reads_their_rating_too(february: Cast, client: Client) -> None:
    Exemption.objects.create(
        member=february.member_a,
        ground="unable",
        applied_on=date(2025, 1, 1),
        decided_on=date(2025, 1, 2),
        from_date=date(2025, 1, 2),
    )
    finish(february)
    decide(february, "qualified")
    assert "民主评议等次： 合格 一支部2026-02-05会议评定" in get(client, february.member_user_a, "/?year=2025")


def test_the_category_is_that_of_the_years_last_day(february: Cast, client: Client) -> None:
    """S7: 转正 since is another year's matter."""
    february.member_a.full_since = date(2026, 1, 10)
    february.member_a.save()
    finish(february)
    assert "不评定等次" in get(client, february.member_user_a, "/?year=2025")


def test_a_changed_rating_says_to_what(february: Cast, client: Client) -> None:
    """As it was seen: the message about a changed rating had the words of the first."""
    earn(february, february.member_a, incentive=380)
    finish(february)
    decide(february, "excellent")
    decide(february, "qualified", met_on=date(2026, 2, 6))
    assert [row.about for row in Notification.objects.filter(kind="rating_decided").order_by("pk")] == [
        "",
        "已变更为合格",
    ]
    assert "您的年度民主评议等次已评定：已变更为合格" in get(client, february.member_user_a, "/notifications/")
