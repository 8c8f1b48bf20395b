"""Objections (3.3, D11): received from anyone, investigated, answered in writing by an explanation or a correction.

What is about the secretary or the recorder is handled by the town's staff and hidden from those two. An answer that
does not satisfy is passed to the town and holds up nothing. The log never names who objected: it is read by others.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.errors import DuplicateBatch
from members.log.audit import log_change, refuse_limited
from members.log.locks import lock_for_score
from members.log.reasons import fit_text
from members.models import Member, Notification, User
from members.notifications import notify_users
from members.people.recusal import require_unrelated
from members.selectors import system_account
from points.models import Correction, Review, ReviewLine
from publicity.errors import ObjectionRefused
from publicity.models import InvestigationNote, Notice, Objection, ObjectionAddition
from publicity.notices.audience import notices_for
from publicity.objections.access import (
    handlers_of,
    is_officers_line,
    objections_for,
    objections_to_handle,
    town_staff_of,
)

TEXT_LIMIT = 4000
DISSATISFACTION_LIMIT = 2000
NAME_LENGTH = 60
Via = Objection.Via


def objection_link(objection: Objection) -> str:
    """The address of the objector's own page, without the host."""
    return reverse("objection", args=[objection.uuid])


def work_link(objection: Objection) -> str:
    """The address of the page of those who handle it, without the host."""
    return reverse("workbench:publicity_objection_change", args=[objection.pk])


def raise_objection(
    *,
    actor: User,
    now: datetime,
    notice: Notice,
    text: str,
    about: Member | None = None,
    about_officers: bool = False,
    via: Objection.Via = Via.PORTAL,
    objector_name: str = "",
    received_on: date | None = None,
    scan: str = "",
    token: UUID | None = None,
) -> Objection:
    """Register an objection, give it a receipt number and tell who handles it; late ones are taken too (D11).

    In the portal the actor objects; otherwise the branch's recorder or secretary, or the town, registers somebody
    else's; `scan` is the picture of the paper by its name. About the secretary's or recorder's own line it goes to the
    town without being asked for. What a member says further about the same line joins the first, which is returned.

    Raises:
        PermissionDenied: the notice is not the actor's to read, or not their branch's to take objections for.
        TextTooLong.
        ObjectionRefused: no text, nothing is up yet, nobody's line, no name (or “匿名”) on paper, an impossible day, or
            answered before about the line as it stands.
        DuplicateBatch: the form with this token was sent before.
        AccountLimited: the town has not confirmed yet that the account's password was reset (D29).
    """
    name = fit_text(objector_name, most=NAME_LENGTH)
    text = _check_text(text, _("Say what you object to."))
    # The log of an objection does not name who raised it (D11): it is asked here, as nowhere else.
    refuse_limited(actor)
    today = timezone.localdate(now)
    review = notice.review
    in_portal = via == Via.PORTAL
    if in_portal and not notices_for(actor, on=today).filter(pk=notice.pk).exists():
        raise PermissionDenied(_("This notice is not open to you."))
    if not in_portal and not may(actor, Action.RECORD, review.branch, on=today):
        raise PermissionDenied(_("Objections are registered by the branch's recorder or secretary, or by the town."))
    if not in_portal and not name:
        raise ObjectionRefused(_("Enter who objects, or “anonymous”."))
    received_on = today if in_portal or received_on is None else received_on
    if about is not None and not ReviewLine.objects.filter(review=review, member=about, revision=1).exists():
        raise ObjectionRefused(_("%(name)s has no line in this notice.") % {"name": about.name})
    with transaction.atomic():
        lock_for_score(branch_ids=[review.branch_id], member_ids=())
        _check_day(notice, received_on, today=today)
        if token is not None and _is_spent(token):
            raise DuplicateBatch(_("This objection was received before; nothing was written a second time."))
        for_town = about_officers or is_officers_line(review.branch, about, on=today)
        first = _first_about(actor, notice, about, for_town=for_town) if in_portal else None
        if first is not None:
            _join(first, actor=actor, now=now, text=text, token=token)
            return first
        objection = Objection.objects.create(
            uuid=token or uuid4(),
            receipt=_draw_receipt(review),
            notice=notice,
            about=about,
            to_town_at=now if for_town else None,
            via=via,
            objector=actor if in_portal else None,
            objector_name="" if in_portal else name,
            text=text,
            scan="" if in_portal else scan,
            received_on=received_on,
            at=now,
            taken_by=actor,
        )
        _log(objection, actor=actor, now=now, verb="raise_objection", new={"via": via, "to_town": for_town})
        _tell(handlers_of(objection, on=today), objection, Notification.Kind.OBJECTION_RAISED, now=now)
    return objection


