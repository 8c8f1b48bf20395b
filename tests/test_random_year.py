"""Members with a random year, recorded at every door, against a reading that knows of no doors (`tests.invented_year`).

Half of them have their roster as it truly was before anything is recorded: a door then refuses what is out of scope,
and nothing else. Of the others it is entered afterwards, and the engine leaves the same out (D16). Portal, workbench,
annual report, slips, notice and poster show the same figures; when both halves are approved something more is found,
and they show that too. A year is played under either reading of D4 and D16.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Appointment, Membership, RecordBatch, User
from points.papers.reviews.result_slips import build_slips
from points.scoring.freezing import current_lines
from publicity.models import Notice
from publicity.notices.poster import write_poster
from publicity.notices.publication import post_notice, prepare_notice
from tests.cast import Cast
from tests.clock import SHANGHAI, FrozenClock
from tests.effort import in_ci, sweep
from tests.factories import appoint, make_batch, make_member, make_user
from tests.invented_year import LONG_AGO, YEAR, Life, Reading, invent_life
from tests.pages import browse, find_all, read_tree, text_of
from tests.points.half_stages import bring_to
from tests.points.papers.messy_town import Builder
from tests.points.papers.pdf_text import read_pages
from tests.points.papers.workbooks import read_scores
from tests.publicity.stages import choose
from tests.scoring_site.portal.own_points import read_calendar
from tests.scoring_site.screens import get, visible
from tests.year_doors import Person, Recording, held_by, write_roster

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 1, 8, 10, 0, tzinfo=SHANGHAI)
Why = Membership.Why
SQUARES = "//ul[contains(@class, 'ticks')]/li/em"
POSTED = re.compile(r"(党员\d{3}) +(—|\d+\.\d)(?: +(—|\d+\.\d) +(\d+\.\d))?")
"""A line of the poster for outside: of a first half its score, of a second both halves and the year."""
DOORS = {
    "event", "draft", "file", "month", "meeting", "sign_in", "tick_sheet", "tick_workbook",
    "deed_event", "deed_draft", "deed_file", "activity", "claim",
    "correct",
}  # fmt: skip
READ_OTHERWISE: dict[str, Any] = {"part_year": "prorate_base", "lead_bonus": "within_item_cap"}


def as_cell(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def as_printed(score: Fraction | None) -> str:
    return "—" if score is None or score < 0 else f"{float(score):.1f}"


def read_states(page: bytes) -> list[str]:
    """The states of the squares on a page, or in its calendar item by item; of one without a record, nothing."""
    found = [text_of(square) for square in find_all(read_tree(page), SQUARES)] or [
        period.partition(" ")[2] for said, _total in read_calendar(page).values() for period in said
    ]
    return ["" if state in ("支部未组织", "未登记") else state for state in found]


@dataclass
class Year:
    """A town of invented members, under its readings of the regulation, and every place their figures are shown."""

    cast: Cast
    client: Client
    clock: FrozenClock
    path: Path
    choices: dict[str, Any]
    people: list[Person] = field(default_factory=list)

    def read(self, life: Life) -> Reading:
        return Reading(life, **self.choices)

    def settle(self, random: Random, count: int) -> None:
        """Invented members, each of whose facts came in somewhere."""
        cast = self.cast
        branches = (cast.branch_a, cast.branch_b)
        assistants = {}
        for branch in branches:
            assistants[branch.pk] = make_user(f"assistant-{branch.pk}", town=cast.town)
            appoint(assistants[branch.pk], Appointment.Role.ASSISTANT, branch=branch)
        self.recording = Recording(cast, assistants, NOW)
        builder = Builder(make_batch(cast.recorder_a, cast.town, at=NOW, source=RecordBatch.Source.SCREEN))
        for number in range(count):
            life = invent_life(random, number)
            home, other = branches if not life.second_branch else branches[::-1]
            why = Why.REGISTERED if life.since == LONG_AGO else Why.TRANSFERRED_IN
            member = make_member(home, life.name, since=life.since, why=why)
            account = User.objects.create(username=f"member-{number}", town=cast.town, member=member)
            person = Person(life, member, home, other, account)
            if life.is_known_before:
                write_roster(cast, person, now=NOW)
            self.recording.record(random, person)
            builder.deduct(member, *life.deductions)
            if life.vetoed_on is not None:
                builder.veto(member, date(YEAR, 5, 1), life.vetoed_on)
            if not life.is_known_before:
                write_roster(cast, person, now=NOW)
            self.people.append(person)

    def check_report(self, people: Iterable[Person]) -> None:
        call_command("annual_report", f"{YEAR}", "--town", self.cast.town.name, "--output", str(self.path), "--force")
        rows = read_scores(self.path)
        different = []
        for person in people:
            reading = self.read(person.life)
            if not reading.is_scored:
                assert rows[person.life.name]["年度积分"] is None
                continue
            expected = {
                "基础分": as_cell(reading.base(12)),
                "激励分": as_cell(reading.incentive(12)),
                "扣分": float(reading.deducted(12)),
                "一票否决": "是" if person.life.vetoed_on else "否",
                "年度积分": as_cell(reading.total(12)),
                "上半年积分": as_cell(reading.first_half),
                "下半年积分": as_cell(reading.second_half),
                "备注": f"计分{len(person.life.months)}个月" if len(person.life.months) < 12 else None,
            }
            row = rows[person.life.name]
            different += [
                (person.life.name, key, row[key], value) for key, value in expected.items() if row[key] != value
            ]
        assert different == []

    def check_pages(self, people: Iterable[Person]) -> None:
        """Portal and workbench show the year's figure and the state of every square alike."""
        self.client.force_login(self.cast.staff)
        held = {branch: held_by(branch, self.people) for branch in (self.cast.branch_a, self.cast.branch_b)}
        different = []
        for person in people:
            reading = replace(self.read(person.life), held=held[person.branches[-1]])
            portal = browse(person.account).get(f"/?year={YEAR}")
            address = reverse("workbench:members_member_change", args=[person.member.pk])
            bench = self.client.get(f"{address}?year={YEAR}")
            if not reading.is_scored:
                continue
            shown = f"{float(reading.total(12)):.1f}"
            for page in (portal, bench):
                assert shown in visible(page), (person.life, shown)
                for (square, state), found in zip(reading.states, read_states(page.content), strict=True):
                    if found != state:
                        different.append((person.life.name, square, found, state))
        assert different == []

    def publish(self) -> list[Notice]:
        """Both halves of both branches approved, and their notices up."""
        cast, clock = self.cast, self.clock
        notices = []
        for half, branch in (
            ("H1", cast.branch_a),
            ("H1", cast.branch_b),
            ("H2", cast.branch_a),
            ("H2", cast.branch_b),
        ):
            clock.advance(hours=5)
            review = bring_to(cast, "approved", half=half, branch=branch, start=clock.now)
            clock.advance(hours=2)
            about: dict[str, Any] = {"actor": cast.staff, "now": clock.now}
            notice = prepare_notice(**about, review=review, contact="村部")
            post_notice(**about, notice=notice, channels=["board"], posted_on=timezone.localdate(clock.now))
            notices.append(notice)
        return notices

    def check_frozen(self, people: Iterable[Person], notices: Iterable[Notice]) -> None:
        """The lines as they stand: slips, and the notice as page and poster have it."""
        readings = {person.life.name: self.read(person.life) for person in people}
        for notice in Notice.objects.filter(pk__in=[each.pk for each in notices]).select_related(
            "review__branch__town"
        ):
            lines = current_lines(notice.review)
            expected = {
                line.member.name: self.scores(readings[line.member.name], notice.review.half)
                for line in lines
                if line.member.name in readings
            }
            is_first = notice.review.half == "H1"
            slips = {
                slip.name: (slip.half,) if is_first else (slip.first_half, slip.half, slip.annual)
                for slip in build_slips(lines)
                if slip.name in expected
            }
            assert slips == expected
            page = get(Client(), self.cast.staff, reverse("notice", args=[notice.uuid]))
            for name, scores in expected.items():
                assert scores[-1] in page[page.index(name) :][:60], (name, scores)
            about: dict[str, Any] = {
                "notice": notice,
                "address": "https://points.example.org/",
                "planned_on": NOW.date(),
            }
            pages = read_pages(write_poster(**about, paper="A4", inside=False))
            posted = POSTED.findall("\n".join(pages))
            assert {name: tuple(filter(None, scores)) for name, *scores in posted} == expected

    def scores(self, reading: Reading, half: str) -> tuple[str, ...]:
        """What is told of a line of a half: of a first one its score, of a second one both and the year's."""
        if half == "H1":
            return (as_printed(reading.first_half),)
        return tuple(map(as_printed, (reading.first_half, reading.second_half, reading.total(12))))

    def play(self, *, seed: int, count: int) -> list[Person]:
        self.clock.now = NOW
        choose(self.cast, **self.choices)
        random = Random(seed)
        self.settle(random, count)
        people = self.people
        self.check_report(people)
        self.check_pages(people)
        notices = self.publish()
        self.check_frozen(people, notices)
        self.clock.advance(days=3)
        self.recording.now = self.clock.now
        for person in people:
            self.recording.find(random, person)
        self.check_report(people)
        self.check_pages(person for person in people if person.life.found)
        self.check_frozen(people, notices)
        assert {door for person in people for door in person.used} == DOORS
        found = [fact for person in people for fact in person.life.base if fact in person.life.found]
        assert {fact.how for fact in found if fact.item == "dues"} == {"attended", "arrears"}
        return people


