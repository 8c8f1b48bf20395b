"""What happened before somebody came, after they left or while exempt is refused alike at every door (D16, S2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from foundation.workbooks.report import ImportReport
from members.models import Exemption, Member, Membership, User
from points.claims.claims import Deed, accept_claim, file_claim
from points.drafts.drafts import confirm_draft, make_draft
from points.drafts.payloads import DraftContent, EventsContent, MonthContent
from points.errors import NotOnRoster, OutOfScope
from points.imports.records import import_records
from points.meetings.attendance import change_attendance
from points.meetings.holding import HeldMeeting, record_meeting
from points.meetings.month import record_month
from points.meetings.sign_ins import record_signed_in_meeting
from points.models import Claim, PointEvent, Review, SignIn
from points.records.activities import record_activity
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.ticks.saving import CellOutcome, TickChange, save_ticks
from tests.cast import Cast
from tests.clock import SHANGHAI
from tests.factories import NOW, appoint, make_member, make_membership, make_user
from tests.members.roster_files.tables import make_xlsx, table_of
from tests.points.half_stages import JULY, bring_to
from tests.two_officers import correct_line

CAME = "不计分期间：2026-02-10以前不在名册上"
LEFT = "不计分期间：2026-02-10转出，此后不在名册上"
EXEMPT = "不计分期间：自2026-02-10起不实行积分制"


def came(cast: Cast) -> Member:
    return make_member(cast.branch_a, "新来", since=date(2026, 2, 10), why=Membership.Why.TRANSFERRED_IN)


def left(cast: Cast) -> Member:
    member = make_member(cast.branch_a, "走了")
    make_membership(member, None, date(2026, 2, 10), Membership.Why.TRANSFERRED_OUT)
    return member


def exempt(cast: Cast) -> Member:
    member = make_member(cast.branch_a, "免了")
    make_exempt(member, date(2026, 2, 10))
    return member


def make_exempt(member: Member, since: date, until: date | None = None) -> None:
    Exemption.objects.create(
        member=member, ground="unable", applied_on=since, decided_on=since, from_date=since, ended_on=until
    )


# A month and a day in which nothing may count.
STANDINGS = {
    "before they came": (came, "2026-01", date(2026, 1, 20), CAME),
    "after they left": (left, "2026-02", date(2026, 2, 20), LEFT),
    "exempt": (exempt, "2026-02", date(2026, 2, 20), EXEMPT),
}

Door = Callable[[Cast, Member, str, date], str]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(OutOfScope) as caught:
        act()
    return str(caught.value)


def dues(member: Member, month: str) -> EventEntry:
    return EventEntry(member.pk, "dues", NOW.date(), month)


def tick_cells(cast: Cast, member: Member, month: str, day: date) -> str:
    """A cell, and with it the column of the month."""
    people = (member, cast.member_a)
    saved = save_ticks(
        actor=cast.staff,
        now=NOW,
        branch=cast.branch_a,
        item="dues",
        year=2026,
        changes=[TickChange(each.pk, month, ticked=True) for each in people],
        token=uuid4(),
    )
    assert [result.outcome for result in saved.results] == [CellOutcome.REFUSED, CellOutcome.SAVED]
    return saved.results[0].message


def tick_meetings(cast: Cast, member: Member, month: str, day: date) -> str:
    saved = save_ticks(
        actor=cast.staff,
        now=NOW,
        branch=cast.branch_a,
        item="party_day",
        year=2026,
        changes=[TickChange(member.pk, month, ticked=True)],
        token=uuid4(),
    )
    return saved.results[0].message


def month_dues(cast: Cast, member: Member, month: str, day: date) -> str:
    people = [member.pk, cast.member_a.pk]
    return refused(lambda: record_month(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, month=month, dues=people))


def held(cast: Cast, member: Member, month: str, day: date) -> HeldMeeting:
    statuses = {member.pk: "attended", cast.member_a.pk: "attended"}
    return HeldMeeting(cast.branch_a, day, [("party_day", month)], statuses)


def month_meeting(cast: Cast, member: Member, month: str, day: date) -> str:
    meeting = held(cast, member, month, day)
    return refused(
        lambda: record_month(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, month=month, meeting=meeting)
    )


def meeting(cast: Cast, member: Member, month: str, day: date) -> str:
    about = held(cast, member, month, day)
    return refused(
        lambda: record_meeting(
            actor=cast.recorder_a,
            now=NOW,
            branch=cast.branch_a,
            held_on=day,
            kinds=about.kinds,
            statuses=about.statuses,
        )
    )


def sign_in(cast: Cast, member: Member, month: str, day: date) -> str:
    opens = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)
    signed = SignIn.objects.create(
        branch=cast.branch_a, opens_at=opens, closes_at=opens + timedelta(hours=1), opened_by=cast.recorder_a
    )
    signed.scans.create(member=member, at=opens)
    about = held(cast, member, month, day)
    return refused(
        lambda: record_signed_in_meeting(
            actor=cast.recorder_a,
            now=NOW,
            sign_in=signed,
            held_on=day,
            kinds=about.kinds,
            statuses=about.statuses,
            seen=1,
            topics={},
        )
    )


def attendance(cast: Cast, member: Member, month: str, day: date) -> str:
    standing = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=day,
        kinds=[("party_day", month)],
        statuses={member.pk: "absent"},
    )
    statuses = {member.pk: "made_up"}
    return refused(
        lambda: change_attendance(actor=cast.recorder_a, now=NOW, meeting=standing, statuses=statuses, reason="补课")
    )


def event(cast: Cast, member: Member, month: str, day: date) -> str:
    entries = [dues(member, month), dues(cast.member_a, month)]
    return refused(lambda: record_events(actor=cast.staff, now=NOW, town=cast.town, entries=entries))


def activity(cast: Cast, member: Member, month: str, day: date) -> str:
    entries = [EventEntry(pk, "volunteering", day, points=10) for pk in (member.pk, cast.member_a.pk)]
    return refused(lambda: record_activity(actor=cast.staff, now=NOW, branch=cast.branch_a, entries=entries))


def account_of(cast: Cast, member: Member) -> User:
    return make_user("claimant", name=member.name, town=cast.town, member=member)


def claim(cast: Cast, member: Member, month: str, day: date) -> str:
    account = account_of(cast, member)
    return refused(lambda: file_claim(actor=account, now=NOW, deed=Deed("volunteering", day, "清河道", points=10)))


def accepted_claim(cast: Cast, member: Member, month: str, day: date) -> str:
    """Filed before anybody knew."""
    filed = Claim.objects.create(
        uuid=uuid4(), member=member, filed_at=NOW, item="volunteering", date=day, deed="清河道", points=10
    )
    return refused(lambda: accept_claim(actor=cast.staff, now=NOW, claim=filed, points=10, led=False))


def draft(content: Callable[[Cast, Member, str, date], DraftContent]) -> Door:
    def door(cast: Cast, member: Member, month: str, day: date) -> str:
        assistant = make_user("assistant", town=cast.town)
        appoint(assistant, "assistant", branch=cast.branch_a)  # type: ignore[arg-type] # its value
        about = content(cast, member, month, day)
        return refused(lambda: make_draft(actor=assistant, now=NOW, branch=cast.branch_a, content=about, token=uuid4()))

    return door


def confirmed_draft(cast: Cast, member: Member, month: str, day: date) -> str:
    """Made before anybody knew."""
    assistant = make_user("assistant", town=cast.town)
    appoint(assistant, "assistant", branch=cast.branch_a)  # type: ignore[arg-type] # its value
    content = EventsContent([dues(cast.member_a, month)])
    waiting = make_draft(actor=assistant, now=NOW, branch=cast.branch_a, content=content, token=uuid4())
    waiting.payload["entries"][0]["member"] = str(member.uuid)
    waiting.save()
    return refused(lambda: confirm_draft(actor=cast.staff, now=NOW, draft=waiting))


def said_by(report: ImportReport) -> str:
    assert (report.added, len(report.errors), report.batch) == (1, 1, "")
    return report.errors[0].problem


def records_import(cast: Cast, member: Member, month: str, day: date) -> str:
    row = {"党支部": "一支部", "类别": "得分", "项目": "志愿服务", "日期": f"{day}", "分值": 1}
    rows = [row | {"姓名": name} for name in (member.name, "张伟")]
    data = make_xlsx({"积分记录": table_of(rows, "2026年度积分记录")})
    return said_by(import_records(actor=cast.staff, now=NOW, town=cast.town, data=data, filename="记录.xlsx"))


def tick_import(cast: Cast, member: Member, month: str, day: date) -> str:
    data = make_xlsx({"交纳党费": [["打勾表"], ["姓名", month], [member.name, "√"], ["张伟", "√"]]})
    about: Any = {"town": cast.town, "branch": cast.branch_a, "year": 2026}
    return said_by(import_records(actor=cast.staff, now=NOW, data=data, filename="打勾表.xlsx", **about))


DOORS: dict[str, Door] = {
    "tick cells": tick_cells,
    "tick cells of a meeting": tick_meetings,
    "the month's dues": month_dues,
    "the month's meeting": month_meeting,
    "meeting": meeting,
    "sign-in": sign_in,
    "attendance changed": attendance,
    "event": event,
    "activity": activity,
    "claim": claim,
    "claim accepted": accepted_claim,
    "draft of events": draft(lambda cast, member, month, day: EventsContent([dues(member, month)])),
    "draft of a month": draft(lambda cast, member, month, day: MonthContent(month, [member.pk], None, None)),
    "draft of a meeting": draft(held),
    "draft confirmed": confirmed_draft,
    "records import": records_import,
    "tick import": tick_import,
}
# Who was not of the branch on that day is not on the list of its meetings, claims or drafts at all.
NOT_LISTED: dict[str, set[str]] = {
    "before they came": {
        *("the month's meeting", "meeting", "sign-in", "attendance changed"),
        "draft of a meeting",
    },
    "after they left": {
        *("the month's dues", "the month's meeting", "meeting", "sign-in", "attendance changed"),
        *("claim", "draft of a month", "draft of a meeting"),
    },
    "exempt": set(),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("standing", STANDINGS)
def test_every_door_refuses_in_the_same_words(cast: Cast, standing: str, door: str) -> None:
    make, month, day, why = STANDINGS[standing]
    member = make(cast)
    if door in NOT_LISTED[standing]:
        with pytest.raises(NotOnRoster):
            DOORS[door](cast, member, month, day)
    else:
        said = DOORS[door](cast, member, month, day)
        assert why in said
        assert member.name in said or door.startswith("tick cells") or door.endswith("import")
    assert not PointEvent.objects.filter(member=member).exists()


@pytest.mark.django_db
def test_a_correction_refuses_it_too(cast: Cast) -> None:
    make_exempt(cast.member_a, date(2025, 2, 1), until=date(2025, 4, 1))
    review: Review = bring_to(cast, "approved")
    entry = EventEntry(cast.member_a.pk, "dues", JULY.date(), "2025-03")
    later = JULY + timedelta(days=10)
    said = refused(
        lambda: correct_line(
            actor=cast.secretary_a,
            now=later,
            review=review,
            member=cast.member_a,
            decided_on=later.date(),
            reason="核对收据后更正",
            record=[entry],
        )
    )
    assert "张伟：不计分期间：自2025-02-01起不实行积分制" in said
    assert not PointEvent.objects.exists()


def test_of_a_meeting_of_two_years_each_kind_counts_where_it_may(cast: Cast) -> None:
    """The appraisal for 2025 and February's party day in one: who came in January earns the party day."""
    new = make_member(cast.branch_a, "新来", since=date(2026, 1, 10), why=Membership.Why.TRANSFERRED_IN)
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 10),
        kinds=[("appraisal", "2025"), ("party_day", "2026-02")],
        statuses={new.pk: "attended", cast.member_a.pk: "attended"},
    )
    earned = PointEvent.objects.order_by("member__position", "item").values_list("member__name", "item")
    assert list(earned) == [("张伟", "appraisal"), ("张伟", "party_day"), ("新来", "party_day")]


def test_who_is_exempt_may_be_excused_absent_or_at_a_free_activity(cast: Cast) -> None:
    member = exempt(cast)
    about: Any = {"actor": cast.recorder_a, "now": NOW, "branch": cast.branch_a, "held_on": date(2026, 2, 20)}
    record_meeting(**about, kinds=[("party_day", "2026-02")], statuses={member.pk: "excused"})
    record_meeting(**about, kinds=[], statuses={member.pk: "attended"})
    assert not PointEvent.objects.exists()
    assert sorted(member.attendances.values_list("status", flat=True)) == ["attended", "excused"]
