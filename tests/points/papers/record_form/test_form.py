"""The rows of the record form (clause 6), by value, for everybody in a town where everything happens."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from members.models import Branch, Member, Town
from points.papers.record_form.form import RecordForm, build_branch_forms, build_member_form
from tests.factories import NOW, make_batch, make_event, make_user
from tests.points.papers.messy_town import build_messy_town
from tests.points.scoring.scores import score_town
from tests.work import count_queries
from veto.models import Deduction

pytestmark = pytest.mark.django_db


def form_of(name: str, *, year: int = 2025, with_grounds: bool = False) -> RecordForm:
    member = Member.objects.get(name=name)
    form = build_member_form(member=member, year=year, now=NOW, with_grounds=with_grounds)
    assert form is not None
    return form


def lines(form: RecordForm) -> list[tuple[str, str, str]]:
    return [(row.day.isoformat(), row.content, row.shown) for row in form.rows]


def test_the_heading_and_the_rows_in_the_regulations_words(town: Town) -> None:
    form = form_of("全勤")
    assert (form.town, form.branch, form.name, form.year) == ("乱石镇", "一支部", "全勤", 2025)
    assert form.state == "未定稿（2025年度积分待支部核定）"
    rows = lines(form)
    assert len(rows) == 12 + 12 + 4 + 4 + 2 + 1 + 1 + 3
    assert rows[:7] == [
        ("2026-03-15", "交纳党费（2025年1月，1月1日交纳）", "1.0"),
        ("2026-03-15", "党员活动日（2025年1月，1月1日）", "1.0"),
        ("2026-03-15", "党课（2025年第1季度，1月1日）", "3.0"),
        ("2026-03-15", "党员大会（2025年第1季度，1月1日）", "3.0"),
        ("2026-03-15", "组织生活会（2025年上半年，1月1日）", "3.0"),
        ("2026-03-15", "交纳党费（2025年2月，2月1日交纳）", "1.0"),
        ("2026-03-15", "党员活动日（2025年2月，2月1日）", "1.0"),
    ]
    assert ("2026-03-15", "革命传统教育（5月4日，带头作用，3分双倍）", "6.0") in rows
    assert ("2026-03-15", "承诺践诺（2025年度，3月1日）", "3.0") in rows
    assert rows[-2:] == [
        ("2026-03-15", "上级表彰（12月31日）", "4.0"),
        ("2026-03-15", "民主评议党员（2025年度，2026年2月10日）", "3.0"),
    ]
    assert [row.day for row in form.rows] == sorted(row.day for row in form.rows)


def test_a_row_of_dues_says_what_was_paid_where_it_was_entered(town: Town) -> None:
    member = Member.objects.get(name="=同分")
    batch = make_batch(make_user("recorder"), town, member.memberships.get().branch)
    paid = {"due_fen": 500, "paid_fen": 600, "paid_by": "李娜"}
    make_event(batch, member, "dues", "2025-11", year=2025, date=date(2025, 11, 9), **paid)
    make_event(batch, member, "dues", "2025-10", year=2025, date=date(2025, 10, 9))
    rows = [content for _day, content, _points in lines(form_of("=同分"))]
    assert "交纳党费（2025年11月，11月9日交纳，应交5.00元，实交6.00元，由李娜代交）" in rows
    assert "交纳党费（2025年10月，10月9日交纳）" in rows


def test_the_foot_explains_the_cap_that_bit(town: Town) -> None:
    form = form_of("全勤")
    # 60 base, 革命传统教育 3 + 3 + 2.5, 上级表彰 4
    assert form.rows_total == 600 + 85 + 40
    assert (form.total, form.shown_total) == (710, "71.0")
    assert form.explanation == "各项合计72.5分，革命传统教育封顶后减1.5分，年度积分71.0分。"


def test_a_form_without_caps_needs_no_explanation(town: Town) -> None:
    form = form_of("=同分")
    assert (form.rows_total, form.total, form.explanation) == (40, 40, "")
    assert (form.is_vetoed, form.veto_grounds) == (False, ())


def test_deductions_stop_at_nothing_and_keep_their_ground_to_themselves(town: Town) -> None:
    form = form_of("扣完为止")
    assert [row for row in lines(form) if row[2] == "-5.0"] == [
        ("2026-03-15", "负面清单扣分（10月1日发现）", "-5.0"),
        ("2026-03-15", "负面清单扣分（10月2日发现）", "-5.0"),
        ("2026-03-15", "负面清单扣分（11月3日发现）", "-5.0"),
    ]
    assert form.total == 0
    assert form.explanation == "各项合计-3.0分，扣完为止，少扣部分加3.0分，年度积分0.0分。"
    assert "赌博" not in str(form)
    entitled = form_of("扣完为止", with_grounds=True)
    assert ("2026-03-15", "负面清单扣分：参与赌博（10月1日发现）", "-5.0") in lines(entitled)


def test_a_veto_is_ticked_and_its_ground_is_for_the_entitled(town: Town) -> None:
    form = form_of("次年否决")
    assert (form.is_vetoed, form.veto_grounds, form.total) == (True, (), 0)
    assert form.explanation == "各项合计10.0分，一票否决减10.0分，年度积分0.0分。"
    assert form_of("次年否决", with_grounds=True).veto_grounds == ("因“黄赌毒”“酒驾醉驾”等受到党纪处分",)


def test_void_proposed_and_revoked_records_are_not_on_the_form(town: Town) -> None:
    form = form_of("未予确认", with_grounds=True)
    assert [row[1] for row in lines(form)] == [
        f"交纳党费（2025年{month}月，{month}月1日交纳）" for month in (1, 2, 3, 7)
    ]
    assert (form.is_vetoed, form.total) == (False, 40)


def test_part_of_a_year_is_named_and_prorated_where_the_town_does_so() -> None:
    build_messy_town(part_year="prorate_base")
    form = form_of("新预备")
    assert (form.remark, form.rows_total) == ("计分5个月", 50)
    # 5.0 × 12 ÷ 5
    assert form.total == 120
    assert form.explanation == "各项合计5.0分，基础分按计分月数折算加7.0分，年度积分12.0分。"


@pytest.mark.parametrize(("name", "why"), [("免积分", "不实行积分制"), ("转出", "已转出"), ("去世", "已去世")])
def test_who_is_not_scored_has_records_and_no_sum(town: Town, name: str, why: str) -> None:
    form = form_of(name)
    assert (form.total, form.shown_total, form.unscored, form.explanation) == (None, "", why, "")
    assert lines(form)[0] == ("2026-03-15", "交纳党费（2025年1月，1月1日交纳）", "1.0")


def test_who_was_not_there_that_year_has_no_form(town: Town) -> None:
    member = Member.objects.get(name="早已转出")
    assert build_member_form(member=member, year=2025, now=NOW, with_grounds=False) is None


def test_while_the_year_runs_neither_box_is_ticked() -> None:
    build_messy_town()
    member = Member.objects.get(name="=同分")
    form = build_member_form(member=member, year=2025, now=NOW.replace(year=2025, month=7), with_grounds=False)
    assert form is not None
    assert form.is_vetoed is None
    assert form.state == "未定稿（截至2025年7月15日，年度尚未结束）"


def test_a_deed_is_shown_with_its_note(town: Town) -> None:
    member = Member.objects.get(name="=同分")
    batch = make_batch(Member.objects.get(name="全勤").events.first().batch.actor, town)  # type: ignore[union-attr]
    make_event(
        batch, member, "volunteering", "", date=date(2025, 6, 1), year=2025, points=15, led=True, note="清理河道"
    )
    assert ("2026-03-15", "志愿服务：清理河道（6月1日，带头作用，1.5分双倍）", "3.0") in lines(form_of("=同分"))


def test_a_note_that_names_its_item_is_not_said_twice(town: Town) -> None:
    member = Member.objects.get(name="=同分")
    batch = make_batch(Member.objects.get(name="全勤").events.first().batch.actor, town)  # type: ignore[union-attr]
    make_event(
        batch, member, "volunteering", "", date=date(2025, 6, 1), year=2025, points=15, note="志愿服务：清理河道"
    )
    assert ("2026-03-15", "志愿服务：清理河道（6月1日）", "1.5") in lines(form_of("=同分"))


def test_the_form_is_chinese_whatever_the_screen_speaks(town: Town) -> None:
    with translation.override("en"):
        english = form_of("全勤")
    assert english == form_of("全勤")


@pytest.mark.parametrize("readings", [{}, {"part_year": "prorate_base"}, {"lead_bonus": "within_item_cap"}])
def test_every_form_adds_up_to_the_annual_score(readings: dict[str, str]) -> None:
    town = build_messy_town(**readings)
    scores = {scored.member_id: scored.score for scored in score_town(town, 2025)}
    assert len(scores) > 15
    for member_id, score in scores.items():
        form = build_member_form(member=Member.objects.get(pk=member_id), year=2025, now=NOW, with_grounds=False)
        assert form is not None
        assert form.rows_total == sum(row.points for row in form.rows)
        if score is None:
            assert form.total is None
        else:
            assert form.total == score.annual.total
            assert form.rows_total + sum(part.points for part in form.adjustments) == form.total


def test_a_branch_prints_whom_it_scores_in_roster_order(town: Town) -> None:
    forms = build_branch_forms(branch=Branch.objects.get(name="二支部"), year=2025, now=NOW, with_grounds=False)
    # The mover belongs to the branch of the last day; the exempt and the leavers have no score to sign.
    assert [form.name for form in forms] == ["调动", "年后转出", "恢复积分", "新预备", "半年否决", "六月转入"]
    first = build_branch_forms(branch=Branch.objects.get(name="一支部"), year=2025, now=NOW, with_grounds=False)
    assert [form.name for form in first] == ["次年否决", "扣完为止", "未予确认", "=同分", "全勤"]


def test_a_branch_costs_the_same_queries_however_many_members(town: Town) -> None:
    branch = Branch.objects.select_related("town").get(name="一支部")
    keep = Member.objects.select_related("town").get(name="扣完为止")

    def write_all() -> list[RecordForm]:
        return list(build_branch_forms(branch=branch, year=2025, now=NOW, with_grounds=True))

    def write_one() -> RecordForm | None:
        return build_member_form(member=keep, year=2025, now=NOW, with_grounds=True)

    assert len(write_all()) == 5
    assert write_one() is not None
    assert count_queries(write_all) == count_queries(write_one)
    assert Deduction.objects.filter(member=keep).count() == 3
