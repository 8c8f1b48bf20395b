"""A score sheet in words: every figure with its clause, its records, the cap that bit and the reading that applied.

Templates show what stands here and calculate nothing. Points stay integer tenths next to their written form, and the
steps of every part add up to it:

    points of a record's line, over the lines of an item = first step(s) of the item
    steps of an item                                     = its points
    points of a section's items + steps of the section   = its points
    steps of the sheet                                   = its total
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.ledger import live
from foundation.tenths import say_points
from members.models import Member
from points.models import EvidenceLink, MeetingKind, PointEvent
from points.rules.facts import PointRecord
from points.rules.periods import last_day, periods_of_year
from points.rules.rulebook import BaseItem, IncentiveItem, Rulebook
from points.rules.scope import is_owed
from points.rules.score import (
    AWARDED_CAP,
    BOTH_CAPS,
    JOINT_CAP,
    LATE_DUES,
    BaseLine,
    IncentiveLine,
    ScoreSheet,
)
from points.scoring.explanation_findings import explain_deductions, explain_vetoes
from points.scoring.explanation_parts import (
    ItemExplanation,
    RecordLine,
    SectionExplanation,
    SheetExplanation,
    Step,
    Tick,
    VoidedLine,
)
from points.scoring.gaps import TOLD, GapReasons, tell_gap
from points.scoring.own_year import Countersignature
from points.scoring.squares import WORDS, Square, find_square
from points.scoring.wording import name_period, name_period_in_year, say_note, say_uncounted

HeldPeriods = Mapping[tuple[str, str], Collection[date]]
"""The days on which a branch held something, by (item, period)."""


class _Source(NamedTuple):
    """The row behind a record, what to say of its countersignature (None: nothing), and the files that prove it."""

    event: PointEvent
    countersigned: str | None
    evidence: tuple[EvidenceLink, ...]


_Sources = Mapping[int, _Source]


def read_held_periods(*, branch_id: int, year: int) -> HeldPeriods:
    """What the branch held in a year: its meetings, and whatever any of its members has a live base record for.

    A period outside of it shows as 支部未组织, not as a member's absence (D24). One query.
    """
    return read_held_by_branch([branch_id], year=year).get(branch_id, {})


def read_held_by_branch(branch_ids: Collection[int], *, year: int) -> Mapping[int, HeldPeriods]:
    """The same of several branches, by branch id; one query."""
    kinds = MeetingKind.objects.filter(
        live("meeting__batch"), meeting__branch__in=branch_ids, period__startswith=str(year)
    )
    # One condition on the join: the branch told of is one of those asked for.
    records = PointEvent.objects.live().filter(member__memberships__branch__in=branch_ids, year=year)
    records = records.exclude(period="").order_by()
    held: dict[int, dict[tuple[str, str], set[date]]] = defaultdict(lambda: defaultdict(set))
    days = kinds.order_by().values_list("meeting__branch", "item", "period", "meeting__held_on").distinct()
    of_members = records.values_list("member__memberships__branch", "item", "period", "date").distinct()
    for branch_id, item, period, day in days.union(of_members):
        held[branch_id][item, period].add(day)
    return held


def explain_sheet(
    rulebook: Rulebook,
    sheet: ScoreSheet,
    *,
    on: date,
    with_grounds: bool,
    held: HeldPeriods | None = None,
    reasons: GapReasons | None = None,
    countersigned: Mapping[str, Countersignature] | None = None,
    evidence: Mapping[int, Sequence[EvidenceLink]] | None = None,
) -> SheetExplanation:
    """Put a sheet into words in the active language, as of the day `on`.

    Reads who recorded what in one query, and the findings behind the sheet in one per kind where there are any.
    `with_grounds`: the reader may see grounds and particulars of findings (D21); the caller asks `members.access`.
    `held` is what `read_held_periods` says of the member's branch; without it no period shows as 支部未组织.
    `reasons` is what `points.scoring.gaps` knows of the member: without it nothing shows as 请假 or 缺席 and no gap is
    told of. `countersigned` is what `points.scoring.own_year` says; without it no record names who countersigned it.
    `evidence`: by event, the files to show with the records.
    """
    events = {
        ref: _Source(
            event,
            None if countersigned is None else _say_countersigned(event, countersigned),
            tuple((evidence or {}).get(ref, ())),
        )
        for ref, event in _events_behind(sheet).items()
    }
    base = _explain_base(rulebook, sheet, on, events, held, reasons)
    incentive = _explain_incentive(rulebook, sheet, events)
    steps = [Step(base.name, base.points), Step(incentive.name, incentive.points)]
    if sheet.deducted:
        steps.append(Step(_("Deductions"), -sheet.deducted))
    if sheet.forgiven:
        steps.append(Step(_("The total stops at 0"), sheet.forgiven))
    if sheet.is_vetoed:
        steps.append(Step(_("One-vote veto: the year's score is 0"), -sheet.earned_before_veto))
    return SheetExplanation(
        year=sheet.year,
        base=base,
        incentive=incentive,
        deductions=explain_deductions(rulebook, sheet, with_grounds=with_grounds),
        vetoes=explain_vetoes(rulebook, sheet, with_grounds=with_grounds),
        veto_clause_text=rulebook.clause_text("2.3.4"),
        earned_before_veto=sheet.earned_before_veto,
        total=sheet.total,
        steps=tuple(steps),
        part_year_months=len(sheet.months_in_scope) if len(sheet.months_in_scope) < 12 else None,
    )


def _events_behind(sheet: ScoreSheet) -> dict[int, PointEvent]:
    refs = [record.ref for line in sheet.base_lines for record in line.counted]
    refs += [entry.record.ref for entry in sheet.uncounted]
    refs += [record.ref for line in sheet.incentive_lines for record in line.records]
    return PointEvent.objects.select_related("batch__actor").in_bulk(refs)


def _explain_base(
    rulebook: Rulebook,
    sheet: ScoreSheet,
    on: date,
    events: _Sources,
    held: HeldPeriods | None,
    reasons: GapReasons | None,
) -> SectionExplanation:
    steps: tuple[Step, ...] = ()
    remarks: tuple[str, ...] = ()
    if sheet.prorated:
        label = _("For %(elapsed)d months instead of the %(counted)d in the scheme") % {
            "elapsed": sheet.months_elapsed,
            "counted": sheet.months_counted,
        }
        steps = (Step(label, sheet.base_added),)
        remarks = (_("This town scores part of a year in proportion."),)
    elif len(sheet.months_in_scope) < 12:
        remarks = (_("This town scores part of a year as earned."),)
    return SectionExplanation(
        name=_("Base points"),
        clause="2.3.1",
        clause_text=_write_out(rulebook, "2.3.1", [item.clause for item in rulebook.base]),
        points=sheet.base,
        maximum=rulebook.caps.base,
        items=tuple(_explain_base_line(rulebook, sheet, line, on, events, held, reasons) for line in sheet.base_lines),
        steps=steps,
        remarks=remarks,
    )


def _write_out(rulebook: Rulebook, clause: str, parts: Iterable[str]) -> str:
    """A section's clause with what it announces ("主要包括以下积分内容："), each part on a line of its own."""
    return "\n".join(rulebook.clause_text(each) for each in (clause, *parts))


