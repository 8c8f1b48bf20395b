"""Towns beside the cast's: what is asked about one town costs the same, however many others there are."""

from __future__ import annotations

from datetime import date, timedelta

from members.models import Appointment, Town
from members.selectors import system_account
from points.reviews.steps import approve_review, open_review, submit_review
from points.scoring.adoption import set_up_town
from tests.factories import NOW, appoint, make_batch, make_branch, make_event, make_member, make_user
from tests.points.half_stages import meeting_on, settle_year_end


def add_towns(count: int = 4) -> None:
    """Towns of one branch and three members with records; the first half of 2025 approved, the second submitted."""
    for number in range(Town.objects.count(), Town.objects.count() + count):
        town = set_up_town(now=NOW, name=f"邻镇{number}", years=(2025, 2026), settings={})
        staff = make_user(f"beside-{number}", town=town)
        appoint(staff, Appointment.Role.TOWN_STAFF, town=town)
        branch = make_branch(town, "邻支部")
        batch = make_batch(system_account(town), town, branch, at=NOW - timedelta(days=1))
        for name in ("甲", "乙", "丙"):
            member = make_member(branch, f"邻{name}")
            make_event(batch, member, "dues", "2025-03", date=date(2025, 3, 10), year=2025)
            make_event(batch, member, "dues", "2026-01")
        first, second = (open_review(branch=branch, year=2025, half=half) for half in ("H1", "H2"))
        submit_review(actor=staff, now=NOW, review=first)
        # After `NOW`: whoever asks as of then meets a line frozen in the meantime.
        later = NOW + timedelta(hours=1)
        approve_review(actor=staff, now=later, review=first, meeting=meeting_on(later.date()))
        settle_year_end(branch, by=staff, at=NOW)
        submit_review(actor=staff, now=later, review=second)
