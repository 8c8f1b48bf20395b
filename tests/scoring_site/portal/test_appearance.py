"""How the portal looks and is sent: language, large type, light and dark; caches, compression, errors."""

from __future__ import annotations

import gzip

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.pages import browse
from tests.scoring_site.portal.own_points import read
from tests.scoring_site.screens import visible

# Language, type, colours


def test_in_english(client: Client, recorded: Cast) -> None:
    page = read(client, recorded.member_user_a, language="en")
    assert "Points of 张伟, 2026 甲镇 一支部 9.5 points provisional The year is not over: 9.5 points so far" in page
    assert "50.5 points to 60, the pass mark" in page
    assert (
        "Recorded by 甲记录员 on 2026-03-15 Not countersigned yet: the branch approves it with the half-year. "
        "Awarded +2.5 Doubled for a leading role +2.5 Counted 5.0"
    ) in page


def test_the_language_can_be_switched(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    client.post("/language/", {"language": "en", "next": "/?year=2025"})
    assert "My points" in client.get("/").content.decode()
    client.post("/language/", {"language": "zh-hans", "next": "/"})
    assert "我的积分" in client.get("/").content.decode()


def test_large_type_stays_until_it_is_switched_off(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    assert 'class="large"' not in client.get("/").content.decode()
    response = client.post("/large-type/", {"next": "/?year=2025"})
    assert response["Location"] == "/?year=2025"
    page = client.get("/").content.decode()
    assert 'class="large"' in page
    assert "标准字号" in page
    client.post("/large-type/", {"next": "/"})
    assert 'class="large"' not in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", ""])
def test_large_type_leads_nowhere_else(client: Client, target: str) -> None:
    assert client.post("/large-type/", {"next": target})["Location"] == "/"
    assert client.get("/large-type/").status_code == 405


@pytest.mark.parametrize(("theme", "media"), [("dark", ""), ("", ' media="(prefers-color-scheme: dark)"')])
def test_light_and_dark(client: Client, recorded: Cast, theme: str, media: str) -> None:
    client.force_login(recorded.member_user_a)
    client.post("/theme/", {"theme": theme, "next": "/"})
    assert f'href="/static/portal/dark.css"{media}>' in client.get("/").content.decode()
    client.post("/theme/", {"theme": "light", "next": "/"})
    assert "dark.css" not in client.get("/").content.decode()
    assert client.post("/theme/", {"theme": "x", "next": "https://evil.example/"})["Location"] == "/"
    assert client.cookies["theme"].value == ""


# Headers and errors


def test_a_look_at_the_headers_alone_is_answered(client: Client, recorded: Cast) -> None:
    assert client.head("/").status_code == 302
    client.force_login(recorded.member_user_a)
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")


def test_pages_with_points_are_not_kept_by_caches(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    assert client.get("/")["Cache-Control"] == "private, no-store"


def test_files_are_sent_as_they_are_and_pages_compressed(client: Client, recorded: Cast) -> None:
    client.force_login(recorded.member_user_a)
    accept = {"accept-encoding": "gzip"}
    assert client.get("/", headers=accept)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/record-form/2026/", headers=accept)
    client.force_login(recorded.recorder_a)
    cells = reverse("workbench:tick_cells", args=[recorded.branch_a.pk])
    answers = [client.get(cells, headers=accept) for _request in range(20)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    # The same answer is not always as long: nobody learns by its length what stands beside what they sent.
    assert len({len(answer.content) for answer in answers}) > 1
    assert len({gzip.decompress(answer.content) for answer in answers}) == 1


@pytest.mark.django_db
def test_errors_speak_both_languages(client: Client) -> None:
    missing = client.get("/nothing/")
    assert missing.status_code == 404
    assert "没有找到这个页面" in missing.content.decode()
    assert "Page not found" in missing.content.decode()
    stale = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert stale.status_code == 403
    assert "页面已过期" in stale.content.decode()
    assert "The page has expired" in stale.content.decode()


@pytest.mark.django_db
def test_a_refusal_says_once_whom_to_ask(cast: Cast) -> None:
    refused = browse(cast.committee_a).get(reverse("workbench:export"))
    assert refused.status_code == 403
    chinese = visible(refused).partition("You may not do this")[0]
    assert chinese.endswith(
        "您没有权限进行此操作 您的任职不包括这项操作，请联系镇党建办。 没有保存任何内容。 返回首页 "
    )
    unsaid = render_to_string("403.html", {})
    assert "没有保存任何内容。如确需办理，请联系本支部组织委员、支部书记或镇党建办。" in unsaid


@pytest.mark.django_db
def test_a_failure_of_ours_says_so_without_details(client: Client, settings: object) -> None:
    client.raise_request_exception = False
    settings.CLOCK = "nowhere.clock"  # type: ignore[attr-defined]
    response = client.get("/login/")
    assert response.status_code == 500
    assert "系统出错" in response.content.decode()
    assert "Something went wrong on our side" in response.content.decode()
    assert "nowhere" not in response.content.decode()
