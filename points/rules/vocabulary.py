"""What a rulebook is made of: frozen records that carry the clause they come from.

Points are integer tenths, money is integer fen (D23). Others import these names from `points.rules.rulebook`.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

PERIODS_PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}

ItemKind = Literal["points", "deduction", "veto"]

Nature = Literal["dues", "meeting", "other"]
NATURES: tuple[Nature, ...] = get_args(Nature)
"""What a base item is: dues that are paid (D25), something held in a meeting (2.3.1.2 to 2.3.1.6), or neither."""
Missed = Literal["dues", "meeting"]
MISSED: tuple[Missed, ...] = get_args(Missed)
"""The natures of which six months in a row without any may be looked into (D17)."""


LONGEST_WORD = 200
"""Characters of what somebody wrote for an item; what is longer means none."""


@dataclass(frozen=True, slots=True)
class BaseItem:
    """An item of 2.3.1, earned once per member and period for its full points (D2).

    `report_column` is the column of the annual report it stands under.
    """

    code: str
    name: str
    clause: str
    nature: Nature
    per: str
    points: int
    max: int
    report_column: str
    aliases: tuple[str, ...]

    @property
    def is_dues(self) -> bool:
        """Whether it says that a month's dues were paid; the setting `late_dues` speaks of it (D25)."""
        return self.nature == "dues"

    @property
    def is_owed_by_period(self) -> bool:
        """Whether it is owed for its period whenever it is done (dues, pledge), not held on a day (D16)."""
        return self.nature != "meeting"


@dataclass(frozen=True, slots=True)
class Grade:
    """A named step of an incentive item's scale: a suggestion for the recorder (D5)."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class IncentiveItem:
    """An item of 2.3.2. `confirm_lead`: ask before a leading role is taken (D4); `report_column` as for base items."""

    code: str
    name: str
    clause: str
    cap: int
    report_column: str
    confirm_lead: bool
    scale: tuple[Grade, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NegativeItem:
    """An item of the negative list 2.3.3; `points` are what one confirmed finding takes (D6).

    `papers` are what a proposal must name (D18): that somebody verified the fact, and who; none is asked for if empty.
    """

    code: str
    name: str
    clause: str
    points: int
    papers: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VetoGround:
    """A ground of 2.3.4 on which the year's score is 0 (D7); `papers` as for the negative list (D18).

    `six_months_without`: six months in a row without items of this nature let the branch look whether the ground is
    there (D17); "" where no months do.
    """

    code: str
    name: str
    clause: str
    six_months_without: Missed | Literal[""]
    papers: tuple[str, ...]
    aliases: tuple[str, ...]


AnyItem = BaseItem | IncentiveItem | NegativeItem | VetoGround


@dataclass(frozen=True, slots=True)
class Caps:
    """The most a section can count, in tenths (2.3)."""

    base: int
    incentive: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The boundaries of 4.1 to 4.4 in tenths; each boundary belongs to the better side (D12)."""

    passing: int
    award: int
    excellent: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The readings a town chose when it adopted the rulebook; what each allows is in `SETTING_RULES`."""

    lead_bonus: str
    part_year: str
    late_dues: str
    notice_days: int
    notice_day_kind: str
    restart_on_correction: bool
    exemption_age: int
    outside_columns: str
    appeal_days: int
    mark_above: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in the regulation's own words."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One town's measures for a year: items in the regulation's order, caps, thresholds, readings and clause texts."""

    title: str
    version: str
    lead_clause: str
    redemption_cap_fen: int
    caps: Caps
    thresholds: Thresholds
    settings: Settings
    base: tuple[BaseItem, ...]
    incentive: tuple[IncentiveItem, ...]
    negative: tuple[NegativeItem, ...]
    veto: tuple[VetoGround, ...]
    clauses: tuple[Clause, ...]

    def __hash__(self) -> int:
        # Rulebooks key the caches of the scoring engine; equality still compares everything.
        return hash((self.title, self.version))

    def item_names(self, kind: ItemKind = "points") -> Mapping[str, str]:
        """Code to Chinese name, in the regulation's order: what earns (得分), deductions (扣分) or veto grounds."""
        return _index(self).names[kind]

    def find_item(self, text: str, kind: ItemKind = "points") -> str | None:
        """The code that a code, name or alias means among one kind; None when it means none.

        Width, blanks, quotation marks and punctuation do not matter.
        """
        return _index(self).words[kind].get(plain_word(text)) if len(text) <= LONGEST_WORD else None

    def item(self, code: str, kind: ItemKind = "points") -> AnyItem:
        """The item of a code. Raises KeyError."""
        return _index(self).items[kind][code]

    @property
    def dues_item(self) -> BaseItem | None:
        """The item that says the month's dues were paid (2.3.1.1); None where the rulebook has none."""
        return next((item for item in self.base if item.is_dues), None)

    @property
    def meeting_items(self) -> tuple[BaseItem, ...]:
        """The items a meeting can carry (2.3.1.2 to 2.3.1.6), in the regulation's order."""
        return self.items_of("meeting")

    def items_of(self, nature: Nature) -> tuple[BaseItem, ...]:
        """The base items of one nature, in the regulation's order."""
        return tuple(item for item in self.base if item.nature == nature)

    def ground_after(self, nature: Missed) -> str | None:
        """The veto ground that six months without items of this nature let a branch look into (D17), if any."""
        return next((ground.code for ground in self.veto if ground.six_months_without == nature), None)

    def papers_for(self, code: str, kind: ItemKind) -> tuple[str, ...]:
        """The papers a finding's ground asks for (D18). Raises KeyError."""
        item = self.item(code, kind)
        return item.papers if isinstance(item, NegativeItem | VetoGround) else ()

    def clause_text(self, clause: str) -> str:
        """A clause in the regulation's own words. Raises KeyError."""
        return _index(self).clauses[clause]


