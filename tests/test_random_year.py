"""Members with a random year, recorded at every door, against a reading that knows of no doors (`tests.invented_year`).

Half of them have their roster as it truly was before anything is recorded: a door then refuses what is out of scope,
and nothing else. Of the others it is entered afterwards, and the engine leaves the same out (D16). Portal, workbench,
annual report, slips and notice show the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Appointment, Branch, Member, Membership, RecordBatch, User
from points.claims.claims import Deed, accept_claim, file_claim
from points.drafts.drafts import confirm_draft, make_draft
from points.drafts.payloads import EventsContent
from points.errors import NotOnRoster, OutOfScope
from points.imports.records import import_records
from points.meetings.holding import record_meeting
from points.meetings.month import record_month
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Review, SignIn
from points.papers.reviews.result_slips import build_slips
from points.records.activities import record_activity
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.roster.moves import change_membership, end_exemption
from points.scoring.freezing import current_lines
from publicity.notices.publication import post_notice, prepare_notice
from tests.cast import Cast
from tests.clock import SHANGHAI, FrozenClock
from tests.exemptions import exempt_member
from tests.factories import appoint, make_batch, make_member, make_user
from tests.invented_year import LONG_AGO, YEAR, Attended, Done, Life, Reading, invent_life
from tests.pages import browse, find_all, read_tree, text_of
from tests.points.half_stages import bring_to
from tests.points.papers.messy_town import Builder
from tests.points.papers.workbooks import read_scores
from tests.scoring_site.screens import get, visible

pytestmark = [pytest.mark.django_db, pytest.mark.engine]
NOW = datetime(2026, 1, 8, 10, 0, tzinfo=SHANGHAI)
Why = Membership.Why
SQUARES = "//ul[contains(@class, 'ticks')]/li/em"


@dataclass
class Person:
    """A life in the books: their row, and where each fact came in."""

    life: Life
    member: Member
    home: Branch
    other: Branch
    account: User
    refused: list[object] = field(default_factory=list)

    def branch_on(self, day: date) -> Branch:
        """As the roster says while things are recorded."""
        moved = self.life.moved
        return self.other if self.life.is_known_before and moved is not None and moved <= day else self.home


Door = Callable[[Person, Any], None]


@dataclass
class Recording:
    """Everything is recorded by the town's staff in January, before any half is submitted."""

    cast: Cast
    assistants: dict[int, User]
    about: dict[str, Any]

    # Doors for a base item

    def event(self, person: Person, fact: Attended) -> None:
        entry = EventEntry(person.member.pk, fact.item, fact.day, fact.period)
        record_events(**self.about, town=self.cast.town, entries=[entry])

    def draft(self, person: Person, fact: Attended) -> None:
        self.drafted(person, EventEntry(person.member.pk, fact.item, fact.day, fact.period))

    def drafted(self, person: Person, entry: EventEntry) -> None:
        branch = person.branch_on(entry.date)
        assistant = self.assistants[branch.pk]
        content = EventsContent([entry])
        draft = make_draft(actor=assistant, now=NOW, branch=branch, content=content, token=uuid4())
        confirm_draft(**self.about, draft=draft)

    def file(self, person: Person, fact: Attended) -> None:
        self.imported(person, fact.item, fact.day, fact.period, "", "")

    def imported(self, person: Person, item: str, day: date, *cells: str) -> None:
        branch = person.branch_on(day).name
        row = ",".join((branch, person.life.name, "得分", item, str(day), *cells))
        data = f"党支部,姓名,类别,项目,日期,期次,分值,带头作用\n{row}\n".encode()
        report = import_records(**self.about, town=self.cast.town, data=data, filename="记录.csv", confirmed=True)
        if report.errors:
            raise OutOfScope(report.errors[0].problem)
        assert report.added == 1

    def month(self, person: Person, fact: Attended) -> None:
        record_month(
            **self.about,
            branch=person.branch_on(NOW.date()),
            month=fact.period,
            dues=[person.member.pk],
            dues_on=fact.day,
        )

    def meeting(self, person: Person, fact: Attended) -> None:
        record_meeting(**self.about, branch=person.branch_on(fact.day), **self.held(person, fact))

    def held(self, person: Person, fact: Attended) -> dict[str, Any]:
        kinds = [(fact.item, fact.period)]
        return {"held_on": fact.day, "kinds": kinds, "statuses": {person.member.pk: fact.how}}

    def sign_in(self, person: Person, fact: Attended) -> None:
        opens = datetime(fact.day.year, fact.day.month, fact.day.day, 9, tzinfo=SHANGHAI)
        branch = person.branch_on(fact.day)
        signed = SignIn.objects.create(
            branch=branch, opens_at=opens, closes_at=opens + timedelta(hours=1), opened_by=self.cast.staff
        )
        signed.scans.create(member=person.member, at=opens)
        record_signed_in_meeting(**self.about, sign_in=signed, seen=1, topics={}, **self.held(person, fact))

    # Doors for a deed

    def deed_event(self, person: Person, deed: Done) -> None:
        record_events(**self.about, town=self.cast.town, entries=[self.entry(person, deed)])

    def entry(self, person: Person, deed: Done) -> EventEntry:
        return EventEntry(person.member.pk, deed.item, deed.day, points=deed.tenths, led=deed.led)

    def activity(self, person: Person, deed: Done) -> None:
        record_activity(**self.about, branch=person.branch_on(NOW.date()), entries=[self.entry(person, deed)])

    def claim(self, person: Person, deed: Done) -> None:
        said = Deed(deed.item, deed.day, "做了一件实事", points=deed.tenths, led=deed.led)
        filed = file_claim(actor=person.account, now=NOW, deed=said)
        accept_claim(**self.about, claim=filed, points=deed.tenths, led=deed.led)

    def deed_draft(self, person: Person, deed: Done) -> None:
        self.drafted(person, self.entry(person, deed))

    def deed_file(self, person: Person, deed: Done) -> None:
        points = f"{deed.tenths // 10}.{deed.tenths % 10}"
        self.imported(person, deed.item, deed.day, "", points, "是" if deed.led else "否")

    # Choosing

    def doors_for(self, person: Person, fact: Attended | Done) -> list[Door]:
        gone = person.life.is_known_before and person.life.left is not None
        if isinstance(fact, Done):
            doors: list[Door] = [self.deed_event, self.deed_file]
            return doors if gone else [*doors, self.activity, self.claim, self.deed_draft]
        if fact.how != "attended":
            return [self.meeting]
        base: list[Door] = [self.event, self.file] if gone else [self.event, self.file, self.draft]
        if fact.item == "dues":
            return base if gone else [*base, self.month]
        return base if fact.item == "pledge" else [*base, self.meeting, self.sign_in]

    def record(self, random: Random, person: Person) -> None:
        """Each fact at a door of its own; what the roster known by then puts out of scope is refused."""
        life = person.life
        facts: list[Attended | Done] = [*life.base, *life.deeds]
        for fact in facts:
            counts = life.may_count(fact) if isinstance(fact, Attended) else life.counts_on(fact.day)
            refusal = refused_at(random.choice(self.doors_for(person, fact)), person, fact)
            if refusal:
                assert life.is_known_before, (life, fact, refusal)
                assert not counts, (life, fact, refusal)
                person.refused.append(fact)
            else:
                is_missed = isinstance(fact, Attended) and fact.how in ("excused", "absent")
                assert counts or is_missed or not life.is_known_before, (life, fact)


