"""Two of a name in one branch are told apart wherever a person stands in a list: on every page and paper (D21, W5)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from members.accounts.login_codes import issue_login_codes
from members.models import Member
from members.people.naming import tell_apart, tell_apart_at_home
from points.meetings.holding import record_meeting
from points.models import Attendance
from points.papers.annual.report import read_annual_report
from points.papers.meetings.dues_book import read_dues_rows
from points.papers.meetings.meeting_record import render_meeting_record
from points.papers.record_form.form import build_branch_forms, build_member_form
from points.papers.record_form.pdf import render_form
from points.papers.reviews.result_slips import build_slips
from points.reviews.table import read_review_table
from points.scoring.freezing import current_lines
from publicity.notices.audience import members_of
from publicity.notices.days_up import line_days
from publicity.notices.table import show_rows
from tests.addresses import ADDRESSES, make_rows
from tests.cast import Cast
from tests.effort import sweep
from tests.factories import NOW, TODAY, make_member
from tests.publicity.stages import approved, posted, prepared

ELDER, YOUNGER = "张伟（第一党小组）", "张伟（第二党小组）"
LASTING_ELDER, LASTING_YOUNGER = "张伟（1970年生）", "张伟（1990年生）"
"""The same two where it is printed again years later."""
ACCOUNTS = "workbench:members_user_changelist"
"""An account has its own name; whose it is stands beside it."""


@pytest.fixture
def namesake(cast: Cast) -> Member:
    return make_member(cast.branch_a, "张伟", birth_date=date(1990, 1, 1), party_group="第二党小组", position=2)


TOLD = "张伟（(?:第|19)"
"""Marked by the party group or by the birth."""


def read_visible(page: str) -> str:
    """What a page shows: no attributes, scripts or styles."""
    return re.sub(r"<[^>]*>", "\n", re.sub(r"(?s)<(script|style|template).*?</\1>", "", page))


@pytest.mark.slow
@pytest.mark.usefixtures("blank_papers")
@pytest.mark.parametrize("who", sweep("secretary_a", "staff", "recorder_a"))
def test_no_page_of_the_workbench_leaves_it_open_who_is_meant(
    who: str, cast: Cast, namesake: Member, client: Client, evidence_dir: Path
) -> None:
    rows = make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff)
    client.force_login(getattr(cast, who))
    open_: dict[str, list[str]] = {}
    told = set()
    for key, address in ADDRESSES.items():
        response = client.get(f"{address.of(rows)}?branch={cast.branch_a.pk}")
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        lines = [line.strip() for line in read_visible(response.content.decode()).splitlines() if "张伟" in line]
        if any(re.search(TOLD, line) for line in lines):
            told.add(key)
        found = [line[:60] for line in lines if re.search(f"张伟(?!{TOLD[2:]})", line)]
        if found and key != ACCOUNTS:
            open_[key] = found
    assert open_ == {}
    assert len(told) > 25


def test_papers_tell_them_apart_too(cast: Cast, namesake: Member) -> None:
    status = Attendance.Status.ATTENDED
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={namesake.pk: status},
        topic="党课",
    )
    assert LASTING_YOUNGER in render_meeting_record(meeting, now=NOW)
    dues = [row.name for row in read_dues_rows(branch=cast.branch_a, year=2026, now=NOW)]
    assert sorted(dues) == sorted([LASTING_ELDER, LASTING_YOUNGER, "李娜", "曾国华"])
    issued = issue_login_codes(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, member_ids=[namesake.pk])
    assert [code.member.listed_name for code in issued] == [YOUNGER]


def test_slips_poster_and_report_tell_them_apart(cast: Cast, namesake: Member) -> None:
    review = approved(cast)
    lines = current_lines(review)
    assert {LASTING_ELDER, LASTING_YOUNGER, "李娜"} <= {line.member.listed_name for line in lines}
    assert {LASTING_ELDER, LASTING_YOUNGER} <= {slip.name for slip in build_slips(lines)}
    notice = posted(cast, prepared(cast, review))
    assert {LASTING_ELDER, LASTING_YOUNGER} <= {member.listed_name for member in members_of(notice)}
    report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025)
    assert {LASTING_ELDER, LASTING_YOUNGER} <= {row.name for branch in report.branches for row in branch.rows}


def test_the_record_form_says_whose_it_is(cast: Cast, namesake: Member) -> None:
    """As it was seen: two forms of one name in a branch, and nothing on either sheet said whose."""
    with translation.override("en"):
        forms = list(build_branch_forms(branch=cast.branch_a, year=2025, now=NOW, with_grounds=False))
    assert sorted(form.name for form in forms) == sorted([LASTING_ELDER, LASTING_YOUNGER, "李娜", "曾国华"])
    alone = build_member_form(member=namesake, year=2025, now=NOW, with_grounds=False)
    assert alone is not None
    html = render_form(alone)
    assert f"姓名：{LASTING_YOUNGER}" in html
    assert f"　{LASTING_YOUNGER}　2025年度</p>" in html


def test_a_move_between_party_groups_changes_no_paper_of_the_past(cast: Cast, namesake: Member) -> None:
    """As it was seen: the two swapped groups, and each stood under the other's mark on a slip printed again."""
    review = approved(cast)
    notice = posted(cast, prepared(cast, review))
    day = review.met_on
    assert day is not None

    def read_names() -> list[list[str]]:
        form = build_member_form(member=cast.member_a, year=2025, now=NOW, with_grounds=False)
        table = read_review_table(review, actor=cast.staff, on=TODAY)
        report = read_annual_report(actor=cast.staff, now=NOW, town=cast.town, year=2025, branch=cast.branch_a)
        assert form is not None
        return [
            [slip.name for slip in build_slips(current_lines(review))],
            [row.member.listed_name for row in table.rows],
            [row.line.member.listed_name for row in show_rows(line_days(notice), inside=False)],
            [row.name for row in read_dues_rows(branch=cast.branch_a, year=2025, now=NOW)],
            [form.name],
            [row.name for row in report.rows],
        ]

    before = read_names()
    groups = {cast.member_a.pk: "第二党小组", namesake.pk: "第一党小组"}
    for pk, group in groups.items():
        Member.objects.filter(pk=pk).update(party_group=group)
    assert read_names() == before
    assert all(LASTING_ELDER in names for names in before)


