"""What counts as an id or a year where anybody can write one."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from scoring_site.parameters import read_id, read_year


@pytest.mark.parametrize(("text", "expected"), [("7", 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_an_id_is_a_number_that_a_column_holds(text: str, expected: int) -> None:
    assert read_id(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-1", "+1", " 1", "1_0", "1.0", "²", "１２", "٣", "x", "9" * 19, "9" * 5000])
def test_any_other_text_is_nobodys(text: str) -> None:
    assert read_id(text) == 0


def test_a_year_is_one_that_can_have_a_rulebook() -> None:
    texts = ["1920", "1921", "2026", "2999", "3000", "0000", "10000", "二零", "9" * 30]
    assert [read_year(text) for text in texts] == [0, 1921, 2026, 2999, 0, 0, 0, 0, 0]


def test_a_route_takes_only_such_numbers() -> None:
    assert resolve("/record-form/2026/").kwargs == {"year": 2026}
    assert resolve(f"/workbench/ticks/{'9' * 18}/").kwargs == {"branch_id": 10**18 - 1}
    for address in ("/record-form/0000/", "/record-form/3000/", f"/record-form/{'9' * 30}/"):
        with pytest.raises(Resolver404):
            resolve(address)
    with pytest.raises(NoReverseMatch):
        reverse("workbench:ticks", args=[10**18])
