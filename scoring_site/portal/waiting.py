"""What waits for a member, above their points: a statement asked for, a claim to complete, a result, a notice.

None of it must be done here: whatever is left can be said and signed on paper too (D26).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import User
from points.claims.claims import claim_link, own_claims
from points.models import Claim, Review
from points.scoring.wording import name_period
from publicity.notices.audience import notices_for
from publicity.notices.publication import notice_link
from scoring_site.portal.hearings import may_answer
from scoring_site.portal.results import read_confirmed, read_own_lines
from veto.hearings import own_hearings
from veto.steps import hearing_link


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line: what it is about, without a ground (D21), what one can do, and where."""

    what: str
    verb: str
    url: str


def list_waiting(user: User, *, on: date) -> list[Waiting]:
    """What waits for the user as a member on a day, what has a day of its own first; a fixed number of queries.

    A limited account answers nothing (D29): it sees the notices alone.
    """
    if user.member_id is None:
        return []
    own = [] if user.is_limited else [*_statements(user), *_claims(user), *_results(user)]
    return [*own, *_notices(user, on)]


def _statements(user: User) -> Iterator[Waiting]:
    for finding in own_hearings(user):
        if may_answer(finding):
            what = _("The branch asks for your statement on a matter of %(day)s.") % {"day": finding.date.isoformat()}
            yield Waiting(what, _("answer now"), hearing_link(finding))


def _claims(user: User) -> Iterator[Waiting]:
    for claim in own_claims(user).filter(state=Claim.State.RETURNED):
        what = _("Claim of %(day)s: returned") % {"day": claim.date.isoformat()}
        yield Waiting(what, _("complete"), claim_link(claim))


def _results(user: User) -> Iterator[Waiting]:
    """All results in one line: the page behind it has them one below the other."""
    current = [revisions[-1] for revisions in read_own_lines(user).values()]
    confirmed = read_confirmed(current)
    open_lines = [line for line in current if line.pk not in confirmed]
    if len(open_lines) == 1:
        review = open_lines[0].review
        what = _("Your result of the %(period)s") % {"period": name_period(f"{review.year}{review.half}")}
        yield Waiting(what, _("confirm"), reverse("results"))
    elif open_lines:
        what = _("Your results of %(count)s half-years") % {"count": len(open_lines)}
        yield Waiting(what, _("confirm"), reverse("results"))


def _notices(user: User, on: date) -> Iterator[Waiting]:
    """The open notices that have a line of the user's own."""
    found = notices_for(user, on=on).filter(review__state=Review.State.PUBLISHED, review__lines__member=user.member_id)
    for notice in found:
        what = _("Points of the %(period)s are on notice") % {"period": name_period(notice.period)}
        yield Waiting(what, _("look"), notice_link(notice))
