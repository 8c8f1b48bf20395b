"""The page that answers an appeal: in a closed year it asks for the town's decision and corrects the line (D10)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from django.urls import reverse

from members.models import AuditEntry
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


def test_receipt_and_answer_are_printed_from_the_finding(cast: Cast) -> None:
    finding, _review = deduction_of_a_final_year(cast)
    receipt, answer = (page(finding, name) for name in ("appeal_receipt", "appeal_answer"))
    staff = browse(cast.staff)
    assert staff.get(receipt).status_code == 404
    appeal = appeal_on_paper(cast, finding)
    shown = staff.get(page(finding)).content.decode()
    assert (receipt in shown, answer in shown) == (True, False)
    assert staff.get(answer).status_code == 404
    values = {"outcome": "upheld", "answer": "认定无误。", "is_unrelated": "on"}
    staff.post(page(finding, "answer_appeal"), values)
    shown = staff.get(page(finding)).content.decode()
    assert (receipt in shown, answer in shown) == (True, True)
    for address, title in ((receipt, "申诉受理通知书"), (answer, "申诉答复书")):
        name = unquote(staff.get(address)["Content-Disposition"])
        assert name.endswith(f"-{title}-{appeal.receipt}.pdf")
        assert "一支部-2025年-" in name
    assert AuditEntry.objects.filter(verb="read_grounds").latest("pk").new == {"reason": "申诉答复书"}
    assert browse(cast.secretary_a).get(answer).status_code == 403
