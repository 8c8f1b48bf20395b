"""Changing the roster on the correction's screen, where it reaches a final year (D10, D15, D16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Exemption, ExemptionApplication, Member, Membership, User
from points.models import Correction, Review
from publicity.models import EnteredCorrection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.exemptions import apply_on_paper
from tests.pages import browse
from tests.points.half_stages import JANUARY, bring_to, line_of, score_of

pytestmark = pytest.mark.django_db
AFTER = JANUARY + timedelta(days=20)


@pytest.fixture
def second(cast: Cast, clock: FrozenClock, client: Client) -> Review:
    """The second half of a final year; the town's staff are logged in, twenty days later."""
    bring_to(cast, "final")
    review = bring_to(cast, "final", half="H2")
    clock.now = AFTER
    client.force_login(cast.staff)
    return review


def address(review: Review, member: Member) -> str:
    return f"{reverse('workbench:points_correction_new', args=[review.pk])}?member={member.pk}"


VOTE = {"expected": "5", "present": "4", "in_favour": "3", "against": "0", "abstained": "1"}


def given(**roster: Any) -> dict[str, Any]:
    decision = {"decided_on": AFTER.date(), "reason": "上级文件送达后更正", "token": uuid4()}
    meeting = {"expected": "3", "present": "3", "minutes": "核对文件，一致同意更正。", "is_unrelated": "on"}
    return decision | meeting | {f"roster-{name}": value for name, value in roster.items()}


def enter(client: Client, where: str, values: dict[str, Any]) -> EnteredCorrection:
    """Look at the figures, then enter them; nothing is changed by it."""
    before = Correction.objects.count()
    seen = client.post(where, values).context["seen"]
    saved = client.post(where, values | {"seen": seen, "save": "1"})
    entered = EnteredCorrection.objects.get(settled_at__isnull=True)
    assert saved["Location"] == reverse("workbench:publicity_enteredcorrection_change", args=[entered.pk])
    assert Correction.objects.count() == before
    return entered


def review(who: User, entered: EnteredCorrection) -> Correction:
    """Another officer looks at it, and it takes effect (复核)."""
    address = reverse("workbench:publicity_enteredcorrection_review", args=[entered.pk])
    reviewed = browse(who).post(address, {"is_unrelated": "on"})
    correction = Correction.objects.latest("pk")
    assert reviewed["Location"] == reverse("workbench:points_correction_change", args=[correction.pk])
    return correction


def apply(cast: Cast, member: Member, **fields: Any) -> None:
    apply_on_paper(actor=cast.staff, now=AFTER, member=member, applied_on=date(2025, 11, 1), **fields)


def test_a_suspension_is_shown_and_saved(cast: Cast, second: Review, client: Client) -> None:
    values = given(kind="move", why="suspended", branch="", from_date="2025-11-10")
    shown = client.post(address(second, cast.member_a), values)
    (line,) = shown.context["revised"]
    assert ("计分月数", "12", "10") in line.figures
    assert not Correction.objects.exists()
    assert cast.member_a.memberships.count() == 1
    entered = enter(client, address(second, cast.member_a), values)
    assert cast.member_a.memberships.count() == 1
    correction = review(cast.committee_a, entered)
    row = Membership.objects.get(member=cast.member_a, branch=None)
    assert (row.from_date, row.why) == (date(2025, 11, 10), "suspended")
    assert (line_of(second, cast.member_a).revision, correction.consent_by) == (2, cast.staff)
    page = client.get(reverse("workbench:points_correction_change", args=[correction.pk]))
    assert "计分月数" in page.content.decode()
    assert Review.objects.get(pk=second.pk).state == "published"


def test_an_exemption_and_then_its_end(cast: Cast, second: Review, client: Client) -> None:
    where = address(second, cast.member_a)
    page = client.get(where)
    assert [kind for kind, _label in page.context["roster_form"].fields["kind"].choices] == ["", "move"]
    apply(cast, cast.member_a, wanted_from=date(2025, 11, 10))
    values = given(kind="exempt", decided_on="2025-11-05", **VOTE)
    entered = enter(client, where, values)
    assert not Exemption.objects.exists()
    review(cast.committee_a, entered)
    exemption = Exemption.objects.get()
    assert (exemption.from_date, exemption.ended_on) == (date(2025, 11, 10), None)
    assert exemption.decided_on == date(2025, 11, 5)
    assert ExemptionApplication.objects.get().state == ExemptionApplication.State.GRANTED
    page = client.get(where)
    assert [kind for kind, _label in page.context["roster_form"].fields["kind"].choices] == ["", "move", "end"]
    values = given(kind="end", from_date="2025-12-01")
    review(cast.committee_a, enter(client, where, values))
    exemption.refresh_from_db()
    assert exemption.ended_on == date(2025, 12, 1)
    assert score_of(second, cast.member_a).months_in_scope == (*range(1, 11), 12)


@pytest.mark.parametrize(
    ("roster", "wrong"),
    [
        ({"why": "suspended", "from_date": "2025-11-10"}, "kind"),
        ({"kind": "move", "from_date": "2025-11-10"}, "why"),
        ({"kind": "move", "why": "suspended"}, "from_date"),
        ({"kind": "exempt", "decided_on": "2025-11-05", **VOTE, "in_favour": ""}, "in_favour"),
        ({"kind": "end", "from_date": "2025-11-10"}, "kind"),
    ],
)
def test_half_a_change_is_refused_and_kept(
    cast: Cast, second: Review, client: Client, roster: dict[str, str], wrong: str
) -> None:
    apply(cast, cast.member_a)
    answer = client.post(address(second, cast.member_a), given(**roster))
    assert list(answer.context["roster_form"].errors) == [wrong]
    assert answer.context["roster_form"]["from_date"].value() == roster.get("from_date")
    assert "上级文件送达后更正" in answer.content.decode()


def test_a_refusal_says_where_to_correct(cast: Cast, second: Review, client: Client) -> None:
    values = given(kind="move", why="suspended", from_date="2025-05-10")
    answer = client.post(address(second, cast.member_a), values)
    assert "上半年" in answer.context["form"].non_field_errors()[0]
    assert cast.member_a.memberships.count() == 1


def test_moves_are_the_towns_and_nobody_exempts_themselves(cast: Cast, second: Review, client: Client) -> None:
    member = cast.members_a[1]
    apply(cast, member)
    client.force_login(cast.secretary_a)

    def offered(whose: Member) -> list[str]:
        form = client.get(address(second, whose)).context["roster_form"]
        return [kind for kind, _label in form.fields["kind"].choices]

    move = given(kind="move", why="suspended", from_date="2025-11-10")
    assert offered(member) == ["", "exempt"]
    assert offered(cast.member_a) == [""]
    assert "名册变动" not in client.get(address(second, cast.member_a)).content.decode()
    for whose in (member, cast.member_a):
        answer = client.post(address(second, whose), move)
        assert "kind" in answer.context["roster_form"].errors
    cast.secretary_a.member = member
    cast.secretary_a.save()
    exempt = given(kind="exempt", decided_on="2026-01-10", **VOTE)
    # Their own line is not shown to them for correcting at all (D10).
    assert client.get(address(second, member)).status_code == 403
    for values in (move, exempt):
        assert client.post(address(second, member), values).status_code == 403
    assert not EnteredCorrection.objects.exists()
