"""The documents say what the software does: links, commands, settings, items and examples are held against it."""

from __future__ import annotations

import ast
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from foundation.workbooks.cells import TICK_WORDS
from members.people.fields import SHEET_COLUMNS
from points.imports.records_file import RecordsResource
from points.papers.words import name_setting_value
from points.rules.facts import MemberFacts, PointRecord
from points.rules.rulebook import SETTING_RULES, AnyItem, change_settings, load_shipped_rulebook
from points.rules.score import score_year
from tests.documents import ROOT, read, table_below

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([ROOT / "CHANGELOG.md", *(ROOT / name for name in READMES), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]\[]*\]\(([^()\s]+)\)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)((?: (?!&&)[^`\n。，；|]*)?)")
RULEBOOK = load_shipped_rulebook()


def each_document(documents: list[Path] = DOCUMENTS) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("document", documents, ids=lambda path: path.relative_to(ROOT).as_posix())


def anchors_of(document: Path) -> set[str]:
    """The anchors of a document's headings, as the forges make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each_document()
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = unquote(target).partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), f"{target} leads nowhere"
        assert linked.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors_of(linked), f"{target}: no such heading"


@pytest.mark.parametrize("image", sorted((ROOT / "docs/images").glob("*")), ids=lambda path: path.name)
def test_images_are_small_and_shown(image: Path) -> None:
    assert image.stat().st_size < 250_000
    assert any(f"images/{image.name}" in document.read_text(encoding="utf-8") for document in DOCUMENTS)


def parser_of(name: str) -> ArgumentParser:
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    return command.create_parser("manage.py", name)


@each_document()
def test_commands_exist_with_the_options_named(document: Path) -> None:
    for name, rest in COMMAND.findall(document.read_text(encoding="utf-8")):
        assert name in get_commands(), f"manage.py {name} does not exist"
        known = parser_of(name)._option_string_actions
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest):
            assert option in known, f"manage.py {name} knows no {option}"


def test_readmes_name_the_same_commands() -> None:
    named = [{name for name, _rest in COMMAND.findall(read(readme))} for readme in READMES]
    assert named[0] == named[1]
    assert {"setup_town", "import_roster", "import_records", "annual_report", "verify_ledger"} <= named[0]


def test_make_targets_exist_and_both_readmes_name_run_and_test() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        # Indented code and `code`; in running text "make" is an English word.
        named = re.findall(r"^    make ([a-z-]+)$|`(?:[A-Z]+=\S+ )?make ([a-z-]+)`", document.read_text("utf-8"), re.M)
        assert {first or second for first, second in named} <= targets, document.name
    for readme in READMES:
        assert re.findall(r"^    make ([a-z-]+)$", read(readme), re.MULTILINE) == ["run", "test"]


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    assert "\nmake test\n" in read(".ci/run")


def test_variables_are_those_of_the_example() -> None:
    example = re.findall(r"^# ([A-Z_]+)=", read(".env.example"), re.MULTILINE)
    documented = [row[0] for row in table_below(read("docs/operations.md"), "## Settings")]
    assert sorted(documented) == sorted(set(example))


def test_the_proxy_of_the_example_sets_every_header_that_is_believed() -> None:
    """A header that nginx is not told to set goes through as the caller wrote it: an address for each guess."""
    serving = read("docs/operations.md").partition("\n## Serving\n")[2].partition("\n## ")[0]
    set_there = set(re.findall(r"proxy_set_header (\S+) ", serving))
    assert {"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For"} <= set_there


def allowed_values(name: str) -> str:
    rule = SETTING_RULES[name]
    if rule.kind == "choice":
        return "`, `".join(rule.choices)
    return "true`, `false" if rule.kind == "yes_no" else f"{rule.minimum}–{rule.maximum}"


def test_scoring_lists_the_settings_with_their_choices() -> None:
    defaults = asdict(RULEBOOK.settings)
    rows = table_below(read("docs/scoring.md"), "## Settings")
    assert [row[:5] for row in rows] == [
        [name, rule.decision, rule.clause, str(defaults[name]).lower(), allowed_values(name)]
        for name, rule in SETTING_RULES.items()
    ]


def test_chinese_readme_lists_the_settings_with_the_other_choices() -> None:
    rows = table_below(read("README.zh-CN.md"), "## 五、两种理解由镇里选定")
    defaults = asdict(RULEBOOK.settings)
    assert [row[:2] for row in rows] == [[name, str(defaults[name]).lower()] for name in SETTING_RULES]
    for name, _default, others, _meaning in rows:
        rule = SETTING_RULES[name]
        if rule.kind == "choice":
            assert {others, defaults[name]} == set(rule.choices)
            assert name_setting_value(RULEBOOK, name, others) != others, "the software has words for the choice"
        elif rule.kind == "whole_number":
            assert others == f"{rule.minimum}至{rule.maximum}"
        else:
            assert others == str(not defaults[name]).lower()


def in_points(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}".removesuffix(".0")


def test_scoring_lists_the_items_of_the_shipped_rulebook() -> None:
    text = read("docs/scoring.md")
    assert table_below(text, "### Base points: 60 (2.3.1)") == [
        [
            item.clause,
            item.code,
            item.name,
            item.per,
            in_points(item.points),
            str(item.max // item.points),
            in_points(item.max),
        ]
        for item in RULEBOOK.base
    ]
    assert table_below(text, "### Incentive points: 40 (2.3.2)") == [
        [
            item.clause,
            item.code,
            item.name,
            in_points(item.cap),
            ", ".join(f"{grade.name} {in_points(grade.points)}" for grade in item.scale) or "–",
        ]
        for item in RULEBOOK.incentive
    ]
    assert table_below(text, "### Negative list: 5 points for each confirmed finding (2.3.3)") == [
        [item.clause, item.code, item.name, in_points(item.points)] for item in RULEBOOK.negative
    ]
    assert table_below(text, "### Veto: the year's score is 0 (2.3.4)") == [
        [ground.clause, ground.code, ground.name] for ground in RULEBOOK.veto
    ]


def test_scoring_lists_every_decision() -> None:
    rows = table_below(read("docs/scoring.md"), "## The decisions")
    assert [row[0] for row in rows] == [f"D{number}" for number in (*range(1, 28), 30)]


def test_readmes_agree_with_the_base_items() -> None:
    for readme, heading in zip(READMES, ("## How scores come about", "## 四、积分怎么算"), strict=True):
        rows = {row[0]: row for row in table_below(read(readme), heading)}
        for item in RULEBOOK.base:
            row = rows[item.clause]
            assert item.name in row[1]
            assert row[3].removesuffix("分") == in_points(item.points)
            assert row[4] == in_points(item.max)


def test_glossary_lists_every_item_with_its_other_names() -> None:
    rows = [row[1:] for row in table_below(read("docs/glossary.md"), "## Item codes")]
    items: tuple[AnyItem, ...] = (*RULEBOOK.base, *RULEBOOK.incentive, *RULEBOOK.negative, *RULEBOOK.veto)
    assert rows == [[item.code, item.name, "；".join(item.aliases) or "–"] for item in items]


def test_interchange_lists_the_columns_with_their_other_names() -> None:
    text = read("docs/interchange.md")
    roster = [(row[0], row[1]) for row in table_below(text, "## Roster workbook (党员名册)")]
    assert roster == [(column.headings[0], ", ".join(column.headings[1:])) for column in SHEET_COLUMNS.values()]
    records = [(row[0], row[1]) for row in table_below(text, "## Records workbook (积分记录)")]
    shared = {"党支部": "as in the roster", "公民身份号码": "as in the roster", "姓名": ""}
    assert records == [
        (field.names[0], shared.get(field.names[0], ", ".join(field.names[1:])))
        for field in RecordsResource.fields.values()
    ]


def test_interchange_lists_what_a_tick_sheets_cells_may_say() -> None:
    rows = table_below(read("docs/interchange.md"), "## Tick workbook (逐月打勾表)")
    said = {row[0].partition(" (")[0].partition(":")[0]: row[1].split() for row in rows}
    words = {tick.value.replace("_", " "): list(words) for tick, words in TICK_WORDS.items()}
    assert said == words | {"not earned": ["blank", *words["not earned"]]}


@pytest.mark.parametrize("reading", ["beyond_item_cap", "within_item_cap"])
def test_examples_of_the_leading_role_score_as_written(reading: str) -> None:
    rulebook = change_settings(RULEBOOK, lead_bonus=reading)
    for _example, awarded, led, beyond, within in lead_examples():
        points = [(int(led), True), (int(awarded) - int(led), False)]
        records = tuple(
            PointRecord(ref, "council", "", date(2025, 3, 1 + ref), 10 * value, leading)
            for ref, (value, leading) in enumerate(points)
            if value
        )
        score = score_year(rulebook, MemberFacts(2025, points=records)).annual.incentive
        assert in_points(score) == (beyond if reading == "beyond_item_cap" else within)


def lead_examples() -> list[list[str]]:
    text = read("docs/scoring.md")
    return table_below("\n#\n" + text[text.index("| Example for one item") :], "#")


@each_document()
def test_files_and_folders_named_in_documents_exist(document: Path) -> None:
    named = re.findall(r"`([a-z_]+(?:/[\w.-]+)+/?)`", document.read_text(encoding="utf-8"))
    ours = [path for path in named if path.split("/")[0] in (*APPS, "tests", "templates", "static", "docs")]
    missing = [path for path in ours if not (ROOT / path).exists()]
    assert missing == []


def documents_and_docstrings() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text: every document, and every string constant of the application."""
    for document in DOCUMENTS:
        yield document.name, document.read_text(encoding="utf-8")
    for app in APPS:
        for module in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield module.relative_to(ROOT).as_posix(), node.value


def resolves(name: str) -> bool:
    """Whether `points.records.voiding.void_event`, or a name inside what it names, can be imported."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if find_module(".".join(parts[:length])):
            found: Any = import_module(".".join(parts[:length]))
            for part in parts[length:]:
                if not hasattr(found, part):
                    return False
                found = getattr(found, part)
            return True
    return False


def test_files_named_without_their_folder_exist() -> None:
    tracked = {
        path.name for folder in (*APPS, "tests", "docs", ".ci") for path in (ROOT / folder).rglob("*") if path.is_file()
    }
    tracked |= {path.name for path in ROOT.iterdir()}
    bare = re.compile(r"(?<![\w/.*-])([A-Za-z_]\w*\.(?:py|md|toml))\b")
    named = {(place, name) for place, text in documents_and_docstrings() for name in bare.findall(text)}
    assert len(named) > 20
    assert {(place, name) for place, name in named if name not in tracked} == set()


def find_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def test_modules_and_functions_named_in_documents_and_docstrings_exist() -> None:
    dotted = re.compile(rf"`((?:{'|'.join(APPS)})(?:\.\w+)+)(?:\(\))?`")
    named = {(place, name) for place, text in documents_and_docstrings() for name in dotted.findall(text)}
    assert len(named) > 30
    assert {(place, name) for place, name in named if name not in PERMISSIONS and not resolves(name)} == set()


def test_documents_claim_nothing_that_is_not_built() -> None:
    """A decision is cited where the code decides by it; what is said not to be built has no table."""
    sources = [
        path.read_text(encoding="utf-8") for app in APPS for path in (ROOT / app).rglob("*.*") if is_source(path)
    ]
    cited = set(re.findall(r"\bD\d+\b", "\n".join(sources)))
    rows = {row[0]: row[-1] for row in table_below(read("docs/scoring.md"), "## The decisions")}
    unbuilt = {decision for decision, says in rows.items() if "not built yet" in says.lower()}
    assert rows.keys() - cited == set()
    assert unbuilt == UNBUILT.keys()
    assert {model.__name__ for model in apps.get_models()} & {
        name for names in UNBUILT.values() for name in names
    } == set()


def is_source(path: Path) -> bool:
    return path.suffix in {".py", ".toml"} and "migrations" not in path.parts


APPS = ("foundation", "members", "points", "veto", "publicity", "scoring_site")
PERMISSIONS = {"members.view_finding_grounds"}
UNBUILT = {"D13": ("Redemption", "BranchRate", "Goods")}
"""A decision of which the documents say that a part is not built, and the tables that part would have."""


def packages() -> list[Path]:
    found = (path for app in APPS for path in (ROOT / app).rglob("__init__.py"))
    return sorted(path for path in found if not {"migrations", "management"} & set(path.parts))


@each_document(packages())
def test_a_package_says_in_two_sentences_what_it_is_for(document: Path) -> None:
    said = ast.get_docstring(ast.parse(document.read_text(encoding="utf-8"))) or ""
    assert len(re.findall(r"\.(?:\s|$)", said)) >= 2, said


def test_no_file_is_longer_than_a_screenful_of_screens() -> None:
    """Small modules named after what they do: past 450 lines a file has two ideas."""
    rooms = [ROOT / name for name in (*APPS, "tests", "static", "templates")]
    found = (path for room in rooms for path in room.rglob("*") if path.suffix in {".py", ".js", ".css", ".html"})
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in found
        if "migrations" not in path.parts
    }
    assert len(sizes) > 500
    assert {name: lines for name, lines in sizes.items() if lines > 450} == {}