def _explain_base_line(
    rulebook: Rulebook,
    sheet: ScoreSheet,
    line: BaseLine,
    on: date,
    events: _Sources,
    held: HeldPeriods | None,
    reasons: GapReasons | None,
) -> ItemExplanation:
    item = rulebook.item(line.item)
    assert isinstance(item, BaseItem)
    counted = {record.period for record in line.counted}
    uncounted = {entry.record.period: entry.reason for entry in line.uncounted}
    ticks = tuple(
        _make_tick(
            item,
            period,
            sheet,
            on,
            held_on=(held or {}).get((item.code, period), ()),
            earned=period in counted,
            reason=uncounted.get(period, ""),
            # Dues are the member's own to pay: nobody holds them.
            is_held=held is None or item.is_dues or (item.code, period) in held,
            missed=reasons.status_of((item.code, period)) if reasons else "",
        )
        for period in periods_of_year(sheet.year, item.per)
    )
    records = [_explain_record(record, item.points, events) for record in line.counted]
    records += [
        _explain_record(entry.record, 0, events, counted=False, remark=say_uncounted(entry.reason))
        for entry in line.uncounted
    ]
    label = _("%(count)d × %(points)s points") % {"count": len(line.counted), "points": say_points(item.points)}
    remarks = []
    late_dues_earn = rulebook.settings.late_dues == "always"
    if any(entry.reason == LATE_DUES for entry in line.uncounted):
        remarks.append(_("In this town dues paid after the half was approved clear the arrears but earn no point."))
    return ItemExplanation(
        code=line.item,
        name=item.name,
        clause=line.clause,
        clause_text=rulebook.clause_text(line.clause),
        points=line.points,
        maximum=line.max,
        ticks=ticks,
        records=tuple(sorted(records, key=_by_date)),
        steps=(Step(label, line.points),),
        remarks=tuple(remarks),
        gaps=tuple(
            tell_gap(item, tick.period, tick.state, reasons, on=on, late_dues_earn=late_dues_earn)
            for tick in ticks
            if tick.state in TOLD
        )
        if reasons
        else (),
    )


