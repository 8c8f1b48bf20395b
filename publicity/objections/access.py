"""Who sees and who handles an objection (D11): asked here alone, since a branch's reach is too wide for them.

About the secretary or the recorder: the town's staff alone, hidden from those two. The objector's name is for those
who handle the objection; the branch's recorder and committee, and supervisors, read the others' words without it.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from members.access import Action, branches_for, reach_of
from members.models import Appointment, Branch, Member, User
from publicity.models import Objection

Role = Appointment.Role
OFFICERS = frozenset({Role.SECRETARY, Role.RECORDER})
READERS = OFFICERS | {Role.COMMITTEE_MEMBER}


def objections_to_handle(user: User, *, on: date) -> QuerySet[Objection]:
    """What the user investigates and answers: never an objection of their own or about their own line."""
    reach = reach_of(user, on=on)
    of_town = Q(notice__review__branch__town__in=reach.staff_towns)
    hidden = Q(to_town_at__isnull=False, notice__review__branch__in=reach.branches_with(OFFICERS))
    of_branch = Q(notice__review__branch__in=reach.branches_with(frozenset({Role.SECRETARY})), to_town_at__isnull=True)
    return _without_own_line(Objection.objects.filter((of_town & ~hidden) | of_branch), user).exclude(objector=user.pk)


def objections_for(user: User, *, on: date) -> QuerySet[Objection]:
    """What the user may know of at work; `objections_to_handle` says which of them with the objector's name."""
    reach = reach_of(user, on=on)
    known = Q(notice__review__branch__in=reach.branches_with(READERS), to_town_at__isnull=True)
    known |= Q(notice__review__branch__town__in=reach.supervised_towns)
    hidden = Q(to_town_at__isnull=False, notice__review__branch__in=reach.branches_with(OFFICERS))
    found = _without_own_line(Objection.objects.filter(known).exclude(hidden), user)
    return Objection.objects.filter(
        Q(pk__in=found.values("pk")) | Q(pk__in=objections_to_handle(user, on=on).values("pk"))
    )


def objections_to_take_out(user: User, *, on: date) -> QuerySet[Objection]:
    """What the user may know of at work, of the branches that are theirs to export."""
    branches = branches_for(user, on=on, action=Action.TAKE_OUT)
    return objections_for(user, on=on).filter(notice__review__branch__in=branches.values("pk"))


def own_objections(user: User) -> QuerySet[Objection]:
    """What the user raised from their own account."""
    return Objection.objects.filter(objector=user.pk)


def _without_own_line(rows: QuerySet[Objection], user: User) -> QuerySet[Objection]:
    return rows if user.member_id is None else rows.exclude(about=user.member_id)


def is_officers_line(branch: Branch, member: Member | None, *, on: date) -> bool:
    """Whether a line is that of the branch's secretary or recorder on a day."""
    return member is not None and _officers(branch, on=on).filter(user__member=member).exists()


def handlers_of(objection: Objection, *, on: date) -> list[User]:
    """Whom to tell that an objection waits: the branch's secretaries, or the town's staff where it is not for them."""
    secretaries = _officers(objection.notice.review.branch, on=on).filter(role=Role.SECRETARY)
    return _who_handle(objection, secretaries, on=on) or town_staff_of(objection, on=on)


def town_staff_of(objection: Objection, *, on: date) -> list[User]:
    """The town's staff who handle the objection."""
    staff = Appointment.objects.on(on).filter(town=objection.notice.review.branch.town_id, role=Role.TOWN_STAFF)
    return _who_handle(objection, staff, on=on)


def _who_handle(objection: Objection, appointments: QuerySet[Appointment], *, on: date) -> list[User]:
    users = User.objects.filter(pk__in=appointments.values("user"), is_active=True).order_by("pk")
    return [user for user in users if objections_to_handle(user, on=on).filter(pk=objection.pk).exists()]


def _officers(branch: Branch, *, on: date) -> QuerySet[Appointment]:
    return Appointment.objects.on(on).filter(branch=branch, role__in=OFFICERS)
