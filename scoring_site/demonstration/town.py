"""Building the demonstration town: set up, roster, accounts, then two years played from the diary up to now."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.errors import DomainError
from members.models import Membership, Town
from members.people.roster import create_member
from members.places.branches import create_branch
from members.places.towns import refuse_mixing
from members.selectors import system_account
from points.roster.closed_lists import find_closed_joinings
from points.scoring.adoption import set_up_town
from scoring_site.demonstration.accounts import GENERAL, create_branch_accounts, create_town_accounts
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.halves.courses import plan_reviews
from scoring_site.demonstration.halves.guidance import plan_guidance
from scoring_site.demonstration.people.moves import plan_moves
from scoring_site.demonstration.people.roster import BRANCHES, GENERAL_BRANCH, Person, comes_later, invent_people
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.records.backfill import plan_backfill
from scoring_site.demonstration.records.claims import plan_claims
from scoring_site.demonstration.records.findings import plan_findings
from scoring_site.demonstration.records.sign_in import plan_sign_in
from scoring_site.demonstration.records.to_come import plan_meeting_to_come
from scoring_site.demonstration.records.voids import plan_voids
from scoring_site.demonstration.records.year import plan_year
from scoring_site.demonstration.town_rules import plan_town_rules

TOWN = "云岭镇（演示）"


class DemonstrationExists(DomainError):
    """The database already has the demonstration town; ledger rows cannot be taken out to make it again."""


def build_demonstration_town(*, now: datetime) -> Town:
    """Make the town with last year complete and this year up to `now`; all of it or nothing.

    The same rows come out every time, shifted to the years of `now`. Until the second half's notices are closed, early
    in February, last year's arrears of December, its last review and its ratings can still be missing.

    Raises:
        DemonstrationExists: the database has it already.
        DemonstrationApart: the database has a real town.
        AccountRefused: one of its user names is taken.
    """
    refuse_second_town()
    this_year = timezone.localdate(now).year
    founded = at(date(this_year - 2, 12, 10), 9)
    with transaction.atomic():
        town = set_up_town(now=founded, name=TOWN, years=[this_year - 1], settings={}, is_demonstration=True)
        folk = Townsfolk(town, system_account(town), this_year)
        people = invent_people(this_year=this_year)
        create_town_accounts(folk, now=founded)
        _fill_roster(folk, people, now=founded)
        create_branch_accounts(folk, now=founded)
        diary = Diary()
        diary.add(at(date(this_year - 1, 12, 10), 9), partial(_adopt_this_year, folk))
        plan_town_rules(diary, folk, founded=founded)
        plan_moves(diary, folk, people)
        for year in (this_year - 1, this_year):
            plan_year(diary, folk, year, now=now)
        plan_findings(diary, folk, now=now)
        plan_voids(diary, folk)
        plan_claims(diary, folk, now=now)
        plan_sign_in(diary, folk)
        plan_meeting_to_come(diary, folk, now=now)
        plan_backfill(diary, folk)
        plan_reviews(diary, folk, now=now)
        plan_guidance(diary, folk)
        diary.play(until=now)
    return town


def refuse_second_town() -> None:
    """Raise DemonstrationExists or DemonstrationApart when the database has no room for the demonstration town."""
    if Town.objects.filter(is_demonstration=True).exists():
        raise DemonstrationExists(
            _("The demonstration town “%(town)s” is here already. For a fresh one, use another database.")
            % {"town": TOWN}
        )
    refuse_mixing(is_demonstration=True)


def _adopt_this_year(folk: Townsfolk, now: datetime) -> None:
    set_up_town(now=now, name=folk.town.name, years=[folk.this_year], settings={})


def _fill_roster(folk: Townsfolk, people: dict[str, Person], *, now: datetime) -> None:
    opened_on = date(folk.this_year - 20, 7, 1)
    folk.branches[GENERAL] = create_branch(
        actor=folk.staff, now=now, town=folk.town, name=GENERAL_BRANCH, opened_on=opened_on
    )
    for plan in BRANCHES:
        folk.branches[plan.key] = create_branch(
            actor=folk.staff,
            now=now,
            town=folk.town,
            name=plan.name,
            parent=folk.branches[GENERAL] if plan.in_general_branch else None,
            has_committee=plan.has_committee,
            opened_on=opened_on,
        )
    for person in people.values():
        joined_on = person.details["joined_on"]
        if joined_on is not None and not comes_later(person):
            member = create_member(
                actor=folk.staff,
                now=now,
                branch=folk.branches[person.branch],
                values=person.details,
                from_date=max(joined_on, opened_on),
                why=Membership.Why.REGISTERED,
                guard=find_closed_joinings,
            )
            folk.add_member(person, member)
