"""What a list's address says: wrong filters in a sentence, and the columns that are shown."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.factories import make_batch, make_event, make_member
from tests.pages import find_all, find_values, read_tree, text_of
from tests.work import count_queries

pytestmark = pytest.mark.django_db

MEMBERS = "workbench:members_member_changelist"
HEADINGS = "//table[@id='result_list']/thead//th"


def read_faults(client: Client, address: str, query: str) -> list[str]:
    """What the page says of its address; it says it where people see it, with the way to the whole list."""
    page = client.get(f"{address}?{query}")
    assert page.status_code == 200
    tree = read_tree(page.content)
    told = [text_of(line) for line in find_all(tree, "//main//div[@role='alert']/p")]
    assert told[-1] == "查看未经筛选的列表"
    assert find_values(tree, "//main//div[@role='alert']//a/@href") == ["?"]
    return told[:-1]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("branch=abc", "“党支部”中没有“abc”这一选项。"),
        ("roster=maybe", "“在册”中没有“maybe”这一选项。"),
        ("page=9999", "本列表没有“page”这一筛选条件，未按它筛选。"),
        ("id_number_hash__startswith=a", "本列表没有“id_number_hash__startswith”这一筛选条件，未按它筛选。"),
        ("p=9999", "本列表没有第“9999”页，以下是第1页。"),
        ("p=x", "本列表没有第“x”页，以下是第1页。"),
        ("o=99", "本列表不能按“99”排序，已按通常顺序列出。"),
        ("o=-4", "本列表不能按“-4”排序，已按通常顺序列出。"),
        ("cols=secret", "本列表没有“secret”这一列，未显示。"),
    ],
)
def test_what_the_list_does_not_have_is_told_in_a_sentence(query: str, fault: str, cast: Cast, client: Client) -> None:
    for number in range(55):
        make_member(cast.branch_a, f"党员{number}")
    client.force_login(cast.staff)
    assert read_faults(client, reverse(MEMBERS), query) == [fault]


def test_a_sound_address_says_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    query = {"branch": str(cast.branch_a.pk), "roster": "yes", "o": "-1", "p": "1", "cols": "category", "q": "张"}
    page = client.get(reverse(MEMBERS), query)
    assert page.context["cl"].faults == []
    assert not find_all(read_tree(page.content), "//main//div[@role='alert']")


def test_a_branch_out_of_reach_is_no_other_than_one_that_does_not_exist(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    told = [
        read_faults(client, reverse(MEMBERS), f"branch={branch}") == [f"“党支部”中没有“{branch}”这一选项。"]
        for branch in (cast.other_branch.pk, 987654)
    ]
    assert told == [True, True]
    assert client.get(reverse(MEMBERS), {"branch": cast.other_branch.pk}).context["cl"].result_count == 0
    # Somebody with one branch has no such filter; its name in the address opens nothing.
    client.force_login(cast.recorder_a)
    shown = client.get(reverse(MEMBERS), {"branch": cast.branch_b.pk})
    assert shown.context["cl"].faults == [f"“党支部”中没有“{cast.branch_b.pk}”这一选项。"]
    assert cast.member_b.name not in shown.content.decode()


def test_what_was_written_is_text_and_is_cut(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    page = client.get(reverse(MEMBERS), {"roster": "<b>" + "x" * 100})
    assert page.context["cl"].faults == [f"“在册”中没有“<b>{'x' * 34}...”这一选项。"]
    assert "<b>xx" not in page.content.decode()


def test_the_chosen_columns_are_shown_in_the_order_of_the_list_and_kept(cast: Cast, client: Client) -> None:
    for number in range(55):
        make_member(cast.branch_a, f"党员{number}")
    client.force_login(cast.staff)
    tree = read_tree(client.get(f"{reverse(MEMBERS)}?cols=masked_phone&cols=category&roster=yes&o=-1").content)
    assert [text_of(heading).split()[0] for heading in find_all(tree, HEADINGS)] == ["姓名", "人员类别", "联系电话"]
    cells = find_all(tree, "//table[@id='result_list']/tbody[1]/tr/*")
    assert [cell.get("data-label") for cell in cells] == ["姓名", "人员类别", "联系电话"]
    links = find_values(tree, f"{HEADINGS}//a/@href") + find_values(tree, "//a[contains(@href, 'p=2')]/@href")
    assert len(links) == 3
    assert all("cols=masked_phone&cols=category" in link and "roster=yes" in link for link in links)
    kept = find_values(tree, "//form[contains(@class, 'wb-filters')]/input[@type='hidden']/@name")
    assert sorted(kept) == ["cols", "cols", "o"]
    kept = find_values(tree, "//form[@id='changelist-search']/input[@type='hidden']/@name")
    assert sorted(kept) == ["cols", "cols", "o", "roster"]
    boxes = find_values(tree, "//details[contains(@class, 'wb-columns-menu')]//input[@checked]/@value")
    assert boxes == ["shown_name", "category", "masked_phone"]
    kept = find_values(tree, "//details[contains(@class, 'wb-columns-menu')]//input[@type='hidden']/@name")
    assert kept == ["roster"]


def test_an_order_by_a_column_that_is_not_shown_stays(cast: Cast, client: Client) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for points in (5, 20, 10):
        make_event(batch, cast.member_a, "volunteering", "", points=points)
    client.force_login(cast.recorder_a)
    # Columns: 0 member, 1 branch, 2 item, 3 period, 4 points.
    page = client.get(f"{reverse('workbench:points_pointevent_changelist')}?cols=item&o=-4")
    assert [event.points for event in page.context["cl"].result_list] == [20, 10, 5]
    assert [text_of(heading).split()[0] for heading in find_all(read_tree(page.content), HEADINGS)] == ["党员", "项目"]


def test_a_list_asks_as_often_for_fifty_rows_with_chosen_columns_as_for_three(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    address = f"{reverse(MEMBERS)}?cols=category&branch={cast.branch_a.pk}&o=1"
    client.get(address)
    few = count_queries(lambda: client.get(address))
    for number in range(40):
        make_member(cast.branch_a, f"党员{number}")
    assert count_queries(lambda: client.get(address)) == few
