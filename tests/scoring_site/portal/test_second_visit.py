"""A page that is opened again only reads: nobody who looks waits for whoever writes."""

from __future__ import annotations

from functools import partial

from django.test import Client

from members.models import Notification
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.scoring_site.portal.world import build_world, list_pages
from tests.work import queries_of

READS = ("SELECT", "(SELECT", "DECLARE")
"""On PostgreSQL a streamed read declares its cursor, and a union stands in brackets."""


def test_a_page_opened_again_writes_nothing(db: None, client: Client, clock: FrozenClock) -> None:
    clock.now = NOW
    world = build_world()
    client.force_login(world.cast.member_user_a)
    addresses = [url for _name, url in list_pages(world) if client.get(url).status_code == 200]
    assert Notification.objects.filter(user=world.cast.member_user_a, read_at=NOW).exists()
    for url in addresses:
        asked = queries_of(partial(client.get, url))
        assert [sql for sql in asked if not sql.startswith(READS)] == [], url
