"""Why a period earned nothing, for whoever asks: which meeting, who recorded it, and what can still be done (D24)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from foundation.ledger import live
from members.models import Member
from points.models import MeetingKind, Review
from points.rules.periods import H1, last_day, period_half
from points.rules.rulebook import BaseItem
from points.scoring.explanation_parts import GapLine
from points.scoring.freezing import read_approvals
from points.scoring.missed import Missed, group_missed, read_missed
from points.scoring.squares import WORDS, Square
from points.scoring.wording import name_period_in_year

Pair = tuple[str, str]
"""Item and period."""

TOLD = (Square.EXCUSED, Square.ABSENT, Square.NOT_HELD, Square.NO_RECORD)
"""The states of a period that call for a word."""


@dataclass(frozen=True, slots=True)
class GapReasons:
    """What is known of a member's gaps: the meetings they missed, the latest the branch held in each period (day, and
    who recorded it), the halves in which nothing can be made up any more (submitted or later), and those of them that
    are approved for the member: dues that come in now earn nothing there (D25).
    """

    missed: Mapping[Pair, Missed] = field(default_factory=dict)
    meetings: Mapping[Pair, tuple[date, str]] = field(default_factory=dict)
    closed: Collection[str] = ()
    approved: Collection[str] = ()

    def status_of(self, pair: Pair) -> str:
        """How the member missed a period's meeting; empty where they did not."""
        return self.missed[pair].status if pair in self.missed else ""


def read_gap_reasons(member: Member, *, branch_id: int, year: int) -> GapReasons:
    """All of it for one member's year in the branch that counts them; five queries."""
    kinds = MeetingKind.objects.filter(live("meeting__batch"), meeting__branch=branch_id, period__startswith=str(year))
    meetings = {
        (kind.item, kind.period): (kind.meeting.held_on, str(kind.meeting.batch.actor))
        for kind in kinds.select_related("meeting__batch__actor").order_by("meeting__held_on", "meeting_id")
    }
    reviews = Review.objects.filter(branch=branch_id, year=year).exclude(state=Review.State.DRAFT)
    return GapReasons(
        missed=group_missed(read_missed([member.pk], year=year)).get(member.pk, {}),
        meetings=meetings,
        closed=frozenset(reviews.values_list("half", flat=True)),
        approved=frozenset(
            half for halves in read_approvals([member.pk], year).values() for half, _day in halves.approvals
        ),
    )


def tell_gap(
    item: BaseItem, period: str, square: Square, reasons: GapReasons, *, on: date, late_dues_earn: bool = False
) -> GapLine:
    """One gap in words; `late_dues_earn` is the town's reading of dues paid after the approval (D25)."""
    words = _say(item, period, square, reasons, on, late_dues_earn=late_dues_earn)
    return GapLine(period, name_period_in_year(period), square, str(WORDS[square]), words)


def _say(item: BaseItem, period: str, square: Square, reasons: GapReasons, on: date, *, late_dues_earn: bool) -> str:
    pair = (item.code, period)
    if square is Square.NOT_HELD:
        return _("The branch recorded none in this period: it is not the member's absence.")
    if square in (Square.EXCUSED, Square.ABSENT):
        missed = reasons.missed[pair]
        said = _("%(item)s of %(day)s: recorded as %(status)s by %(who)s.") % {
            "item": item.name,
            "day": missed.held_on,
            "status": missed.label,
            "who": missed.recorded_by,
        }
        if square is Square.EXCUSED:
            said += _("It earns no point and is no absence.")
        return said + _say_what_can_be_done(period, missed.held_on, reasons, on)
    if item.is_dues:
        half = period_half(period, last_day(period))
        if half in reasons.approved and not late_dues_earn:
            return _(
                "No payment is recorded. The %(half)s is approved: paying or recording it now clears the arrears and "
                "earns no point. If it was paid before the approval, ask the branch for a correction, with the receipt."
            ) % {"half": _name_half(half)}
        return _("No payment is recorded. Whoever has paid gives the receipt to the recorder.")
    if pair not in reasons.meetings:
        return _("Others of the branch have it recorded. Whoever took part tells the recorder.")
    day, who = reasons.meetings[pair]
    said = _("The branch held it on %(day)s, recorded by %(who)s; the member is not on that list.") % {
        "day": day,
        "who": who,
    }
    told = _("Whoever took part tells the recorder.")
    return said + told + _say_what_can_be_done(period, day, reasons, on)


def _say_what_can_be_done(period: str, day: date, reasons: GapReasons, on: date) -> str:
    """Take part in another one while the period runs, make it up until the half is submitted, object afterwards."""
    if last_day(period) >= on:
        return _("The period is not over: taking part in another one earns it.")
    half = period_half(period, day)
    name = _name_half(half)
    if half not in reasons.closed:
        return _("It can be made up until the %(half)s is submitted.") % {"half": name}
    return _(
        "The %(half)s is submitted: nothing can be made up. If this is wrong, say so to the branch or the town."
    ) % {"half": name}


def _name_half(half: str) -> str:
    return _("first half") if half == H1 else _("second half")
