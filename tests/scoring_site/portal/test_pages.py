"""Every page of the portal in a browser: accessible, nothing sideways, big enough to tap, light enough for a slow link.

The pages come from the URL resolver: a new one is judged without being named here.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client
from lxml import html
from playwright.sync_api import Browser, BrowserContext, Page

from tests.accessibility import find_barriers
from tests.appearance import OPEN_ALL
from tests.browser import scrolls_sideways
from tests.clock import FrozenClock
from tests.effort import sweep
from tests.factories import NOW, make_user
from tests.scoring_site.portal.world import World, build_world, list_pages, veto
from tests.static_files import read_static

TOO_SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(each => {
        const box = each.getBoundingClientRect();
        const label = each.closest("label")?.getBoundingClientRect();
        const height = Math.max(box.height, label?.height ?? 0), width = Math.max(box.width, label?.width ?? 0);
        return box.width > 1 && getComputedStyle(each).visibility !== "hidden" && !each.closest(".skip")
            && (height < 43.9 || width < 43.9);
    }).map(each => each.outerHTML.slice(0, 120))"""
WIDTHS = (360, 390, 1280)
LIMIT = 100 * 1024
EXTRA = {"home": ("/?year=2025", "/?year=2025&half=H1", "/?why=volunteering")}
"""More than one view of a page; every one of them is judged."""


def build_whole_world(clock: FrozenClock) -> World:
    clock.now = NOW
    world = build_world()
    veto(world.cast)
    return world


@pytest.fixture
def world(live_server: Any, clock: FrozenClock) -> World:
    return build_whole_world(clock)


@pytest.fixture
def quick_world(db: None, clock: FrozenClock) -> World:
    """The same without a server."""
    return build_whole_world(clock)


def pages_of(world: World, client: Client) -> list[str]:
    """The addresses that are pages: what answers a GET of its member with HTML."""
    client.force_login(world.cast.member_user_a)
    found = []
    for name, url in list_pages(world):
        response = client.get(url)
        assert response.status_code in (200, 302, 405), f"{name} {url}: make something for it in the world"
        if response.status_code == 200:
            assert response["Content-Type"].startswith("text/html"), name
            found += [url, *EXTRA.get(name, ())]
    assert len(found) >= 24
    return found


def open_context(browser: Browser, world: World, client: Client, live_server: Any, **looks: Any) -> BrowserContext:
    """A browser in which 张伟 is logged in, in a language, type size and theme."""
    context = browser.new_context(base_url=live_server.url, locale=looks["language"])
    cookies = {"sessionid": client.cookies["sessionid"].value, "theme": looks["theme"]}
    if looks["large"]:
        cookies["large_type"] = "1"
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
    return context


def visit(page: Page, urls: list[str]) -> Iterator[str]:
    for url in urls:
        response = page.goto(url)
        assert response is not None
        assert response.status == 200, url
        page.evaluate(OPEN_ALL)
        yield url


# Each language with each size, each size with each theme, each theme with each language.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "large", "theme"),
    [("zh-CN", True, "dark"), *sweep(("en", True, "light"), ("zh-CN", False, "light"), ("en", False, "dark"))],
)
def test_every_page_is_accessible_fits_and_can_be_tapped(
    browser: Browser, live_server: Any, world: World, client: Client, language: str, large: bool, theme: str
) -> None:
    urls = pages_of(world, client)
    context = open_context(browser, world, client, live_server, language=language, large=large, theme=theme)
    page = context.new_page()
    trouble: list[str] = []
    for url in visit(page, urls):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 780})
            if scrolls_sideways(page):
                trouble.append(f"{url} scrolls sideways at {width}")
            if large:
                trouble += [f"{url} too small at {width}: {element}" for element in page.evaluate(TOO_SMALL)]
        # As high as the page, so that the navigation at the bottom covers nothing.
        page.set_viewport_size({"width": WIDTHS[0], "height": 780})
        page.set_viewport_size({"width": WIDTHS[0], "height": page.evaluate("document.documentElement.scrollHeight")})
        trouble += [f"{url} {barrier}" for barrier in find_barriers(page)]
    context.close()
    assert trouble == [], "\n".join(trouble)


