"""What an exemption rests on, and from which day it counts (2.1, D15)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from members.errors import MissingReason, NotAllowed
from members.models import AuditEntry, Exemption, ExemptionApplication, Member, Notification, User
from points.errors import ExemptionRefused, NoRulebook
from points.roster.exemption_applications import (
    decline_application,
    enter_paper_application,
    grant_application,
)
from points.roster.exemption_losses import LostYear, read_losses
from points.roster.exemptions import BranchVote, check_exemption, next_half_start, plan_exemption
from points.roster.moves import end_exemption, grant_exemption
from tests.cast import Cast
from tests.exemptions import SCAN, apply_on_paper, exempt_member, vote_on
from tests.factories import NOW, TODAY, make_batch, make_event, make_user
from tests.points.roster.test_moves import EVERYBODY
from tests.veto.hearings import dismiss as dismiss_finding
from veto.deciding import propose_deduction, propose_veto
from veto.models import VetoRecord

pytestmark = pytest.mark.django_db
Ground = Exemption.Ground
MAY_EXEMPT = {"staff", "system", "secretary_a"}


def veteran(cast: Cast) -> Member:
    return cast.members_a[2]  # born 1948-02-29


def exempt(cast: Cast, **fields: Any) -> Exemption:
    entered: dict[str, Any] = {
        "actor": cast.secretary_a,
        "now": NOW,
        "member": veteran(cast),
        "ground": Ground.AGE,
        "applied_on": date(2026, 3, 2),
        "decided_on": date(2026, 3, 10),
        "from_date": date(2026, 4, 1),
    }
    return exempt_member(**entered | fields)


def test_an_exemption_is_granted_ended_and_logged_and_its_member_told(cast: Cast) -> None:
    user = make_user("veteran", name="赵六", town=cast.town, member=veteran(cast))
    exemption = exempt(cast)
    assert (exemption.from_date, exemption.ended_on) == (date(2026, 4, 1), None)
    end_exemption(
        actor=cast.secretary_a,
        now=NOW,
        exemption=exemption,
        ended_on=date(2026, 6, 1),
        reason=" 本人要求恢复 ",
        is_unrelated=True,
    )
    exemption.refresh_from_db()
    assert exemption.ended_on == date(2026, 6, 1)
    verbs = ["enter_paper_application", "grant_exemption", "grant_application", "end_exemption"]
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))[-4:] == verbs
    assert AuditEntry.objects.get(verb="end_exemption").new == {
        "ended_on": "2026-06-01",
        "reason": "本人要求恢复",
        "recusal": True,
    }
    told = Notification.objects.filter(user=user).order_by("pk").values_list("kind", "link")
    assert list(told) == [
        ("exemption_entered", "/exemption/"),
        ("exemption_decided", "/exemption/"),
        ("exemption_ended", "/exemption/"),
    ]
    exempt(cast, from_date=date(2026, 9, 1))
    assert veteran(cast).exemptions.count() == 2


def test_an_effective_day_ten_months_before_the_decision_is_never_reached(cast: Cast) -> None:
    """P3, as it was seen: it wiped a year's score."""
    assert exempt(cast, from_date=date(2025, 5, 10)).from_date == date(2026, 3, 10)
    change = plan_exemption(apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a), vote_on(TODAY))
    back_dated = type(change)(change.application, change.vote, date(2025, 5, 10))
    with pytest.raises(ExemptionRefused):
        grant_exemption(actor=cast.secretary_a, now=NOW, change=back_dated, is_unrelated=True)
    assert not cast.member_a.exemptions.exists()


@pytest.mark.parametrize(
    ("decided_on", "begins"),
    [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 2), date(2026, 7, 1)),
        (date(2026, 6, 30), date(2026, 7, 1)),
        (date(2026, 7, 1), date(2026, 7, 1)),
        (date(2026, 7, 2), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_without_a_wish_it_begins_with_the_next_half(decided_on: date, begins: date) -> None:
    assert next_half_start(decided_on) == begins


def test_the_wish_counts_and_next_years_rulebook_is_not_needed(cast: Cast) -> None:
    assert exempt(cast, from_date=None).from_date == date(2026, 7, 1)
    assert exempt(cast, member=cast.member_a, ground=Ground.UNABLE, from_date=date(2027, 1, 1)).from_date == date(
        2027, 1, 1
    )


@pytest.mark.parametrize(
    ("born", "applied", "allowed"),
    [
        (date(1951, 3, 2), date(2026, 3, 2), True),  # 75 that day
        (date(1951, 3, 3), date(2026, 3, 2), False),
        (date(1948, 2, 29), date(2026, 3, 2), True),
        (date(1952, 2, 29), date(2026, 3, 2), False),
        (None, date(2026, 3, 2), False),
    ],
)
def test_age_is_checked_when_it_is_filed(born: date | None, applied: date, allowed: bool, cast: Cast) -> None:
    member = cast.member_a
    member.birth_date = born
    member.save()
    if allowed:
        apply_on_paper(actor=cast.staff, now=NOW, member=member, ground=Ground.AGE, applied_on=applied)
    else:
        with pytest.raises(ExemptionRefused, match=r"75"):
            apply_on_paper(actor=cast.staff, now=NOW, member=member, ground=Ground.AGE, applied_on=applied)
    assert ExemptionApplication.objects.exists() == allowed


def test_the_age_is_checked_again_when_it_is_decided(cast: Cast) -> None:
    member = veteran(cast)
    application = apply_on_paper(actor=cast.staff, now=NOW, member=member, ground=Ground.AGE)
    member.birth_date = date(1960, 1, 1)
    member.save()
    application.refresh_from_db()
    with pytest.raises(ExemptionRefused, match="75"):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )


