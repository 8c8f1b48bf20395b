"""The page of a second half says what it waits for, and takes the declaration that it is held no more (D3)."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from points.models import NotHeldDeclaration
from points.reviews.steps import open_review
from tests.cast import Cast
from tests.clock import SHANGHAI, FrozenClock
from tests.scoring_site.screens import get, told, visible


@pytest.mark.django_db
def test_the_page_names_what_is_missing_and_declares_it(cast: Cast, client: Client, clock: FrozenClock) -> None:
    clock.now = datetime(2026, 1, 8, 10, 0, tzinfo=SHANGHAI)
    review = open_review(branch=cast.branch_a, year=2025, half="H2")
    page = reverse("workbench:points_review_change", args=[review.pk])
    shown = get(client, cast.recorder_a, page)
    assert "民主评议党员（2025年度） 未登记，也未声明" in shown
    assert "尚缺：组织生活会（2025年下半年）、民主评议党员（2025年度）、承诺践诺（2025年度）。" in shown
    assert "声明本年度不再召开" in shown
    declare = reverse("workbench:points_review_not_held", args=[review.pk])
    assert "声明不加分也不扣分" in get(client, cast.recorder_a, declare)
    refused = client.post(declare, {"items": ["appraisal"], "reason": ""})
    assert refused.status_code == 200
    done = client.post(declare, {"items": ["appraisal", "pledge"], "reason": "支部换届"}, follow=True)
    assert "已声明，并记下您的姓名和日期" in told(done)
    assert "已声明本年度不再召开：甲记录员，2026-01-08（支部换届）" in visible(done)
    assert "尚缺：组织生活会（2025年下半年）。" in visible(done)
    client.post(declare, {"items": ["life_meeting"], "reason": "未召开"})
    assert NotHeldDeclaration.objects.count() == 3
    assert "各项均已登记或声明" in get(client, cast.recorder_a, declare)
    submit = reverse("workbench:points_review_submit", args=[review.pk])
    client.post(submit, {})
    review.refresh_from_db()
    assert review.state == "submitted"
