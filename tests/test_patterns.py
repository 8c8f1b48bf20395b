"""Every pattern of the sources: linear in whatever strangers send, or declared as one that never meets it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings

from tests.doubling import MOST_GROWTH, growth
from tests.strangers import EVERYWHERE, NEVER_MEETS_STRANGERS, PATTERNS, Grown, Use, as_sent, patterns_called

SOURCES = ("foundation", "members", "points", "veto", "publicity", "scoring_site")
TAKE_PATTERNS = frozenset(("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "compile"))
TAKE_PATTERNS_UNSEEN = frozenset(("RegexValidator", "RegexField", "re_path"))
MAY_NORMALISE = frozenset(("foundation/normal_forms.py", "points/rules/vocabulary.py"))
"""The second may import nothing, and does not look into long texts."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.sweep
def test_no_pattern_grows_with_the_square(name: str) -> None:
    use, texts = PATTERNS[name]
    for pattern in patterns_called(name):
        grown = {text: growth_of(pattern, use, text) for text in (*texts, *EVERYWHERE)}
        assert [text for text, times in grown.items() if times >= MOST_GROWTH] == [], pattern.pattern


def growth_of(pattern: re.Pattern, use: Use, text: Grown) -> float:
    return growth(lambda sent: use(pattern, sent), lambda size: as_sent(pattern, text.make(size)))


@dataclass(frozen=True)
class Source:
    """A module that can hold patterns."""

    path: str
    tree: ast.Module

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def names(self) -> set[str]:
        """The names at its top that hold patterns."""
        return {name for name, _lines in self._assigned()}

    def unnamed(self) -> list[str]:
        """The places of patterns that no such name holds."""
        within = {line for _name, lines in self._assigned() for line in lines}
        return [f"{self.path}:{line}" for line in calls(self.tree, "re", TAKE_PATTERNS) if line not in within]

    def _assigned(self) -> Iterator[tuple[str, list[int]]]:
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                lines = calls(statement, "re", frozenset(("compile",)))
                if lines and isinstance(target, ast.Name):
                    yield target.id, lines


def calls(within: ast.AST, module: str, names: frozenset[str]) -> list[int]:
    """The lines that call one of these functions of a module by its full name."""
    return [
        node.lineno
        for node in ast.walk(within)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == module
    ]


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    words = re.compile(rf"\b(?:re|regex|unicodedata|{'|'.join(TAKE_PATTERNS_UNSEEN)})\b")
    paths = (path for top in SOURCES for path in sorted((settings.BASE_DIR / top).rglob("*.py")))
    texts = ((path.relative_to(settings.BASE_DIR).as_posix(), path.read_text(encoding="utf-8")) for path in paths)
    return [Source(path, ast.parse(text)) for path, text in texts if words.search(text)]


def test_every_pattern_is_tried_or_never_meets_strangers(sources: list[Source]) -> None:
    declared = PATTERNS.keys() | NEVER_MEETS_STRANGERS.keys()
    found = {f"{source.module}:{name}" for source in sources for name in source.names()}
    assert found - declared == set(), "say in tests/strangers.py what makes these work hardest"
    assert declared - found == set(), "these are no more"
    assert PATTERNS.keys() & NEVER_MEETS_STRANGERS.keys() == set()
    assert all(NEVER_MEETS_STRANGERS.values())


def test_every_pattern_has_a_name(sources: list[Source]) -> None:
    assert [place for source in sources for place in source.unnamed()] == []
    assert [source.path for source in sources for node in ast.walk(source.tree) if hides_patterns(node)] == []


def hides_patterns(node: ast.AST) -> bool:
    """Whether patterns come in here under another name."""
    if isinstance(node, ast.Import):
        return any(alias.name == "regex" or (alias.name == "re" and alias.asname) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module in ("re", "regex", "unicodedata") or any(
            alias.name in TAKE_PATTERNS_UNSEEN for alias in node.names
        )
    return isinstance(node, ast.Attribute) and node.attr in TAKE_PATTERNS_UNSEEN


def test_texts_are_brought_to_one_form_in_linear_time_only(sources: list[Source]) -> None:
    normalising = {source.path for source in sources if calls(source.tree, "unicodedata", frozenset(("normalize",)))}
    assert normalising == MAY_NORMALISE
