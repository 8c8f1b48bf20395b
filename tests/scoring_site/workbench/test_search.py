"""Looking for anything from anywhere: what is found, and that nothing out of reach is."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import User
from scoring_site.desks import TABS
from scoring_site.workbench.help import HOW_TO, HowTo
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


def test_help_says_how_a_job_is_done_to_those_whose_page_it_is(cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    response = client.get(reverse("workbench:search", query={"q": "党费"}), headers={"accept-language": "zh-hans"})
    [help_] = [group for group in response.context["groups"] if group.title == "帮助"]
    assert ("怎样登记党费？", reverse("workbench:month")) in [(hit.words, hit.url) for hit in help_.hits]
    assert "打勾表" in help_.hits[0].more
    assert "帮助" not in find(client, cast.supervisor, "登记党费")
    assert find(client, cast.staff, "公休日")["帮助"] == ["怎样登记放假和调休？"]
    assert "帮助" not in find(client, cast.recorder_a, "公休日")


@pytest.mark.parametrize("how_to", HOW_TO, ids=lambda how_to: how_to.page)
def test_every_answer_leads_to_a_page_of_the_menu_and_is_said_in_chinese(how_to: HowTo) -> None:
    assert how_to.page in TABS
    with translation.override("zh-hans"):
        assert str(how_to.question).endswith("？")
        assert str(how_to.answer).endswith("。")
        assert not re.search("[A-Za-z]{3,}", f"{how_to.question}{how_to.answer}".replace("Excel", ""))
