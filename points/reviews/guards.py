"""What stands against a step of the review besides its state and the actor's role, in words (3.2, D8, D19, D20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from members.models import Appointment, Member, User
from points.halves.locks import half_key_of, half_keys_of_finding
from points.models import Attendance, PointEvent, Review
from points.reviews.late import first_half_lines, late_records
from points.reviews.year_end import refuse_unsettled
from points.rules.periods import H1, H2, half_end, half_start
from points.scoring.freezing import NOTHING_FROZEN, current_lines, read_frozen_halves, read_payload
from points.scoring.scores import read_roster_years
from veto.models import Deduction, Finding, VetoRecord


def refuse_submission(review: Review, members: Sequence[Member], *, today: date) -> str:
    """Why a draft with these members cannot be submitted; empty when it can."""
    last_day = half_end(review.year, review.half)
    if today < last_day:
        return _("The half ends on %(date)s; submit it on that day or later.") % {"date": last_day}
    if not members:
        return _("Nobody of this branch is scored in this half, so there is nothing to review.")
    return refuse_unsettled(review)


def refuse_approval(review: Review, actor: User, members: Sequence[Member]) -> str:
    """Why the actor cannot approve a submitted half with these members; empty when they can."""
    if review.half == H2:
        waiting = _without_frozen_first_half(members, review.year)
        if waiting:
            return _(
                "The first half must be approved first, for the second is the annual score less it. "
                "Still missing: %(names)s."
            ) % {"names": "、".join(member.name for member in waiting[:10])}
    if review.branch.has_committee and recorded_by(actor, review, members):
        return _(
            "You recorded points of this half yourself. Recording and approving are two seats: another "
            "secretary or the town's staff approves, or a branch without a committee lets its assembly decide."
        )
    has_line = actor.member_id is not None and actor.member_id in {member.pk for member in members}
    if has_line and not _is_somebody_else(review.own_line_by, actor):
        return _("Your own line must be approved by another committee member or the town's staff before you approve.")
    return ""


def refuse_own_line(review: Review, actor: User, members: Sequence[Member], *, today: date) -> str:
    """Why the actor cannot approve the secretary's own line among these members'; empty when they can."""
    own_lines = own_lines_of(review, members, today=today)
    if not own_lines:
        return _("The secretary has no line of their own in this half.")
    if actor.member_id in {member.pk for member in own_lines}:
        return _("Nobody approves their own line: another committee member or the town's staff does.")
    if review.branch.has_committee and recorded_by(actor, review, own_lines):
        return _(
            "You recorded points of this line yourself. Recording and approving are two seats: another "
            "committee member or the town's staff approves it."
        )
    return ""


def refuse_final(review: Review) -> str:
    """Why a published half cannot become final; empty when it can.

    With the second half the year ends: what came after its approval would appear nowhere any more (D20).
    """
    if review.half == H1:
        return ""
    late = late_records(current_lines(review))
    if not late:
        return ""
    names = dict.fromkeys(record.line.member.listed_name for record in late)
    return _(
        "Since the approval something was recorded, confirmed, revoked or changed on the roster for %(names)s. "
        "Take it in by a correction, or void it: once the year is final it would be missing from the result."
    ) % {"names": "、".join(list(names)[:10])}


def own_lines_of(review: Review, members: Sequence[Member], *, today: date) -> list[Member]:
    """The branch's secretaries among the members who have a line in this review."""
    in_office = Appointment.objects.on(today).filter(
        branch=review.branch, role=Appointment.Role.SECRETARY, user__member__isnull=False
    )
    secretaries = set(in_office.values_list("user__member_id", flat=True))
    return [member for member in members if member.pk in secretaries]


def _is_somebody_else(approver: User | None, actor: User) -> bool:
    return approver is not None and approver.pk != actor.pk and approver.member_id != actor.member_id


def _without_frozen_first_half(members: Sequence[Member], year: int) -> list[Member]:
    """Those who were in the scheme at the end of the first half and have no frozen line of it, in any branch."""
    queryset = Member.objects.filter(pk__in=[member.pk for member in members])
    standings = read_roster_years(queryset, year)
    frozen = read_frozen_halves(queryset, year)
    return [
        member
        for member in members
        if standings[member.pk].first_half_in_scope and frozen.get(member.pk, NOTHING_FROZEN).first_half is None
    ]


def recorded_by(actor: User, review: Review, members: Sequence[Member]) -> bool:
    """Whether the actor recorded a live record that this approval would be the first to freeze (D19).

    By screen, meeting or import alike. A second half takes in what came too late for the first one, but not what the
    first one froze.
    """
    ids = [member.pk for member in members]
    mine = {"member__in": ids, "batch__actor": actor}
    if (
        Attendance.objects.live()
        .filter(
            **mine, meeting__held_on__range=(half_start(review.year, review.half), half_end(review.year, review.half))
        )
        .exists()
    ):
        return True
    events = list(PointEvent.objects.live().filter(**mine, year=review.year))
    findings: list[Finding] = [
        *Deduction.objects.confirmed().filter(**mine, date__year=review.year),
        *VetoRecord.objects.confirmed().filter(**mine, year=review.year),
    ]
    if review.half == H1:
        return any(half_key_of(event)[2] == H1 for event in events) or any(
            key[2] == H1 for finding in findings for key in half_keys_of_finding(finding)
        )
    frozen: set[str] = set()
    for line in first_half_lines(ids, review.year):
        score = read_payload(line.payload)
        frozen.update(score.events, score.deductions, score.vetoes)
    mine_by_uuid = {str(event.uuid) for event in events} | {str(finding.uuid) for finding in findings}
    return not mine_by_uuid <= frozen
