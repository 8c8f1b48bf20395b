"""What a branch decides about its members' year (4, D14): open once the year is final, within what the score allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.chunks import split_into_chunks
from foundation.tenths import show_points
from members.access import Action, may
from members.errors import DuplicateBatch, NotAllowed
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.models import Appointment, Branch, Member, Notification, User
from members.notifications import notify_users
from members.people.naming import list_names, tell_apart
from members.people.recusal import require_recusal_statement
from members.selectors import members_in
from points.errors import RatingRefused
from points.models import Rating, Review, ReviewLine
from points.results.open_matters import read_open_matters
from points.rules.periods import H2, half_end
from points.rules.ratings import DEFERRED, EXCELLENT, UNQUALIFIED, allowed_ratings
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import FrozenScore, current_lines, read_payload
from points.scoring.scores import YearStatus, read_roster_years


@dataclass(frozen=True, slots=True)
class Votes:
    """How many at the 民主评议 were for each of the four ratings."""

    excellent: int
    qualified: int
    basically_qualified: int
    unqualified: int

    @property
    def text(self) -> str:
        """As `Rating.votes` holds it."""
        return f"{self.excellent}/{self.qualified}/{self.basically_qualified}/{self.unqualified}"


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One member of a branch's year: the frozen score (None for an exempt member), what it allows, what was decided.

    `decided` holds every decision, the latest one first.
    """

    member: Member
    category: str
    """On the year's last day."""
    score: FrozenScore | None
    allowed: tuple[str, ...]
    open_matters: str
    """Why a failing score may wait for its rating, in words; else empty."""
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
        """The score allows 不合格 alone, and 暂缓评定 while something about it is open (4.1)."""
        return bool(self.allowed) and self.allowed[0] == UNQUALIFIED

    @property
    def is_probationary(self) -> bool:
        return self.category == Member.Category.PROBATIONARY

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
    tell_apart((member for member, _score in people), lasting=True)
    ids = [member.pk for member, _score in people]
    decided = _read_decided(ids, year)
    open_matters = read_open_matters(ids, branch_id=branch.pk, year=year, rulebook=rulebook)
    rows = []
    for member, score in sorted(people, key=lambda entry: (entry[0].position, entry[0].pk)):
        category = (score.category if score else "") or member.category_on(half_end(year, H2))
        matters = open_matters.get(member.pk, "")
        allowed = _allow(rulebook, category, score, may_defer=bool(matters))
        rows.append(RatingRow(member, category, score, allowed, matters, tuple(decided.get(member.pk, ()))))
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


def _allow(rulebook: Rulebook, category: str, score: FrozenScore | None, *, may_defer: bool) -> tuple[str, ...]:
    return allowed_ratings(
        rulebook,
        total=score.cumulative if score else None,
        category=category,
        part_year=score is not None and score.is_part_year,
        vetoed=score is not None and score.vetoed,
        may_defer=may_defer,
    )


def _read_decided(member_ids: Iterable[int], year: int) -> dict[int, list[Rating]]:
    """Every decision about each member, the latest first."""
    decided: dict[int, list[Rating]] = {}
    for chunk in split_into_chunks(member_ids):
        for rating in Rating.objects.filter(member__in=chunk, year=year).select_related("by").order_by("-pk"):
            decided.setdefault(rating.member_id, []).append(rating)
    return decided


def read_decided_rating(member: Member, year: int) -> Rating | None:
    """What the branch decided about one member's year, the latest decision; None until it did. One query."""
    return Rating.objects.filter(member=member, year=year).select_related("branch").order_by("-pk").first()


def read_own_ratings(user: User) -> dict[int, Rating]:
    """What was decided about the user's own years, the latest decision of each, by year; two queries."""
    if user.member_id is None:
        return {}
    rows = (
        Rating.objects.filter(member=user.member_id)
        .select_related("branch")
        .prefetch_related("branch__former_names")
        .order_by("pk")
    )
    return {rating.year: rating for rating in rows}


def whom_to_rate(actor: User, sheet: RatingSheet, *, on: date) -> frozenset[int]:
    """The members whose rating the actor may enter: never their own (D14).

    The secretary and the town's staff enter everybody's, another committee member the secretary's, as with their line.
    """
    ids = {row.member.pk for row in sheet.rows}
    if not may(actor, Action.APPROVE_REVIEW, sheet.branch, on=on):
        if not may(actor, Action.APPROVE_OWN_LINE, sheet.branch, on=on):
            return frozenset()
        officers = Appointment.objects.on(on).filter(branch=sheet.branch, role=Appointment.Role.SECRETARY)
        ids &= set(officers.values_list("user__member_id", flat=True))
    return frozenset(ids - {actor.member_id})


