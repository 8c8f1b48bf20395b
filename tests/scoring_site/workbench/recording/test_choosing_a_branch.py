"""Which branch a recording page is about: the one its address names, or the only one; never another in its place."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Appointment, RecordBatch
from points.models import Meeting
from tests.cast import Cast
from tests.factories import appoint, make_branch, make_user
from tests.pages import browse

pytestmark = pytest.mark.django_db
PAGES = ("month", "activity", "points_meeting_record", "points_signin_open")


@pytest.fixture
def recorder(cast: Cast) -> Client:
    client: Client = browse(cast.recorder_a)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_the_only_branch_needs_no_choice(page: str, recorder: Client, cast: Cast) -> None:
    assert recorder.get(reverse(f"workbench:{page}")).context["branch"] == cast.branch_a


@pytest.mark.parametrize("page", PAGES)
def test_an_address_of_another_branch_offers_ones_own_and_writes_nothing(
    page: str, recorder: Client, cast: Cast
) -> None:
    address = f"{reverse(f'workbench:{page}')}?branch={cast.branch_b.pk}"
    shown = recorder.get(address)
    assert shown.context["branch"] is None
    assert f'<option value="{cast.branch_a.pk}">' in shown.content.decode()
    sent = {"token": str(uuid4()), "held_on": "2026-03-10", "kind_party_day": "on", "place": "村部", "topic": "植树"}
    assert recorder.post(address, sent).status_code == 200
    assert not Meeting.objects.exists()
    assert not RecordBatch.objects.exists()


def test_a_branch_without_members_is_offered_no_papers_to_fill(recorder: Client, cast: Cast) -> None:
    papers = [reverse(f"workbench:{name}") for name in ("sign_in_sheet", "dues_book", "month_ledger", "quarter_ledger")]
    papers.append(reverse("workbench:points_signin_open"))
    address = reverse("workbench:month")
    shown = recorder.get(address).content.decode()
    assert [paper for paper in papers if paper not in shown] == []
    general = make_branch(cast.town, "总支")
    head = make_user("general", name="总支书记", town=cast.town)
    appoint(head, Appointment.Role.SECRETARY, branch=general)
    shown = browse(head).get(address).content.decode()
    assert "该支部今天没有在册党员。" in shown
    assert [paper for paper in papers if paper in shown] == []


@pytest.mark.parametrize("paper", ["sign_in_sheet", "dues_book"])
def test_no_paper_of_ones_own_branch_comes_under_anothers_address(paper: str, recorder: Client, cast: Cast) -> None:
    assert recorder.get(f"{reverse(f'workbench:{paper}')}?branch={cast.branch_b.pk}").status_code == 404