def refused_at(door: Door, person: Person, fact: Attended | Done) -> str:
    """What a door says against a fact that is out of scope; empty where it took it."""
    try:
        door(person, fact)
    except (OutOfScope, NotOnRoster) as error:
        return f"{door.__name__}: {error}"
    return ""


def write_roster(cast: Cast, person: Person) -> None:
    """What the year did to the member's place, through the verbs, all of it entered in January."""
    life, member = person.life, person.member
    about: dict[str, Any] = {"actor": cast.staff, "now": NOW}
    if life.moved is not None:
        change_membership(**about, member=member, branch=person.other, from_date=life.moved, why=Why.MOVED)
    if life.left is not None:
        change_membership(**about, member=member, branch=None, from_date=life.left, why=Why.TRANSFERRED_OUT)
    if life.exempt is not None:
        start, end = life.exempt
        exemption = exempt_member(**about, member=member, applied_on=start, decided_on=start, from_date=start)
        if end is not None:
            end_exemption(**about, exemption=exemption, ended_on=end, reason="身体好转", is_unrelated=True)


def settle(cast: Cast, random: Random, count: int) -> list[Person]:
    """A town of invented members, each of whose facts came in somewhere."""
    branches = (cast.branch_a, cast.branch_b)
    assistants = {}
    for branch in branches:
        assistants[branch.pk] = make_user(f"assistant-{branch.pk}", town=cast.town)
        appoint(assistants[branch.pk], Appointment.Role.ASSISTANT, branch=branch)
    recording = Recording(cast, assistants, {"actor": cast.staff, "now": NOW})
    builder = Builder(make_batch(cast.recorder_a, cast.town, at=NOW, source=RecordBatch.Source.SCREEN))
    people = []
    for number in range(count):
        life = invent_life(random, number)
        home, other = branches if not life.second_branch else branches[::-1]
        why = Why.REGISTERED if life.since == LONG_AGO else Why.TRANSFERRED_IN
        member = make_member(home, life.name, since=life.since, why=why)
        account = User.objects.create(username=f"member-{number}", town=cast.town, member=member)
        person = Person(life, member, home, other, account)
        if life.is_known_before:
            write_roster(cast, person)
        recording.record(random, person)
        builder.deduct(member, *life.deductions)
        if life.vetoed_on is not None:
            builder.veto(member, date(YEAR, 5, 1), life.vetoed_on)
        if not life.is_known_before:
            write_roster(cast, person)
        people.append(person)
    return people


