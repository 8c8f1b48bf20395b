"""The register of what the worker can make."""

from __future__ import annotations

import pytest

from members.access import Action
from members.jobs.kinds import find_kind, list_kinds, register_job_kind


def test_every_registered_kind_is_there() -> None:
    assert {code: (kind.action, kind.asks_password) for code, kind in list_kinds().items()} == {
        "branch_files": (Action.EXPORT, True),
        "record_forms": (Action.EXPORT, True),
        "register": (Action.EXPORT, True),
        "verification": (Action.VERIFY, True),
    }


def test_a_code_is_one_kind_s() -> None:
    register_job_kind("record_forms", "points.papers.exports.RECORD_FORMS")
    with pytest.raises(ValueError, match="already"):
        register_job_kind("record_forms", "points.papers.exports.OTHER")
    assert find_kind("record_forms").title == "支部党员记录表"
    with pytest.raises(LookupError):
        find_kind("nothing")