def _is_spent(token: UUID) -> bool:
    return any(model._default_manager.filter(uuid=token).exists() for model in (Objection, ObjectionAddition))


def _first_about(actor: User, notice: Notice, about: Member | None, *, for_town: bool) -> Objection | None:
    """What the actor objected to before about the same line as it stands; the town's, which is hidden, apart."""
    rows = Objection.objects.filter(notice=notice, objector=actor, about=about, to_town_at__isnull=not for_town)
    if about is not None:
        revisions = ReviewLine.objects.filter(review=notice.review, member=about).order_by("-revision")
        rows = rows.filter(at__gte=revisions.values_list("freeze__at", flat=True)[0])
    return rows.order_by("pk").first()


def _join(first: Objection, *, actor: User, now: datetime, text: str, token: UUID | None) -> None:
    """Add to an objection that waits; an answered one is the town's next, or a notice could be held open for ever."""
    if first.is_answered:
        raise ObjectionRefused(
            _(
                "You objected to this before (no. %(receipt)s) and were answered. If the answer does not satisfy you, "
                "its page leads to the town."
            )
            % {"receipt": first.receipt}
        )
    ObjectionAddition.objects.create(uuid=token or uuid4(), objection=first, text=text, at=now)
    _log(first, actor=actor, now=now, verb="add_to_objection")
    _tell(handlers_of(first, on=timezone.localdate(now)), first, Notification.Kind.OBJECTION_RAISED, now=now)


def _check_text(text: str, missing: str) -> str:
    text = fit_text(text, most=TEXT_LIMIT)
    if not text:
        raise ObjectionRefused(missing)
    return text


def _check_day(notice: Notice, received_on: date, *, today: date) -> None:
    first_posted = notice.postings.order_by("posted_on").values_list("posted_on", flat=True).first()
    if first_posted is None:
        raise ObjectionRefused(_("The notice is not up yet."))
    if not first_posted <= received_on <= today:
        raise ObjectionRefused(_("It was received on a day since the notice went up, and not in the future."))


def _draw_receipt(review: Review) -> str:
    """A number nobody has; drawn, for a running one would tell of objections that are hidden from its reader (D11)."""
    while True:
        number = secrets.randbelow(10**8)
        receipt = f"{review.year}{review.half}-{number // 10**4:04d}-{number % 10**4:04d}"
        if not Objection.objects.filter(receipt=receipt).exists():
            return receipt


def hand_to_town(*, actor: User, now: datetime, objection: Objection) -> None:
    """Whoever handles it finds that it is about the secretary or the recorder: from now on it is the town's (D11).

    Raises:
        PermissionDenied, ObjectionRefused (answered, or the town's already).
    """
    _require_handler(actor, objection, now)
    with transaction.atomic():
        fresh = _lock(objection)
        if fresh.is_answered:
            raise ObjectionRefused(_("This objection was answered before; reload the page."))
        _stamp(objection, fresh, "to_town_at", to_town_at=now)
        _log(objection, actor=actor, now=now, verb="hand_objection_to_town")
        staff = town_staff_of(objection, on=timezone.localdate(now))
        _tell(staff, objection, Notification.Kind.OBJECTION_RAISED, now=now)


def note_investigation(*, actor: User, now: datetime, objection: Objection, text: str) -> InvestigationNote:
    """Add what was found out; notes are never changed.

    Raises:
        PermissionDenied, TextTooLong, ObjectionRefused (empty, or the objection was answered).
    """
    text = _check_text(text, _("Write what was found out."))
    _require_handler(actor, objection, now)
    with transaction.atomic():
        if _lock(objection).is_answered:
            raise ObjectionRefused(_("This objection was answered before; reload the page."))
        note = InvestigationNote.objects.create(objection=objection, text=text, by=actor, at=now)
        _log(objection, actor=actor, now=now, verb="note_investigation")
    return note


