"""Pages of what a branch did before it was renamed call it as its papers do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from members.models import User
from members.places.branches import change_branch
from points.meetings.holding import record_meeting
from points.models import Attendance
from points.results.ratings import decide_ratings
from publicity.models import Notice
from publicity.notices.publication import close_notice
from publicity.objections.objections import raise_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse, find_all, read_tree, text_of
from tests.publicity.stages import approved, at, corrected, posted, prepared
from tests.scoring_site.screens import visible

pytestmark = pytest.mark.django_db
OLD, NEW = "一支部", "红旗村党支部"
RENAMED = at(3, 1, year=2026)


def final_half(cast: Cast, half: str, *, year: int, month: int) -> Notice:
    """Put up on the eighth of the month and closed on the twentieth."""
    start = at(month, 8, year=year)
    notice = posted(cast, prepared(cast, approved(cast, half=half, now=start), now=start), now=start)
    return close_notice(actor=cast.secretary_a, now=at(month, 20, year=year), notice=notice)


def rename(cast: Cast) -> None:
    change_branch(actor=cast.staff, now=RENAMED, branch=cast.branch_a, values={"name": NEW})
    cast.branch_a.refresh_from_db()


def read_main(user: User, address: str) -> str:
    """What the page itself says, menus and filters left out."""
    response: Any = browse(user).get(address)
    assert response.status_code == 200, address
    return visible(response)


def read_headings(user: User, address: str) -> list[str]:
    response: Any = browse(user).get(address)
    assert response.status_code == 200, address
    return [" ".join(text_of(each).split()) for each in find_all(read_tree(response.content), "//h1|//title")]


def rate(cast: Cast) -> None:
    decide_ratings(
        actor=cast.secretary_a,
        now=at(2, 1, year=2026),
        branch=cast.branch_a,
        year=2025,
        decisions={cast.member_a.pk: "unqualified"},
        met_on=date(2026, 2, 1),
        is_unrelated=True,
    )


def test_the_portal_calls_the_branch_as_the_notice_did(cast: Cast, clock: FrozenClock) -> None:
    """As it was seen: the notice of last year stood under the new name, and a meeting of a branch not there yet."""
    first = final_half(cast, "H1", year=2025, month=7)
    second = final_half(cast, "H2", year=2026, month=1)
    objection = raise_objection(
        actor=cast.member_user_a, now=at(1, 22, year=2026), notice=second, text="请核实", about=cast.member_a
    )
    rate(cast)
    rename(cast)
    clock.now = RENAMED + timedelta(days=1)
    pages = [
        reverse("notices"),
        reverse("notice", args=[first.uuid]),
        reverse("object_to_notice", args=[second.uuid]),
        reverse("objections"),
        reverse("objection", args=[objection.uuid]),
        reverse("results"),
        "/?year=2025",
    ]
    said = {address: read_main(cast.member_user_a, address) for address in pages}
    assert {address for address, text in said.items() if OLD not in text or NEW in text} == set()
    assert f"{OLD}2025年上半年积分公示" in said[pages[1]]
    assert "校验码（第1号）" in said[pages[1]]  # that of its own half, though another was approved since
    assert f"{OLD}2026-02-01会议评定" in said["/?year=2025"].replace(" ", "")
    assert NEW in read_main(cast.member_user_a, "/?year=2026")


def test_the_workbench_heads_past_halves_and_meetings_with_the_name_of_their_day(
    cast: Cast, clock: FrozenClock
) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=at(6, 6),
        branch=cast.branch_a,
        held_on=date(2025, 6, 5),
        kinds=[("party_day", "2025-06")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    first = final_half(cast, "H1", year=2025, month=7)
    second = final_half(cast, "H2", year=2026, month=1)
    rate(cast)
    correction = corrected(cast, second.review, cast.members_a[1], now=at(2, 5, year=2026), month=9)
    rename(cast)
    clock.now = RENAMED + timedelta(days=1)
    headed = {
        reverse("workbench:points_review_change", args=[first.review_id]): f"{OLD} 2025年上半年",
        reverse("workbench:publicity_notice_change", args=[second.pk]): f"{OLD} 2025年下半年",
        reverse("workbench:points_meeting_change", args=[meeting.pk]): f"2025-06-05 {OLD}",
        reverse("workbench:points_rating_sheet", args=[cast.branch_a.pk, 2025]): OLD,
    }
    for address, heading in headed.items():
        assert any(heading in said for said in read_headings(cast.secretary_a, address)), address
    said = read_main(cast.secretary_a, reverse("workbench:points_correction_change", args=[correction.pk]))
    assert f"{OLD} 2025年下半年" in said
    lists = ("points_review", "publicity_notice", "points_meeting", "points_correction", "points_rating")
    for name in lists:
        response: Any = browse(cast.secretary_a).get(reverse(f"workbench:{name}_changelist"))
        rows = find_all(read_tree(response.content), "//table[@id='result_list']")
        assert OLD in text_of(rows[0]), name
        assert NEW not in text_of(rows[0]), name
