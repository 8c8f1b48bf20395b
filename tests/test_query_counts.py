"""Every page of the site, as each role gets it: it asks the database as often for three members as for thirty, for one
town as for five; and it names the regulation's own clauses, never our ids of clauses and decisions (W7, D28).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.addresses import ADDRESSES, make_rows
from tests.cast import Cast
from tests.effort import sweep
from tests.growth import grow_branch
from tests.test_screen_texts import DECISION, SHOWN
from tests.towns import add_towns

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("blank_papers")]
CODE = re.compile(r"<(script|style).*?</\1>", re.DOTALL)


def ask(client: Client, address: str) -> tuple[Any, int]:
    """A page and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    return response, len(queries)


@pytest.mark.parametrize("who", ["recorder_a", "member_user_a", *sweep("secretary_a", "staff")])
def test_no_page_asks_more_for_more_members_or_more_towns(
    who: str, cast: Cast, client: Client, evidence_dir: Path
) -> None:
    rows = make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff)
    client.force_login(getattr(cast, who))
    grow_branch(cast, 3)
    few: dict[str, int] = {}
    ids: list[str] = []
    for key, address in ADDRESSES.items():
        response, count = ask(client, address.of(rows))
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            few[key] = count
            page = CODE.sub("", response.content.decode())
            ids += [f"{key}: {match[0]}" for pattern in (SHOWN, DECISION) for match in pattern.finditer(page)]
    assert ids == []
    assert len(few) > (15 if who == "member_user_a" else 100)
    with transaction.atomic():
        grow_branch(cast, 27)
        add_towns()
        many = {key: ask(client, ADDRESSES[key].of(rows))[1] for key in few}
        transaction.set_rollback(True)
    # The first time a page may have asked what the process knows since: ask again, with the few that are left.
    few |= {key: ask(client, ADDRESSES[key].of(rows))[1] for key, count in many.items() if count != few[key]}
    assert {key: (few[key], count) for key, count in many.items() if count != few[key]} == {}
