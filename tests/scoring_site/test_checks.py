"""Nothing is served to others over plain HTTP unless that is said to be meant."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from foundation.fonts import read_ranges
from scoring_site.checks import require_https

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = [["points.example.gov.cn"], ["127.0.0.1", "192.168.1.20"], ["*"], [".example.org", "localhost"]]


def found() -> list[str | None]:
    return [message.id for message in run_checks(tags=["security"]) if message.id == "site.E001"]


@pytest.mark.parametrize("hosts", PUBLIC)
def test_others_reach_the_site_over_https_alone(hosts: list[str], settings: Any) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert found() == ["site.E001"]
    with pytest.raises(ImproperlyConfigured, match=r"HTTPS_ONLY=true.*PLAIN_HTTP_ALLOWED=true"):
        require_https()


@pytest.mark.parametrize("allowed", ["HTTPS_ONLY", "PLAIN_HTTP_ALLOWED"])
@pytest.mark.parametrize("hosts", PUBLIC)
def test_with_https_or_where_it_is_meant_they_do(hosts: list[str], allowed: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = hosts
    setattr(settings, allowed, True)
    assert found() == []
    require_https()


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1", "LOCALHOST", "[::1]"], ["testserver"]])
def test_this_machine_needs_none(hosts: list[str], settings: Any) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert found() == []
    require_https()


@pytest.mark.parametrize("start", [["-c", "import scoring_site.wsgi"], ["manage.py", "check"]])
def test_neither_the_server_nor_a_command_starts(start: list[str]) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scoring_site.settings",
        "ALLOWED_HOSTS": "points.example.org",
    }
    process = subprocess.run(
        [sys.executable, *start], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode != 0
    assert "ALLOWED_HOSTS names points.example.org" in process.stderr


def fonts_found() -> list[str | None]:
    checks = run_checks(include_deployment_checks=True)
    return [message.id for message in checks if message.id == "site.W001"]


def test_a_deployment_without_fontconfig_is_told_that_papers_may_print_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fonts_found() == []
    read_ranges.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert fonts_found() == ["site.W001"]
    read_ranges.cache_clear()
