"""What stands against a step of the review besides its state and the actor's role, in words (3.2, D8, D19, D20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from members.access import Action, is_own_case, may
from members.models import Appointment, Member, User
from members.people.naming import tell_apart
from members.selectors import holders_of
from points.halves.locks import half_key_of, half_keys_of_finding
from points.models import Attendance, PointEvent, Review
from points.reviews.late import first_half_lines, late_records
from points.reviews.stays import refuse_unproved_stays
from points.reviews.year_end import refuse_unsettled
from points.rules.periods import H1, H2, half_end, half_start
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebook_for
from points.scoring.freezing import NOTHING_FROZEN, current_lines, read_frozen_halves, read_payload
from points.scoring.scores import read_roster_years
from points.scoring.wording import name_period_in_year
from veto.models import Deduction, Finding, VetoRecord

Recorded = PointEvent | Attendance | Finding
MOST_NAMED = 10
Role = Appointment.Role


def refuse_submission(review: Review, members: Sequence[Member], *, today: date) -> str:
    """Why a draft with these members cannot be submitted; empty when it can."""
    last_day = half_end(review.year, review.half)
    if today < last_day:
        return _("The half ends on %(date)s; submit it on that day or later.") % {"date": last_day}
    if not members:
        return _("Nobody of this branch is scored in this half, so there is nothing to review.")
    return refuse_unsettled(review) or refuse_unproved_stays(review, members)


def refuse_approval(review: Review, actor: User, members: Sequence[Member]) -> str:
    """Why the actor cannot approve a submitted half with these members; empty when they can."""
    if review.half == H2:
        waiting = _without_frozen_first_half(members, review.year)
        if waiting:
            return _(
                "The first half must be approved first, for the second is the annual score less it. "
                "Still missing: %(names)s."
            ) % {"names": "、".join(member.name for member in waiting[:10])}
    mine = recorded_by(actor, review, members) if review.branch.has_committee else []
    if mine:
        return _(
            "You recorded points of this half yourself: %(records)s. Recording and approving are two seats: a "
            "committee member who recorded nothing of it or the town's staff enters the decision; nothing is entered "
            "anew."
        ) % {"records": _name_records(mine, review)}
    has_line = actor.member_id is not None and actor.member_id in {member.pk for member in members}
    if has_line and not _is_somebody_else(review.own_line_by, actor):
        return _("Your own line must be approved by another committee member or the town's staff before you approve.")
    return ""


def refuse_deputy(review: Review, actor: User, members: Sequence[Member], *, today: date) -> str:
    """Why a committee member does not decide in the secretary's place; empty for whoever may decide (D27).

    They decide where no secretary can: each recorded something of the half, or there is none.
    """
    if may(actor, Action.APPROVE_REVIEW, review.branch, on=today):
        return ""
    if not review.branch.has_committee:
        return _("This branch has no committee: its secretary enters what the assembly decided.")
    free = _find_free(Role.SECRETARY, review, members, today=today)
    if free:
        return _("%(names)s recorded nothing of this half and enters the decision as secretary.") % {
            "names": "、".join(map(str, free))
        }
    return ""


def _find_free(role: Role, review: Review, members: Sequence[Member], *, today: date) -> list[User]:
    """Who holds a role in the branch and recorded nothing of the half."""
    held = holders_of(role, on=today, branch=review.branch).order_by("pk")
    return [user for user in held if not recorded_by(user, review, members)]


def refuse_own_line(review: Review, actor: User, members: Sequence[Member], *, today: date) -> str:
    """Why the actor cannot approve the secretary's own line among these members'; empty when they can."""
    own_lines = own_lines_of(review, members, today=today)
    if not own_lines:
        return _("The secretary has no line of their own in this half.")
    own_lines = [member for member in own_lines if not is_own_case(actor, member)]
    if not own_lines:
        return _("Nobody approves their own line: another committee member or the town's staff does.")
    mine = recorded_by(actor, review, own_lines) if review.branch.has_committee else []
    if mine:
        return _(
            "You recorded points of this line yourself: %(records)s. Recording and approving are two seats: another "
            "committee member or the town's staff approves it."
        ) % {"records": _name_records(mine, review)}
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
    """Whose own lines another approves: the secretaries', and a deputy's where no secretary can decide (D19, D27)."""
    secretaries = holders_of(Role.SECRETARY, on=today, branch=review.branch)
    deciding = {user.member_id for user in secretaries}
    if review.branch.has_committee and not _find_free(Role.SECRETARY, review, members, today=today):
        deciding |= {user.member_id for user in _find_free(Role.COMMITTEE_MEMBER, review, members, today=today)}
    return [member for member in members if member.pk in deciding]


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


def recorded_by(actor: User, review: Review, members: Sequence[Member]) -> list[Recorded]:
    """The actor's own live records that this approval would be the first to freeze; three or four queries (D19).

    By screen, meeting or import alike. A second half takes in what came too late for the first one, but not what the
    first one froze.
    """
    ids = [member.pk for member in members]
    mine = {"member__in": ids, "batch__actor": actor}
    days = (half_start(review.year, review.half), half_end(review.year, review.half))
    attended = Attendance.objects.live().filter(**mine, meeting__held_on__range=days)
    events = PointEvent.objects.live().filter(**mine, year=review.year).select_related("member")
    findings: list[Finding] = [
        *Deduction.objects.confirmed().filter(**mine, date__year=review.year).select_related("member"),
        *VetoRecord.objects.confirmed().filter(**mine, year=review.year).select_related("member"),
    ]
    if review.half == H1:
        counted: list[Recorded] = [event for event in events if half_key_of(event)[2] == H1]
        counted += [each for each in findings if any(key[2] == H1 for key in half_keys_of_finding(each))]
    else:
        frozen: set[str] = set()
        for line in first_half_lines(ids, review.year):
            score = read_payload(line.payload)
            frozen.update(score.events, score.deductions, score.vetoes)
        counted = [event for event in events if str(event.uuid) not in frozen]
        counted += [each for each in findings if str(each.uuid) not in frozen]
    earned = {event.attendance_id for event in events}
    return [*counted, *(each for each in attended.select_related("member", "meeting") if each.pk not in earned)]


def _name_records(records: Sequence[Recorded], review: Review) -> str:
    """Some of the records in a sentence, so that nobody has to look for them; a finding without its ground (P6)."""
    rulebook = rulebook_for(review.branch.town, review.year)
    tell_apart(record.member for record in records[:MOST_NAMED])
    named = "、".join(
        f"{record.member.listed_name}（{_name_record(record, rulebook)}）" for record in records[:MOST_NAMED]
    )
    more = len(records) - MOST_NAMED
    return named + (_(" and %(count)d more") % {"count": more} if more > 0 else "")


def _name_record(record: Recorded, rulebook: Rulebook) -> str:
    if isinstance(record, Attendance):
        return f"{record.meeting.held_on} {record.get_status_display()}"
    if isinstance(record, PointEvent):
        when = name_period_in_year(record.period) if record.period else str(record.date)
        return f"{rulebook.item(record.item).name} {when}"
    return f"{record._meta.verbose_name} {record.date}"
