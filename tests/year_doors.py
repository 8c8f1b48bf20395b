"""The doors by which a year comes into the books, those of the approved half included, each for one member and fact.

`tests.invented_year` says what happened; here it is recorded, and a door that refuses is asked why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.utils import timezone

from members.models import Branch, Member, Membership, User
from points.claims.claims import Deed, accept_claim, file_claim
from points.drafts.drafts import confirm_draft, make_draft
from points.drafts.payloads import EventsContent
from points.errors import NotOnRoster, OutOfScope
from points.imports.records import import_records
from points.meetings.holding import record_meeting
from points.meetings.month import record_month
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Review, SignIn
from points.records.activities import record_activity
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.roster.moves import change_membership, end_exemption
from points.ticks.saving import CellOutcome, TickChange, save_ticks
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.exemptions import exempt_member
from tests.invented_year import TOOK_PART, YEAR, Attended, Done, Held, Life
from tests.members.roster_files.tables import make_xlsx
from tests.two_officers import correct_line

Why = Membership.Why


@dataclass
class Person:
    """A life in the books: their row, and where each fact came in."""

    life: Life
    member: Member
    home: Branch
    other: Branch
    account: User
    is_on_roster: bool = False
    """Whether the roster says what became of them."""
    refused: list[object] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    met: list[tuple[Branch, Attended]] = field(default_factory=list)
    """What was recorded of base items, and in which branch they were then."""

    def branch_on(self, day: date) -> Branch:
        """As the roster says while things are recorded."""
        moved = self.life.moved
        return self.other if self.is_on_roster and moved is not None and moved <= day else self.home

    @property
    def branches(self) -> list[Branch]:
        """In the order in which they were in them; the year's report has them in the last."""
        return [self.home] if self.life.moved is None else [self.home, self.other]


Door = Callable[[Person, Any], None]


