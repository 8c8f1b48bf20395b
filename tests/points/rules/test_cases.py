"""The rule cases in `cases/`, checked against the engine, and the rulebook checked against the cases."""

from typing import Any

import pytest

from points.rules import ratings
from points.rules.rulebook import SETTING_RULES, Rulebook, load_shipped_rulebook
from points.rules.score import ScoreSheet, score_member, score_year
from tests.points.rules.case_files import DECISIONS, SCORING_SETTINGS, Case, load_cases, to_fen, to_tenths

CASES = load_cases()
RESULTS = load_cases("result")
RANKINGS = load_cases("ranking")

RATING_NAMES = {
    "": "",
    ratings.PROPOSED_FAIL: "拟定不合格",
    ratings.PENDING: "待评定",
    ratings.NOT_GRADED: "不评定等次",
    ratings.EXCELLENT: "优秀",
    ratings.QUALIFIED: "合格",
    ratings.BASICALLY_QUALIFIED: "基本合格",
    ratings.UNQUALIFIED: "不合格",
    ratings.DEFERRED: "暂缓评定",
}


def describe(rulebook: Rulebook, sheet: ScoreSheet, wanted: dict[str, Any]) -> dict[str, Any]:
    """The parts of a sheet a case speaks of, in the case's own words."""
    lines = {rulebook.item(line.item).name: line.points for line in sheet.base_lines}
    lines |= {rulebook.item(line.item).name: line.score for line in sheet.incentive_lines}
    caps = {rulebook.item(line.item).name: line.cap for line in sheet.incentive_lines}
    reasons = [uncounted.reason for uncounted in sheet.uncounted]
    return {
        "through": sheet.through,
        "total": sheet.total,
        "base_earned": sheet.base_earned,
        "base": sheet.base,
        "incentive_before_cap": sheet.incentive_before_cap,
        "incentive": sheet.incentive,
        "deducted": sheet.deducted,
        "earned": sheet.earned_before_veto,
        "forgiven": sheet.forgiven,
        "items": {name: lines[name] for name in wanted.get("items", {})},
        "caps": {name: caps[name] for name in wanted.get("caps", {})},
        "uncounted": {reason: reasons.count(reason) for reason in reasons},
        "findings": [line.clause for line in sheet.deduction_lines],
        "grounds": [line.clause for line in sheet.vetoes],
        "months": list(sheet.months_in_scope),
        "months_counted": sheet.months_counted,
    }


def read_wanted(wanted: dict[str, Any]) -> dict[str, Any]:
    """A case's expectations with its points as tenths."""
    read: dict[str, Any] = {key: to_tenths(value) if isinstance(value, str) else value for key, value in wanted.items()}
    if "items" in read:
        read["items"] = {name: to_tenths(value) for name, value in read["items"].items()}
    return read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_scores_the_case_as_worked_out_by_hand(case: Case) -> None:
    year = score_year(case.rulebook, case.facts)
    sheets = {"first_half": year.first_half, "annual": year.annual}
    if "so_far" in case.data:
        sheets["so_far"] = score_member(case.rulebook, case.facts, case.data["so_far"]["through"])
    checked = 0
    for name, sheet in sheets.items():
        wanted = read_wanted(case.data.get(name, {}))
        got = describe(case.rulebook, sheet, wanted)
        assert {key: got[key] for key in wanted} == wanted, (case.name, name)
        checked += len(wanted)
    if "second_half" in case.data:
        assert year.second_half == to_tenths(case.data["second_half"])
        checked += 1
    assert checked, "a case must expect something"


@pytest.mark.parametrize("case", RESULTS, ids=lambda case: case.id)
def test_results_follow_from_the_annual_score(case: Case) -> None:
    data = case.data
    total = to_tenths(data["score"]) if "score" in data else None
    category = {"正式党员": "full", "预备党员": "probationary"}[data.get("category", "正式党员")]
    part_year, vetoed = data.get("part_year", False), data.get("vetoed", False)
    if "rating" in data:
        assert total is not None
        suggested = ratings.suggest_rating(
            case.rulebook,
            total=total,
            category=category,
            part_year=part_year,
            vetoed=vetoed,
            year_over=data.get("year_over", True),
        )
        assert RATING_NAMES[suggested] == data["rating"]
    if "allowed" in data:
        allowed = ratings.allowed_ratings(
            case.rulebook,
            total=total,
            category=category,
            part_year=part_year,
            vetoed=vetoed,
            may_defer=data.get("open", False),
        )
        assert [RATING_NAMES[code] for code in allowed] == data["allowed"]
    if "eligible" in data:
        assert total is not None
        assert ratings.is_award_eligible(case.rulebook, total) is data["eligible"]
    if "worth" in data:
        assert total is not None
        rate = to_fen(data["rate"])
        if data["worth"] == "refused":
            with pytest.raises(ratings.RedemptionRateError):
                ratings.redeemable_fen(case.rulebook, total=total, rate_fen=rate)
        else:
            assert ratings.redeemable_fen(case.rulebook, total=total, rate_fen=rate) == to_fen(data["worth"])


@pytest.mark.parametrize("case", RANKINGS, ids=lambda case: case.id)
def test_ranks_share_places(case: Case) -> None:
    assert ratings.rank_scores([to_tenths(score) for score in case.data["scores"]]) == case.data["ranks"]


def test_every_clause_and_decision_that_scores_is_cited_by_a_case() -> None:
    rulebook = load_shipped_rulebook()
    kinds = (rulebook.base, rulebook.incentive, rulebook.negative, rulebook.veto)
    needed = {item.clause for items in kinds for item in items} | {rulebook.lead_clause}
    needed |= {"2.1", "2.2", "2.3", "4.1", "4.2", "4.3", "4.4"}
    needed |= {f"D{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 16, 23, 24, 25)}
    cited = {clause for case in CASES + RESULTS + RANKINGS for clause in case.data["cites"]}
    assert needed - cited == set()
    assert len(needed) == 7 + 10 + 5 + 6 + 1 + 7 + 15


def test_cases_cite_only_what_exists_and_say_why() -> None:
    known = {clause.id for clause in load_shipped_rulebook().clauses} | DECISIONS
    for case in CASES + RESULTS + RANKINGS:
        assert set(case.data["cites"]) <= known, case.name
        assert case.data["because"], case.name
    titles = [case.data["title"] for case in CASES + RESULTS + RANKINGS]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", SCORING_SETTINGS)
def test_both_readings_of_a_setting_are_worked_out_by_hand(name: str) -> None:
    rule = SETTING_RULES[name]
    read = {
        getattr(case.rulebook.settings, name)
        for case in CASES
        if rule.decision in case.data["cites"] and name in case.data.get("settings", {})
    }
    assert read == set(rule.choices)


def test_a_case_covers_every_scored_item_by_name() -> None:
    """An item whose figure no case names could be mixed up with its neighbour unseen."""
    named = {
        name
        for case in CASES
        for sheet in ("first_half", "annual")
        for name in case.data.get(sheet, {}).get("items", {})
    }
    assert named == set(load_shipped_rulebook().item_names().values())
