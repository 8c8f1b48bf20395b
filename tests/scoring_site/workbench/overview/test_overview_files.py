"""全镇总览 as a paper and a workbook: one A4 page however many branches, the page's own figures, nobody's name."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from members.errors import NotAllowed
from members.models import AuditEntry, User
from members.places.branches import names_on
from points.papers.scores.reading import read_scores
from points.rules.rulebook import load_shipped_rulebook
from scoring_site.overview.exports import export_overview
from scoring_site.workbench.overview.paper import describe_paper, write_overview
from scoring_site.workbench.overview.reading import list_watched, read_overview
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.documents import read_pdf
from tests.factories import make_batch, make_branch, make_event, make_member, make_overseer
from tests.pages import browse

pytestmark = pytest.mark.django_db
ON = date(2025, 7, 20)
RULEBOOK = load_shipped_rulebook()


@pytest.fixture
def july(cast: Cast, clock: FrozenClock) -> Cast:
    clock.set(2025, 7, 20)
    batch = make_batch(cast.staff, cast.town, cast.branch_a)
    for member in cast.members_a[:2]:
        make_event(batch, member, period="2025-05", year=2025, date=date(2025, 5, 9))
    return cast


def read(cast: Cast, user: User) -> Any:
    branches = [branch for branch in list_watched(user, on=ON) if branch.town_id == cast.town.pk]
    return read_overview(user, cast.town, branches, rulebooks={2025: RULEBOOK}, year=2025, on=ON)


def sheets_of(response: Any) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(BytesIO(b"".join(response.streaming_content)))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book.worksheets}
