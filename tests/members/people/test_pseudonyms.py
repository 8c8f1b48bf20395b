"""Who left long ago is forgotten: nothing names them any more, and what counted still counts (D21)."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from members.errors import MissingReason, NotAllowed, RosterRefused
from members.models import (
    Appointment,
    AuditEntry,
    DataRequest,
    ExemptionApplication,
    Member,
    Membership,
    RosterChange,
    SecondFactor,
    User,
)
from members.people.changes import change_member
from members.people.pseudonyms import pseudonymise_member
from points.errors import MembershipRefused
from points.integrity.ledger import verify_ledger
from points.roster.moves import change_membership
from tests.cast import Cast
from tests.clock import SHANGHAI, FrozenClock
from tests.factories import NOW, make_batch, make_event, make_id_number, make_membership, make_user

pytestmark = pytest.mark.engine
LATER = datetime(2029, 1, 15, 10, 0, tzinfo=SHANGHAI)  # 王五 left on 2025-09-01
DECISION = "镇党委2029年1月10日决定"


@pytest.fixture
def known(cast: Cast) -> User:
    """王五 with everything the roster can say, an account, and entries about both in the log."""
    member = cast.left_a
    Member.objects.filter(pk=member.pk).update(
        id_number=make_id_number(41), id_number_hash="x", phone="13900000041", birth_date=date(1950, 3, 1), sex="male"
    )
    account = make_user("wangwu", name="王五", town=cast.town, member=member)
    SecondFactor.objects.create(user=account, secret="JBSWY3DPEHPK3PXP", confirmed_at=NOW)
    RosterChange.objects.create(
        batch=make_batch(cast.staff, cast.town), member=member, created=False, values='{"phone": ["1", "2"]}'
    )
    ExemptionApplication.objects.create(
        member=member, ground="age", text="体弱多病", applied_on=NOW.date(), at=NOW, state="declined"
    )
    DataRequest.objects.create(member=member, text="电话不对", at=NOW)
    change_member(actor=cast.staff, now=NOW, member=member, values={"ethnicity": "土家族"})
    return account


def forget(cast: Cast, **said: Any) -> None:
    given: dict[str, Any] = {"actor": cast.staff, "now": LATER, "member": cast.left_a, "reason": DECISION}
    pseudonymise_member(**given | said)


def test_name_details_account_and_own_words_go(cast: Cast, known: User) -> None:
    event = make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.left_a)
    forget(cast)
    member = Member.objects.get(pk=cast.left_a.pk)
    assert (member.name, member.pseudonymised_on) == (f"原党员{member.pk}", LATER.date())
    assert (member.pinyin, member.initials, member.sex, member.ethnicity, member.phone) == ("", "", "", "", "")
    assert (member.id_number, member.id_number_hash, member.birth_date) == ("", "", None)
    assert member.category == Member.Category.FULL
    known.refresh_from_db()
    assert (str(known), known.username, known.is_active) == (member.name, f"former-{known.pk}", False)
    assert not known.has_usable_password()
    assert not SecondFactor.objects.filter(user=known).exists()
    assert not RosterChange.objects.filter(member=member).exists()
    assert ExemptionApplication.objects.get().text == DataRequest.objects.get().text == ""
    event.refresh_from_db()
    assert event.member_id == member.pk
    assert list(verify_ledger()) == []


def test_the_log_still_says_what_was_done_and_no_longer_to_whom(cast: Cast, known: User) -> None:
    forget(cast)
    change = AuditEntry.objects.get(verb="change_member")
    assert (change.actor, change.old, change.new) == (cast.staff, {"ethnicity": ""}, {"ethnicity": "***"})
    entry = AuditEntry.objects.get(verb="pseudonymise_member")
    assert entry.new == {"ordered_by": DECISION, "left_on": "2025-09-01"}
    assert entry.object_id == str(cast.left_a.uuid)


def test_who_may_and_of_whom(cast: Cast, known: User) -> None:
    with pytest.raises(PermissionDenied):
        forget(cast, actor=cast.secretary_a)
    with pytest.raises(MissingReason):
        forget(cast, reason=" ")
    with pytest.raises(RosterRefused):  # on the roster
        forget(cast, member=cast.member_a)
    with pytest.raises(RosterRefused):  # two years and eleven months ago
        forget(cast, now=datetime(2028, 8, 1, tzinfo=SHANGHAI))
    make_membership(cast.left_a, cast.branch_b, date(2028, 1, 1), Membership.Why.RESTORED)
    with pytest.raises(RosterRefused):  # came back
        forget(cast)
    assert Member.objects.get(pk=cast.left_a.pk).name == "王五"


def test_not_oneself_and_nobody_who_held_an_office(cast: Cast, known: User) -> None:
    User.objects.filter(pk=cast.staff.pk).update(member=None)
    known.member = None
    known.save()
    User.objects.filter(pk=cast.staff.pk).update(member=cast.left_a)
    with pytest.raises(NotAllowed):
        forget(cast, actor=User.objects.get(pk=cast.staff.pk))
    User.objects.filter(pk=cast.staff.pk).update(member=None)
    known.member = cast.left_a
    known.save()
    Appointment.objects.create(
        user=known, town=cast.town, branch=cast.branch_a, role="recorder", from_date="2024-01-01", to_date="2025-01-01"
    )
    with pytest.raises(RosterRefused):
        forget(cast)


def test_once_and_never_back(cast: Cast, known: User) -> None:
    forget(cast)
    with pytest.raises(RosterRefused):
        forget(cast)
    with pytest.raises(MembershipRefused, match="请作为新党员登记"):
        change_membership(
            actor=cast.staff,
            now=LATER,
            member=Member.objects.get(pk=cast.left_a.pk),
            branch=cast.branch_a,
            from_date=date(2029, 1, 10),
            why=Membership.Why.RESTORED,
        )


def run(*options: str) -> str:
    out = StringIO()
    call_command("pseudonymise", "--town", "甲镇", *options, stdout=out)
    return out.getvalue()


def test_the_command_names_them_first(cast: Cast, known: User, clock: FrozenClock) -> None:
    clock.now = LATER
    assert run("--left-before", "2026-01-01", "--dry-run") == "2025-09-01 王五\n将去标识：1人。\n"
    assert run("--left-before", "2025-09-01", "--dry-run") == "将去标识：0人。\n"
    with pytest.raises(CommandError, match="--decision"):
        run("--left-before", "2026-01-01")
    with pytest.raises(CommandError, match="请写成2023-01-01"):
        run("--left-before", "2026年", "--dry-run")
    assert Member.objects.get(pk=cast.left_a.pk).name == "王五"
    assert run("--left-before", "2026-01-01", "--decision", DECISION) == "2025-09-01 王五\n已去标识：1人。\n"
    assert Member.objects.get(pk=cast.left_a.pk).name == f"原党员{cast.left_a.pk}"
    assert AuditEntry.objects.get(verb="pseudonymise_member").actor == cast.system
    Appointment.objects.create(
        user=known, town=cast.town, branch=cast.branch_a, role="recorder", from_date="2024-01-01", to_date="2025-01-01"
    )
    Member.objects.update(pseudonymised_on=None)
    assert "保留：曾经任职" in run("--left-before", "2026-01-01", "--dry-run")
