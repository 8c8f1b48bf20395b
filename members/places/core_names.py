"""What of a branch's name tells it from others: 东河村 of 东河村党支部 and of 中共示范镇东河村支部委员会."""

from __future__ import annotations

from foundation.normal_forms import normalise

PREFIXES = ("中国共产党", "中共")
SUFFIXES = ("总支部委员会", "支部委员会", "党总支", "党支部", "支委会", "支部")
SEATS = ("镇", "乡", "街道")
"""What stands before the branch's own name ends with one of these."""


def core_of(name: str) -> str:
    """The core of a branch's name; the whole name where nothing else would be left."""
    text = "".join(normalise("NFKC", name).split())
    core = text
    for prefix in PREFIXES:
        core = core.removeprefix(prefix)
    core = next((core.removesuffix(suffix) for suffix in SUFFIXES if core.endswith(suffix)), core)
    for seat in SEATS:
        _town, found, rest = core.rpartition(seat)
        if found and len(rest) > 1:
            core = rest
    return core or text
