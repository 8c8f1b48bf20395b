"""A roster import is voided as one: who came with it vanishes, what it changed is as it was; or it is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from foundation.encryption import keyed_hash
from foundation.workbooks.report import ImportReport
from members.accounts.creating import create_user
from members.errors import AlreadyVoided, DuplicateBatch, MissingReason, RosterRefused
from members.models import AuditEntry, Branch, Exemption, Member, Membership, RecordBatch, RosterChange, User
from members.people.changes import change_member
from members.places.branches import change_branch
from members.roster_files.importing import import_roster
from points.integrity.ledger import verify_ledger
from points.meetings.holding import record_meeting
from points.models import Attendance, PointEvent
from points.records.recording import record_events
from points.records.voiding import void_batch, void_event
from points.roster.closed_lists import find_closed_joinings
from points.roster.moves import change_membership
from tests.cast import Cast, build_cast
from tests.exemptions import exempt_member
from tests.factories import NOW, TODAY, appoint, base_entry, make_id_number, make_user
from tests.members.roster_files.tables import make_xlsx, table_of
from tests.points.scoring.scores import score_town
from tests.threads import run_at_once
from veto.deciding import propose_deduction, void_finding

LATER = NOW + timedelta(hours=1)
NUMBER = make_id_number(500, date(1980, 6, 15))
NEW: dict[str, Any] = {"党支部": "一支部", "姓名": "周新", "公民身份号码": NUMBER, "人员类别": "正式党员"}
NUMBERED = {"党支部": "一支部", "姓名": "张伟", "公民身份号码": make_id_number(11), "人员类别": "正式党员"}
UNNUMBERED = {"党支部": "一支部", "姓名": "李娜", "出生日期": "1985-05-05", "人员类别": "正式党员"}
EVERYTHING = tuple(column.name for column in Member._meta.concrete_fields)


def imported(cast: Cast, *rows: dict[str, Any], **options: Any) -> RecordBatch:
    """Import these rows; the batch they came in."""
    report = run(cast, *rows, **options)
    assert report.errors == []
    return RecordBatch.objects.get(uuid=report.batch)


def run(cast: Cast, *rows: dict[str, Any], **options: Any) -> ImportReport:
    columns = {key: None for row in rows for key in row}
    data = make_xlsx({"名册": table_of([columns | row for row in rows], "党员名册")})
    return import_roster(
        guard=find_closed_joinings,
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        data=data,
        filename="名册.xlsx",
        **options,
    )


def void(cast: Cast, batch: RecordBatch, actor: User | None = None) -> dict[str, int]:
    return void_batch(actor=actor or cast.staff, now=LATER, batch=batch, reason="导错了文件")


def look(*members: Member) -> list[tuple[Any, ...]]:
    """Every value of these members as it stands."""
    rows = {row[0]: row for row in Member.objects.values_list("pk", *EVERYTHING)}
    return [rows[member.pk] for member in members]


def came(cast: Cast) -> Member:
    """Whom the import brought."""
    return Member.objects.get(town=cast.town, name="周新")


def test_an_import_is_one_batch_of_its_own_kind(cast: Cast) -> None:
    token = uuid4()
    batch = imported(cast, NEW, NUMBERED | {"党小组": "第二党小组"}, token=token)
    assert (batch.uuid, batch.source, batch.get_source_display()) == (token, "roster", "名册导入")
    assert (batch.town, batch.branch, batch.actor, batch.at) == (cast.town, None, cast.staff, NOW)
    assert batch.file_name == "名册.xlsx"
    assert len(batch.file_hash) == 64
    entry = AuditEntry.objects.get(verb="import_roster")
    assert (entry.object_id, entry.new["added"], entry.new["updated"]) == (str(token), 1, 1)
    assert entry.new["file_hash"] == batch.file_hash
    kept = batch.roster_changes.values_list("member__name", "created")
    assert list(kept) == [("周新", True), ("张伟", False)]


def test_an_import_that_changes_nothing_opens_no_batch(cast: Cast) -> None:
    imported(cast, NEW)
    assert run(cast, NEW).batch == ""
    assert RecordBatch.objects.count() == 1


def test_a_token_is_spent_by_its_import(cast: Cast) -> None:
    token = uuid4()
    batch = imported(cast, NEW, token=token)
    void(cast, batch)
    with pytest.raises(DuplicateBatch):
        run(cast, NEW, token=token)
    assert not Member.objects.filter(name="周新").exists()


def test_who_came_vanishes_with_membership_and_empty_branch(cast: Cast) -> None:
    other = NEW | {"姓名": "周二", "公民身份号码": make_id_number(501), "党支部": "新支部"}
    members, memberships = Member.objects.count(), Membership.objects.count()
    batch = imported(cast, NEW, other)
    uuids = set(Member.objects.filter(name__startswith="周", town=cast.town).values_list("uuid", flat=True))

    counts = void(cast, batch)

    assert counts == {"members_removed": 2, "members_restored": 0, "values_kept": 0, "branches_removed": 1}
    assert (Member.objects.count(), Membership.objects.count()) == (members, memberships)
    assert not Branch.objects.filter(name="新支部").exists()
    assert not RosterChange.objects.exists()
    batch.refresh_from_db()
    assert (batch.voided_by, batch.voided_at, batch.void_reason) == (cast.staff, LATER, "导错了文件")
    removed = AuditEntry.objects.filter(verb="remove_member")
    assert {entry.object_id for entry in removed} == {str(uuid) for uuid in uuids}
    assert AuditEntry.objects.get(verb="remove_branch").old == {"name": "新支部"}
    assert AuditEntry.objects.get(verb="void_batch").new == {"reason": "导错了文件"} | counts
    assert list(verify_ledger()) == []


def test_after_the_void_the_right_file_can_be_imported(cast: Cast) -> None:
    void(cast, imported(cast, NEW | {"党支部": "二支部"}))
    batch = imported(cast, NEW)
    assert came(cast).memberships.get().branch == cast.branch_a
    assert not batch.is_void


def test_what_changed_is_as_it_was_before(cast: Cast) -> None:
    numbered, unnumbered = cast.members_a[:2]
    before = look(numbered, unnumbered)
    rows = (
        NUMBERED | {"联系电话": "13900000099", "党小组": "第二党小组", "入党日期": "1999-07-01", "民族": "汉族"},
        UNNUMBERED | {"公民身份号码": make_id_number(700, date(1985, 5, 5)), "性别": None, "联系电话": "13900000098"},
    )
    batch = imported(cast, *rows)
    numbered.refresh_from_db()
    assert (numbered.phone, numbered.phone_hash) == ("13900000099", keyed_hash("13900000099"))
    assert look(numbered, unnumbered) != before

    counts = void(cast, batch)

    assert look(numbered, unnumbered) == before
    assert counts == {"members_removed": 0, "members_restored": 2, "values_kept": 0, "branches_removed": 0}
    numbered.refresh_from_db()
    unnumbered.refresh_from_db()
    assert (numbered.phone, numbered.phone_hash) == ("13900000011", keyed_hash("13900000011"))
    assert (unnumbered.id_number, unnumbered.id_number_hash, unnumbered.phone) == ("", "", "")
    assert list(verify_ledger()) == []


def test_a_category_and_its_day_go_back(cast: Cast) -> None:
    cast.member_b.category = Member.Category.PROBATIONARY
    cast.member_b.save()
    before = look(cast.member_b)
    row = {"党支部": "二支部", "姓名": "赵敏", "公民身份号码": make_id_number(21), "人员类别": "正式党员"}
    batch = imported(cast, row | {"转正日期": "2026-01-05"})
    cast.member_b.refresh_from_db()
    assert (cast.member_b.category, cast.member_b.full_since) == ("full", date(2026, 1, 5))
    void(cast, batch)
    assert look(cast.member_b) == before


def test_what_was_changed_since_stays(cast: Cast) -> None:
    batch = imported(cast, NUMBERED | {"联系电话": "13900000099", "党小组": "第二党小组"})
    change_member(actor=cast.staff, now=NOW, member=cast.member_a, values={"phone": "13900000077"})
    counts = void(cast, batch)
    cast.member_a.refresh_from_db()
    assert (cast.member_a.phone, cast.member_a.phone_hash) == ("13900000077", keyed_hash("13900000077"))
    assert cast.member_a.party_group == "第一党小组"
    # Sex and date of birth come from the number beside them and were there before, but for what was blank.
    assert (counts["members_restored"], counts["values_kept"]) == (1, 1)


def test_what_an_id_number_entered_since_says_is_not_contradicted(cast: Cast) -> None:
    """The import corrected nothing but the sex; the number entered by hand afterwards confirms it."""
    lina = cast.members_a[1]
    number = make_id_number(701, date(1985, 5, 5))
    sex = "男" if int(number[16]) % 2 else "女"
    lina.sex = "female" if sex == "男" else "male"
    lina.save()
    batch = imported(cast, UNNUMBERED | {"性别": sex})
    change_member(actor=cast.staff, now=NOW, member=lina, values={"id_number": number})
    counts = void(cast, batch)
    lina.refresh_from_db()
    assert (lina.id_number, lina.sex) == (number, "male" if sex == "男" else "female")
    assert counts["values_kept"] == 1


def test_no_personal_number_in_the_log_nor_in_the_clear(cast: Cast) -> None:
    batch = imported(cast, NEW | {"联系电话": "13900000088"}, NUMBERED | {"联系电话": "13900000099"})
    with connection.cursor() as cursor:
        cursor.execute('SELECT "values" FROM members_rosterchange')
        stored = "".join(value for (value,) in cursor.fetchall())
    assert "13900000011" in RosterChange.objects.get(created=False).values
    void(cast, batch)
    logged = "".join(f"{entry.old}{entry.new}" for entry in AuditEntry.objects.all())
    for number in ("13900000011", "13900000099", "13900000088", NUMBER):
        assert number not in stored + logged
    restored = AuditEntry.objects.get(verb="restore_member")
    assert (restored.object_id, restored.old, restored.new) == (
        str(cast.member_a.uuid),
        {"phone": "***"},
        {"phone": "***"},
    )


def test_a_second_void_is_refused(cast: Cast) -> None:
    batch = imported(cast, NEW)
    void(cast, batch)
    with pytest.raises(AlreadyVoided):
        void(cast, batch)
    assert AuditEntry.objects.filter(verb="void_batch").count() == 1


def test_no_void_without_a_reason_nor_by_others(cast: Cast) -> None:
    batch = imported(cast, NEW)
    with pytest.raises(MissingReason):
        void_batch(actor=cast.staff, now=LATER, batch=batch, reason=" ")
    for who in ("recorder_a", "secretary_a", "supervisor", "other_staff", "outsider"):
        with pytest.raises(PermissionDenied):
            void(cast, batch, getattr(cast, who))
    assert came(cast).memberships.count() == 1


def refused(cast: Cast, batch: RecordBatch) -> str:
    """The void is refused and has changed nothing; what it says."""
    before = [model.objects.count() for model in (Member, Membership, Branch, RosterChange, AuditEntry)]
    with pytest.raises(RosterRefused) as refusal:
        void(cast, batch)
    assert [model.objects.count() for model in (Member, Membership, Branch, RosterChange, AuditEntry)] == before
    batch.refresh_from_db()
    assert not batch.is_void
    return str(refusal.value)


def test_records_keep_their_member_until_they_are_voided(cast: Cast) -> None:
    batch = imported(cast, NEW | {"联系电话": "13900000088"})
    member = came(cast)
    records = record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(member)])
    assert "周新（得分登记）" in refused(cast, batch)

    void_event(actor=cast.staff, now=NOW, event=records.events.get(), reason="随名册作废")
    counts = void(cast, batch)

    # The voided record stays readable beside the bare name; nobody is on the roster any more.
    assert counts["members_removed"] == 1
    assert PointEvent.objects.get().member.name == "周新"
    member.refresh_from_db()
    assert (member.id_number, member.id_number_hash, member.phone, member.birth_date) == ("", "", "", None)
    assert not member.memberships.exists()
    assert member.pk not in {scored.member_id for scored in score_town(cast.town, 2026)}
    assert list(verify_ledger()) == []
    again = imported(cast, NEW)
    new = again.roster_changes.get().member
    assert new is not None
    assert (new.pk != member.pk, new.id_number) == (True, NUMBER)


def test_a_finding_an_attendance_an_account_an_exemption_and_a_move_are_named(cast: Cast) -> None:
    names = ("周一", "周二", "周三", "周四", "周五", "周六")
    rows = [
        NEW | {"姓名": name, "公民身份号码": make_id_number(510 + place, date(1940, 1, 1))}
        for place, name in enumerate(names)
    ]
    batch = imported(cast, *rows)
    one, two, three, four, five, six = (Member.objects.get(town=cast.town, name=name) for name in names)
    finding = propose_deduction(
        actor=cast.staff, now=NOW, member=one, item="gambling", date=TODAY, particulars="经核实", papers="派出所文书"
    )
    record_meeting(
        actor=cast.staff,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 3, 5),
        kinds=[("party_day", "2026-03")],
        statuses={two.pk: Attendance.Status.ABSENT},
    )
    create_user(actor=cast.staff, now=NOW, town=cast.town, username="zhousan", name="周三", member=three)
    exempt_member(
        actor=cast.staff,
        now=NOW,
        member=four,
        ground=Exemption.Ground.AGE,
        applied_on=TODAY,
        decided_on=TODAY,
        from_date=TODAY,
    )
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=five,
        branch=cast.branch_b,
        from_date=date(2026, 3, 1),
        why=Membership.Why.MOVED,
    )

    words = refused(cast, batch)

    for name, what in (
        ("周一", "扣分"),
        ("周二", "参加情况"),
        ("周三", "账号"),
        ("周四", "不实行积分制"),
        ("周五", "转移"),
    ):
        assert what in words.split(f"{name}（")[1].split("）")[0]
    assert six.name not in words
    assert "请先作废" in words
    void_finding(actor=cast.staff, now=NOW, finding=finding, reason="登记错人", is_unrelated=True)
    assert "周一" not in refused(cast, batch)


def test_a_refusal_names_some_and_counts_the_others(cast: Cast) -> None:
    rows = [NEW | {"姓名": f"周甲{place}", "公民身份号码": make_id_number(600 + place)} for place in range(23)]
    batch = imported(cast, *rows)
    everybody = Member.objects.filter(name__startswith="周甲")
    record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(member) for member in everybody])
    words = refused(cast, batch)
    assert words.count("周甲") == 20
    assert "另有3人" in words


def test_a_branch_in_use_stays(cast: Cast) -> None:
    rows = [
        NEW | {"党支部": name, "姓名": f"周{name}", "公民身份号码": make_id_number(520 + place)}
        for place, name in enumerate(("甲支部", "乙支部", "丙支部", "丁支部"))
    ]
    batch = imported(cast, *rows)
    first, second, third, _fourth = Branch.objects.filter(name__in=[row["党支部"] for row in rows]).order_by("position")
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        branch=first,
        from_date=date(2026, 3, 1),
        why=Membership.Why.MOVED,
    )
    appoint(make_user("new-recorder"), cast.recorder_a.appointments.get().role, branch=second)  # type: ignore[arg-type]
    change_branch(actor=cast.staff, now=NOW, branch=cast.branch_b, values={"parent": third})

    assert void(cast, batch)["branches_removed"] == 1

    assert set(cast.town.branches.values_list("name", flat=True)) == {"一支部", "二支部", "甲支部", "乙支部", "丙支部"}
    assert list(verify_ledger()) == []


def test_imports_that_build_on_each_other_are_voided_backwards(cast: Cast) -> None:
    before = look(cast.member_a)
    first = imported(cast, NEW, NUMBERED | {"党小组": "第二党小组"})
    between = look(cast.member_a)
    second = imported(cast, NEW | {"党小组": "第三党小组"}, NUMBERED | {"党小组": "第三党小组"})
    words = refused(cast, first)
    assert "周新（2026-03-15 10:00），张伟（2026-03-15 10:00）" in words
    void(cast, second)
    assert look(cast.member_a) == between
    void(cast, first)
    assert look(cast.member_a) == before
    assert not Member.objects.filter(name="周新").exists()


def test_imports_of_other_columns_do_not_hold_each_other(cast: Cast) -> None:
    first = imported(cast, NUMBERED | {"党小组": "第二党小组"})
    imported(cast, NUMBERED | {"联系电话": "13900000099"})
    void(cast, first)
    cast.member_a.refresh_from_db()
    assert (cast.member_a.party_group, cast.member_a.phone) == ("第一党小组", "13900000099")


def test_a_lost_line_of_an_import_is_named(cast: Cast) -> None:
    batch = imported(cast, NEW, NUMBERED | {"党小组": "第二党小组"})
    assert list(verify_ledger()) == []
    batch.roster_changes.filter(created=False).delete()
    (difference,) = verify_ledger(town=cast.town)
    assert (difference.identity, difference.message) == (str(batch.uuid), "当时写入 2 条，现有 1 条。")


@pytest.mark.django_db(transaction=True)
def test_a_record_and_the_void_at_once_leave_nothing_hanging() -> None:
    cast = build_cast()
    batch = imported(cast, NEW)
    member = came(cast)

    def record() -> RecordBatch:
        return record_events(actor=cast.staff, now=NOW, town=cast.town, entries=[base_entry(member)])

    outcomes = run_at_once(record, lambda: void(cast, batch))

    refusals = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(refusal) for refusal in refusals] == [RosterRefused]
    assert Member.objects.filter(pk=member.pk).count() == PointEvent.objects.count()
    assert list(verify_ledger()) == []


@pytest.mark.django_db(transaction=True)
def test_two_voids_at_once_take_it_back_once() -> None:
    cast = build_cast()
    batch = imported(cast, NEW)
    outcomes = run_at_once(lambda: void(cast, batch), lambda: void(cast, batch))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyVoided", "dict"]
    assert AuditEntry.objects.filter(verb="remove_member").count() == 1
