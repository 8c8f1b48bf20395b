"""A year invented member by member, and its reading: the regulation and D2–D8, D16, D24, D25 in points, with no doors.

It knows only what truly happened to whom on which day. Nothing here is asked of the product.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from random import Random

YEAR = 2025
LONG_AGO = date(2015, 7, 1)

MONTHS = [(f"{YEAR}-{month:02}", month) for month in range(1, 13)]
QUARTERS = [(f"{YEAR}Q{number}", 3 * number) for number in range(1, 5)]
HALVES = [(f"{YEAR}H1", 6), (f"{YEAR}H2", 12)]
WHOLE = [(f"{YEAR}", 12)]
# 2.3.1: periods with the month in which each ends, and points a time.
BASE = {
    "dues": (MONTHS, 1),
    "party_day": (MONTHS, 1),
    "lecture": (QUARTERS, 3),
    "assembly": (QUARTERS, 3),
    "life_meeting": (HALVES, 3),
    "appraisal": (WHOLE, 3),
    "pledge": (WHOLE, 3),
}
BY_PERIOD = ("dues", "pledge")
YEARLY = ("appraisal", "pledge")
DEEDS = (
    "heritage", "essay", "council", "home_visit", "volunteering", "contest", "pairing", "governance", "key_task",
    "commendation",
)  # fmt: skip
NEVER_LED = ("essay", "contest", "commendation")
ARREARS = "半年核定后补交，不计分"
TOOK_PART = ("attended", "made_up", "home_visit", "online")


def month_end(month: int) -> date:
    return date(YEAR, month, calendar.monthrange(YEAR, month)[1])


@dataclass(frozen=True)
class Attended:
    """How somebody stands to a period of a base item, of a day."""

    item: str
    period: str
    ends: int
    day: date
    how: str = "attended"

    @property
    def judged(self) -> date:
        """A meeting held after its period by the period's last day (D16)."""
        return min(self.day, month_end(self.ends))

    def as_ticked(self) -> Attended:
        """What a tick leaves of it: the period alone, so it is taken for the period's last day (D16)."""
        return replace(self, day=month_end(self.ends))

    @property
    def half_ends(self) -> int:
        """The month in which its half ends: a yearly item's by its day, of everything else by its period (D3)."""
        return 6 if (self.day.month if self.item in YEARLY else self.ends) <= 6 else 12


@dataclass(frozen=True)
class Done:
    item: str
    day: date
    tenths: int
    led: bool

    @property
    def half_ends(self) -> int:
        """The month in which its half ends, by its day (D3)."""
        return 6 if self.day.month <= 6 else 12


@dataclass
class Life:
    """What happened to one member in the year; spans are from a day up to the first day without."""

    name: str
    second_branch: bool
    since: date = LONG_AGO
    moved: date | None = None
    left: date | None = None
    exempt: tuple[date, date | None] | None = None
    is_known_before: bool = False
    """Whether the roster said all this before anything was recorded."""
    base: list[Attended] = field(default_factory=list)
    deeds: list[Done] = field(default_factory=list)
    found: list[Attended | Done] = field(default_factory=list)
    """What comes to light when both halves are approved; not in the books, nor in `base` and `deeds`, before that."""
    deductions: list[date] = field(default_factory=list)
    vetoed_on: date | None = None

    def counts_on(self, day: date) -> bool:
        """In the scheme: on a roster, not left, not exempt (2.1)."""
        if not self.is_listed_on(day):
            return False
        start, end = self.exempt or (date.max, None)
        return not (start <= day and (end is None or day < end))

    def is_listed_on(self, day: date) -> bool:
        """On a roster, exempt or not: who is listed may be excused or absent."""
        return self.since <= day and (self.left is None or day < self.left)

    @property
    def months(self) -> list[int]:
        return [month for month in range(1, 13) if self.counts_on(month_end(month))]

    def may_count(self, fact: Attended | Done) -> bool:
        """D16: dues and pledge if a month of their period is in scope, a meeting and a deed by its day."""
        if isinstance(fact, Done):
            return self.counts_on(fact.day)
        if fact.item in BY_PERIOD:
            length = 12 if fact.item in YEARLY else 1
            return any(month in self.months for month in range(fact.ends - length + 1, fact.ends + 1))
        return self.counts_on(fact.judged)

    def take_in(self, fact: Attended | Done) -> None:
        """It is in the books now."""
        if isinstance(fact, Attended):
            self.base.append(fact)
        else:
            self.deeds.append(fact)


def invent_life(random: Random, number: int) -> Life:
    life = Life(f"党员{number:03}", bool(number % 2), is_known_before=random.random() < 0.5)

    def some_day() -> date:
        return date(YEAR, 1, 1) + timedelta(days=random.randrange(365))

    fate = random.choice(["stays", "stays", "stays", "comes", "leaves", "moves", "exempt", "exempt for a while"])
    if fate == "comes":
        life.since, life.is_known_before = some_day(), True  # nobody is recorded for before they are on the roster
    elif fate == "leaves":
        life.left = some_day()
    elif fate == "moves":
        life.moved = some_day()
    elif fate != "stays":
        start = some_day()
        life.exempt = (start, start + timedelta(days=random.randrange(20, 120)) if fate != "exempt" else None)
    zeal = random.choice([0.2, 0.6, 0.9, 1])
    for item, (periods, _points) in BASE.items():
        length = 12 // len(periods)
        for period, ends in periods:
            if random.random() >= zeal:
                continue
            first = date(YEAR, ends - length + 1, 1)
            day = first + timedelta(days=random.randrange((month_end(ends) - first).days + 1))
            how = "attended" if item in BY_PERIOD else random.choice([*TOOK_PART, "attended", "excused", "absent"])
            life.base.append(Attended(item, period, ends, day, how))
    for item in DEEDS:
        days = sorted({some_day() for _ in range(random.choice([0, 0, 1, 2, 3]))})
        for day in days:
            led = item not in NEVER_LED and random.random() < 0.4
            life.deeds.append(Done(item, day, random.randrange(1, 41), led))
    life.deductions = [some_day() for _ in range(random.choice([0, 0, 0, 1, 3]))]
    if random.random() < 0.1:
        life.exempt = None  # a year with a veto is finished first (D15)
        life.vetoed_on = random.choice([date(YEAR, 6, 30), date(YEAR, 7, 1), date(YEAR, 12, 31)])
    hide_some(random, life)
    return life


