"""The audit log in the workbench speaks the words of the rulebook."""

from __future__ import annotations

from datetime import date

from django.test import Client
from django.urls import reverse

from members.models import AuditEntry
from points.meetings.holding import record_meeting
from tests.cast import Cast
from tests.factories import NOW


def test_the_log_names_a_meetings_kinds_as_the_rulebook_does(cast: Cast) -> None:
    record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 2, 10),
        kinds=[("party_day", "2026-02"), ("appraisal", "2025")],
        statuses={cast.member_a.pk: "attended"},
    )
    entry = AuditEntry.objects.get(verb="record_meeting")
    client = Client()
    client.force_login(cast.supervisor)
    for address in ("changelist", "change"):
        arguments = [entry.pk] if address == "change" else []
        shown = client.get(reverse(f"workbench:members_auditentry_{address}", args=arguments)).content.decode()
        assert "党员活动日（2026年2月）、民主评议党员（2025年度）" in shown
        assert "party_day" not in shown
