"""Changing what the roster says about a member; where a member belongs is changed in `points.roster.moves`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import require_roster_keeper
from members.log.changes import refuse_other_fields, save_changes
from members.models import Member, User
from members.people.fields import MEMBER_FIELDS
from members.people.identity import settle_identity
from members.people.telling import PhoneChange, tell_of_phones

CHANGEABLE = frozenset(name for name, field in MEMBER_FIELDS.items() if field.on_edit_form)
"""What `change_member` may change; the category changes by `roster.make_full_member`, the branch by a membership."""


def change_member(*, actor: User, now: datetime, member: Member, values: Mapping[str, Any]) -> list[str]:
    """Change the fields of a member that `values` names (of `CHANGEABLE`); returns the ones that differed.

    Name, pinyin and ID number are settled as `settle_identity` says. Of another telephone number the member is told.

    Raises:
        PermissionDenied, KeyError (a field that is not to be changed here), CellError (an impossible ID number).
        RosterRefused: no name, an ID number the town already has, or details that contradict it.
    """
    require_roster_keeper(actor, member.town, on=timezone.localdate(now))
    refuse_other_fields(values, CHANGEABLE)
    columns = settle_identity(values, member=member)
    with transaction.atomic():
        old_phone = Member.objects.select_for_update().get(pk=member.pk).phone
        changed = save_changes(
            member,
            columns,
            actor=actor,
            now=now,
            town=member.town,
            verb="change_member",
            refusal=_("Somebody with this ID number is on the town's roster already."),
        )
        if "phone" in changed:
            tell_of_phones([PhoneChange(member.pk, old_phone, columns["phone"])], actor=actor, now=now)
    return changed
