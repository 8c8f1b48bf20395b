"""What may be of the same deed as a claim, shown beside it (D5)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from foundation.tenths import say_points
from points.models import Claim
from points.records.duplicates import LikelyDuplicate, likely_duplicates
from scoring_site.requests import catalogue_for
from scoring_site.workbench.base.pages import row_url


@dataclass(frozen=True, slots=True)
class ShownDuplicate:
    """A record or claim that may be of the same deed, with the way to it."""

    duplicate: LikelyDuplicate
    item: str
    points: str
    url: str


def find_duplicates(request: HttpRequest, claim: Claim) -> list[ShownDuplicate]:
    """The records and claims that may be of the deed of a claim."""
    catalogue = catalogue_for(request)
    found = likely_duplicates(
        texts={claim.member_id: claim.deed}, item=claim.item, day=claim.date, leave_out=[claim]
    ).get(claim.member_id, [])
    return [
        ShownDuplicate(
            duplicate=each,
            item=catalogue.name(claim.member.town_id, each.date.year, each.item),
            points="" if each.points is None else say_points(each.points) + (" ×2" if each.led else ""),
            url=row_url(each.event or each.claim or claim),
        )
        for each in found
    ]
