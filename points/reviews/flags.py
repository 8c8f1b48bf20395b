"""What to look at before a half is approved: gaps, 支部未组织, undecided findings, late records (D16, D20, D24)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from foundation.tenths import say_points
from members.access import findings_for
from members.models import User
from points.models import Claim, PointEvent, Review
from points.reviews.late import Lateness, LateRecord
from points.reviews.table_parts import Flag
from points.rules.periods import half_end, half_it_ends_in, half_start
from points.rules.rulebook import Rulebook
from points.rules.score import ScoreSheet
from points.scoring.explanations import HeldPeriods
from points.scoring.freezing import FrozenScore
from points.scoring.missed import Missed
from points.scoring.squares import WORDS, Square
from points.scoring.wording import name_period_in_year
from points.scoring.year_squares import find_squares
from veto.models import Deduction, VetoRecord

Pairs = Iterable[tuple[str, str]]
"""(item, period) pairs."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """(item, period) pairs of a half that earned nothing, by their square (D24)."""

    missing: tuple[tuple[str, str], ...] = ()
    not_held: tuple[tuple[str, str], ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    excused: tuple[tuple[str, str], ...] = ()


def find_gaps(
    review: Review,
    rulebook: Rulebook,
    sheet: ScoreSheet,
    held: HeldPeriods,
    missed: Mapping[tuple[str, str], Missed],
) -> Gaps:
    """The periods of this half in which the member was in the scheme and earned nothing."""
    day_after = half_end(review.year, review.half) + timedelta(days=1)
    found: dict[Square, list[tuple[str, str]]] = defaultdict(list)
    for pair, square in find_squares(rulebook, sheet, on=day_after, held=held, missed=missed):
        if half_it_ends_in(pair[1]) == review.half:
            found[square].append(pair)
    squares = (Square.NO_RECORD, Square.NOT_HELD, Square.ABSENT, Square.EXCUSED)
    return Gaps(*(tuple(found[square]) for square in squares))


def name_periods(rulebook: Rulebook, pairs: Pairs) -> str:
    """`交纳党费 3月、4月；党课 第2季度`."""
    by_item: dict[str, list[str]] = {}
    for item, period in pairs:
        by_item.setdefault(item, []).append(name_period_in_year(period))
    names = rulebook.item_names()
    return "；".join(f"{names[item]} {'、'.join(periods)}" for item, periods in by_item.items())


def count_pending(review: Review, member_ids: Collection[int], *, actor: User, on: date) -> Mapping[int, int]:
    """Findings of the year up to the half's end that are not decided yet, by member; only those the actor may know of.

    Two queries.
    """
    until = half_end(review.year, review.half)
    waiting: list[QuerySet[Any]] = [
        Deduction.objects.proposed().filter(member__in=member_ids, date__range=(date(review.year, 1, 1), until)),
        VetoRecord.objects.proposed().filter(member__in=member_ids, year=review.year, date__lte=until),
    ]
    counts: Counter[int] = Counter()
    for rows in waiting:
        counts.update(findings_for(actor, rows, on=on).order_by().values_list("member_id", flat=True))
    return counts


def count_open_claims(review: Review, member_ids: Collection[int]) -> Mapping[int, int]:
    """Claims of deeds in this half that are not answered for good, by member; one query."""
    days = (half_start(review.year, review.half), half_end(review.year, review.half))
    claims = Claim.objects.filter(member__in=member_ids, state__in=Claim.OPEN, date__range=days)
    return Counter(claims.order_by().values_list("member_id", flat=True))


def name_late(found: Iterable[LateRecord], rulebook: Rulebook) -> dict[int, list[str]]:
    """What a frozen line does not hold, in words and without grounds, by member (补记, D20, D21)."""
    names = rulebook.item_names()
    late: dict[int, list[str]] = defaultdict(list)
    for entry in found:
        if isinstance(entry.record, PointEvent):
            event = entry.record
            when = name_period_in_year(event.period) if event.period else event.date.isoformat()
            said = f"{names.get(event.item, event.item)} {when}"
        elif entry.lateness is Lateness.ROSTER:
            said = _("months in the scheme: %(now)d instead of %(then)d") % {
                "then": entry.months[0],
                "now": entry.months[1],
            }
        elif entry.lateness is Lateness.REVOKED:
            said = _("a finding no longer counts")
        else:
            said = _("a finding was confirmed")
        late[entry.line.member_id].append(said)
    return late


def name_marked(review: Review, member_ids: Collection[int], rulebook: Rulebook) -> dict[int, str]:
    """Incentive records of this half above the town's value, and those that somebody recorded for themselves (D27).

    Those above it are named, all of one's own hand are added up. By member; one query.
    """
    events = PointEvent.objects.live().filter(
        member__in=member_ids,
        points__isnull=False,
        date__range=(half_start(review.year, review.half), half_end(review.year, review.half)),
    )
    names = rulebook.item_names()
    high: dict[int, list[str]] = defaultdict(list)
    own: dict[int, list[int]] = defaultdict(list)
    for event in events.select_related("batch__actor").order_by("date", "pk"):
        assert event.points is not None
        worth = event.points * (1 + event.led)
        if event.batch.actor.member_id == event.member_id:
            own[event.member_id].append(worth)
        if worth > rulebook.settings.mark_above * 10:
            values = {"item": names.get(event.item, event.item), "date": event.date, "points": say_points(worth)}
            high[event.member_id].append(_("%(item)s %(date)s, %(points)s points") % values)
    return {pk: _say_marked(high[pk], own[pk]) for pk in {*high, *own}}


def _say_marked(high: list[str], own: list[int]) -> str:
    said = list(high)
    if own:
        values = {"count": len(own), "points": say_points(sum(own))}
        said.append(_("%(count)d recorded by themselves, %(points)s points together") % values)
    return "；".join(said)


@dataclass(frozen=True, slots=True)
class Marks:
    """What `make_flags` says about one member besides their score."""

    gaps: Gaps
    late: tuple[str, ...] = ()
    pending: int = 0
    claims: int = 0
    marked: str = ""
    revision: int = 1
    agrees: bool = True


def _flag_gaps(rulebook: Rulebook, gaps: Gaps) -> Iterator[Flag]:
    """What earned nothing, by its square and in the squares' own words; 支部未组织 is said of the branch."""
    for kind, square, pairs in (
        ("absent", Square.ABSENT, gaps.absent),
        ("excused", Square.EXCUSED, gaps.excused),
        ("gap", Square.NO_RECORD, gaps.missing),
    ):
        if pairs:
            label = _("%(square)s: %(count)d") % {"square": WORDS[square], "count": len(pairs)}
            yield Flag(kind, label, name_periods(rulebook, pairs))


