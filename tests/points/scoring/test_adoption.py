from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from members.models import AuditEntry, Town, User
from members.selectors import system_account
from points.errors import NoRulebook
from points.models import AssessmentYear, Rulebook
from points.rules import rulebook as rules
from points.rules.canonical import hash_text
from points.scoring.adoption import adopt_rulebook, rulebook_for, rulebooks_of, set_up_town
from tests.cast import Cast
from tests.factories import NOW

OTHER_READING = rules.change_settings(rules.load_shipped_rulebook(), lead_bonus="within_item_cap")


def test_a_town_is_set_up_with_its_account_and_years(db: None) -> None:
    town = set_up_town(now=NOW, name="甲镇", years=[2025, 2026], settings={"part_year": "prorate_base"})
    account = system_account(town)
    assert (account.is_system, account.has_usable_password(), account.member) == (True, False, None)
    assert set(rulebooks_of(town)) == {2025, 2026}
    assert rulebook_for(town, 2026).settings.part_year == "prorate_base"
    adopted = AssessmentYear.objects.get(town=town, year=2025)
    assert (adopted.adopted_at, adopted.adopted_by) == (NOW, account)
    assert Rulebook.objects.count() == 1


def test_setting_up_again_changes_nothing(db: None) -> None:
    for _ in range(2):
        set_up_town(now=NOW, name="甲镇", years=[2025], settings={})
    assert (Town.objects.count(), User.objects.count(), AssessmentYear.objects.count()) == (1, 1, 1)
    assert AuditEntry.objects.filter(verb="adopt_rulebook").count() == 1


def test_an_unknown_reading_sets_up_nothing(db: None) -> None:
    with pytest.raises(rules.RulebookError):
        set_up_town(now=NOW, name="甲镇", years=[2025], settings={"lead_bonus": "tripled"})
    assert not Town.objects.exists()


def test_the_stored_text_is_the_rulebook_and_its_hash_names_it(cast: Cast) -> None:
    stored = Rulebook.objects.get()
    assert rules.parse_rulebook(stored.text) == rules.load_shipped_rulebook()
    assert stored.hash == hash_text(stored.text)
    assert rulebook_for(cast.town, 2026) == rules.load_shipped_rulebook()


def test_another_rulebook_replaces_the_years_and_is_logged(cast: Cast) -> None:
    before = Rulebook.objects.get()
    adopt_rulebook(actor=cast.staff, now=NOW, town=cast.town, year=2026, rulebook=OTHER_READING)
    assert rulebook_for(cast.town, 2026) == OTHER_READING
    assert rulebook_for(cast.town, 2025) == rulebook_for(cast.other_town, 2026) == rules.load_shipped_rulebook()
    entry = AuditEntry.objects.filter(verb="adopt_rulebook", town=cast.town).latest("pk")
    after = Rulebook.objects.exclude(pk=before.pk).get()
    assert (entry.actor, entry.old, entry.new) == (
        cast.staff,
        {"rulebook": before.hash},
        {"year": 2026, "rulebook": after.hash},
    )


def test_a_year_without_a_rulebook_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(NoRulebook) as refusal:
        rulebook_for(cast.town, 2024)
    assert "甲镇" in str(refusal.value)
    assert "2024" in str(refusal.value)


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "supervisor", "member_user_a", "outsider", "other_staff"])
def test_only_the_town_adopts(who: str, cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        adopt_rulebook(actor=getattr(cast, who), now=NOW, town=cast.town, year=2026, rulebook=OTHER_READING)
    assert rulebook_for(cast.town, 2026) == rules.load_shipped_rulebook()
