"""Adopting a rulebook for a town's year (D1), and reading the one that applies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.models import Town, User
from members.places.towns import refuse_mixing
from points.errors import NoRulebook, RulebookFrozen
from points.models import AssessmentYear, Rulebook
from points.rules import rulebook as rules
from points.rules.canonical import hash_text


def adopt_rulebook(*, actor: User, now: datetime, town: Town, year: int, rulebook: rules.Rulebook) -> AssessmentYear:
    """Adopt a rulebook for a year, replacing the one adopted before unless it says the same; logged with both hashes.

    Raises:
        PermissionDenied: the actor does not keep this town.
        RulebookFrozen: a half of the year was submitted under another one.
    """
    if not may(actor, Action.KEEP_ROSTER, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("Only town staff may adopt a rulebook."))
    text = rules.canonical_json(rulebook)
    digest = hash_text(text)
    with transaction.atomic():
        adopted = AssessmentYear.objects.select_for_update().filter(town=town, year=year).first()
        old = {"rulebook": adopted.rulebook.hash} if adopted else {}
        if adopted is None:
            adopted = AssessmentYear(town=town, year=year)
        elif _says_the_same(adopted.rulebook, rulebook, but_for_names=adopted.frozen_at is not None):
            return adopted
        elif adopted.frozen_at is not None:
            raise RulebookFrozen(
                _("A half of %(year)s was submitted, so its rulebook stands until the year is over.") % {"year": year}
            )
        adopted.rulebook, _created = Rulebook.objects.get_or_create(hash=digest, defaults={"text": text})
        adopted.adopted_at = now
        adopted.adopted_by = actor
        adopted.save()
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="adopt_rulebook",
            subject=adopted,
            old=old,
            new={"year": year, "rulebook": digest},
        )
    return adopted


def _says_the_same(stored: Rulebook, rulebook: rules.Rulebook, *, but_for_names: bool) -> bool:
    """Whether a stored rulebook says the same, in whichever format it is stored; an unreadable one does not.

    `but_for_names`: whatever other names of the items imports know beside.
    """
    try:
        known = rules.parse_rulebook(stored.text)
    except rules.RulebookError:
        return False
    if but_for_names:
        known, rulebook = rules.without_other_names(known), rules.without_other_names(rulebook)
    return known == rulebook


def set_up_town(
    *,
    now: datetime,
    name: str,
    years: Iterable[int],
    settings: Mapping[str, str | int | bool],
    is_demonstration: bool = False,
) -> Town:
    """Make a town with its system account (or find it by name) and adopt the shipped rulebook for the years.

    Raises:
        DemonstrationApart: a new real town beside the demonstration, or the other way round.
        points.rules.rulebook.RulebookError: a setting is unknown or has no such reading.
    """
    rulebook = rules.change_settings(rules.load_shipped_rulebook(), **settings)
    with transaction.atomic():
        town = Town.objects.filter(name=name).first()
        if town is None:
            refuse_mixing(is_demonstration=is_demonstration)
            town = Town.objects.create(name=name, is_demonstration=is_demonstration)
        actor, _created = User.objects.get_or_create(
            town=town,
            is_system=True,
            defaults={
                "username": f"system-{town.uuid}",
                "last_name": "系统",
                "password": make_password(None),
            },
        )
        for year in years:
            adopt_rulebook(actor=actor, now=now, town=town, year=year, rulebook=rulebook)
    return town


class AdoptedRulebook(NamedTuple):
    """A rulebook as a town adopted it; the hash is that of the stored text, in whichever format that is."""

    rulebook: rules.Rulebook
    hash: str


def read_adopted(town: Town, year: int) -> AdoptedRulebook:
    """The rulebook the town adopted for the year, with its hash.

    Raises:
        NoRulebook: there is none (D1).
    """
    rows = AssessmentYear.objects.filter(town=town, year=year).values_list("rulebook__text", "rulebook__hash")
    found = rows.first()
    if found is None:
        raise NoRulebook(
            _("%(town)s has adopted no rulebook for %(year)s. Adopt one before recording or scoring that year.")
            % {"town": town.name, "year": year}
        )
    text, digest = found
    return AdoptedRulebook(rules.parse_rulebook(text), digest)


def rulebook_for(town: Town, year: int) -> rules.Rulebook:
    """The rulebook the town adopted for the year.

    Raises:
        NoRulebook: there is none (D1).
    """
    return read_adopted(town, year).rulebook


def rulebooks_of(town: Town) -> dict[int, rules.Rulebook]:
    """Every adopted rulebook of the town by year, in one query."""
    rows = AssessmentYear.objects.filter(town=town).values_list("year", "rulebook__text")
    return {year: rules.parse_rulebook(text) for year, text in rows}
