"""积分档案 (3.1): totals line by line, voids in place, what a reader may see, and voiding several records at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from members.models import Exemption
from points.models import PointEvent
from points.records.voiding import void_event
from points.scoring.adoption import rulebook_for
from points.scoring.archive import Archive, Key, read_archive
from tests.cast import Cast
from tests.exemptions import exempt_member
from tests.factories import NOW, TODAY, make_batch, make_event
from tests.work import count_queries
from veto.models import Deduction

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def incentive(cast: Cast, points: int, day: date, *, led: bool = False) -> PointEvent:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    return make_event(batch, cast.member_a, item="volunteering", period="", points=points, led=led, date=day)


def dues(cast: Cast, month: str, day: date) -> PointEvent:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    return make_event(batch, cast.member_a, item="dues", period=month, date=day)


def deduct(cast: Cast, day: date, *, confirmed: bool = True) -> Deduction:
    decided = {"decided_on": TODAY, "confirmed_at": NOW, "decided_by": cast.secretary_a} if confirmed else {}
    return Deduction.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=cast.member_a,
        item="gambling",
        date=day,
        particulars="核实材料",
        **decided,
    )


def test_the_total_grows_line_by_line_under_the_caps_and_ends_at_the_annual_score(cast: Cast) -> None:
    first = dues(cast, "2026-01", date(2026, 1, 5))
    second = incentive(cast, 30, date(2026, 1, 10))
    mistaken = incentive(cast, 40, date(2026, 1, 15))
    third = incentive(cast, 30, date(2026, 2, 1))  # 3 + 3, capped at 4
    led = incentive(cast, 20, date(2026, 2, 10), led=True)  # its own points are cut, its doubling counts
    taken = deduct(cast, date(2026, 2, 20))
    deduct(cast, date(2026, 2, 21), confirmed=False)
    void_event(actor=cast.recorder_a, now=NOW, event=mistaken, reason="录错人")
    rulebook = rulebook_for(cast.town, 2026)

    def read() -> Archive:
        return read_archive(cast.member_a, rulebook=rulebook, year=2026, reader=cast.recorder_a, on=TODAY)

    archive = read()
    assert [(line.event.pk, line.total) for line in archive.lines] == [
        (first.pk, 10),
        (second.pk, 40),
        (mistaken.pk, None),
        (third.pk, 50),
        (led.pk, 70),
    ]
    assert archive.findings == {Key("deduction", taken.pk): 20}
    assert archive.total == 20
    few = count_queries(read)
    for number in range(3, 13):
        dues(cast, f"2026-{number:02}", date(2026, 3, 1))
    assert count_queries(read) == few


def test_the_page_shows_voids_filters_and_keeps_findings_from_those_who_may_not_know(
    client: Client, cast: Cast
) -> None:
    dues(cast, "2026-01", date(2026, 1, 5))
    mistaken = incentive(cast, 40, date(2026, 1, 15))
    void_event(actor=cast.recorder_a, now=NOW, event=mistaken, reason="录错人了")
    finding = deduct(cast, date(2026, 2, 20))
    url = f"/workbench/archive/{cast.member_a.pk}/2026/"
    client.force_login(cast.secretary_a)
    page = client.get(url).content.decode()
    assert "录错人了" in page
    assert 'class="wb-void"' in page
    assert "−5.0" in page
    assert "核实材料" not in page
    assert "录错人了" not in client.get(f"{url}?state=live").content.decode()
    only = client.get(f"{url}?item=volunteering").content.decode()
    assert "录错人了" in only
    assert "1月" not in only
    assert finding.state == "confirmed"
    client.force_login(cast.committee_a)
    seen = client.get(url).content.decode()
    assert "作废勾选的记录" not in seen
    assert client.get("/workbench/archive/0/2026/").status_code == 404
    assert client.get(f"/workbench/archive/{cast.member_a.pk}/2019/").status_code == 404


def test_the_page_says_what_was_paid_beside_the_record(client: Client, cast: Cast) -> None:
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    event = make_event(batch, cast.member_a, due_fen=500, paid_fen=500, paid_by="李娜", note="现金")
    client.force_login(cast.recorder_a)
    said = "现金，应交5.00元，实交5.00元，由李娜代交"
    for url in (
        f"/workbench/archive/{cast.member_a.pk}/2026/",
        f"/workbench/archive/{cast.member_a.pk}/2026/void/?event={event.pk}",
        f"/workbench/members/member/{cast.member_a.pk}/change/?year=2026",
        f"/workbench/members/recordbatch/{batch.pk}/change/",
    ):
        assert said in client.get(url).content.decode(), url


def test_several_records_are_voided_for_one_reason_after_being_shown(client: Client, cast: Cast) -> None:
    rows = [dues(cast, "2026-01", date(2026, 1, 5)), incentive(cast, 10, date(2026, 1, 10))]
    kept = incentive(cast, 10, date(2026, 1, 11))
    strange = make_event(make_batch(cast.recorder_b, cast.town, cast.branch_b), cast.member_b)
    url = f"/workbench/archive/{cast.member_a.pk}/2026/void/"
    query = "?" + "&".join(f"event={row.pk}" for row in [*rows, strange])
    client.force_login(cast.recorder_a)
    shown = client.get(url + query).content.decode()
    assert "2026-01-05" in shown
    assert "2026-01-10" in shown
    assert "2026-01-11" not in shown
    assert "没有选择记录" in client.get(url).content.decode()
    assert client.post(url, {"reason": "没有选"}).status_code == 200
    assert "原因" in client.post(url + query, {"reason": " "}).content.decode()
    assert PointEvent.objects.voided().count() == 0
    assert client.post(url + query, {"reason": "重复录入"}).status_code == 302
    assert set(PointEvent.objects.filter(void_reason="重复录入")) == set(rows)
    kept.refresh_from_db()
    strange.refresh_from_db()
    assert not kept.is_void
    assert not strange.is_void


def test_a_year_that_is_not_scored_has_no_total(cast: Cast) -> None:
    exempt_member(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        ground=Exemption.Ground.UNABLE,
        applied_on=TODAY,
        decided_on=TODAY,
        from_date=TODAY,
    )
    rulebook = rulebook_for(cast.town, 2026)
    archive = read_archive(cast.member_a, rulebook=rulebook, year=2026, reader=cast.recorder_a, on=TODAY)
    assert archive.total is None
