"""A stand-in recorder: appointed by the secretary, from a day to a day, and seen by the town (D27)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from members.access import Action, may
from members.accounts.changing import confirm_appointment, end_appointment, refuse_appointment
from members.accounts.creating import appoint
from members.accounts.stand_ins import appoint_stand_in, who_may_stand_in
from members.errors import AccountRefused, MissingReason, NotAllowed
from members.models import Appointment, AuditEntry, Notification, User
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_user

Role, State = Appointment.Role, Appointment.State
WEEK = timedelta(days=7)


def stand_in(cast: Cast, user: User | None = None, **given: Any) -> Appointment:
    """As the secretary of branch A appoints 张伟 for a week."""
    days = {"from_date": TODAY, "to_date": TODAY + WEEK}
    whole = {"actor": cast.secretary_a, "branch": cast.branch_a, "reason": "记录员住院", **days, **given}
    return appoint_stand_in(now=NOW, user=user or cast.member_user_a, **whole)


def records(user: User, cast: Cast, day: date) -> bool:
    return may(User.objects.get(pk=user.pk), Action.RECORD, cast.branch_a, on=day)


def test_a_stand_in_records_from_a_day_to_a_day_and_the_town_is_told(cast: Cast) -> None:
    row = stand_in(cast, from_date=TODAY + timedelta(days=1), to_date=TODAY + WEEK)
    assert (row.role, row.stands_in, row.state, row.made_by) == (Role.RECORDER, True, State.STANDS, cast.secretary_a)
    days = [TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=6), TODAY + WEEK]
    assert [records(cast.member_user_a, cast, day) for day in days] == [False, True, True, False]
    told = Notification.objects.filter(kind="stand_in_appointed").order_by("pk")
    assert [each.user for each in told] == [cast.staff, cast.member_user_a]
    assert told[0].about == f"张伟 {TODAY + timedelta(days=1)}"
    entry = AuditEntry.objects.get(verb="appoint_stand_in")
    assert (entry.actor, entry.new["reason"], entry.new["to"]) == (
        cast.secretary_a, "记录员住院", (TODAY + WEEK).isoformat(),
    )  # fmt: skip


@pytest.mark.parametrize(
    "role", ["recorder_a", "committee_a", "member_user_a", "supervisor", "secretary_b", "outsider"]
)
def test_only_the_branchs_secretary_and_the_towns_staff_appoint_one(cast: Cast, role: str) -> None:
    with pytest.raises(PermissionDenied):
        stand_in(cast, actor=getattr(cast, role))
    assert stand_in(cast, actor=cast.staff).state == State.STANDS


def test_nobody_appoints_themselves_nor_somebody_from_elsewhere(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        stand_in(cast, cast.secretary_a)
    for user in (cast.member_user_b, cast.recorder_b, cast.outsider, cast.other_recorder):
        with pytest.raises(AccountRefused, match="本支部党员或任职人员"):
            stand_in(cast, user)
    closed = make_user("closed", name="李娜", town=cast.town, member=cast.members_a[1], is_active=False)
    with pytest.raises(AccountRefused, match="有在用账号"):
        stand_in(cast, closed)
    offered = who_may_stand_in(cast.branch_a, actor=cast.secretary_a, on=TODAY)
    assert set(offered) == {cast.recorder_a, cast.committee_a, cast.member_user_a}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"from_date": TODAY - timedelta(days=1)}, "只能从今天或以后开始"),
        ({"to_date": TODAY}, "至少一天、最长半年"),
        ({"to_date": TODAY + timedelta(days=185)}, "至少一天、最长半年"),
    ],
)
def test_days_gone_by_and_more_than_half_a_year_are_refused(cast: Cast, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(AccountRefused, match=problem):
        stand_in(cast, **given)
    with pytest.raises(MissingReason):
        stand_in(cast, reason=" ")
    assert stand_in(cast, to_date=TODAY + timedelta(days=184)).stands_in


def test_who_records_already_needs_no_stand_in(cast: Cast) -> None:
    with pytest.raises(AccountRefused, match="已担任"):
        stand_in(cast, cast.recorder_a)
    stand_in(cast)
    with pytest.raises(AccountRefused, match="已担任"):
        stand_in(cast, from_date=TODAY + timedelta(days=3))
    assert stand_in(cast, from_date=TODAY + WEEK, to_date=TODAY + 2 * WEEK).state == State.STANDS


def test_a_committee_member_waits_for_the_town(cast: Cast) -> None:
    """D29: another role in the branch; confirmed by the town, or taken back by the secretary."""
    row = stand_in(cast, cast.committee_a)
    assert row.state == State.WAITING
    assert not records(cast.committee_a, cast, TODAY)
    confirm_appointment(actor=cast.staff, now=NOW, appointment=row)
    assert records(cast.committee_a, cast, TODAY)
    later = stand_in(cast, cast.committee_a, from_date=TODAY + WEEK, to_date=TODAY + 2 * WEEK)
    with pytest.raises(PermissionDenied):
        refuse_appointment(actor=cast.recorder_a, now=NOW, appointment=later)
    assert refuse_appointment(actor=cast.secretary_a, now=NOW, appointment=later).state == State.REFUSED


def test_the_secretary_ends_a_stand_in_early_and_nothing_else(cast: Cast) -> None:
    row = stand_in(cast)
    earlier, later = TODAY + timedelta(days=2), TODAY + 2 * WEEK
    with pytest.raises(AccountRefused, match="此前已到期"):
        end_appointment(actor=cast.secretary_a, now=NOW, appointment=row, to_date=later)
    with pytest.raises(PermissionDenied):
        end_appointment(actor=cast.secretary_b, now=NOW, appointment=row, to_date=earlier)
    end_appointment(actor=cast.secretary_a, now=NOW, appointment=row, to_date=earlier)
    assert [records(cast.member_user_a, cast, day) for day in (TODAY, earlier)] == [True, False]
    given = Appointment.objects.get(user=cast.recorder_a)
    with pytest.raises(PermissionDenied):
        end_appointment(actor=cast.secretary_a, now=NOW, appointment=given, to_date=TODAY)


def test_the_database_keeps_a_stand_in_a_recorder_for_a_time(cast: Cast) -> None:
    row = stand_in(cast)
    for wrong in ({"to_date": None}, {"role": Role.SECRETARY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Appointment.objects.filter(pk=row.pk).update(**wrong)


def test_a_stand_in_can_still_be_made_the_recorder(cast: Cast) -> None:
    stand_in(cast)
    given = appoint(
        actor=cast.staff, now=NOW, user=cast.member_user_a, role=Role.RECORDER, town=cast.town,
        branch=cast.branch_a, from_date=TODAY + WEEK,
    )  # fmt: skip
    assert (given.stands_in, given.state) == (False, State.STANDS)
