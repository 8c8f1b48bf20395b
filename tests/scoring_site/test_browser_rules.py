"""What a browser may do with what the site sends: the headers, and a browser that keeps to them on every page."""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import html
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from points.models import EvidenceLink
from tests.appearance import OPEN_ALL
from tests.browser import is_complaint
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW
from tests.pages import browse
from tests.scoring_site.portal.test_pages import pages_of
from tests.scoring_site.test_appearance import build_town, list_screens, sit_down
from tests.static_files import read_static

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
OF_UNFOLD = STRICT - {"script-src 'self'", "style-src 'self'"} | {
    "script-src 'self' 'unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
}
OF_FILES = {"default-src 'none'", "sandbox"}


def read_policy(response: Any) -> set[str]:
    return set(response["Content-Security-Policy"].split("; "))


# The headers


def test_the_portal_and_whatever_leads_in_take_nothing_from_a_page(cast: Cast) -> None:
    anybody, member = Client(), browse(cast.member_user_a)
    pages = [
        *(anybody.get(reverse(name)) for name in ("login", "first_login")),
        *(member.get(reverse(name)) for name in ("home", "notices", "claims", "more")),
    ]
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert [page for page in pages if read_policy(page) != STRICT] == []


def test_errors_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring_site.portal.more.render", lambda *_arguments: 1 / 0)
    careful = Client(enforce_csrf_checks=True, raise_request_exception=False)
    careful.force_login(cast.recorder_a)
    answers = {
        400: careful.get("/", headers={"host": "elsewhere.example"}),
        403: careful.get(reverse("workbench:import_roster")),
        404: careful.get("/nowhere/"),
        500: careful.get(reverse("more")),
    }
    assert [answer.status_code for answer in answers.values()] == list(answers)
    without_token = careful.post(reverse("large_type"))
    assert without_token.status_code == 403
    assert [answer for answer in (*answers.values(), without_token) if read_policy(answer) != STRICT] == []


@pytest.mark.parametrize("name", ["index", "members_member_changelist", "month", "export"])
def test_the_workbench_has_what_unfold_needs_and_no_more(name: str, cast: Cast) -> None:
    assert read_policy(browse(cast.recorder_a).get(reverse(f"workbench:{name}"))) == OF_UNFOLD


def test_files_run_nowhere(db: None, evidence_dir: Path, clock: FrozenClock) -> None:
    clock.now = NOW
    cast = build_town().cast
    member, recorder = browse(cast.member_user_a), browse(cast.recorder_a)
    link = EvidenceLink.objects.latest("pk")
    files = [
        member.get(reverse("evidence", args=[link.uuid])),
        member.get(reverse("evidence_thumbnail", args=[link.uuid])),
        recorder.get(reverse("workbench:points_evidencelink_file", args=[link.pk])),
        recorder.get(reverse("workbench:sign_in_sheet")),
        recorder.get(reverse("workbench:import_records_template")),
        recorder.post(reverse("workbench:export_ticks"), {"branch": cast.branch_a.pk, "year": 2026}),
    ]
    assert [file.status_code for file in files] == [200] * len(files)
    assert [file["Content-Type"] for file in files if file["Content-Type"].startswith("text/html")] == []
    assert [file for file in files if read_policy(file) != OF_FILES] == []
    assert {file["X-Content-Type-Options"] for file in files} == {"nosniff"}


def test_no_page_uses_a_device(db: None, client: Client) -> None:
    answer = client.get(reverse("login"), follow=True)
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(answer["Permissions-Policy"].split(", "))
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"


# On a phone's home screen


