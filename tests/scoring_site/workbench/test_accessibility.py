"""The workbench's main screens and each role's home and menu, on a desk and on a phone: axe finds nothing serious."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from members.models import Appointment, Branch, User
from tests.accessibility import find_barriers
from tests.appearance import OPEN_ALL
from tests.cast import Cast, appoint_administrators
from tests.clock import FrozenClock
from tests.factories import NOW, appoint, make_branch, make_user
from tests.pages import browse
from tests.scoring_site.test_appearance import WIDTHS, build_town, list_screens, sit_down


@pytest.mark.sweep
def test_the_main_screens_have_no_barriers(
    transactional_db: None, clock: FrozenClock, evidence_dir: Path, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    world = build_town()
    found: list[str] = []
    somebody = ""
    screens = [screen for screen in list_screens(world) if screen.address.startswith("/workbench/")]
    assert len(screens) > 30
    for screen in screens:
        if screen.who != somebody:
            sit_down(browser_page, world, screen.who, live_server.url)
            somebody = screen.who
        browser_page.goto(screen.address)
        browser_page.evaluate(OPEN_ALL)
        for width in WIDTHS:
            browser_page.set_viewport_size({"width": width, "height": 900})
            found += [f"{screen.name} at {width}: {barrier}" for barrier in find_barriers(browser_page)]
    assert found == [], "\n".join(found)


def seat_the_others(cast: Cast) -> dict[str, User]:
    """Whose home the main screens do not hold: a branch's assistant, a general branch's secretary, the three."""
    general = make_branch(cast.town, "第一党总支")
    Branch.objects.filter(pk=cast.branch_a.pk).update(parent=general)
    assistant = make_user("assistant-a", name="协助员", town=cast.town)
    appoint(assistant, Appointment.Role.ASSISTANT, branch=cast.branch_a)
    above = make_user("secretary-g", name="总支书记", town=cast.town)
    appoint(above, Appointment.Role.SECRETARY, branch=general)
    three = appoint_administrators(cast)
    return {
        "assistant": assistant,
        "general branch": above,
        "system administrator": three.system_admin,
        "security administrator": three.security_admin,
        "audit administrator": three.audit_admin,
    }


@pytest.mark.sweep
def test_the_homes_and_menus_of_the_other_roles_have_no_barriers(
    transactional_db: None, clock: FrozenClock, evidence_dir: Path, browser_page: Page, live_server: Any
) -> None:
    clock.now = NOW
    others = seat_the_others(build_town().cast)
    found: list[str] = []
    for role, user in others.items():
        browser_page.context.clear_cookies()
        cookie = browse(user).cookies["sessionid"].value
        browser_page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        browser_page.goto("/workbench/")
        links = browser_page.locator("#nav-sidebar a[href^='/workbench/']")
        menu = dict.fromkeys(links.evaluate_all("(links) => links.map((link) => link.getAttribute('href'))"))
        assert len(menu) > 1, role
        for address in menu:
            browser_page.goto(address)
            browser_page.evaluate(OPEN_ALL)
            for width in WIDTHS:
                browser_page.set_viewport_size({"width": width, "height": 900})
                found += [f"{role}, {address} at {width}: {barrier}" for barrier in find_barriers(browser_page)]
    assert found == [], "\n".join(found)
