"""One officer at the pages of a finding, from the proposal to its revocation: alone it ends in nothing (D18, D19)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Notification
from tests.cast import Cast
from tests.factories import make_batch, make_event
from tests.members.evidence.uploads import picture
from tests.pages import browse
from tests.scoring_site.screens import get, status
from tests.scoring_site.workbench.findings.addresses import page
from tests.scoring_site.workbench.findings.test_table import telling, vote
from veto.models import Answer, Finding, VetoRecord

pytestmark = pytest.mark.django_db
MARCH_15 = "2026-03-15"
WAIVED = {"kind": "waived", "answered_on": MARCH_15, "statement": "", "agrees_earlier": "on"}


def refusal(client: Client, finding: Finding, step: str, form: dict[str, Any]) -> str:
    """What a step's page says above the form that it sends back."""
    sent_back = client.post(page(finding, step), form)
    assert sent_back.status_code == 200, sent_back
    (said,) = sent_back.context["form"].non_field_errors()
    return str(said)


def test_one_secretary_makes_nobodys_year_0_in_a_day(cast: Cast, client: Client) -> None:
    """P1, as it was seen: proposed, told, waived and confirmed on one day without a paper, and the year was 0."""
    make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a)
    secretary = browse(cast.secretary_a)
    proposal = {"token": str(uuid4()), "member": cast.member_a.pk, "ground": "disrepute", "date": MARCH_15}
    secretary.post(reverse("workbench:veto_vetorecord_propose"), proposal | {"particulars": "查实", "papers": "认定书"})
    veto = VetoRecord.objects.get()

    # The town has not looked at it: no step is open, and the member is accused of nothing.
    meeting_today = telling(meets_on=MARCH_15, meets_at="09:00")
    for step, form, said in (
        ("tell", meeting_today, "先由镇党建办查看"),
        ("tell", telling(), "先由镇党建办查看"),
        ("answer", WAIVED, "照片"),
        ("answer", WAIVED | {"papers": picture()}, "请先录入告知本人的日期"),
        ("decide", vote(MARCH_15), "先由镇党建办查看"),
    ):
        assert said in refusal(secretary, veto, step, form), step
    assert secretary.post(page(veto, "clear"), {"is_unrelated": "on"}).status_code == 403
    hearing = reverse("hearing", args=[veto.uuid])
    assert status(client, cast.member_user_a, hearing) == 404
    assert "没有需要您说明的事项" in get(client, cast.member_user_a, reverse("hearings"))
    assert not Notification.objects.filter(user=cast.member_user_a).exists()

    # Let through, it is told of with the days to answer, and waived on paper alone.
    assert browse(cast.staff).post(page(veto, "clear"), {"is_unrelated": "on"}).status_code == 302
    assert "2026-03-20" in refusal(secretary, veto, "tell", meeting_today)
    assert "请先录入告知本人的日期" in refusal(secretary, veto, "answer", WAIVED | {"papers": picture()})
    assert secretary.post(page(veto, "tell"), telling()).status_code == 302
    assert status(client, cast.member_user_a, hearing) == 200
    assert "照片" in refusal(secretary, veto, "answer", WAIVED)
    assert secretary.post(page(veto, "answer"), WAIVED | {"papers": picture()}).status_code == 302
    assert Answer.objects.get().kind == "waived"
    against = vote(MARCH_15, decision="dismiss", in_favour="0", against="3")
    for decision in (vote(MARCH_15), against):
        assert "该事项由您本人提出" in refusal(secretary, veto, "decide", decision)

    veto.refresh_from_db()
    assert (veto.state, veto.decided_on) == ("proposed", None)
    assert "1.0 分 未定稿 年度尚未结束，已得1分" in get(client, cast.member_user_a, "/")
    record = reverse("workbench:members_member_change", args=[cast.member_a.pk])
    assert "已得1分" in get(client, cast.secretary_a, record)
