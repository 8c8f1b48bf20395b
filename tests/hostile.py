"""Requests that no page of the site sends: at every address, each value it reads replaced by one that is none.

What an address reads is watched, not listed: the names it asks of the query and of the form, with those that its own
forms have. So a new screen is tried without being named anywhere.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.views.main import ChangeList
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from tests.addresses import Address, Rows
from tests.pages import find_all, read_tree

DIGITS = "9" * 30
VALUES: Sequence[str] = (
    DIGITS,
    f"-{DIGITS}",
    str(2**63),
    str(2**31),
    "9" * 5000,
    "0",
    "-1",
    "\x00",
    "1\x00",
    "²",
    "１２",
    "x" * 70_000,
    "1e400",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-02-30T99:99",
    "9999-12",
    "10000",
    "9999",
    "0001",
    "9999H2",
    "9999Q4",
    "%zz%",
    "%ED%A0%80",
    "\U0001f600\u202e\ufffe",
    "../../etc/passwd",
    "00000000-0000-0000-0000-000000000000",
    "[]",
    "",
)
"""What may stand where a number, a day, a period, a choice or a text is read."""

_NUMBERS: Sequence[str] = (DIGITS, str(2**63), str(2**31), "9" * 5000, "0", "9999", "10000")

IN_ROUTES: Mapping[str, Sequence[str]] = {
    "id": _NUMBERS,
    "year": _NUMBERS,
    "uuid": ("00000000-0000-0000-0000-000000000000",),
    "path": (*_NUMBERS, "-1", "%00", "_00", "1_5F1", "²", "%ED%A0%80", "x" * 3000, "1e400"),
}
"""By the kind of a route's argument; the routes of tables read any text as an id."""


@dataclass
class Turns:
    """Which of the odd values are sent at a place: all of them, or one at every other, in turn over the places."""

    all_of_them: bool = False
    other: int = 2
    _places: Iterator[int] = field(default_factory=count)

    def pick(self, values: Sequence[str]) -> Sequence[str]:
        if self.all_of_them:
            return values
        turn, is_skipped = divmod(next(self._places), self.other)
        return () if is_skipped else [values[turn % len(values)]]


@contextmanager
def watch_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that were asked of queries and forms meanwhile."""
    asked: set[str] = set()

    def watched(read: Any) -> Any:
        def watching(self: QueryDict, key: str, *arguments: Any) -> Any:
            asked.add(str(key))
            return read(self, key, *arguments)

        return watching

    with monkeypatch.context() as patch:
        for name in ("__getitem__", "getlist", "__contains__"):
            patch.setattr(QueryDict, name, watched(getattr(QueryDict, name)))
        yield asked
    asked -= {"csrfmiddlewaretoken"}


@dataclass
class Stranger:
    """Somebody logged in who sends what no page of the site sends; nothing of it stays."""

    client: Client
    monkeypatch: pytest.MonkeyPatch
    turns: Turns
    failed: list[str] = field(default_factory=list)
    """What was answered with 500, one line for each request."""
    sent: int = 0

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False

    def send(self, method: str, address: str, data: Mapping[str, Any] | None = None, what: str = "") -> Any:
        """One request and its answer; what it wrote is taken back."""
        errors: list[BaseException | None] = []

        def note(**_about: Any) -> None:
            errors.append(sys.exc_info()[1])

        got_request_exception.connect(note)
        with transaction.atomic():
            response = getattr(self.client, method)(address, data)
            transaction.set_rollback(True)
        got_request_exception.disconnect(note)
        self.sent += 1
        if response.status_code >= 500:
            self.failed.append(f"{method} {what or address}: {[repr(error)[:200] for error in errors]}")
        return response

    def try_address(self, address: Address, rows: Rows) -> None:
        """The address with odd ids, then with each name of its query, then with each name of its form."""
        for kind, name in re.findall(r"<(\w+):(\w+)>", address.route):
            for value in self.turns.pick(IN_ROUTES[kind]):
                route = address.route.replace(f"<{kind}:{name}>", quote(value, safe="%"))
                self.send("get", Address(address.key, route).of(rows), what=f"{address.route} {value[:40]!r}")
        plain = address.of(rows)
        with watch_names(self.monkeypatch) as names:
            page = self.send("get", plain)
        names |= names_of_list(page)
        seeds = {name: value for name, value in seeds_of(rows).items() if name in names}
        seeded = self.send("get", add_query(plain, seeds))
        if seeded.status_code == 200:
            page = seeded
        else:
            seeds = {}
        for name in sorted(names):
            for value in self.turns.pick(VALUES):
                query = add_query(plain, {**seeds, name: value})
                self.send("get", query, what=f"{address.key} ?{name}={value[:40]!r}")
        form = read_form(page, plain)
        with watch_names(self.monkeypatch) as asked:
            answer = self.send("post", add_query(plain, seeds), form)
        if answer.status_code in (403, 404, 405):
            return
        for name in sorted((asked | set(form)) - (names - set(form))):
            for value in self.turns.pick(VALUES):
                what = f"{address.key} {name}={value[:40]!r}"
                self.send("post", add_query(plain, seeds), {**form, name: value}, what=what)


def add_query(address: str, query: Mapping[str, str]) -> str:
    """An address with a query; a percent sign stays as it is, whatever it says."""
    return address + "".join(
        f"{'&' if index else '?'}{quote(name)}={quote(value, safe='%')}"
        for index, (name, value) in enumerate(query.items())
    )


def names_of_list(page: Any) -> set[str]:
    """What a table's list takes in its address."""
    shown = (getattr(page, "context_data", None) or {}).get("cl")
    if not isinstance(shown, ChangeList):
        return set()
    filters = {str(name) for spec in shown.filter_specs for name in spec.expected_parameters()}
    return {"q", "p", "o", "e", "all", "_facets", "id__exact", *filters}


def seeds_of(rows: Rows) -> dict[str, str]:
    """What is asked for where an address reads which row, year or half is meant."""
    ids = {model._meta.model_name or "": str(row.pk) for model, row in rows.items()}
    return {**ids, "year": "2026", "half": "H1", "month": "2026-02"}


def read_form(page: Any, address: str) -> dict[str, Any]:
    """What the forms of a page send to it: what is filled in, the first of each choice, a word in each text."""
    if page.status_code != 200 or not page["Content-Type"].startswith("text/html"):
        return {}
    sent: dict[str, Any] = {}
    root = read_tree(page.content)
    forms = f"//form[@method='post'][not(@action) or starts-with(@action, '?') or starts-with(@action, '{address}')]"
    for element in find_all(root, forms + "//*[self::input or self::textarea or self::select][@name]"):
        name, value = element.get("name", ""), element.get("value") or ""
        if element.tag == "select":
            value = next((one for option in find_all(element, ".//option") if (one := option.get("value", ""))), "")
        elif element.tag == "textarea":
            value = "文字"
        if element.get("type") not in ("file", "submit") and not sent.get(name):
            sent[name] = value
    return {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}
