"""Writing the log: who did what to which object, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from members.errors import AccountLimited
from members.log.words import require_words
from members.models import AuditEntry, Town, User

CHOOSING = "choose_first_password"
"""The one thing a limited account does: it is how its owner comes in."""


def refuse_limited(actor: User) -> None:
    """Whoever was let in by their branch alone changes nothing until the town has confirmed it (D29).

    Every change ends with its entry in the log, and goes with it: no verb need think of asking.

    Raises:
        AccountLimited: they were.
    """
    if actor.is_limited:
        raise AccountLimited(say_limited())


def say_limited() -> str:
    """Why an account that shows scores and notices only can do nothing, in words."""
    return _(
        "Your branch reset the password of this account. Until the town's staff have confirmed it, the account shows "
        "scores and notices only; nothing was saved."
    )


def log_change(
    *,
    actor: User,
    now: datetime,
    town: Town | None,
    verb: str,
    subject: models.Model,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry; `old` and `new` hold JSON values, never an ID number, a phone or a finding's ground (D21).

    Raises:
        AccountLimited: the actor's account was let in by its branch alone, so that the whole change is taken back.
        LookupError: the verb has no words, so nobody could read the entry. A mistake in the program: the app whose verb
            it is adds them in its `log_words`.
    """
    entry = prepare_entry(actor=actor, now=now, town=town, verb=verb, subject=subject, old=old, new=new)
    # A read that is logged (an export) has no transaction of its own, and what is written in none is not sealed.
    with transaction.atomic(savepoint=False):
        entry.save(force_insert=True)
    return entry


def log_in_every_town(*, now: datetime, verb: str, new: Mapping[str, Any]) -> None:
    """Append what was done to the whole site to each town's log, by the town's own account."""
    with transaction.atomic():
        for actor in User.objects.filter(is_system=True, town__isnull=False).select_related("town").order_by("pk"):
            town = actor.town
            assert town is not None
            log_change(actor=actor, now=now, town=town, verb=verb, subject=town, new=new)


def prepare_entry(
    *,
    actor: User,
    now: datetime,
    town: Town | None,
    verb: str,
    subject: models.Model,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """The entry `log_change` would append, not yet written: for verbs that write hundreds at once. Raises as that."""
    require_words(verb)
    if verb != CHOOSING:
        refuse_limited(actor)
    identity = getattr(subject, "uuid", None) or subject.pk
    return AuditEntry(
        actor=actor,
        at=now,
        town=town,
        verb=verb,
        object_type=subject._meta.label_lower,
        object_id=str(identity),
        old=dict(old or {}),
        new=dict(new or {}),
    )
