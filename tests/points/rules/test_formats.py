"""Rulebooks stored in an earlier format: the same meaning, the same scores, their text and hash untouched."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from points.rules.canonical import hash_text
from points.rules.formats import FORMAT, upgrade
from points.rules.rulebook import (
    BaseItem,
    IncentiveItem,
    RulebookError,
    canonical_json,
    change_settings,
    load_shipped_rulebook,
    parse_rulebook,
    without_other_names,
)
from points.rules.score import score_year
from tests.points.rules.case_files import Case, load_cases
from tests.points.rules.stored_formats import FIRST, FIRST_HASH, SECOND, SECOND_HASH, STORED, THIRD, THIRD_HASH

UNKNOWN = "unknown key in a rulebook of format 1"
Change = Callable[[dict[str, Any]], None]


def test_there_is_a_stored_rulebook_of_every_earlier_format() -> None:
    assert sorted(path.name for path in STORED.iterdir()) == [f"format-{number}.json" for number in range(1, FORMAT)]
    assert json.loads(canonical_json(load_shipped_rulebook()))["format"] == FORMAT


def test_the_first_format_says_what_the_software_said() -> None:
    rulebook = parse_rulebook(FIRST)
    assert without_other_names(rulebook) == without_other_names(load_shipped_rulebook())
    assert rulebook.dues_item == rulebook.item("dues")
    assert [item.code for item in rulebook.meeting_items] == [
        "party_day",
        "lecture",
        "assembly",
        "life_meeting",
        "appraisal",
    ]
    assert [item.code for item in rulebook.items_of("other")] == ["pledge"]
    assert (rulebook.ground_after("meeting"), rulebook.ground_after("dues")) == ("absence", "dues_refusal")
    assert rulebook.papers_for("religion", "deduction") == ("谈话核实的日期和谈话人",)
    assert rulebook.papers_for("cult", "veto") == ("有权机关的认定：机关名称、文书文号和日期",)
    items: tuple[BaseItem | IncentiveItem, ...] = (*rulebook.base, *rulebook.incentive)
    assert all(item.report_column == item.name for item in items)


def test_the_second_format_did_what_the_shipped_settings_say() -> None:
    rulebook = parse_rulebook(SECOND)
    assert without_other_names(rulebook) == without_other_names(load_shipped_rulebook())
    assert (rulebook.settings.outside_columns, rulebook.settings.appeal_days) == ("score", 30)


def test_the_third_format_did_what_the_shipped_settings_say() -> None:
    rulebook = parse_rulebook(THIRD)
    assert without_other_names(rulebook) == without_other_names(load_shipped_rulebook())
    assert rulebook.settings.mark_above == 3


@pytest.mark.parametrize(
    ("text", "stored_hash"), [(FIRST, FIRST_HASH), (SECOND, SECOND_HASH), (THIRD, THIRD_HASH)], ids=["1", "2", "3"]
)
def test_the_text_and_its_hash_stay(text: str, stored_hash: str) -> None:
    data = json.loads(text)
    assert hash_text(text) == stored_hash
    upgrade(data)
    assert data == json.loads(text)
    written = canonical_json(parse_rulebook(text))
    assert hash_text(written) != stored_hash
    assert parse_rulebook(written) == parse_rulebook(text)


@pytest.mark.parametrize(
    ("text", "number", "key", "value"),
    [
        (SECOND, 2, "outside_columns", "parts"),
        (SECOND, 2, "appeal_days", 60),
        (SECOND, 2, "mark_above", 3),
        (THIRD, 3, "mark_above", 3),
    ],
    ids=lambda value: str(value) if len(str(value)) < 20 else "",
)
def test_an_earlier_format_had_no_such_settings(text: str, number: int, key: str, value: object) -> None:
    data = json.loads(text)
    data["settings"][key] = value
    known = f"settings.{key}: unknown key in a rulebook of format {number if key != 'mark_above' else 3}"
    with pytest.raises(RulebookError, match=known):
        parse_rulebook(json.dumps(data))
    data["settings"] = "none"
    with pytest.raises(RulebookError, match="settings: expected a table"):
        parse_rulebook(json.dumps(data))


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_every_case_scores_as_before(case: Case) -> None:
    stored = change_settings(parse_rulebook(FIRST), **case.data.get("settings", {}))
    assert score_year(stored, case.facts) == score_year(case.rulebook, case.facts)


def test_an_item_the_software_said_nothing_of_has_no_meaning_but_its_own() -> None:
    data = json.loads(FIRST)
    data["base"][1]["code"] = "outing"
    data["veto"][0]["code"] = "idleness"
    data["negative"][0]["code"] = "betting"
    rulebook = parse_rulebook(json.dumps(data))
    assert [item.code for item in rulebook.items_of("other")] == ["outing", "pledge"]
    assert rulebook.ground_after("meeting") is None
    assert rulebook.papers_for("idleness", "veto") == rulebook.papers_for("betting", "deduction") == ()


def test_a_code_of_the_other_list_asks_for_nothing() -> None:
    """Each list had papers of its own: a town's deduction called like a veto ground asked for none."""
    data = json.loads(FIRST)
    data["negative"][0]["code"] = "disciplined"
    data["veto"][0]["code"] = "gambling"
    rulebook = parse_rulebook(json.dumps(data))
    assert rulebook.papers_for("disciplined", "deduction") == rulebook.papers_for("gambling", "veto") == ()
    assert len(rulebook.papers_for("disciplined", "veto")) == 1


def put(section: str, key: str, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        data[section][0][key] = value

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (put("base", "nature", "dues"), f"base[0].nature: {UNKNOWN}"),
        (put("base", "report_column", "党费"), f"base[0].report_column: {UNKNOWN}"),
        (put("incentive", "report_column", "教育"), f"incentive[0].report_column: {UNKNOWN}"),
        (put("negative", "papers", []), f"negative[0].papers: {UNKNOWN}"),
        (put("veto", "papers", []), f"veto[0].papers: {UNKNOWN}"),
        (put("veto", "six_months_without", "dues"), f"veto[0].six_months_without: {UNKNOWN}"),
        (put("base", "is_dues", 1), "base[0].is_dues: expected true or false, got 1"),
        (put("base", "colour", "red"), "base[0].colour: unknown key; allowed here: code, name, "),
        (put("base", "name", 7), "base[0].name: expected a text of 1 to 2000 characters"),
        (put("base", "code", ["dues"]), "base[0].code: expected a text of 1 to 2000 characters"),
        (lambda data: data.pop("base"), "base: missing key"),
        (lambda data: data.update(base="none"), 'base: expected a list, got "none"'),
        (lambda data: data.update(veto=[3]), "veto[0]: expected a table, got 3"),
        (lambda data: data.update(format=2), "base[0].nature: missing key"),
    ],
)  # fmt: skip
def test_the_first_format_is_read_as_strictly(change: Change, problem: str) -> None:
    data = json.loads(FIRST)
    change(data)
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(json.dumps(data))
    assert str(refused.value).startswith(problem)
