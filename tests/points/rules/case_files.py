"""Reads the rule cases: files a committee member can check by hand, turned into facts and expectations.

An unknown key, item or clause in a case is an error, so that a slip of the pen cannot pass silently.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from points.rules.facts import DeductionRecord, MemberFacts, PointRecord, VetoFact
from points.rules.periods import last_day, parse_period, periods_of_year
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook, change_settings, load_shipped_rulebook
from points.rules.scope import Span, months_in_scope, subtract_spans

FOLDER = Path(__file__).with_name("cases")
SCORING_SETTINGS = ("lead_bonus", "part_year", "late_dues")
DECISIONS = {f"D{number}" for number in range(1, 27)}

CASE_KEYS = {
    "title", "cites", "because", "year", "earned", "deducted", "vetoed", "approved", "in_scheme", "exempt",
    "settings", "second_half", "first_half", "annual", "so_far",
}  # fmt: skip
SHEET_KEYS = {
    "through", "total", "base_earned", "base", "incentive_before_cap", "incentive", "deducted", "earned", "forgiven",
    "items", "caps", "uncounted", "findings", "grounds", "months", "months_counted",
}  # fmt: skip
EARNED_KEYS = {"item", "period", "periods", "date", "dates", "points", "grade", "led", "note", "late"}
RESULT_KEYS = {
    "title", "cites", "because", "score", "category", "part_year", "vetoed", "year_over", "open", "rating",
    "allowed", "eligible", "rate", "worth",
}  # fmt: skip
RANKING_KEYS = {"title", "cites", "because", "scores", "ranks"}


@dataclass(frozen=True)
class Case:
    """One case as written, with its rulebook."""

    file: str
    number: int
    data: dict[str, Any]
    rulebook: Rulebook

    @property
    def id(self) -> str:
        """What the test is called: file and place in it (titles are not ASCII, pytest would escape them)."""
        return f"{self.file}-{self.number}"

    @property
    def name(self) -> str:
        """What a failure calls it."""
        return f"{self.id} {self.data['title']}"

    @property
    def facts(self) -> MemberFacts:
        """The member's year the case tells."""
        data = self.data
        year = data.get("year", 2025)
        refs = count(1)
        spans = subtract_spans(
            [_read_span(span) for span in data.get("in_scheme", [{"from": date(2000, 1, 1)}])],
            [_read_span(span) for span in data.get("exempt", [])],
        )
        return MemberFacts(
            year=year,
            months_in_scope=months_in_scope(year, spans),
            in_scheme=spans,
            points=tuple(
                PointRecord(next(refs), *rest)
                for entry in data.get("earned", [])
                for rest in _read_earned(self.rulebook, entry)
            ),
            deductions=tuple(
                DeductionRecord(next(refs), _find(self.rulebook, entry["item"], "deduction"), entry["date"])
                for entry in data.get("deducted", [])
            ),
            vetoes=tuple(
                VetoFact(next(refs), _find(self.rulebook, entry["ground"], "veto"), entry["year"], entry["confirmed"])
                for entry in data.get("vetoed", [])
            ),
            approvals=tuple(data.get("approved", {}).items()),
        )


def load_cases(kind: str = "case") -> list[Case]:
    """All cases of a kind (`case`, `result`, `ranking`) from all files."""
    return [
        Case(path.stem, number, data, change_settings(load_shipped_rulebook(), **data.get("settings", {})))
        for path in sorted(FOLDER.glob("*.toml"))
        for number, data in enumerate(_load_file(path)[kind], start=1)
    ]


def to_tenths(text: str) -> int:
    """`"3.5"` as 35, exactly."""
    tenths = Decimal(text) * 10
    assert tenths == int(tenths), text
    return int(tenths)


def to_fen(text: str) -> int:
    """`"5.00"` yuan as 500, exactly."""
    fen = Decimal(text) * 100
    assert fen == int(fen), text
    return int(fen)


def _load_file(path: Path) -> dict[str, list[dict[str, Any]]]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert data.keys() <= {"case", "result", "ranking"}, path.name
    for kind, keys in (("case", CASE_KEYS), ("result", RESULT_KEYS), ("ranking", RANKING_KEYS)):
        for case in data.setdefault(kind, []):
            assert case.keys() <= keys, (path.name, case["title"], case.keys() - keys)
            for sheet in ("first_half", "annual", "so_far"):
                assert case.get(sheet, {}).keys() <= SHEET_KEYS, (path.name, case["title"], sheet)
    return data


def _read_earned(rulebook: Rulebook, entry: dict[str, Any]) -> Iterator[tuple[str, str, date, int | None, bool, bool]]:
    assert entry.keys() <= EARNED_KEYS, entry
    code = _find(rulebook, entry["item"], "points")
    item = rulebook.item(code)
    if isinstance(item, BaseItem):
        if "period" in entry:
            yield code, parse_period(entry["period"], item.per), entry["date"], None, False, entry.get("late", False)
            return
        first, last = entry["periods"].split("..")
        periods = periods_of_year(int(first[:4]), item.per)
        for period in periods[periods.index(first) : periods.index(last) + 1]:
            yield code, period, last_day(period), None, False, False
        return
    assert isinstance(item, IncentiveItem)
    grades = {grade.name: grade.points for grade in item.scale}
    points = grades[entry["grade"]] if "grade" in entry else to_tenths(entry["points"])
    for day in entry.get("dates") or [entry["date"]]:
        yield code, "", day, points, entry.get("led", False), False


def _find(rulebook: Rulebook, word: str, kind: Any) -> str:
    code = rulebook.find_item(word, kind)
    assert code is not None, word
    return code


def _read_span(span: dict[str, date]) -> Span:
    return Span(span["from"], span.get("to"))
