"""A fixed cast, the same in every test: two towns, their branches, the people in them and their accounts.

甲镇  branch A 一支部: recorder, secretary, committee member; members 张伟 (with an account), 李娜, 曾国华; 王五 left
     branch B 二支部: the same, with members 赵敏 (with an account), 钱进, 孙立
     town staff who may read the grounds of findings, supervisor who may not, system account
乙镇  a branch with a recorder and a member, town staff
an outsider: an account without any role or member

The three administrators of 甲镇 take office where a test asks for them (`administrators`): most towns have none.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models.sql import InsertQuery
from django.test import Client

from members.models import Appointment, Branch, Member, Membership, Town, User
from members.selectors import system_account
from points.scoring.adoption import set_up_town
from tests.clock import FrozenClock
from tests.factories import (
    NOW,
    appoint,
    make_branch,
    make_id_number,
    make_member,
    make_membership,
    make_user,
    permit_grounds,
)
from tests.flush import WRITTEN_BY_COMMITS, WRITTEN_BY_MIGRATE, filled_tables

Built = TypeVar("Built")
Role = Appointment.Role
NO_ONES = WRITTEN_BY_MIGRATE | WRITTEN_BY_COMMITS
"""Models whose rows no cast brings."""


@dataclass(frozen=True)
class Cast:
    """Everybody by the part they play; `_a`, `_b` name the branch of 甲镇, `other_…` belong to 乙镇."""

    town: Town
    system: User
    staff: User
    supervisor: User

    branch_a: Branch
    recorder_a: User
    secretary_a: User
    committee_a: User
    members_a: tuple[Member, Member, Member]
    member_user_a: User
    """The account of `members_a[0]`; no appointment."""
    left_a: Member
    """Left branch A on 2025-09-01 (transferred out)."""

    branch_b: Branch
    recorder_b: User
    secretary_b: User
    committee_b: User
    members_b: tuple[Member, Member, Member]
    member_user_b: User

    outsider: User

    other_town: Town
    other_staff: User
    other_branch: Branch
    other_recorder: User
    other_member: Member

    @property
    def member_a(self) -> Member:
        return self.members_a[0]

    @property
    def member_b(self) -> Member:
        return self.members_b[0]


@dataclass(frozen=True)
class Administrators:
    """三员 of 甲镇, each in office."""

    system_admin: User
    security_admin: User
    audit_admin: User


def _officer(username: str, name: str, role: Role, branch: Branch) -> User:
    user = make_user(username, name=name, town=branch.town)
    appoint(user, role, branch=branch)
    return user


def _townsperson(username: str, name: str, role: Role, town: Town) -> User:
    user = make_user(username, name=name, town=town)
    appoint(user, role, town=town)
    return user


def appoint_administrators(cast: Cast) -> Administrators:
    """The three take office, long ago; accounts that were read before keep the reach they had."""
    return Administrators(
        _townsperson("system-admin", "系统员", Role.SYSTEM_ADMIN, cast.town),
        _townsperson("security-admin", "安全员", Role.SECURITY_ADMIN, cast.town),
        _townsperson("audit-admin", "审计员", Role.AUDIT_ADMIN, cast.town),
    )


def build_cast() -> Cast:
    """Write the cast's rows; both towns have adopted the shipped rulebook for 2025 and 2026."""
    town = set_up_town(now=NOW, name="甲镇", years=(2025, 2026), settings={})
    branch_a = make_branch(town, "一支部", position=1)
    branch_b = make_branch(town, "二支部", position=2)
    members_a = (
        make_member(
            branch_a,
            "张伟",
            sex="male",
            birth_date=date(1970, 1, 1),
            id_number=make_id_number(11),
            phone="13900000011",
            party_group="第一党小组",
        ),
        make_member(branch_a, "李娜", sex="female", birth_date=date(1985, 5, 5)),
        make_member(branch_a, "曾国华", sex="male", birth_date=date(1948, 2, 29)),
    )
    left_a = make_member(branch_a, "王五")
    make_membership(left_a, None, date(2025, 9, 1), Membership.Why.TRANSFERRED_OUT)
    members_b = (
        make_member(branch_b, "赵敏", id_number=make_id_number(21), phone="13900000021"),
        make_member(branch_b, "钱进"),
        make_member(branch_b, "孙立"),
    )
    other_town = set_up_town(now=NOW, name="乙镇", years=(2025, 2026), settings={})
    other_branch = make_branch(other_town, "三支部")
    staff = _townsperson("staff", "镇干部", Role.TOWN_STAFF, town)
    permit_grounds(staff)
    return Cast(
        town=town,
        system=system_account(town),
        staff=staff,
        supervisor=_townsperson("supervisor", "监督员", Role.SUPERVISOR, town),
        branch_a=branch_a,
        recorder_a=_officer("recorder-a", "甲记录员", Role.RECORDER, branch_a),
        secretary_a=_officer("secretary-a", "甲书记", Role.SECRETARY, branch_a),
        committee_a=_officer("committee-a", "甲委员", Role.COMMITTEE_MEMBER, branch_a),
        members_a=members_a,
        member_user_a=make_user("member-a", name="张伟", town=town, member=members_a[0]),
        left_a=left_a,
        branch_b=branch_b,
        recorder_b=_officer("recorder-b", "乙记录员", Role.RECORDER, branch_b),
        secretary_b=_officer("secretary-b", "乙书记", Role.SECRETARY, branch_b),
        committee_b=_officer("committee-b", "乙委员", Role.COMMITTEE_MEMBER, branch_b),
        members_b=members_b,
        member_user_b=make_user("member-b", name="赵敏", town=town, member=members_b[0]),
        outsider=make_user("outsider", name="路人"),
        other_town=other_town,
        other_staff=_townsperson("other-staff", "外镇干部", Role.TOWN_STAFF, other_town),
        other_branch=other_branch,
        other_recorder=_officer("other-recorder", "外镇记录员", Role.RECORDER, other_branch),
        other_member=make_member(other_branch, "周外"),
    )


