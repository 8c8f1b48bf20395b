"""Branches that bear one name in two ways are found alike; others are not."""

from __future__ import annotations

import pytest

from members.places.core_names import core_of


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("东河村党支部", "东河村"),
        ("中共示范镇东河村支部委员会", "东河村"),
        ("示范镇东河村支部", "东河村"),
        ("中国共产党示范镇东河村支部委员会", "东河村"),
        ("东河村党总支", "东河村"),
        ("云岭镇机关党支部", "机关"),
        ("机关党支部", "机关"),
        ("云岭社区第一党支部", "云岭社区第一"),
        ("第一党支部", "第一"),
        ("望乡村党支部", "望乡村"),
        ("党支部", "党支部"),
    ],
)
def test_the_core(name: str, core: str) -> None:
    assert core_of(name) == core
