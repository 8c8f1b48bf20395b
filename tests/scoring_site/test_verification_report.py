"""A verification asked for in the workbench: made by the worker, read by who audits the town, and by nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from foundation.workbooks.reader import read_workbook
from members.errors import NotAllowed
from members.models import AuditEntry, Job, Member, Notification, User
from scoring_site.verification_report import ask_for_verification
from tests.cast import Administrators, Cast, appoint_administrators, build_cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.members.jobs.working import work_off
from tests.members.seals.tampering import unseen
from tests.members.seals.verified import begin_chain
from tests.pages import browse
from tests.scoring_site.screens import told, visible
from tests.scoring_site.workbench.files.test_exports import content_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine, pytest.mark.usefixtures("jobs_dir")]
VERIFY = "workbench:members_auditentry_verify"


@pytest.fixture
def cast(clock: FrozenClock, evidence_dir: Path) -> Cast:
    """The cast, and everything sealed."""
    clock.now = NOW
    cast = build_cast()
    begin_chain()
    return cast


@pytest.fixture
def administrators(cast: Cast) -> Administrators:
    return appoint_administrators(cast)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def rows_of(client: Any, job: Job) -> list[list[str]]:
    content = content_of(client.get(reverse("workbench:job_file", args=[job.uuid])))
    return [[str(cell) for cell in cells] for _number, cells in read_workbook(content, "r.xlsx").sheets[0].rows()]


def test_from_the_button_to_the_result(cast: Cast, administrators: Administrators) -> None:
    client = browse(administrators.audit_admin)
    assert reverse(VERIFY) in client.get(reverse("workbench:members_auditentry_changelist")).content.decode()
    sent = client.post(reverse(VERIFY), follow=True)
    assert "核验完成后有消息告知" in told(sent)
    assert "核验结果-20260315.xlsx" in visible(sent)
    assert "返回导出" not in visible(sent)
    job = work_off()
    assert Notification.objects.get(user=administrators.audit_admin).kind == Notification.Kind.JOB_READY
    assert AuditEntry.objects.get(verb="verify_stored").actor == administrators.audit_admin
    assert rows_of(client, job) == [
        ["核验对象", "编号", "不一致之处"],
        ["—", "—", "核对无误：所存内容与封条、记分办法和日志一致。"],
    ]


def test_what_was_changed_unseen_is_named(cast: Cast, administrators: Administrators) -> None:
    ask_for_verification(actor=administrators.audit_admin, now=NOW, town=cast.town)
    with unseen():
        Member.objects.filter(pk=cast.member_a.pk).update(party_group="改")
    job = work_off()
    found = rows_of(browse(administrators.audit_admin), job)[1:]
    assert [row[1] for row in found] == [str(cast.member_a.uuid)]


def test_it_is_the_audit_administrators_and_the_staffs_only_without_one(cast: Cast) -> None:
    job = ask_for_verification(actor=cast.staff, now=NOW, town=cast.town)
    assert browse(cast.staff).get(reverse(VERIFY)).status_code == 200
    administrators = appoint_administrators(cast)
    others = (cast.staff, cast.supervisor, administrators.system_admin, administrators.security_admin, cast.secretary_a)
    for user in others:
        assert browse(fresh(user)).get(reverse(VERIFY)).status_code == 403
        with pytest.raises(NotAllowed):
            ask_for_verification(actor=fresh(user), now=NOW, town=cast.town)
    assert browse(fresh(cast.staff)).get(reverse("workbench:job_file", args=[job.uuid])).status_code == 404
    with pytest.raises(NotAllowed):
        ask_for_verification(actor=administrators.audit_admin, now=NOW, town=cast.other_town)