def hide_some(random: Random, life: Life) -> None:
    """A month's dues, and one more thing, are found only after the approval; of the dues some were paid only then."""
    dues = [fact for fact in life.base if fact.item == "dues"]
    if dues and random.random() < 0.7:
        month = random.choice(dues)
        life.base.remove(month)
        life.found.append(replace(month, how=random.choice(["attended", "arrears"])))
    others: list[Attended | Done] = [*life.deeds]
    others += [fact for fact in life.base if fact.item != "dues" and fact.how == "attended"]
    if others and random.random() < 0.5:
        other = random.choice(others)
        life.base = [fact for fact in life.base if fact is not other]
        life.deeds = [deed for deed in life.deeds if deed is not other]
        life.found.append(other)


Held = Mapping[tuple[str, str], Collection[date]]
"""The days on which the member's branch held an item of a period."""


@dataclass
class Reading:
    """One member's year by the regulation, in points, under a town's readings of D4 and D16."""

    life: Life
    part_year: str = "as_earned"
    lead_bonus: str = "beyond_item_cap"
    held: Held = field(default_factory=dict)

    @property
    def is_scored(self) -> bool:
        return self.life.counts_on(month_end(12))

    def earned(self, fact: Attended) -> bool:
        """Dues that came in when their half was approved clear the arrears and earn nothing (D25)."""
        return fact.how in TOOK_PART and self.life.may_count(fact)

    def base(self, until: int) -> Fraction:
        earned = sum(BASE[fact.item][1] for fact in self.life.base if self.earned(fact) and fact.half_ends <= until)
        months = len([month for month in self.life.months if month <= until])
        if self.part_year == "as_earned" or not months:
            return Fraction(earned)
        # D16: over the months in scope, half a tenth up, and never past the section.
        tenths = floor(Fraction(10 * earned * until, months) + Fraction(1, 2))
        return min(Fraction(60), Fraction(tenths, 10))

    def incentive(self, until: int) -> Fraction:
        total = Fraction(0)
        for item in DEEDS:
            deeds = [
                deed
                for deed in self.life.deeds
                if deed.item == item and deed.half_ends <= until and self.life.may_count(deed)
            ]
            awarded = Fraction(sum(deed.tenths for deed in deeds), 10)
            led = Fraction(sum(deed.tenths for deed in deeds if deed.led), 10)
            if self.lead_bonus == "within_item_cap":
                total += min(Fraction(4), awarded + led)
            else:
                total += min(Fraction(4), awarded) + min(Fraction(4), led)
        return min(Fraction(40), total)

    def deducted(self, until: int) -> int:
        return 5 * len([day for day in self.life.deductions if day.month <= until])

    def total(self, until: int) -> Fraction:
        vetoed_on = self.life.vetoed_on
        if vetoed_on is not None and (until == 12 or vetoed_on <= month_end(6)):
            return Fraction(0)
        return max(Fraction(0), self.base(until) + self.incentive(until) - self.deducted(until))

    @property
    def first_half(self) -> Fraction | None:
        return self.total(6) if self.life.counts_on(month_end(6)) else None

    @property
    def second_half(self) -> Fraction:
        return self.total(12) - (self.first_half or 0)

    @property
    def states(self) -> list[tuple[str, str]]:
        """Each period of each item with 得分, 请假, 缺席, 不计分期间 or `ARREARS`; nothing without a record (D24)."""
        facts = {(fact.item, fact.period): fact for fact in self.life.base}
        return [
            (f"{item} {period}", self._state(facts.get((item, period)), item, period, ends, 12 // len(periods)))
            for item, (periods, _points) in BASE.items()
            for period, ends in periods
        ]

    def _state(self, fact: Attended | None, item: str, period: str, ends: int, length: int) -> str:
        if fact is not None and self.earned(fact):
            return "得分"
        if fact is not None and fact.how == "arrears":
            return ARREARS
        if fact is not None and fact.how in TOOK_PART and not self.life.is_known_before:
            return "不计分期间"  # it was recorded, and turned out not to count
        if not self._asks(item, period, ends, length):
            return "不计分期间"
        if fact is None or (self.life.is_known_before and not self.life.is_listed_on(fact.day)):
            return ""
        return {"excused": "请假", "absent": "缺席"}.get(fact.how, "")

    def _asks(self, item: str, period: str, ends: int, length: int) -> bool:
        """Dues and pledge by their months; a meeting by the days it was held, where it was not by any (D16)."""
        if item in BY_PERIOD:
            return any(month in self.life.months for month in range(ends - length + 1, ends + 1))
        first, last = date(YEAR, ends - length + 1, 1), month_end(ends)
        days = self.held.get((item, period)) or [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return any(self.life.counts_on(min(day, last)) for day in days)
