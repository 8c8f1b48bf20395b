"""Loading, storing and adjusting a rulebook.

A rulebook comes from TOML (`load_rulebook`, the shipped `regulation-2023.toml`), lives as canonical JSON text with its
hash (`canonical_json`, `parse_rulebook`, `canonical.hash_text`), and is adopted by a town with its own readings
(`change_settings`). All readers are strict: `RulebookError` names the place that is wrong. Text of an earlier format is
read as `points.rules.formats` says; text and hash stay what they were, so a hash is asked of the text that is stored.
"""

import json
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from points.rules.canonical import to_canonical
from points.rules.formats import FORMAT, upgrade
from points.rules.reading import CLAUSE_ID, RulebookError, Table, show
from points.rules.vocabulary import (
    MISSED,
    NATURES,
    PERIODS_PER_YEAR,
    SETTING_RULES,
    AnyItem,
    BaseItem,
    Caps,
    Clause,
    Grade,
    IncentiveItem,
    ItemKind,
    Nature,
    NegativeItem,
    Rulebook,
    SettingRule,
    Settings,
    Thresholds,
    VetoGround,
    plain_word,
)

__all__ = [
    "PERIODS_PER_YEAR",
    "SETTING_RULES",
    "AnyItem",
    "BaseItem",
    "Caps",
    "Clause",
    "Grade",
    "IncentiveItem",
    "ItemKind",
    "Nature",
    "NegativeItem",
    "Rulebook",
    "RulebookError",
    "SettingRule",
    "Settings",
    "Thresholds",
    "VetoGround",
    "canonical_json",
    "change_settings",
    "load_rulebook",
    "load_shipped_rulebook",
    "parse_rulebook",
    "read_setting",
]

SHIPPED = Path(__file__).with_name("regulation-2023.toml")
FULL_SCORE = 1000
YES_NO_WORDS = {"true": True, "yes": True, "1": True, "是": True, "false": False, "no": False, "0": False, "否": False}

_Item = TypeVar("_Item", BaseItem, IncentiveItem, NegativeItem, VetoGround)


