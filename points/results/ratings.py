"""What a branch decides about its members' year (4, D14): open once the year is final, within what the score allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.tenths import show_points
from members.access import Action, may
from members.errors import DuplicateBatch
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Branch, Member, User
from members.people.naming import list_names, tell_apart
from members.selectors import members_in
from points.chunks import split_into_chunks
from points.errors import RatingRefused
from points.models import Rating, Review, ReviewLine
from points.rules.periods import H2, half_end
from points.rules.ratings import EXCELLENT, UNQUALIFIED, allowed_ratings
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import FrozenScore, current_lines, read_payload
from points.scoring.scores import YearStatus, read_roster_years


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One member of a branch's year: the frozen score (None for an exempt member), what it allows, what was decided.

    `decided` holds every decision, the latest one first.
    """

    member: Member
    score: FrozenScore | None
    allowed: tuple[str, ...]
    decided: tuple[Rating, ...]

    @property
    def total(self) -> int | None:
        """The frozen annual score in tenths."""
        return self.score.cumulative if self.score else None

    @property
    def shown_total(self) -> str:
        return "—" if self.total is None else show_points(self.total)

    @property
    def current(self) -> Rating | None:
        """The decision that counts."""
        return self.decided[0] if self.decided else None

    @property
    def earlier(self) -> tuple[Rating, ...]:
        """The decisions a later one replaced, the latest first."""
        return self.decided[1:]

    @property
    def is_forced(self) -> bool:
        """The score allows 不合格 and 暂缓评定 alone (4.4)."""
        return bool(self.allowed) and self.allowed[0] == UNQUALIFIED

    @property
    def is_probationary(self) -> bool:
        return self.member.category == Member.Category.PROBATIONARY

    @property
    def is_part_year(self) -> bool:
        return self.score is not None and self.score.is_part_year

    @property
    def is_vetoed(self) -> bool:
        return self.score is not None and self.score.vetoed

    @property
    def allowed_names(self) -> str:
        """The ratings the score allows, in words; empty where there is none to decide."""
        return "、".join(str(Rating.Decision(code).label) for code in self.allowed)


@dataclass(frozen=True, slots=True)
class RatingSheet:
    """A branch's year for rating; `refusal` says in words why nothing can be decided, empty when it can."""

    branch: Branch
    year: int
    review: Review | None
    rows: tuple[RatingRow, ...]
    refusal: str

    @property
    def full_members(self) -> int:
        return sum(1 for row in self.rows if not row.is_probationary)

    @property
    def undecided(self) -> int:
        """How many members have no decision yet and are to get one."""
        return sum(1 for row in self.rows if row.allowed and row.current is None)

    @property
    def warning(self) -> str:
        """A warning when more than a third of the branch's full members are rated 优秀 (D14); else empty."""
        excellent = sum(
            1
            for row in self.rows
            if not row.is_probationary and row.current is not None and row.current.decision == EXCELLENT
        )
        if 3 * excellent <= self.full_members:
            return ""
        return _("%(count)d of %(members)d full members are rated excellent, more than a third.") % {
            "count": excellent,
            "members": self.full_members,
        }


def read_rating_sheet(branch: Branch, year: int) -> RatingSheet:
    """Every member of a branch's year with what may be decided and what was; a constant number of queries.

    Whoever has a line in the second half, and the exempt members of the branch, in roster order; before the half is
    approved there is nobody to rate.

    Raises:
        NoRulebook.
    """
    rulebook = rulebook_for(branch.town, year)
    review = Review.objects.filter(branch=branch, year=year, half=H2).first()
    refusal = _explain_not_final(year, review)
    if review is None or review.state not in Review.FROZEN:
        return RatingSheet(branch, year, review, (), refusal)
    scores = [(line.member, read_payload(line.payload)) for line in current_lines(review)]
    people: list[tuple[Member, FrozenScore | None]] = [*scores]
    people += [(member, None) for member in _exempt_members(branch, year, {member.pk for member, _score in scores})]
    tell_apart(member for member, _score in people)
    decided = _read_decided([member.pk for member, _score in people], year)
    rows = [
        RatingRow(member, score, _allow(rulebook, member, score), tuple(decided.get(member.pk, ())))
        for member, score in sorted(people, key=lambda entry: (entry[0].position, entry[0].pk))
    ]
    return RatingSheet(branch, year, review, tuple(rows), refusal)


