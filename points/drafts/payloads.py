"""What a draft holds: the arguments of a recording verb, kept as JSON with members by their uuid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from members.models import Member
from points.errors import NotOnRoster
from points.meetings.holding import HeldMeeting
from points.models import Draft
from points.records.entries import EventEntry, pack_entry, unpack_entry


@dataclass(frozen=True, slots=True)
class EventsContent:
    """Points for one or many members, as `points.records.recording.record_events` takes them."""

    entries: Sequence[EventEntry]


@dataclass(frozen=True, slots=True)
class MonthContent:
    """A month's dues and meeting, as `points.meetings.month.record_month` takes them."""

    month: str
    dues: Collection[int]
    dues_on: date | None
    meeting: HeldMeeting | None


DraftContent = EventsContent | HeldMeeting | MonthContent


def pack_content(content: DraftContent) -> tuple[str, dict[str, Any]]:
    """The kind of draft, and its payload."""
    if isinstance(content, HeldMeeting):
        return Draft.Kind.MEETING, _pack_meeting(content, _uuids_of(content.statuses))
    if isinstance(content, MonthContent):
        attending = content.meeting.statuses if content.meeting else {}
        uuids = _uuids_of({*content.dues, *attending})
        return Draft.Kind.MONTH, {
            "month": content.month,
            "dues": [uuids[pk] for pk in content.dues],
            "dues_on": content.dues_on.isoformat() if content.dues_on else None,
            "meeting": _pack_meeting(content.meeting, uuids) if content.meeting else None,
        }
    uuids = _uuids_of([entry.member_id for entry in content.entries])
    return Draft.Kind.EVENTS, {
        "entries": [{"member": uuids[entry.member_id]} | pack_entry(entry) for entry in content.entries]
    }


def _pack_meeting(held: HeldMeeting, uuids: Mapping[int, str]) -> dict[str, Any]:
    return {
        "held_on": held.held_on.isoformat(),
        "kinds": [list(kind) for kind in held.kinds],
        "statuses": {uuids[pk]: status for pk, status in held.statuses.items()},
        "topic": held.topic,
        "place": held.place,
        "host": held.host,
        "minutes": held.minutes,
        "topics": dict(held.topics),
    }


def _uuids_of(member_ids: Collection[int]) -> dict[int, str]:
    return {pk: str(found) for pk, found in Member.objects.filter(pk__in=member_ids).values_list("pk", "uuid")}


def read_content(draft: Draft) -> DraftContent:
    """What a draft says.

    Raises:
        NotOnRoster: somebody in it is no longer known.
    """
    payload = draft.payload
    if draft.kind == Draft.Kind.MEETING:
        return _read_meeting(payload, draft, _ids_of(payload["statuses"]))
    if draft.kind == Draft.Kind.MONTH:
        meeting = payload["meeting"]
        ids = _ids_of([*payload["dues"], *(meeting["statuses"] if meeting else ())])
        return MonthContent(
            payload["month"],
            [ids[each] for each in payload["dues"]],
            date.fromisoformat(payload["dues_on"]) if payload["dues_on"] else None,
            _read_meeting(meeting, draft, ids) if meeting else None,
        )
    ids = _ids_of([row["member"] for row in payload["entries"]])
    return EventsContent([unpack_entry(row, member_id=ids[row["member"]]) for row in payload["entries"]])


def _read_meeting(payload: Mapping[str, Any], draft: Draft, ids: Mapping[str, int]) -> HeldMeeting:
    return HeldMeeting(
        draft.branch,
        date.fromisoformat(payload["held_on"]),
        [(item, period) for item, period in payload["kinds"]],
        {ids[each]: status for each, status in payload["statuses"].items()},
        payload["topic"],
        payload["place"],
        payload["host"],
        payload["minutes"],
        payload["topics"],
    )


def _ids_of(uuids: Collection[str]) -> dict[str, int]:
    found = {str(uuid): pk for uuid, pk in Member.objects.filter(uuid__in=uuids).values_list("uuid", "pk")}
    if len(found) < len(set(uuids)):
        raise NotOnRoster(_("Somebody in this draft is no longer on the roster; return it to be made anew."))
    return found
