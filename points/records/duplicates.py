"""Likely duplicates: one deed counts once, at its highest level (D5). Shown before saving; a person decides.

Nothing is refused here. Looked at are the member's live incentive records about the same days, whatever their item, and
their open claims. The number of queries does not grow with the number of members.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.normal_forms import normalise
from points.models import Claim, PointEvent

NEAR_DAYS = 7
"""Records of the same item this many days apart may be of the same deed."""
WORDED_DAYS = 45
"""Records worded alike may be, this many days apart: a deed and the commendation for it."""
ALIKE = 70
"""Per cent of pairs of characters two wordings share to be called alike."""
SHORTEST = 3

_NO_LETTERS = re.compile(r"[\W_]+")


class Likeness(StrEnum):
    """Why two records may be of the same deed, likeliest first."""

    SAME_ITEM_AND_DAY = "same_item_and_day"
    ALIKE_WORDS = "alike_words"
    SAME_ITEM_NEARBY = "same_item_nearby"
    SAME_DAY = "same_day"


ORDER = tuple(Likeness)


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """A record or an open claim that may be of the same deed; `points` in tenths before doubling, None where unsaid."""

    likeness: Likeness
    item: str
    date: date
    text: str
    points: int | None
    led: bool
    event: PointEvent | None
    claim: Claim | None

    @property
    def why(self) -> str:
        """The likeness in words."""
        return {
            Likeness.SAME_ITEM_AND_DAY: _("same item, same day"),
            Likeness.ALIKE_WORDS: _("worded alike"),
            Likeness.SAME_ITEM_NEARBY: _("same item, days nearby"),
            Likeness.SAME_DAY: _("same day"),
        }[self.likeness]


def likely_duplicates(
    *, texts: Mapping[int, str], item: str, day: date, leave_out: Collection[Claim] = ()
) -> dict[int, list[LikelyDuplicate]]:
    """What each member already has that may be the deed `item` of `day`, likeliest first.

    `texts` words it for each member; `leave_out` are the claims being looked at. Members without any are not in
    the result. Two queries for each five hundred members.
    """
    found: dict[int, list[LikelyDuplicate]] = {}
    days = (day - timedelta(days=WORDED_DAYS), day + timedelta(days=WORDED_DAYS))
    for chunk in split_into_chunks(sorted(texts)):
        events = PointEvent.objects.live().filter(member__in=chunk, period="", date__range=days)
        claims = Claim.objects.filter(member__in=chunk, state__in=Claim.OPEN, date__range=days)
        claims = claims.exclude(pk__in=[claim.pk for claim in leave_out])
        rows: list[PointEvent | Claim] = [*events.select_related("batch__actor"), *claims]
        for row in rows:
            words = row.note if isinstance(row, PointEvent) else row.deed
            likeness = find_likeness(
                same_item=row.item == item,
                apart=abs((row.date - day).days),
                alike=are_alike(words, texts[row.member_id]),
            )
            if likeness is not None:
                found.setdefault(row.member_id, []).append(
                    LikelyDuplicate(
                        likeness=likeness,
                        item=row.item,
                        date=row.date,
                        text=words,
                        points=row.points,
                        led=row.led,
                        event=row if isinstance(row, PointEvent) else None,
                        claim=row if isinstance(row, Claim) else None,
                    )
                )
    for likely in found.values():
        likely.sort(key=lambda row: (ORDER.index(row.likeness), abs((row.date - day).days), row.date))
    return found


def find_likeness(*, same_item: bool, apart: int, alike: bool) -> Likeness | None:
    """Why a record `apart` days away may be of the same deed; None where nothing says so."""
    if same_item and apart == 0:
        return Likeness.SAME_ITEM_AND_DAY
    if alike and apart <= WORDED_DAYS:
        return Likeness.ALIKE_WORDS
    if same_item and apart <= NEAR_DAYS:
        return Likeness.SAME_ITEM_NEARBY
    return Likeness.SAME_DAY if apart == 0 else None


def are_alike(one: str, other: str) -> bool:
    """Whether two wordings share most pairs of neighbouring characters, or one holds the other."""
    first, second = _tidy(one), _tidy(other)
    if min(len(first), len(second)) < SHORTEST:
        return False
    if first in second or second in first:
        return True
    pairs, others = _pairs(first), _pairs(second)
    return 200 * len(pairs & others) >= ALIKE * (len(pairs) + len(others))


def _tidy(text: str) -> str:
    return _NO_LETTERS.sub("", normalise("NFKC", text)).casefold()


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}
