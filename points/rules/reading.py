"""Strict reading of rulebook data: every complaint names the place and what is allowed there."""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
CLAUSE_ID = re.compile(r"[1-9](\.[0-9]{1,2}){0,3}(\.D)?")
LONGEST_TEXT = 2000

WordT = TypeVar("WordT", bound=str)


class RulebookError(ValueError):
    """A rulebook (or a change of its settings) breaks the rules for rulebooks; the message names the place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


class Table:
    """One table of the rulebook's data. Each getter takes its key once; `finish` refuses what nobody asked for."""

    def __init__(self, data: Any, place: str = "") -> None:
        if not isinstance(data, dict):
            raise RulebookError(place, f"expected a table, got {show(data)}")
        self._data: dict[str, Any] = data
        self._place = place
        self._asked: list[str] = []

    def at(self, key: str) -> str:
        """The full name of a key's place, e.g. `base[3].points`."""
        return f"{self._place}.{key}" if self._place else key

    def refuse(self, key: str, problem: str) -> RulebookError:
        """An error at one key of this table, for the caller to raise."""
        return RulebookError(self.at(key), problem)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(self._data)

    def finish(self) -> None:
        """Refuse every key that no getter asked for."""
        for key in self._data:
            if key not in self._asked:
                raise self.refuse(key, f"unknown key; allowed here: {', '.join(self._asked)}")

    def text(self, key: str) -> str:
        """A text that says something, without blanks around it."""
        return _check_text(self._take(key), self.at(key))

    def code(self, key: str) -> str:
        """A stable code such as `party_day`."""
        value = self.text(key)
        if not CODE.fullmatch(value):
            raise self.refuse(key, f"expected a code of lower-case letters, digits and _, got {show(value)}")
        return value

    def clause(self, key: str, known: Iterable[str]) -> str:
        """The id of a clause whose words are in the rulebook."""
        value = self.text(key)
        if value not in known:
            raise self.refuse(key, f"unknown clause {show(value)}; allowed: {', '.join(known)}")
        return value

    def choice(self, key: str, allowed: Iterable[WordT], *, default: WordT | None = None) -> WordT:
        """One of the allowed words, or the default; without a default the key must be there."""
        value = self._take(key, default)
        words: tuple[WordT, ...] = tuple(allowed) if default is None else (*allowed, default)
        if not isinstance(value, str) or value not in words:
            raise self.refuse(key, f"expected one of {', '.join(filter(None, words))}, got {show(value)}")
        return words[words.index(value)]

    def whole(self, key: str, minimum: int, maximum: int, unit: str = "tenths of a point") -> int:
        """A whole number in a range; true, 1.0 and "1" are none."""
        value = self._take(key)
        if type(value) is not int or not minimum <= value <= maximum:
            raise self.refuse(key, f"expected a whole number of {unit} from {minimum} to {maximum}, got {show(value)}")
        return value

    def yes_no(self, key: str, *, default: bool | None = None) -> bool:
        """True or false; without a default the key must be there."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self.refuse(key, f"expected true or false, got {show(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none when the key is missing."""
        return tuple(_check_text(value, f"{self.at(key)}[{index}]") for index, value in enumerate(self._list(key, [])))

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        return Table(self._take(key), self.at(key))

    def tables(self, key: str, *, required: bool = True) -> list["Table"]:
        """A list of tables, at least one when required."""
        values = self._list(key, None if required else [])
        if required and not values:
            raise self.refuse(key, "expected at least one table, got none")
        return [Table(value, f"{self.at(key)}[{index}]") for index, value in enumerate(values)]

    def _list(self, key: str, default: list[Any] | None) -> list[Any]:
        value = self._take(key, default)
        if not isinstance(value, list):
            raise self.refuse(key, f"expected a list, got {show(value)}")
        return value

    def _take(self, key: str, default: Any = None) -> Any:
        self._asked.append(key)
        value = self._data.get(key, default)
        if value is None:
            raise self.refuse(key, "missing key" if key not in self._data else "expected a value, got null")
        return value


def show(value: Any) -> str:
    """A value for a message, shortened; a huge number or structure is only named."""
    if isinstance(value, str):
        return f'"{value[:40]}…"' if len(value) > 40 else f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 10**12):
        return str(value)
    return {"dict": "a table", "list": "a list", "int": "a huge number"}.get(type(value).__name__, type(value).__name__)


def _check_text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or value != value.strip() or len(value) > LONGEST_TEXT:
        raise RulebookError(
            place, f"expected a text of 1 to {LONGEST_TEXT} characters without blanks around it, got {show(value)}"
        )
    if not value.isprintable():
        raise RulebookError(place, f"expected one line of printable characters, got {show(value)}")
    return value
