"""Lists on a phone: cards of two lines that open their row, and no list taller than ten screens."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, expect

from members.selectors import members_in
from points.meetings.holding import record_meeting
from points.models import Attendance, Meeting
from points.reviews.steps import open_review, submit_review
from scoring_site.workbench.register import workbench
from tests.addresses import make_rows
from tests.appearance import HEIGHT
from tests.browser import log_in, scrolls_sideways
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_batch, make_event, make_member
from tests.points.half_stages import settle_year_end

PHONE = ViewportSize(width=390, height=844)
TEN_SCREENS = 10 * PHONE["height"]
CARD = 70
"""As high as a card is, of a list that has no row here."""


@pytest.fixture
def cast_of_sixty(transactional_db: None) -> Cast:
    cast = build_cast()
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for number in range(60):
        member = make_member(cast.branch_a, f"党员{number}", party_group="第一党小组")
        make_event(batch, member, "dues", "2026-01")
    return cast


@pytest.fixture
def cast_of_120(cast_of_sixty: Cast) -> Cast:
    """Twice as many members, of whom all but one were asked for dues in vain for six months."""
    cast = cast_of_sixty
    for number in range(60, 120 - len(cast.members_a)):
        make_member(cast.branch_a, f"党员{number}", party_group="第一党小组")
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for month in ("2025-08", "2025-09", "2025-10", "2025-11", "2025-12"):
        make_event(batch, cast.member_a, "dues", month, date=date.fromisoformat(f"{month}-10"), year=2025)
    return cast


@pytest.mark.sweep
def test_no_page_of_a_branch_of_120_is_taller_than_ten_screens(
    cast_of_120: Cast, browser_page: Page, evidence_dir: Path, uploads_dir: Path, clock: FrozenClock
) -> None:
    """R11, as it was seen: 9,000 to 19,000 pixels on a phone. A list is reckoned with all the rows a page of it has."""
    clock.now = NOW
    cast, page = cast_of_120, browser_page
    make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff)
    page.set_viewport_size(PHONE)
    log_in(page, "staff", reverse("workbench:index"))
    trouble: list[str] = []
    for table in workbench._registry.values():
        address = reverse(f"workbench:{table.opts.label_lower.replace('.', '_')}_changelist")
        page.goto(address)
        heights = page.locator("#result_list .data-row").evaluate_all("rows => rows.map(row => row.offsetHeight)")
        full = page.evaluate(HEIGHT) + (table.list_per_page - len(heights)) * max(heights, default=CARD)
        if full > TEN_SCREENS or scrolls_sideways(page):
            trouble.append(f"{address} {full} ({len(heights)} rows, the highest {max(heights, default=0)})")
    branch = f"?branch={cast.branch_a.pk}"
    pages = ["index", "month", "activity", "points_meeting_record", "login_slips", "scores", "awards", "candidates"]
    pages += ["export"]
    addresses = [reverse(f"workbench:{name}") + branch for name in pages]
    addresses += [reverse("workbench:ticks", args=[cast.branch_a.pk])]
    halves = {half: open_review(branch=cast.branch_a, year=2025, half=half) for half in ("H1", "H2")}
    settle_year_end(cast.branch_a, by=cast.secretary_a, at=NOW)
    submit_review(actor=cast.secretary_a, now=NOW, review=halves["H2"])
    addresses += [reverse("workbench:points_review_change", args=[half.pk]) for half in halves.values()]
    addresses += [reverse("workbench:points_review_confirm", args=[halves["H1"].pk])]
    addresses += [reverse("workbench:points_review_return", args=[halves["H2"].pk])]
    addresses += [reverse("workbench:points_rating_sheet", args=[cast.branch_a.pk, 2025])]
    addresses += [reverse("workbench:points_meeting_attendance", args=[_hold_meeting(cast).pk])]
    addresses += [reverse(f"workbench:members_{row._meta.model_name}_change", args=[row.pk]) for row in (
        cast.branch_a, cast.member_a)]  # fmt: skip
    for address in addresses:
        page.goto(address)
        height = page.evaluate(HEIGHT)
        if height > TEN_SCREENS or scrolls_sideways(page):
            trouble.append(f"{address} {height}")
    # A form of a whole branch is no list of pages: with the attendance to enter, too, it is short enough.
    page.goto(reverse("workbench:month") + branch)
    page.locator("[data-kinds] input").first.check()
    if (height := page.evaluate(HEIGHT)) > TEN_SCREENS:
        trouble.append(f"month with attendance {height}")
    assert trouble == []


def _hold_meeting(cast: Cast) -> Meeting:
    attended = {member.pk: Attendance.Status.ATTENDED for member in members_in([cast.branch_a.pk], TODAY)}
    return record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 10),
        kinds=[("party_day", "2026-02")],
        statuses=attended,
    )


def test_a_card_has_a_title_and_what_tells_most_and_opens_its_row_wherever_it_is_touched(
    cast_of_sixty: Cast, browser_page: Page
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    log_in(page, "recorder-a", reverse("workbench:points_pointevent_changelist"))
    card = page.locator("#result_list .data-row").first
    shown = [cell.inner_text() for cell in card.locator("> *").all() if cell.is_visible()]
    # The branch is everybody's here, so it tells nothing; who recorded it is for the row's page.
    assert shown == ["党员59", "交纳党费", "1.0", "2026年1月10日", "有效"]
    box = card.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 12, box["y"] + box["height"] - 8)
    page.wait_for_url("**/change/**")


def test_what_a_card_says_is_broken_between_its_parts_alone(cast_of_sixty: Cast, browser_page: Page) -> None:
    """A day that was torn from its month, a doubling sign on a line of its own."""
    page = browser_page
    page.set_viewport_size(PHONE)
    batch = make_batch(cast_of_sixty.recorder_a, cast_of_sixty.town, cast_of_sixty.branch_a)
    member = make_member(cast_of_sixty.branch_a, "王小")
    make_event(batch, member, "governance", "", points=10, led=True, date=date(2026, 11, 14))
    log_in(page, "recorder-a", reverse("workbench:points_pointevent_changelist"))
    parts = page.locator("#result_list .data-row").first.locator(".wb-on-card")
    assert parts.all_inner_texts() == ["基层治理项目", "1.0 ×2", "2026年11月14日", "有效"]
    boxes = parts.evaluate_all("cells => cells.map(cell => [cell.offsetHeight, cell.offsetTop, cell.offsetLeft])")
    assert {height for height, _top, _left in boxes} == {21}
    begun = [left for number, (_height, top, left) in enumerate(boxes) if number == 0 or top > boxes[number - 1][1]]
    assert len(begun) == 2
    assert len(set(begun)) == 1


def test_on_a_desk_the_list_is_a_table_with_all_its_columns(cast_of_sixty: Cast, browser_page: Page) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, "recorder-a", reverse("workbench:points_pointevent_changelist"))
    row = page.locator("#result_list .data-row").first
    assert row.locator("> *").evaluate_all("cells => new Set(cells.map(cell => cell.offsetTop)).size") == 1
    assert len([cell for cell in row.locator("> *").all() if cell.is_visible()]) == 8
    expect(row.get_by_role("link", name="作废")).to_be_visible()