@pytest.mark.sweep
def test_pages_can_be_read_without_scripts(browser: Browser, live_server: Any, world: World, client: Client) -> None:
    urls = pages_of(world, client)
    with_scripts = open_context(browser, world, client, live_server, language="zh-CN", large=False, theme="light")
    cookies = with_scripts.cookies()
    without = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    without.add_cookies(cookies)  # type: ignore[arg-type]
    page, plain = with_scripts.new_page(), without.new_page()
    for url in urls:
        page.goto(url)
        plain.goto(url)
        assert plain.locator("h1").inner_text() == page.locator("h1").inner_text(), url
        # An opened reason is read by a tap on its summary, which needs no script.
    plain.goto("/")
    why = plain.locator("#volunteering details")
    for part in (plain.locator("section:has(#incentive) > details > summary"), why.locator("summary")):
        assert not why.locator("blockquote").is_visible()
        part.click()
    assert why.locator("blockquote").is_visible()
    plain.goto("/?why=volunteering")
    assert plain.locator("#volunteering blockquote").is_visible()
    page.goto("/#volunteering")
    assert page.locator("#volunteering blockquote").is_visible()
    with_scripts.close()
    without.close()


def test_a_first_visit_stays_below_100_kilobytes(client: Client, quick_world: World) -> None:
    weights = {}
    for url in pages_of(quick_world, client):
        response = client.get(url, headers={"accept-encoding": "gzip"})
        assert response["Content-Encoding"] == "gzip", url
        page: Any = html.fromstring(gzip.decompress(response.content))
        links = page.xpath("//link[@rel='stylesheet']/@href | //script/@src | //img/@src")
        weights[url] = len(response.content) + sum(weigh(urljoin(url, link)) for link in links if link[:5] != "data:")
    assert max(weights.values()) < LIMIT, weights


def weigh(link: str) -> int:
    """The bytes of a static file as WhiteNoise sends it."""
    return len(gzip.compress(read_static(link)))


OF_THE_BRANCH = ("notice", "object_to_notice", "sign_in", "confirm_result", "meeting_to_come")
"""What a neighbour of the same branch may open too; their own result stands under the same address."""


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete"])
def test_whatever_is_another_members_is_not_there(client: Client, quick_world: World, method: str) -> None:
    cast = quick_world.cast
    client.force_login(make_user("neighbour", town=cast.town, member=cast.members_a[1]))
    statuses = {
        name: getattr(client, method)(url).status_code
        for name, url in list_pages(quick_world)
        if name in quick_world.tokens and name not in OF_THE_BRANCH
    }
    assert len(statuses) >= 7
    # An address that takes only another method says so to everybody, whosever it is about.
    assert set(statuses.values()) <= {404, 405}, statuses
    if method in ("get", "post"):
        assert 404 in statuses.values()
    client.force_login(cast.member_user_b)
    stranger = {name: client.get(url).status_code for name, url in list_pages(quick_world) if name in OF_THE_BRANCH[:2]}
    assert set(stranger.values()) == {404}


def test_the_pages_of_a_neighbour_say_nothing_of_another_member(client: Client, quick_world: World) -> None:
    cast = quick_world.cast
    client.force_login(make_user("neighbour", town=cast.town, member=cast.members_a[1]))
    for name, url in list_pages(quick_world):
        if name not in quick_world.tokens:
            page = client.get(url).content.decode()
            for secret in (
                "a-very-long-word",
                "漏登一次党课",
                "经网信办认定",
                "参加议事会",
                "腿脚不便",
                "去医院复查",
                "县纪委",
            ):
                assert secret not in page, name
    page = client.get("/").content.decode()
    assert "李娜" in page
    assert "张伟" not in page


WAITED_FOR = """() => performance.getEntriesByType("resource")
    .filter(each => each.renderBlockingStatus === "blocking")
    .map(each => [each.initiatorType, new URL(each.name).pathname])"""


def test_the_home_waits_for_little_on_a_slow_link(
    browser: Browser, live_server: Any, world: World, client: Client
) -> None:
    """Lighthouse's slow 4G, reckoned from what the browser waits for: 150 ms a round trip, 1.6 Mbit/s."""
    client.force_login(world.cast.member_user_a)
    document = len(client.get("/", headers={"accept-encoding": "gzip"}).content)
    context = open_context(browser, world, client, live_server, language="zh-CN", large=False, theme="light")
    page = context.new_page()
    page.goto("/")
    waited_for = page.evaluate(WAITED_FOR)
    context.close()
    # The page itself names them, so that all of them come in one round trip.
    assert {initiator for initiator, _path in waited_for} == {"link"}
    bits = 8 * (document + sum(weigh(path) for _initiator, path in waited_for))
    connection, page_trip, styles_trip = 150, 150, 150
    assert connection + page_trip + styles_trip + bits / 1_600 < 550, waited_for
