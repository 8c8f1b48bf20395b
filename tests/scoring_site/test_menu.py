"""The menu by job: at most eight entries, one of them lit on every page, and every page behind one of them as a tab."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import Appointment, Branch, User
from scoring_site.desks import DESKS, FOR_APPOINTMENTS, FOR_TOWN_ROLES, MOST_ENTRIES, TABS, Desk
from tests import factories
from tests.cast import Administrators, Cast
from tests.pages import browse, find_all, find_values, read_tree, text_of

pytestmark = pytest.mark.django_db
Role = Appointment.Role
OPEN = (200, 302)
"""What the tick sheet of one's only branch answers too: it leads there."""


def read_items(response: Any, *, own: bool | None = None) -> list[Any]:
    """The entries of the menu: of the side, of the user's own menu, or all."""
    sections = response.context["sidebar_navigation"]
    return [item for section in sections if own in (None, section["own"]) for item in section["items"]]


def lit(response: Any) -> list[str]:
    """The addresses of the tabs that are lit, each of an entry that is."""
    items = [item for item in read_items(response) if item["active"]]
    return [str(tab["link"]) for item in items for tab in item["tabs"] if tab["active"]]


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("index", "index"),
        ("overview", "overview"),
        ("members_branch_changelist", "members_branch_changelist"),
        ("choose_ticks", "choose_ticks"),
        ("points_pointevent_record", "points_pointevent_changelist"),
        ("activity", "activity"),
        ("points_meeting_record", "points_meeting_changelist"),
        ("month", "month"),
        ("veto_vetorecord_changelist", "veto_vetorecord_changelist"),
        ("candidates", "candidates"),
        ("import_ticks", "import"),
        ("export", "export"),
    ],
)
def test_the_entry_of_the_page_is_lit(page: str, entry: str, cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    assert lit(client.get(reverse(f"workbench:{page}"))) == [reverse(f"workbench:{entry}")]


def test_a_row_s_page_and_its_steps_light_its_list(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    for page, row in (("members_branch_change", cast.branch_a), ("members_branch_edit", cast.branch_a)):
        assert lit(client.get(reverse(f"workbench:{page}", args=[row.pk]))) == [
            reverse("workbench:members_branch_changelist")
        ]
    sheet = client.get(reverse("workbench:ticks", args=[cast.branch_a.pk]))
    assert lit(sheet) == [reverse("workbench:choose_ticks")]
    archive = client.get(reverse("workbench:archive", args=[cast.member_a.pk, 2026]))
    assert lit(archive) == [reverse("workbench:members_member_changelist")]


def test_the_menu_is_drawn_for_who_asks_where_they_are_and_in_their_language(cast: Cast) -> None:
    """What was drawn for one page is kept: it is another's only where all of it is the same."""
    for page in ("members_branch_changelist", "points_review_changelist", "members_branch_changelist"):
        for user in (cast.staff, cast.recorder_a, cast.committee_a):
            for language in ("zh-hans", "en"):
                response = browse(user, language).get(reverse(f"workbench:{page}"))
                shown = read_items(response, own=False)
                menu = "//div[@id='nav-sidebar-apps']//a"
                tree = read_tree(response.content)
                (entry,) = [item for item in shown if item["active"]]
                with translation.override(language):
                    assert [text_of(title) for title in find_all(tree, f"{menu}/span[2]")] == [
                        str(item["title"]) for item in shown
                    ]
                    assert [text_of(tab) for tab in find_all(tree, "//nav[@class='wb-tabs']//a")] == [
                        str(tab["title"]) for tab in entry["tabs"] if len(entry["tabs"]) > 1
                    ]
                assert find_values(tree, f"{menu}/@href") == [str(item["link"]) for item in shown]
                lit_in_menu = find_values(tree, f"{menu}[contains(@class, ' active')]/@href")
                assert lit_in_menu == [str(entry["link"])]
                lit_tabs = find_values(tree, "//nav[@class='wb-tabs']//a[@aria-current]/@href")
                assert lit_tabs == ([reverse(f"workbench:{page}")] if len(entry["tabs"]) > 1 else [])


@pytest.mark.parametrize("desk", Desk)
def test_a_desk_has_at_most_eight_entries_and_each_page_once(desk: Desk) -> None:
    entries = DESKS[desk]
    pages = [page for entry in entries for page in entry.pages]
    assert len([entry for entry in entries if not entry.own]) <= MOST_ENTRIES == 8
    assert len(pages) == len(set(pages))
    if desk is Desk.ADMINISTRATOR:
        assert set(pages) <= set(TABS)
    else:
        assert set(pages) == set(TABS)


def appoint(cast: Cast, role: Appointment.Role) -> User:
    user = factories.make_user(f"menu-{role}", town=cast.town)
    factories.appoint(user, role, branch=cast.branch_a)
    return user


def entries_of(user: User) -> list[str]:
    """What the side of the home page reads."""
    return [str(item["title"]) for item in read_items(browse(user).get(reverse("workbench:index")), own=False)]


def test_a_secretary_records_where_nobody_else_was_appointed_to(cast: Cast) -> None:
    assert entries_of(cast.secretary_a) == [
        "首页", "核定与公示", "结果运用", "负面清单与否决", "支部情况", "党员", "记分", "打印和导出"
    ]  # fmt: skip
    Appointment.objects.filter(user=cast.recorder_a).delete()
    assert entries_of(cast.secretary_a) == [
        "首页", "本月登记", "组织生活", "申报与草稿", "党员与积分", "核定与公示", "负面清单与否决", "打印和导入导出"
    ]  # fmt: skip


def test_the_secretary_of_a_general_branch_has_its_branches(cast: Cast) -> None:
    Branch.objects.filter(pk=cast.branch_b.pk).update(parent=cast.branch_a)
    assert entries_of(cast.secretary_a)[:4] == ["首页", "所属支部总览", "各支部", "核定与公示"]


def test_no_index_of_an_app_s_tables(cast: Cast) -> None:
    assert browse(cast.staff).get("/workbench/points/").status_code == 404


def test_whoever_has_an_appointment_lands_where_their_work_is(cast: Cast) -> None:
    """A member who records has both: the log-in leads to the workbench, and its user's menu to their own points."""
    User.objects.filter(pk=cast.recorder_a.pk).update(member=cast.members_a[1])
    for user, landing in ((cast.recorder_a, "/workbench/"), (cast.member_user_a, "/")):
        client = Client()
        sent = client.post(reverse("login"), {"username": user.username, "password": factories.PASSWORD})
        assert sent["Location"] == landing
    home = read_tree(browse(cast.recorder_a).get("/workbench/").content)
    assert find_values(home, "//a[normalize-space()='我的积分']/@href") == ["/"]


def test_past_the_menu_and_in_large_type(cast: Cast) -> None:
    client = browse(cast.recorder_a)
    page = read_tree(client.get(reverse("workbench:month")).content)
    (way,) = find_values(page, "//body//a[1][@class='wb-skip']/@href")
    assert find_all(page, f"//*[@id='{way.removeprefix('#')}']")
    assert "wb-large" not in find_values(page, "//body/@class")[0]
    client.post(reverse("large_type"), {"next": reverse("workbench:month")})
    large = read_tree(client.get(reverse("workbench:month")).content)
    assert "wb-large" in find_values(large, "//body/@class")[0]


def read_pages(user: User) -> set[str]:
    """The addresses that the menu offers somebody."""
    response = browse(user).get(reverse("workbench:index"))
    return {str(tab["link"]) for item in read_items(response) for tab in item["tabs"]}


@pytest.mark.sweep
def test_every_page_that_somebody_may_open_is_behind_an_entry_of_theirs(
    cast: Cast, administrators: Administrators
) -> None:
    """And none that they may not."""
    users = {
        cast.staff: Desk.TOWN,
        cast.supervisor: Desk.SUPERVISOR,
        cast.recorder_a: Desk.RECORDER,
        cast.secretary_a: Desk.SECRETARY,
        cast.committee_a: Desk.COMMITTEE,
        appoint(cast, Role.ASSISTANT): Desk.ASSISTANT,
        administrators.system_admin: Desk.ADMINISTRATOR,
        administrators.security_admin: Desk.ADMINISTRATOR,
        administrators.audit_admin: Desk.ADMINISTRATOR,
    }
    for_the_town = {
        reverse(f"workbench:{name}")
        for name, tab in TABS.items()
        if tab.permission in (FOR_TOWN_ROLES, FOR_APPOINTMENTS)
    }
    for user, desk in users.items():
        offered = read_pages(user)
        client = browse(user)
        refused = {page for page in offered if client.get(page).status_code not in OPEN}
        assert refused == set()
        open_pages = {
            address
            for address in (reverse(f"workbench:{name}") for name in TABS)
            if client.get(address).status_code in OPEN
        }
        if desk is not Desk.ADMINISTRATOR:
            assert open_pages - offered <= for_the_town, user
