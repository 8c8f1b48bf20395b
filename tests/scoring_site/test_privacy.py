"""Nobody sees anything before logging in, and no answer is kept on the way."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["home", "notifications", "workbench:index", "workbench:month"])
def test_a_page_asked_for_before_logging_in_is_there_after_it(name: str, client: Client) -> None:
    page = reverse(name)
    response = client.get(page, {"year": "2026"})
    assert response["Location"] == f"{reverse('login')}?next={page}%3Fyear%3D2026"


@pytest.mark.parametrize("name", ["new_claim", "read_notifications", "workbench:activity_preview"])
def test_what_a_form_sent_before_logging_in_leads_home(name: str, client: Client) -> None:
    response = client.post(reverse(name), {"deed": "清理河道"})
    assert response["Location"] == f"{reverse('login')}?next=/"


@pytest.mark.parametrize("name", ["login", "first_login"])
def test_what_leads_in_is_open(name: str, client: Client) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["logout", "workbench:logout", "set_language", "large_type", "theme"])
def test_what_leads_out_or_changes_the_looks_asks_for_no_log_in(name: str, client: Client) -> None:
    response = client.post(reverse(name), {"language": "zh-hans", "theme": "dark", "next": "/login/"})
    assert response.status_code in (200, 302)
    assert "next=" not in response.headers.get("Location", "")


def test_no_answer_is_kept(cast: Cast, client: Client) -> None:
    client.force_login(cast.recorder_a)
    month, names = reverse("workbench:month"), reverse("workbench:names")
    answers = [
        client.get(month),
        client.get(reverse("workbench:jsi18n")),
        client.get(reverse("workbench:sign_in_sheet")),
        client.post(names, {"branch": cast.branch_a.pk, "text": cast.member_a.name}),
        client.get("/nowhere/"),
        Client().get(reverse("login")),
        Client().get(month),
    ]
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}
