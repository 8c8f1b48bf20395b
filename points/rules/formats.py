"""Earlier formats of a rulebook, read as the present one; the stored text and its hash stay as they are.

A format is the set of keys a rulebook has; a text without the key `format` is of the first. Each step turns the data of
one format into those of the next, by writing down what the software of that time knew by itself, and refuses keys its
format did not have. Values are left for the one strict reader to judge.
"""

from collections.abc import Callable, Mapping
from typing import Any

from points.rules.reading import RulebookError, Table, show

FORMAT = 4

Data = dict[str, Any]


def upgrade(data: Any) -> Any:
    """The data of a rulebook in the present format; what is no table is left for the reader to refuse.

    Raises RulebookError.
    """
    if not isinstance(data, dict):
        return data
    found = data.get("format", 1)
    if type(found) is not int or not 1 <= found <= FORMAT:
        raise RulebookError("format", f"expected a format from 1 to {FORMAT}, got {show(found)}")
    for step in _STEPS[found - 1 :]:
        data = step(data)
    return data


_AUTHORITY = "有权机关的认定：机关名称、文书文号和日期"

# What the software said about these codes while rulebooks had the first format.
_HELD_IN_MEETINGS = frozenset({"party_day", "lecture", "assembly", "life_meeting", "appraisal"})
_MISSED: Mapping[str, str] = {"absence": "meeting", "dues_refusal": "dues"}
_PAPERS_OF_DEDUCTIONS: Mapping[str, str] = {
    "gambling": "如何核实：公安机关或村（社区）的文书、核查记录及日期",
    "religion": "谈话核实的日期和谈话人",
    "rumour": _AUTHORITY,
    "remarks": _AUTHORITY,
    "noncompliance": "未服从的通告、通知或者责令文书：发出单位、文号和日期",
}
_PAPERS_OF_VETOES: Mapping[str, str] = {
    "absence": "提醒谈话、上门走访的日期和经办人",
    "dues_refusal": "催交、教育谈话的日期和经办人",
    "religion_unreformed": "帮助教育的日期和帮教人",
    "cult": _AUTHORITY,
    "disciplined": "党纪处分决定的文号、日期和作出机关",
    "disrepute": "上级党组织或者有权机关的认定：名称、文号和日期",
}


def _first_to_second(data: Data) -> Data:
    """Nature, six months, papers and report columns came into the rulebook; until then they hung on codes."""
    return {
        **data,
        "format": 2,
        **_change_each(data, "base", _add_nature, new=("nature", "report_column")),
        **_change_each(data, "incentive", _add_report_column, new=("report_column",)),
        **_change_each(data, "negative", _add_papers_of_deduction, new=("papers",)),
        **_change_each(data, "veto", _add_papers_and_six_months, new=("papers", "six_months_without")),
    }


def _change_each(data: Data, section: str, change: Callable[[Data, str], Data], *, new: tuple[str, ...]) -> Data:
    """The changed tables of a section under its name; `new` are the keys that the first format did not have."""
    tables = data.get(section)
    if not isinstance(tables, list):
        return {}
    changed = []
    for index, table in enumerate(tables):
        place = f"{section}[{index}]"
        for key in new:
            if isinstance(table, dict) and key in table:
                raise RulebookError(f"{place}.{key}", "unknown key in a rulebook of format 1")
        changed.append(change(table, place) if isinstance(table, dict) else table)
    return {section: changed}


def _add_nature(item: Data, place: str) -> Data:
    is_dues = Table(item, place).yes_no("is_dues", default=False)
    nature = "dues" if is_dues else "meeting" if _code_of(item) in _HELD_IN_MEETINGS else "other"
    kept = {key: value for key, value in item.items() if key != "is_dues"}
    return _add_report_column(kept | {"nature": nature}, place)


def _add_report_column(item: Data, _place: str) -> Data:
    """The report's columns were called after the items."""
    return item | ({"report_column": item["name"]} if "name" in item else {})


def _add_papers(ground: Data, papers: Mapping[str, str]) -> Data:
    asked = papers.get(_code_of(ground))
    return ground | ({"papers": [asked]} if asked else {})


def _add_papers_of_deduction(ground: Data, _place: str) -> Data:
    return _add_papers(ground, _PAPERS_OF_DEDUCTIONS)


def _add_papers_and_six_months(ground: Data, _place: str) -> Data:
    missed = _MISSED.get(_code_of(ground))
    return _add_papers(ground, _PAPERS_OF_VETOES) | ({"six_months_without": missed} if missed else {})


def _code_of(table: Data) -> str:
    code = table.get("code")
    return code if isinstance(code, str) else ""


def _second_to_third(data: Data) -> Data:
    """What stands on a notice for outside, and how long one may appeal, became the town's to choose."""
    return _add_settings(data, 3, {"outside_columns": "score", "appeal_days": 30})


def _third_to_fourth(data: Data) -> Data:
    """The review marks high points, from a value the town chooses (D27)."""
    return _add_settings(data, 4, {"mark_above": 3})


def _add_settings(data: Data, number: int, new: Mapping[str, str | int]) -> Data:
    """The data in the format `number`, which brought new settings: each does what the software did before."""
    changed = {**data, "format": number}
    settings = data.get("settings")
    if isinstance(settings, dict):
        for key in new:
            if key in settings:
                raise RulebookError(f"settings.{key}", f"unknown key in a rulebook of format {number - 1}")
        changed["settings"] = {**settings, **new}
    return changed


_STEPS: tuple[Callable[[Data], Data], ...] = (_first_to_second, _second_to_third, _third_to_fourth)
