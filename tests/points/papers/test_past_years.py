"""Past years stand: papers bear the names of their day, frozen lines say what was so then (T1, S7, W8)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from members.models import FormerBranchName, Member
from members.places.branches import change_branch, names_on
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, Freeze
from points.papers.annual.report import read_annual_report
from points.papers.meetings.dues_book import write_dues_book
from points.papers.meetings.meeting_record import write_meeting_record
from points.papers.record_form.form import build_member_form
from points.papers.reviews.result_slips import write_result_slips
from points.papers.reviews.table import write_review_table
from points.reviews.steps import open_review
from points.scoring.freezing import links_of_year, read_payload
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.points.half_stages import JANUARY, JULY, bring_to, line_of
from tests.points.papers.pdf_text import read_text
from tests.publicity.stages import approved

pytestmark = pytest.mark.django_db
NOW = JANUARY + timedelta(days=30)


def rename(cast: Cast, *, is_slip: bool = False) -> None:
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_a, values={"name": "红旗村党支部"}, is_slip=is_slip)
    cast.branch_a.refresh_from_db()


def papers_of(cast: Cast, year: int, *, half: str) -> dict[str, str]:
    """The text of every paper of the branch's year."""
    review = open_review(branch=cast.branch_a, year=year, half=half)
    form = build_member_form(member=cast.member_a, year=year, now=NOW, with_grounds=False)
    assert form is not None
    report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=year, branch=cast.branch_a)
    found = {
        "dues book": read_text(write_dues_book(branch=cast.branch_a, year=year, now=NOW)),
        "review table": read_text(write_review_table(review=review, actor=cast.secretary_a, now=NOW)),
        "record form": form.branch,
        "annual report": report.branches[0].name,
    }
    return found | ({"slips": read_text(write_result_slips(review=review))} if review.approved_at else {})


def test_a_branch_renamed_today_keeps_last_years_name_on_last_years_papers(cast: Cast) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=JULY,
        branch=cast.branch_a,
        held_on=date(2025, 6, 5),
        kinds=[("party_day", "2025-06")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
    )
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    rename(cast)
    last, this = papers_of(cast, 2025, half="H2"), papers_of(cast, 2026, half="H1")
    last["meeting record"] = read_text(write_meeting_record(meeting=meeting, now=NOW))
    assert {name for name, text in last.items() if "一支部" not in text or "红旗村" in text} == set()
    assert {name for name, text in this.items() if "红旗村党支部" not in text or "一支部" in text} == set()
    assert list(verify_ledger()) == []


def test_a_slip_of_the_pen_is_mended_on_past_papers_too(cast: Cast) -> None:
    bring_to(cast, "approved")
    rename(cast, is_slip=True)
    assert "红旗村党支部" in papers_of(cast, 2025, half="H1")["slips"]
    assert not FormerBranchName.objects.exists()


def test_a_branch_renamed_twice_has_the_name_of_each_day(cast: Cast) -> None:
    rename(cast)
    later = NOW + timedelta(days=10)
    change_branch(actor=cast.staff, now=later, branch=cast.branch_a, values={"name": "东风村党支部"})
    change_branch(actor=cast.staff, now=later, branch=cast.branch_a, values={"position": 7})
    cast.branch_a.refresh_from_db()
    days = [NOW - timedelta(days=1), NOW, later - timedelta(days=1), later]
    names = ["一支部", "红旗村党支部", "红旗村党支部", "东风村党支部"]
    assert [cast.branch_a.name_on(day.date()) for day in days] == names
    both = [cast.branch_a, cast.branch_b]
    assert [names_on(both, day.date()) for day in days] == [
        {cast.branch_a.pk: name, cast.branch_b.pk: "二支部"} for name in names
    ]


def test_a_line_says_what_was_so_on_its_day(cast: Cast) -> None:
    member = cast.member_a
    Member.objects.filter(pk=member.pk).update(full_since=date(2025, 9, 1))
    first, second = bring_to(cast, "final"), bring_to(cast, "final", half="H2")
    rename(cast)
    said = [json.loads(line_of(review, member).payload) for review in (first, second)]
    assert [each["category"] for each in said] == ["probationary", "full"]
    assert {each["branch_name"] for each in said} == {"一支部"}
    assert said[0]["officers"] == {"recorder": [str(cast.recorder_a.uuid)], "secretary": [str(cast.secretary_a.uuid)]}
    assert read_payload(line_of(second, member).payload).category == "full"


def test_the_frozen_category_outlives_a_change_of_the_roster(cast: Cast) -> None:
    """A day of 转正 entered wrongly afterwards does not regrade a year that is final; a correction does."""
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    Member.objects.filter(pk=cast.member_a.pk).update(full_since=date(2026, 1, 2))
    report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025)
    assert {row.name: row.category for row in report.rows}[cast.member_a.name] == "full"


def test_lines_of_the_first_format_are_read_on(cast: Cast) -> None:
    payload = json.loads(line_of(bring_to(cast, "approved"), cast.member_a).payload)
    for key in ("category", "branch_name", "officers"):
        del payload[key]
    assert read_payload(json.dumps(payload | {"version": 1})).category == ""


def test_papers_printed_again_bear_the_link_they_had_whatever_was_frozen_since(cast: Cast) -> None:
    first = bring_to(cast, "final")
    old = Freeze.objects.get(branch=cast.branch_a)
    before = read_text(write_result_slips(review=first))
    second = bring_to(cast, "final", half="H2")
    new = Freeze.objects.get(branch=cast.branch_a, sequence=2)
    papers = {
        review.half: [
            read_text(write_result_slips(review=review)),
            read_text(write_review_table(review=review, actor=cast.secretary_a, now=NOW)),
        ]
        for review in (first, second)
    }
    for half, link, other in (("H1", old, new), ("H2", new, old)):
        assert {f"校验码（第{link.sequence}号）：{link.hash}" in text for text in papers[half]} == {True}
        assert {other.hash in text for text in papers[half]} == {False}
    assert papers["H1"][0] == before.replace("公示期间", "已定稿")


def test_papers_over_a_year_bear_the_last_link_of_its_halves(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring_to(cast, "final")
    bring_to(cast, "final", half="H2")
    link = Freeze.objects.get(branch=cast.branch_a, sequence=2)
    later = datetime(2026, 7, 5, 10, 0, tzinfo=SHANGHAI)
    next_year = approved(cast, year=2026, now=later)
    assert Freeze.objects.filter(branch=cast.branch_a, lines__review=next_year, sequence=3).exists()
    form = build_member_form(member=cast.member_a, year=2025, now=later, with_grounds=False)
    report = read_annual_report(actor=cast.staff, now=later, town=cast.town, year=2025, branch=cast.branch_a)
    assert form is not None
    assert (form.link, report.branches[0].link) == ((2, link.hash), (2, link.hash))
    with django_assert_num_queries(1):
        found = links_of_year([cast.branch_a.pk, cast.branch_b.pk], 2026)
    assert {branch: each.sequence for branch, each in found.items()} == {cast.branch_a.pk: 3}