def test_the_portal_can_be_put_on_a_phones_home_screen_and_keeps_nothing_there(cast: Cast) -> None:
    page = browse(cast.member_user_a).get("/")
    head: Any = html.fromstring(page.content.decode()).find("head")
    [address] = head.xpath("link[@rel='manifest']/@href")
    [touch] = head.xpath("link[@rel='apple-touch-icon']/@href")
    answer = Client().get(address)
    assert answer["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert head.xpath("meta[@name='theme-color']/@content") == [manifest["theme_color"]]
    icons = {urljoin(address, icon["src"]): icon["sizes"] for icon in manifest["icons"]} | {touch: "180x180"}
    sizes = {url: Image.open(BytesIO(read_static(url))).size for url in icons}
    assert icons == {url: f"{width}x{height}" for url, (width, height) in sizes.items()}
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    # Nothing works without the site, so that nothing of anybody stays on the phone.
    assert page["Cache-Control"] == "private, no-store"
    scripts = [path.read_text("utf-8") for path in (Path(settings.BASE_DIR) / "static").rglob("*.js")]
    assert [script for script in scripts if "serviceWorker" in script] == []
    assert len(scripts) > 10


def test_no_script_writes_markup_into_its_page() -> None:
    """What is fetched as a page is parsed apart by `DOMParser`, where no script of it runs (ASVS 3.2.2)."""
    writes = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|document\.write|createContextualFragment"
    )
    scripts = sorted((Path(settings.BASE_DIR) / "static").rglob("*.js"))
    found = {path.name: writes.findall(path.read_text("utf-8")) for path in scripts}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(scripts) > 10


# The templates

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
RUNS_IN_A_PAGE = {
    "a script in the page": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>\s*\S", re.IGNORECASE),
    "an event's attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an address that runs": re.compile(r"(?:href|action|src)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
    "a style in the page": re.compile(r"<style|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
}
UNFOLDS = "unfold/layouts/skeleton.html"
"""A copy of unfold's with its style of colours (see test_scripts.py)."""


@pytest.mark.parametrize("what", RUNS_IN_A_PAGE)
def test_no_template_runs_anything_in_a_page(what: str) -> None:
    found = {
        str(path.relative_to(settings.BASE_DIR / "templates")): RUNS_IN_A_PAGE[what].findall(path.read_text("utf-8"))
        for path in TEMPLATES
    }
    allowed = {UNFOLDS} if "style" in what else set()
    assert {name for name, lines in found.items() if lines} == allowed


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a script in the page", "<script>run()</script>"),
        ("a script in the page", '<script type="module">\nrun()</script>'),
        ("an event's attribute", '<button type="submit" onclick="run()">'),
        ("an address that runs", '<a href="javascript:run()">'),
        ("a style in the page", '<p class="x" style="color: red">'),
    ],
)
def test_each_of_them_would_be_found(what: str, text: str) -> None:
    assert RUNS_IN_A_PAGE[what].search(text)


# In a browser


@pytest.mark.slow
@pytest.mark.sweep
def test_no_page_breaks_the_rules(
    transactional_db: None, clock: FrozenClock, evidence_dir: Path, browser_page: Page, live_server: Any
) -> None:
    """`browser_page` notes what the browser refuses and scripts that throw."""
    clock.now = NOW
    world = build_town()
    screens = [(screen.who, screen.address) for screen in list_screens(world)]
    screens += [("member_user_a", address) for address in pages_of(world, Client())]
    screens += [(who, "/nowhere/") for who in ("", "recorder_a")]
    opened = 0
    for who, address in sorted(set(screens)):
        sit_down(browser_page, world, who, live_server.url)
        browser_page.goto(address, wait_until="load")
        browser_page.evaluate(OPEN_ALL)
        opened += 1
    assert opened > 60


PLANTED = """<script>document.title = "ran"</script><img src="/nowhere.png" onerror="document.title = 'ran'">
<a id="planted" href="javascript:document.title = 'ran'">x</a><script src="https://elsewhere.example/x.js"></script>"""


@pytest.mark.parametrize(("who", "address"), [("member_user_a", "/claims/"), ("recorder_a", "/workbench/month/")])
def test_what_is_planted_in_a_page_does_not_run(
    who: str, address: str, transactional_db: None, cast: Cast, browser: Browser, live_server: Any
) -> None:
    context = browser.new_context(base_url=live_server.url)
    session = browse(getattr(cast, who)).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)

    def plant(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</body>", PLANTED + "</body>"))

    page.route(f"**{address}", plant)
    page.goto(address, wait_until="load")
    page.evaluate("document.querySelector('#planted').click()")
    page.wait_for_timeout(200)
    assert page.title() != "ran"
    context.close()
    assert len(complaints) >= 4