@dataclass(frozen=True, slots=True)
class SettingRule:
    """What one setting may be: a choice among words, a whole number in a range, or yes/no."""

    name: str
    decision: str
    clause: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @property
    def kind(self) -> Literal["choice", "whole_number", "yes_no"]:
        """How the value is entered and checked."""
        if self.choices:
            return "choice"
        return "yes_no" if self.minimum is None else "whole_number"

    @property
    def allowed(self) -> str:
        """The allowed values in words, for messages."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return "true or false" if self.minimum is None else f"a whole number from {self.minimum} to {self.maximum}"


SETTING_RULES = {
    rule.name: rule
    for rule in (
        SettingRule("lead_bonus", "D4", "2.3.2.D", choices=("beyond_item_cap", "within_item_cap")),
        SettingRule("part_year", "D16", "2.1", choices=("as_earned", "prorate_base")),
        SettingRule("late_dues", "D25", "2.3.1.1", choices=("until_approval", "always")),
        SettingRule("notice_days", "D9", "3.3", minimum=5, maximum=60),
        SettingRule("notice_day_kind", "D9", "3.3", choices=("calendar", "working")),
        SettingRule("restart_on_correction", "D10", "3.3"),
        SettingRule("exemption_age", "D15", "2.1", minimum=60, maximum=100),
        SettingRule("outside_columns", "D21", "3.3", choices=("score", "parts")),
        SettingRule("appeal_days", "D18", "2.3.4", minimum=30, maximum=180),
        SettingRule("mark_above", "D27", "3.2", minimum=0, maximum=100),
    )
}


def plain_word(text: str) -> str:
    """A code, name or alias without what people write differently: width, case, blanks, quotes, punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum() or c == "_")


class _Index(NamedTuple):
    items: dict[ItemKind, dict[str, AnyItem]]
    names: dict[ItemKind, Mapping[str, str]]
    words: dict[ItemKind, dict[str, str]]
    clauses: dict[str, str]


@lru_cache(maxsize=32)
def _index(rulebook: Rulebook) -> _Index:
    points: tuple[AnyItem, ...] = (*rulebook.base, *rulebook.incentive)
    items: dict[ItemKind, dict[str, AnyItem]] = {
        "points": {item.code: item for item in points},
        "deduction": {item.code: item for item in rulebook.negative},
        "veto": {item.code: item for item in rulebook.veto},
    }
    return _Index(
        items=items,
        names={kind: MappingProxyType({c: i.name for c, i in of_kind.items()}) for kind, of_kind in items.items()},
        words={
            kind: {plain_word(word): c for c, item in of_kind.items() for word in (c, item.name, *item.aliases)}
            for kind, of_kind in items.items()
        },
        clauses={clause.id: clause.text for clause in rulebook.clauses},
    )
