"""The table of a half on paper, to sign."""

from __future__ import annotations

import pytest
from django.urls import reverse

from points.models import Review
from points.papers.reviews.table import write_review_table
from points.scoring.freezing import chain_head
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.points.half_stages import HOUR, JULY, bring_to, record_dues
from tests.points.papers.pdf_text import read_pages, read_text, squeeze
from tests.scoring_site.workbench.reviews.addresses import url


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


@pytest.mark.django_db
def test_a_branch_renamed_today_stands_on_last_years_papers_as_it_was_called(july: Cast, clock: FrozenClock) -> None:
    """W8, as it was seen: the papers of last year carried the new name."""
    record_dues(july, month=1, now=JULY)
    review = bring_to(july, "approved", start=JULY + HOUR)
    clock.set(2026, 3, 15)
    staff, secretary = browse(july.staff), browse(july.secretary_a)
    form = reverse("workbench:members_branch_edit", args=[july.branch_a.pk])
    values = {"name": "红旗村党支部", "position": 1, "opened_on": "2015-07-01", "has_committee": "on"}
    assert staff.post(form, values).status_code == 302
    book = reverse("workbench:dues_book")
    papers = {
        "table": url("table_pdf", review.pk),
        "slips": url("slips", review.pk),
        "last year's dues": f"{book}?month=2025-12",
        "this year's dues": f"{book}?month=2026-01",
    }
    texts = {name: read_text(b"".join(secretary.get(address))) for name, address in papers.items()}
    named = {name: ("一支部" in text, "红旗村党支部" in text) for name, text in texts.items()}
    assert named == {name: (name != "this year's dues", name == "this year's dues") for name in papers}
