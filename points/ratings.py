"""What a branch decides about its members' year (4, D14): open once the year is final, within what the score allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.audit import log_change
from members.locks import lock_for_score
from members.models import Branch, Member, User
from members.selectors import members_in
from points.adoption import rulebook_for
from points.chunks import split_into_chunks
from points.errors import RatingRefused
from points.freezing import read_payload
from points.models import Rating, Review, ReviewLine
from points.rules.periods import H2, half_end
from points.rules.ratings import EXCELLENT, allowed_ratings
from points.scoring import Standing, read_standings


@dataclass(frozen=True, slots=True)
class Ratable:
    """What decides which ratings a member may get; `total` is the frozen annual score, None for an exempt member."""

    branch: Branch
    total: int | None
    allowed: tuple[str, ...]


def ratable(member: Member, year: int) -> Ratable:
    """Where a member stands for rating.

    Raises:
        NoRulebook.
        RatingRefused: the branch's year is not final, or the member is not in one at its end.
    """
    rulebook = rulebook_for(member.town, year)
    standing = read_standings(Member.objects.filter(pk=member.pk), year).get(member.pk)
    line = _last_line(member, year)
    if line is not None:
        review = line.review
        score = read_payload(line.payload)
        total, part_year, vetoed = score.cumulative, score.is_part_year, score.vetoed
    elif standing is not None and standing.standing is Standing.EXEMPT:
        found = Review.objects.filter(branch=standing.branch_id, year=year, half=H2).select_related("branch__town")
        if not found:
            raise RatingRefused(_("The year %(year)s is not final yet; ratings are decided then.") % {"year": year})
        review = found[0]
        total, part_year, vetoed = None, False, False
    else:
        raise RatingRefused(_("%(name)s has no final result for %(year)s.") % {"name": member.name, "year": year})
    if review.state != Review.State.FINAL:
        raise RatingRefused(_("The year %(year)s is not final yet; ratings are decided then.") % {"year": year})
    allowed = allowed_ratings(rulebook, total=total, category=member.category, part_year=part_year, vetoed=vetoed)
    return Ratable(review.branch, total, allowed)


def _last_line(member: Member, year: int) -> ReviewLine | None:
    lines = ReviewLine.objects.filter(member=member, review__year=year, review__half=H2)
    return lines.select_related("review__branch__town").order_by("-revision").first()


def decide_rating(
    *, actor: User, now: datetime, member: Member, year: int, decision: str, met_on: date
) -> tuple[Rating, str]:
    """Enter what the branch decided; a later decision replaces it. Returns the row and a warning, empty or in words.

    Raises:
        NoRulebook, PermissionDenied.
        RatingRefused: not final, not allowed by score or category, or a meeting before the year's end or to come.
    """
    today = timezone.localdate(now)
    branch = ratable(member, year).branch
    if not may(actor, Action.APPROVE_REVIEW, branch, on=today):
        raise PermissionDenied(_("Ratings are entered by the branch's secretary or the town's staff."))
    if not half_end(year, H2) < met_on <= today:
        raise RatingRefused(_("The meeting is held when the year is over, and not in the future."))
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=[member.pk])
        allowed = ratable(member, year).allowed
        if decision not in allowed:
            raise RatingRefused(_explain_not_allowed(member, allowed))
        rating = Rating.objects.create(
            branch=branch, member=member, year=year, decision=decision, met_on=met_on, by=actor, at=now
        )
        log_change(
            actor=actor,
            now=now,
            town=branch.town,
            verb="decide_rating",
            subject=rating,
            new={"year": year, "decision": decision, "met_on": met_on.isoformat()},
        )
    return rating, warn_of_excellent(branch, year)


def _explain_not_allowed(member: Member, allowed: Iterable[str]) -> str:
    labels = "、".join(str(Rating.Decision(code).label) for code in allowed)
    if not labels:
        return _("%(name)s is a probationary member and is not graded (D14).") % {"name": member.name}
    return _("The score allows only: %(ratings)s (4.1, 4.4).") % {"ratings": labels}


def read_ratings(member_ids: Iterable[int], year: int) -> dict[int, Rating]:
    """The latest rating of each member."""
    latest: dict[int, Rating] = {}
    for chunk in split_into_chunks(member_ids):
        for rating in Rating.objects.filter(member__in=chunk, year=year).order_by("pk"):
            latest[rating.member_id] = rating
    return latest


def warn_of_excellent(branch: Branch, year: int) -> str:
    """A warning when more than a third of the branch's full members are rated 优秀 (D14); else empty."""
    members = members_in([branch.pk], half_end(year, H2)).filter(category=Member.Category.FULL)
    ids = list(members.values_list("pk", flat=True))
    decided: Mapping[int, Rating] = read_ratings(ids, year)
    excellent = sum(1 for rating in decided.values() if rating.decision == EXCELLENT)
    if 3 * excellent <= len(ids):
        return ""
    return _("%(count)d of %(members)d full members are rated excellent, more than a third (D14).") % {
        "count": excellent,
        "members": len(ids),
    }