def answer_objection(
    *,
    actor: User,
    now: datetime,
    objection: Objection,
    answer: str,
    correction: Correction | None = None,
    is_unrelated: bool = False,
) -> None:
    """Settle an objection in writing, by an explanation or the `correction` it led to; tells the objector.

    `is_unrelated`: the actor's recusal statement, asked for where the objection names a member, and logged (D19).

    Raises:
        NotAllowed: about the actor or their close kin.
        PermissionDenied, TextTooLong, ObjectionRefused (no answer, answered before, or a correction of something else).
    """
    answer = _check_text(answer, _("Write the answer: what was found and what follows from it."))
    _require_handler(actor, objection, now)
    _require_unrelated(actor, objection, declared=is_unrelated)
    if correction is not None and not corrections_for(objection).filter(pk=correction.pk).exists():
        raise ObjectionRefused(_("That correction does not belong to this objection."))
    kind = Objection.Answer.CORRECTED if correction else Objection.Answer.EXPLAINED
    with transaction.atomic():
        stamp_answer(
            objection, answered_by=actor, logged_by=actor, now=now, answer=answer, kind=kind, correction=correction
        )


def stamp_answer(
    objection: Objection,
    *,
    answered_by: User,
    logged_by: User,
    now: datetime,
    answer: str,
    kind: Objection.Answer,
    correction: Correction | None,
) -> None:
    """Write a checked answer and tell the objector; call inside `transaction.atomic()`.

    Whoever answers, or enters or reviews the correction that does, has given the recusal statement (D19).
    Of an answer by a correction, who entered it answered, and who reviewed it made it so. Raises ObjectionRefused where
    it was answered before.
    """
    _stamp(
        objection,
        _lock(objection),
        "answered_at",
        answer_kind=kind,
        answer=answer,
        answered_at=now,
        answered_by=answered_by,
        correction=correction,
    )
    _log(objection, actor=logged_by, now=now, verb="answer_objection", new={"answer_kind": kind, **_recusal(objection)})
    _tell_objector(objection, Notification.Kind.OBJECTION_ANSWERED, now=now)


def check_answer(objection: Objection, *, answered_by: User, now: datetime, answer: str) -> str:
    """The answer as it is kept, of who handles an objection that is open still.

    Raises:
        PermissionDenied, TextTooLong, ObjectionRefused (no answer, or answered before).
    """
    answer = _check_text(answer, _("Write the answer: what was found and what follows from it."))
    _require_handler(answered_by, objection, now)
    if Objection.objects.get(pk=objection.pk).is_answered:
        raise ObjectionRefused(_("This objection was answered before; reload the page."))
    return answer


def corrections_for(objection: Objection) -> QuerySet[Correction]:
    """The corrections that can be the answer: of a line of its notice, entered since, citing no other objection."""
    lines = ReviewLine.objects.filter(review=objection.notice.review_id, correction__isnull=False)
    free = Q(objection__isnull=True) | Q(objection=objection.uuid)
    return Correction.objects.filter(free, pk__in=lines.values("correction"), at__gte=objection.at)


def note_dissatisfaction(*, actor: User, now: datetime, objection: Objection, text: str = "") -> None:
    """The answer does not satisfy the objector: it goes to the town, and the notice is not held up by it (D11).

    The objector says so from their own account, or whoever registers objections enters it for them.

    Raises:
        PermissionDenied, TextTooLong, ObjectionRefused (not answered yet, or passed on before), AccountLimited.
    """
    text = fit_text(text, most=DISSATISFACTION_LIMIT)
    refuse_limited(actor)
    today = timezone.localdate(now)
    branch = objection.notice.review.branch
    is_registrar = may(actor, Action.RECORD, branch, on=today) and objections_for(actor, on=today).contains(objection)
    if objection.objector_id != actor.pk and not is_registrar:
        raise PermissionDenied(_("This objection is not yours to handle."))
    with transaction.atomic():
        fresh = _lock(objection)
        if not fresh.is_answered:
            raise ObjectionRefused(_("It is not answered yet."))
        _stamp(
            objection,
            fresh,
            "dissatisfied_at",
            dissatisfaction=text,
            dissatisfied_at=now,
            dissatisfied_by=actor,
        )
        _log(objection, actor=actor, now=now, verb="note_dissatisfaction")
        _tell(town_staff_of(objection, on=today), objection, Notification.Kind.OBJECTION_TO_TOWN, now=now)


