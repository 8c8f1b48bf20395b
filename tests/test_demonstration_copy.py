"""The demonstration town that tests look at: whoever takes it has it alone, and gives their own database back."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from members.models import Town
from points.integrity.ledger import verify_ledger
from tests.demonstration import demonstration_town
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