@dataclass(frozen=True)
class _Written:
    """What was built in an empty database, as the statements that write the same rows again, and its evidence files."""

    pickled: bytes
    tables: tuple[str, ...]
    inserts: tuple[tuple[str, tuple[Any, ...]], ...]
    files: tuple[tuple[str, bytes], ...]


_written: dict[tuple[str, Callable[[], object]], _Written] = {}
"""By the name of the database, whose sequences stand past the ids that are written again, and by what built it."""


def _evidence_files() -> set[Path]:
    return {path for path in Path(settings.EVIDENCE_DIR).rglob("*") if path.is_file()}


def _note_rows(built: object, paths: Iterable[Path]) -> _Written:
    """Note the rows of every table and the evidence files of these paths, all of which came with what was `built`."""
    tables: list[str] = []
    inserts: list[tuple[str, tuple[Any, ...]]] = []
    for model in apps.get_models(include_auto_created=True):
        rows = [] if model in NO_ONES else list(model._base_manager.all())
        if rows:
            query = InsertQuery(model)
            query.insert_values(model._meta.concrete_fields, rows, raw=True)
            tables.append(model._meta.db_table)
            inserts += query.get_compiler(connection=connection).as_sql()
    files = tuple((str(path.relative_to(settings.EVIDENCE_DIR)), path.read_bytes()) for path in paths)
    return _Written(pickle.dumps(built), tuple(tables), tuple(inserts), files)


def _write(written: _Written) -> None:
    # In one transaction: which table comes before which is all the same to its deferred foreign keys.
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in written.inserts:
            cursor.execute(statement, values)
    for name, content in written.files:
        path = Path(settings.EVIDENCE_DIR) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _are_empty(tables: Iterable[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
        return cursor.fetchone() is None


def write_again(build: Callable[[], Built]) -> Built:
    """Have `build` write its rows: the first time one by one, then as what came of that.

    Building takes hundreds of queries, the same rows again take a few dozen. A test that has rows of its own by then,
    whose ids may be the same, gets what is built beside them.
    """
    key = str(connection.settings_dict["NAME"]), build
    written = _written.get(key)
    if written is not None and _are_empty(written.tables):
        _write(written)
        built: Built = pickle.loads(written.pickled)
        return built
    is_alone = written is None and not filled_tables(connection, but=NO_ONES)
    before = _evidence_files() if is_alone else set()
    built = build()
    if is_alone:
        brought = _evidence_files() - before
        if not (before and brought):  # beside files of others it is not known which of them it found there
            _written[key] = _note_rows(built, brought)
    return built


def write_cast() -> Cast:
    """Write the cast's rows; most tests begin so."""
    return write_again(build_cast)


@pytest.fixture
def cast(db: None, clock: FrozenClock) -> Cast:
    """The cast in the database, and the site's clock at `NOW`."""
    clock.now = NOW
    return write_cast()


@pytest.fixture
def administrators(cast: Cast) -> Administrators:
    """The three administrators of 甲镇 in office."""
    return appoint_administrators(cast)


@pytest.fixture
def recorder(cast: Cast, client: Client) -> Client:
    """A browser in which the recorder of branch A is logged in."""
    client.force_login(cast.recorder_a)
    return client
