"""Changing the key: everything encrypted, in whatever table, and nothing an edit meanwhile wrote is undone (X19)."""

from __future__ import annotations

import random
from datetime import datetime, time
from io import StringIO
from time import sleep
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model

from foundation.encryption import encrypted_columns
from foundation.key_rotation import encrypted_models, rotate_values
from members.models import AuditEntry, DataRequest, ExemptionApplication, Member, RosterChange, SecondFactor
from points.models import Announcement, LeaveRequest
from publicity.models import InvestigationNote, Objection, ObjectionAddition
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, make_batch, make_id_number, make_member
from tests.foundation.ledger_rows import make_row
from tests.members.seals.verified import begin_chain, deviations
from tests.processes import kill, start_command
from veto.models import Answer, Appeal, Deduction, VetoRecord

pytestmark = pytest.mark.engine
OLD, NEW, STRANGE = (Fernet.generate_key().decode() for _ in range(3))
NUMBER = make_id_number(31)


@pytest.fixture
def under_old(cast: Cast, settings: Any) -> Cast:
    """Something in every encrypted column, all under the old key; then the new one stands in front."""
    settings.PERSONAL_DATA_KEYS = [OLD]
    Member.objects.update(id_number="", phone="")
    Member.objects.filter(pk=cast.member_a.pk).update(id_number=NUMBER, phone="13900000031")
    Member.objects.filter(pk=cast.member_b.pk).update(phone="13900000032")
    RosterChange.objects.create(
        batch=make_batch(cast.staff, cast.town), member=cast.member_a, created=False, values='{"phone": ["1", "2"]}'
    )
    SecondFactor.objects.create(user=cast.staff, secret="JBSWY3DPEHPK3PXP", confirmed_at=NOW)
    for model in (VetoRecord, Answer, Appeal):
        make_row(model, cast)
    make_row(Objection, cast)
    objection = Objection.objects.get()
    ObjectionAddition.objects.create(objection=objection, text="还少记一次主题党日", at=NOW)
    InvestigationNote.objects.create(objection=objection, text="签到表上没有名字", by=cast.staff, at=NOW)
    Deduction.objects.update(minutes="同意认定", left_out="王五请假")
    ExemptionApplication.objects.create(
        member=cast.member_a, ground="age", text="体弱多病", applied_on=NOW.date(), at=NOW, explanation="同意"
    )
    DataRequest.objects.create(member=cast.member_a, text="电话不对", at=NOW)
    day = NOW.date()
    announcement = Announcement.objects.create(
        branch=cast.branch_a, day=day, starts=time(15), place="会议室", made_by=cast.recorder_a, made_at=NOW
    )
    LeaveRequest.objects.create(
        announcement=announcement, day=day, member=cast.member_a, reason="住院检查", remark="安心养病", asked_at=NOW
    )
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    return cast


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue()


