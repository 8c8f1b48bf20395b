"""The register of who was told how data about them is processed, who agreed, and who took that back.

个人信息保护法 asks for the first (arts. 17, 30), and for the second where consent is the basis (arts. 14, 15, 29).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, require_branch_action, require_member_action
from members.errors import InformingRefused
from members.log.audit import log_change
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import Branch, Informing, Member, User
from members.selectors import members_in

Kind, Channel = Informing.Kind, Informing.Channel


def find_uninformed(members: QuerySet[Member]) -> QuerySet[Member]:
    """Those of the members whom the register does not name as informed; their order is kept."""
    informed = Informing.objects.live().filter(member=OuterRef("pk"), kind=Kind.INFORMED)
    return members.filter(~Exists(informed))


def enter_informings(
    *,
    actor: User,
    now: datetime,
    branch: Branch,
    member_ids: Iterable[int],
    kind: Informing.Kind,
    channel: Informing.Channel,
    day: date,
    scan: str = "",
) -> int:
    """Enter for members of a branch that they were informed, agreed, or took it back; how many rows were added.

    Whoever has the same entry of that day already is left out. `scan` is the picture of what was signed or minuted.

    Raises:
        PermissionDenied.
        InformingRefused: nobody chosen, somebody of another branch, a day to come, the portal's own channel, or a
            consent without what was signed.
    """
    today = timezone.localdate(now)
    require_branch_action(actor, Action.RECORD, branch, on=today)
    wanted = set(member_ids)
    if day > today:
        raise InformingRefused(_("Enter it on the day it happened or later."))
    if channel == Channel.PORTAL:
        raise InformingRefused(_("What a member does in the portal enters itself."))
    if kind == Kind.CONSENTED and not scan:
        raise InformingRefused(_("A consent is entered with the scan of what the member signed."))
    with transaction.atomic():
        lock_for_score(branch_ids=[branch.pk], member_ids=())
        there = set(members_in([branch.pk], today).filter(pk__in=wanted).values_list("pk", flat=True))
        if not wanted or there != wanted:
            raise InformingRefused(_("Choose members of the branch."))
        same = Informing.objects.live().filter(member__in=wanted, kind=kind, day=day)
        rows = [
            Informing(member_id=pk, kind=kind, channel=channel, day=day, scan=scan, entered_by=actor, at=now)
            for pk in sorted(wanted - set(same.values_list("member_id", flat=True)))
        ]
        Informing.objects.bulk_create(rows)
        if rows:
            log_change(
                actor=actor,
                now=now,
                town=branch.town,
                verb="enter_informings",
                subject=branch,
                new={"members": len(rows), "informing": kind, "informed_by": channel, "informed_on": day.isoformat()},
            )
    return len(rows)


def acknowledge_own_data(*, actor: User, now: datetime) -> Informing:
    """Say in the portal that one has read what is held about oneself and how it is processed.

    Raises:
        PermissionDenied: the account is no member's.
        InformingRefused: said before.
    """
    member = actor.member
    if member is None:
        raise PermissionDenied(_("Only members can say that they were informed."))
    today = timezone.localdate(now)
    with transaction.atomic():
        Member.objects.select_for_update().get(pk=member.pk)
        if Informing.objects.live().filter(member=member, channel=Channel.PORTAL).exists():
            raise InformingRefused(_("You said so before."))
        row = Informing.objects.create(
            member=member, kind=Kind.INFORMED, channel=Channel.PORTAL, day=today, entered_by=actor, at=now
        )
        log_change(actor=actor, now=now, town=member.town, verb="acknowledge_own_data", subject=row)
    return row


def void_informing(*, actor: User, now: datetime, informing: Informing, reason: str) -> None:
    """Void an entry that was made by mistake; what the member said in the portal stays.

    Raises:
        PermissionDenied, MissingReason, TextTooLong.
        InformingRefused: voided before, or the member's own.
    """
    reason = require_reason(reason)
    require_member_action(actor, Action.RECORD, informing.member, on=timezone.localdate(now))
    if informing.channel == Channel.PORTAL:
        raise InformingRefused(_("The member said so in the portal; that stays."))
    with transaction.atomic():
        if not Informing.objects.filter(pk=informing.pk).stamp_void(actor=actor, now=now, reason=reason):
            raise InformingRefused(_("It was voided before; reload the page."))
        log_change(
            actor=actor,
            now=now,
            town=informing.member.town,
            verb="void_informing",
            subject=informing,
            new={"reason": reason},
        )
