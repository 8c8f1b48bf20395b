"""Forgetting who somebody was, long after they left: their records and frozen scores stay, and name nobody (D21).

What meetings' minutes, notes and evidence say of them in free text stays: it is the branch's record of its own work.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.databases.commits import find_connection
from members.access import refuse_own_case, require_roster_keeper
from members.accounts.sessions import end_sessions
from members.errors import RosterRefused
from members.log.audit import log_change
from members.log.changes import HIDDEN
from members.log.locks import lock_for_score
from members.log.reasons import require_reason
from members.models import (
    Appointment,
    AuditEntry,
    DataRequest,
    ExemptionApplication,
    Member,
    Membership,
    RecoveryCode,
    RosterChange,
    SecondFactor,
    Town,
    User,
)
from members.people.fields import SAYS_NOTHING
from members.selectors import leavings_of

LEAST_DAYS = 3 * 366
"""Nobody is forgotten sooner after leaving: records of what was done with personal data are kept for three years."""
STAYS = SAYS_NOTHING.keys() | {"name", "category", "full_since"}
"""Columns of `Member` that stay or get another value; they tell scores and ratings of the past what they need."""
EMPTIED: dict[str, Any] = {
    column.name: column.get_default() for column in Member._meta.concrete_fields if column.name not in STAYS
}
"""The other columns, and what is left in them."""
TELLS_WHO = EMPTIED.keys() | {"name", "username"}
"""What of an entry of the log tells who somebody is."""


class Due(NamedTuple):
    """Who left before a day: those to forget, and those who held an office, whose doings must stay accountable."""

    forgotten: QuerySet[Membership]
    officers: QuerySet[Membership]


def find_due(town: Town, *, left_before: date) -> Due:
    """The leavings of those who are on no roster of the town since before a day and were not forgotten yet."""
    held_office = Exists(Appointment.objects.filter(user__member=OuterRef("member"), state=Appointment.State.STANDS))
    known = Member.objects.filter(town=town, pseudonymised_on__isnull=True)
    gone = leavings_of(known).filter(from_date__lt=left_before).select_related("member").order_by("from_date", "pk")
    return Due(gone.filter(~held_office), gone.filter(held_office))


def pseudonymise_member(*, actor: User, now: datetime, member: Member, reason: str) -> None:
    """Forget who a member was: name, details, account, what they wrote about themselves, and their name in the log.

    `reason` names the decision that orders it. It cannot be taken back, but from a backup.

    Raises:
        PermissionDenied, NotAllowed (about themselves), MissingReason, TextTooLong.
        RosterRefused: on the roster, left less than three years ago, held an office, or was forgotten before.
    """
    reason = require_reason(reason, _("Name the decision by which this is done."))
    today = timezone.localdate(now)
    require_roster_keeper(actor, member.town, on=today)
    refuse_own_case(actor, member)
    with transaction.atomic(), find_connection().rewriting():
        lock_for_score(branch_ids=(), member_ids=[member.pk])
        due = find_due(member.town, left_before=today - timedelta(days=LEAST_DAYS))
        leaving = due.forgotten.filter(member=member).first()
        if leaving is None:
            raise RosterRefused(
                _("Only who left more than three years ago, and never held an office, can be forgotten, and once.")
            )
        pseudonym = _("former member %(number)d") % {"number": member.pk}
        Member.objects.filter(pk=member.pk).update(**EMPTIED, name=pseudonym, pseudonymised_on=today)
        RosterChange.objects.filter(member=member).delete()
        ExemptionApplication.objects.filter(member=member).update(text="", explanation="")
        DataRequest.objects.filter(member=member).update(text="", answer="")
        _forget_in_log(member)
        for account in User.objects.filter(member=member):
            _close_account(account, pseudonym)
        log_change(
            actor=actor,
            now=now,
            town=member.town,
            verb="pseudonymise_member",
            subject=member,
            new={"ordered_by": reason, "left_on": leaving.from_date.isoformat()},
        )


def _close_account(account: User, pseudonym: str) -> None:
    """Nobody logs in with it any more, and it bears no name; what it did stays its own."""
    end_sessions(account)
    SecondFactor.objects.filter(user=account).delete()
    RecoveryCode.objects.filter(user=account).delete()
    old_name = account.username
    account.username, account.last_name = f"former-{account.pk}", pseudonym
    account.first_name = account.email = ""
    account.is_active = False
    account.set_unusable_password()
    account.save()
    _forget_in_log(account)
    for entry in AuditEntry.objects.filter(town=account.town, new__has_key="usernames"):
        named = entry.new["usernames"]
        if old_name in named:
            entry.new["usernames"] = [HIDDEN if name == old_name else name for name in named]
            entry.save(update_fields=["new"])


def _forget_in_log(subject: Member | User) -> None:
    """Hide in the entries about them what tells who somebody is; that something was done, by whom, stays."""
    for entry in AuditEntry.objects.filter(object_type=subject._meta.label_lower, object_id=str(subject.uuid)):
        old, new = _hide(entry.old), _hide(entry.new)
        if (old, new) != (entry.old, entry.new):
            entry.old, entry.new = old, new
            entry.save(update_fields=["old", "new"])


def _hide(values: dict[str, Any]) -> dict[str, Any]:
    return {name: HIDDEN if name in TELLS_WHO and value else value for name, value in values.items()}
