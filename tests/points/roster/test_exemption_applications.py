"""A member's application for exemption and the branch's decision (2.1, D15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from members.accounts.login_codes import choose_first_password, find_login_code, issue_login_codes
from members.errors import MissingReason, NotAllowed
from members.models import AuditEntry, Exemption, ExemptionApplication, Notification
from points.errors import ExemptionRefused, NotOnRoster, PaperMissing
from points.roster.exemption_applications import (
    apply_for_exemption,
    decline_application,
    grant_application,
    withdraw_application,
)
from tests.cast import Cast
from tests.exemptions import apply_on_paper, vote_on
from tests.factories import NOW, TODAY, make_user, replace_password

pytestmark = pytest.mark.django_db
Ground = Exemption.Ground
State = ExemptionApplication.State
REFUSED = vote_on(TODAY, in_favour=1)


def apply(cast: Cast, ground: Exemption.Ground = Ground.UNABLE, text: str = "腿脚不便") -> ExemptionApplication:
    return apply_for_exemption(actor=cast.member_user_a, now=NOW, ground=ground, text=text)


def test_granted_it_exempts_from_the_day_and_the_member_is_told(cast: Cast) -> None:
    application = apply(cast)
    assert list(Notification.objects.values_list("user__username", "kind")) == [("secretary-a", "exemption_applied")]
    exemption = grant_application(
        actor=cast.secretary_a,
        now=NOW,
        application=application,
        vote=vote_on(TODAY),
        explanation="同意",
        is_unrelated=True,
    )
    assert (exemption.member, exemption.ground, exemption.applied_on) == (cast.member_a, Ground.UNABLE, TODAY)
    assert exemption.from_date == date(2026, 7, 1)
    application.refresh_from_db()
    assert (application.state, application.exemption, application.explanation) == (State.GRANTED, exemption, "同意")
    told = Notification.objects.get(kind="exemption_decided")
    assert (told.user, told.link) == (cast.member_user_a, "/exemption/")
    for entry in AuditEntry.objects.all():
        assert "腿脚" not in str(entry.new)
        assert "unable" not in str(entry.new) or entry.verb == "grant_exemption"


def test_declined_it_says_why_and_one_may_apply_again(cast: Cast) -> None:
    application = apply(cast)
    with pytest.raises(MissingReason):
        decline_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=REFUSED, explanation=" ", is_unrelated=True
        )
    with pytest.raises(ExemptionRefused, match="本人"):
        decline_application(
            actor=cast.secretary_a,
            now=NOW,
            application=application,
            vote=replace(REFUSED, met_on=date(2026, 3, 14)),
            explanation="不",
            is_unrelated=True,
        )
    decline_application(
        actor=cast.secretary_a,
        now=NOW,
        application=application,
        vote=REFUSED,
        explanation="可以送学上门",
        is_unrelated=True,
    )
    application.refresh_from_db()
    assert (application.state, application.explanation) == (State.DECLINED, "可以送学上门")
    assert not Exemption.objects.exists()
    with pytest.raises(ExemptionRefused, match="已被决定"):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    assert not Exemption.objects.exists()
    assert apply(cast).state == State.WAITING


def test_one_application_waits_at_a_time_and_can_be_taken_back_by_oneself_alone(cast: Cast) -> None:
    application = apply(cast)
    with pytest.raises(ExemptionRefused, match="撤回"):
        apply(cast)
    for actor in (cast.secretary_a, cast.member_user_b, cast.outsider):
        with pytest.raises(PermissionDenied):
            withdraw_application(actor=actor, now=NOW, application=application)
    withdraw_application(actor=cast.member_user_a, now=NOW, application=application)
    with pytest.raises(ExemptionRefused):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    assert apply(cast).state == State.WAITING


def test_what_cannot_be_applied_for(cast: Cast) -> None:
    with pytest.raises(MissingReason):
        apply(cast, text="")
    with pytest.raises(PermissionDenied):
        apply_for_exemption(actor=cast.outsider, now=NOW, ground=Ground.AGE, text="")
    gone = make_user("gone", name="王五", town=cast.town, member=cast.left_a)
    with pytest.raises(NotOnRoster):
        apply_for_exemption(actor=gone, now=NOW, ground=Ground.AGE, text="")
    with pytest.raises(ExemptionRefused, match="75"):  # D15: 56 on the day of the application
        apply(cast, Ground.AGE, "")
    assert not ExemptionApplication.objects.exists()


def test_the_vote_says_what_is_entered(cast: Cast) -> None:
    application = apply(cast)
    with pytest.raises(ExemptionRefused, match="过半"):
        grant_application(actor=cast.secretary_a, now=NOW, application=application, vote=REFUSED, is_unrelated=True)
    with pytest.raises(ExemptionRefused, match="过半"):
        decline_application(
            actor=cast.secretary_a,
            now=NOW,
            application=application,
            vote=vote_on(TODAY),
            explanation="不同意",
            is_unrelated=True,
        )
    application.refresh_from_db()
    assert (application.state, Exemption.objects.count()) == (State.WAITING, 0)


def test_who_decides(cast: Cast) -> None:
    application = apply(cast)
    for actor in (cast.recorder_a, cast.committee_a, cast.secretary_b, cast.supervisor, cast.member_user_a):
        with pytest.raises(PermissionDenied):
            decline_application(
                actor=actor, now=NOW, application=application, vote=REFUSED, explanation="不同意", is_unrelated=True
            )
        # Whose own case it is hears that first, whatever their role.
        with pytest.raises(NotAllowed if actor == cast.member_user_a else PermissionDenied):
            grant_application(actor=actor, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True)
    cast.secretary_a.member = cast.member_a
    with pytest.raises(NotAllowed):
        decline_application(
            actor=cast.secretary_a,
            now=NOW,
            application=application,
            vote=REFUSED,
            explanation="不同意",
            is_unrelated=True,
        )
    with pytest.raises(NotAllowed):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    application.refresh_from_db()
    assert (application.state, Exemption.objects.count()) == (State.WAITING, 0)


# Whose hand it is (D18)


def test_who_was_just_given_a_password_applies_on_paper(cast: Cast) -> None:
    replace_password(cast.member_user_a, by=cast.staff, now=NOW - timedelta(days=30))
    with pytest.raises(PaperMissing, match="30天"):
        apply(cast)
    assert not ExemptionApplication.objects.exists()
    assert apply_on_paper(actor=cast.secretary_a, now=NOW, member=cast.member_a).state == State.WAITING


def test_a_password_given_longer_ago_is_the_members_own(cast: Cast) -> None:
    replace_password(cast.member_user_a, by=cast.staff, now=NOW - timedelta(days=31))
    application = apply(cast)
    assert grant_application(
        actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
    ).pk


def test_whoever_holds_a_login_slip_applies_in_nobodys_name(cast: Cast) -> None:
    """X2: the recorder makes a slip, chooses a password with it and files."""
    cast.member_user_a.set_unusable_password()
    cast.member_user_a.save()
    (slip,) = issue_login_codes(
        actor=cast.recorder_a, now=NOW - timedelta(days=2), branch=cast.branch_a, member_ids=[cast.member_a.pk]
    )
    with pytest.raises(PaperMissing):
        apply(cast)
    code = find_login_code(now=NOW, code=slip.code)
    choose_first_password(now=NOW, login_code=code, password="a-stranger-chose-it-2026")
    cast.member_user_a.refresh_from_db()
    with pytest.raises(PaperMissing):
        apply(cast)
    assert not ExemptionApplication.objects.exists()


def test_nothing_is_decided_on_an_account_that_was_reset_since(cast: Cast) -> None:
    application = apply(cast)
    replace_password(cast.member_user_a, by=cast.staff, now=NOW + timedelta(minutes=1))
    with pytest.raises(PaperMissing, match="重新"):
        grant_application(
            actor=cast.secretary_a, now=NOW, application=application, vote=vote_on(TODAY), is_unrelated=True
        )
    with pytest.raises(PaperMissing, match="重新"):
        decline_application(
            actor=cast.secretary_a,
            now=NOW,
            application=application,
            vote=REFUSED,
            explanation="不同意",
            is_unrelated=True,
        )
    application.refresh_from_db()
    assert (application.state, Exemption.objects.count()) == (State.WAITING, 0)


def test_the_signed_paper_takes_the_place_of_a_doubtful_application_alone(cast: Cast) -> None:
    application = apply(cast)
    with pytest.raises(ExemptionRefused, match="撤回"):
        apply_on_paper(actor=cast.staff, now=NOW, member=cast.member_a)
    replace_password(cast.member_user_a, by=cast.staff, now=NOW + timedelta(minutes=1))
    signed = apply_on_paper(actor=cast.staff, now=NOW + timedelta(minutes=2), member=cast.member_a)
    application.refresh_from_db()
    assert (application.state, signed.state) == (State.WITHDRAWN, State.WAITING)
    entry = AuditEntry.objects.get(verb="replace_application")
    assert (entry.actor, entry.object_id) == (cast.staff, str(application.uuid))
    assert grant_application(
        actor=cast.secretary_a, now=NOW, application=signed, vote=vote_on(TODAY), is_unrelated=True
    ).pk
