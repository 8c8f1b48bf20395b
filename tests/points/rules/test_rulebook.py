"""The shipped rulebook, its stored text, its look-ups, its settings, and what the strict loader refuses."""

import json
import tomllib
from typing import Any

import pytest

from points.rules import rulebook as rules
from points.rules.rulebook import (
    RulebookError,
    canonical_json,
    change_settings,
    load_rulebook,
    load_shipped_rulebook,
    parse_rulebook,
    read_setting,
)

REPORT_COLUMNS = {
    "dues": "交纳党费",
    "party_day": "党员活动日",
    "lecture": "党课",
    "assembly": "党员大会",
    "life_meeting": "组织生活会",
    "appraisal": "民主评议党员",
    "pledge": "承诺践诺",
    "heritage": "革命传统教育",
    "essay": "理论学习心得",
    "council": "党员议事会",
    "home_visit": "红色家访",
    "volunteering": "志愿服务",
    "contest": "党史知识竞赛",
    "pairing": "结对帮扶",
    "governance": "基层治理项目",
    "key_task": "年度重点工作",
    "commendation": "上级表彰",
}


def test_shipped_items_stand_in_the_order_of_the_annual_report() -> None:
    assert list(load_shipped_rulebook().item_names().items()) == list(REPORT_COLUMNS.items())


def test_shipped_figures_are_the_regulations() -> None:
    rulebook = load_shipped_rulebook()
    assert [(item.per, item.points, item.max) for item in rulebook.base] == [
        ("month", 10, 120),
        ("month", 10, 120),
        ("quarter", 30, 120),
        ("quarter", 30, 120),
        ("half", 30, 60),
        ("year", 30, 30),
        ("year", 30, 30),
    ]
    assert {item.cap for item in rulebook.incentive} == {40}
    assert {item.points for item in rulebook.negative} == {50}
    assert [item.clause for item in rulebook.base] == [f"2.3.1.{n}" for n in range(1, 8)]
    assert [item.clause for item in rulebook.incentive] == [f"2.3.2.{n}" for n in range(1, 11)]
    assert [item.clause for item in rulebook.negative] == [f"2.3.3.{n}" for n in range(1, 6)]
    assert [item.clause for item in rulebook.veto] == [f"2.3.4.{n}" for n in range(1, 7)]
    assert [item.code for item in rulebook.base if item.is_dues] == ["dues"]
    assert [item.code for item in rulebook.incentive if item.confirm_lead] == ["essay", "contest", "commendation"]
    assert (rulebook.thresholds.passing, rulebook.thresholds.award, rulebook.thresholds.excellent) == (600, 800, 900)
    assert rulebook.redemption_cap_fen == 500


def test_shipped_settings_are_the_default_readings() -> None:
    settings = load_shipped_rulebook().settings
    assert (settings.lead_bonus, settings.part_year, settings.late_dues) == (
        "beyond_item_cap",
        "as_earned",
        "until_approval",
    )
    assert (settings.notice_days, settings.notice_day_kind) == (5, "calendar")
    assert (settings.restart_on_correction, settings.exemption_age) == (True, 75)
    assert (settings.outside_columns, settings.appeal_days, settings.mark_above) == ("score", 30, 3)


def test_clauses_are_kept_in_the_regulations_words_and_order() -> None:
    rulebook = load_shipped_rulebook()
    assert (
        rulebook.clause_text("2.3.2.D") == "党员在上述活动中起带头、组织、主导作用的，在相应分值的基础上实行双倍加分。"
    )
    ids = [clause.id for clause in rulebook.clauses]
    assert ids[:6] == ["2.1", "2.2", "2.3", "2.3.1", "2.3.1.1", "2.3.1.2"]
    assert ids.index("2.3.2.9") + 1 == ids.index("2.3.2.10")
    assert ids.index("2.3.2.10") + 1 == ids.index("2.3.2.D")
    with pytest.raises(KeyError):
        rulebook.clause_text("2.3.9")


