"""What people do all day in the big town, which is one among five: single records, ticks, lists, pages, an approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from foundation.clock import read_clock
from members.access import rows_for
from members.log.audit import log_change
from members.models import Appointment, Branch, Member, Membership, Town, User
from members.selectors import members_in
from points.models import PointEvent, Review
from points.records.entries import EventEntry
from points.records.recording import record_events
from points.reviews.members import score_review
from points.reviews.steps import CommitteeMeeting, approve_review, open_review, submit_review
from points.scoring.adoption import set_up_town
from points.ticks.saving import CellOutcome, TickChange, save_ticks
from points.ticks.sheet import read_sheet
from publicity.models import Channel, Notice
from publicity.notices.publication import post_notice, prepare_notice
from tests.bench.big_town import TOWN, YEAR
from tests.bench.timing import Timing, time_work
from tests.factories import LONG_AGO, appoint, make_batch, make_branch, make_event, make_user

NEIGHBOURS = 4
NEIGHBOUR_BRANCHES, NEIGHBOUR_MEMBERS = 10, 50
STAFF, RECORDER, READER = "bench-staff", "bench-recorder", "bench-reader"
OPEN = 6
"""Branches of the big town whose first half is not submitted; one is recorded for, the others are approved."""
NOTICED = OPEN - 1
"""The open branch whose half is approved and on show before anything is timed."""
UNTOUCHED_MONTH = f"{YEAR + 1}-03"
"""A month of which nothing is recorded, so that every member has every input."""
PAGES = 10
"""How often a page is asked for that alone would take too little to time."""


def settle() -> Timing:
    """Four towns beside the big one whose year is final, its own branches' first half submitted, a notice, accounts."""
    return time_work(_settle)


def _settle() -> None:
    town = Town.objects.get(name=TOWN)
    branches = _branches()
    appoint(make_user(STAFF, town=town), Appointment.Role.TOWN_STAFF, town=town)
    recorder = make_user(RECORDER, town=town)
    appoint(recorder, Appointment.Role.RECORDER, branch=branches[0])
    _write_reviews(branches[OPEN:], ("H1",), Review.State.SUBMITTED)
    for number in range(NEIGHBOURS):
        beside = set_up_town(now=read_clock(), name=f"邻镇{number + 1}", years=(YEAR,), settings={})
        for name in range(NEIGHBOUR_BRANCHES):
            branch = make_branch(beside, f"第{name + 1}党支部", position=name)
            _fill(branch)
            _write_reviews([branch], ("H1", "H2"), Review.State.FINAL)
    _show_notice(branches[NOTICED])


def _fill(branch: Branch) -> None:
    members = [
        Member(town=branch.town, name=f"党员{number}", category="full", position=number)
        for number in range(NEIGHBOUR_MEMBERS)
    ]
    Membership.objects.bulk_create(
        Membership(member=member, branch=branch, from_date=LONG_AGO, why=Membership.Why.REGISTERED)
        for member in Member.objects.bulk_create(members)
    )


def _write_reviews(branches: Iterable[Branch], halves: Sequence[str], state: Review.State) -> None:
    Review.objects.bulk_create(
        Review(branch=branch, year=YEAR, half=half, state=state) for branch in branches for half in halves
    )


def _show_notice(branch: Branch) -> None:
    """A half approved and on show in the portal, with an account that may open it."""
    staff, now = User.objects.get(username=STAFF), read_clock()
    review = submit_review(actor=staff, now=now, review=open_review(branch=branch, year=YEAR, half="H1"))
    review = approve_review(actor=staff, now=now, review=review, meeting=_meet())
    notice = prepare_notice(actor=staff, now=now, review=review, contact="向支部书记反映，电话13900000000。")
    post_notice(actor=staff, now=now, notice=notice, channels=[Channel.WEB], posted_on=timezone.localdate(now))
    make_user(READER, town=branch.town, member=members_in([branch.pk], timezone.localdate(now)).first())


def _meet() -> CommitteeMeeting:
    return CommitteeMeeting(timezone.localdate(read_clock()), "村部会议室", 3, 3, "逐人核定，一致通过。")


def _branches() -> list[Branch]:
    return list(Branch.objects.filter(town__name=TOWN).select_related("town").order_by("pk"))


def own_branch() -> tuple[User, Branch, list[Member]]:
    """The recorder, their branch, and its members."""
    branch = _branches()[0]
    members = list(members_in([branch.pk], date(YEAR, 12, 31)).order_by("pk"))
    return User.objects.get(username=RECORDER), branch, members


# Writing


def record_one() -> Timing:
    """Twenty deeds, each entered alone."""
    recorder, branch, members = own_branch()

    def work() -> None:
        for member in members[:20]:
            entry = EventEntry(member.pk, "volunteering", date(YEAR, 3, 3), points=10)
            record_events(actor=recorder, now=read_clock(), town=branch.town, branch=branch, entries=[entry])

    return time_work(work, repeats=3)


def insert_rows() -> Timing:
    """Floor of the deeds: their rows and their entries in the log, with nothing asked."""
    recorder, branch, members = own_branch()

    def work() -> None:
        for member in members[:20]:
            with transaction.atomic():
                batch = make_batch(recorder, branch.town, branch)
                make_event(batch, member, "volunteering", "", date=date(YEAR, 3, 4), year=YEAR, points=10)
                log_change(
                    actor=recorder, now=read_clock(), town=branch.town, verb="record_events", subject=batch, new={}
                )

    return time_work(work, repeats=3)


