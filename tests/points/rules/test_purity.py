"""The rules import nothing but the standard library and each other."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

RULES = Path(__file__).resolve().parents[3] / "points/rules"


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            yield node.module or ""


def test_the_rules_import_only_the_standard_library_and_each_other() -> None:
    modules = sorted(RULES.rglob("*.py"))
    assert len(modules) > 5
    foreign = {
        f"{path.name}: {module}"
        for path in modules
        for module in imported_modules(path)
        if module.partition(".")[0] not in sys.stdlib_module_names and not f"{module}.".startswith("points.rules.")
    }
    assert foreign == set()