def decide_ratings(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    year: int,
    decisions: Mapping[int, str],
    met_on: date,
    is_unrelated: bool,
    settle_by: date | None = None,
    votes: Mapping[int, Votes] | None = None,
) -> RatingSheet:
    """Enter what the branch's meeting decided about some members (member id to rating); later decisions replace.

    `settle_by` is the day by which the deferred ones are decided, `votes` how the appraisal voted on some of them. What
    was entered before with the same day is left out; each member is told. `is_unrelated`: the actor's recusal
    statement, ticked, that none of the members is their close kin; it is logged (D19). Returns the sheet as it stands
    then, with its warning. A constant number of queries.

    Raises:
        NoRulebook, PermissionDenied.
        NotAllowed: their own rating is among them, or that of close kin.
        RatingRefused: not final, nobody chosen, somebody without a final result here, not allowed by score or category,
            a meeting before the year's end or to come, or a deferred one without a sound day.
        DuplicateBatch: all of it was entered before.
    """
    today = timezone.localdate(now)
    votes = votes or {}
    may_all = may(actor, Action.APPROVE_REVIEW, branch, on=today)
    if not may_all and not may(actor, Action.APPROVE_OWN_LINE, branch, on=today):
        raise PermissionDenied(_("Ratings are entered by the branch's secretary or the town's staff."))
    if not decisions:
        raise RatingRefused(_("Choose a rating for at least one member."))
    if actor.member_id in decisions:
        raise NotAllowed(
            _("Nobody enters their own rating. Another committee member or the town's staff enters yours.")
        )
    require_recusal_statement(declared=is_unrelated)
    if not half_end(year, H2) < met_on <= today:
        raise RatingRefused(_("The meeting is held when the year is over, and not in the future."))
    _check_settle_by(settle_by, decisions, met_on=met_on)
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=sorted(decisions))
        sheet = read_rating_sheet(branch, year)
        _check_decisions(sheet, decisions)
        if not decisions.keys() <= whom_to_rate(actor, sheet, on=today):
            raise PermissionDenied(_("A committee member enters the secretary's rating alone."))
        ratings = [
            Rating(
                branch=branch,
                member=row.member,
                year=year,
                decision=decisions[row.member.pk],
                met_on=met_on,
                settle_by=settle_by if decisions[row.member.pk] == DEFERRED else None,
                votes=votes[row.member.pk].text if row.member.pk in votes else "",
                by=actor,
                at=now,
            )
            for row in sheet.rows
            if row.member.pk in decisions and not _stands(row, decisions[row.member.pk], met_on)
        ]
        if not ratings:
            raise DuplicateBatch(_("These ratings were entered before; nothing was written a second time."))
        Rating.objects.bulk_create(ratings)
        _tell_members(sheet, ratings, now=now, branch=branch, year=year)
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="decide_ratings",
            subject=branch,
            new={"year": year, "met_on": met_on.isoformat(), "count": len(ratings), "recusal": True},
        )
        return read_rating_sheet(branch, year)


def _tell_members(sheet: RatingSheet, ratings: Sequence[Rating], *, now: datetime, branch: Branch, year: int) -> None:
    """Tell each member that their rating is decided, or to what it was changed; two queries for each such word."""
    before = {row.member.pk: row.current.decision for row in sheet.rows if row.current is not None}
    told: dict[str, list[int]] = {}
    for rating in ratings:
        is_change = before.get(rating.member_id, rating.decision) != rating.decision
        about = _("changed to %(rating)s") % {"rating": rating.get_decision_display()} if is_change else ""
        told.setdefault(about, []).append(rating.member_id)
    for about, member_ids in told.items():
        notify_users(
            users=User.objects.filter(member__in=member_ids, is_active=True),
            now=now,
            kind=Notification.Kind.RATING_DECIDED,
            branch=branch,
            period=str(year),
            about=about,
            link=rating_link(year),
        )


def rating_link(year: int) -> str:
    """The address of the page on which members read their rating of a year, without the host."""
    return f"{reverse('home')}?year={year}"


def _check_settle_by(settle_by: date | None, decisions: Mapping[int, str], *, met_on: date) -> None:
    """A deferred rating says by when it is decided: within the year in which the meeting was (D14)."""
    if DEFERRED not in decisions.values():
        return
    if settle_by is None or not met_on < settle_by <= half_end(met_on.year, H2):
        raise RatingRefused(
            _("Enter by which day the deferred ratings are decided: after the meeting, and by 31 December %(year)s.")
            % {"year": met_on.year}
        )


def _check_decisions(sheet: RatingSheet, decisions: Mapping[int, str]) -> None:
    if sheet.refusal:
        raise RatingRefused(sheet.refusal)
    rows = {row.member.pk: row for row in sheet.rows}
    strangers = decisions.keys() - rows.keys()
    if strangers:
        names = list_names(Member.objects.filter(pk__in=strangers).order_by("position", "pk"), most=10)
        raise RatingRefused(_("%(name)s has no final result for %(year)s.") % {"name": names, "year": sheet.year})
    refusals = [_explain_not_allowed(rows[pk], code) for pk, code in decisions.items() if code not in rows[pk].allowed]
    if refusals:
        raise RatingRefused(" ".join(refusals[:10]))


def _explain_not_allowed(row: RatingRow, decision: str) -> str:
    if not row.allowed:
        return _("%(name)s is a probationary member and is not graded.") % {"name": row.member.listed_name}
    if decision == DEFERRED:
        return _(
            "%(name)s: below the pass mark a rating is deferred only while a finding, an appeal, a correction or an "
            "objection is open, or where the branch held nothing; none of it is so."
        ) % {"name": row.member.listed_name}
    return _("%(name)s: the score allows only %(ratings)s.") % {
        "name": row.member.listed_name,
        "ratings": row.allowed_names,
    }


def _stands(row: RatingRow, decision: str, met_on: date) -> bool:
    return row.current is not None and (row.current.decision, row.current.met_on) == (decision, met_on)
