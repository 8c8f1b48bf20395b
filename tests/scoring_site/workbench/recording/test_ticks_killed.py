"""The server killed in the middle of a save: all of it is there or nothing, and the page says which."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from time import monotonic, sleep
from urllib.request import urlopen

import pytest
from django.db import connection, transaction
from playwright.sync_api import Browser, Page, expect

from points.integrity.ledger import verify_ledger
from points.models import PointEvent
from tests.browser import PAGE_PATIENCE, log_in
from tests.cast import build_cast
from tests.factories import make_member
from tests.processes import ROOT, name_test_database

pytestmark = [pytest.mark.engine, pytest.mark.long, pytest.mark.django_db(transaction=True)]

MEMBERS = 60
PATIENCE = 60  # seconds until a server that does not come up fails the test


class Server:
    """The site in a process that can be killed and started again under the same address."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": name_test_database()}
        command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        last = monotonic() + PATIENCE
        while True:
            try:
                urlopen(f"{self.url}/login/", timeout=5).close()
            except OSError:
                assert monotonic() < last, "the server does not come up"
                sleep(0.2)
            else:
                return

    def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.set_default_timeout(PAGE_PATIENCE)
    yield page
    context.close()


@contextmanager
def hold_events() -> Iterator[None]:
    """Let no other connection write events meanwhile: a save waits in the middle of its transaction."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE points_pointevent IN SHARE MODE")
        yield


def test_a_save_cut_off_is_all_there_or_not_at_all_and_the_page_says_which(page: Page, server: Server) -> None:
    cast = build_cast()
    for number in range(MEMBERS - 4):  # three of the cast are there, and one who left in September
        make_member(cast.branch_a, f"党员{number}")
    server.start()
    log_in(page, "recorder-a", "/workbench/")
    told = page.locator("#tick-told")
    answer = re.compile(r"已保存(\d+)处。|(\d+)处更改都已保存|(\d+)处已保存，(\d+)处没有保存")
    fates: list[str] = []
    # When the kill comes, as a part of the time a whole save takes; None: in the middle for certain.
    rounds: list[tuple[str, float | None]] = [("dues", None), ("dues", 0.3), ("dues", 0.6), ("dues", 0.8)]
    rounds += [("party_day", None), ("party_day", 0.9), ("party_day", 1.0), ("party_day", 1.2)]
    whole_save = 0.0
    months = {"dues": 1, "party_day": 1}
    for item, delay in rounds:
        page.goto(f"/workbench/ticks/{cast.branch_a.pk}/?item={item}&year=2025")
        expect(page.locator("#ticks")).to_have_attribute("role", "grid")
        before = PointEvent.objects.count()
        for month in range(months[item], months[item] + 3):
            page.get_by_role("button", name=f"{month}月：整列打勾", exact=True).click()
        months[item] += 3
        wanted = int(re.findall(r"\d+", page.locator("#tick-count").inner_text())[0])
        with hold_events() if delay is None else nullcontext():
            page.evaluate("document.getElementById('tick-save').click()")
            sleep(1.5 if delay is None else delay * whole_save)
            server.kill()
        server.start()
        expect(told).to_have_text(answer)
        found = answer.search(told.inner_text())
        assert found is not None
        saved = PointEvent.objects.count() - before
        assert saved in (0, wanted)
        if found[4]:
            assert (int(found[3]), int(found[4]), saved) == (0, wanted, 0)
            clicked = monotonic()
            page.get_by_role("button", name="重试").click()
            expect(told).to_contain_text(f"已保存{wanted}处")
            whole_save = whole_save or monotonic() - clicked
            assert PointEvent.objects.count() - before == wanted
        else:
            assert int(found[1] or found[2]) == saved == wanted
        expect(page.locator("#tick-count")).to_have_text("没有未保存的更改。")
        fates.append("saved" if saved else "not saved")
    print(f"three months of {MEMBERS} members, killed: {fates}")
    assert fates[0] == fates[4] == "not saved"
    assert PointEvent.objects.voided().count() == 0
    assert list(verify_ledger()) == []
