"""`demo --if-empty` where the demonstration town is not wanted; the rest is in `test_demonstration.py`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from members.models import Town


@pytest.mark.django_db
def test_if_empty_leaves_a_database_with_a_town_alone() -> None:
    Town.objects.create(name="某镇")
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    assert list(Town.objects.values_list("name", flat=True)) == ["某镇"]
