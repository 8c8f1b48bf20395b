"""What the files that the site sends are called: whose, of when, what, in words to say on the telephone (R7)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation

from tests.addresses import ADDRESSES
from tests.clock import FrozenClock
from tests.furnished import furnish
from tests.scoring_site.screens import name_of

CODE = re.compile(r"[0-9a-f]{8}(?<!\d{8})|[0-9a-f]{4}-[0-9a-f]{4}-")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.sweep
@pytest.mark.usefixtures("db", "blank_papers", "evidence_dir", "uploads_dir", "jobs_dir")
def test_no_paper_is_called_by_a_code(clock: FrozenClock, client: Client) -> None:
    """R7, as it was seen: notice-<uuid>.pdf."""
    furnished = furnish(clock)
    names: dict[str, str] = {}
    for who in ("secretary_a", "member_user_a"):
        client.force_login(getattr(furnished.cast, who))
        for key, address in ADDRESSES.items():
            with translation.override("zh-hans"):
                answer = client.get(address.of(furnished.of_a))
            # What somebody uploaded has a plain name (`evidence.jpg`) and no other.
            if answer.headers.get("Content-Disposition", "").startswith("attachment; filename*"):
                names[key] = name_of(answer)
    assert len(names) > 12
    assert {key: name for key, name in names.items() if CODE.search(name) or not CHINESE.search(name)} == {}
