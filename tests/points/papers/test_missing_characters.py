"""A paper with a character no font has says so at its foot, with the number by which it can be written in by hand."""

from __future__ import annotations

import pytest

from points.papers.meetings.sign_in_sheet import write_sign_in_sheet
from tests.cast import Cast
from tests.factories import NOW, make_member
from tests.points.papers.pdf_text import read_text
from tests.rare_characters import RARE

pytestmark = pytest.mark.django_db


def test_the_paper_says_which_character_is_a_box(cast: Cast) -> None:
    clean = read_text(write_sign_in_sheet(branch=cast.branch_a, month="2026-03", now=NOW))
    assert "字库" not in clean
    make_member(cast.branch_a, f"单{RARE}")
    text = read_text(write_sign_in_sheet(branch=cast.branch_a, month="2026-03", now=NOW))
    assert "服务器的字库没有" in text
    assert "（U+323AF）" in text
    assert "请手写补上" in text
