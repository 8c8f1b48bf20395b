"""The channels a notice goes up on, and those a town requires (3.3, D9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.access import Action, may
from members.log.audit import log_change
from members.models import Town, User
from publicity.errors import NoticeRefused
from publicity.models import Channel, RequiredChannel


def required_channels(town: Town) -> list[str]:
    """The channels the town requires; the notice board where it chose none."""
    chosen = set(RequiredChannel.objects.filter(town=town).values_list("channel", flat=True))
    return [channel for channel in Channel.values if channel in chosen] or [Channel.BOARD.value]


def name_channels(channels: Iterable[str]) -> str:
    """`notice board、branch meeting`, in the reader's language."""
    return "、".join(str(Channel(channel).label) for channel in channels)


def set_required_channels(*, actor: User, now: datetime, town: Town, channels: Collection[str]) -> None:
    """Choose the channels every notice of the town must go up on; notices prepared before keep theirs.

    Raises:
        PermissionDenied: not the town's staff.
        NoticeRefused: none, or one that there is not.
    """
    if not may(actor, Action.CONSENT, None, on=timezone.localdate(now), town=town):
        raise PermissionDenied(_("The required channels are set by the town's staff."))
    if not channels or not set(channels) <= set(Channel.values):
        raise NoticeRefused(_("Choose at least one channel: a notice must go up somewhere."))
    with transaction.atomic():
        Town.objects.select_for_update().get(pk=town.pk)
        old = required_channels(town)
        RequiredChannel.objects.filter(town=town).delete()
        RequiredChannel.objects.bulk_create(RequiredChannel(town=town, channel=channel) for channel in set(channels))
        log_change(
            actor=actor,
            now=now,
            town=town,
            verb="set_required_channels",
            subject=town,
            old={"channels": old},
            new={"channels": required_channels(town)},
        )
