"""`setup_town`: a town, its system account and the rulebook of its years under the readings it chose."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry, Town, User
from points.models import Rulebook
from points.scoring.adoption import rulebook_for, rulebooks_of

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("setup_town", *arguments, stdout=out)
    return out.getvalue()


def test_a_town_with_two_years_and_the_default_readings() -> None:
    said = run("东河镇", "--year", "2025", "2026")
    town = Town.objects.get(name="东河镇")
    assert sorted(rulebooks_of(town)) == [2025, 2026]
    assert rulebook_for(town, 2025).settings.lead_bonus == "beyond_item_cap"
    assert User.objects.get(town=town, is_system=True).has_usable_password() is False
    assert Rulebook.objects.count() == 1
    assert "东河镇" in said
    assert "2026" in said


def test_years_and_readings_may_be_given_one_by_one() -> None:
    run("东河镇", "--year", "2025", "--year", "2026", "--set", "lead_bonus=within_item_cap", "--set", "notice_days=7")
    settings = rulebook_for(Town.objects.get(), 2026).settings
    assert (settings.lead_bonus, settings.notice_days, settings.part_year) == ("within_item_cap", 7, "as_earned")


def test_a_second_time_makes_nothing_new_and_another_reading_replaces_the_first() -> None:
    run("东河镇", "--year", "2025")
    run("东河镇", "--year", "2025")
    assert AuditEntry.objects.filter(verb="adopt_rulebook").count() == 1
    run("东河镇", "--year", "2025", "--set", "restart_on_correction=否")
    assert Town.objects.count() == 1
    assert rulebook_for(Town.objects.get(), 2025).settings.restart_on_correction is False
    assert AuditEntry.objects.filter(verb="adopt_rulebook").count() == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["东河镇", "--year", "25"], "四位"),
        (["东河镇", "--year", "２０２５"], "四位"),
        (["东河镇", "--year", "1899"], "四位"),
        (["  ", "--year", "2025"], "1 到 100 个字"),
        (["东" * 101], "1 到 100 个字"),
        (["东河镇", "--year", "2025", "--set", "lead_bonus"], "lead_bonus, part_year"),
        (["东河镇", "--year", "2025", "--set", "bonus=1"], "lead_bonus, part_year"),
        (["东河镇", "--year", "2025", "--set", "lead_bonus=double"], "beyond_item_cap, within_item_cap"),
        (["东河镇", "--year", "2025", "--set", "notice_days=4"], "5 到 60"),
        (["东河镇", "--year", "2025", "--set", "restart_on_correction=maybe"], "true, false"),
        (["东河镇", "--year", "2025", "--set", "notice_days=6", "notice_days=7"], "两次"),
        (["东河镇", "--set", "notice_days=7"], "--year"),
    ],
)
def test_a_wrong_word_is_refused_in_chinese_and_nothing_is_made(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said) as refusal:
        run(*arguments)
    assert refusal.value.returncode == 1
    assert not Town.objects.exists()