TWINS: dict[str, tuple[list[tuple[str, float | None]], list[str]]] = {
    "the group alone": ([("第一组", 1970), ("第二组", 1970)], ["第一组", "第二组"]),
    "the year where the group does not": ([("第一组", 1970), ("第一组", 1981)], ["1970年生", "1981年生"]),
    "both where neither alone does": (
        [("第一组", 1970), ("第一组", 1981), ("第二组", 1981)],
        ["第一组，1970年生", "第一组，1981年生", "第二组，1981年生"],
    ),
    "the month where the group is the same": ([("第一组", 1970.3), ("第一组", 1970.5)], ["1970年3月生", "1970年5月生"]),
    "the place where nothing does": ([("", None), ("", None)], ["同名第1位", "同名第2位"]),
    "no more than tells them apart": ([("第一组", 1970), ("第一组", 1970)], ["同名第1位", "同名第2位"]),
    "what tells some of them apart beside the place": (
        [("第一组", 1970), ("第一组", 1970), ("第二组", 1970)],
        ["第一组，同名第1位", "第一组，同名第2位", "第二组，同名第3位"],
    ),
}
LASTING: dict[str, tuple[list[tuple[str, float | None]], list[str]]] = {
    "the year whatever the groups": ([("第一组", 1970), ("第二组", 1981)], ["1970年生", "1981年生"]),
    "the month where the year does not": ([("第一组", 1970.3), ("第二组", 1970.5)], ["1970年3月生", "1970年5月生"]),
    "the group where no birth tells them apart": ([("第一组", 1970), ("第二组", 1970)], ["第一组", "第二组"]),
}


def make_twins(people: list[tuple[str, float | None]]) -> list[Member]:
    """Unsaved namesakes by group and birth: 1970 is in March, 1970.5 in May."""

    def born(year: float | None) -> date | None:
        return date(int(year), round(year % 1 * 10) or 3, 1) if year else None

    return [
        Member(pk=pk, name="张伟", party_group=group, birth_date=born(year))
        for pk, (group, year) in enumerate(people, 1)
    ]


@pytest.mark.parametrize("case", LASTING)
def test_what_is_kept_for_years_is_told_apart_by_what_stays(case: str) -> None:
    people, marks = LASTING[case]
    told = tell_apart(make_twins(people), lasting=True)
    assert [member.listed_name for member in told] == [f"张伟（{mark}）" for mark in marks]


@pytest.mark.parametrize("case", TWINS)
def test_what_is_added_is_what_tells_them_apart(case: str) -> None:
    people, marks = TWINS[case]
    twins = make_twins(people)
    alone = Member(pk=99, name="李娜", party_group="第一组")

    told = tell_apart([*twins, alone])

    assert [member.listed_name for member in told] == [*(f"张伟（{mark}）" for mark in marks), "李娜"]
    assert [member.listed_name for member in tell_apart(twins[:1])] == ["张伟"]


def test_what_is_added_is_said_in_the_language_of_the_reader() -> None:
    twins = tell_apart(Member(pk=year, name="张伟", birth_date=date(year, 3, 1)) for year in (1970, 1981))

    with translation.override("en"):
        assert twins[0].listed_name == "张伟（born in 1970）"
    with translation.override("zh-hans"):
        assert twins[0].listed_name == "张伟（1970年生）"


def test_one_alone_is_told_apart_from_those_of_the_branch_only(cast: Cast, namesake: Member) -> None:
    elsewhere = make_member(cast.branch_b, "张伟", party_group="第三党小组")
    cast.member_a.refresh_from_db()

    assert [member.listed_name for member in tell_apart_at_home([cast.member_a], on=TODAY)] == [ELDER]
    assert [member.listed_name for member in tell_apart_at_home([elsewhere], on=TODAY)] == ["张伟"]
