"""Looking for anything from anywhere: what is found, and that nothing out of reach is."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from members.models import User
from scoring_site.workbench.search import MOST
from tests.cast import Cast
from tests.factories import make_member
from tests.scoring_site.screens import get

pytestmark = pytest.mark.django_db


def find(client: Client, user: User, text: str) -> dict[str, list[str]]:
    """The words found, by kind."""
    client.force_login(user)
    response = client.get(reverse("workbench:search", query={"q": text}), headers={"accept-language": "zh-hans"})
    return {group.title: [hit.words for hit in group.hits] for group in response.context["groups"]}


def test_people_by_characters_and_pinyin_branches_and_pages(cast: Cast, client: Client) -> None:
    make_member(cast.branch_a, "欧阳晓雪")
    assert find(client, cast.recorder_a, "欧阳") == {"党员": ["欧阳晓雪"]}
    assert find(client, cast.recorder_a, "oyxx") == {"党员": ["欧阳晓雪"]}
    assert find(client, cast.recorder_a, "一支部")["党支部"] == ["一支部"]
    assert find(client, cast.recorder_a, "积分一览")["页面"] == ["积分一览"]


def test_nothing_out_of_reach_is_found(cast: Cast, client: Client) -> None:
    make_member(cast.branch_b, "欧阳晓雪")
    assert find(client, cast.recorder_a, "欧阳") == {}
    assert find(client, cast.recorder_a, "二支部") == {}
    assert find(client, cast.staff, "欧阳") == {"党员": ["欧阳晓雪"]}
    page = get(client, cast.recorder_a, reverse("workbench:search", query={"q": "欧阳"}))
    assert "没有找到“欧阳”" in page


def test_of_many_the_first_are_shown_and_it_says_so(cast: Cast, client: Client) -> None:
    for number in range(MOST + 2):
        make_member(cast.branch_a, f"欧阳{number}")
    assert find(client, cast.recorder_a, "欧阳")["党员"] == [f"欧阳{number}" for number in range(MOST)]
    page = get(client, cast.recorder_a, reverse("workbench:search", query={"q": "欧阳"}))
    assert "还有更多，请输入更多文字。" in page
