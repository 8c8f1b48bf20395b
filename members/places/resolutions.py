"""What a meeting decided about one matter, and whether it could: quorum and majority (D19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.errors import ResolutionRefused
from members.log.reasons import fit_text
from members.models import Branch

LEAST_PRESENT = 2
"""A committee of fewer decides nothing: the town does."""
MINUTES_LENGTH = 4000


class Body(models.TextChoices):
    """Who decided."""

    COMMITTEE = "committee", gettext_lazy("branch committee")
    ASSEMBLY = "assembly", gettext_lazy("members' assembly of the branch")
    TOWN = "town", gettext_lazy("town's party committee")


NUMBERS = ("expected", "present", "in_favour", "against", "abstained")
"""What every decision carries (D19), as models, forms and verbs name it."""
NUMBERS_WRONG = gettext_lazy(
    "The numbers do not add up: in favour, against and abstained make those present, and no more can be present than "
    "were expected."
)
TOO_FEW_PRESENT = gettext_lazy(
    "More than half of those expected must be at the meeting, and at least two people. Meet again."
)


class Counted:
    """A vote that has its five numbers."""

    __slots__ = ()
    expected: int
    present: int
    in_favour: int
    against: int
    abstained: int

    @property
    def is_carried(self) -> bool:
        """More than half of those expected were in favour."""
        return 2 * self.in_favour > self.expected

    @property
    def adds_up(self) -> bool:
        """Whether a meeting can have come to these numbers."""
        votes = (self.in_favour, self.against, self.abstained)
        return min(votes) >= 0 and sum(votes) == self.present <= self.expected


@dataclass(frozen=True, slots=True)
class Resolution(Counted):
    """The meeting's day and numbers (应到、实到、赞成、反对、弃权), its minutes, and who was left out of 应到 and why.

    `by_town`: fewer than two remained after recusal, so the town's party committee decided; then there are no numbers.
    """

    met_on: date
    minutes: str
    expected: int = 0
    present: int = 0
    in_favour: int = 0
    against: int = 0
    abstained: int = 0
    left_out: str = ""
    by_town: bool = False


def body_of(branch: Branch | None) -> Body:
    """Which meeting of the branch decides: the committee, or where there is none the assembly."""
    return Body.COMMITTEE if branch is None or branch.has_committee else Body.ASSEMBLY


def is_quorate(body: Body, *, expected: int, present: int) -> bool:
    """Whether enough came to decide: of a committee more than half and at least two, of an assembly half (D19)."""
    if body is Body.ASSEMBLY:
        return present >= 1 and 2 * present >= expected
    return present >= LEAST_PRESENT and 2 * present > expected


def check_resolution(resolution: Resolution, branch: Branch | None) -> Body:
    """Who decided, once it is sure that they could.

    Raises:
        ResolutionRefused: no minutes, numbers that do not add up, or too few present.
        TextTooLong.
    """
    if not fit_text(resolution.minutes, most=MINUTES_LENGTH):
        raise ResolutionRefused(_("Enter the minutes of the meeting: what was discussed and decided."))
    fit_text(resolution.left_out)
    if resolution.by_town:
        return Body.TOWN
    body, given = body_of(branch), resolution
    if not given.adds_up:
        raise ResolutionRefused(str(NUMBERS_WRONG))
    if is_quorate(body, expected=given.expected, present=given.present):
        return body
    if body is Body.ASSEMBLY:
        raise ResolutionRefused(_("At least half of the members with a vote must be at the assembly. Meet again."))
    raise ResolutionRefused(str(TOO_FEW_PRESENT))
