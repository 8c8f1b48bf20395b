"""A hundred members of the demonstration town: the reasons on their page add up to the score, and the report agrees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from lxml import etree

from members.models import Member, Town, User
from points.papers.annual.report import AnnualReport, AnnualRow, read_annual_report
from points.rules.rulebook import Rulebook
from points.scoring.adoption import rulebook_for
from points.scoring.scores import read_roster_years
from tests.clock import FrozenClock
from tests.effort import sweep
from tests.pages import find_all, read_tree, text_of
from tests.scoring_site.demonstration.shown import MOMENT

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def tenths(text: str) -> int:
    """`+2.5`, `-5.0`, `−5.0`, `10` in tenths."""
    return round(float(text.strip().replace("−", "-")) * 10)


def figure(element: etree._Element, path: str) -> int:
    [found] = find_all(element, path)
    return tenths(text_of(found))


@dataclass(frozen=True)
class Why:
    """What one item's reasons say, in tenths."""

    shown: int
    records: int
    gained: int
    steps: int
    total: int


def figures(element: etree._Element, path: str) -> list[int]:
    return [tenths(text_of(found)) for found in find_all(element, path)]


def read_why(article: etree._Element) -> Why:
    steps = figures(article, ".//ul[@class='steps']/li[not(@class)]/b")
    shown = figure(article, "./details/summary/h3/b")
    return Why(
        shown=shown,
        records=sum(figures(article, ".//ul[@class='records']/li/b")),
        gained=sum(step for step in steps if step > 0),
        steps=sum(steps),
        total=figure(article, ".//li[@class='sum']/b") if steps else shown,
    )


@dataclass(frozen=True)
class Page:
    """What a member's page says, in tenths: the score, its sections, its items by code."""

    score: int
    steps: int
    sections: dict[str, int]
    cuts: dict[str, int]
    items: dict[str, Why]
    calendar: list[int]
    """The sums below the columns of the calendar."""


def read_page(content: bytes) -> Page:
    page = read_tree(content)
    sections: dict[str, int] = {}
    cuts: dict[str, int] = {}
    items: dict[str, Why] = {}
    for kind in ("base", "incentive"):
        [section] = find_all(page, f"//section[@aria-labelledby='{kind}']")
        sections[kind] = figure(section, ".//h2/b")
        steps = "/ul[@class='steps']/li[not(@class)][position()>1]/b"
        cuts[kind] = sum(figures(section, f".{steps} | ./details{steps}"))
        items |= {str(article.get("id")): read_why(article) for article in find_all(section, "./details/article")}
    [score] = find_all(page, "//section[@aria-labelledby='score']")
    return Page(
        score=figure(score, "./p[@class='number']/span"),
        steps=sum(figures(score, "./details//li[not(@class)]/b")),
        sections=sections,
        cuts=cuts,
        items=items,
        calendar=figures(page, "//table[@class='year']/tfoot//b"),
    )


def check_page(page: Page, row: AnnualRow, rulebook: Rulebook) -> None:
    for why in page.items.values():
        assert why.records == why.gained
        assert why.steps == why.total == why.shown
    kinds = {"base": [item.code for item in rulebook.base], "incentive": [item.code for item in rulebook.incentive]}
    for kind, codes in kinds.items():
        assert sum(page.items[code].shown for code in codes) + page.cuts[kind] == page.sections[kind]
    assert page.calendar == [page.items[code].shown for code in kinds["base"]]
    assert page.steps == page.score
    assert row.figures is not None
    assert page.score == row.figures.total
    assert page.sections == {"base": row.figures.base, "incentive": row.figures.incentive}
    shown = tuple(page.items[code].shown for codes in kinds.values() for code in codes)
    assert shown == (*row.figures.base_items, *row.figures.incentive_items)


def whose_rows(report: AnnualReport, town: Town) -> Iterator[tuple[Member, AnnualRow]]:
    """Each line with its member: a branch's are in roster order, and namesakes bear a mark beside the name."""
    years = read_roster_years(Member.objects.filter(town=town), report.year)
    people: dict[int, list[Member]] = {}
    for member in Member.objects.filter(pk__in=years).order_by("position", "pk"):
        people.setdefault(years[member.pk].branch_id, []).append(member)
    for branch in report.branches:
        if branch.rows:
            members = people[branch.rows[0].roster_year.branch_id]
            for member, row in zip(members, branch.rows, strict=True):
                assert row.name in (member.name, f"{member.name}（{row.name.partition('（')[2]}")
                yield member, row


@pytest.mark.parametrize(("year", "count"), [(2025, 8), (2026, 5), *sweep((2025, 100), (2026, 20))])
def test_the_why_of_every_item_adds_up_and_the_report_says_the_same(
    year: int, count: int, town: Town, client: Client, clock: FrozenClock
) -> None:
    clock.now = MOMENT
    staff = User.objects.get(username="staff")
    rulebook = rulebook_for(town, year)
    report = read_annual_report(actor=staff, now=MOMENT, town=town, year=year)
    scored = [(member, row) for member, row in whose_rows(report, town) if row.figures is not None]
    for member, row in random.Random(year).sample(scored, count):
        user = User.objects.filter(member=member).first()
        user = user or User.objects.create_user(f"why-{member.pk}", town=town, member=member)
        client.force_login(user)
        response = client.get("/", {"year": year})
        assert response.status_code == 200
        check_page(read_page(response.content), row, rulebook)
        figures = row.figures
        assert figures is not None
        if figures.first_half is not None:
            half = read_page(client.get(f"/?year={year}&half=H1").content)
            assert half.score == half.steps == figures.first_half
