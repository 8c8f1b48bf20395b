"""The bill of materials: every pinned package with its licence, and what nobody has looked at is named."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def materials() -> Any:
    spec = spec_from_file_location("materials", ROOT / ".ci/materials.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["materials"] = module  # a dataclass asks for its module
    spec.loader.exec_module(module)
    return module


def test_every_pinned_package_is_in_the_bill_with_version_licence_and_hashes(materials: Any) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = list(materials.read_lock(lock))
    pinned = re.findall(r"(?m)^([\w.-]+)==(\S+)", lock)
    assert [(each.name, each.version) for each in found] == pinned
    assert materials.find_faults(found) == []
    components = materials.build_bill(found)["components"]
    [django] = [each for each in components if each["name"] == "django"]
    assert django["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert django["purl"] == f"pkg:pypi/django@{django['version']}"
    assert all(f"--hash=sha256:{each['value']}" in lock for each in django["properties"])
    # What is pinned for another system alone is not installed here, so its licence is not known here.
    assert [each["name"] for each in components if not each["licenses"]] == ["brotlicffi"]


def test_what_nobody_has_looked_at_is_named(materials: Any) -> None:
    one = materials.Material("secret-sauce", "1.0", ("0" * 64,), ("GNU Affero General Public License v3",))
    other = materials.Material("loose", "2.0", (), ("MIT",))
    assert materials.find_faults([one, other]) == [
        "loose 2.0: no hash",
        "secret-sauce 1.0: GNU Affero General Public License v3: may the product stand on it?",
    ]
