"""Every page of the site asks the database as often for three members as for thirty, for one town as for five."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from django.test import Client

from tests.addresses import ADDRESSES, make_rows
from tests.cast import Cast
from tests.growth import grow_branch
from tests.towns import add_towns
from tests.work import count_queries


@pytest.mark.parametrize("who", ["staff", "secretary_a", "recorder_a", "member_user_a"])
def test_no_page_asks_more_for_more_members_or_more_towns(
    who: str, cast: Cast, client: Client, evidence_dir: Path
) -> None:
    rows = make_rows(cast, cast.branch_a, cast.member_a, cast.recorder_a, cast.staff)
    client.force_login(getattr(cast, who))
    grow_branch(cast, 3)
    pages = {key: address for key in ADDRESSES if _is_page(client, address := ADDRESSES[key].of(rows))}
    assert len(pages) > (15 if who == "member_user_a" else 100)
    counts: dict[str, set[int]] = {key: set() for key in pages}
    for grow in (None, partial(grow_branch, cast, 27), add_towns):
        if grow:
            grow()
        for key, address in pages.items():
            counts[key].add(count_queries(partial(client.get, address)))
    assert {key: found for key, found in counts.items() if len(found) > 1} == {}


def _is_page(client: Client, address: str) -> bool:
    response = client.get(address)
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")
