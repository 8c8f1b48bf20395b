"""The three administrators in the workbench: they land where their work is, and see nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from foundation.workbooks.reader import read_workbook
from members.models import AccessEntry, Appointment, AuditEntry, User
from points.records.recording import record_events
from tests import factories
from tests.cast import Administrators, Cast
from tests.factories import NOW, TODAY, base_entry, make_user
from tests.pages import browse
from tests.scoring_site.screens import told, visible

Role = Appointment.Role
MENUS = {
    "system_admin": ["首页", "账号", "任职", "首次登录通知单", "密码重置"],
    "security_admin": ["首页", "账号", "任职"],
    "audit_admin": ["首页", "操作日志", "访问日志", "我的任务"],
}
BUTTONS = {
    "system_admin": ["新账号", "账号", "任职", "首次登录通知单", "密码重置"],
    "security_admin": ["账号", "任职"],
    "audit_admin": ["操作日志", "核验存储内容", "访问日志"],
}


def menu(response: Any) -> list[str]:
    sections = response.context["sidebar_navigation"]
    return [str(tab["title"]) for section in sections for item in section["items"] for tab in item["tabs"]]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("who", MENUS)
def test_each_lands_on_a_home_of_their_own_work(who: str, cast: Cast, administrators: Administrators) -> None:
    client = browse(getattr(administrators, who))
    assert client.get("/")["Location"] == reverse("workbench:index")
    home = client.get(reverse("workbench:index"))
    assert menu(home) == MENUS[who]
    assert [button.label for button in home.context["buttons"]] == BUTTONS[who]
    for button in home.context["buttons"]:
        assert client.get(button.url).status_code == 200
    shown = visible(home)
    assert "没有待办事项" in shown
    assert "名册上的党员" not in shown


def test_the_staff_have_no_logs_any_more_and_everything_else(cast: Cast, administrators: Administrators) -> None:
    client = browse(cast.staff)
    entries = menu(client.get(reverse("workbench:index")))
    assert {"操作日志", "访问日志"} & set(entries) == set()
    assert {"党员", "账号", "任职", "半年核定", "导出"} <= set(entries)
    entry = AuditEntry.objects.filter(town=cast.town).latest("pk")
    unknown = AccessEntry.objects.create(at=NOW, kind=AccessEntry.Kind.LOGIN_FAILED, path="/login/")
    for user in (cast.staff, administrators.security_admin, cast.recorder_a):
        page = reverse("workbench:members_accessentry_change", args=[unknown.pk])
        assert browse(user).get(page).status_code == 404
    for name in ("members_auditentry_changelist", "members_auditentry_export", "members_accessentry_export"):
        assert client.get(reverse(f"workbench:{name}")).status_code == 403
    assert client.get(reverse("workbench:members_auditentry_change", args=[entry.pk])).status_code == 404


def test_the_log_is_read_and_taken_out_in_words(cast: Cast, administrators: Administrators) -> None:
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=[base_entry(cast.member_a)])
    client = browse(administrators.audit_admin)
    assert "甲记录员" in visible(client.get(reverse("workbench:members_auditentry_changelist")))
    export = reverse("workbench:members_auditentry_export") + "?verb=record_events"
    assert client.get(export).context["page"]["facts"][0].value == 1
    sent = client.post(export)
    (_n, head), (_m, row) = read_workbook(b"".join(sent.streaming_content), "r.xlsx").sheets[0].rows()
    assert [str(cell) for cell in head] == ["时间", "账号", "姓名", "操作", "对象", "编号", "变更前", "变更后"]
    assert [str(cell) for cell in row][:3] == ["2026-03-15 10:00:00", "recorder-a", "甲记录员"]
    assert str(row[7]) == "得分登记：1"


def test_what_waits_stands_on_the_security_administrators_home_and_says_who_confirms(
    cast: Cast, administrators: Administrators
) -> None:
    account = make_user("cun", name="村文书", town=cast.town)
    staff, security = browse(cast.staff), browse(administrators.security_admin)
    form = reverse("workbench:members_user_appoint", args=[account.pk])
    assert "由安全管理员安全员确认后生效" in visible(staff.get(form))
    sent = staff.post(form, {"role": "supervisor", "from_date": f"{TODAY}"}, follow=True)
    assert "由安全管理员安全员确认后生效" in told(sent)
    assert "由谁确认 安全管理员安全员" in visible(sent)
    row = Appointment.objects.get(user=account)
    confirm = reverse("workbench:members_appointment_confirm", args=[row.pk])
    assert "由本镇安全管理员确认" in visible(staff.get(confirm))
    assert "由本镇安全管理员确认" in visible(staff.post(confirm))
    assert browse(administrators.system_admin).get(confirm).status_code == 403
    assert "1项任职待另一人确认" in visible(security.get(reverse("workbench:index")))
    assert confirm in security.get(reverse("workbench:members_appointment_change", args=[row.pk])).content.decode()
    assert "已确认" in told(security.post(confirm, follow=True))
    row.refresh_from_db()
    assert (row.state, row.settled_by) == (Appointment.State.STANDS, administrators.security_admin)


def test_ending_the_only_one_says_what_falls_back(cast: Cast, administrators: Administrators) -> None:
    client = browse(cast.staff)
    held = {row.role: row for row in Appointment.objects.filter(role__in=Appointment.ADMINISTRATORS)}
    end = {role: reverse("workbench:members_appointment_end", args=[row.pk]) for role, row in held.items()}
    close = reverse("workbench:members_user_active", args=[administrators.security_admin.pk])
    back = "待确认的任职恢复由另一名镇党建办工作人员确认"
    assert back in visible(client.get(end["security_admin"]))
    assert back in visible(client.get(close))
    assert "访问日志恢复由镇党建办工作人员查看" in visible(client.get(end["audit_admin"]))
    assert "恢复由" not in visible(client.get(end["system_admin"]))
    client.post(end["audit_admin"], {"to_date": f"{TODAY}"})
    assert browse(fresh(cast.staff)).get(reverse("workbench:members_auditentry_changelist")).status_code == 200


def test_reading_of_grounds_is_given_by_the_security_administrator(cast: Cast, administrators: Administrators) -> None:
    page = reverse("workbench:members_user_grounds", args=[cast.supervisor.pk])
    assert "由本镇安全管理员授予" in visible(browse(cast.staff).get(page))
    assert "由本镇安全管理员授予" in visible(browse(cast.staff).post(page))
    assert not fresh(cast.supervisor).has_perm("members.view_finding_grounds")
    browse(administrators.security_admin).post(page)
    assert fresh(cast.supervisor).has_perm("members.view_finding_grounds")


def test_whoever_holds_another_role_is_refused_in_words_on_the_page(cast: Cast) -> None:
    factories.appoint(make_user("second", town=cast.town), Role.TOWN_STAFF, town=cast.town)
    page = reverse("workbench:members_user_appoint", args=[cast.recorder_a.pk])
    sent = browse(cast.staff).post(page, {"role": "audit_admin", "from_date": f"{TODAY}"})
    assert "不得互相兼任，也不得担任其他职务；甲记录员已有任职" in visible(sent)