def make_flags(rulebook: Rulebook, score: FrozenScore, sheet: ScoreSheet | None, marks: Marks) -> tuple[Flag, ...]:
    """A member's flags, gravest first."""
    flags = []
    if not marks.agrees:
        flags.append(
            Flag("wrong", _("does not agree with its records"), _("Ask the administrator to verify the ledger."))
        )
    if score.vetoed:
        earned = _("earned before veto: %(points)s") % {"points": say_points(score.earned_before_veto)}
        flags.append(Flag("veto", _("One-vote veto"), earned))
    if marks.pending:
        flags.append(Flag("pending", _("undecided"), _("%(count)d proposed, not decided") % {"count": marks.pending}))
    if marks.claims:
        detail = _("%(count)d waiting or returned; answer them before the half is submitted") % {"count": marks.claims}
        flags.append(Flag("claims", _("open claims"), detail))
    if marks.marked:
        flags.append(Flag("marked", _("look closely"), marks.marked))
    flags += _flag_gaps(rulebook, marks.gaps)
    if score.is_part_year:
        label = _("in the scheme for %(months)d months") % {"months": len(score.months_in_scope)}
        prorated = sheet is not None and sheet.prorated
        flags.append(Flag("part_year", label, _("base points in proportion") if prorated else ""))
    if marks.late:
        label = _("recorded late: %(count)d") % {"count": len(marks.late)}
        flags.append(Flag("late", label, "；".join(marks.late)))
    if sheet is not None and sheet.incentive_cut:
        detail = _("%(points)s beyond the %(cap)s points of the %(count)d items together") % {
            "count": len(rulebook.incentive),
            "points": say_points(sheet.incentive_cut),
            "cap": say_points(rulebook.caps.incentive),
        }
        flags.append(Flag("cap", _("capped"), detail))
    if marks.gaps.not_held:
        flags.append(Flag("not_held", str(WORDS[Square.NOT_HELD]), name_periods(rulebook, marks.gaps.not_held)))
    if marks.revision > 1:
        flags.append(Flag("revised", _("corrected, revision %(number)d") % {"number": marks.revision}))
    return tuple(flags)
