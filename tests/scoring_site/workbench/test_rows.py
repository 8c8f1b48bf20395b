"""The rows of a list: what their cells say, and where the first of them leads."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.factories import make_member
from tests.pages import find_all, find_values, read_tree, text_of

pytestmark = pytest.mark.django_db

MEMBERS = "workbench:members_member_changelist"
CELLS = "//table[@id='result_list']/tbody/tr/*"


def test_what_people_wrote_is_text_in_a_cell(cast: Cast, client: Client) -> None:
    name = "<b>王</b>&\"'"
    make_member(cast.branch_a, name)
    client.force_login(cast.recorder_a)
    tree = read_tree(client.get(reverse(MEMBERS)).content)
    assert name in [text_of(cell) for cell in find_all(tree, f"{CELLS}/a")]


def test_the_first_cell_leads_to_the_row_and_back_to_what_was_chosen(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    page = client.get(reverse(MEMBERS), {"branch": str(cast.branch_a.pk), "o": "1"})
    rows = page.context["cl"].result_list
    chosen = f"?_changelist_filters=branch%3D{cast.branch_a.pk}%26o%3D1"
    assert len(rows) == 3
    assert find_values(read_tree(page.content), "//table[@id='result_list']/tbody/tr/th/a/@href") == [
        reverse("workbench:members_member_change", args=[row.pk]) + chosen for row in rows
    ]


def test_a_cell_says_its_heading_and_a_day_keeps_to_its_line(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    tree = read_tree(client.get(reverse("workbench:members_appointment_changelist")).content)
    headings = [text_of(heading).split()[0] for heading in find_all(tree, "//table[@id='result_list']/thead//th")]
    cells = find_all(tree, "//table[@id='result_list']/tbody[1]/tr/*")
    assert [cell.get("data-label") for cell in cells] == headings
    on_one_line = [cell.get("data-label") for cell in cells if "nowrap" in str(cell.get("class")).split()]
    assert on_one_line == ["起始日期", "截止日期"]