def test_who_cannot_any_more_may_be_younger(cast: Cast) -> None:
    assert exempt(cast, member=cast.member_a, ground=Ground.UNABLE).ground == "unable"


def test_paper_needs_its_scan(cast: Cast) -> None:
    with pytest.raises(ExemptionRefused, match="扫描"):
        apply_on_paper(actor=cast.secretary_a, now=NOW, member=cast.member_a, scan="")
    with pytest.raises(ExemptionRefused):
        apply_on_paper(actor=cast.secretary_a, now=NOW, member=cast.member_a, applied_on=TODAY + timedelta(days=1))
    assert not ExemptionApplication.objects.exists()


@pytest.mark.parametrize(
    "days",
    [
        {"applied_on": date(2026, 3, 11)},  # after the decision
        {"decided_on": TODAY + timedelta(days=1)},
    ],
)
def test_the_member_applies_then_the_branch_decides(days: dict[str, date], cast: Cast) -> None:
    with pytest.raises(ExemptionRefused):
        exempt(cast, **days)
    assert not Exemption.objects.exists()


@pytest.mark.parametrize(
    ("expected", "present", "in_favour", "granted"),
    [
        (5, 3, 3, True),
        (5, 3, 2, False),  # not more than half of those expected
        (5, 2, 2, False),  # nobody decides with half
        (4, 2, 2, False),
        (2, 2, 2, True),
        (1, 1, 1, False),  # one is no meeting
        (3, 4, 3, False),
        (3, 2, 3, False),
    ],
)
def test_the_meetings_numbers(expected: int, present: int, in_favour: int, granted: bool, cast: Cast) -> None:
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    vote = BranchVote(TODAY, expected, present, in_favour, present - in_favour, 0)
    if not granted:
        with pytest.raises(ExemptionRefused):
            grant_application(actor=cast.secretary_a, now=NOW, application=application, vote=vote, is_unrelated=True)
        assert not Exemption.objects.exists()
        return
    grant_application(actor=cast.secretary_a, now=NOW, application=application, vote=vote, is_unrelated=True)
    application.refresh_from_db()
    assert (application.expected, application.present, application.in_favour) == (expected, present, in_favour)
    assert (application.against, application.abstained) == (present - in_favour, 0)


def test_nobody_leaves_the_scheme_while_a_finding_is_open(cast: Cast) -> None:
    about: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW, "date": TODAY, "particulars": "群众反映"}
    finding = propose_deduction(member=cast.member_a, item="gambling", papers="派出所文书", **about)
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    with pytest.raises(ExemptionRefused, match="尚未"):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    application.refresh_from_db()
    assert (application.state, Exemption.objects.count()) == ("waiting", 0)
    dismiss_finding(actor=cast.secretary_a, now=NOW, finding=finding, decided_on=TODAY)
    assert grant_application(
        actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
    )


def test_a_vetoed_year_is_finished_first(cast: Cast) -> None:
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="disciplined",
        date=TODAY,
        particulars="处分决定",
        papers="文号",
    )
    VetoRecord.objects.filter(pk=veto.pk).update(confirmed_at=NOW, decided_on=TODAY, decided_by=cast.secretary_a)
    application = apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a, wanted_from=TODAY)
    exemption = grant_application(
        actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
    )
    assert exemption.from_date == date(2027, 1, 1)


def test_nobody_is_exempt_twice(cast: Cast) -> None:
    exempt(cast)
    with pytest.raises(ExemptionRefused, match="先终止"):
        exempt(cast, from_date=date(2026, 5, 1))


