"""Appointments in the workbench: one that waits for a second person, from entering to confirming or refusing."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from members.accounts.creating import appoint, create_user
from members.models import Appointment, User
from scoring_site.workbench.tasks import read_tasks
from tests import factories
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_user
from tests.pages import browse
from tests.points.half_stages import bring_to
from tests.scoring_site.screens import get, told, visible
from tests.work import counts_while_growing

Role = Appointment.Role
State = Appointment.State
LIST = "workbench:members_appointment_changelist"


@pytest.fixture
def second(cast: Cast) -> User:
    user = make_user("second-staff", name="徐明", town=cast.town)
    factories.appoint(user, Role.TOWN_STAFF, town=cast.town)
    return user


def page(name: str, row: Appointment) -> str:
    return reverse(f"workbench:members_appointment_{name}", args=[row.pk])


def wait(cast: Cast, username: str = "cun", name: str = "村文书") -> Appointment:
    """A back-dated secretary of branch A, entered by the cast's town staff."""
    account = create_user(actor=cast.staff, now=NOW, town=cast.town, username=username, name=name)
    return appoint(
        actor=cast.staff,
        now=NOW,
        user=account,
        role=Role.SECRETARY,
        town=cast.town,
        branch=cast.branch_a,
        from_date=date(2026, 3, 1),
    )


def waiting_task(user: User) -> dict[str, str]:
    return {task.text: task.url for task in read_tasks(user, on=TODAY) if "任职" in task.text}


def test_one_enters_it_another_finds_it_on_the_home_page_and_confirms(cast: Cast, second: User) -> None:
    account = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", name="村文书")
    staff, colleague = browse(cast.staff), browse(second)
    form = {"role": "secretary", "branch": cast.branch_a.pk, "from_date": "2026-03-01"}
    sent = staff.post(reverse("workbench:members_user_appoint", args=[account.pk]), form)
    row = Appointment.objects.get(user=account)
    assert sent["Location"] == page("change", row)
    shown = staff.get(sent["Location"])
    assert "由另一名镇党建办工作人员确认后生效" in told(shown)
    assert "撤回任职" in visible(shown)
    assert "确认任职" not in visible(shown)
    assert browse(account).get(reverse("workbench:index")).status_code == 302

    refused = staff.post(page("confirm", row))
    assert refused.context["form"].non_field_errors() == ["这项任职由您登记，须由另一名镇党建办工作人员确认。"]
    assert waiting_task(cast.staff) == {}
    assert waiting_task(second) == {"1项任职待另一人确认（今天起）": f"{reverse(LIST)}?state=waiting"}

    shown = visible(colleague.get(page("change", row)))
    for said in ("状态 待确认", "任职开始日期早于登记日期", "确认任职", "不予确认"):
        assert said in shown
    assert colleague.post(page("confirm", row))["Location"] == page("change", row)
    assert browse(User.objects.get(pk=account.pk)).get(reverse("workbench:index")).status_code == 200
    assert waiting_task(second) == {}
    shown = visible(colleague.get(page("change", row)))
    for said in ("状态 已生效", "确认人 徐明", "结束任职"):
        assert said in shown


def test_one_person_alone_gives_nobody_both_seats_of_a_branch(cast: Cast, second: User) -> None:
    """P7, as it was seen: staff appointed back-dated, so that one account recorded a half and approved it."""
    account = create_user(actor=cast.staff, now=NOW, town=cast.town, username="cun", name="村文书")
    staff, here = browse(cast.staff), reverse("workbench:members_user_appoint", args=[account.pk])
    for role, since in (("recorder", f"{TODAY}"), ("secretary", f"{TODAY}"), ("committee_member", "2025-07-01")):
        staff.post(here, {"role": role, "branch": cast.branch_a.pk, "from_date": since})
    rows = {row.role: row for row in Appointment.objects.filter(user=account)}
    assert {role: row.state for role, row in rows.items()} == {
        Role.RECORDER: State.STANDS,
        Role.SECRETARY: State.WAITING,
        Role.COMMITTEE_MEMBER: State.WAITING,
    }
    approve = reverse("workbench:points_review_approve", args=[bring_to(cast, "submitted").pk])
    assert browse(account).get(approve).status_code == 403
    for role in (Role.SECRETARY, Role.COMMITTEE_MEMBER):
        assert "由您登记" in str(staff.post(page("confirm", rows[role])).context["form"].non_field_errors())
    assert browse(account).get(approve).status_code == 403
    assert browse(second).post(page("confirm", rows[Role.SECRETARY])).status_code == 302
    assert browse(User.objects.get(pk=account.pk)).get(approve).status_code == 200


