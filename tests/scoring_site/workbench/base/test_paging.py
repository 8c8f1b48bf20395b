"""Lists that are no tables, a page at a time: what stands on which, what the address keeps, what counts all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from points.reviews.steps import open_review
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_batch, make_event, make_member
from tests.pages import browse, find_values, read_tree
from tests.points.half_stages import JULY
from tests.points.results.finished_year import earn
from tests.scoring_site.workbench.results.test_scores import NOW, cells_of
from tests.work import count_queries

pytestmark = pytest.mark.django_db

MANY = 60
BEFORE = "//nav[@class='wb-buttons']/a[@rel='prev']/@href"
AFTER = "//nav[@class='wb-buttons']/a[@rel='next']/@href"
SIX = ("2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12")


def add_many(cast: Cast, count: int = MANY) -> None:
    for number in range(count):
        make_member(cast.branch_a, f"党员{number:02}", party_group="第一党小组")


def walk(client: Client, address: str) -> list[Any]:
    """Every page of a list by its own way to the next one, and back as often by the way to the one before."""
    start = address.partition("?")[0]
    pages = [client.get(address)]
    while after := find_values(read_tree(pages[-1].content), AFTER):
        pages.append(client.get(start + after[0]))
    back = pages[-1]
    for _page in pages[1:]:
        back = client.get(start + find_values(read_tree(back.content), BEFORE)[0])
    assert find_values(read_tree(back.content), BEFORE) == []
    return pages


def joined(names: list[list[str]]) -> list[str]:
    return [name for each in names for name in each]


def names_of(pages: list[Any]) -> list[list[str]]:
    return [[row["line"].member.name for row in page.context["rows"]] for page in pages]


def test_scores_stand_fifty_to_a_page_in_one_order_and_count_all(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    earn(cast, cast.members_a[0], incentive=380)
    earn(cast, cast.members_a[1], incentive=20)
    add_many(cast)
    client = browse(cast.recorder_a)
    address = reverse("workbench:scores", query={"year": "2025", "band": "below", "sort": "-name"})
    pages = walk(client, address)
    names = names_of(pages)
    assert [len(each) for each in names] == [50, 11]
    in_order = [name for name in joined(names) if name.startswith("党员")]
    assert in_order == [f"党员{number:02}" for number in reversed(range(MANY))]
    assert len(set(joined(names))) == MANY + 1
    for page in pages:
        # All of the list, and of the branch, whatever stands on the page.
        assert page.context["count"] == MANY + 1
        assert page.context["standing"].count == MANY + 3
        assert [count for _band, count, _words in page.context["standing"].bands] == [MANY + 1, 1, 0, 1]
    # Another order begins with its first page, and the file has them all.
    assert all("page=" not in url for _key, _label, url, _direction in pages[1].context["headers"])
    query = pages[1].context["export_url"].partition("?")[2]
    exported = cells_of(client.post(reverse("workbench:export_scores") + f"?{query}"))
    assert [row[2] for row in exported[1:]] == joined(names)


def test_candidates_stand_twenty_to_a_page(cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    add_many(cast)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for month in SIX:
        make_event(batch, cast.member_a, "dues", month, date=date.fromisoformat(f"{month}-10"), year=2025)
    pages = walk(browse(cast.staff), reverse("workbench:candidates", query={"branch": cast.branch_a.pk}))
    names = [[candidate.member.name for candidate, _proposes in page.context["candidates"]] for page in pages]
    assert [len(each) for each in names] == [20, 20, 20, 2]
    assert len(set(joined(names))) == MANY + 2
    assert {page.context["count"] for page in pages} == {MANY + 2}
    assert all("62名党员" in page.content.decode() for page in pages)


def test_a_half_stands_forty_five_lines_to_a_page_in_one_order(cast: Cast, clock: FrozenClock) -> None:
    clock.now = JULY
    add_many(cast)
    review = open_review(branch=cast.branch_a, year=2025, half="H1")
    address = reverse("workbench:points_review_change", args=[review.pk], query={"sort": "-name"})
    pages = walk(browse(cast.secretary_a), address)
    names = [[entry["row"].member.name for entry in page.context["rows"]] for page in pages]
    count = len(pages[0].context["table"].rows)
    assert [len(each) for each in names] == [45, count - 45]
    in_order = [name for name in joined(names) if name.startswith("党员")]
    assert in_order == [f"党员{number:02}" for number in reversed(range(MANY))]
    assert all(f"{count}名党员" in page.content.decode() for page in pages)


@pytest.mark.parametrize("asked", ["9", "0", "-1", "x", "01", "９", "1" * 5000])
def test_a_page_there_is_not_is_the_first_and_said(asked: str, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    page = browse(cast.recorder_a).get(reverse("workbench:scores", query={"year": "2025", "page": asked}))
    assert f"本列表没有第“{asked[:30]}" in page.content.decode()
    assert {row["line"].member for row in page.context["rows"]} >= set(cast.members_a)


@pytest.mark.parametrize("name", ["scores", "awards", "candidates"])
def test_a_page_asks_as_often_for_many_as_for_few(name: str, cast: Cast, clock: FrozenClock) -> None:
    clock.now = NOW
    add_many(cast, 5)
    client, address = browse(cast.staff), reverse(f"workbench:{name}")
    few = count_queries(lambda: client.get(address))
    add_many(cast)
    assert count_queries(lambda: client.get(address)) == few
