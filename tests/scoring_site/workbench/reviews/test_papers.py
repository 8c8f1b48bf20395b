"""The table of a half on paper, to sign."""

from __future__ import annotations

import pytest

from points.models import Review
from points.papers.reviews.table import write_review_table
from points.scoring.freezing import chain_head
from tests.cast import Cast
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.points.papers.pdf_text import read_pages, squeeze


@pytest.mark.django_db
def test_the_table_to_sign_has_the_figures_and_the_places(july: Cast) -> None:
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "submitted")
    pages = read_pages(write_review_table(review=review, actor=july.secretary_a, now=JULY))
    text = squeeze(" ".join(pages))
    assert "党员积分核定表" in text
    assert "未定稿" in text
    assert "党支部：一支部" in text
    assert "支部书记（签字）：" in text
    assert "校验码" not in text
    assert "张伟" in text


@pytest.mark.django_db
def test_an_approved_table_carries_the_chain_head_and_an_assembly_its_own_words(july: Cast) -> None:
    july.branch_a.has_committee = False
    july.branch_a.save()
    review = Review.objects.select_related("branch__town").get(pk=bring_to(july, "approved").pk)
    text = squeeze(" ".join(read_pages(write_review_table(review=review, actor=july.secretary_a, now=JULY + HOUR))))
    head = chain_head(july.branch_a)
    assert head is not None
    assert f"校验码（第1号）：{head.hash}" in text
    assert "已核定（2025年7月5日）" in text
    assert "本支部不设支部委员会，以上积分由支部党员大会核定。" in text
    assert "应到3人实到3人" in text
    assert "支部书记（签字）" not in text
