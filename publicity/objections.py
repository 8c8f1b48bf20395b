"""Objections (3.3, D11): received from anyone, investigated, answered in writing by an explanation or a correction.

What is about the secretary or the recorder is handled by the town's staff and hidden from those two.
"""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, branches_for, reach_of
from members.audit import log_change
from members.locks import lock_for_score
from members.models import Member, User
from points.models import Correction
from publicity.clock import add_workdays
from publicity.errors import ObjectionRefused
from publicity.models import Notice, Objection
from publicity.workdays import TownCalendar

ANSWER_WITHIN = 10
"""Working days for the written answer (D11)."""


def objections_for(user: User, *, on: date) -> QuerySet[Objection]:
    """The objections a user handles (of the town, or of their branch and not about officers), or raised themselves."""
    reach = reach_of(user, on=on)
    own_branches = branches_for(user, on=on, action=Action.APPROVE_REVIEW).values("pk")
    return Objection.objects.filter(
        Q(notice__review__branch__town__in=reach.staff_towns)
        | Q(notice__review__branch__in=own_branches, about_officer=False)
        | Q(objector=user.pk)
    )


def raise_objection(
    *,
    actor: User,
    now: datetime,
    notice: Notice,
    text: str,
    about: Member | None = None,
    about_officer: bool = False,
    via: Objection.Via = Objection.Via.PORTAL,
    objector_name: str = "",
) -> Objection:
    """Take an objection down and give it a receipt number; late ones are taken too (D11).

    Raises:
        ObjectionRefused: no text, the notice is not up yet, or on paper without the objector's name or “匿名”.
    """
    if not text.strip():
        raise ObjectionRefused(_("Say what you object to."))
    if notice.posted_on is None:
        raise ObjectionRefused(_("The notice is not up yet."))
    by_member = via == Objection.Via.PORTAL
    if not by_member and not objector_name.strip():
        raise ObjectionRefused(_("Enter who objects, or “anonymous”."))
    with transaction.atomic():
        lock_for_score(branch_ids=[notice.review.branch_id], member_ids=())
        number = Objection.objects.filter(notice__review__branch=notice.review.branch).count() + 1
        receipt = f"{notice.review.year}{notice.review.half}-{notice.review.branch_id}-{number:03d}"
        objection = Objection.objects.create(
            receipt=receipt,
            notice=notice,
            about=about,
            about_officer=about_officer,
            via=via,
            objector=actor if by_member else None,
            objector_name="" if by_member else objector_name.strip()[:60],
            text=text.strip()[:4000],
            received_at=now,
            taken_by=actor,
        )
        log_change(actor=actor, now=now, town=notice.review.branch.town, verb="raise_objection", subject=objection)
    return objection


def answer_by(objection: Objection) -> date:
    """The last of ten working days for the written answer (D11); raises UnknownWorkYear."""
    town = objection.notice.review.branch.town
    received_on = timezone.localdate(objection.received_at)
    return add_workdays(received_on, ANSWER_WITHIN, calendar=TownCalendar(town))


def note_investigation(*, actor: User, now: datetime, objection: Objection, notes: str) -> None:
    """Add to the investigation notes of an unanswered objection; raises PermissionDenied, ObjectionRefused."""
    _require_handler(actor, objection, now)
    updated = Objection.objects.filter(pk=objection.pk, answered_at__isnull=True).update(notes=notes.strip()[:8000])
    if not updated:
        raise ObjectionRefused(_("This objection was answered before; reload the page."))


def answer_objection(
    *, actor: User, now: datetime, objection: Objection, answer: str, correction: Correction | None = None
) -> None:
    """Settle an objection in writing: an explanation, or with `correction` the correction it led to.

    Raises:
        PermissionDenied, ObjectionRefused (no answer, answered before, or a correction of another half).
    """
    _require_handler(actor, objection, now)
    if not answer.strip():
        raise ObjectionRefused(_("Write the answer: what was found and what follows from it."))
    if correction is not None and correction.review_id != objection.notice.review_id:
        raise ObjectionRefused(_("That correction belongs to another half."))
    kind = Objection.Answer.CORRECTED if correction else Objection.Answer.EXPLAINED
    with transaction.atomic():
        lock_for_score(branch_ids=[objection.notice.review.branch_id], member_ids=())
        updated = Objection.objects.filter(pk=objection.pk, answered_at__isnull=True).update(
            answer_kind=kind,
            answer=answer.strip()[:4000],
            answered_at=now,
            answered_by=actor,
            correction=correction,
        )
        if not updated:
            raise ObjectionRefused(_("This objection was answered before; reload the page."))
        log_change(
            actor=actor,
            now=now,
            town=objection.notice.review.branch.town,
            verb="answer_objection",
            subject=objection,
            new={"kind": kind},
        )


def _require_handler(actor: User, objection: Objection, now: datetime) -> None:
    handled = objections_for(actor, on=timezone.localdate(now)).filter(pk=objection.pk)
    if objection.objector_id == actor.pk or not handled.exists():
        raise PermissionDenied(_("This objection is not yours to handle."))