@dataclass
class Recording:
    """Everything is recorded by the town's staff, at one moment."""

    cast: Cast
    assistants: dict[int, User]
    now: datetime

    @property
    def about(self) -> dict[str, Any]:
        return {"actor": self.cast.staff, "now": self.now}

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

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
        draft = make_draft(actor=assistant, now=self.now, branch=branch, content=content, token=uuid4())
        confirm_draft(**self.about, draft=draft)

    def file(self, person: Person, fact: Attended) -> None:
        self.imported(person, fact.item, fact.day, fact.period, "", "")

    def imported(self, person: Person, item: str, day: date, *cells: str) -> None:
        branch = person.branch_on(day).name
        row = ",".join((branch, person.life.name, "得分", item, str(day), *cells))
        data = f"党支部,姓名,类别,项目,日期,期次,分值,带头作用\n{row}\n".encode()
        self.read_file(data, "记录.csv", confirmed=True)

    def read_file(self, data: bytes, filename: str, **said: Any) -> None:
        report = import_records(**self.about, town=self.cast.town, data=data, filename=filename, **said)
        if report.errors:
            raise OutOfScope(report.errors[0].problem)
        assert report.added == 1

    def tick_workbook(self, person: Person, fact: Attended) -> None:
        data = make_xlsx({fact.item: [["姓名", fact.period], [person.life.name, "√"]]})
        self.read_file(data, "打勾表.xlsx", branch=person.branch_on(fact.as_ticked().day), year=YEAR)

    def tick_sheet(self, person: Person, fact: Attended) -> None:
        branch = person.branch_on(self.today)
        changes = [TickChange(person.member.pk, fact.period, ticked=True)]
        saved = save_ticks(**self.about, branch=branch, item=fact.item, year=YEAR, changes=changes, token=uuid4())
        (result,) = saved.results
        if result.outcome is not CellOutcome.SAVED:
            raise OutOfScope(result.message)

    def month(self, person: Person, fact: Attended) -> None:
        record_month(
            **self.about,
            branch=person.branch_on(self.today),
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
        record_activity(**self.about, branch=person.branch_on(self.today), entries=[self.entry(person, deed)])

    def claim(self, person: Person, deed: Done) -> None:
        said = Deed(deed.item, deed.day, "做了一件实事", points=deed.tenths, led=deed.led)
        filed = file_claim(actor=person.account, now=self.now, deed=said)
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
        base: list[Door] = [self.event, self.file, self.tick_sheet, self.tick_workbook]
        base += [] if gone else [self.draft]
        if fact.item == "dues":
            return base if gone else [*base, self.month]
        return base if fact.item == "pledge" else [*base, self.meeting, self.sign_in]

    def record(self, random: Random, person: Person) -> None:
        """Each fact at a door of its own; what the roster known by then puts out of scope is refused."""
        life = person.life
        life.base = [self.enter(random, person, fact) for fact in life.base]
        for deed in life.deeds:
            self.go_through(random.choice(self.doors_for(person, deed)), person, deed)

    def enter(self, random: Random, person: Person, fact: Attended) -> Attended:
        """The fact as the books have it then: a tick tells of no day."""
        door = random.choice(self.doors_for(person, fact))
        known = fact.as_ticked() if door in (self.tick_sheet, self.tick_workbook) else fact
        self.go_through(door, person, known)
        return known

    def go_through(self, door: Door, person: Person, fact: Attended | Done) -> bool:
        """Whether it was recorded: who is out of scope by the roster is refused, and nobody else."""
        life = person.life
        counts = life.may_count(fact)
        refusal = refused_at(door, person, fact)
        person.used.add(door.__name__)
        if refusal:
            assert person.is_on_roster, (life, fact, refusal)
            assert not counts, (life, fact, refusal)
            person.refused.append(fact)
            return False
        is_missed = isinstance(fact, Attended) and fact.how in ("excused", "absent")
        assert counts or is_missed or not person.is_on_roster, (door.__name__, life, fact)
        if isinstance(fact, Attended):
            person.met.append((person.branch_on(fact.day), fact))
        return True

    # What is found when the halves are approved

    def correct(self, person: Person, fact: Attended | Done) -> None:
        """Two officers of the branch whose line it is; of arrears the receipt is of today (D25)."""
        review = self.review_of(person, fact)
        assert review is not None
        secretary = self.cast.secretary_a if review.branch == self.cast.branch_a else self.cast.secretary_b
        if isinstance(fact, Attended):
            paid_on = self.today if fact.how == "arrears" else fact.day
            entry = EventEntry(person.member.pk, fact.item, paid_on, fact.period)
        else:
            entry = self.entry(person, fact)
        about: dict[str, Any] = {"actor": secretary, "now": self.now, "review": review, "member": person.member}
        correct_line(**about, decided_on=self.today, reason="核对台账，系漏登", record=[entry])

    def review_of(self, person: Person, fact: Attended | Done) -> Review | None:
        """The review of the fact's half with a line of theirs; of a first half they have none in, the year's."""
        lines = {
            review.half: review for review in Review.objects.filter(lines__member=person.member, lines__revision=1)
        }
        return lines.get("H1" if fact.half_ends == 6 else "H2") or lines.get("H2")

    def find(self, random: Random, person: Person) -> None:
        """What came to light: paid or done before it earns by a correction, and by nothing else (D10, D25)."""
        for fact in person.life.found:
            review = self.review_of(person, fact)
            is_arrears = isinstance(fact, Attended) and fact.how == "arrears"
            if review is None or (is_arrears and (review.half == "H1") != (fact.half_ends == 6)):
                continue  # no line, or none of the half whose approval makes dues late
            doors: list[Door] = [self.correct]
            if is_arrears:
                doors += [self.tick_sheet, self.tick_workbook, self.event]
            if self.go_through(random.choice(doors), person, fact):
                person.life.take_in(fact)


def held_by(branch: Branch, people: Iterable[Person]) -> Held:
    """When a branch held what: whatever was recorded of who was ever in it, and its meetings that somebody missed."""
    held: dict[tuple[str, str], set[date]] = defaultdict(set)
    for person in people:
        for met_in, fact in person.met:
            if branch == met_in or (fact.how in TOOK_PART and branch in person.branches):
                held[fact.item, fact.period].add(fact.day)
    return held


def refused_at(door: Door, person: Person, fact: Attended | Done) -> str:
    """What a door says against a fact that is out of scope; empty where it took it."""
    try:
        door(person, fact)
    except (OutOfScope, NotOnRoster) as error:
        return f"{door.__name__}: {error}"
    return ""


def write_roster(cast: Cast, person: Person, *, now: datetime) -> None:
    """What the year did to the member's place, through the verbs, all of it entered in January."""
    life, member = person.life, person.member
    about: dict[str, Any] = {"actor": cast.staff, "now": now}
    person.is_on_roster = True
    if life.moved is not None:
        change_membership(**about, member=member, branch=person.other, from_date=life.moved, why=Why.MOVED)
    if life.left is not None:
        change_membership(**about, member=member, branch=None, from_date=life.left, why=Why.TRANSFERRED_OUT)
    if life.exempt is not None:
        start, end = life.exempt
        exemption = exempt_member(**about, member=member, applied_on=start, decided_on=start, from_date=start)
        if end is not None:
            end_exemption(**about, exemption=exemption, ended_on=end, reason="身体好转", is_unrelated=True)
