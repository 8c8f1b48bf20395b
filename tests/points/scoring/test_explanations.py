"""Every figure of an explained sheet adds up, and every reason is there in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from members.models import Branch, Member, Town
from points.rules import rulebook as rules
from points.rules.facts import MemberFacts, PointRecord
from points.rules.score import score_member
from points.scoring.adoption import rulebook_for
from points.scoring.explanation_parts import ItemExplanation, SheetExplanation, Tick
from points.scoring.explanations import explain_sheet, explain_voided, read_held_periods
from points.scoring.outlook import describe_outlook
from points.scoring.squares import Square
from tests.factories import NOW, make_batch, make_branch, make_event, make_member, make_user
from tests.points.papers.messy_town import build_messy_town
from tests.points.scoring.scores import score_one, score_town
from tests.work import count_queries

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def town() -> Town:
    return build_messy_town()


def explain(name: str, *, on: date = TODAY, with_grounds: bool = False, held: bool = False) -> SheetExplanation:
    member = Member.objects.select_related("town").get(name=name)
    scored = score_one(member, 2025)
    assert scored is not None
    assert scored.score is not None
    periods = read_held_periods(branch_id=scored.roster_year.branch_id, year=2025) if held else None
    return explain_sheet(
        rulebook_for(member.town, 2025), scored.score.annual, on=on, with_grounds=with_grounds, held=periods
    )


def item_of(sheet: SheetExplanation, code: str) -> ItemExplanation:
    return next(item for item in (*sheet.base.items, *sheet.incentive.items) if item.code == code)


def check_sums(sheet: SheetExplanation) -> None:
    for section in (sheet.base, sheet.incentive):
        for item in section.items:
            gained = [step.points for step in item.steps if step.points > 0]
            assert sum(record.points + record.bonus for record in item.records if record.counted) == sum(gained)
            assert sum(step.points for step in item.steps) == item.points
        assert sum(item.points for item in section.items) + sum(step.points for step in section.steps) == section.points
    assert sum(line.points for line in sheet.deductions) == -sum(
        step.points for step in sheet.steps if step.label == "扣分"
    )
    assert sum(step.points for step in sheet.steps) == sheet.total


@pytest.mark.parametrize("readings", [{}, {"part_year": "prorate_base"}, {"lead_bonus": "within_item_cap"}])
def test_every_part_of_every_sheet_adds_up(readings: dict[str, str]) -> None:
    town = build_messy_town(**readings)
    rulebook = rulebook_for(town, 2025)
    seen = 0
    for scored in score_town(town, 2025):
        if scored.score is not None:
            sheet = explain_sheet(rulebook, scored.score.annual, on=TODAY, with_grounds=True)
            check_sums(sheet)
            assert sheet.total == scored.score.annual.total
            seen += 1
    assert seen == 11


def test_an_item_cites_its_clause_and_names_who_recorded(town: Town) -> None:
    item = item_of(explain("=同分"), "dues")
    assert (item.name, item.clause, item.clause_text) == ("交纳党费", "2.3.1.1", "每月足额缴纳一次党费，每次1分；")
    assert (item.shown, item.shown_maximum) == ("4.0", "12")
    assert [(step.label, step.shown) for step in item.steps] == [("4次 × 1分", "+4.0")]
    record = item.records[0]
    assert (record.what, record.day, record.shown) == ("2025年1月", date(2025, 1, 1), "1.0")
    assert (record.recorded_by, record.recorded_on) == ("系统", TODAY)


def test_the_calendar_of_a_year_that_is_over(town: Town) -> None:
    ticks = item_of(explain("=同分", held=True), "dues").ticks
    assert [tick.label for tick in ticks[:3]] == ["1月", "2月", "3月"]
    assert [tick.state for tick in ticks] == [
        Square.EARNED if month in (1, 2, 3, 12) else Square.NO_RECORD for month in range(1, 13)
    ]
    assert (ticks[0].state_label, ticks[3].state_label) == ("得分", "未登记")


def test_what_the_branch_did_not_hold_is_no_absence(town: Town) -> None:
    # The second branch has a lecture in Q2 and a first-half meeting on record and nothing else.
    sheet = explain("年后转出", held=True)
    assert [tick.state_label for tick in item_of(sheet, "lecture").ticks] == [
        "支部未组织",
        "未登记",
        "支部未组织",
        "支部未组织",
    ]
    assert [tick.state for tick in item_of(sheet, "life_meeting").ticks] == [Square.NO_RECORD, Square.NOT_HELD]
    # Dues are the member's own to pay.
    assert {tick.state for tick in item_of(sheet, "dues").ticks} == {Square.NO_RECORD}


def test_months_outside_the_scheme_and_months_to_come(town: Town) -> None:
    sheet = explain("新预备", on=date(2025, 10, 31))
    assert [tick.state for tick in item_of(sheet, "party_day").ticks] == [
        *[Square.OUT_OF_SCOPE] * 7,
        *[Square.NO_RECORD] * 2,
        *[Square.NOT_OVER] * 3,
    ]
    assert [tick.state_label for tick in item_of(sheet, "assembly").ticks] == [
        "不计分期间",
        "不计分期间",
        "未登记",
        "未到期",
    ]
    assert sheet.part_year_months == 5
    assert sheet.base.remarks == ("本镇对计分不满一年的，按实际得分计。",)


def test_a_leading_role_its_cap_and_the_towns_reading(town: Town) -> None:
    item = item_of(explain("全勤"), "heritage")
    assert [(step.label, step.shown) for step in item.steps] == [
        ("评定得分", "+5.5"),
        ("带头作用双倍加分", "+3.0"),
        ("单项满分4分，超出不计", "-1.5"),
    ]
    assert (item.shown, item.shown_maximum) == ("7.0", "8")
    assert item.remarks == (
        "党员在上述活动中起带头、组织、主导作用的，在相应分值的基础上实行双倍加分。",
        "本镇规定：双倍加分可在单项4分之外另计，最多再计4分。",
    )
    assert [(record.shown, record.remark) for record in item.records] == [("6.0", "带头作用，双倍加分"), ("2.5", "")]


def test_the_other_reading_of_a_leading_role() -> None:
    build_messy_town(lead_bonus="within_item_cap")
    item = item_of(explain("全勤"), "heritage")
    assert [(step.label, step.shown) for step in item.steps][2] == ("评定得分与双倍加分合计最多4分", "-4.5")
    assert (item.shown, item.shown_maximum, item.remarks[1]) == ("4.0", "4", "本镇规定：双倍加分计入单项4分满分之内。")


def test_dues_paid_after_the_approval_are_shown_and_earn_nothing() -> None:
    book = rules.load_shipped_rulebook()
    late = PointRecord(1, "dues", "2025-02", date(2025, 9, 1), None, led=False)
    facts = MemberFacts(2025, points=(late,), approvals=(("H1", date(2025, 7, 10)),))
    item = item_of(
        explain_sheet(book, score_member(book, facts, date(2025, 12, 31)), on=TODAY, with_grounds=False), "dues"
    )
    assert (item.points, item.ticks[1].state, item.ticks[1].state_label) == (
        0,
        Square.NOT_COUNTED,
        "半年核定后补交，不计分",
    )
    assert [(record.counted, record.shown, record.remark) for record in item.records] == [
        (False, "0.0", "半年核定后补交，不计分")
    ]
    assert item.remarks == ("本镇对半年核定后补交的党费，视为已交清，不计分。",)


def test_the_section_cap_is_a_step(town: Town) -> None:
    branch = Branch.objects.get(name="一支部")
    member = make_member(branch, "满分")
    batch = make_batch(make_user("r", name="记录员"), town)
    for code in ("heritage", "essay", "council", "home_visit", "volunteering", "pairing"):
        make_event(batch, member, code, "", points=40, led=True, date=date(2025, 5, 1), year=2025)
    section = explain("满分").incentive
    assert (section.shown_before_steps, section.shown) == ("48.0", "40.0")
    (step,) = section.steps
    assert (step.label, step.shown) == ("“十个一”合计最多40分（《办法》二（三）2）", "-8.0")


def test_deductions_and_vetoes_without_their_grounds(town: Town) -> None:
    sheet = explain("扣完为止")
    assert [(line.title, line.shown, line.clause) for line in sheet.deductions] == [("负面清单", "-5.0", "2.3.3")] * 3
    assert [(step.label, step.shown) for step in sheet.steps] == [
        ("基础分", "+12.0"),
        ("激励分", "+0.0"),
        ("扣分", "-15.0"),
        ("扣完为止（《办法》二（三）3）", "+3.0"),
    ]
    vetoed = explain("次年否决")
    assert [(line.title, line.particulars, line.decided_on) for line in vetoed.vetoes] == [
        ("一票否决", "", date(2026, 1, 20))
    ]
    assert (vetoed.shown, vetoed.shown_before_veto) == ("0.0", "10.0")
    everything = str(sheet) + str(vetoed)
    assert not [word for word in ("赌博", "经核实", "酒驾", "处分决定") if word in everything]


def test_deductions_and_vetoes_with_their_grounds(town: Town) -> None:
    line = explain("扣完为止", with_grounds=True).deductions[0]
    assert (line.title, line.clause, line.particulars) == ("参与赌博", "2.3.3.1", "经核实")
    assert (line.day, line.decided_on) == (date(2025, 10, 1), date(2025, 10, 1))
    veto = explain("次年否决", with_grounds=True).vetoes[0]
    assert (veto.title, veto.clause, veto.particulars) == ("因“黄赌毒”“酒驾醉驾”等受到党纪处分", "2.3.4.5", "处分决定")


def test_voided_records_stay_readable(town: Town) -> None:
    member = Member.objects.select_related("town").get(name="未予确认")
    voided = explain_voided(rulebook_for(member.town, 2025), member=member, year=2025)
    assert [(line.name, line.what, line.day, line.voided_by, line.reason) for line in voided] == [
        ("党课", "2025年第1季度", date(2025, 1, 1), "系统", "重复")
    ]


def test_reading_the_records_costs_the_same_for_one_and_for_30(town: Town) -> None:
    member = make_member(make_branch(town, "三支部"), "新来")
    batch = make_batch(make_user("r"), town)
    book = rulebook_for(town, 2025)

    def record(*days: int) -> None:
        for day in days:
            make_event(batch, member, "volunteering", "", points=1, date=date(2025, 5, day), year=2025)

    def cost(records: int) -> int:
        scored = score_one(member, 2025)
        assert scored is not None
        assert scored.score is not None
        annual = scored.score.annual
        sheet = explain_sheet(book, annual, on=TODAY, with_grounds=False)
        assert len(item_of(sheet, "volunteering").records) == records
        return count_queries(lambda: explain_sheet(book, annual, on=TODAY, with_grounds=False))

    record(1)
    few = cost(1)
    record(*range(2, 31))
    assert cost(30) == few


def outlook(total: int, *, on: date, category: str = "full", months: int = 12, year: int = 2025) -> tuple[object, ...]:
    """Headline, distances and rating of a score of `total` tenths."""
    book = rules.load_shipped_rulebook()
    facts = MemberFacts(year, months_in_scope=tuple(range(13 - months, 13)))
    sheet = score_member(book, facts, date(year, 12, 31))
    found = describe_outlook(book, replace(sheet, total=total), on=on, category=category)
    return found.headline, tuple(distance.words for distance in found.distances), found.rating


def test_before_the_year_is_over_nothing_is_concluded() -> None:
    headline, distances, rating = outlook(320, on=date(2025, 12, 31))
    assert headline == "年度尚未结束，已得32分"
    assert distances == (
        "距60分（合格线）还差28分",
        "距80分（可参加评先评优）还差48分",
        "距90分（可评定为优秀）还差58分",
    )
    assert rating == ""


@pytest.mark.parametrize(("category", "months"), [("probationary", 12), ("probationary", 2), ("full", 2)])
@pytest.mark.parametrize("on", [date(2025, 12, 31), date(2026, 1, 1)])
def test_nothing_is_said_of_excellent_where_it_cannot_come(category: str, months: int, on: date) -> None:
    """As it was seen: 比90分（可评定为优秀）少79分 of a probationary member with two months."""
    said = str(outlook(110, on=on, category=category, months=months)[1])
    assert ("80分" in said, "优秀" in said) == (True, False)
    assert "优秀" in str(outlook(950, on=on, category=category, months=months)[1])


def test_a_sections_clause_is_written_out(town: Town) -> None:
    """As it was seen: 办法原文 broke off at 主要包括以下积分内容："""
    sheet = explain("=同分")
    base, incentive = (section.clause_text.split("\n") for section in (sheet.base, sheet.incentive))
    assert base[:2] == ["基础分值（60分），主要包括以下积分内容：", "每月足额缴纳一次党费，每次1分；"]
    assert (len(base), len(incentive)) == (8, 12)
    assert incentive[-1].startswith("党员在上述活动中起带头、组织、主导作用的")


@pytest.mark.parametrize(
    ("total", "category", "months", "rating"),
    [
        (599, "full", 12, "拟定不合格（由支部讨论决定）"),
        (600, "full", 12, "待评定"),
        (100, "full", 11, "待评定"),
        (100, "probationary", 12, "不评定等次（预备党员）"),
    ],
)
def test_after_the_year_the_rating_waits_for_the_branch(total: int, category: str, months: int, rating: str) -> None:
    headline, _distances, said = outlook(total, on=date(2026, 1, 1), category=category, months=months)
    assert headline == f"2025年度积分{total // 10}{'.9' if total % 10 else ''}分"
    assert said == rating


def test_each_mark_belongs_to_the_better_side() -> None:
    _headline, distances, _rating = outlook(800, on=date(2026, 1, 1))
    assert distances == ("已达到60分（合格线）", "已达到80分（可参加评先评优）", "比90分（可评定为优秀）少10分")
    assert outlook(899, on=date(2026, 1, 1))[1][2] == "比90分（可评定为优秀）少0.1分"  # type: ignore[index]


def test_english_words(town: Town) -> None:
    with translation.override("en"):
        item = item_of(explain("全勤"), "heritage")
        assert [step.label for step in item.steps] == [
            "Awarded",
            "Doubled for a leading role",
            "What was awarded counts up to 4 points",
        ]
        assert item_of(explain("=同分"), "assembly").ticks[1].label == "Q2"
        assert outlook(320, on=date(2025, 6, 1))[0] == "The year is not over: 32 points so far"


@pytest.mark.parametrize(
    ("states", "is_in_scope"),
    [
        ([], True),  # an incentive item has no calendar
        ([Square.OUT_OF_SCOPE, Square.OUT_OF_SCOPE], False),
        ([Square.OUT_OF_SCOPE, Square.NOT_OVER], True),
    ],
)
def test_nobody_is_asked_for_what_fell_outside_their_time(states: list[Square], is_in_scope: bool) -> None:
    ticks = tuple(Tick(f"2025Q{number}", "", state, "") for number, state in enumerate(states, start=1))
    item = ItemExplanation("lecture", "党课", "2.3.1.3", "", 0, 120, ticks, (), (), ())
    assert item.is_in_scope is is_in_scope
