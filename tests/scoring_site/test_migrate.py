"""`migrate` leaves a database of the first version as it is and says so."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_a_database_of_the_first_version_is_recognised_and_left_alone() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("members", "0001_initial")
    before = set(recorder.applied_migrations())
    with pytest.raises(CommandError, match="第一版") as refusal:
        call_command("migrate", verbosity=0)
    assert str(connection.settings_dict["NAME"]) in str(refusal.value)
    assert set(recorder.applied_migrations()) == before