def _make_tick(
    item: BaseItem,
    period: str,
    sheet: ScoreSheet,
    on: date,
    *,
    held_on: Collection[date],
    earned: bool,
    reason: str,
    is_held: bool,
    missed: str,
) -> Tick:
    state = find_square(
        period,
        on=on,
        in_scope=is_owed(item, period, held_on, sheet.in_scheme, on=on),
        earned=earned,
        uncounted=reason,
        missed=missed,
        is_held=is_held,
    )
    label = say_uncounted(reason) if state is Square.NOT_COUNTED else str(WORDS[state])
    return Tick(period, name_period_in_year(period), state, label)


def cut_ticks(section: SectionExplanation, through: date) -> SectionExplanation:
    """The calendar, and what is told of it, without the periods that end after a day: what a half does not reach.

    A period whose point counts by then stays: a year's item that was held in the half (D3).
    """
    return replace(
        section,
        items=tuple(
            replace(
                item,
                ticks=tuple(
                    tick for tick in item.ticks if last_day(tick.period) <= through or tick.state is Square.EARNED
                ),
                gaps=tuple(gap for gap in item.gaps if last_day(gap.period) <= through),
            )
            for item in section.items
        ),
    )


def _explain_incentive(rulebook: Rulebook, sheet: ScoreSheet, events: _Sources) -> SectionExplanation:
    steps: tuple[Step, ...] = ()
    if sheet.incentive_cut:
        label = _("Together at most %(cap)s points") % {"cap": say_points(rulebook.caps.incentive)}
        steps = (Step(label, -sheet.incentive_cut),)
    return SectionExplanation(
        name=_("Incentive points"),
        clause="2.3.2",
        clause_text=_write_out(
            rulebook, "2.3.2", [*(item.clause for item in rulebook.incentive), rulebook.lead_clause]
        ),
        points=sheet.incentive,
        maximum=rulebook.caps.incentive,
        items=tuple(_explain_incentive_line(rulebook, line, events) for line in sheet.incentive_lines),
        steps=steps,
        remarks=(),
    )


