"""Signing in by phone: within the hours, for members of the branch, once; the recorder confirms the list (D24)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from members.models import AuditEntry, Exemption, Membership, User
from points.errors import NotSignedIn, SignInRefused
from points.meetings.announcing import ComingMeeting, announce_meeting, withdraw_announcement
from points.meetings.sign_ins import (
    close_sign_in,
    extend_sign_in,
    name_announced,
    open_sign_in,
    record_signed_in_meeting,
    sign_in_link,
    sign_in_self,
)
from points.models import Attendance, Meeting, PointEvent, SignIn, SignInScan
from scoring_site.workbench.recording.sign_ins.signed import read_signed
from tests.cast import Cast, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, make_membership, make_user
from tests.pages import browse
from tests.threads import run_at_once

HOUR = timedelta(hours=1)
Status = Attendance.Status


def open_now(cast: Cast, *, since: datetime = NOW, until: datetime = NOW + HOUR, **about: Any) -> SignIn:
    arguments: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "branch": cast.branch_a} | about
    return open_sign_in(opens_at=since, closes_at=until, **arguments)


def record(cast: Cast, sign_in: SignIn, seen: int, **values: Any) -> Meeting:
    arguments: dict[str, Any] = {"held_on": TODAY, "token": uuid4(), "actor": cast.recorder_a} | values
    return record_signed_in_meeting(
        now=NOW,
        sign_in=sign_in,
        kinds=[("party_day", "2026-03")],
        statuses={cast.member_a.pk: Status.ATTENDED, cast.members_a[1].pk: Status.ABSENT},
        seen=seen,
        topics={},
        **arguments,
    )


def test_a_member_signs_in_once(cast: Cast) -> None:
    sign_in = open_now(cast)
    first = sign_in_self(actor=cast.member_user_a, now=NOW, sign_in=sign_in)
    again = sign_in_self(actor=cast.member_user_a, now=NOW + HOUR / 2, sign_in=sign_in)
    assert (first, again.at) == (again, NOW)
    assert (first.member, first.sign_in) == (cast.member_a, sign_in)
    assert list(AuditEntry.objects.filter(object_id=str(sign_in.uuid)).order_by("pk").values_list("verb", "actor")) == [
        ("open_sign_in", cast.recorder_a.pk),
        ("sign_in_self", cast.member_user_a.pk),
    ]
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("moment", "who", "words"),
    [
        (NOW - timedelta(seconds=1), "member_user_a", "开放"),
        (NOW + HOUR, "member_user_a", "结束"),
        (NOW, "member_user_b", "一支部"),
        (NOW, "recorder_a", "未关联党员"),
    ],
)
def test_who_cannot_sign_in_is_told_why(moment: datetime, who: str, words: str, cast: Cast) -> None:
    sign_in = open_now(cast)
    with pytest.raises(NotSignedIn, match=words):
        sign_in_self(actor=getattr(cast, who), now=moment, sign_in=sign_in)
    assert not SignInScan.objects.exists()


def test_one_who_moved_away_or_left_no_longer_signs_in(cast: Cast) -> None:
    sign_in = open_now(cast)
    make_membership(cast.member_a, cast.branch_b, TODAY, Membership.Why.MOVED)
    with pytest.raises(NotSignedIn):
        sign_in_self(actor=cast.member_user_a, now=NOW, sign_in=sign_in)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOW, NOW),
        (NOW - 2 * HOUR, NOW),
        (NOW, NOW + 13 * HOUR),
        (NOW + 12 * HOUR, NOW + 15 * HOUR),
        (NOW - 24 * HOUR, NOW - 23 * HOUR),
        (NOW + timedelta(days=61), NOW + timedelta(days=61, hours=1)),
    ],
)
def test_hours_that_do_not_fit(since: datetime, until: datetime, cast: Cast) -> None:
    with pytest.raises(SignInRefused):
        open_now(cast, since=since, until=until)
    assert not SignIn.objects.exists()


def test_one_at_a_time_and_once_for_one_form(cast: Cast) -> None:
    token = uuid4()
    first = open_now(cast, token=token)
    assert open_now(cast, token=token) == first
    with pytest.raises(SignInRefused, match="一支部"):
        open_now(cast, since=NOW + HOUR / 2, until=NOW + 2 * HOUR)
    open_now(cast, since=NOW + HOUR, until=NOW + 2 * HOUR)
    open_now(cast, branch=cast.branch_b, actor=cast.recorder_b)
    assert SignIn.objects.count() == 3


@pytest.mark.parametrize("actor", ["supervisor", "committee_a", "member_user_a", "recorder_b", "other_staff"])
def test_who_may_open_and_close(actor: str, cast: Cast) -> None:
    sign_in = open_now(cast)
    user: User = getattr(cast, actor)
    with pytest.raises(PermissionDenied):
        open_now(cast, actor=user, since=NOW + HOUR, until=NOW + 2 * HOUR)
    with pytest.raises(PermissionDenied):
        close_sign_in(actor=user, now=NOW, sign_in=sign_in)


def test_a_closed_one_takes_nobody_and_a_planned_one_never_opens(cast: Cast) -> None:
    sign_in = open_now(cast)
    close_sign_in(actor=cast.secretary_a, now=NOW + HOUR / 2, sign_in=sign_in)
    with pytest.raises(NotSignedIn):
        sign_in_self(actor=cast.member_user_a, now=NOW + HOUR / 2, sign_in=sign_in)
    with pytest.raises(SignInRefused):
        close_sign_in(actor=cast.secretary_a, now=NOW + HOUR / 2, sign_in=sign_in)
    planned = open_now(cast, since=NOW + 2 * HOUR, until=NOW + 3 * HOUR)
    close_sign_in(actor=cast.recorder_a, now=NOW, sign_in=planned)
    with pytest.raises(NotSignedIn):
        sign_in_self(actor=cast.member_user_a, now=NOW + 2 * HOUR, sign_in=planned)
    assert open_now(cast, since=NOW + 2 * HOUR, until=NOW + 3 * HOUR)


def test_kept_open_longer_within_its_day_and_beside_no_other(cast: Cast) -> None:
    sign_in = open_now(cast)
    later = open_now(cast, since=NOW + 2 * HOUR, until=NOW + 3 * HOUR)

    def extend(until: datetime, *, now: datetime = NOW, actor: User = cast.recorder_a) -> SignIn:
        return extend_sign_in(actor=actor, now=now, sign_in=sign_in, closes_at=until)

    for actor in (cast.recorder_b, cast.committee_a, cast.member_user_a, cast.supervisor):
        with pytest.raises(PermissionDenied):
            extend(NOW + 2 * HOUR, actor=actor)
    for until in (NOW + HOUR, NOW + HOUR / 2, NOW + 2 * HOUR + HOUR / 60, NOW + 13 * HOUR, NOW + 24 * HOUR):
        with pytest.raises(SignInRefused):
            extend(until)
    extend(NOW + 2 * HOUR)
    scan = sign_in_self(actor=cast.member_user_a, now=NOW + 1.5 * HOUR, sign_in=sign_in)
    assert scan.at == NOW + 1.5 * HOUR
    with pytest.raises(SignInRefused):
        extend(NOW + 3 * HOUR, now=NOW + 2 * HOUR)
    close_sign_in(actor=cast.recorder_a, now=NOW, sign_in=later)
    entry = AuditEntry.objects.get(verb="extend_sign_in")
    assert entry.actor == cast.recorder_a


def test_the_recorder_keeps_a_sign_in_open_from_its_page(cast: Cast, client: Client) -> None:
    sign_in = open_now(cast)
    client.force_login(cast.recorder_a)
    page = f"/workbench/points/signin/{sign_in.pk}/"
    assert f'href="{page}extend/"' in client.get(f"{page}change/").content.decode()
    assert 'value="11:30"' in client.get(f"{page}extend/").content.decode()
    refused = client.post(f"{page}extend/", {"closes": "10:30"})
    assert "11:00" in refused.content.decode()
    done = client.post(f"{page}extend/", {"closes": "11:45"}, follow=True).content.decode()
    assert "签到延长至11:45" in done
    sign_in.refresh_from_db()
    assert sign_in.closes_at == NOW + HOUR * 1.75


def test_the_meeting_is_recorded_from_the_confirmed_list(cast: Cast) -> None:
    sign_in = open_now(cast)
    sign_in_self(actor=cast.member_user_a, now=NOW, sign_in=sign_in)
    with pytest.raises(SignInRefused, match="张伟"):
        record(cast, sign_in, seen=0)
    with pytest.raises(SignInRefused, match="2026-03-15"):
        record(cast, sign_in, seen=1, held_on=TODAY - timedelta(days=1))
    assert not Meeting.objects.exists()
    meeting = record(cast, sign_in, seen=1)
    sign_in.refresh_from_db()
    assert (sign_in.meeting, sign_in.closes_at) == (meeting, NOW)
    assert PointEvent.objects.get().member == cast.member_a
    with pytest.raises(SignInRefused):
        record(cast, sign_in, seen=1)
    with pytest.raises(NotSignedIn):
        sign_in_self(actor=make_user("late", member=cast.members_a[1]), now=NOW, sign_in=sign_in)


@pytest.mark.django_db(transaction=True)
def test_scans_and_a_closing_at_once() -> None:
    cast = build_cast()
    sign_in = open_now(cast)
    users = [cast.member_user_a, make_user("member-a2", town=cast.town, member=cast.members_a[1])]
    outcomes = run_at_once(
        *(lambda user=user: sign_in_self(actor=user, now=NOW, sign_in=sign_in) for user in [*users, users[0]]),
        lambda: close_sign_in(actor=cast.recorder_a, now=NOW, sign_in=sign_in),
    )
    # Who came after the closing is told so; nobody stands twice, and nothing breaks.
    assert all(isinstance(outcome, SignInScan | SignIn | NotSignedIn) for outcome in outcomes)
    told = {outcome.member_id for outcome in outcomes if isinstance(outcome, SignInScan)}
    assert set(SignInScan.objects.values_list("member", flat=True)) == told
    assert SignInScan.objects.count() == len(told)


@pytest.mark.django_db(transaction=True)
def test_two_recordings_of_one_sign_in_at_once_make_one_meeting() -> None:
    cast = build_cast()
    sign_in = open_now(cast)
    outcomes = run_at_once(lambda: record(cast, sign_in, 0), lambda: record(cast, sign_in, 0))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Meeting", "SignInRefused"]
    assert Meeting.objects.count() == 1


# Pages


def portal(cast: Cast, user: User, sign_in: SignIn, method: str = "get") -> Any:
    return getattr(browse(user), method)(sign_in_link(sign_in), follow=True)


def test_the_members_page(cast: Cast) -> None:
    sign_in = open_now(cast)
    assert "我已到会" in portal(cast, cast.member_user_a, sign_in).content.decode()
    assert not SignInScan.objects.exists()  # looking is not signing
    page = portal(cast, cast.member_user_a, sign_in, "post").content.decode()
    assert "您已于10:00签到" in page
    assert "我已到会" not in page
    for user, words in ((cast.member_user_b, "此签到供一支部"), (cast.recorder_a, "未关联党员")):
        for method in ("get", "post"):
            response = portal(cast, user, sign_in, method)
            assert response.status_code == 200
            assert words in response.content.decode()
    assert SignInScan.objects.count() == 1
    nobody = reverse("sign_in", args=[UUID(int=9)])
    assert browse(cast.member_user_a).get(nobody).status_code == 404


def test_outside_the_hours_the_page_says_so(cast: Cast, clock: FrozenClock) -> None:
    sign_in = open_now(cast)
    clock.now = NOW - HOUR
    assert "届时再来" in portal(cast, cast.member_user_a, sign_in).content.decode()
    clock.now = NOW + 2 * HOUR
    assert "已于2026-03-15 11:00结束" in portal(cast, cast.member_user_a, sign_in).content.decode()


def test_the_recorders_screens_from_opening_to_the_recorded_meeting(cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    opened = client.post(
        reverse("workbench:points_signin_open"),
        {"token": str(uuid4()), "day": "2026-03-15", "opens": "09:30", "closes": "11:00"},
        follow=True,
    )
    sign_in = SignIn.objects.get()
    page = opened.content.decode()
    assert f"http://testserver{sign_in_link(sign_in)}" in page
    assert "<svg" in page
    sign_in_self(actor=cast.member_user_a, now=NOW, sign_in=sign_in)
    signed = client.get(reverse("workbench:points_signin_signed", args=[sign_in.pk])).content.decode()
    assert "张伟" in signed
    assert "<html" not in signed
    record_page = f"{reverse('workbench:points_meeting_record')}?sign_in={sign_in.pk}"
    form = client.get(record_page).context["form"]
    statuses = {row.member.name: row.status for row in form.attendance_rows()}
    assert statuses == {"张伟": "attended", "李娜": "absent", "曾国华": "absent"}
    data = {f"status_{member.pk}": "absent" for member in cast.members_a}
    data |= {f"status_{cast.member_a.pk}": "attended", "held_on": "2026-03-15", "kind_party_day": "on"}
    data |= {"token": str(uuid4()), "signed": "0"}
    refused = client.post(record_page, data)
    assert "张伟" in refused.context["form"].non_field_errors()[0]
    assert refused.context["form"]["signed"].value() == 1
    done = client.post(record_page, data | {"signed": "1"}, follow=True).content.decode()
    assert "10:00本人签到" in done
    assert "1人本人签到" in done
    assert SignIn.objects.get().meeting == Meeting.objects.get()
    client.post(record_page, data | {"signed": "1"})
    assert Meeting.objects.count() == 1


def test_the_month_leads_to_the_sign_in_of_today_and_to_meetings_not_recorded(cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)

    def month() -> tuple[str, list[tuple[SignIn, int, bool]]]:
        context = client.get(reverse("workbench:month")).context
        listed = [(row, row.signed, bool(record)) for row, _url, record in context["sign_ins"]]
        return context["sign_in_url"], listed

    opens = f"{reverse('workbench:points_signin_open')}?branch={cast.branch_a.pk}"
    next_week = open_now(cast, since=NOW + timedelta(days=7), until=NOW + timedelta(days=7) + HOUR)
    assert month() == (opens, [(next_week, 0, False)])
    mistake = open_now(cast)
    close_sign_in(actor=cast.recorder_a, now=NOW, sign_in=mistake)
    assert month() == (opens, [(next_week, 0, False)])
    today = open_now(cast)
    sign_in_self(actor=cast.member_user_a, now=NOW, sign_in=today)
    page = reverse("workbench:points_signin_change", args=[today.pk])
    assert month() == (page, [(today, 1, True), (next_week, 0, False)])
    record(cast, today, 1)
    assert month() == (opens, [(next_week, 0, False)])


@pytest.mark.parametrize("wanted", ["0", "x", "99999999999999999999999"])
def test_no_such_sign_in(wanted: str, cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    assert client.get(reverse("workbench:points_meeting_record"), {"sign_in": wanted}).status_code == 404
    theirs = open_now(cast, branch=cast.branch_b, actor=cast.recorder_b)
    assert client.get(reverse("workbench:points_meeting_record"), {"sign_in": theirs.pk}).status_code == 404


# What the page and the phone show


def test_the_meeting_is_named_where_it_was_announced(cast: Cast) -> None:
    sign_in = open_now(cast)
    assert name_announced(sign_in) == ""
    for hour, topic, kinds in ((8, "", [("lecture", "2026Q1")]), (11, "清明祭扫", []), (19, "晚间学习", [])):
        coming = ComingMeeting(TODAY, time(hour), "村部会议室", kinds, topic=topic)
        announce_meeting(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, coming=coming)
    assert name_announced(sign_in) == "清明祭扫 · 村部会议室"
    page = browse(cast.member_user_a).get(sign_in_link(sign_in)).content.decode()
    assert "清明祭扫 · 村部会议室" in page
    page = browse(cast.recorder_a).get(reverse("workbench:points_signin_change", args=[sign_in.pk])).content.decode()
    assert "清明祭扫 · 村部会议室<br>" in page
    assert page.count("清明祭扫 · 村部会议室") == 2
    early = open_now(cast, since=NOW - 3 * HOUR, until=NOW - HOUR, now=NOW - 3 * HOUR)
    assert name_announced(early) == "党课 · 村部会议室"


def test_a_free_activity_is_named_in_a_year_without_a_rulebook(cast: Cast) -> None:
    sign_in = open_now(cast)
    for topic in ("清明祭扫", ""):
        coming = ComingMeeting(TODAY, time(11), "村部会议室", [], topic=topic)
        announced = announce_meeting(actor=cast.recorder_a, now=NOW, branch=cast.branch_a, coming=coming)
        cast.town.assessment_years.all().delete()
        assert name_announced(sign_in) == f"{topic or '其他活动'} · 村部会议室"
        page = browse(cast.member_user_a).get(sign_in_link(sign_in))
        assert page.status_code == 200
        assert f"{topic or '其他活动'} · 村部会议室" in page.content.decode()
        withdraw_announcement(actor=cast.recorder_a, now=NOW, announcement=announced, reason="改期举行")


def test_who_is_exempt_is_listed_and_counts_on_neither_side(cast: Cast) -> None:
    Exemption.objects.create(member=cast.member_a, ground="unable", applied_on=TODAY, decided_on=TODAY, from_date=TODAY)
    sign_in = open_now(cast)
    for user in (cast.member_user_a, make_user("second", member=cast.members_a[1])):
        sign_in_self(actor=user, now=NOW, sign_in=sign_in)
    shown = read_signed(sign_in, NOW)
    assert [(scan.member.name, counts) for scan, counts in shown["scans"]] == [("李娜", True), ("张伟", False)]
    assert (shown["signed"], shown["expected"]) == (1, len(cast.members_a) - 1)
    address = reverse("workbench:points_signin_signed", args=[sign_in.pk])
    page = browse(cast.recorder_a).get(address).content.decode()
    assert '<b class="wb-signed-count">1</b> / 2' in page
    assert page.count("不实行积分制，不计入应到") == 1
