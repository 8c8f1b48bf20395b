"""What the home knows: a fresh town's steps, next year's work in autumn, branches that are late and whose they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Appointment, Branch, Town, User
from members.notifications import Task
from points.models import ReviewDates
from points.reviews.steps import open_review
from points.scoring.adoption import set_up_town
from scoring_site.workbench.setting_up import read_next_year_tasks, read_setup
from scoring_site.workbench.standings import read_standings
from scoring_site.workbench.tasks import group_tasks
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, appoint, make_batch, make_branch, make_event, make_member, make_user
from tests.pages import browse, find_values, read_tree

pytestmark = pytest.mark.django_db

HOME = "workbench:index"


def late_of(user: User, on: date) -> dict[str, tuple[str, ...]]:
    """Branch name to what it is late with."""
    standings = read_standings(user, on=on)
    assert standings is not None
    return {entry.branch.name: entry.late for entry in standings.late}


def test_tasks_stand_under_late_this_week_and_later() -> None:
    tasks = [Task("a", "/a", -3, is_late=True), Task("b", "/b", -9), Task("c", "/c", 7), Task("d", "/d", 8)]
    assert [(title, [task.text for task in found]) for title, found in group_tasks(tasks)] == [
        ("逾期", ["a"]),
        ("本周", ["b", "c"]),
        ("以后", ["d"]),
    ]
    assert group_tasks([]) == []


def test_a_fresh_town_is_led_from_the_roster_to_its_first_month(clock: FrozenClock) -> None:
    clock.now = NOW
    town = Town.objects.create(name="新镇")
    staff = make_user("new-staff", name="新镇干部", town=town)
    appoint(staff, Appointment.Role.TOWN_STAFF, town=town)

    def steps() -> list[tuple[str, str, bool]]:
        return [(step.title, step.so_far, step.is_done) for step in read_setup(staff, on=TODAY)]

    assert steps() == [
        ("导入党员名册", "0个支部，0名党员", False),
        ("任命各支部的书记和组织委员（积分记录员）", "0个支部中0个已配齐", False),
        ("采用2026年度的积分办法", "尚未采用", False),
        ("登记第一个月", "尚无登记", False),
    ]
    branch = make_branch(town, "新支部")
    member = make_member(branch, "王一")
    set_up_town(now=NOW, name="新镇", years=(2026,), settings={})
    assert [done for _title, _so_far, done in steps()] == [True, False, True, False]
    for role in (Appointment.Role.SECRETARY, Appointment.Role.RECORDER):
        appoint(make_user(f"new-{role}", name=str(role), town=town), role, branch=branch)
    assert [done for _title, _so_far, done in steps()] == [True, True, True, False]
    page = browse(staff).get(reverse(HOME)).content.decode()
    assert page.count("去办理") == 1
    make_event(make_batch(staff, town, branch), member)
    assert steps() == []
    assert "开始使用" not in browse(staff).get(reverse(HOME)).content.decode()


def test_setting_up_is_the_towns_and_another_towns_records_do_not_end_it(cast: Cast) -> None:
    make_event(make_batch(cast.other_staff, cast.other_town, cast.other_branch), cast.other_member)
    assert len(read_setup(cast.staff, on=TODAY)) == 4
    assert read_setup(cast.other_staff, on=TODAY) == []
    for user in (cast.recorder_a, cast.secretary_a, cast.supervisor):
        assert read_setup(user, on=TODAY) == []


def test_from_october_on_next_years_rulebook_and_days_off_are_asked_for(cast: Cast) -> None:
    def texts(user: User, on: date) -> list[str]:
        return [task.text for task in read_next_year_tasks(user, on=on)]

    assert texts(cast.staff, date(2026, 9, 30)) == []
    assert texts(cast.staff, date(2026, 10, 1)) == [
        "甲镇尚未采用2027年度的积分办法",
        "甲镇尚未录入2027年的放假和调休安排：跨到该年的公示将无法期满",
    ]
    cast.town.work_days.create(day=date(2027, 1, 1), name="元旦")
    assert texts(cast.staff, date(2026, 11, 1)) == ["甲镇尚未采用2027年度的积分办法"]
    for user in (cast.secretary_a, cast.supervisor, cast.recorder_a):
        assert texts(user, date(2026, 11, 1)) == []


def test_a_late_branch_is_named_to_the_town_the_supervisor_and_its_general_branch_with_what_is_late(cast: Cast) -> None:
    general = make_branch(cast.town, "总支")
    Branch.objects.filter(pk=cast.branch_b.pk).update(parent=general)
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    ReviewDates.objects.create(
        town=cast.town,
        year=2025,
        half="H1",
        submit_by=date(2025, 7, 15),
        approve_by=date(2025, 7, 25),
        post_by=date(2025, 7, 31),
    )
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    on = date(2025, 7, 20)
    for month in range(1, 7):
        make_event(batch, cast.members_a[0], period=f"2025-{month:02}", year=2025, date=date(2025, month, 9))
    open_review(branch=cast.branch_b, year=2025, half="H1")
    half = "应于2025-07-15前提交（逾期5天）"
    late_b = f"2025年上半年：草稿 · {half}"
    for user in (cast.staff, cast.supervisor, head):
        said = late_of(user, on)["二支部"]
        assert said[0] == late_b
        assert "没有党费记录" in said[1]
    assert late_of(cast.staff, on)["一支部"] == (f"2025年上半年：尚未开启 · {half}",), "its dues are recorded"
    assert set(late_of(head, on)) == {"二支部"}
    for user in (cast.secretary_a, cast.recorder_a, cast.committee_b, cast.outsider):
        assert read_standings(user, on=on) is None, "their own branch's work is among their tasks"


def test_the_secretary_of_a_general_branch_is_called_so(cast: Cast) -> None:
    general = make_branch(cast.town, "甲社区党总支")
    Branch.objects.filter(pk=cast.branch_b.pk).update(parent=general)
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    for user, role in ((head, "甲社区党总支 党总支书记"), (cast.secretary_a, "一支部 支部书记")):
        home = browse(user).get(reverse(HOME))
        assert home.context["roles"] == [role]
    for page, said in (
        ("members_user_changelist", "党总支书记（甲社区党总支）"),
        ("members_appointment_changelist", "党总支书记"),
    ):
        shown = browse(cast.staff).get(reverse(f"workbench:{page}"), {"q": "general"}).content.decode()
        assert said in shown


def test_a_general_branch_without_members_is_not_offered_recording(cast: Cast) -> None:
    general = make_branch(cast.town, "总支")
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    page = browse(head).get(reverse(HOME)).content.decode()
    assert reverse("workbench:points_pointevent_record") not in page
    assert "总支未任命记录员" not in page
    make_member(general, "总支委员")
    page = browse(head).get(reverse(HOME)).content.decode()
    assert reverse("workbench:points_pointevent_record") in page
    assert "总支未任命记录员" in page


@pytest.mark.parametrize("who", ["general branch", "supervisor", "secretary_a", "committee_a"])
def test_every_way_that_a_home_offers_leads_somewhere(who: str, cast: Cast) -> None:
    """T4, as it was seen: a general branch's buttons led nowhere."""
    user = getattr(cast, who, None)
    if user is None:
        general = make_branch(cast.town, "总支")
        Branch.objects.filter(pk=cast.branch_b.pk).update(parent=general)
        user = make_user("general", name="总支书记", town=cast.town)
        appoint(user, Appointment.Role.SECRETARY, branch=general)
    client = browse(user)
    home = read_tree(client.get(reverse(HOME)).content)
    links = {link.partition("#")[0] for link in find_values(home, "//a/@href") if link.startswith("/")}
    assert len(links) > 5
    assert {link: status for link in links if (status := client.get(link, follow=True).status_code) != 200} == {}


def test_the_towns_home_costs_the_same_for_few_branches_and_many(cast: Cast) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browse(cast.staff).get(reverse(HOME)).status_code == 200
        return len(queries)

    count()
    few = count()
    for number in range(6):
        branch = make_branch(cast.town, f"新支部{number}")
        for place in range(3):
            make_member(branch, f"党员{number}{place}")
    assert count() == few
