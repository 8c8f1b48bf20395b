"""The town being built: its rows by the keys the diary knows them by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from members.models import Branch, Exemption, Member, Town, User
from members.selectors import members_in
from scoring_site.demonstration.people.roster import SEED, BranchPlan, Person


@dataclass(slots=True)
class Townsfolk:
    """The town, its branches and members by key, and who enters what."""

    town: Town
    system: User
    this_year: int
    branches: dict[str, Branch] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    """Accounts by user name."""
    recorders: dict[str, User] = field(default_factory=dict)
    secretaries: dict[str, User] = field(default_factory=dict)
    _people: dict[int, Person] = field(default_factory=dict)

    @property
    def last_year(self) -> int:
        return self.this_year - 1

    @property
    def staff(self) -> User:
        return self.users["staff"]

    def add_member(self, person: Person, member: Member) -> None:
        self.members[person.key] = member
        self._people[member.pk] = person

    def id_of(self, person: Person) -> int:
        """The primary key of a person's row."""
        return self.members[person.key].pk

    def expected_on(self, plan: BranchPlan, day: date) -> list[Person]:
        """The branch's members in the scheme on a day, in roster order: on its roster and not exempt (D15, D16)."""
        exempt = Exemption.objects.on(day)
        members = members_in([self.branches[plan.key].pk], day).exclude(pk__in=exempt.values("member"))
        return [self._people[pk] for pk in members.order_by("position").values_list("pk", flat=True)]

    def chances(self, person: Person, year: int, what: str) -> Random:
        """A person's own dice for one occasion: the same in every town, whatever else happens."""
        return Random(f"{SEED}/{person.key}/{year - self.this_year}/{what}")  # noqa: S311 (repeatable on purpose)
