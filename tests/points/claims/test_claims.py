"""Claims: filed with evidence, answered by whoever records, never by the claimant; one point event each (3.1, D5)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import DuplicateBatch, MissingReason, NotAllowed
from members.evidence.documents import inspect_upload
from members.models import AuditEntry, Member, Membership, Notification, RecordBatch, User
from points.claims.claims import (
    MOST_OPEN,
    Deed,
    accept_claim,
    claim_link,
    claims_to_answer,
    file_claim,
    may_answer,
    own_claims,
    reject_claim,
    return_claim,
    revise_claim,
    withdraw_claim,
    work_claim_link,
)
from points.errors import ClaimRefused, FutureDate, HalfLocked, NotOnRoster, UnknownItem, WrongPoints
from points.evidence.links import evidence_of
from points.models import Claim, PointEvent
from points.records.duplicates import LikelyDuplicate, Likeness, are_alike, likely_duplicates
from points.records.recording import record_events
from points.records.voiding import void_event
from points.reviews.steps import open_review, submit_review
from points.reviews.table import read_review_table
from tests.cast import Cast
from tests.factories import LONG_AGO, NOW, TODAY, appoint, incentive_entry, make_membership
from tests.members.evidence.uploads import picture
from tests.points.half_stages import settle_year_end
from tests.work import count_queries

DAY = date(2026, 3, 5)
RIVER = Deed("volunteering", DAY, "清理村河道垃圾", points=10)
LATER = NOW + timedelta(days=1)


def file_one(cast: Cast, deed: Deed = RIVER, **more: Any) -> Claim:
    return file_claim(actor=cast.member_user_a, now=NOW, deed=deed, **more)


def accept_one(cast: Cast, claim: Claim, **more: Any) -> RecordBatch:
    said: dict[str, Any] = {"actor": cast.recorder_a, "points": claim.points or 10, "led": claim.led} | more
    return accept_claim(now=LATER, claim=claim, **said)


def told(user: User) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", "link"))


def test_a_claim_tells_the_recorder_and_counts_nothing(cast: Cast) -> None:
    claim = file_one(cast)
    assert (claim.state, claim.member, claim.points, claim.filed_at) == ("waiting", cast.member_a, 10, NOW)
    assert told(cast.recorder_a) == [("claim_filed", work_claim_link(claim))]
    assert told(cast.secretary_a) == told(cast.recorder_b) == []
    assert PointEvent.objects.count() == 0


def test_the_message_says_which_claim_was_answered(cast: Cast) -> None:
    """W11, as it was seen: four times 您的申报有了答复, and not which."""
    accept_one(cast, file_one(cast))
    about = Notification.objects.filter(user=cast.member_user_a).values_list("kind", "about")
    assert list(about) == [("claim_answered", f"志愿服务 {RIVER.date}")]


def test_accepting_writes_one_event_in_a_batch_of_its_own_and_tells_the_member(cast: Cast) -> None:
    claim = file_one(cast)
    batch = accept_one(cast, claim)
    event = PointEvent.objects.get()
    assert (batch.source, batch.branch, batch.actor) == ("claim", cast.branch_a, cast.recorder_a)
    assert (event.batch, event.member, event.item, event.date) == (batch, cast.member_a, "volunteering", DAY)
    assert (event.points, event.led, event.note) == (10, False, "清理村河道垃圾")
    claim.refresh_from_db()
    assert (claim.state, claim.event, claim.answered_by, claim.answered_at) == (
        *("accepted", event, cast.recorder_a),
        LATER,
    )
    assert told(cast.member_user_a) == [("claim_answered", claim_link(claim))]
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))[-3:] == [
        *("file_claim", "record_events"),
        "accept_claim",
    ]


@pytest.mark.parametrize("change", [{"points": 5}, {"led": True}])
def test_points_other_than_claimed_need_a_reason(cast: Cast, change: dict[str, Any]) -> None:
    claim = file_one(cast)
    with pytest.raises(MissingReason):
        accept_one(cast, claim, **change)
    assert PointEvent.objects.count() == 0
    accept_one(cast, claim, remark="只参加了半天", **change)
    event = PointEvent.objects.get()
    assert {"points": event.points, "led": event.led} | change == {"points": event.points, "led": event.led}
    assert Claim.objects.get().remark == "只参加了半天"


def test_where_the_member_names_no_points_the_recorder_does_without_a_reason(cast: Cast) -> None:
    accept_one(cast, file_one(cast, Deed("volunteering", DAY, "清理村河道")), points=5)
    assert PointEvent.objects.get().points == 5


@pytest.mark.parametrize("points", [0, 1000])
def test_an_accepted_claim_keeps_to_the_items_cap(cast: Cast, points: int) -> None:
    claim = file_one(cast)
    with pytest.raises(WrongPoints):
        accept_one(cast, claim, points=points, remark="多")
    assert Claim.objects.get().state == "waiting"


def test_returned_revised_and_accepted(cast: Cast, evidence_dir: Path) -> None:
    claim = file_one(cast, files=[inspect_upload(picture())])
    return_claim(actor=cast.recorder_a, now=NOW, claim=claim, remark="请补照片")
    with pytest.raises(ClaimRefused, match="已退回补充"):
        accept_one(cast, claim)
    (link,) = evidence_of(cast.member_user_a, [claim], on=TODAY)[claim.pk]
    better = Deed("volunteering", DAY, "清理村河道垃圾，出动6人", points=20, led=True)
    revise_claim(
        actor=cast.member_user_a,
        now=LATER,
        claim=claim,
        deed=better,
        files=[inspect_upload(picture(size=(50, 50)))],
        take_away=[link],
    )
    assert (claim.state, claim.points, claim.led, claim.filed_at) == ("waiting", 20, True, LATER)
    links = evidence_of(cast.recorder_a, [claim], on=TODAY)[claim.pk]
    assert [each.is_void for each in links] == [True, False]
    accept_one(cast, claim)
    assert [kind for kind, _link in told(cast.recorder_a)] == ["claim_filed", "claim_filed"]
    assert [kind for kind, _link in told(cast.member_user_a)] == ["claim_answered", "claim_answered"]


def test_rejected_with_a_reason_and_answered_once(cast: Cast) -> None:
    claim = file_one(cast)
    with pytest.raises(MissingReason):
        reject_claim(actor=cast.recorder_a, now=NOW, claim=claim, reason="  ")
    reject_claim(actor=cast.recorder_a, now=NOW, claim=claim, reason="不属于志愿服务")
    assert (claim.state, claim.remark) == ("rejected", "不属于志愿服务")
    for again in (
        lambda: accept_one(cast, claim),
        lambda: return_claim(actor=cast.recorder_a, now=NOW, claim=claim, remark="x"),
        lambda: withdraw_claim(actor=cast.member_user_a, now=NOW, claim=claim),
        lambda: revise_claim(actor=cast.member_user_a, now=NOW, claim=claim, deed=RIVER),
    ):
        with pytest.raises(ClaimRefused, match="不予认定"):
            again()


def test_a_form_sent_twice_files_once(cast: Cast) -> None:
    token = uuid4()
    file_one(cast, token=token)
    with pytest.raises(DuplicateBatch):
        file_one(cast, token=token)
    assert Claim.objects.count() == 1


def test_nobody_answers_their_own_claim(cast: Cast) -> None:
    appoint(cast.member_user_a, cast.member_user_a.appointments.model.Role.RECORDER, branch=cast.branch_a)
    claim = file_one(cast)
    for answer in (
        lambda: accept_one(cast, claim, actor=cast.member_user_a),
        lambda: return_claim(actor=cast.member_user_a, now=NOW, claim=claim, remark="x"),
        lambda: reject_claim(actor=cast.member_user_a, now=NOW, claim=claim, reason="x"),
    ):
        with pytest.raises(NotAllowed, match="不能答复自己的申报"):
            answer()
    assert not may_answer(cast.member_user_a, claim, on=TODAY)
    assert told(cast.member_user_a) == []  # the other recorder is told
    assert [kind for kind, _link in told(cast.recorder_a)] == ["claim_filed"]
    assert may_answer(cast.recorder_a, claim, on=TODAY)


@pytest.mark.parametrize(
    "part", ["committee_a", "supervisor", "recorder_b", "other_staff", "member_user_b", "outsider"]
)
def test_only_who_records_for_the_member_answers(cast: Cast, part: str) -> None:
    claim = file_one(cast)
    with pytest.raises(PermissionDenied):
        accept_one(cast, claim, actor=getattr(cast, part))
    assert not claims_to_answer(getattr(cast, part), on=TODAY).exists()


def test_only_the_member_changes_a_claim(cast: Cast) -> None:
    claim = file_one(cast)
    for user in (cast.member_user_b, cast.recorder_a, cast.staff):
        with pytest.raises(NotAllowed):
            withdraw_claim(actor=user, now=NOW, claim=claim)
        assert not own_claims(user).exists()
    withdraw_claim(actor=cast.member_user_a, now=NOW, claim=claim)
    assert Claim.objects.get().state == "withdrawn"
    with pytest.raises(NotAllowed):
        file_claim(actor=cast.outsider, now=NOW, deed=RIVER)


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (Deed("dues", DAY, "交党费"), UnknownItem),
        (Deed("nothing", DAY, "做事"), UnknownItem),
        (Deed("volunteering", TODAY + timedelta(days=1), "明天"), FutureDate),
        (Deed("volunteering", DAY, "做事", points=9990), WrongPoints),
        (Deed("volunteering", DAY, "   "), ClaimRefused),
        (Deed("volunteering", DAY, "字" * 301), ClaimRefused),
    ],
)
def test_what_cannot_be_recorded_cannot_be_claimed(cast: Cast, deed: Deed, error: type[Exception]) -> None:
    with pytest.raises(error):
        file_one(cast, deed)
    assert Claim.objects.count() == 0


def test_whoever_left_claims_nothing_and_nobody_piles_them_up(cast: Cast) -> None:
    Claim.objects.bulk_create(
        Claim(member=cast.member_a, item="volunteering", date=DAY, deed="x", filed_at=NOW)
        for _number in range(MOST_OPEN)
    )
    with pytest.raises(ClaimRefused, match=str(MOST_OPEN)):
        file_one(cast)
    Claim.objects.all().delete()
    make_membership(cast.member_a, None, TODAY, Membership.Why.TRANSFERRED_OUT)
    with pytest.raises(NotOnRoster):
        file_one(cast)
    assert LONG_AGO < TODAY


def test_a_locked_half_says_so_and_shows_the_open_claim(cast: Cast) -> None:
    deed = Deed("volunteering", date(2025, 11, 3), "清理河道", points=10)
    claim = file_one(cast, deed)
    review = open_review(branch=cast.branch_a, year=2025, half="H2")
    flags = {row.member: [flag.kind for flag in row.flags] for row in _table(cast, review).rows}
    assert "claims" in flags[cast.member_a]
    assert "claims" not in flags[cast.members_a[1]]
    settle_year_end(cast.branch_a, by=cast.recorder_a, at=NOW)
    submit_review(actor=cast.recorder_a, now=NOW, review=review)
    with pytest.raises(HalfLocked, match="已提交"):
        accept_one(cast, claim, actor=cast.staff)
    assert Claim.objects.get().state == "waiting"
    first = open_review(branch=cast.branch_a, year=2025, half="H1")
    assert all("claims" not in [flag.kind for flag in row.flags] for row in _table(cast, first).rows)


def _table(cast: Cast, review: Any) -> Any:
    return read_review_table(review, actor=cast.secretary_a, on=TODAY)


def test_what_may_be_the_same_deed_is_found_for_many_members_at_once(cast: Cast) -> None:
    weiwei, lina, guohua = cast.members_a
    entries = [
        incentive_entry(weiwei, "volunteering", day=DAY),
        incentive_entry(weiwei, "volunteering", day=DAY - timedelta(days=7)),
        incentive_entry(weiwei, "volunteering", day=DAY - timedelta(days=8)),
        incentive_entry(weiwei, "governance", day=DAY),
        incentive_entry(lina, "heritage", day=DAY - timedelta(days=1)),
    ]
    batch = record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=entries)
    record_events(
        actor=cast.recorder_a,
        now=NOW,
        town=cast.town,
        branch=cast.branch_a,
        entries=[
            type(entries[0])(
                lina.pk, "commendation", DAY - timedelta(days=40), points=10, note="清理村河道垃圾，获县级表彰"
            )
        ],
    )
    claim = file_one(cast, Deed("volunteering", DAY, "河道保洁", points=10))

    def find(*members: Member) -> dict[int, list[LikelyDuplicate]]:
        texts = {member.pk: "清理村河道垃圾" for member in members}
        return likely_duplicates(texts=texts, item="volunteering", day=DAY)

    everybody = (*cast.members_a, *cast.members_b)
    assert count_queries(lambda: find(*everybody)) == count_queries(lambda: find(weiwei))
    found = find(*everybody)
    assert set(found) == {weiwei.pk, lina.pk}
    assert [(each.likeness, each.date, each.claim) for each in found[weiwei.pk]] == [
        (Likeness.SAME_ITEM_AND_DAY, DAY, None),
        (Likeness.SAME_ITEM_AND_DAY, DAY, claim),
        (Likeness.SAME_ITEM_NEARBY, DAY - timedelta(days=7), None),
        (Likeness.SAME_DAY, DAY, None),
    ]
    assert [each.likeness for each in found[lina.pk]] == [Likeness.ALIKE_WORDS]
    assert guohua.pk not in found
    void_event(actor=cast.recorder_a, now=NOW, event=batch.events.get(item="governance"), reason="录错")
    withdraw_claim(actor=cast.member_user_a, now=NOW, claim=claim)
    again = likely_duplicates(texts={weiwei.pk: ""}, item="volunteering", day=DAY, leave_out=[claim])
    assert [each.likeness for each in again[weiwei.pk]] == [Likeness.SAME_ITEM_AND_DAY, Likeness.SAME_ITEM_NEARBY]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("清理村河道垃圾", "清理村河道的垃圾", True),
        ("清理河道", "3月5日清理河道，出动6人", True),
        ("Clean the River", "clean the river!", True),
        ("清理村河道垃圾", "参加党史知识竞赛", False),
        ("", "", False),
        ("义诊", "义诊", False),
        ("为村里老人理发", "为村里老人送餐", False),
    ],
)
def test_wordings_are_alike(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike
