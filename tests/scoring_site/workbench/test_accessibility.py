"""The workbench's main screens and each role's home, on a desk and on a phone: axe finds nothing serious."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.accessibility import find_barriers
from tests.appearance import OPEN_ALL
from tests.clock import FrozenClock
from tests.factories import NOW
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