@pytest.mark.parametrize(("who", "button"), [("staff", "撤回任职"), ("second", "不予确认")])
def test_what_waits_is_taken_back_or_refused_and_stays_readable(
    who: str, button: str, cast: Cast, second: User
) -> None:
    actor = {"staff": cast.staff, "second": second}[who]
    row = wait(cast)
    client = browse(actor)
    assert button in visible(client.get(page("refuse", row)))
    assert client.post(page("refuse", row))["Location"] == page("change", row)
    shown = visible(client.get(page("change", row)))
    assert "状态 未确认，未生效" in shown
    for gone in ("结束任职", "确认任职", "撤回任职", "不予确认 "):
        assert gone not in shown
    assert waiting_task(second) == {}


def test_the_list_says_what_waits_and_shows_it_alone(cast: Cast, second: User, client: Client) -> None:
    wait(cast)
    everything = get(client, second, reverse(LIST))
    assert "待确认" in everything
    assert "甲记录员" in everything
    alone = get(client, second, f"{reverse(LIST)}?state=waiting")
    assert "村文书" in alone
    assert "甲记录员" not in alone


def test_the_list_asks_as_often_for_many_that_wait_as_for_one(cast: Cast, second: User) -> None:
    client = browse(second)
    wait(cast)

    def grow() -> None:
        for number in range(5):
            wait(cast, f"cun{number}", f"村文书{number}")

    once, again = counts_while_growing(partial(client.get, f"{reverse(LIST)}?state=waiting"), grow)
    assert once == again


def test_a_secretary_appoints_a_stand_in_on_the_branchs_page_and_ends_it(cast: Cast) -> None:
    branch = reverse("workbench:members_branch_change", args=[cast.branch_a.pk])
    form = reverse("workbench:members_branch_stand_in", args=[cast.branch_a.pk])
    secretary, staff = browse(cast.secretary_a), browse(cast.staff)
    assert form in secretary.get(branch).content.decode()
    assert form not in browse(cast.recorder_a).get(branch).content.decode()
    sent = {"user": cast.member_user_a.pk, "from_date": TODAY, "to_date": "2026-03-20", "reason": "记录员住院"}
    wrong = visible(secretary.post(form, {**sent, "to_date": TODAY}, follow=True))
    assert "代理期限至少一天、最长半年" in wrong
    assert "记录员住院" in wrong
    assert "已任命。到期自动结束" in visible(secretary.post(form, sent, follow=True))
    row = Appointment.objects.get(stands_in=True)
    assert "理由 记录员住院" in visible(staff.get(page("change", row)))
    assert "甲记录员、张伟（代理，至2026-03-19）" in visible(secretary.get(branch))
    assert "代理记录员" in visible(staff.get(reverse(LIST)))
    assert "代理记录员" in visible(secretary.get(reverse(LIST)))
    assert "代理记录员" not in visible(browse(cast.secretary_b).get(reverse(LIST)))
    assert "已任命代理记录员" in visible(staff.get(reverse("notifications")))
    assert secretary.get(page("confirm", row)).status_code == 403
    assert "结束任职" in visible(secretary.get(page("end", row)))
    secretary.post(page("end", row), {"to_date": "2026-03-17"})
    row.refresh_from_db()
    assert row.to_date == date(2026, 3, 17)
