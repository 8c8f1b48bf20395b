"""What is written to standard error about a request."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from scoring_site.journal import RefusalsInOneLine
from tests.cast import Cast


@pytest.fixture
def journal() -> Iterator[StringIO]:
    """What the site's own handler writes meanwhile."""
    handlers = [each for each in logging.getLogger().handlers if isinstance(each, logging.StreamHandler)]
    (handler,) = (each for each in handlers if any(isinstance(one, RefusalsInOneLine) for one in each.filters))
    written = StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def test_a_refusal_is_one_line(cast: Cast, client: Client, journal: StringIO) -> None:
    client.force_login(cast.recorder_a)
    assert client.get(reverse("workbench:import_roster")).status_code == 403
    (line,) = journal.getvalue().splitlines()
    assert line.endswith("WARNING django.request: Forbidden (Permission denied): /workbench/import/roster/")


def test_a_strange_host_is_one_line(client: Client, journal: StringIO) -> None:
    assert client.get("/login/", headers={"host": "elsewhere.example"}).status_code == 400
    (line,) = [line for line in journal.getvalue().splitlines() if "DisallowedHost" in line]
    assert "elsewhere.example" in line
    assert "Traceback" not in journal.getvalue()


def test_a_fault_keeps_its_traceback(cast: Cast, journal: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring_site.portal.more.render", lambda *_arguments: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(cast.member_user_a)
    assert client.get(reverse("more")).status_code == 500
    assert "ZeroDivisionError" in journal.getvalue()
