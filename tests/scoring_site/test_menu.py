"""One entry of the menu is lit on every page: the one the page's view names."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.cast import Cast
from tests.pages import browse, find_all, find_values, read_tree, text_of

pytestmark = pytest.mark.django_db


def lit(response: Any) -> list[str]:
    """The addresses of the entries that are lit."""
    sections = response.context["sidebar_navigation"]
    return [str(item["link"]) for section in sections for item in section["items"] if item["active"]]


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("index", "index"),
        ("members_branch_changelist", "members_branch_changelist"),
        ("choose_ticks", "choose_ticks"),
        ("points_pointevent_record", "points_pointevent_changelist"),
        ("activity", "activity"),
        ("points_meeting_record", "points_meeting_changelist"),
        ("month", "month"),
        ("veto_vetorecord_changelist", "veto_vetorecord_changelist"),
        ("candidates", "candidates"),
        ("import_ticks", "import"),
        ("export", "export"),
    ],
)
def test_the_entry_of_the_page_is_lit(page: str, entry: str, cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    assert lit(client.get(reverse(f"workbench:{page}"))) == [reverse(f"workbench:{entry}")]


def test_a_row_s_page_and_its_steps_light_its_list(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    for page, row in (("members_branch_change", cast.branch_a), ("members_branch_edit", cast.branch_a)):
        assert lit(client.get(reverse(f"workbench:{page}", args=[row.pk]))) == [
            reverse("workbench:members_branch_changelist")
        ]
    sheet = client.get(reverse("workbench:ticks", args=[cast.branch_a.pk]))
    assert lit(sheet) == [reverse("workbench:choose_ticks")]
    archive = client.get(reverse("workbench:archive", args=[cast.member_a.pk, 2026]))
    assert lit(archive) == [reverse("workbench:members_member_changelist")]


def test_the_menu_is_drawn_for_who_asks_where_they_are_and_in_their_language(cast: Cast) -> None:
    """What was drawn for one page is kept: it is another's only where all of it is the same."""
    for page in ("members_branch_changelist", "points_review_changelist", "members_branch_changelist"):
        for user in (cast.staff, cast.recorder_a, cast.committee_a):
            for language in ("zh-hans", "en"):
                response = browse(user, language).get(reverse(f"workbench:{page}"))
                items = [item for section in response.context["sidebar_navigation"] for item in section["items"]]
                shown = [item for item in items if item["has_permission"]]
                menu = "//div[@id='nav-sidebar-apps']//a"
                tree = read_tree(response.content)
                with translation.override(language):
                    assert [text_of(title) for title in find_all(tree, f"{menu}/span[2]")] == [
                        str(item["title"]) for item in shown
                    ]
                assert find_values(tree, f"{menu}/@href") == [str(item["link"]) for item in shown]
                lit_in_menu = find_values(tree, f"{menu}[contains(@class, ' active')]/@href")
                assert lit_in_menu == [str(item["link"]) for item in shown if item["active"]]
