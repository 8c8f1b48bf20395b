"""The page that answers an appeal: in a closed year it asks for the town's decision and corrects the line (D10)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from points.models import Correction
from tests.cast import Cast
from tests.factories import TODAY
from tests.pages import browse
from tests.points.half_stages import score_of
from tests.scoring_site.workbench.findings.addresses import page
from tests.veto.final_year import appeal_on_paper, deduction_of_a_final_year

pytestmark = pytest.mark.django_db


def test_in_a_closed_year_the_answer_brings_the_towns_decision(cast: Cast) -> None:
    finding, review = deduction_of_a_final_year(cast)
    appeal_on_paper(cast, finding)
    staff, address = browse(cast.staff), page(finding, "answer_appeal")
    assert address in staff.get(page(finding)).content.decode()
    assert "该年度已定稿" in staff.get(address).content.decode()
    values = {"outcome": "revoked", "answer": "证人证言不成立。", "is_unrelated": "on"}
    without = staff.post(address, values)
    assert sorted(without.context["form"].errors) == ["decided_on", "town_decision"]
    values |= {"town_decision": "云镇组〔2026〕3号", "decided_on": str(TODAY)}
    answered = staff.post(address, values)
    correction = Correction.objects.get()
    assert answered.url == reverse("workbench:points_correction_change", args=[correction.pk])
    assert score_of(review, cast.member_a).cumulative == 50
    finding.refresh_from_db()
    assert finding.state == "revoked"


def test_an_upheld_decision_needs_no_number(cast: Cast) -> None:
    finding, _review = deduction_of_a_final_year(cast)
    appeal_on_paper(cast, finding)
    values = {"outcome": "upheld", "answer": "认定无误。", "is_unrelated": "on"}
    assert browse(cast.staff).post(page(finding, "answer_appeal"), values).url == page(finding)
    finding.refresh_from_db()
    assert (finding.state, Correction.objects.count()) == ("confirmed", 0)