def as_cell(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def check_report(people: Iterable[Person], path: Path) -> None:
    rows = read_scores(path)
    different = []
    for person in people:
        reading = Reading(person.life)
        if not reading.is_scored:
            assert rows[person.life.name]["年度积分"] is None
            continue
        expected = {
            "基础分": float(reading.base(12)),
            "激励分": as_cell(reading.incentive(12)),
            "扣分": float(reading.deducted(12)),
            "一票否决": "是" if person.life.vetoed_on else "否",
            "年度积分": as_cell(reading.total(12)),
            "上半年积分": as_cell(reading.first_half),
            "下半年积分": as_cell(reading.second_half),
            "备注": f"在册{len(person.life.months)}个月" if len(person.life.months) < 12 else None,
        }
        row = rows[person.life.name]
        different += [(person.life.name, key, row[key], value) for key, value in expected.items() if row[key] != value]
    assert different == []


def read_states(page: bytes) -> list[str]:
    """The states of the squares on a page in their order; of one without a record, nothing."""
    found = [text_of(square) for square in find_all(read_tree(page), SQUARES)]
    return ["" if state in ("支部未组织", "未登记") else state for state in found]


def check_pages(cast: Cast, people: Iterable[Person], client: Client) -> None:
    """Portal and workbench show the year's figure and the state of every square alike."""
    client.force_login(cast.staff)
    different = []
    for person in people:
        reading = Reading(person.life)
        portal = browse(person.account).get(f"/?year={YEAR}")
        address = reverse("workbench:members_member_change", args=[person.member.pk])
        bench = client.get(f"{address}?year={YEAR}")
        if not reading.is_scored:
            continue
        shown = f"{float(reading.total(12)):.1f}"
        for page in (portal, bench):
            assert shown in visible(page), (person.life, shown)
            for (square, state), found in zip(reading.states, read_states(page.content), strict=True):
                if found != state:
                    different.append((person.life.name, square, found, state))
    assert different == []


def check_frozen(cast: Cast, people: Iterable[Person], clock: FrozenClock) -> None:
    """Both halves approved and up: slips, and the notice as poster and page have it."""
    expected = {person.life.name: Reading(person.life) for person in people}
    for half, branch in (("H1", cast.branch_a), ("H1", cast.branch_b), ("H2", cast.branch_a), ("H2", cast.branch_b)):
        clock.advance(hours=5)
        review = Review.objects.get(pk=bring_to(cast, "approved", half=half, branch=branch, start=clock.now).pk)
        clock.advance(hours=2)
        about: dict[str, Any] = {"actor": cast.staff, "now": clock.now}
        notice = prepare_notice(**about, review=review, contact="村部")
        post_notice(**about, notice=notice, channel="board", posted_on=timezone.localdate(clock.now))
        slips = {slip.name: slip for slip in build_slips(current_lines(review))}
        page = get(Client(), cast.staff, reverse("notice", args=[notice.uuid]))
        for name, slip in slips.items():
            if name not in expected:
                continue
            reading = expected[name]
            score = reading.first_half if half == "H1" else reading.second_half
            assert score is not None
            assert slip.half == (f"{float(score):.1f}" if score >= 0 else "—"), (name, half)
            assert slip.annual == ("" if half == "H1" else f"{float(reading.total(12)):.1f}")
            assert name in page
            line = page[page.index(name) :][:60]
            assert (slip.half if half == "H1" else slip.annual) in line, (name, half, line)


def play(cast: Cast, client: Client, clock: FrozenClock, path: Path, *, seed: int, count: int) -> list[Person]:
    clock.now = NOW
    people = settle(cast, Random(seed), count)
    call_command("annual_report", f"{YEAR}", "--town", cast.town.name, "--output", str(path))
    check_report(people, path)
    check_pages(cast, people, client)
    check_frozen(cast, people, clock)
    return people


def test_a_dozen_years_read_the_same_everywhere(cast: Cast, client: Client, clock: FrozenClock, tmp_path: Path) -> None:
    people = play(cast, client, clock, tmp_path / "r.xlsx", seed=7, count=12)
    assert any(person.refused for person in people)
    assert any(person.life.exempt for person in people)
    assert any(person.life.moved or person.life.left for person in people)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_years_read_the_same_everywhere(
    seed: int, cast: Cast, client: Client, clock: FrozenClock, tmp_path: Path
) -> None:
    people = play(cast, client, clock, tmp_path / "r.xlsx", seed=seed, count=200)
    assert sum(len(person.refused) for person in people) > 100
