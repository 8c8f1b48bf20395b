"""民主评议党员测评汇总表: votes, score and rating of each member; blank where nobody entered any."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import Exemption, Member
from points.errors import NothingToPrint
from points.papers.results.rating_summary import build_row, write_rating_summary
from points.results.ratings import Votes, decide_ratings, read_rating_sheet
from tests.cast import Cast
from tests.points.half_stages import JANUARY
from tests.points.papers.pdf_text import read_text
from tests.points.results.finished_year import earn, finish

pytestmark = pytest.mark.django_db
TODAY = (JANUARY + timedelta(days=30)).date()


def test_it_adds_up_what_the_meeting_counted(cast: Cast) -> None:
    first, second, exempt = cast.members_a
    Member.objects.filter(pk=second.pk).update(category=Member.Category.PROBATIONARY)
    days = {"applied_on": date(2025, 1, 1), "decided_on": date(2025, 1, 2), "from_date": date(2025, 1, 2)}
    Exemption.objects.create(member=exempt, ground="age", **days)
    earn(cast, first, incentive=380)
    finish(cast)
    before = read_rating_sheet(cast.branch_a, 2025)
    assert [build_row(row).votes for row in before.rows] == [("", "", "", "")] * 3
    assert build_row(before.rows[0]).proposed == "可评优秀"
    sheet = decide_ratings(
        actor=cast.secretary_a,
        now=JANUARY + timedelta(days=30),
        branch=cast.branch_a,
        year=2025,
        decisions={first.pk: "excellent"},
        votes={first.pk: Votes(12, 5, 1, 0)},
        met_on=date(2026, 2, 5),
        is_unrelated=True,
    )
    rows = [build_row(row) for row in sheet.rows]
    assert [(row.name, row.score, row.votes, row.ballots, row.rating) for row in rows] == [
        ("张伟", "98.0", ("12", "5", "1", "0"), "18", "优秀"),
        ("李娜", "0.0", ("", "", "", ""), "", "不评定等次"),
        ("曾国华", "—", ("", "", "", ""), "", ""),
    ]
    assert rows[2].note == "不实行积分制"
    text = read_text(write_rating_summary(sheet=sheet, today=TODAY))
    for part in (
        "2025年度民主评议党员测评汇总表",
        "会议日期：2026年2月5日",
        "1张伟正式党员98.0125101 8可评优秀优秀".replace(" ", ""),
        "参加评议3人，有年度积分的2人，平均积分49.0分。评定等次：优秀1人，合格0人",
    ):
        assert part in text, part


def test_before_the_year_is_approved_there_is_nobody_on_it(cast: Cast) -> None:
    with pytest.raises(NothingToPrint):
        write_rating_summary(sheet=read_rating_sheet(cast.branch_a, 2025), today=TODAY)
