"""Exemption in the workbench: the signed application entered, what it takes shown, the vote entered (2.1, D15)."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest
from django.test import Client

from members.models import Exemption, ExemptionApplication, Notification
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import TODAY, make_batch, make_event
from tests.members.evidence.uploads import picture
from tests.pages import browse
from tests.scoring_site.screens import get

pytestmark = pytest.mark.django_db
ENTER = "/workbench/members/exemptionapplication/enter/{}/"
ROW = "/workbench/members/exemptionapplication/{}/{}/"
NUMBERS = {"expected": "3", "present": "3", "in_favour": "3", "against": "0", "abstained": "0"}
VOTE = {"decided_on": f"{TODAY}", "is_unrelated": "on", **NUMBERS}


@pytest.fixture(autouse=True)
def at_noon(clock: FrozenClock) -> FrozenClock:
    return clock


def enter(cast: Cast, **fields: object) -> ExemptionApplication:
    """By the town's staff: who decides is another."""
    values = {"ground": "unable", "applied_on": f"{TODAY}", "text": "腿脚不便", "scan": picture()}
    answer = browse(cast.staff).post(ENTER.format(cast.member_a.pk), values | fields)
    assert answer.status_code == 302, answer.content.decode()
    return ExemptionApplication.objects.get()


def test_paper_is_entered_with_its_scan_and_decided_after_what_it_takes_was_shown(client: Client, cast: Cast) -> None:
    make_event(make_batch(cast.recorder_a, cast.town, cast.branch_a), cast.member_a, period="2026-03")
    client.force_login(cast.secretary_a)
    assert (
        ENTER.format(cast.member_a.pk)
        in client.get(f"/workbench/members/member/{cast.member_a.pk}/change/").content.decode()
    )
    application = enter(cast, wanted_from="2026-03-01")
    assert client.get(ROW.format(application.pk, "scan"))["Content-Type"] == "image/jpeg"
    assert "签名申请书扫描件" in client.get(ROW.format(application.pk, "change")).content.decode()

    where = ROW.format(application.pk, "grant")
    page = client.get(where).content.decode()
    assert f"自{TODAY}起不再计入的内容" in page
    assert "<b>2026年</b>：不再有年度积分" in page
    assert "交纳党费 × 1" in page
    # Decided on another day than the page reckoned with: shown anew, nothing is written.
    earlier = client.post(where, VOTE | {"decided_on": "2026-03-14", "seen": f"{TODAY}"})
    assert earlier.status_code == 200
    assert not Exemption.objects.exists()
    assert 'value="2026-03-14"' in earlier.content.decode()
    seen = earlier.context["form"]["seen"].value()
    # The application is of today, so nobody can have decided about it the day before.
    assert "应先由本人申请" in client.post(where, VOTE | {"decided_on": "2026-03-14", "seen": seen}).content.decode()
    unticked = client.post(where, VOTE | {"seen": f"{TODAY}", "is_unrelated": ""})
    assert list(unticked.context["form"].errors) == ["is_unrelated"]
    assert client.post(where, VOTE | {"seen": f"{TODAY}"}).status_code == 302
    assert Exemption.objects.get().from_date == TODAY


def test_the_approval_form_is_printed_from_the_application(client: Client, cast: Cast) -> None:
    application = enter(cast)
    client.force_login(cast.secretary_a)
    where = ROW.format(application.pk, "form.pdf").rstrip("/")
    assert where in client.get(ROW.format(application.pk, "change")).content.decode()
    answer = client.get(where)
    assert answer["Content-Type"] == "application/pdf"
    assert unquote(answer["Content-Disposition"]).endswith(f"一支部-2026年-不实行积分制审批表-{application.pk}.pdf")
    ExemptionApplication.objects.update(state="withdrawn")
    assert where not in client.get(ROW.format(application.pk, "change")).content.decode()
    assert "该申请已撤回，无需审批" in client.get(where, follow=True).content.decode()


def test_without_a_scan_nothing_is_entered(client: Client, cast: Cast) -> None:
    client.force_login(cast.secretary_a)
    values = {"ground": "unable", "applied_on": f"{TODAY}", "text": "腿脚不便"}
    answer = client.post(ENTER.format(cast.member_a.pk), values)
    assert "请附上本人签名申请书" in answer.content.decode()
    assert "腿脚不便" in answer.content.decode()
    assert not ExemptionApplication.objects.exists()


def test_what_is_to_come_takes_nothing_of_this_year(client: Client, cast: Cast, clock: FrozenClock) -> None:
    client.force_login(cast.secretary_a)
    application = enter(cast, wanted_from="2027-01-01")
    page = client.get(ROW.format(application.pk, "grant")).content.decode()
    assert "目前已登记的内容不受影响" in page
    answer = client.post(ROW.format(application.pk, "grant"), VOTE | {"seen": "2027-01-01"})
    assert answer.status_code == 302
    assert Exemption.objects.get().from_date == date(2027, 1, 1)


def test_nobody_exempts_a_member_from_a_year_that_is_over(client: Client, cast: Cast) -> None:
    """P3, as it was seen: effective ten months before its decision, without paper or message, it wiped a year."""
    make_event(
        make_batch(cast.recorder_a, cast.town, cast.branch_a),
        cast.member_a,
        period="2025-05",
        date=date(2025, 5, 10),
        year=2025,
    )
    secretary, ten_months_ago = browse(cast.secretary_a), "2025-05-15"
    values = {"ground": "unable", "applied_on": f"{TODAY}", "wanted_from": ten_months_ago}
    refused = secretary.post(ENTER.format(cast.member_a.pk), values)
    assert refused.context["form"].non_field_errors() == ["请附上本人签名申请书的扫描件或照片。"]
    assert not ExemptionApplication.objects.exists()

    # With the paper it may name that day, but its member is told, and one officer alone decides nothing.
    assert secretary.post(ENTER.format(cast.member_a.pk), values | {"scan": picture()}).status_code == 302
    grant = ROW.format(ExemptionApplication.objects.get().pk, "grant")
    told = Notification.objects.filter(user=cast.member_user_a)
    assert list(told.values_list("kind", flat=True)) == ["exemption_entered"]
    alone = secretary.post(grant, VOTE | {"seen": f"{TODAY}"})
    assert "由您本人录入" in str(alone.context["form"].non_field_errors())

    # Decided by another it counts from the decision on, whatever the form is made to send, and the page says so first.
    staff = browse(cast.staff)
    assert f"自{TODAY}起不再计入的内容" in staff.get(grant).content.decode()
    for form in (VOTE | {"seen": ten_months_ago}, VOTE | {"seen": ten_months_ago, "decided_on": ten_months_ago}):
        assert staff.post(grant, form).status_code == 200
    assert not Exemption.objects.exists()
    assert staff.post(grant, VOTE | {"seen": f"{TODAY}"}).status_code == 302
    assert Exemption.objects.get().from_date == TODAY
    assert "1.0 分" in get(client, cast.member_user_a, "/?year=2025")