@pytest.mark.parametrize(("seed", "count", "choices"), [(8, 5, {}), *sweep((7, 12, {}), (12, 6, READ_OTHERWISE))])
def test_some_years_read_the_same_everywhere(
    seed: int, count: int, choices: dict[str, Any], cast: Cast, client: Client, clock: FrozenClock, tmp_path: Path
) -> None:
    year = Year(cast, client, clock, tmp_path / "r.xlsx", choices)
    people = year.play(seed=seed, count=count)
    assert any(person.refused for person in people)
    assert any(person.life.exempt for person in people)
    assert any(person.life.moved or person.life.left for person in people)
    # Either choice makes a difference to somebody.
    for name, choice in READ_OTHERWISE.items():
        otherwise = [Reading(person.life, **{name: choice}).total(12) for person in people]
        assert otherwise != [Reading(person.life).total(12) for person in people]


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "count", "choices"),
    [(1, in_ci(100, by_hand=200), {}), (2, in_ci(60, by_hand=200), READ_OTHERWISE)],
    ids=["as shipped", "otherwise"],
)
def test_two_hundred_years_read_the_same_everywhere(
    seed: int, count: int, choices: dict[str, Any], cast: Cast, client: Client, clock: FrozenClock, tmp_path: Path
) -> None:
    people = Year(cast, client, clock, tmp_path / "r.xlsx", choices).play(seed=seed, count=count)
    assert sum(len(person.refused) for person in people) > count / 2
