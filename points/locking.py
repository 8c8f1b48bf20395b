"""What a submitted, approved or final half forbids (D20), checked under the locks of `members.locks`.

While a half is submitted nothing can be recorded or voided for it. Approval freezes the lines, not the year: a late
record counts in the annual score. Once the second half is final every change is a correction (D10).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.utils.translation import gettext as _

from members.selectors import members_in
from points.chunks import split_into_chunks
from points.errors import HalfLocked, RecordFrozen
from points.models import PointEvent, Review, ReviewLine
from points.rules.periods import H2, half_end, half_of, period_half
from veto.models import Finding, VetoRecord

HalfKey = tuple[int, int, str]
"""Member id, assessment year, half."""


def half_key_of(event: PointEvent) -> HalfKey:
    """Member, year and half of a point event (D3)."""
    half = period_half(event.period, event.date) if event.period else half_of(event.date)
    return event.member_id, event.year, half


def refuse_locked_halves(keys: Iterable[HalfKey]) -> None:
    """Refuse to write for members whose half is submitted or whose year is final.

    Raises:
        HalfLocked: names the branch and the half.
    """
    for message in locked_halves(keys).values():
        raise HalfLocked(message)


def locked_halves(keys: Iterable[HalfKey]) -> dict[HalfKey, str]:
    """Those of the keys that are locked, with what to say; two queries for each (year, half) with a locking review."""
    keys = set(keys)
    locked: dict[HalfKey, str] = {}
    for year, half in sorted({(year, half) for _member_id, year, half in keys}):
        messages = _locked_members(year, half)
        for key in keys:
            if key[1:] == (year, half) and key[0] in messages:
                locked[key] = messages[key[0]]
    return locked


def _locked_members(year: int, half: str) -> dict[int, str]:
    """Member id to message for everybody whose records of a half are locked."""
    messages: dict[int, str] = {}
    # A first-half record changes the annual score too, so a submitted second half forbids it as well.
    for locking_half, states in (
        (half, (Review.State.SUBMITTED,)),
        (H2, (Review.State.SUBMITTED, Review.State.FINAL)),
    ):
        reviews = Review.objects.filter(year=year, half=locking_half, state__in=states).select_related("branch")
        sayings = {review.branch_id: _say_locked(review) for review in reviews}
        if sayings:
            members = members_in(sayings, half_end(year, locking_half))
            for member_id, branch_id in members.values_list("pk", "branch_id_on_day"):
                messages[member_id] = sayings[branch_id]
    return messages


def _say_locked(review: Review) -> str:
    values = {"branch": review.branch.name, "year": review.year, "half": review.get_half_display()}
    if review.state == Review.State.SUBMITTED:
        return (
            _(
                "%(branch)s has submitted the %(half)s of %(year)s: nothing can be recorded or voided for it now. "
                "The secretary can return it first."
            )
            % values
        )
    return _("The year %(year)s of %(branch)s is final: a change needs a correction with the town's consent.") % values


def refuse_frozen_records(member_ids: Iterable[int], uuids: Iterable[str]) -> None:
    """Refuse to void or revoke a record that the current frozen line of one of the members counted.

    Raises:
        RecordFrozen.
    """
    wanted = set(uuids)
    latest: dict[tuple[int, int], str] = {}
    for chunk in split_into_chunks(sorted(set(member_ids))):
        lines = ReviewLine.objects.filter(member__in=chunk).order_by("review_id", "member_id", "revision")
        for review_id, member_id, payload in lines.values_list("review_id", "member_id", "payload"):
            latest[review_id, member_id] = payload
    for payload in latest.values():
        data = json.loads(payload)
        if not wanted.isdisjoint((*data["events"], *data["deductions"], *data["vetoes"])):
            raise RecordFrozen(
                _(
                    "An approved half-year result counted this record, so it cannot simply be voided. "
                    "Enter a correction with the committee's date and reason."
                )
            )


def half_key_of_finding(finding: Finding) -> HalfKey:
    """Member, year and half a finding reaches: of its date (D6), and for a veto its assessment year's end (D7)."""
    if isinstance(finding, VetoRecord):
        return finding.member_id, finding.year, H2
    return finding.member_id, finding.date.year, half_of(finding.date)


def refuse_locked_findings(findings: Iterable[Finding]) -> None:
    """Refuse to confirm, revoke or void findings of a submitted half or final year, or that a frozen line counted.

    Raises:
        HalfLocked, RecordFrozen.
    """
    findings = list(findings)
    refuse_locked_halves(half_key_of_finding(finding) for finding in findings)
    refuse_frozen_records((row.member_id for row in findings), (str(row.uuid) for row in findings))
