"""Rows for tests, made with as few words as possible; what a test cares about it names, the rest is filled in."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission

from foundation.encryption import hash_columns
from foundation.names import name_initials, name_pinyin
from members.accounts.login_codes import choose_first_password, find_login_code, reset_password
from members.models import Appointment, Branch, Member, Membership, RecordBatch, Town, User
from points.models import PointEvent
from points.records.entries import EventEntry
from points.rules.payments import UNSAID, Payment
from tests.clock import SHANGHAI

NOW = datetime(2026, 3, 15, 10, 0, tzinfo=SHANGHAI)
"""The moment tests pass to verbs unless they are about time."""
TODAY = NOW.date()
LONG_AGO = date(2015, 7, 1)
PASSWORD = "a long enough password"  # every test account logs in with it

_numbers = count(1)
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def make_id_number(number: int, birth_date: date = date(1970, 1, 1)) -> str:
    """A well-formed invented citizen ID number (GB 11643); `number` (0–999) tells people of one birthday apart."""
    head = f"429999{birth_date:%Y%m%d}{number:03}"
    total = sum(int(digit) * weight for digit, weight in zip(head, _CHECK_WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]


def make_branch(town: Town, name: str, **fields: Any) -> Branch:
    return Branch.objects.create(town=town, name=name, opened_on=LONG_AGO, **fields)


def make_member(
    branch: Branch,
    name: str,
    *,
    since: date = LONG_AGO,
    why: Membership.Why = Membership.Why.REGISTERED,
    **fields: Any,
) -> Member:
    """A full member of `branch` since a day; an `id_number` or `phone` given is hashed like a real one."""
    fields |= hash_columns(Member, fields)
    member = Member.objects.create(
        **{
            "town": branch.town,
            "name": name,
            "pinyin": name_pinyin(name),
            "initials": name_initials(name),
            "category": Member.Category.FULL,
            "position": next(_numbers),
        }
        | fields
    )
    make_membership(member, branch, since, why)
    return member


def make_membership(member: Member, branch: Branch | None, from_date: date, why: Membership.Why) -> Membership:
    return Membership.objects.create(member=member, branch=branch, from_date=from_date, why=why)


def make_user(username: str, *, name: str = "", **fields: Any) -> User:
    """An account that can log in with `PASSWORD`."""
    return User.objects.create_user(username=username, password=PASSWORD, last_name=name, **fields)


def replace_password(user: User, *, by: User, now: datetime) -> None:
    """The town resets it, and somebody chooses another with the code: the owner, or whoever got hold of it."""
    issued = reset_password(actor=by, now=now, user=user, reason="忘记密码")
    found = find_login_code(now=now, code=issued.code)
    choose_first_password(now=now, login_code=found, password=PASSWORD)


def permit_grounds(user: User) -> None:
    """Let an account read the grounds of findings, as `forbid_grounds` takes back."""
    user.user_permissions.add(Permission.objects.get(codename="view_finding_grounds"))


def forbid_grounds(user: User) -> None:
    user.user_permissions.clear()


def appoint(
    user: User,
    role: Appointment.Role,
    *,
    branch: Branch | None = None,
    town: Town | None = None,
    since: date = LONG_AGO,
    until: date | None = None,
) -> Appointment:
    """Give a role in a branch, or (with `town`) over a town; `until` is the first day without it."""
    where = branch.town if branch else town
    assert where is not None
    return Appointment.objects.create(user=user, town=where, branch=branch, role=role, from_date=since, to_date=until)


def make_overseer(branch: Branch, role: Appointment.Role = Appointment.Role.SECRETARY) -> User:
    """An officer of a new general branch over this branch alone."""
    branch.parent = make_branch(branch.town, f"{branch.name}的党总支")
    branch.save(update_fields=["parent"])
    officer = make_user(f"over-{role}-{branch.pk}")
    appoint(officer, role, branch=branch.parent)
    return officer


def make_batch(actor: User, town: Town, branch: Branch | None = None, **fields: Any) -> RecordBatch:
    return RecordBatch.objects.create(
        **{"town": town, "branch": branch, "source": RecordBatch.Source.SCREEN, "actor": actor, "at": NOW} | fields
    )


def make_event(
    batch: RecordBatch, member: Member, item: str = "dues", period: str = "2026-01", **fields: Any
) -> PointEvent:
    """A base record; for an incentive one give `period=""` and `points`. Written past the verbs and their guards."""
    return PointEvent.objects.create(
        **{
            "batch": batch,
            "member": member,
            "item": item,
            "period": period,
            "date": date(2026, 1, 10),
            "year": 2026,
        }
        | fields
    )


def base_entry(
    member: Member,
    item: str = "dues",
    period: str = "2026-01",
    day: date = date(2026, 1, 10),
    *,
    payment: Payment = UNSAID,
) -> EventEntry:
    return EventEntry(member.pk, item, day, period, payment=payment)


def incentive_entry(
    member: Member, item: str = "volunteering", points: int = 10, day: date = date(2026, 2, 10), *, led: bool = False
) -> EventEntry:
    return EventEntry(member.pk, item, day, points=points, led=led)
