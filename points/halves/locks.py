"""What a submitted, approved or final half forbids (D20), checked under the locks of `members.log.locks`.

While a half is submitted nothing can be recorded or voided for it. Approval freezes the lines, not the year: a late
record counts in the annual score. Once the second half is final every change is a correction (D10).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from members.models import Member
from members.selectors import with_branch_on
from points.errors import HalfLocked, RecordFrozen
from points.models import PointEvent, Review, ReviewLine
from points.rules.periods import H1, H2, half_end, half_of, period_half
from veto.models import Finding, VetoRecord

HalfKey = tuple[int, int, str]
"""Member id, assessment year, half."""

SUBMITTED = (Review.State.SUBMITTED,)
YEAR_LOCKED = (Review.State.SUBMITTED, Review.State.FINAL)
"""States of the second half in which nothing of the year can be recorded or voided."""


def half_key_of(event: PointEvent) -> HalfKey:
    """Member, year and half of a point event (D3)."""
    half = period_half(event.period, event.date) if event.period else half_of(event.date)
    return event.member_id, event.year, half


def half_keys_of_finding(finding: Finding, *, decided_on: date | None = None) -> list[HalfKey]:
    """Member, year and each half whose score a finding changes (D6, D7).

    A deduction: the half of its date. A veto: the year's end, and the first half where the committee confirmed it by
    then; `decided_on` is for one that is about to be confirmed.
    """
    return finding_half_keys(
        finding.member_id,
        day=finding.date,
        veto_year=finding.year if isinstance(finding, VetoRecord) else None,
        decided_on=decided_on or finding.decided_on,
    )


def finding_half_keys(member_id: int, *, day: date, veto_year: int | None, decided_on: date | None) -> list[HalfKey]:
    """The same for a finding that is not written yet; `veto_year` is None for a deduction."""
    if veto_year is None:
        return [(member_id, day.year, half_of(day))]
    keys = [(member_id, veto_year, H2)]
    if decided_on is not None and decided_on <= half_end(veto_year, H1):
        keys.append((member_id, veto_year, H1))
    return keys


def refuse_locked_halves(keys: Iterable[HalfKey], *, now: datetime) -> None:
    """Refuse to write for members whose half is submitted or whose year is final.

    Raises:
        HalfLocked: names the branch and the half.
    """
    for message in locked_halves(keys, now=now).values():
        raise HalfLocked(message)


def locked_halves(keys: Iterable[HalfKey], *, now: datetime) -> dict[HalfKey, str]:
    """Those of the keys that are locked, with what to say; a few queries for each year.

    `now` is when the request began. A half approved since then is locked too: a record is either in the approval or
    later than it, never written beside it.
    """
    locked: dict[HalfKey, str] = {}
    for year, asked in _split_by_year(keys):
        over = _ReviewsOver(year, asked, further=(H2,))
        for member_id, half in asked:
            review = over.find(member_id, H2, YEAR_LOCKED) or over.find(member_id, half, SUBMITTED)
            if review is not None:
                locked[member_id, year, half] = _say_locked(review)
            elif over.was_frozen_since(now, member_id, {half, H2}):
                locked[member_id, year, half] = _(
                    "This half was approved or corrected in the meantime. Reload the page and look at it again."
                )
    return locked


def refuse_submitted_halves(keys: Iterable[HalfKey]) -> None:
    """Refuse what even a correction may not do: change a half that lies with the secretary. Raises HalfLocked.

    A change in the first half changes the annual score, so a submitted second half forbids it too.
    """
    for year, asked in _split_by_year(keys):
        over = _ReviewsOver(year, asked, further=(H2,))
        for member_id, half in asked:
            review = over.find(member_id, half, SUBMITTED) or over.find(member_id, H2, SUBMITTED)
            if review is not None:
                raise HalfLocked(_say_locked(review))


def halves_past_draft(keys: Iterable[HalfKey]) -> set[HalfKey]:
    """Those of the keys whose half was submitted and not returned, whatever came after."""
    past = [state for state in Review.State if state != Review.State.DRAFT]
    found: set[HalfKey] = set()
    for year, asked in _split_by_year(keys):
        over = _ReviewsOver(year, asked)
        found |= {(member_id, year, half) for member_id, half in asked if over.find(member_id, half, past)}
    return found


def _split_by_year(keys: Iterable[HalfKey]) -> list[tuple[int, list[tuple[int, str]]]]:
    """Each year with the members and halves asked about, in order."""
    years: dict[int, list[tuple[int, str]]] = {}
    for member_id, year, half in sorted(set(keys)):
        years.setdefault(year, []).append((member_id, half))
    return sorted(years.items())


class _ReviewsOver:
    """The reviews that stand over some members' halves of a year, and when their lines were frozen.

    Only the members asked about and their branches are read: a write costs the same in a town of any size, and
    whatever other towns there are.
    """

    def __init__(self, year: int, asked: Iterable[tuple[int, str]], *, further: Iterable[str] = ()) -> None:
        asked = list(asked)
        halves = sorted({half for _member_id, half in asked} | set(further))
        # Whoever was moved with effect from an earlier day keeps the line, and so the lock, of where it was frozen.
        self._of_line: dict[tuple[int, str], int] = {}
        self._of_roster: dict[tuple[int, str], int] = {}
        self._frozen: dict[tuple[int, str], datetime] = {}
        for chunk in split_into_chunks(sorted({member_id for member_id, _half in asked})):
            self._read_lines(ReviewLine.objects.filter(member__in=chunk, review__year=year, review__half__in=halves))
            for half in halves:
                members = with_branch_on(Member.objects.filter(pk__in=chunk), half_end(year, half))
                places = members.values_list("pk", "branch_id_on_day")  # type: ignore[misc] # an annotation
                self._of_roster.update({(member_id, half): branch_id for member_id, branch_id in places})
        branches = {*self._of_line.values(), *self._of_roster.values()} - {None}
        reviews = Review.objects.filter(year=year, branch__in=branches).select_related("branch")
        self._reviews = {(review.branch_id, review.half): review for review in reviews}

    def _read_lines(self, lines: QuerySet[ReviewLine]) -> None:
        columns = ("member_id", "review__half", "review__branch_id", "revision", "freeze__at")
        for member_id, half, branch_id, revision, at in lines.order_by("revision").values_list(*columns):
            self._frozen[member_id, half] = max(at, self._frozen.get((member_id, half), at))
            if revision == 1:
                self._of_line[member_id, half] = branch_id

    def find(self, member_id: int, half: str, states: Collection[Review.State]) -> Review | None:
        """The review in one of the states that stands over a member's half; None without one."""
        for places in (self._of_line, self._of_roster):
            review = self._reviews.get((places.get((member_id, half), 0), half))
            if review is not None and review.state in states:
                return review
        return None

    def was_frozen_since(self, now: datetime, member_id: int, halves: Iterable[str]) -> bool:
        """Whether a line of one of the halves was frozen or corrected after `now`."""
        return any(self._frozen.get((member_id, half), now) > now for half in halves)


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
    """Refuse to void a record that the current frozen line of one of the members counted.

    Raises:
        RecordFrozen.
    """
    wanted = set(uuids)
    if any(not wanted.isdisjoint(counted) for counted in counted_records(member_ids).values()):
        raise RecordFrozen(
            _(
                "An approved half-year result counted this record, so it cannot simply be voided. "
                "Enter a correction with the committee's date and reason."
            )
        )


def counted_records(member_ids: Iterable[int]) -> dict[tuple[int, int], set[str]]:
    """The uuids of the records each current line of the members lists, by (review id, member id)."""
    latest: dict[tuple[int, int], str] = {}
    for chunk in split_into_chunks(sorted(set(member_ids))):
        lines = ReviewLine.objects.filter(member__in=chunk).order_by("review_id", "member_id", "revision")
        for review_id, member_id, payload in lines.values_list("review_id", "member_id", "payload").iterator():
            latest[review_id, member_id] = payload
    counted = {}
    for key, payload in latest.items():
        data = json.loads(payload)
        counted[key] = {*data["events"], *data["deductions"], *data["vetoes"]}
    return counted


def refuse_locked_findings(findings: Iterable[Finding], *, now: datetime) -> None:
    """Refuse to void findings of a submitted half or final year, or that a frozen line counted.

    Raises:
        HalfLocked, RecordFrozen.
    """
    findings = list(findings)
    refuse_locked_halves((key for finding in findings for key in half_keys_of_finding(finding)), now=now)
    refuse_frozen_records((row.member_id for row in findings), (str(row.uuid) for row in findings))
