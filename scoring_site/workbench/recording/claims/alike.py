"""Claims of the same deed as one that is being accepted, offered beside it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from foundation.tenths import say_points
from points.claims.claims import filing_of
from points.models import Claim


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """Another's claim with its box: nothing is ticked but by who reads it."""

    choice: str
    claim: Claim
    claimed: str
    url: str
    is_picked: bool

    @classmethod
    def of(cls, claim: Claim, url: str, picked: Container[str]) -> ShownClaim:
        """A claim as it stands on the page; `picked` are the choices ticked when the form was sent."""
        claimed = "" if claim.points is None else say_points(claim.points)
        choice = choice_of(claim)
        return cls(choice=choice, claim=claim, claimed=claimed, url=url, is_picked=choice in picked)


def choice_of(claim: Claim) -> str:
    """What the box of a claim sends: a claim that was filed anew is another choice."""
    return f"{claim.pk}@{filing_of(claim)}"
