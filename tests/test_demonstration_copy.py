"""The demonstration town that tests look at: whoever takes it has it alone, and gives their own database back."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from members.models import Town
from points.integrity.ledger import verify_ledger
from tests.demonstration import TRIES, demonstration_town, tell_server
from tests.scoring_site.demonstration.shown import MOMENT


@pytest.mark.django_db(transaction=True)
def test_what_is_done_to_the_town_is_gone_when_it_is_taken_again() -> None:
    own, place = connection.settings_dict["NAME"], settings.EVIDENCE_DIR
    pictures = []
    for _time in range(2):
        with demonstration_town(MOMENT) as town:
            assert connection.settings_dict["NAME"] != own
            assert list(Town.objects.all()) == [town]
            assert list(verify_ledger(town=town)) == []
            pictures.append(sorted(path.name for path in settings.EVIDENCE_DIR.rglob("*") if path.is_file()))
            Town.objects.create(name="青山镇")
            (settings.EVIDENCE_DIR / "forged.jpg").write_bytes(b"x")
        assert (connection.settings_dict["NAME"], settings.EVIDENCE_DIR) == (own, place)
        assert not Town.objects.exists()
    assert len(pictures[0]) > 10
    assert pictures[0] == pictures[1]


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("stuck", [TRIES - 1, TRIES])
def test_what_waits_for_ever_on_the_server_is_tried_again(stuck: int) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that is told to make a database")
    sequence = f"tries_{connection.settings_dict['NAME']}"
    tell_server(f"CREATE SEQUENCE {sequence}")  # counts the tries: what is cancelled does not turn it back
    try:
        waiting = f"SELECT pg_sleep(CASE WHEN nextval('{sequence}') <= {stuck} THEN 3600 ELSE 0 END)"
        if stuck < TRIES:
            tell_server(waiting, patience=0.2)
        else:
            with pytest.raises(OperationalError, match="statement timeout"):
                tell_server(waiting, patience=0.2)
    finally:
        tell_server(f"DROP SEQUENCE {sequence}")