def test_stored_text_round_trips_exactly() -> None:
    rulebook = change_settings(load_shipped_rulebook(), lead_bonus="within_item_cap", notice_days=7)
    text = canonical_json(rulebook)
    assert parse_rulebook(text) == rulebook
    assert canonical_json(parse_rulebook(text)) == text
    assert json.loads(text)["settings"]["notice_days"] == 7
    assert parse_rulebook(canonical_json(load_shipped_rulebook())) != rulebook


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("dues", "points", "dues"),
        ("DUES ", "points", "dues"),
        ("缴纳党费", "points", "dues"),
        ("交纳党费", "points", "dues"),
        ("主题党日", "points", "party_day"),
        ("支部党员大会", "points", "assembly"),
        ("红色家访", "points", "home_visit"),
        ("红色家访、党群串门", "points", "home_visit"),
        ("“红色家访、党群串门”", "points", "home_visit"),
        ("红色家访（党群串门）", "points", "home_visit"),
        ("　党　课　", "points", "lecture"),
        ("不服从有关规定", "deduction", "noncompliance"),
        ("信仰宗教、参与宗教活动", "deduction", "religion"),
        ("信仰宗教经教育不改", "veto", "religion_unreformed"),
        ("religion", "veto", None),
        ("religion", "points", None),
        ("连续６个月不参加组织生活", "veto", "absence"),
        ("拒不交纳党费", "veto", "dues_refusal"),
        ("不交纳党费，经教育仍拒绝交纳", "veto", "dues_refusal"),
        ("信仰邪教", "veto", "cult"),
        ("受到党纪处分", "veto", "disciplined"),
        ("因“黄赌毒”“酒驾醉驾”等受到党纪处分", "veto", "disciplined"),
        ("造成恶劣影响", "veto", "disrepute"),
        ("党费", "points", "dues"),
        ("每月足额缴纳一次党费", "points", "dues"),
        ("每月参加一次党员活动日", "points", "party_day"),
        ("主题党日活动", "points", "party_day"),
        ("每季度参加一次党课", "points", "lecture"),
        ("每季度参加一次党员大会", "points", "assembly"),
        ("每半年参加一次组织生活会", "points", "life_meeting"),
        ("每年参加一次民主评议党员", "points", "appraisal"),
        ("每年积极开展党员承诺、践诺", "points", "pledge"),
        ("参加一次革命传统教育", "points", "heritage"),
        ("撰写一篇理论学习心得", "points", "essay"),
        ("参加一次“党员议事会”", "points", "council"),
        ("参加一次“红色家访、党群串门”", "points", "home_visit"),
        ("加入一支志愿服务队", "points", "volunteering"),
        ("参加一次党史知识竞赛", "points", "contest"),
        ("参加一项结对帮扶", "points", "pairing"),
        ("参与完成一个基层治理项目", "points", "governance"),
        ("参与完成一项所在单位的年度重点工作", "points", "key_task"),
        ("获得一次上级表彰", "points", "commendation"),
        ("", "points", None),
        ("、", "points", None),
    ],
)
def test_items_are_found_by_code_name_and_alias(text: str, kind: Any, code: str | None) -> None:
    assert load_shipped_rulebook().find_item(text, kind) == code


def test_item_gives_the_item_of_a_code() -> None:
    rulebook = load_shipped_rulebook()
    assert rulebook.item("commendation") == rulebook.incentive[-1]
    assert rulebook.item("cult", "veto") == rulebook.veto[3]
    with pytest.raises(KeyError):
        rulebook.item("cult")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("lead_bonus", "double", 'settings.lead_bonus: expected one of beyond_item_cap, within_item_cap, got "double"'),
        ("part_year", True, "settings.part_year: expected one of as_earned, prorate_base, got true"),
        ("late_dues", "", 'settings.late_dues: expected one of until_approval, always, got ""'),
        ("notice_days", 4, "settings.notice_days: expected a whole number from 5 to 60, got 4"),
        ("notice_days", 61, "settings.notice_days: expected a whole number from 5 to 60, got 61"),
        ("notice_days", True, "settings.notice_days: expected a whole number from 5 to 60, got true"),
        ("notice_days", "7", 'settings.notice_days: expected a whole number from 5 to 60, got "7"'),
        ("restart_on_correction", 1, "settings.restart_on_correction: expected true or false, got 1"),
        ("outside_columns", "all", 'settings.outside_columns: expected one of score, parts, got "all"'),
        ("appeal_days", 29, "settings.appeal_days: expected a whole number from 30 to 180, got 29"),
        ("mark_above", 101, "settings.mark_above: expected a whole number from 0 to 100, got 101"),
        ("exemption_age", 59, "settings.exemption_age: expected a whole number from 60 to 100, got 59"),
        (
            "colour",
            "red",
            "settings.colour: unknown setting; allowed: " + ", ".join(rules.SETTING_RULES),
        ),
    ],
)
def test_settings_take_only_listed_readings(name: str, value: Any, problem: str) -> None:
    with pytest.raises(RulebookError) as refused:
        change_settings(load_shipped_rulebook(), **{name: value})
    assert str(refused.value) == problem


def test_every_listed_reading_can_be_chosen_and_leaves_the_rest_alone() -> None:
    shipped = load_shipped_rulebook()
    for name, rule in rules.SETTING_RULES.items():
        values: list[Any] = list(rule.choices) or (
            [True, False] if rule.kind == "yes_no" else [rule.minimum, rule.maximum]
        )
        for value in values:
            changed = change_settings(shipped, **{name: value})
            assert getattr(changed.settings, name) == value
            assert change_settings(changed, **{name: getattr(shipped.settings, name)}) == shipped


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lead_bonus", "within_item_cap", "within_item_cap"),
        ("notice_days", " 7 ", 7),
        ("restart_on_correction", "false", False),
        ("restart_on_correction", "是", True),
    ],
)
def test_typed_settings_are_read(name: str, text: str, value: Any) -> None:
    assert read_setting(name, text) == value
    assert type(read_setting(name, text)) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("notice_days", "4"), ("notice_days", "²"), ("notice_days", "五"), ("restart_on_correction", "maybe"), ("x", "1")],
)
def test_typed_settings_that_mean_nothing_are_refused(name: str, text: str) -> None:
    with pytest.raises(RulebookError, match=f"settings.{name}"):
        read_setting(name, text)


def test_a_text_read_as_toml_and_as_json_is_the_same_rulebook() -> None:
    text = rules.SHIPPED.read_text(encoding="utf-8")
    assert parse_rulebook(json.dumps(tomllib.loads(text))) == load_rulebook(text)