def load_rulebook(text: str) -> Rulebook:
    """The rulebook in a TOML text. Raises RulebookError."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RulebookError("", f"not readable as TOML: {error}") from error
    return _build(data)


@lru_cache(maxsize=32)
def parse_rulebook(text: str) -> Rulebook:
    """The rulebook in a canonical JSON text, checked as strictly as TOML. Raises RulebookError."""
    try:
        data = json.loads(text, object_pairs_hook=_refuse_duplicate_keys)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RulebookError):
            raise
        raise RulebookError("", f"not readable as JSON: {error}") from error
    return _build(data)


def canonical_json(rulebook: Rulebook) -> str:
    """The one text of a rulebook in the present format; `parse_rulebook` gives the rulebook back exactly.

    Sorted keys, no spaces, every key written.
    """
    data = asdict(rulebook) | {"format": FORMAT}
    data["clauses"] = {clause.id: clause.text for clause in rulebook.clauses}
    return to_canonical(data)


@lru_cache(maxsize=1)
def load_shipped_rulebook() -> Rulebook:
    """The regulation of 2023 with the default readings."""
    return load_rulebook(SHIPPED.read_text(encoding="utf-8"))


def change_settings(rulebook: Rulebook, **settings: str | int | bool) -> Rulebook:
    """The rulebook under other readings. Raises RulebookError for an unknown name or a value not listed for it."""
    for name, value in settings.items():
        rule = _setting_rule(name)
        if not _is_allowed(rule, value):
            raise RulebookError(f"settings.{name}", f"expected {rule.allowed}, got {show(value)}")
    return replace(rulebook, settings=replace(rulebook.settings, **settings))  # type: ignore[arg-type]


def without_other_names(rulebook: Rulebook) -> Rulebook:
    """The rulebook without the other names that imports know its items by: they change no score."""
    return replace(
        rulebook,
        base=tuple(replace(item, aliases=()) for item in rulebook.base),
        incentive=tuple(replace(item, aliases=()) for item in rulebook.incentive),
        negative=tuple(replace(item, aliases=()) for item in rulebook.negative),
        veto=tuple(replace(ground, aliases=()) for ground in rulebook.veto),
    )


def read_setting(name: str, text: str) -> str | int | bool:
    """The value a typed word means for a setting (`notice_days=7`). Raises RulebookError."""
    rule = _setting_rule(name)
    word = text.strip().lower()
    value: str | int | bool | None = word
    if rule.kind == "yes_no":
        value = YES_NO_WORDS.get(word)
    elif rule.kind == "whole_number":
        value = int(word) if word.isascii() and word.isdigit() and len(word) < 9 else None
    if value is None or not _is_allowed(rule, value):
        raise RulebookError(f"settings.{name}", f"expected {rule.allowed}, got {show(text)}")
    return value


def _build(data: Any) -> Rulebook:
    top = Table(upgrade(data))
    clauses = _read_clauses(top.table("clauses"))
    known = [clause.id for clause in clauses]
    rulebook = Rulebook(
        title=top.text("title"),
        version=top.text("version"),
        lead_clause=top.clause("lead_clause", known),
        redemption_cap_fen=top.whole("redemption_cap_fen", 0, 100_000, "fen a point"),
        caps=(caps := _read_caps(top.table("caps"))),
        thresholds=_read_thresholds(top.table("thresholds")),
        settings=_read_settings(top.table("settings")),
        base=_read_each(top.tables("base"), lambda table: _read_base_item(table, known, caps)),
        incentive=_read_each(top.tables("incentive"), lambda table: _read_incentive_item(table, known, caps)),
        negative=_read_each(top.tables("negative"), lambda table: _read_negative_item(table, known)),
        veto=_read_each(top.tables("veto"), lambda table: _read_veto_ground(table, known)),
        clauses=clauses,
    )
    top.whole("format", FORMAT, FORMAT, "a format")
    top.finish()
    _check_base(rulebook)
    _check_words((("base", rulebook.base), ("incentive", rulebook.incentive)))
    _check_columns((("base", rulebook.base), ("incentive", rulebook.incentive)))
    _check_grounds(rulebook.veto)
    _check_words((("negative", rulebook.negative),))
    _check_words((("veto", rulebook.veto),))
    return rulebook


def _read_each(tables: list[Table], read: Callable[[Table], _Item]) -> tuple[_Item, ...]:
    return tuple(map(read, tables))


def _read_clauses(table: Table) -> tuple[Clause, ...]:
    for key in table.keys:
        if not CLAUSE_ID.fullmatch(key):
            raise table.refuse(key, 'expected a clause id such as "2.3.1.4" or "2.3.2.D"')
    return tuple(Clause(key, table.text(key)) for key in sorted(table.keys, key=_clause_order))


def _clause_order(clause: str) -> list[tuple[int, str]]:
    return [(0, part.zfill(2)) if part.isdigit() else (1, part) for part in clause.split(".")]


def _read_caps(table: Table) -> Caps:
    caps = Caps(base=table.whole("base", 1, FULL_SCORE), incentive=table.whole("incentive", 1, FULL_SCORE))
    table.finish()
    if caps.base + caps.incentive != FULL_SCORE:
        raise table.refuse(
            "incentive", f"base and incentive must add up to {FULL_SCORE} (2.3), got {caps.base + caps.incentive}"
        )
    return caps


def _read_thresholds(table: Table) -> Thresholds:
    passing = table.whole("passing", 1, FULL_SCORE)
    award = table.whole("award", passing, FULL_SCORE)
    excellent = table.whole("excellent", award, FULL_SCORE)
    table.finish()
    return Thresholds(passing, award, excellent)


def _read_settings(table: Table) -> Settings:
    values: dict[str, Any] = {}
    for name, rule in SETTING_RULES.items():
        if rule.choices:
            values[name] = table.choice(name, rule.choices)
        elif rule.minimum is None or rule.maximum is None:
            values[name] = table.yes_no(name)
        else:
            values[name] = table.whole(name, rule.minimum, rule.maximum, "days, years or points")
    table.finish()
    return Settings(**values)


def _read_base_item(table: Table, known: list[str], caps: Caps) -> BaseItem:
    item = BaseItem(
        code=table.code("code"),
        name=table.text("name"),
        clause=table.clause("clause", known),
        nature=table.choice("nature", NATURES),
        per=table.choice("per", PERIODS_PER_YEAR),
        points=table.whole("points", 1, caps.base),
        max=table.whole("max", 1, caps.base),
        report_column=table.text("report_column"),
        aliases=table.texts("aliases"),
    )
    table.finish()
    times = PERIODS_PER_YEAR[item.per]
    if item.max != times * item.points:
        raise table.refuse(
            "max", f"{times} times {item.points} a {item.per} make {times * item.points}, got {item.max}"
        )
    return item


def _read_incentive_item(table: Table, known: list[str], caps: Caps) -> IncentiveItem:
    item = IncentiveItem(
        code=table.code("code"),
        name=table.text("name"),
        clause=table.clause("clause", known),
        cap=(cap := table.whole("cap", 1, caps.incentive)),
        report_column=table.text("report_column"),
        confirm_lead=table.yes_no("confirm_lead", default=False),
        scale=tuple(_read_grade(grade, cap) for grade in table.tables("scale", required=False)),
        aliases=table.texts("aliases"),
    )
    table.finish()
    names = [grade.name for grade in item.scale]
    if len(set(names)) != len(names):
        raise table.refuse("scale", "two grades of one name")
    return item


def _read_grade(table: Table, cap: int) -> Grade:
    grade = Grade(name=table.text("name"), points=table.whole("points", 1, cap))
    table.finish()
    return grade


def _read_negative_item(table: Table, known: list[str]) -> NegativeItem:
    item = NegativeItem(
        code=table.code("code"),
        name=table.text("name"),
        clause=table.clause("clause", known),
        points=table.whole("points", 1, FULL_SCORE),
        papers=table.texts("papers"),
        aliases=table.texts("aliases"),
    )
    table.finish()
    return item


def _read_veto_ground(table: Table, known: list[str]) -> VetoGround:
    ground = VetoGround(
        code=table.code("code"),
        name=table.text("name"),
        clause=table.clause("clause", known),
        six_months_without=table.choice("six_months_without", MISSED, default=""),
        papers=table.texts("papers"),
        aliases=table.texts("aliases"),
    )
    table.finish()
    return ground


def _check_base(rulebook: Rulebook) -> None:
    total = sum(item.max for item in rulebook.base)
    if total != rulebook.caps.base:
        raise RulebookError("base", f"the items must add up to caps.base = {rulebook.caps.base}, got {total}")
    dues = [index for index, item in enumerate(rulebook.base) if item.is_dues]
    if len(dues) > 1:
        raise RulebookError(f"base[{dues[1]}].nature", f"only one item may be the dues; base[{dues[0]}] is already")


def _check_columns(sections: Iterable[tuple[str, tuple[BaseItem | IncentiveItem, ...]]]) -> None:
    """Each item has a column of the annual report for itself."""
    taken: dict[str, str] = {}
    for section, items in sections:
        for index, item in enumerate(items):
            place = f"{section}[{index}].report_column"
            if item.report_column in taken:
                raise RulebookError(
                    place, f"duplicate: {show(item.report_column)} is already {taken[item.report_column]}"
                )
            taken[item.report_column] = place


def _check_grounds(grounds: tuple[VetoGround, ...]) -> None:
    """Six months without something lead to one ground."""
    taken: dict[str, int] = {}
    for index, ground in enumerate(grounds):
        if ground.six_months_without in taken:
            first = taken[ground.six_months_without]
            raise RulebookError(
                f"veto[{index}].six_months_without", f"only one ground may say so; veto[{first}] already does"
            )
        if ground.six_months_without:
            taken[ground.six_months_without] = index


def _check_words(sections: Iterable[tuple[str, Iterable[AnyItem]]]) -> None:
    """No two items that share a column of an import may answer to one code, name or alias."""
    taken: dict[str, str] = {}
    for section, items in sections:
        for index, item in enumerate(items):
            fields = [("code", item.code), ("name", item.name)]
            fields += [(f"aliases[{number}]", alias) for number, alias in enumerate(item.aliases)]
            for field, word in fields:
                place = f"{section}[{index}].{field}"
                if not plain_word(word):
                    raise RulebookError(place, f"expected a name with letters or digits, got {show(word)}")
                if plain_word(word) in taken:
                    raise RulebookError(place, f"duplicate: {show(word)} is already {taken[plain_word(word)]}")
                taken[plain_word(word)] = place


def _setting_rule(name: str) -> SettingRule:
    if name not in SETTING_RULES:
        raise RulebookError(f"settings.{name}", f"unknown setting; allowed: {', '.join(SETTING_RULES)}")
    return SETTING_RULES[name]


def _is_allowed(rule: SettingRule, value: object) -> bool:
    if rule.choices:
        return isinstance(value, str) and value in rule.choices
    if rule.minimum is None or rule.maximum is None:
        return isinstance(value, bool)
    return type(value) is int and rule.minimum <= value <= rule.maximum


def _refuse_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in pairs:
        if key in data:
            raise RulebookError(key, "the key stands there twice")
        data[key] = value
    return data
