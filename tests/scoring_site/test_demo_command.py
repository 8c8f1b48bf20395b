"""`demo` where the demonstration town is not wanted; the rest is in `test_demonstration.py`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.models import Member, Town, User
from tests.cast import Cast


@pytest.mark.django_db
def test_if_empty_leaves_a_database_with_a_town_alone() -> None:
    Town.objects.create(name="某镇")
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    assert list(Town.objects.values_list("name", flat=True)) == ["某镇"]


def test_beside_real_people_it_is_refused_in_words(cast: Cast) -> None:
    before = Member.objects.count(), User.objects.count()
    with pytest.raises(CommandError, match="本数据库中有“甲镇”") as refusal:
        call_command("demo", stdout=StringIO())
    assert refusal.value.returncode == 1
    assert set(Town.objects.values_list("name", flat=True)) == {"甲镇", "乙镇"}
    assert (Member.objects.count(), User.objects.count()) == before


def test_if_empty_does_nothing_beside_real_people(cast: Cast) -> None:
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    assert out.getvalue() == ""
    assert Town.objects.count() == 2
