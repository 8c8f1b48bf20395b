"""The import contracts of `pyproject.toml` would notice: an import planted against each of them breaks it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("foundation", "members", "points", "veto", "publicity", "scoring_site")

PLANTED = {
    "The apps import downwards only": ("members/access.py", "import points.models"),
    "The tables of findings know nothing of points": ("veto/models/findings.py", "import points.errors"),
    "Inside points": ("points/records/recording.py", "import points.reviews.steps"),
    "Inside publicity": ("publicity/notices/table.py", "import publicity.objections.access"),
    "Workbench and portal do not know each other": (
        "scoring_site/portal/home.py",
        "import scoring_site.workbench.tasks",
    ),
    "Inside the workbench": (
        "scoring_site/workbench/roster/memberships.py",
        "import scoring_site.workbench.results.ratings",
    ),
    "The rules import nothing but the standard library": ("points/rules/score.py", "import django"),
}
"""The beginning of a contract's name, and an import that breaks it."""


def test_an_import_against_a_contract_breaks_it(tmp_path: Path) -> None:
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, statement in PLANTED.values():
        with (tmp_path / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{statement}\n")
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)", run.stdout, re.MULTILINE))
    assert len(verdicts) == len(PLANTED)
    for beginning in PLANTED:
        [(name, verdict)] = [(name, verdict) for name, verdict in verdicts.items() if name.startswith(beginning)]
        assert verdict == "BROKEN", f"“{name}” did not notice its planted import"
    assert run.returncode == 1