def reply_for_town(*, actor: User, now: datetime, objection: Objection, reply: str, is_unrelated: bool = False) -> None:
    """The town's staff reply to an objector whom the answer did not satisfy; tells the objector.

    `is_unrelated`: as in `answer_objection`.

    Raises:
        NotAllowed: about the actor or their close kin.
        PermissionDenied, TextTooLong, ObjectionRefused (not passed to the town, no text, or replied before).
    """
    reply = _check_text(reply, _("Write the reply."))
    _require_handler(actor, objection, now)
    if not may(actor, Action.CONSENT, objection.notice.review.branch, on=timezone.localdate(now)):
        raise PermissionDenied(_("The town's staff reply to what was passed to the town."))
    _require_unrelated(actor, objection, declared=is_unrelated)
    if objection.dissatisfied_at is None:
        raise ObjectionRefused(_("Nobody said that the answer does not satisfy."))
    with transaction.atomic():
        _stamp(
            objection, _lock(objection), "town_replied_at", town_reply=reply, town_replied_at=now, town_replied_by=actor
        )
        _log(objection, actor=actor, now=now, verb="reply_for_town", new=_recusal(objection))
        _tell_objector(objection, Notification.Kind.OBJECTION_REPLIED, now=now)


def _require_handler(actor: User, objection: Objection, now: datetime) -> None:
    if not objections_to_handle(actor, on=timezone.localdate(now)).contains(objection):
        raise PermissionDenied(_("This objection is not yours to handle."))


def _require_unrelated(actor: User, objection: Objection, *, declared: bool) -> None:
    """Of an objection that names nobody there is nobody to be kin of."""
    if objection.about is not None:
        require_unrelated(actor, objection.about, declared=declared)


def _recusal(objection: Objection) -> dict[str, object]:
    return {"recusal": True} if objection.about is not None else {}


def _lock(objection: Objection) -> Objection:
    """The objection as it stands under its branch's lock, which closing its notice takes as well."""
    lock_for_score(branch_ids=[objection.notice.review.branch_id], member_ids=())
    return Objection.objects.get(pk=objection.pk)


def _stamp(objection: Objection, fresh: Objection, stamp: str, **values: object) -> None:
    """Stamp values once on an objection that `_lock` gave; the object passed in shows them afterwards."""
    if getattr(fresh, stamp) is not None:
        raise ObjectionRefused(_("This was entered before; reload the page."))
    Objection.objects.filter(pk=objection.pk).update(**values)
    objection.refresh_from_db(fields=list(values))


def _tell(users: list[User], objection: Objection, kind: Notification.Kind, *, now: datetime, link: str = "") -> None:
    review = objection.notice.review
    notify_users(
        users=users,
        now=now,
        kind=kind,
        branch=review.branch,
        period=f"{review.year}{review.half}",
        link=link or work_link(objection),
        about=_("no. %(receipt)s") % {"receipt": objection.receipt},
    )


def _tell_objector(objection: Objection, kind: Notification.Kind, *, now: datetime) -> None:
    if objection.objector is not None:
        _tell([objection.objector], objection, kind, now=now, link=objection_link(objection))


def _log(
    objection: Objection, *, actor: User, now: datetime, verb: str, new: Mapping[str, object] | None = None
) -> None:
    """Log as the town's own account what the objector did: the log is read by people who do not handle objections."""
    town = objection.notice.review.branch.town
    log_change(
        actor=system_account(town) if actor.pk == objection.objector_id else actor,
        now=now,
        town=town,
        verb=verb,
        subject=objection,
        new={"receipt": objection.receipt, **(new or {})},
    )
