"""The login slips: large enough to read, and made once however often the button is pressed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from members.accounts.login_codes import issue_login_codes
from scoring_site.workbench.roster.login_slips.paper import write_login_slips
from tests.cast import Cast
from tests.factories import NOW, make_member
from tests.pages import browse
from tests.points.papers.pdf_text import read_heights, read_pages

pytestmark = pytest.mark.django_db


def test_six_slips_stand_on_a_sheet_in_print_that_can_be_read(cast: Cast) -> None:
    members = [make_member(cast.branch_a, f"党员{number}") for number in range(7)]
    issued = issue_login_codes(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, member_ids=[member.pk for member in members]
    )
    pdf = write_login_slips(branch=cast.branch_a, issued=issued, address="https://jifen.example.cn/login/first/")
    pages = read_pages(pdf)
    assert [page.count("首次登录通知单") for page in pages] == [6, 1]
    assert all(each.code in "".join(pages) for each in issued)
    assert pages[0].count("旧码随即作废") == 6  # the last words of a slip: nothing is cut
    heights = read_heights(pdf)
    assert heights[issued[0].code] > 13
    assert min(heights.values()) >= 14, "R9, as it was seen: small print"


def test_the_page_stays_and_says_where_the_file_is(cast: Cast) -> None:
    page = browse(cast.recorder_a).get(reverse("workbench:login_slips")).content.decode()
    assert '<form method="post" data-unguarded data-slips>' in page
    assert "data-slips-made hidden><p>通知单已开始生成" in page
    assert "workbench/roster/login_slips" in page
