"""Posting and closing: channel by channel, the clock from the last one, corrected lines, halves opened again (3.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.models import Membership, Notification, RecordBatch
from points.models import Review
from points.reviews.steps import reopen_review
from points.roster.moves import change_membership
from points.scoring.freezing import current_lines
from publicity.errors import NoticeRefused
from publicity.models import Closing, LinePosting, Notice, Objection, RequiredChannel
from publicity.notices.channels import required_channels, set_required_channels
from publicity.notices.days_up import explain_open_notice, line_days, unheard_findings
from publicity.notices.publication import close_notice, post_notice, post_revised_lines, prepare_notice
from tests.cast import Cast
from tests.factories import make_batch, make_member, make_user
from tests.publicity.stages import (
    CONTACT,
    FIRST_MINUTE,
    JULY_5,
    JULY_7,
    LAST_MINUTE,
    approved,
    at,
    choose,
    corrected,
    dues,
    posted,
    prepared,
    record,
)
from tests.veto.hearings import write_answer
from tests.work import count_queries
from veto.models import Deduction

pytestmark = pytest.mark.django_db


def state(notice: Notice) -> str:
    return Review.objects.get(pk=notice.review_id).state


def require(cast: Cast, *channels: str) -> None:
    RequiredChannel.objects.bulk_create(RequiredChannel(town=cast.town, channel=channel) for channel in channels)


# --- preparing ---


def test_a_notice_takes_its_days_and_channels_from_the_town(cast: Cast) -> None:
    require(cast, "meeting", "board")
    notice = prepared(cast)
    assert (notice.days, notice.working_days, notice.required) == (5, False, ["board", "meeting"])
    require(cast, "web")
    assert Notice.objects.get().required == ["board", "meeting"]


@pytest.mark.parametrize(("days", "said"), [(4, "不少于5天"), (0, "不少于5天"), (61, "最多60天")])
def test_too_few_and_too_many_days_are_refused(cast: Cast, days: int, said: str) -> None:
    with pytest.raises(NoticeRefused, match=said):
        prepare_notice(actor=cast.secretary_a, now=JULY_5, review=approved(cast), contact=CONTACT, days=days)


def test_nothing_is_prepared_before_approval_twice_or_without_a_contact(cast: Cast) -> None:
    draft = Review.objects.create(branch=cast.branch_a, year=2025, half="H2")
    about: dict[str, Any] = {"actor": cast.secretary_a, "now": JULY_5}
    with pytest.raises(NoticeRefused, match="核定后"):
        prepare_notice(review=draft, contact=CONTACT, **about)
    review = approved(cast)
    with pytest.raises(NoticeRefused, match="向谁"):
        prepare_notice(review=review, contact="  ", **about)
    prepare_notice(review=review, contact=CONTACT, **about)
    with pytest.raises(NoticeRefused, match="已经准备过"):
        prepare_notice(review=review, contact=CONTACT, **about)


@pytest.mark.parametrize(
    "who", ["recorder_a", "committee_a", "secretary_b", "supervisor", "member_user_a", "other_staff"]
)
def test_only_the_secretary_and_the_towns_staff_post(cast: Cast, who: str) -> None:
    actor = getattr(cast, who)
    review = approved(cast)
    with pytest.raises(PermissionDenied):
        prepare_notice(actor=actor, now=JULY_5, review=review, contact=CONTACT)
    notice = prepared(cast, review)
    with pytest.raises(PermissionDenied):
        post_notice(actor=actor, now=at(7, 7), notice=notice, channels=["board"], posted_on=JULY_7)
    posted(cast, notice)
    with pytest.raises(PermissionDenied):
        post_revised_lines(actor=actor, now=at(7, 8), notice=notice, posted_on=JULY_7)
    with pytest.raises(PermissionDenied):
        close_notice(actor=actor, now=FIRST_MINUTE, notice=notice)
    assert close_notice(actor=cast.staff, now=FIRST_MINUTE, notice=notice).review.state == "final"


def import_finding(cast: Cast) -> Deduction:
    """A deduction confirmed on paper before the software: it counts, its papers are missing (D18)."""
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a, source=RecordBatch.Source.IMPORT, at=at(7, 1))
    finding = Deduction.objects.create(
        batch=batch, member=cast.member_a, item="rumour", date=date(2025, 3, 1), particulars="历史补录", backfilled=True
    )
    Deduction.objects.filter(pk=finding.pk).update(
        decided_on=date(2025, 3, 20), confirmed_at=at(7, 1), decided_by=cast.secretary_a
    )
    return finding


def test_imported_findings_need_their_papers_first(cast: Cast) -> None:
    finding = import_finding(cast)
    review = approved(cast)
    with pytest.raises(NoticeRefused, match="有1条历史补录"):
        prepared(cast, review)
    Deduction.objects.filter(pk=finding.pk).update(notified_on=date(2025, 7, 1))
    write_answer(finding, date(2025, 7, 2))
    assert prepared(cast, review).pk


@pytest.mark.parametrize("why", [Membership.Why.DECEASED, Membership.Why.TRANSFERRED_OUT])
def test_who_left_holds_up_no_notice(cast: Cast, why: Membership.Why) -> None:
    """Of an imported finding whose member died or left no papers are asked any more (D18)."""
    import_finding(cast)
    review = approved(cast)
    change_membership(
        actor=cast.staff, now=at(7, 6), member=cast.member_a, branch=None, from_date=date(2025, 7, 6), why=why
    )
    assert unheard_findings(current_lines(review)) == 0
    assert prepared(cast, review, now=at(7, 6)).pk


# --- posting ---


def test_the_last_required_channel_starts_the_clock(cast: Cast) -> None:
    require(cast, "board", "chat")
    notice = prepared(cast)
    about: dict[str, Any] = {"actor": cast.secretary_a, "notice": notice}
    post_notice(now=at(7, 7), channels=["chat"], posted_on=JULY_7, **about)
    assert state(notice) == "approved"
    assert explain_open_notice(Notice.objects.get(), now=at(7, 9)) == ["还没有在以下渠道公示：公开栏。"]
    # A channel nobody requires is kept and moves nothing.
    post_notice(now=at(7, 12), channels=["web"], posted_on=date(2025, 7, 12), **about)
    fresh = post_notice(now=at(7, 9), channels=["board"], posted_on=date(2025, 7, 9), **about)
    assert fresh.posted_on == date(2025, 7, 9)
    assert state(notice) == "published"
    assert {row.posted_on for row in line_days(fresh)} == {date(2025, 7, 9)}
    assert {row.last_day for row in line_days(fresh)} == {date(2025, 7, 14)}
    post_notice(now=at(7, 20), channels=["meeting"], posted_on=date(2025, 7, 20), **about)
    assert Notice.objects.get().posted_on == date(2025, 7, 9)


@pytest.mark.parametrize(
    ("channel", "day", "said"),
    [
        ("board", date(2025, 7, 8), "不能提前"),
        ("board", date(2025, 7, 4), "核定之日"),
        ("smoke", JULY_7, "没有这个渠道"),
    ],
)
def test_a_posting_of_another_time_or_place_is_refused(cast: Cast, channel: str, day: date, said: str) -> None:
    notice = prepared(cast)
    with pytest.raises(NoticeRefused, match=said):
        post_notice(actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=[channel], posted_on=day)
    assert state(notice) == "approved"
    assert not notice.postings.exists()


def test_several_channels_are_entered_at_once_and_the_photo_shows_the_first(cast: Cast) -> None:
    require(cast, "board", "web")
    notice = prepared(cast)
    about: dict[str, Any] = {"actor": cast.secretary_a, "now": at(7, 7), "notice": notice, "posted_on": JULY_7}
    with pytest.raises(NoticeRefused, match="没有这个渠道"):
        post_notice(channels=[], **about)
    with pytest.raises(NoticeRefused, match="没有这个渠道"):
        post_notice(channels=["board", "smoke"], **about)
    assert not notice.postings.exists()
    fresh = post_notice(channels=["web", "board"], photo="a" * 64, **about)
    assert dict(fresh.postings.values_list("channel", "photo")) == {"board": "a" * 64, "web": ""}
    assert (fresh.posted_on, state(notice)) == (JULY_7, "published")
    with pytest.raises(NoticeRefused, match="已经登记过"):
        post_notice(channels=["chat", "board"], **about)
    assert fresh.postings.count() == 2


def test_a_channel_is_entered_once(cast: Cast) -> None:
    notice = posted(cast)
    with pytest.raises(NoticeRefused, match="已经登记过"):
        posted(cast, notice)


def test_a_posting_entered_late_counts_from_its_own_day(cast: Cast) -> None:
    notice = prepared(cast)
    fresh = post_notice(actor=cast.secretary_a, now=at(7, 12), notice=notice, channels=["board"], posted_on=JULY_7)
    assert fresh.posted_on == JULY_7


# --- closing ---


def test_one_minute_before_the_end_of_the_last_day_is_too_early_and_one_after_is_not(cast: Cast) -> None:
    notice = posted(cast)
    with pytest.raises(NoticeRefused, match="2025-07-14（含当日）"):
        close_notice(actor=cast.secretary_a, now=LAST_MINUTE, notice=notice)
    assert state(notice) == "published"
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice, photo="a" * 64)
    assert state(notice) == "final"
    closing = Closing.objects.get()
    assert (closing.photo, closing.by, closing.at) == ("a" * 64, cast.secretary_a, FIRST_MINUTE)
    with pytest.raises(NoticeRefused, match="已经结束过"):
        close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)


def test_over_national_day(cast: Cast) -> None:
    notice = posted(cast, prepared(cast, now=at(9, 20)), now=at(9, 26))
    with pytest.raises(NoticeRefused, match="2025-10-09"):
        close_notice(actor=cast.secretary_a, now=at(10, 9, 23, 59), notice=notice)
    close_notice(actor=cast.secretary_a, now=at(10, 10, 0, 1), notice=notice)
    assert state(notice) == "final"


def test_longer_and_working_days(cast: Cast) -> None:
    review = approved(cast)
    notice = prepare_notice(actor=cast.secretary_a, now=JULY_5, review=review, contact=CONTACT, days=7)
    Notice.objects.filter(pk=notice.pk).update(working_days=True)
    posted(cast, notice)
    with pytest.raises(NoticeRefused, match="2025-07-16"):
        close_notice(actor=cast.secretary_a, now=at(7, 16, 23, 59), notice=notice)
    close_notice(actor=cast.secretary_a, now=at(7, 17, 0, 1), notice=notice)


def test_a_year_without_known_days_off_keeps_it_open_and_says_so(cast: Cast) -> None:
    notice = posted(cast, prepared(cast, now=at(12, 20, year=2026)), now=at(12, 28, year=2026))
    with pytest.raises(NoticeRefused, match="2027年的放假安排还不知道"):
        close_notice(actor=cast.secretary_a, now=at(2, 1, year=2027), notice=notice)


def test_an_unanswered_objection_keeps_it_open(cast: Cast) -> None:
    notice = posted(cast)
    taken: dict[str, Any] = {"notice": notice, "text": "有误", "received_on": JULY_7, "at": at(7, 8)}
    Objection.objects.create(receipt="1", via="paper", taken_by=cast.recorder_a, **taken)
    hidden = Objection.objects.create(
        receipt="2", via="portal", taken_by=cast.member_user_a, to_town_at=at(7, 8), **taken
    )
    answer = {"answer": "无误", "answer_kind": "explained", "answered_at": at(7, 9), "answered_by": cast.staff}
    with pytest.raises(NoticeRefused, match="异议尚未全部答复"):
        close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)
    Objection.objects.exclude(pk=hidden.pk).update(**answer)
    with pytest.raises(NoticeRefused, match="异议尚未全部答复"):
        close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)
    Objection.objects.filter(pk=hidden.pk).update(**answer)
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)


# --- corrected lines ---


def test_a_corrected_line_has_its_own_full_days(cast: Cast) -> None:
    notice = posted(cast)
    corrected(cast, notice.review, cast.member_a, now=at(7, 10))
    assert explain_open_notice(Notice.objects.get(), now=FIRST_MINUTE) == ["更正后的明细还没有发布：张伟。"]
    with pytest.raises(NoticeRefused, match="不会早于2025-07-10"):
        post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=date(2025, 7, 9))
    with pytest.raises(NoticeRefused, match="不能提前"):
        post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=date(2025, 7, 12))
    assert post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=date(2025, 7, 11)) == 1
    with pytest.raises(NoticeRefused, match="没有等待发布"):
        post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=date(2025, 7, 11))
    days = {row.line.member.name: (row.posted_on, row.last_day) for row in line_days(notice)}
    assert days["张伟"] == (date(2025, 7, 11), date(2025, 7, 16))
    assert days["李娜"] == (JULY_7, date(2025, 7, 14))
    with pytest.raises(NoticeRefused, match="2025-07-16"):
        close_notice(actor=cast.secretary_a, now=at(7, 16, 23, 59), notice=notice)
    close_notice(actor=cast.secretary_a, now=at(7, 17, 0, 1), notice=notice)
    # The replaced line keeps the day it went up.
    assert LinePosting.objects.filter(line__member=cast.member_a).count() == 2


def test_a_town_may_let_a_corrected_line_keep_the_days_of_the_one_it_replaces(cast: Cast) -> None:
    choose(cast, restart_on_correction=False)
    notice = posted(cast)
    corrected(cast, notice.review, cast.member_a, now=at(7, 10))
    assert explain_open_notice(Notice.objects.get(), now=FIRST_MINUTE) == ["更正后的明细还没有发布：张伟。"]
    post_revised_lines(actor=cast.secretary_a, now=at(7, 11), notice=notice, posted_on=date(2025, 7, 11))
    assert {row.last_day for row in line_days(notice)} == {date(2025, 7, 14)}
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)


def test_what_was_corrected_between_two_channels_is_not_up_with_the_first_sheet(cast: Cast) -> None:
    require(cast, "board", "chat")
    notice = prepared(cast)
    post_notice(actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=["board"], posted_on=JULY_7)
    corrected(cast, notice.review, cast.member_a, now=at(7, 8))
    fresh = post_notice(
        actor=cast.secretary_a, now=at(7, 9), notice=notice, channels=["chat"], posted_on=date(2025, 7, 9)
    )
    days = {row.line.member.name: row.posted_on for row in line_days(fresh)}
    assert days == {"张伟": None, "李娜": date(2025, 7, 9), "曾国华": date(2025, 7, 9), "王五": date(2025, 7, 9)}


def test_what_was_corrected_before_the_first_sheet_is_up_with_it(cast: Cast) -> None:
    notice = prepared(cast)
    corrected(cast, notice.review, cast.member_a, now=at(7, 6))
    fresh = posted(cast, notice)
    assert {row.posted_on for row in line_days(fresh)} == {JULY_7}
    assert {row.line.revision for row in line_days(fresh)} == {1, 2}


def test_a_half_opened_again_is_closed_again(cast: Cast) -> None:
    notice = posted(cast)
    close_notice(actor=cast.secretary_a, now=FIRST_MINUTE, notice=notice)
    with pytest.raises(NoticeRefused, match="公示期间"):
        post_revised_lines(actor=cast.secretary_a, now=at(8, 1), notice=notice, posted_on=date(2025, 8, 1))
    reopen_review(actor=cast.staff, now=at(8, 1), review=notice.review, reason="漏登")
    corrected(cast, notice.review, cast.member_a, now=at(8, 1))
    post_revised_lines(actor=cast.secretary_a, now=at(8, 4), notice=notice, posted_on=date(2025, 8, 4))
    with pytest.raises(NoticeRefused, match="2025-08-11"):
        close_notice(actor=cast.secretary_a, now=at(8, 11, 23, 59), notice=notice)
    close_notice(actor=cast.secretary_a, now=at(8, 12, 0, 1), notice=notice)
    assert state(notice) == "final"
    assert [closing.at for closing in Closing.objects.all()] == [FIRST_MINUTE, at(8, 12, 0, 1)]


# --- telling members ---


def told(cast: Cast) -> list[tuple[str, str, bool]]:
    rows = Notification.objects.select_related("user").order_by("pk")
    return [(row.user.username, row.kind, row.read_at is None) for row in rows]


def test_members_with_an_account_are_told_of_each_step(cast: Cast) -> None:
    left = make_user("left-a", name="王五", town=cast.town, member=cast.left_a)
    make_user("gone", town=cast.town, member=cast.members_a[1], is_active=False)
    notice = posted(cast)
    assert told(cast) == [("member-a", "notice_posted", True), (left.username, "notice_posted", True)]
    corrected(cast, notice.review, cast.member_a, now=at(7, 8))
    post_revised_lines(actor=cast.secretary_a, now=at(7, 8), notice=notice, posted_on=date(2025, 7, 8))
    close_notice(actor=cast.secretary_a, now=at(7, 15, 0, 1), notice=notice)
    assert [kind for _name, kind, _unread in told(cast)[2:]] == ["notice_corrected"] * 2 + ["notice_closed"] * 2
    entry = Notification.objects.first()
    assert entry is not None
    assert (entry.branch, entry.period, entry.link) == (cast.branch_a, "2025H1", f"/notices/{notice.uuid}/")


def test_members_are_told_once_when_the_web_page_opens_before_the_rest(cast: Cast) -> None:
    require(cast, "board", "web")
    notice = prepared(cast)
    about: dict[str, Any] = {"actor": cast.secretary_a, "now": at(7, 7), "notice": notice, "posted_on": JULY_7}
    post_notice(channels=["web"], **about)
    assert [name for name, *_rest in told(cast)] == ["member-a"]
    post_notice(channels=["board"], **about)
    assert len(told(cast)) == 1


# --- channels, queries ---


def test_the_towns_staff_choose_the_channels(cast: Cast) -> None:
    assert required_channels(cast.town) == ["board"]
    about: dict[str, Any] = {"now": JULY_5, "town": cast.town}
    set_required_channels(actor=cast.staff, channels=["web", "board"], **about)
    assert required_channels(cast.town) == ["board", "web"]
    for nothing in ([], ["smoke"]):
        with pytest.raises(NoticeRefused):
            set_required_channels(actor=cast.staff, channels=nothing, **about)
    with pytest.raises(PermissionDenied):
        set_required_channels(actor=cast.secretary_a, channels=["web"], **about)
    assert required_channels(cast.town) == ["board", "web"]


def test_how_a_notice_stands_costs_the_same_for_a_large_branch(cast: Cast) -> None:
    small = prepare_notice(
        actor=cast.secretary_b, now=JULY_5, review=approved(cast, branch=cast.branch_b), contact=CONTACT
    )
    small = post_notice(actor=cast.secretary_b, now=at(7, 7), notice=small, channels=["board"], posted_on=JULY_7)
    for number in range(20):
        make_member(cast.branch_a, f"党员{number}")
    large = posted(cast)
    assert len(line_days(large)) == 24
    assert count_queries(lambda: explain_open_notice(large, now=at(7, 8))) == count_queries(
        lambda: explain_open_notice(small, now=at(7, 8))
    )


def test_recording_stays_open_after_the_notice(cast: Cast) -> None:
    notice = posted(cast)
    record(cast, dues(cast.member_a, 5), now=at(7, 9))
    assert explain_open_notice(notice, now=FIRST_MINUTE) == []
