"""Reminding a branch of what it is late with (5.3): who may, whom it tells, once a day, and what if nobody is there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from members.models import Appointment, AuditEntry, Branch, Notification, User
from points.errors import ReminderRefused
from points.models import ReviewDates
from points.reviews.lateness import find_lateness
from points.reviews.reminding import list_recent_reminders, read_reminders, remind_officers
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import appoint, make_batch, make_event, make_overseer, make_user
from tests.pages import browse
from tests.points.half_stages import JULY
from tests.work import count_queries

pytestmark = pytest.mark.django_db
Role = Appointment.Role
ON = JULY.date()
TOLD = Notification.objects.filter(kind=Notification.Kind.BRANCH_REMINDED)


def remind(cast: Cast, actor: User, branch: Branch, days: int = 0) -> tuple[str, ...]:
    return remind_officers(actor=actor, now=JULY + timedelta(days=days), branch=branch).told


def test_recorder_and_secretary_are_told_what_is_late_and_the_log_says_whom(cast: Cast) -> None:
    assert remind(cast, cast.staff, cast.branch_a) == (str(cast.recorder_a), str(cast.secretary_a))
    notes = list(TOLD.order_by("user"))
    assert [note.user for note in notes] == [cast.recorder_a, cast.secretary_a]
    assert {(note.branch, note.link) for note in notes} == {(cast.branch_a, reverse("workbench:index"))}
    (lateness,) = find_lateness(Branch.objects.filter(pk=cast.branch_a.pk), on=ON).values()
    assert notes[0].about in "；".join(lateness.texts)
    entry = AuditEntry.objects.get(verb="remind_branch")
    assert (entry.actor, entry.object_id) == (cast.staff, str(cast.branch_a.uuid))
    assert entry.new == {"told": "甲记录员、甲书记", "late": "；".join(lateness.texts)}


def test_at_most_once_a_day_whoever_reminds(cast: Cast) -> None:
    overseer = make_overseer(cast.branch_a)
    remind(cast, cast.staff, cast.branch_a)
    for actor in (cast.staff, overseer):
        with pytest.raises(ReminderRefused, match="一支部今天已提醒过：甲记录员、甲书记"):
            remind(cast, actor, cast.branch_a)
    remind(cast, cast.staff, cast.branch_b)
    remind(cast, overseer, cast.branch_a, days=1)
    found = read_reminders([cast.branch_a, cast.branch_b], on=ON + timedelta(days=1))
    assert {pk: (each.on, len(each.told)) for pk, each in found.items()} == {
        cast.branch_a.pk: (ON + timedelta(days=1), 2),
        cast.branch_b.pk: (ON, 2),
    }
    assert read_reminders([cast.branch_b], on=ON + timedelta(days=91)) == {}


def test_without_an_officer_nobody_is_told_and_that_is_said(cast: Cast) -> None:
    User.objects.filter(pk=cast.secretary_a.pk).update(is_active=False)
    Appointment.objects.filter(user=cast.recorder_a).update(to_date=ON)
    with pytest.raises(ReminderRefused, match="一支部没有组织委员（积分记录员），也没有书记：没有提醒任何人"):
        remind(cast, cast.staff, cast.branch_a)
    assert not TOLD.exists()
    assert not AuditEntry.objects.filter(verb="remind_branch").exists()
    stand_in = make_user("stand-in", name="代理", town=cast.town)
    appoint(stand_in, Role.RECORDER, branch=cast.branch_a, since=ON)
    assert remind(cast, cast.staff, cast.branch_a) == ("代理",)


def test_of_nothing_late_nobody_is_reminded(cast: Cast) -> None:
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    for month in range(1, 7):
        make_event(batch, cast.member_a, period=f"2025-{month:02}", year=2025, date=date(2025, month, 9))
    with pytest.raises(ReminderRefused, match="一支部已没有逾期事项"):
        remind(cast, cast.staff, cast.branch_a)


def test_only_from_above(cast: Cast) -> None:
    overseer = make_overseer(cast.branch_a)
    committee = make_overseer(cast.branch_b, Role.COMMITTEE_MEMBER)
    for actor in (
        cast.supervisor,
        cast.secretary_a,
        cast.recorder_a,
        cast.recorder_b,
        cast.other_staff,
        cast.outsider,
        cast.member_user_a,
        committee,
    ):
        with pytest.raises(PermissionDenied):
            remind(cast, actor, cast.branch_a)
    with pytest.raises(PermissionDenied):
        remind(cast, overseer, cast.branch_b)
    assert not TOLD.exists()
    assert len(remind(cast, overseer, cast.branch_a)) == 2


def test_what_is_late_has_its_days_and_costs_the_same_for_many(cast: Cast) -> None:
    days = dict.fromkeys(("submit_by", "approve_by", "post_by"), date(2025, 7, 1))
    ReviewDates.objects.create(town=cast.town, year=2025, half="H1", **days)
    on = date(2025, 7, 20)
    found = find_lateness(Branch.objects.filter(town=cast.town), on=on)
    assert set(found) == {cast.branch_a.pk, cast.branch_b.pk}
    late = found[cast.branch_a.pk]
    assert late.months == tuple(f"2025-{month:02}" for month in range(1, 7))
    assert late.texts[-1].startswith("6个月没有党费记录，最早是2025年1月（逾期170天）")
    assert late.halves == ("2025年上半年：尚未开启 · 应于2025-07-01前提交（逾期19天）",)
    assert late.days == 170
    one = count_queries(lambda: find_lateness(Branch.objects.filter(pk=cast.branch_a.pk), on=on))
    assert count_queries(lambda: find_lateness(Branch.objects.filter(town=cast.town), on=on)) == one


def test_who_was_reminded_finds_it_at_home_and_has_read_it_there(cast: Cast, clock: FrozenClock) -> None:
    clock.now = JULY
    remind(cast, cast.staff, cast.branch_a)
    home = browse(cast.recorder_a).get(reverse("workbench:index")).content.decode()
    assert "上级提醒一支部：" in home
    assert TOLD.get(user=cast.recorder_a).read_at == JULY
    assert TOLD.get(user=cast.secretary_a).read_at is None
    assert "上级提醒" not in browse(cast.recorder_b).get(reverse("workbench:index")).content.decode()
    assert list_recent_reminders(cast.recorder_a, on=ON + timedelta(days=7)) == []
