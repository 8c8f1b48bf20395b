"""Judges the stylesheets where the linter does not look: nothing said twice, no class or id that no page has.

A selector stands once in a stylesheet (and once in each @media); a property once in a rule, but for a fallback, which
stands right before what old browsers do not know.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import tinycss2

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("points", "publicity", "scoring_site", "static", "templates")
NESTED = ("media", "supports")
OF_UNFOLD = {"nav-sidebar", "nav-sidebar-inner", "result_list", "searchbar-submit", "sortremove", "toolbar"}


def find_repeats(rules: list[tinycss2.ast.Node], where: str) -> Iterator[str]:
    """What a stylesheet, or an at-rule in it, says twice."""
    selectors = set()
    for rule in rules:
        if rule.type == "qualified-rule":
            selector = " ".join(tinycss2.serialize(rule.prelude).split())
            if selector in selectors:
                yield f"{where}:{rule.source_line}: {selector} stands twice"
            selectors.add(selector)
            names: list[str] = []
            for part in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True):
                if part.type == "declaration":
                    if part.name in names[:-1]:
                        yield f"{where}:{part.source_line}: {selector} sets {part.name} twice"
                    names.append(part.name)
        elif rule.type == "at-rule" and rule.at_keyword in NESTED:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from find_repeats(inner, where)


def named_in(text: str) -> set[str]:
    """The classes and ids that a stylesheet names."""
    without_values = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", text, flags=re.DOTALL)
    return set(re.findall(r"[.#]([A-Za-z_][\w-]*)", without_values))


def main() -> int:
    """Say what is wrong; returns the exit status."""
    pages = [path for folder in PAGES for path in (ROOT / folder).rglob("*") if path.suffix in (".html", ".py", ".js")]
    on_pages = {word for path in pages for word in re.findall(r"[\w-]+", path.read_text(encoding="utf-8"))}
    faults: list[str] = []
    for path in sorted((ROOT / "static").rglob("*.css")):
        text, where = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        faults += find_repeats(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), where)
        faults += [f"{where}: no page has {name}" for name in sorted(named_in(text) - on_pages - OF_UNFOLD)]
    print("\n".join(faults) or "Nothing said twice, nothing unused.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
