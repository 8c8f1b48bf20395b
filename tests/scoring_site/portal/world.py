"""Branch A with everything a member can have in the portal, so that each of its pages has something to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.urls import URLPattern, get_resolver

from members.models import Exemption, Notification
from members.notifications import notify_users
from points.claims.claims import Deed, file_claim
from points.meetings.announcing import ComingMeeting, announce_meeting
from points.meetings.leaves import ask_leave
from points.meetings.sign_ins import open_sign_in
from points.models import Review
from points.roster.exemption_applications import apply_for_exemption
from publicity.models import Notice, Objection
from publicity.objections.objections import raise_objection
from tests.cast import Cast, build_cast
from tests.factories import NOW, TODAY, make_batch, make_event
from tests.publicity.stages import posted
from tests.veto.hearings import tell as tell_member
from veto.deciding import propose_deduction
from veto.models import VetoRecord

NOT_PAGES = {"record_form", "my_data_copy", "evidence", "evidence_thumbnail", "health", "ready"}
"""Addresses that send a file, or an answer to whoever watches over the site."""


@dataclass(frozen=True)
class World:
    """The cast, and what its member 张伟 has; `tokens` are the ids of the addresses that take one, by their name."""

    cast: Cast
    tokens: dict[str, UUID]


def build_world() -> World:
    """张伟 has points, a notice, a result, an objection, a hearing, a claim, a message; a sign-in is open."""
    cast = build_cast()
    member, user = cast.member_a, cast.member_user_a
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for month in (1, 2):
        make_event(batch, member, "dues", f"2026-{month:02}", date=date(2026, month, 10))
    make_event(batch, member, "party_day", "2026-01", date=date(2026, 1, 20))
    make_event(batch, cast.members_a[1], "party_day", "2026-02", date=date(2026, 2, 20))
    long_note = "https://example.org/" + "a-very-long-word" * 8
    make_event(batch, member, "volunteering", "", points=25, led=True, date=date(2026, 3, 5), note=long_note)
    notice: Notice = posted(cast)
    about_him: dict[str, Any] = {"member": member, "date": TODAY, "papers": "县网信办认定书1号"}
    finding = propose_deduction(actor=cast.recorder_a, now=NOW, item="rumour", particulars="经网信办认定", **about_him)
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=TODAY)
    objection: Objection = raise_objection(actor=user, now=NOW, notice=notice, text="漏登一次党课", about=member)
    claim = file_claim(actor=user, now=NOW, deed=Deed("council", TODAY, "参加议事会", 10, led=False))
    opens_at = NOW - timedelta(minutes=10)
    sign_in = open_sign_in(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(hours=2),
    )
    coming = ComingMeeting(TODAY + timedelta(days=3), time(15), "村部会议室", [("party_day", "2026-03")])
    announcement = announce_meeting(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, coming=coming)
    ask_leave(actor=user, now=NOW, announcement=announcement, reason="去医院复查")
    kind = Notification.Kind.NOTICE_POSTED
    notify_users(users=[user], now=NOW, kind=kind, branch=cast.branch_a, period="2025H1", link="/notices/")
    application = apply_for_exemption(actor=user, now=NOW, ground=Exemption.Ground.UNABLE, text="腿脚不便")
    review: Review = notice.review
    tokens: dict[str, UUID] = {
        "notice": notice.uuid,
        "object_to_notice": notice.uuid,
        "confirm_result": review.uuid,
        "objection": objection.uuid,
        "objection_dissatisfied": objection.uuid,
        "hearing": finding.uuid,
        "disown_answer": finding.uuid,
        "appeal": finding.uuid,
        "withdraw_exemption": application.uuid,
        "claim": claim.uuid,
        "change_claim": claim.uuid,
        "withdraw_claim": claim.uuid,
        "sign_in": sign_in.uuid,
        "meeting_to_come": announcement.uuid,
        "take_back_leave": announcement.uuid,
    }
    return World(cast, tokens)


def veto(cast: Cast) -> None:
    """A confirmed veto of 张伟's year 2025."""
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    day = date(2025, 12, 1)
    found = VetoRecord.objects.create(
        batch=batch, member=cast.member_a, ground="disciplined", year=2025, date=day, particulars="县纪委〔2025〕3号"
    )
    VetoRecord.objects.filter(pk=found.pk).update(decided_on=day, confirmed_at=NOW, decided_by=cast.secretary_a)


def list_pages(world: World) -> Iterator[tuple[str, str]]:
    """Every address outside the workbench, by name, with the member's own ids; files are left out.

    Raises:
        KeyError: a new address takes an id: add one to the world's `tokens`.
    """
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLPattern) and entry.name not in NOT_PAGES:
            route = str(entry.pattern)
            if "<" in route:
                start, rest = route.split("<", 1)
                route = f"{start}{world.tokens[str(entry.name)]}{rest.split('>', 1)[1]}"
            yield str(entry.name), f"/{route}"