def _explain_incentive_line(rulebook: Rulebook, line: IncentiveLine, events: _Sources) -> ItemExplanation:
    item = rulebook.item(line.item)
    assert isinstance(item, IncentiveItem)
    beyond = rulebook.settings.lead_bonus == "beyond_item_cap"
    steps = [Step(_("Awarded"), line.awarded)]
    remarks = []
    if line.led:
        steps.append(Step(_("Doubled for a leading role"), line.led))
        remarks.append(rulebook.clause_text(rulebook.lead_clause))
        remarks.append(_say_lead_bonus(item.cap, beyond=beyond))
    if line.cut:
        steps.append(Step(_say_cap(line), -line.cut))
    return ItemExplanation(
        code=line.item,
        name=item.name,
        clause=line.clause,
        clause_text=rulebook.clause_text(line.clause),
        points=line.score,
        maximum=item.cap * 2 if beyond and line.led else item.cap,
        ticks=(),
        records=tuple(sorted(_explain_deeds(line, events), key=_by_date)),
        steps=tuple(steps),
        remarks=tuple(remarks),
        bonus=line.score - min(item.cap, line.awarded),
        cap=item.cap,
    )


def _explain_deeds(line: IncentiveLine, events: _Sources) -> Iterator[RecordLine]:
    for record in line.records:
        points = record.points or 0
        yield _explain_record(record, points, events, bonus=points if record.led else 0)
    for entry in line.uncounted:
        yield _explain_record(entry.record, 0, events, counted=False, remark=say_uncounted(entry.reason))


def _say_cap(line: IncentiveLine) -> str:
    texts = {
        AWARDED_CAP: _("What was awarded counts up to %(cap)s points"),
        BOTH_CAPS: _("What was awarded and the doubling each count up to %(cap)s points"),
        JOINT_CAP: _("Awarded and doubling together count up to %(cap)s points"),
    }
    return texts[line.cap] % {"cap": say_points(line.item_cap)}


def _say_lead_bonus(cap: int, *, beyond: bool) -> str:
    if beyond:
        text = _("In this town the doubling counts beyond the item's %(cap)s points, by as much again at most.")
    else:
        text = _("In this town the doubling counts within the item's %(cap)s points.")
    return text % {"cap": say_points(cap)}


def _explain_record(
    record: PointRecord,
    points: int,
    events: _Sources,
    *,
    bonus: int = 0,
    counted: bool = True,
    remark: str = "",
) -> RecordLine:
    source = events.get(record.ref)
    event = source.event if source else None
    return RecordLine(
        ref=record.ref,
        what=name_period(record.period) if record.period else "",
        day=record.date,
        points=points,
        bonus=bonus,
        counted=counted,
        remark=remark or (_("leading role, doubled") if bonus else ""),
        note=say_note(event) if event else "",
        recorded_by=str(event.batch.actor) if event else "",
        recorded_on=timezone.localdate(event.batch.at) if event else None,
        countersigned=source.countersigned if source else None,
        evidence=source.evidence if source else (),
    )


def _say_countersigned(event: PointEvent, countersigned: Mapping[str, Countersignature]) -> str:
    signature = countersigned.get(str(event.uuid))
    if signature is None:
        return _("Not countersigned yet: the branch approves it with the half-year.")
    values = {"day": signature.day, "who": signature.who}
    if signature.by_assembly:
        return _("Countersigned by %(who)s: approved by the members' assembly on %(day)s") % values
    return _("Countersigned by %(who)s: approved by the branch committee on %(day)s") % values


def _by_date(record: RecordLine) -> tuple[date, int]:
    return record.day, record.ref


def explain_voided(rulebook: Rulebook, *, member: Member, year: int) -> tuple[VoidedLine, ...]:
    """The member's voided records of a year in date order, with who voided them and why; one query."""
    events = PointEvent.objects.voided().filter(member=member, year=year).select_related("voided_by")
    names = rulebook.item_names()
    return tuple(
        VoidedLine(
            name=names.get(event.item, event.item),
            what=name_period(event.period) if event.period else event.note,
            day=event.date,
            voided_on=timezone.localdate(event.voided_at),
            voided_by=str(event.voided_by),
            reason=event.void_reason or "",
        )
        for event in events.order_by("date", "pk")
    )
