"""Lists what the product is made of: every package that is installed to run it, with version, licence and the hashes it
is checked against.

    python .ci/materials.py            writes the bill of materials, var/materials.cdx.json (CycloneDX 1.6)
    python .ci/materials.py --check    changes nothing; names packages whose licence nobody has looked at

The packages are those of requirements.lock, the licences those that their own metadata states.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
BILL = ROOT / "var/materials.cdx.json"
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

PERMISSIVE = ("MIT", "BSD", "Apache", "PSF", "Python", "MPL", "Mozilla", "ISC", "HPND", "CNRI")
WEAK_COPYLEFT = ("psycopg2-binary", "pyphen")
"""LGPL: used as they are and replaceable, so nothing of ours falls under it."""


@dataclass(frozen=True)
class Material:
    """A package as it is pinned, with what its metadata says of its licence."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licences: tuple[str, ...]

    @property
    def is_looked_at(self) -> bool:
        """Whether somebody decided that the product may stand on it."""
        known = any(word in licence for licence in self.licences for word in PERMISSIVE)
        return known or self.name in WEAK_COPYLEFT


def read_lock(text: str) -> Iterator[Material]:
    """The packages of a lock file, in its order; those for another system or Python have no metadata and no licence."""
    for entry in re.split(r"\n(?=\S)", text):
        pinned = PINNED.match(entry)
        if pinned:
            yield Material(pinned["name"], pinned["version"], tuple(HASH.findall(entry)), read_licences(pinned["name"]))


def read_licences(name: str) -> tuple[str, ...]:
    """The licences that a package states: its expression, else its classifiers, else its words."""
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        return ()
    if "License-Expression" in stated:
        return (stated["License-Expression"],)
    classifiers: list[str] = stated.get_all("Classifier") or []
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    in_words = stated["License"].strip().partition("\n")[0] if "License" in stated else ""
    return tuple(classified) or tuple(filter(None, [in_words]))


def build_bill(materials: list[Material]) -> dict[str, Any]:
    """The bill as CycloneDX has it. A package has a hash for each file it is offered in."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [
            {
                "type": "library",
                "name": material.name,
                "version": material.version,
                "purl": f"pkg:pypi/{material.name}@{material.version}",
                "licenses": [{"license": {"name": licence}} for licence in material.licences],
                "properties": [{"name": "sha256", "value": value} for value in material.hashes],
            }
            for material in materials
        ],
    }


def find_faults(materials: list[Material]) -> list[str]:
    """What is installed unchecked, or under a licence that nobody has looked at."""
    unchecked = [f"{each.name} {each.version}: no hash" for each in materials if not each.hashes]
    return unchecked + [
        f"{each.name} {each.version}: {', '.join(each.licences)}: may the product stand on it?"
        for each in materials
        if each.licences and not each.is_looked_at
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, name what nobody has looked at")
    check: bool = parser.parse_args().check
    materials = list(read_lock(LOCK.read_text(encoding="utf-8")))
    faults = find_faults(materials)
    for fault in faults:
        print(fault)
    if not check:
        BILL.parent.mkdir(exist_ok=True)
        BILL.write_text(json.dumps(build_bill(materials), ensure_ascii=False, indent=1), encoding="utf-8")
        print(f"{BILL.relative_to(ROOT)}: {len(materials)} packages")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
