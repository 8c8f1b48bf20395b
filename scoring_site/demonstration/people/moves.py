"""Who comes, goes, moves and is exempted during the two years."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from members.models import Exemption, Membership
from members.people.roster import create_member, make_full_member
from points.roster.closed_lists import find_closed_joinings
from points.roster.exemption_applications import enter_paper_application, grant_application
from points.roster.exemptions import BranchVote
from points.roster.moves import change_membership, end_exemption
from scoring_site.demonstration.diary import Diary, at
from scoring_site.demonstration.people.roster import Person, comes_later
from scoring_site.demonstration.people.townsfolk import Townsfolk
from scoring_site.demonstration.pictures import keep_paper

Why = Membership.Why


def plan_moves(diary: Diary, folk: Townsfolk, people: dict[str, Person]) -> None:
    """Put the roster's changes of both years into the diary."""
    last, this = folk.last_year, folk.this_year
    transferred_on = date(last, 5, 12)
    diary.add(at(transferred_on, 9), partial(_come, folk, people["newcomer"], transferred_on, Why.TRANSFERRED_IN))
    for person in people.values():
        joined_on = person.details["joined_on"]
        if comes_later(person) and person.key != "newcomer" and joined_on is not None:
            diary.add(at(joined_on, 9), partial(_come, folk, person, joined_on, Why.ADMITTED))
        if "full_since" not in person.details and joined_on is not None:
            full_since = joined_on.replace(year=joined_on.year + 1)
            diary.add(at(full_since, 9, 30), partial(_become_full, folk, person.key, full_since))
    for key, branch, day, why in (
        ("mover", "first", date(last, 9, 1), Why.MOVED),
        ("deceased", None, date(last, 9, 9), Why.DECEASED),
        ("leaver", None, date(last, 10, 21), Why.TRANSFERRED_OUT),
        ("leaver_this_year", None, date(this, 2, 10), Why.TRANSFERRED_OUT),
    ):
        diary.add(at(day, 9, 10), partial(_move, folk, key, branch, day, why))
    diary.add(at(date(last, 1, 10), 10), partial(_exempt_unable, folk))
    diary.add(at(date(last, 7, 1), 10), partial(_end_exemption, folk))
    diary.add(at(date(last, 3, 11), 10), partial(_exempt_by_age, folk))


def _come(folk: Townsfolk, person: Person, day: date, why: Membership.Why, now: datetime) -> None:
    member = create_member(
        actor=folk.staff,
        now=now,
        branch=folk.branches[person.branch],
        values=person.details,
        from_date=day,
        why=why,
        guard=find_closed_joinings,
    )
    folk.add_member(person, member)


def _become_full(folk: Townsfolk, key: str, day: date, now: datetime) -> None:
    make_full_member(actor=folk.staff, now=now, member=folk.members[key], full_since=day)


def _move(folk: Townsfolk, key: str, branch: str | None, day: date, why: Membership.Why, now: datetime) -> None:
    change_membership(
        actor=folk.staff,
        now=now,
        member=folk.members[key],
        branch=folk.branches[branch] if branch else None,
        from_date=day,
        why=why,
    )


def _exempt_by_age(folk: Townsfolk, now: datetime) -> None:
    """Over 75 and on the member's own application (2.1, D15)."""
    _exempt(
        folk,
        "exempt_by_age",
        "taoyuan",
        ground=Exemption.Ground.AGE,
        applied_on=date(folk.last_year, 3, 3),
        wanted_from=date(folk.last_year, 4, 1),
        text="本人年满75周岁，申请不实行积分制管理。",
        vote=BranchVote(date(folk.last_year, 3, 10), 5, 5, 5, 0, 0),
        now=now,
    )


def _exempt_unable(folk: Townsfolk, now: datetime) -> None:
    _exempt(
        folk,
        "unable",
        "shiqiao",
        ground=Exemption.Ground.UNABLE,
        applied_on=date(folk.last_year, 1, 4),
        wanted_from=date(folk.last_year, 1, 8),
        text="术后康复，行动不便，申请不实行积分制管理。",
        vote=BranchVote(date(folk.last_year, 1, 8), 3, 3, 3, 0, 0),
        now=now,
    )


def _exempt(
    folk: Townsfolk,
    key: str,
    branch: str,
    *,
    ground: Exemption.Ground,
    applied_on: date,
    wanted_from: date,
    text: str,
    vote: BranchVote,
    now: datetime,
) -> None:
    """The signed application, entered by the town, then what the branch's meeting came to."""
    application = enter_paper_application(
        actor=folk.staff,
        now=now,
        member=folk.members[key],
        ground=ground,
        applied_on=applied_on,
        wanted_from=wanted_from,
        text=text,
        scan=keep_paper(f"exemption/{key}"),
    )
    grant_application(actor=folk.secretaries[branch], now=now, application=application, vote=vote, is_unrelated=True)


def _end_exemption(folk: Townsfolk, now: datetime) -> None:
    """Well again: scored from July on, so last year is part of a year (D16)."""
    exemption = folk.members["unable"].exemptions.open().get()
    end_exemption(
        actor=folk.secretaries["shiqiao"],
        now=now,
        exemption=exemption,
        ended_on=date(folk.last_year, 7, 1),
        reason="身体已经康复，本人要求恢复积分管理",
        is_unrelated=True,
    )