def test_another_members_application_serves_nobody(cast: Cast) -> None:
    change = plan_exemption(apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a), vote_on(TODAY))
    with pytest.raises(ExemptionRefused, match="本人"):
        check_exemption(change, member=veteran(cast), today=TODAY)


def test_an_application_by_age_needs_the_years_rulebook(cast: Cast) -> None:
    with pytest.raises(NoRulebook):
        apply_on_paper(actor=cast.staff, now=NOW, member=veteran(cast), ground=Ground.AGE, applied_on=date(2020, 1, 1))


def test_an_exemption_ends_once_later_than_it_began_and_for_a_reason(cast: Cast) -> None:
    exemption = exempt(cast)

    def end(day: date, reason: str = "本人要求") -> None:
        end_exemption(
            actor=cast.secretary_a, now=NOW, exemption=exemption, ended_on=day, reason=reason, is_unrelated=True
        )

    with pytest.raises(ExemptionRefused):
        end(exemption.from_date)
    with pytest.raises(MissingReason):
        end(date(2026, 6, 1), "  ")
    end(date(2026, 6, 1))
    with pytest.raises(ExemptionRefused):
        end(date(2026, 7, 1))
    exemption.refresh_from_db()
    assert exemption.ended_on == date(2026, 6, 1)


@pytest.mark.parametrize("who", EVERYBODY)
def test_who_may_enter_and_end_an_exemption(who: str, cast: Cast) -> None:
    actor: User = getattr(cast, who)
    if who in MAY_EXEMPT:
        exemption = exempt(cast, actor=actor)
        end_exemption(
            actor=actor, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason="恢复", is_unrelated=True
        )
        return
    with pytest.raises(PermissionDenied):
        apply_on_paper(actor=actor, now=NOW, member=veteran(cast))
    exemption = exempt(cast)
    with pytest.raises(PermissionDenied):
        end_exemption(
            actor=actor, now=NOW, exemption=exemption, ended_on=date(2026, 6, 1), reason="恢复", is_unrelated=True
        )
    exemption.refresh_from_db()
    assert exemption.ended_on is None


@pytest.mark.parametrize("office", ["secretary_a", "staff"])
def test_nobody_decides_on_their_own_exemption(office: str, cast: Cast) -> None:
    officer: User = getattr(cast, office)
    officer.member = veteran(cast)
    officer.save()
    other = cast.staff if office == "secretary_a" else cast.secretary_a
    with pytest.raises(NotAllowed, match="涉及本人"):
        apply_on_paper(actor=officer, now=NOW, member=veteran(cast))
    application = apply_on_paper(actor=cast.system, now=NOW, member=veteran(cast))
    with pytest.raises(NotAllowed, match="涉及本人"):
        grant_application(actor=officer, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True)
    assert not Exemption.objects.exists()
    exemption = grant_application(actor=other, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True)
    with pytest.raises(NotAllowed, match="涉及本人"):
        end_exemption(
            actor=officer, now=NOW, exemption=exemption, ended_on=date(2026, 8, 1), reason="恢复", is_unrelated=True
        )
    exemption.refresh_from_db()
    assert exemption.ended_on is None


def test_who_entered_the_paper_does_not_enter_the_decision(cast: Cast) -> None:
    """P3: one account alone exempts nobody, and declines nobody."""
    application = apply_on_paper(actor=cast.secretary_a, now=NOW, member=cast.member_a)
    with pytest.raises(NotAllowed, match="由您本人录入"):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    with pytest.raises(NotAllowed, match="由您本人录入"):
        decline_application(
            actor=cast.secretary_a,
            now=NOW,
            application=application,
            vote=vote_on(TODAY, in_favour=0),
            explanation="不符合",
            is_unrelated=True,
        )
    assert not Exemption.objects.exists()
    assert grant_application(
        actor=cast.staff, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
    ).pk


def test_what_it_takes_is_known_before(cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    make_event(batch, cast.member_a, period="2026-01")
    make_event(batch, cast.member_a, period="2026-03")  # paid in January: a month's dues are judged by the month

    def losses(day: date) -> list[LostYear]:
        return read_losses(cast.member_a, from_date=day, today=TODAY)

    assert losses(date(2026, 7, 1)) == [LostYear(2026, 20, None, ())]
    assert losses(date(2026, 3, 10)) == [LostYear(2026, 20, 20, (("交纳党费", 1),))]
    assert losses(date(2027, 1, 1)) == []


def test_the_scan_is_the_one_that_was_given(cast: Cast) -> None:
    application = enter_paper_application(
        actor=cast.staff, now=NOW, member=cast.member_a, ground=Ground.UNABLE, applied_on=TODAY, scan=SCAN
    )
    assert (application.scan, application.entered_by, application.is_on_paper) == (SCAN, cast.staff, True)