def _explain_not_final(year: int, review: Review | None) -> str:
    if review is not None and review.state == Review.State.FINAL:
        return ""
    if review is not None and review.reopened_at is not None:
        return _("The year %(year)s was opened again for corrections; ratings wait until it is final anew.") % {
            "year": year
        }
    return _("The year %(year)s is not final yet; ratings are decided then.") % {"year": year}


def _exempt_members(branch: Branch, year: int, scored: Collection[int]) -> list[Member]:
    """Who was in the branch at the year's end without a score of their own (D15)."""
    elsewhere = ReviewLine.objects.filter(review__year=year, review__half=H2).exclude(review__branch=branch)
    others = members_in([branch.pk], half_end(year, H2)).exclude(pk__in=elsewhere.values("member"))
    roster_years = read_roster_years(others, year)
    return [
        member for member in others if member.pk not in scored and roster_years[member.pk].status is YearStatus.EXEMPT
    ]


def _allow(rulebook: Rulebook, member: Member, score: FrozenScore | None) -> tuple[str, ...]:
    return allowed_ratings(
        rulebook,
        total=score.cumulative if score else None,
        category=member.category,
        part_year=score is not None and score.is_part_year,
        vetoed=score is not None and score.vetoed,
    )


def _read_decided(member_ids: Iterable[int], year: int) -> dict[int, list[Rating]]:
    """Every decision about each member, the latest first."""
    decided: dict[int, list[Rating]] = {}
    for chunk in split_into_chunks(member_ids):
        for rating in Rating.objects.filter(member__in=chunk, year=year).select_related("by").order_by("-pk"):
            decided.setdefault(rating.member_id, []).append(rating)
    return decided


def decide_ratings(
    *, actor: User, now: datetime, branch: Branch, year: int, decisions: Mapping[int, str], met_on: date
) -> RatingSheet:
    """Enter what the branch's meeting decided about some members (member id to rating); later decisions replace.

    What was entered before with the same day is left out. Returns the sheet as it stands then, with its warning. A
    constant number of queries.

    Raises:
        NoRulebook, PermissionDenied.
        RatingRefused: not final, nobody chosen, somebody without a final result here, not allowed by score or category,
            or a meeting before the year's end or to come.
        DuplicateBatch: all of it was entered before.
    """
    today = timezone.localdate(now)
    if not may(actor, Action.APPROVE_REVIEW, branch, on=today):
        raise PermissionDenied(_("Ratings are entered by the branch's secretary or the town's staff."))
    if not decisions:
        raise RatingRefused(_("Choose a rating for at least one member."))
    if not half_end(year, H2) < met_on <= today:
        raise RatingRefused(_("The meeting is held when the year is over, and not in the future."))
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=sorted(decisions))
        sheet = read_rating_sheet(branch, year)
        _check_decisions(sheet, decisions)
        ratings = [
            Rating(
                branch=branch,
                member=row.member,
                year=year,
                decision=decisions[row.member.pk],
                met_on=met_on,
                by=actor,
                at=now,
            )
            for row in sheet.rows
            if row.member.pk in decisions and not _stands(row, decisions[row.member.pk], met_on)
        ]
        if not ratings:
            raise DuplicateBatch(_("These ratings were entered before; nothing was written a second time."))
        Rating.objects.bulk_create(ratings)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="decide_ratings",
            subject=branch,
            new={"year": year, "met_on": met_on.isoformat(), "count": len(ratings)},
        )
        return read_rating_sheet(branch, year)


def _check_decisions(sheet: RatingSheet, decisions: Mapping[int, str]) -> None:
    if sheet.refusal:
        raise RatingRefused(sheet.refusal)
    rows = {row.member.pk: row for row in sheet.rows}
    strangers = decisions.keys() - rows.keys()
    if strangers:
        names = list_names(Member.objects.filter(pk__in=strangers).order_by("position", "pk"), most=10)
        raise RatingRefused(_("%(name)s has no final result for %(year)s.") % {"name": names, "year": sheet.year})
    refusals = [_explain_not_allowed(rows[pk]) for pk, code in decisions.items() if code not in rows[pk].allowed]
    if refusals:
        raise RatingRefused(" ".join(refusals[:10]))


def _explain_not_allowed(row: RatingRow) -> str:
    if not row.allowed:
        return _("%(name)s is a probationary member and is not graded.") % {"name": row.member.listed_name}
    return _("%(name)s: the score allows only %(ratings)s.") % {
        "name": row.member.listed_name,
        "ratings": row.allowed_names,
    }


def _stands(row: RatingRow, decision: str, met_on: date) -> bool:
    return row.current is not None and (row.current.decision, row.current.met_on) == (decision, met_on)
