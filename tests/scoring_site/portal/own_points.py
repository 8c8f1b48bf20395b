"""张伟's own points in the portal: what a page says to whoever reads it, and findings against her."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client
from lxml import html

from members.models import User
from tests.cast import Cast
from tests.factories import NOW, make_batch
from tests.scoring_site.screens import visible
from veto.models import Deduction, VetoRecord


def read(client: Client, user: User, url: str = "/", language: str = "zh-hans") -> str:
    """The visible text of a page, one blank between words."""
    client.force_login(user)
    response = client.get(url, headers={"accept-language": language})
    assert response.status_code == 200
    return visible(response)


def read_squares(client: Client, user: User, url: str = "/") -> dict[str, str]:
    """What the calendar says of each base item from top to bottom: period by period, and its sum."""
    client.force_login(user)
    response = client.get(url, headers={"accept-language": "zh-hans"})
    return {name: " ".join([*said, total]) for name, (said, total) in read_calendar(response.content).items()}


def read_calendar(content: bytes) -> dict[str, tuple[list[str], str]]:
    """Of each base item the periods in their order, each with its state in words, and the sum below them."""
    page: Any = html.fromstring(content.decode())
    [table] = page.xpath("//table[@class='year']")
    names = [each.text for each in table.xpath("./thead//th")]
    said: dict[str, list[str]] = {name: [] for name in names}
    free = dict.fromkeys(names, 0)
    for number, row in enumerate(table.xpath("./tbody/tr")):
        cells = row.xpath("./td")
        for name in [name for name in names if free[name] == number]:
            cell = cells.pop(0)
            said[name] += cell.xpath("./span[@class='hidden']/text()")
            free[name] += int(cell.get("rowspan", "1"))
        assert not cells
    assert set(free.values()) == {len(table.xpath("./tbody/tr"))}
    sums = ["".join(cell.itertext()) for cell in table.xpath("./tfoot/tr/td")]
    return {name: (said[name], total) for name, total in zip(names, sums, strict=True)}


def confirm(finding: Deduction | VetoRecord, cast: Cast, on: date) -> None:
    type(finding)._default_manager.filter(pk=finding.pk).update(
        decided_on=on, confirmed_at=NOW, decided_by=cast.secretary_a
    )


def deduct(cast: Cast, day: date) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    finding = Deduction.objects.create(
        batch=batch, member=cast.member_a, item="rumour", date=day, particulars="转发不实信息，经网信办认定"
    )
    confirm(finding, cast, day)


def veto(cast: Cast, year: int) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    day = date(year, 2, 1)
    finding = VetoRecord.objects.create(
        batch=batch, member=cast.member_a, ground="disciplined", year=year, date=day, particulars="县纪委〔2026〕3号"
    )
    confirm(finding, cast, date(2026, 2, 20))