def save_tick() -> Timing:
    """Ten ticks of a branch's sheet taken back and set again, each saved alone."""
    recorder, branch, members = own_branch()

    def save(change: TickChange) -> None:
        saved = save_ticks(
            actor=recorder,
            now=read_clock(),
            branch=branch,
            item="dues",
            year=YEAR,
            changes=[change],
            token=uuid4(),
            reason="误勾",
        )
        assert [result.outcome for result in saved.results] == [CellOutcome.SAVED]

    def work() -> None:
        for member in members[:10]:
            seen = PointEvent.objects.get(member=member, item="dues", period=f"{YEAR}-11", voided_at=None)
            save(TickChange(member.pk, seen.period, ticked=False, seen=str(seen.uuid)))
            save(TickChange(member.pk, seen.period, ticked=True))

    return time_work(work, repeats=3)


def read_sheets() -> Timing:
    """Floor of the ticks: the sheet read once for each save."""
    recorder, branch, _members = own_branch()

    def work() -> None:
        for _save in range(20):
            read_sheet(actor=recorder, now=read_clock(), branch=branch, item="dues", year=YEAR)

    return time_work(work, repeats=3)


def approve_half() -> Timing:
    """A branch's half approved, its lines frozen; 50 members."""
    staff = User.objects.get(username=STAFF)
    now = read_clock()
    opened = [open_review(branch=branch, year=YEAR, half="H1") for branch in _branches()[1:NOTICED]]
    reviews = iter([submit_review(actor=staff, now=now, review=review) for review in opened])
    return time_work(
        lambda: approve_review(actor=staff, now=read_clock(), review=next(reviews), meeting=_meet()), repeats=3
    )


def score_half() -> Timing:
    """Floor of the approval: the same scores, neither frozen nor locked."""
    review = Review.objects.select_related("branch__town").get(branch=_branches()[1], half="H1")
    return time_work(lambda: score_review(review), repeats=3)


# Reading


def _visit(user: User, address: str, times: int) -> Callable[[], None]:
    """Ask the site for a page as its server does: a connection is kept or closed as the settings say."""
    client = Client()
    client.force_login(user)
    application = get_wsgi_application()

    def work() -> None:
        for _visit in range(times):
            environ = RequestFactory(headers={"cookie": _cookies(client.cookies)}).get(address).environ
            response: Any = application(environ, _require_success)
            for _part in response:
                pass
            response.close()

    return work


def _cookies(cookies: SimpleCookie) -> str:
    return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())


def _require_success(status: str, headers: object, *failure: object) -> Callable[[bytes], object]:
    """What a server calls with the head of an answer."""
    assert status == "200 OK", (status, headers, failure)
    return bytes


def _list_address(query: str) -> str:
    return f"{reverse('workbench:points_pointevent_changelist')}?{query}"


def list_events() -> Timing:
    """The town's list of point events, latest first."""
    return time_work(_visit(User.objects.get(username=STAFF), _list_address(""), times=1), repeats=3)


def list_half() -> Timing:
    """The same list, narrowed to a half and sorted by date."""
    query = f"year={YEAR}&half=H2&o=5"
    return time_work(_visit(User.objects.get(username=STAFF), _list_address(query), times=1), repeats=3)


def find_page() -> Timing:
    """Floor of the list: its rows counted, and fifty of them found in the same order."""
    return time_work(lambda: _find_page((), {}), repeats=3)


def find_page_of_half() -> Timing:
    """Floor of the half's list: the rows of its days counted, and fifty of them found in the same order."""
    days = (date(YEAR, 7, 1), date(YEAR, 12, 31))
    return time_work(lambda: _find_page(("date",), {"year": YEAR, "date__range": days}), repeats=3)


def _find_page(order: Sequence[str], wanted: dict[str, object]) -> None:
    staff = User.objects.get(username=STAFF)
    rows = rows_for(staff, PointEvent.objects.filter(**wanted), on=timezone.localdate(read_clock()))
    assert rows.count() > 50
    assert len(rows.order_by(*order, "-pk").values_list("pk", flat=True)[:50]) == 50


def show_month() -> Timing:
    """The month of a branch, an input for each member and column."""
    return _time_recording("month", f"&month={UNTOUCHED_MONTH}")


def show_meeting() -> Timing:
    """The form of a meeting, with how each member took part."""
    return _time_recording("points_meeting_record")


def show_activity() -> Timing:
    """The form of an activity, with who took part and who led."""
    return _time_recording("activity")


def _time_recording(name: str, query: str = "") -> Timing:
    recorder, branch, _members = own_branch()
    return time_work(_visit(recorder, f"{reverse(f'workbench:{name}')}?branch={branch.pk}{query}", PAGES), repeats=3)


def open_notice() -> Timing:
    """A notice that was read before."""
    visit = _visit(User.objects.get(username=READER), reverse("notice", args=[Notice.objects.get().uuid]), PAGES)
    visit()
    return time_work(visit, repeats=3)


def bare_page() -> Timing:
    """Floor of the pages: a session, one query, one word, on a connection that stays open."""
    return time_work(_visit_on_one_connection(RECORDER, reverse("bare"), PAGES), repeats=3)


def small_page() -> Timing:
    """A hundred small pages."""
    return time_work(_visit(User.objects.get(username=RECORDER), reverse("notifications"), times=100), repeats=3)


def small_page_on_one_connection() -> Timing:
    """Floor of the small pages: the same, on one connection that stays open."""
    return time_work(_visit_on_one_connection(RECORDER, reverse("notifications"), times=100), repeats=3)


def _visit_on_one_connection(username: str, address: str, times: int) -> Callable[[], None]:
    client = Client()  # never closes what the test holds open
    client.force_login(User.objects.get(username=username))

    def work() -> None:
        for _visit in range(times):
            assert client.get(address).status_code == 200

    return work
