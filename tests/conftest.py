"""What every test stands on: hypothesis profiles, the clock, the flush, the browser, the name of the database."""

import gc
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from weasyprint import HTML

from tests.browser import CHROMIUM_FLAGS, PAGE_PATIENCE, find_chromium, is_complaint
from tests.clock import FrozenClock
from tests.effort import IN_CI, in_ci
from tests.flush import flush_without_triggers

pytest_plugins = ["tests.cast"]
# A helper that asserts shows the values, as a test does.
pytest.register_assert_rewrite("tests.foundation", "tests.publicity", "tests.scoring_site")

LONG = os.environ.get("LONG_TESTS") == "1"

# A quick run repeats exactly, and so does a long one in continuous integration, so that what lands does not hang on
# chance; a long run by hand looks for something new each time and prints how to repeat what it found.
hypothesis_settings.register_profile(
    "quick",
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.register_profile(
    "long",
    max_examples=in_ci(1000, by_hand=3000),
    deadline=None,
    derandomize=IN_CI,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.load_profile("long" if LONG else "quick")


def pytest_configure(config: pytest.Config) -> None:
    flush_without_triggers()


def commits(item: pytest.Item) -> bool:
    """Whether the test lets its transactions commit: it is about threads, locks or what is left when one breaks off."""
    mark = item.get_closest_marker("django_db")
    return mark is not None and bool(mark.kwargs.get("transaction"))


# First: what `-m` chooses among is marked by then.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if commits(item):
            item.add_marker("engine")
    if not LONG:
        later = [item for item in items if any(item.iter_markers("long")) or any(item.iter_markers("sweep"))]
        items[:] = [item for item in items if item not in later]
        config.hook.pytest_deselected(items=later)
    start_slow_files_first(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    # Every full garbage collection would otherwise go through all that the modules and the collected tests are made of.
    gc.collect()
    gc.freeze()
    # A page makes tens of thousands of short-lived objects: by Python's own 700 the collector runs all the time.
    gc.set_threshold(20_000, 20, 20)


def start_slow_files_first(items: list[pytest.Item]) -> None:
    """Order the files so that no worker is left with a slow one while the others have nothing more to do.

    Files with a test marked slow come first, then those with most tests; within a file nothing moves.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path], item.path))


def describe_database() -> str:
    """Return the engine and version of the database that the tests use."""
    config = django_settings.DATABASES["default"]
    if config["ENGINE"] == "foundation.databases.sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    connection = psycopg2.connect(
        dbname="postgres",
        user=config["USER"] or None,
        password=config["PASSWORD"] or None,
        host=config["HOST"] or None,
        port=config["PORT"] or None,
    )
    try:
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"
    finally:
        connection.close()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        terminalreporter.write_line(f"Database: {describe_database()}")


@pytest.fixture(autouse=True)
def clock(settings: Any) -> FrozenClock:
    """The site's clock in this test: 2026-03-02 09:00 in Shanghai until the test moves it."""
    frozen = FrozenClock()
    settings.CLOCK = frozen
    return frozen


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """What a page was asked in stays active in its thread: the next test starts in the site's language again."""
    yield
    translation.deactivate()


@pytest.fixture
def evidence_dir(settings: Any, tmp_path: Path) -> Path:
    """A place of its own for the evidence files of one test."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.EVIDENCE_DIR.mkdir()
    return tmp_path / "evidence"


@pytest.fixture
def uploads_dir(settings: Any, tmp_path: Path) -> Path:
    """A place of its own for the uploaded files of one test."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def jobs_dir(settings: Any, tmp_path: Path) -> Path:
    """A place of its own for what the worker makes in one test."""
    settings.JOBS_DIR = tmp_path / "jobs"
    return tmp_path / "jobs"


@pytest.fixture
def blank_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every paper is laid out as one empty page: for tests that open all addresses, a hundred papers, and read none."""
    empty = HTML(string="").render()
    monkeypatch.setattr(HTML, "render", lambda *_args, **_more: empty)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    # Playwright keeps an event loop in this thread, in which Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PAGE_PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
        # Inside that loop this thread has database connections of its own; left open, they keep the test database.
        connections.close_all()


@pytest.fixture
def browser_page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A fresh page that opens `live_server`'s addresses, in Chinese.

    The test fails when the page asks any other server for anything, a script on it throws, or the browser refuses it
    something by the rules that the site sends.
    """
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    trouble: list[str] = []

    def keep_home(route: Route) -> None:
        if route.request.url.startswith((live_server.url, "data:", "blob:")):
            route.continue_()
        else:
            trouble.append(f"asked {route.request.url}")
            route.abort()

    context.route("**/*", keep_home)
    page = context.new_page()
    page.set_default_timeout(PAGE_PATIENCE)
    page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
    page.on("console", lambda message: trouble.append(f"refused: {message.text}") if is_complaint(message) else None)
    yield page
    context.close()
    assert trouble == []
