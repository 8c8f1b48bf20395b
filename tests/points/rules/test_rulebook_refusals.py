"""What the strict loader refuses: every malformed rulebook by the message that names the place."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from points.rules.rulebook import SHIPPED, RulebookError, load_rulebook, parse_rulebook

TENTHS = "expected a whole number of tenths of a point from"
FEN = "expected a whole number of fen a point from 0 to 100000"
TEXT = "expected a text of 1 to 2000 characters"


def shipped_data() -> dict[str, Any]:
    """The shipped rulebook as plain data, to be spoilt."""
    return tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def spoil(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one place, e.g. `base/3/points`; `...` as value deletes it."""

    def change(data: Any) -> None:
        *steps, last = path.split("/")
        for step in steps:
            data = data[int(step) if step.isdigit() else step]
        key = int(last) if isinstance(data, list) else last
        if value is ...:
            del data[key]
        else:
            data[key] = value

    return change


MALFORMED = [
    ("title", ..., "title: missing key"),
    ("title", "", f'title: {TEXT} without blanks around it, got ""'),
    ("title", " x", f'title: {TEXT} without blanks around it, got " x"'),
    ("title", "a\nb", "title: expected one line of printable characters, got \"a\nb\""),
    ("version", 2023, f"version: {TEXT} without blanks around it, got 2023"),
    ("format", 5, "format: expected a format from 1 to 4, got 5"),
    ("format", 0, "format: expected a format from 1 to 4, got 0"),
    ("format", True, "format: expected a format from 1 to 4, got true"),
    ("format", "2", 'format: expected a format from 1 to 4, got "2"'),
    ("format", ..., "base[0].nature: unknown key in a rulebook of format 1"),
    ("colour", "red", "colour: unknown key; allowed here: clauses, title, version, lead_clause, "),
    ("lead_clause", "2.3.2.X", 'lead_clause: unknown clause "2.3.2.X"; allowed: 2.1, 2.2, '),
    ("redemption_cap_fen", 5.0, f"redemption_cap_fen: {FEN}, got 5.0"),
    ("redemption_cap_fen", True, f"redemption_cap_fen: {FEN}, got true"),
    ("caps/base", 610, "caps.incentive: base and incentive must add up to 1000 (2.3), got 1010"),
    ("caps/extra", 1, "caps.extra: unknown key; allowed here: base, incentive"),
    ("caps", [], "caps: expected a table, got a list"),
    ("thresholds/award", 500, f"thresholds.award: {TENTHS} 600 to 1000, got 500"),
    ("thresholds/excellent", 1001, f"thresholds.excellent: {TENTHS} 800 to 1000"),
    ("thresholds/passing", ..., "thresholds.passing: missing key"),
    ("settings/lead_bonus", "triple", 'settings.lead_bonus: expected one of beyond_item_cap, within_item_cap, got'),
    ("settings/notice_days", 4, "settings.notice_days: expected a whole number of days, years or points from 5 to"),
    ("settings/restart_on_correction", "yes", 'settings.restart_on_correction: expected true or false, got "yes"'),
    ("settings/late_dues", ..., "settings.late_dues: missing key"),
    ("settings/mood", "good", "settings.mood: unknown key; allowed here: lead_bonus, part_year, late_dues, "),
    ("base", {}, "base: expected a list, got a table"),
    ("base", [], "base: expected at least one table, got none"),
    ("base/3", 7, "base[3]: expected a table, got 7"),
    ("base/3/points", "3", f'base[3].points: {TENTHS} 1 to 600, got "3"'),
    ("base/3/points", 0, f"base[3].points: {TENTHS} 1 to 600, got 0"),
    ("base/3/points", 20, "base[3].max: 4 times 20 a quarter make 80, got 120"),
    ("base/3/max", 700, f"base[3].max: {TENTHS} 1 to 600, got 700"),
    ("base/3/per", "week", 'base[3].per: expected one of month, quarter, half, year, got "week"'),
    ("base/3/per", ["month"], "base[3].per: expected one of month, quarter, half, year, got a list"),
    ("base/3/code", "Assembly", 'base[3].code: expected a code of lower-case letters, digits and _, got "Assembly"'),
    ("base/3/code", "dues", 'base[3].code: duplicate: "dues" is already base[0].code'),
    ("base/3/name", "党课", 'base[3].name: duplicate: "党课" is already base[2].name'),
    ("base/3/aliases", ["主题党日"], 'base[3].aliases[0]: duplicate: "主题党日" is already base[1].aliases[0]'),
    ("base/3/aliases", ["——"], 'base[3].aliases[0]: expected a name with letters or digits, got "——"'),
    ("base/3/aliases", "大会", 'base[3].aliases: expected a list, got "大会"'),
    ("base/3/aliases", ["大会", 3], f"base[3].aliases[1]: {TEXT}"),
    ("base/3/clause", "9.9", 'base[3].clause: unknown clause "9.9"; allowed: 2.1, '),
    ("base/3/nature", "dues", "base[3].nature: only one item may be the dues; base[0] is already"),
    ("base/3/nature", 1, "base[3].nature: expected one of dues, meeting, other, got 1"),
    ("base/3/nature", "", 'base[3].nature: expected one of dues, meeting, other, got ""'),
    ("base/3/nature", ..., "base[3].nature: missing key"),
    ("base/3/is_dues", True, "base[3].is_dues: unknown key; allowed here: code, name, clause, nature, "),
    ("base/3/report_column", "党课", 'base[3].report_column: duplicate: "党课" is already base[2].report_column'),
    ("base/3/report_column", ..., "base[3].report_column: missing key"),
    ("base/3/cap", 40, "base[3].cap: unknown key; allowed here: code, name, clause, nature, per, points, "),
    ("base/6", ..., "base: the items must add up to caps.base = 600, got 570"),
    ("incentive/0/cap", 401, f"incentive[0].cap: {TENTHS} 1 to 400, got 401"),
    ("incentive/0/cap", ..., "incentive[0].cap: missing key"),
    ("incentive/0/report_column", "党课", 'incentive[0].report_column: duplicate: "党课" is already base[2].report_c'),
    ("incentive/0/report_column", 3, f"incentive[0].report_column: {TEXT}"),
    ("incentive/0/code", "lecture", 'incentive[0].code: duplicate: "lecture" is already base[2].code'),
    ("incentive/9/scale/0/points", 41, f"incentive[9].scale[0].points: {TENTHS} 1 to 40"),
    ("incentive/9/scale/1/name", "镇级", "incentive[9].scale: two grades of one name"),
    ("incentive/9/scale/1/note", "x", "incentive[9].scale[1].note: unknown key; allowed here: name, points"),
    ("incentive/9/confirm_lead", "no", 'incentive[9].confirm_lead: expected true or false, got "no"'),
    ("negative/0/points", -50, f"negative[0].points: {TENTHS} 1 to 1000, got -50"),
    ("negative/0/points", 10**30, f"negative[0].points: {TENTHS} 1 to 1000, got a huge"),
    ("negative/0/papers", "文书", 'negative[0].papers: expected a list, got "文书"'),
    ("negative/0/papers", ["文书", ""], f"negative[0].papers[1]: {TEXT}"),
    ("negative/0/six_months_without", "dues", "negative[0].six_months_without: unknown key; allowed here: code, "),
    ("negative/1/code", "gambling", 'negative[1].code: duplicate: "gambling" is already negative[0].code'),
    ("veto/2/clause", ..., "veto[2].clause: missing key"),
    ("veto/5/points", 0, "veto[5].points: unknown key; allowed here: code, name, clause, six_months_without, papers, "),
    ("veto/5/six_months_without", "other", 'veto[5].six_months_without: expected one of dues, meeting, got "other"'),
    ("veto/5/six_months_without", "dues", "veto[5].six_months_without: only one ground may say so; veto[1] already "),
    ("veto/5/papers", [7], f"veto[5].papers[0]: {TEXT}"),
    ("veto", ..., "veto: missing key"),
    ("clauses/二", "文", 'clauses.二: expected a clause id such as "2.3.1.4" or "2.3.2.D"'),
    ("clauses/2.1", "", f"clauses.2.1: {TEXT}"),
    ("clauses", ..., "clauses: missing key"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "problem"), MALFORMED)
def test_the_loader_refuses_and_names_the_place(path: str, value: Any, problem: str) -> None:
    data = shipped_data()
    spoil(path, value)(data)
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(json.dumps(data))
    assert str(refused.value).startswith(problem)
    assert refused.value.place == problem.split(": ")[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not readable as JSON: "),
        ("[]", "expected a table, got a list"),
        ("null", "expected a table, got NoneType"),
        ("[" * 100_000, "not readable as JSON: "),
        ('{"title": "a", "title": "b"}', "title: the key stands there twice"),
        ('{"clauses": {"2.1": null}}', "clauses.2.1: expected a value, got null"),
        (
            '{"clauses": {"2.1": NaN}}',
            f"clauses.2.1: {TEXT} without blanks around it, got nan",
        ),
    ],
)
def test_stored_text_that_is_no_rulebook_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(text)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title = ", "not readable as TOML: "),
        ('title = "a"\ntitle = "b"', "not readable as TOML: "),
        ("", "clauses: missing key"),
        ("x = " + "[" * 100_000, "not readable as TOML: "),
    ],
)
def test_toml_that_is_no_rulebook_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RulebookError) as refused:
        load_rulebook(text)
    assert str(refused.value).startswith(problem)
