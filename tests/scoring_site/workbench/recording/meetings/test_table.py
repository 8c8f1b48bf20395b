"""Recording meetings, moves, exemptions and the adoption of a rulebook by the workbench's forms."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Exemption, ExemptionApplication, Membership
from members.selectors import branch_on
from points.models import AssessmentYear, Attendance, Meeting, PointEvent
from points.scoring.adoption import rulebook_for
from tests.cast import Cast
from tests.factories import TODAY
from tests.members.evidence.uploads import picture

RECORD = "workbench:points_meeting_record"


def meeting(cast: Cast, **values: Any) -> dict[str, Any]:
    statuses = {f"status_{member.pk}": "attended" for member in cast.members_a}
    return {"token": str(uuid4()), "held_on": "2026-03-10", "topic": "三月党日", **statuses} | values


def test_a_meeting_with_two_kinds_and_exceptions(cast: Cast, recorder: Client) -> None:
    first, second, third = cast.members_a
    data = meeting(cast, kind_party_day="on", kind_lecture="on", period_lecture="2026Q2")
    data |= {f"status_{second.pk}": "excused", f"status_{third.pk}": ""}
    response = recorder.post(reverse(RECORD), data, follow=True)
    held = Meeting.objects.get()
    assert sorted(held.kinds.values_list("item", "period")) == [("lecture", "2026Q2"), ("party_day", "2026-03")]
    assert dict(held.attendances.values_list("member__name", "status")) == {
        first.name: "attended",
        second.name: "excused",
    }
    assert set(PointEvent.objects.values_list("member__name", "item")) == {
        (first.name, "lecture"),
        (first.name, "party_day"),
    }
    assert "作废" in str(next(iter(response.context["messages"])))
    recorder.post(reverse(RECORD), data)
    assert Meeting.objects.count() == 1


def test_a_meeting_needs_a_kind_and_a_day_that_is_not_to_come(cast: Cast, recorder: Client) -> None:
    response = recorder.post(reverse(RECORD), meeting(cast))
    assert "至少勾选" in response.context["form"].non_field_errors()[0]
    assert "三月党日" in response.content.decode()
    response = recorder.post(reverse(RECORD), meeting(cast, kind_lecture="on", held_on="2026-03-16"))
    assert response.context["form"].non_field_errors()
    response = recorder.post(reverse(RECORD), meeting(cast, kind_lecture="on", held_on="2026-13-01"))
    assert "held_on" in response.context["form"].errors
    assert not Meeting.objects.exists()


def test_another_day_shows_who_was_a_member_then(cast: Cast, recorder: Client) -> None:
    data = meeting(cast, kind_lecture="on", held_on="2025-08-01")
    response = recorder.post(reverse(RECORD), data)
    assert "名单已更新" in response.context["form"].non_field_errors()[0]
    assert cast.left_a.name in response.content.decode()
    recorder.post(reverse(RECORD), data | {f"status_{cast.left_a.pk}": "attended"})
    assert Attendance.objects.filter(member=cast.left_a).exists()


@pytest.mark.parametrize("held_on", ["2020-03-01", "1000-01-01"])
def test_a_year_without_rulebook_is_said(held_on: str, cast: Cast, recorder: Client) -> None:
    response = recorder.post(reverse(RECORD), meeting(cast, kind_lecture="on", held_on=held_on))
    assert held_on[:4] in response.content.decode()
    assert not Meeting.objects.exists()


def test_town_staff_move_a_member_and_let_them_go(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    page = reverse("workbench:members_membership_move", args=[cast.member_a.pk])
    wrong = client.post(page, {"why": "moved", "branch": "", "from_date": "2026-03-01"})
    assert wrong.context["form"].non_field_errors()
    client.post(page, {"why": "moved", "branch": cast.branch_b.pk, "from_date": "2026-03-01"})
    assert branch_on(cast.member_a, TODAY) == cast.branch_b
    client.post(page, {"why": "transferred_out", "branch": "", "from_date": "2026-03-10"})
    assert branch_on(cast.member_a, TODAY) is None
    assert Membership.objects.filter(member=cast.member_a).count() == 3
    client.force_login(cast.secretary_a)
    assert client.post(page, {}).status_code == 404  # no longer in the branch


def test_the_secretary_enters_and_ends_an_exemption(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)  # who enters the paper does not enter the vote
    member = cast.members_a[2]
    page = reverse("workbench:members_exemptionapplication_enter", args=[member.pk])
    data = {"ground": "age", "applied_on": "2026-03-01", "wanted_from": "2026-03-05"}
    client.post(page, data | {"scan": picture()})
    application = ExemptionApplication.objects.get()
    assert not Exemption.objects.exists()  # the branch's meeting decides (D15)
    client.force_login(cast.secretary_a)
    grant = reverse("workbench:members_exemptionapplication_grant", args=[application.pk])
    vote = {"decided_on": "2026-03-05", "expected": 3, "present": 3, "seen": "2026-03-05", "is_unrelated": "on"}
    refused = client.post(grant, vote | {"in_favour": 1, "against": 2, "abstained": 0})
    assert refused.context["form"].non_field_errors()
    wrong = client.post(grant, vote | {"in_favour": 2, "against": 0, "abstained": 0})
    assert "赞成、反对、弃权之和应等于实到人数" in wrong.content.decode()
    client.post(grant, vote | {"in_favour": 2, "against": 0, "abstained": 1})
    assert (
        "应到3人，实到3人，赞成2人，反对0人，弃权1人" in client.get(grant.replace("grant", "change")).content.decode()
    )
    exemption = Exemption.objects.get()
    assert (exemption.member, str(exemption.from_date)) == (member, "2026-03-05")
    refused = client.post(page, data | {"scan": picture()})
    assert refused.context["form"].non_field_errors()
    end = reverse("workbench:members_exemption_end", args=[exemption.pk])
    assert "reason" in client.post(end, {"ended_on": "2026-03-10"}).context["form"].errors
    client.post(end, {"ended_on": "2026-03-10", "reason": "本人要求恢复", "is_unrelated": "on"})
    exemption.refresh_from_db()
    assert str(exemption.ended_on) == "2026-03-10"
    young = reverse("workbench:members_exemptionapplication_enter", args=[cast.member_a.pk])
    assert client.post(young, data | {"scan": picture()}).context["form"].non_field_errors()


def test_town_staff_adopt_a_rulebook_with_their_readings(cast: Cast, client: Client) -> None:
    client.force_login(cast.staff)
    page = reverse("workbench:points_assessmentyear_adopt")
    data = {
        "town": cast.town.pk,
        "year": 2027,
        "lead_bonus": "within_item_cap",
        "part_year": "prorate_base",
        "late_dues": "always",
        "notice_days": 7,
        "notice_day_kind": "working",
        "restart_on_correction": "False",
        "exemption_age": 80,
        "outside_columns": "parts",
        "appeal_days": 60,
        "mark_above": 5,
    }
    assert "notice_days" in client.post(page, data | {"notice_days": 4}).context["form"].errors
    assert "appeal_days" in client.post(page, data | {"appeal_days": 29}).context["form"].errors
    assert "town" in client.post(page, data | {"town": cast.other_town.pk}).context["form"].errors
    assert client.post(page, data).status_code == 302
    settings = rulebook_for(cast.town, 2027).settings
    assert (settings.lead_bonus, settings.part_year, settings.late_dues) == (
        "within_item_cap",
        "prorate_base",
        "always",
    )
    assert (settings.notice_days, settings.notice_day_kind, settings.exemption_age) == (7, "working", 80)
    assert settings.restart_on_correction is False
    assert (settings.outside_columns, settings.appeal_days, settings.mark_above) == ("parts", 60, 5)
    shown = client.get(reverse("workbench:points_assessmentyear_change", args=[AssessmentYear.objects.latest("pk").pk]))
    page = shown.content.decode()
    assert "<td>二（三）1</td>" in page  # as the paper numbers it (D28)
    assert "2.3.1.1" not in page