def read_all() -> dict[str, list[Any]]:
    """Every encrypted value in the clear."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list(*sorted(encrypted_columns(model))))
        for model in encrypted_models()
    }


def stored(model: type[Model]) -> list[Any]:
    """Every encrypted value as it is stored."""
    columns = ", ".join(f'"{name}"' for name in sorted(encrypted_columns(model)))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}" ORDER BY id')
        return cursor.fetchall()


def test_every_encrypted_column_goes_under_the_first_key(under_old: Cast, settings: Any) -> None:
    before = read_all()
    assert all(before.values())
    said = rotate()
    assert "党员 3 / 3" in said
    assert said.endswith("不再需要以前的备份后，即可从PERSONAL_DATA_KEYS中去掉其他密钥。\n")
    settings.PERSONAL_DATA_KEYS = [NEW]
    assert read_all() == before
    assert AuditEntry.objects.get(verb="rotate_keys", town=under_old.town).new == {"values": 25}


def test_a_second_time_nothing_is_written(under_old: Cast) -> None:
    rotate()
    before = {model: stored(model) for model in encrypted_models()}
    rotate()
    assert {model: stored(model) for model in encrypted_models()} == before
    assert AuditEntry.objects.filter(verb="rotate_keys", town=under_old.town).count() == 1


def test_one_that_was_broken_off_goes_on(under_old: Cast, settings: Any) -> None:
    before = read_all()
    progress = rotate_values(Member, chunk=1)
    while next(progress).done == 0:
        pass
    del progress
    with pytest.raises(CommandError, match="还有23个值"):
        rotate("--check")
    rotate()
    settings.PERSONAL_DATA_KEYS = [NEW]
    assert read_all() == before


def test_looking_writes_nothing(under_old: Cast) -> None:
    before = {model: stored(model) for model in encrypted_models()}
    with pytest.raises(CommandError, match="还有25个值"):
        rotate("--check")
    assert {model: stored(model) for model in encrypted_models()} == before
    rotate()
    assert "即可" in rotate("--check")


def test_what_was_edited_meanwhile_stays_and_is_said(
    under_old: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A site that was not started anew writes another number, under the old key, between reading and writing."""
    plain = Fernet.decrypt

    def decrypt(self: Fernet, token: Any, *more: Any) -> bytes:
        monkeypatch.setattr(Fernet, "decrypt", plain)
        settings.PERSONAL_DATA_KEYS = [OLD]
        Member.objects.filter(pk=under_old.member_a.pk).update(id_number=make_id_number(32), phone="13900000099")
        settings.PERSONAL_DATA_KEYS = [NEW, OLD]
        return plain(self, token, *more)

    monkeypatch.setattr(Fernet, "decrypt", decrypt)
    with pytest.raises(CommandError, match="还有2个值"):
        rotate()
    rotate()
    settings.PERSONAL_DATA_KEYS = [NEW]
    member = Member.objects.get(pk=under_old.member_a.pk)
    assert (member.id_number, member.phone) == (make_id_number(32), "13900000099")


def test_what_no_key_reads_is_named_and_the_rest_is_done(under_old: Cast, settings: Any) -> None:
    settings.PERSONAL_DATA_KEYS = [STRANGE]
    lost = make_member(under_old.branch_a, "丢钥匙", phone="13900000033")
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    with pytest.raises(CommandError, match=rf"党员 {lost.pk}。"):
        rotate()
    assert [rotation.done for rotation in rotate_values(RosterChange)] == [0]
    settings.PERSONAL_DATA_KEYS = [NEW, STRANGE]
    rotate()
    settings.PERSONAL_DATA_KEYS = [NEW]
    assert Member.objects.get(pk=lost.pk).phone == "13900000033"


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_goes_on(under_old: Cast, settings: Any, clock: FrozenClock) -> None:
    """Killed by the system after so many steps, while a site that was not started anew goes on writing."""
    settings.PERSONAL_DATA_KEYS = [OLD]
    crowd = Member.objects.bulk_create(
        Member(town=under_old.town, name=f"众{number}", category="full", phone=f"1390000{number:04}", id_number="")
        for number in range(2000)
    )
    settings.PERSONAL_DATA_KEYS = [NEW, OLD]
    begin_chain()
    before = read_all()
    chance, kills = random.Random(1), 0
    for steps in (1, 1, 2, 3, 4, 5, 6, 7):
        rotating = start_command("rotate_keys", PERSONAL_DATA_KEYS=f"{NEW},{OLD}")
        assert rotating.stdout is not None
        for _step in range(steps):
            rotating.stdout.readline()
        sleep(chance.uniform(0, 0.2))
        kills += kill(rotating)
        assert read_all() == before
        settings.PERSONAL_DATA_KEYS = [OLD]
        number = f"1380000{kills:04}"
        Member.objects.filter(pk=crowd[chance.randrange(1000)].pk).update(phone=number)
        settings.PERSONAL_DATA_KEYS = [NEW, OLD]
        before = read_all()
        assert number in {phone for _id_number, phone in before["members.Member"]}
    assert kills >= 5
    said, _errors = start_command("rotate_keys", PERSONAL_DATA_KEYS=f"{NEW},{OLD}").communicate()
    assert said.endswith("不再需要以前的备份后，即可从PERSONAL_DATA_KEYS中去掉其他密钥。\n")
    settings.PERSONAL_DATA_KEYS = [NEW]
    assert read_all() == before
    assert AuditEntry.objects.filter(verb="rotate_keys", town=under_old.town).exists()
    clock.now = datetime.now(tz=NOW.tzinfo)
    assert deviations() == []
