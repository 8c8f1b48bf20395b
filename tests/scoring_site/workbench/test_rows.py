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


def test_a_cell_says_its_heading_and_what_is_short_keeps_to_its_line(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    tree = read_tree(client.get(reverse("workbench:members_appointment_changelist"), {"q": "recorder-a"}).content)
    headings = [text_of(heading).split()[0] for heading in find_all(tree, "//table[@id='result_list']/thead//th")]
    cells = find_all(tree, "//table[@id='result_list']/tbody[1]/tr/*")
    assert [cell.get("data-label") for cell in cells] == headings
    told = {str(cell.get("data-label")): text_of(cell) for cell in cells}
    assert told["角色"] == "组织委员（积分记录员）"
    assert told["截止日期"] == "—"
    on_one_line = [cell.get("data-label") for cell in cells if "nowrap" in str(cell.get("class")).split()]
    assert on_one_line == [heading for heading in headings if heading != "角色"]


def test_yes_and_no_are_words_with_their_heading_on_a_card(cast: Cast, client: Client) -> None:
    cast.recorder_a.is_active = False
    cast.recorder_a.save()
    client.force_login(cast.staff)
    for name, word in (("recorder-a", "否"), ("secretary-a", "是")):
        tree = read_tree(client.get(reverse("workbench:members_user_changelist"), {"q": name}).content)
        [cell] = find_all(tree, f"{CELLS}[@data-label='启用']")
        assert text_of(cell) == word
        assert str(cell.get("class")).split()[-2:] == ["wb-on-card", "wb-with-heading"]


def test_an_empty_list_says_whether_the_filters_make_it_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    claims = reverse("workbench:points_claim_changelist")
    nothing = "//div[contains(@class, 'wb-nothing')]"
    none_matches = (["没有符合条件的记录。", "查看未经筛选的列表"], ["?"])
    for query, (said, ways) in (
        ({}, (["还没有记录。"], [])),
        ({"q": "王"}, none_matches),
        ({"state": "waiting"}, none_matches),
    ):
        tree = read_tree(client.get(claims, query).content)
        assert [text_of(paragraph) for paragraph in find_all(tree, f"{nothing}/p")] == said
        assert find_values(tree, f"{nothing}//a/@href") == ways
