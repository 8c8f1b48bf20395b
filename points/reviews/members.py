"""What a review is about: its members, their scores from the live ledger, and the lines that freeze them (3.2, D8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Appointment, Branch, Exemption, Member, User
from members.people.naming import tell_apart
from members.selectors import members_in
from points.errors import TransitionRefused
from points.models import Correction, Freeze, PointEvent, Review, ReviewLine
from points.rules.canonical import hash_text
from points.rules.periods import H2, half_end
from points.rules.score import ScoreSheet, score_member
from points.scoring.adoption import read_adopted, rulebook_for
from points.scoring.freezing import (
    NOTHING_FROZEN,
    FrozenHalves,
    append_freeze,
    pack_content,
    read_frozen_halves,
    uuids_behind,
)
from points.scoring.scores import RosterYear, YearStatus, read_facts, read_roster_years
from veto.models import Deduction, VetoRecord


@dataclass(frozen=True, slots=True)
class MemberOfHalf:
    """One member of a review with the live sheet through the half's end and what had been frozen of the year."""

    member: Member
    sheet: ScoreSheet
    frozen: FrozenHalves
    half: str

    @property
    def first_half(self) -> int | None:
        """The frozen first half a second half builds on, in tenths; None for a first half, or one out of scope."""
        return self.frozen.first_half if self.half == H2 else None

    @property
    def half_score(self) -> int:
        """Tenths (D8)."""
        return self.sheet.half_score(self.first_half)


def members_of_half(branch: Branch, year: int, half: str) -> list[Member]:
    """Who is in the review: in the branch on the half's last day and not exempt on it, in roster order (D15).

    Whom another branch has reviewed already, before a move was entered late, stays with that branch's line.
    """
    last_day = half_end(year, half)
    exempt = Exemption.objects.on(last_day)
    elsewhere = ReviewLine.objects.filter(review__year=year, review__half=half).exclude(review__branch=branch)
    members = members_in([branch.pk], last_day).exclude(pk__in=exempt.values("member"))
    return tell_apart(members.exclude(pk__in=elsewhere.values("member")).order_by("position", "pk"))


def score_review(review: Review) -> list[MemberOfHalf]:
    """Score the members of a review from the live ledger; a constant number of queries."""
    return score_members_of_half(review, members_of_half(review.branch, review.year, review.half))


def score_members_of_half(review: Review, members: Sequence[Member]) -> list[MemberOfHalf]:
    """Score some members of a review through its half's end, whatever became of them afterwards."""
    rulebook = rulebook_for(review.branch.town, review.year)
    through = half_end(review.year, review.half)
    queryset = Member.objects.filter(pk__in=[member.pk for member in members])
    frozen = read_frozen_halves(queryset, review.year)
    roster_years = read_roster_years(queryset, review.year)
    for member in members:
        # Whoever, as was found out later, belonged to no branch that year keeps the line, without a month.
        roster_years.setdefault(member.pk, RosterYear(YearStatus.LEFT, review.branch_id, "", (), False))
    facts = dict(read_facts(queryset, review.year, roster_years, frozen))
    return [
        MemberOfHalf(
            member,
            score_member(rulebook, facts[member.pk], through),
            frozen.get(member.pk, NOTHING_FROZEN),
            review.half,
        )
        for member in members
    ]


def _refuse_newer_stamps(member_ids: Sequence[int], year: int, now: datetime) -> None:
    """So that the time of a link tells which records stood when it was made."""
    rows = {"member__in": member_ids}
    if (
        PointEvent.objects.filter(**rows, year=year, voided_at__gt=now).exists()
        or Deduction.objects.filter(Q(voided_at__gt=now) | Q(revoked_at__gt=now), **rows, date__year=year).exists()
        or VetoRecord.objects.filter(Q(voided_at__gt=now) | Q(revoked_at__gt=now), **rows, year=year).exists()
    ):
        raise TransitionRefused(_("Records of this half were changed in the meantime. Reload the page and look again."))


def _officers_of(review: Review, *, on: date) -> dict[str, list[str]]:
    """The accounts of the branch's secretaries and recorders on a day, by uuid; one query."""
    found: dict[str, list[str]] = {Appointment.Role.SECRETARY: [], Appointment.Role.RECORDER: []}
    rows = Appointment.objects.on(on).filter(branch=review.branch, role__in=found)
    for role, uuid in rows.values_list("role", "user__uuid"):
        found[role].append(str(uuid))
    return found


def freeze_lines(
    *,
    actor: User,
    now: datetime,
    review: Review,
    members: Sequence[MemberOfHalf],
    correction: Correction | None = None,
) -> Freeze:
    """Write one new revision for each of these members and append the link over their hashes; locks are held.

    The caller logs the link it returns.

    Raises:
        TransitionRefused: a record was voided or revoked after `now`, while the actor was still looking at it.
    """
    _refuse_newer_stamps([row.member.pk for row in members], review.year, now)
    digest = read_adopted(review.branch.town, review.year).hash
    latest: dict[int, int] = {}
    for member_id, revision in ReviewLine.objects.filter(review=review).values_list("member_id", "revision"):
        latest[member_id] = max(revision, latest.get(member_id, 0))
    uuids = uuids_behind(row.sheet for row in members)
    officers = _officers_of(review, on=timezone.localdate(now))
    last_day = half_end(review.year, review.half)
    rows = []
    for row in members:
        revision = latest.get(row.member.pk, 0) + 1
        payload = pack_content(
            review=review,
            member_uuid=row.member.uuid,
            category=row.member.category_on(last_day),
            officers=officers,
            revision=revision,
            rulebook_hash=digest,
            sheet=row.sheet,
            first_half=row.first_half,
            approvals=row.frozen.approvals,
            uuids=uuids,
            correction=correction,
        )
        rows.append((row.member.pk, revision, payload, hash_text(payload)))
    freeze = append_freeze(actor=actor, now=now, branch=review.branch, line_hashes=[digest for *_rest, digest in rows])
    ReviewLine.objects.bulk_create(
        ReviewLine(
            review=review,
            member_id=member_id,
            revision=revision,
            payload=payload,
            hash=line_hash,
            freeze=freeze,
            correction=correction,
        )
        for member_id, revision, payload, line_hash in rows
    )
    return freeze
