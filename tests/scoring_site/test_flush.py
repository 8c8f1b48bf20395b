"""A test that commits leaves nothing to the next one, and the ledger stays guarded."""

import pytest
from django.db import connection

from foundation.ledger import missing_triggers
from members.models import Town

pytestmark = pytest.mark.engine


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", [1, 2])
def test_committed_rows_are_gone_and_triggers_stand(attempt: int) -> None:
    assert Town.objects.count() == 0
    assert list(missing_triggers(connection)) == []
    Town.objects.create(name="青山镇")
