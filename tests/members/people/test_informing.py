"""The register of who was told how data is processed: who was there, nobody else, each once a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import InformingRefused
from members.models import AuditEntry, Informing, Member
from members.people.informing import acknowledge_own_data, enter_informings, find_uninformed, void_informing
from members.selectors import members_in
from tests.cast import Cast
from tests.factories import NOW

TODAY = NOW.date()
SCAN = "9" * 64


def enter(cast: Cast, *members: Member, **said: Any) -> int:
    given: dict[str, Any] = {
        "actor": cast.recorder_a,
        "now": NOW,
        "branch": cast.branch_a,
        "member_ids": [member.pk for member in members],
        "kind": Informing.Kind.INFORMED,
        "channel": Informing.Channel.MEETING,
        "day": TODAY,
    }
    return enter_informings(**given | said)


def missing(cast: Cast) -> list[str]:
    found = find_uninformed(members_in([cast.branch_a.pk], TODAY).order_by("position", "pk"))
    return [member.name for member in found]


def test_who_was_there_is_entered_and_the_others_are_still_named(cast: Cast) -> None:
    everybody = missing(cast)
    assert enter(cast, *cast.members_a[:2]) == 2
    assert missing(cast) == everybody[2:]
    row = Informing.objects.get(member=cast.members_a[1])
    assert (row.kind, row.channel, row.day, row.entered_by) == ("informed", "meeting", TODAY, cast.recorder_a)
    entry = AuditEntry.objects.get(verb="enter_informings")
    assert entry.new == {
        "members": 2,
        "informing": "informed",
        "informed_by": "meeting",
        "informed_on": TODAY.isoformat(),
    }


def test_the_same_day_twice_is_one_row(cast: Cast) -> None:
    enter(cast, cast.member_a)
    assert enter(cast, *cast.members_a[:2]) == 1
    assert enter(cast, *cast.members_a[:2]) == 0
    assert Informing.objects.count() == 2
    assert AuditEntry.objects.filter(verb="enter_informings").count() == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"day": TODAY + timedelta(days=1)}, "在当天或者以后"),
        ({"channel": Informing.Channel.PORTAL}, "系统自动登记"),
        ({"kind": Informing.Kind.CONSENTED}, "扫描件"),
        ({"member_ids": []}, "本支部的党员"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, Any], why: str, cast: Cast) -> None:
    with pytest.raises(InformingRefused, match=why):
        enter(cast, cast.member_a, **said)
    assert not Informing.objects.exists()


def test_only_ones_own_branch_and_its_members(cast: Cast) -> None:
    with pytest.raises(InformingRefused):
        enter(cast, cast.member_a, cast.member_b)
    with pytest.raises(InformingRefused):
        enter(cast, cast.left_a)
    for actor in (cast.recorder_b, cast.supervisor, cast.member_user_a):
        with pytest.raises(PermissionDenied):
            enter(cast, cast.member_a, actor=actor)
    assert not Informing.objects.exists()


def test_a_consent_and_taking_it_back_are_a_row_each(cast: Cast) -> None:
    enter(cast, cast.member_a, kind=Informing.Kind.CONSENTED, scan=SCAN)
    enter(cast, cast.member_a, kind=Informing.Kind.WITHDRAWN)
    assert sorted(Informing.objects.values_list("kind", "scan")) == [("consented", SCAN), ("withdrawn", "")]
    assert cast.member_a.name in missing(cast)


def test_a_member_says_so_once_and_nobody_takes_it_back(cast: Cast) -> None:
    row = acknowledge_own_data(actor=cast.member_user_a, now=NOW)
    assert (row.member, row.channel, row.entered_by) == (cast.member_a, "portal", cast.member_user_a)
    assert cast.member_a.name not in missing(cast)
    with pytest.raises(InformingRefused, match="此前已经确认"):
        acknowledge_own_data(actor=cast.member_user_a, now=NOW)
    with pytest.raises(InformingRefused, match="不能作废"):
        void_informing(actor=cast.recorder_a, now=NOW, informing=row, reason="登记有误")
    with pytest.raises(PermissionDenied):
        acknowledge_own_data(actor=cast.staff, now=NOW)


def test_a_mistake_is_voided_with_its_reason(cast: Cast) -> None:
    enter(cast, cast.member_a)
    row = Informing.objects.get()
    with pytest.raises(PermissionDenied):
        void_informing(actor=cast.recorder_b, now=NOW, informing=row, reason="登记有误")
    void_informing(actor=cast.secretary_a, now=NOW, informing=row, reason="登记有误")
    row.refresh_from_db()
    assert (row.voided_by, row.void_reason) == (cast.secretary_a, "登记有误")
    assert cast.member_a.name in missing(cast)
    with pytest.raises(InformingRefused, match="此前已作废"):
        void_informing(actor=cast.secretary_a, now=NOW, informing=row, reason="登记有误")
