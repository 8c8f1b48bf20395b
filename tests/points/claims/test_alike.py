"""Claims of one deed answered together: whom a person picks, all or none; what needs a look of its own is left out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason
from members.models import Appointment, Notification, User
from points.claims.alike import claims_alike
from points.claims.claims import Deed, accept_claim, file_claim, filing_of, withdraw_claim
from points.errors import ClaimRefused
from points.models import Claim, PointEvent
from points.records.recording import record_events
from tests.cast import Cast
from tests.factories import NOW, TODAY, appoint, incentive_entry, make_member, make_user
from tests.work import count_queries

DAY = date(2026, 3, 5)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def users(cast: Cast) -> dict[str, User]:
    """Accounts of the three members of branch A, by name."""
    lina, guohua = cast.members_a[1:]
    return {
        "张伟": cast.member_user_a,
        "李娜": make_user("lina", name="李娜", town=cast.town, member=lina),
        "曾国华": make_user("guohua", name="曾国华", town=cast.town, member=guohua),
    }


def file(user: User, deed: str = "清理村河道", **said: Any) -> Claim:
    about: dict[str, Any] = {"item": "volunteering", "date": DAY, "points": None} | said
    return file_claim(actor=user, now=NOW, deed=Deed(deed=deed, **about))


def accept(cast: Cast, claim: Claim, *others: Claim, **said: Any) -> None:
    about: dict[str, Any] = {"actor": cast.recorder_a, "points": 10, "led": False} | said
    accept_claim(now=LATER, claim=claim, others=[(each, filing_of(each)) for each in others], **about)


def names_alike(cast: Cast, claim: Claim, user: User | None = None) -> list[str]:
    return [each.member.name for each in claims_alike(user or cast.recorder_a, claim, on=TODAY)]


def test_one_answer_for_all_who_are_picked(cast: Cast, users: dict[str, User]) -> None:
    claim, lina, _guohua = (file(user) for user in users.values())
    assert names_alike(cast, claim) == ["李娜", "曾国华"]
    accept(cast, claim, lina, led=True, remark="全天")
    events = PointEvent.objects.order_by("member")
    assert [(row.member.name, row.points, row.led) for row in events] == [("张伟", 10, True), ("李娜", 10, False)]
    assert {row.batch.get_source_display() for row in events} == {"积分申报"}
    assert len({row.batch_id for row in events}) == 1
    states = Claim.objects.order_by("pk").values_list("state", "remark")
    assert list(states) == [("accepted", "全天"), ("accepted", "全天"), ("waiting", "")]
    told = Notification.objects.filter(kind=Notification.Kind.CLAIM_ANSWERED)
    assert {str(row.user) for row in told} == {"张伟", "李娜"}


@pytest.mark.parametrize(
    "other",
    [{"led": True}, {"item": "heritage"}, {"date": DAY - timedelta(days=1)}],
    ids=["leading role", "other item", "other day"],
)
def test_another_deed_or_a_leading_role_is_answered_alone(
    other: dict[str, Any], cast: Cast, users: dict[str, User]
) -> None:
    claim, lina = file(users["张伟"]), file(users["李娜"], **other)
    assert names_alike(cast, claim) == []
    with pytest.raises(ClaimRefused, match=r"^李娜：不是同一件事或申报带头作用的"):
        accept(cast, claim, lina)
    assert not PointEvent.objects.exists()


def test_what_may_be_counted_already_is_not_offered(cast: Cast, users: dict[str, User]) -> None:
    """The late and the twice: who has the deed on record, by day or by words, and who claimed it two times."""
    claim = file(users["张伟"])
    file(users["李娜"], deed="讲革命故事")
    entry = incentive_entry(cast.members_a[1], day=DAY - timedelta(days=30), item="heritage")
    worded = type(entry)(entry.member_id, entry.item, entry.date, points=5, note="讲革命故事")
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, branch=cast.branch_a, entries=[worded])
    first, _second = file(users["曾国华"]), file(users["曾国华"], deed="修路")
    assert names_alike(cast, claim) == []
    withdraw_claim(actor=users["曾国华"], now=NOW, claim=first)
    assert names_alike(cast, claim) == ["曾国华"]


def test_only_whom_the_user_records_for_and_never_oneself(cast: Cast, users: dict[str, User]) -> None:
    recorder = users["李娜"]
    appoint(recorder, Appointment.Role.RECORDER, branch=cast.branch_a)
    claim, mine, elsewhere = file(users["张伟"]), file(recorder), file(cast.member_user_b)
    assert names_alike(cast, claim, recorder) == []
    assert names_alike(cast, claim, cast.secretary_a) == ["李娜"]
    assert names_alike(cast, claim, cast.staff) == ["李娜"]
    with pytest.raises(ClaimRefused, match="同一支部"):
        accept(cast, claim, elsewhere, actor=cast.staff)
    with pytest.raises(ClaimRefused, match=r"^李娜：不能答复自己的申报"):
        accept(cast, claim, mine, actor=recorder)
    with pytest.raises(PermissionDenied):
        accept(cast, elsewhere, claim, actor=recorder)
    assert not PointEvent.objects.exists()


def test_namesakes_are_told_apart(cast: Cast, users: dict[str, User]) -> None:
    claim = file(users["李娜"])
    namesake = make_member(cast.branch_a, "张伟", birth_date=date(1990, 1, 1), party_group="第二党小组")
    for user in (users["张伟"], make_user("weiwei", name="张伟", town=cast.town, member=namesake)):
        file(user)
    names = [each.member.listed_name for each in claims_alike(cast.recorder_a, claim, on=TODAY)]
    assert names == ["张伟（第一党小组）", "张伟（第二党小组）"]


def test_all_or_none(cast: Cast, users: dict[str, User]) -> None:
    claim, lina, guohua = file(users["张伟"]), file(users["李娜"]), file(users["曾国华"], points=20)
    with pytest.raises(ClaimRefused, match=r"^曾国华：.*请说明原因"):
        accept(cast, claim, lina, guohua)
    assert not PointEvent.objects.exists()
    assert set(Claim.objects.values_list("state", flat=True)) == {"waiting"}
    accept(cast, claim, lina, guohua, remark="按半天计")
    assert set(PointEvent.objects.values_list("points", flat=True)) == {10}


def test_what_is_wrong_with_the_claim_itself_names_nobody(cast: Cast, users: dict[str, User]) -> None:
    claim, lina = file(users["张伟"], points=20), file(users["李娜"])
    with pytest.raises(MissingReason):
        accept(cast, claim, lina)
    assert not PointEvent.objects.exists()


def test_changed_meanwhile_is_refused(cast: Cast, users: dict[str, User]) -> None:
    claim, lina = file(users["张伟"]), file(users["李娜"])
    with pytest.raises(ClaimRefused, match=r"^李娜：打开此页面后"):
        accept_claim(
            actor=cast.recorder_a,
            now=LATER,
            claim=claim,
            others=[(lina, "2026-01-01T00:00:00+00:00")],
            points=10,
            led=False,
        )
    assert not PointEvent.objects.exists()


def test_finding_them_costs_the_same_for_few_and_many(cast: Cast, users: dict[str, User]) -> None:
    claim, _lina = file(users["张伟"]), file(users["李娜"])

    def count() -> int:
        return count_queries(lambda: claims_alike(cast.recorder_a, claim, on=TODAY))

    count()  # what the user may is read once
    few = count()
    file(users["曾国华"])
    for number in range(5):
        member = make_member(cast.branch_a, f"党员{number}")
        file(make_user(f"member-{number}", name=member.name, town=cast.town, member=member))
    assert len(claims_alike(cast.recorder_a, claim, on=TODAY)) == 7
    assert count() == few
