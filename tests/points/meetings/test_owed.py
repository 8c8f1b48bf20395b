"""What is still to be recorded, as computed from the ledger, and how the home page says it."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

from django.test import Client
from django.urls import reverse

from members.models import Exemption, ExemptionApplication, Membership, User
from points.meetings.holding import record_meeting
from points.meetings.owed import read_meetings_without_attendance, read_owed_months
from points.models import Attendance, Claim, Draft
from points.records.recording import record_events
from points.records.voiding import void_attendance
from points.reviews.dates import set_review_dates
from scoring_site.workbench.tasks import read_tasks
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, base_entry, make_batch, make_event, make_member
from tests.points.half_stages import JULY, bring_to
from tests.scoring_site.screens import visible
from tests.work import count_queries
from veto.deciding import propose_deduction

Status = Attendance.Status


def owed(cast: Cast, on: date = TODAY) -> dict[str, dict[str, tuple[str, ...]]]:
    """Month (or year) to item to names, for branch A."""
    return {
        line.month or f"{line.year}/{line.owed[0].item.code}": {entry.item.code: entry.names for entry in line.owed}
        for line in read_owed_months([cast.branch_a], on=on)
    }


def close_2025(cast: Cast) -> None:
    bring_to(cast, "approved")
    bring_to(cast, "submitted", half="H2")


ALL = ("张伟", "李娜", "曾国华")


def test_a_month_is_owed_once_it_has_begun_and_a_quarter_in_its_last_month(cast: Cast) -> None:
    close_2025(cast)
    assert owed(cast, date(2026, 1, 1)) == {"2026-01": {"dues": ALL, "party_day": ALL}}
    assert set(owed(cast, date(2026, 2, 28))) == {"2026-01", "2026-02"}
    march = owed(cast, date(2026, 3, 1))
    assert march["2026-03"] == {"dues": ALL, "party_day": ALL, "lecture": ALL, "assembly": ALL}
    assert "life_meeting" in owed(cast, date(2026, 6, 1))["2026-06"]


def test_the_years_items_are_owed_in_december_each_by_itself(cast: Cast) -> None:
    close_2025(cast)
    december = owed(cast, date(2026, 12, 1))
    assert {key for key in december if "/" in key} == {"2026/appraisal", "2026/pledge"}
    assert not {key for key in owed(cast, date(2026, 11, 30)) if "/" in key}


def test_what_is_recorded_excused_or_absent_is_not_owed(cast: Cast) -> None:
    close_2025(cast)
    zhang, li, _zeng = cast.members_a
    entries = [base_entry(member, "dues", "2026-01") for member in (zhang, li)]
    record_events(actor=cast.recorder_a, now=NOW, town=cast.town, entries=entries)
    meeting = record_meeting(
        actor=cast.recorder_a,
        now=NOW,
        branch=cast.branch_a,
        held_on=date(2026, 1, 9),
        kinds=[("party_day", "2026-01")],
        statuses={zhang.pk: Status.ATTENDED, li.pk: Status.EXCUSED},
    )
    assert owed(cast)["2026-01"] == {"dues": ("曾国华",), "party_day": ("曾国华",)}
    void_attendance(actor=cast.recorder_a, now=NOW, attendance=meeting.attendances.get(member=li), reason="登记错了")
    assert owed(cast)["2026-01"]["party_day"] == ("李娜", "曾国华")


def test_nobody_out_of_the_scheme_is_owed_for(cast: Cast) -> None:
    close_2025(cast)
    Exemption.objects.create(
        member=cast.members_a[2], ground="age", applied_on=TODAY, decided_on=TODAY, from_date=date(2026, 2, 1)
    )
    make_member(cast.branch_a, "新党员", since=date(2026, 3, 1), why=Membership.Why.ADMITTED)
    found = owed(cast)
    assert found["2026-01"]["dues"] == ALL
    assert found["2026-02"]["dues"] == ("张伟", "李娜")
    assert found["2026-03"]["dues"] == ("张伟", "李娜", "新党员")


def test_a_half_that_was_handed_in_is_not_owed(cast: Cast) -> None:
    assert "2025-01" in owed(cast)
    bring_to(cast, "submitted")
    found = owed(cast)
    assert not [month for month in found if month.startswith("2025-0") and month <= "2025-06"]
    assert "2025-07" in found


def test_the_lines_name_few_and_count_many(cast: Cast) -> None:
    close_2025(cast)
    lines = read_owed_months([cast.branch_a], on=date(2026, 1, 5))
    assert lines[0].shown == "2026年1月：交纳党费缺张伟、李娜、曾国华；党员活动日缺张伟、李娜、曾国华"
    make_member(cast.branch_a, "第四人")
    lines = read_owed_months([cast.branch_a], on=date(2026, 1, 5))
    assert lines[0].shown == "2026年1月：交纳党费缺4人；党员活动日尚未登记（4人）"
    assert (lines[0].days_left(date(2026, 1, 5)), lines[0].days_left(date(2026, 2, 1))) == (26, -1)


def test_meetings_without_attendance(cast: Cast) -> None:
    meeting = record_meeting(
        actor=cast.recorder_a, now=NOW, branch=cast.branch_a, held_on=TODAY, kinds=[("lecture", "2026Q1")], statuses={}
    )
    since = date(2026, 1, 1)
    assert read_meetings_without_attendance([cast.branch_a], since=since) == [meeting]
    assert read_meetings_without_attendance([cast.branch_b], since=since) == []
    texts = [task.text for task in read_tasks(cast.recorder_a, on=TODAY)]
    assert [text for text in texts if "还没有参加情况" in text] == ["一支部 2026-03-15还没有参加情况"]


# The home page


def home(client: Client, cast: Cast, who: str = "recorder_a") -> tuple[str, str]:
    """The home page's text, and its HTML."""
    client.force_login(getattr(cast, who))
    response = client.get(reverse("workbench:index"))
    return visible(response), response.content.decode()


def test_the_home_page_leads_to_the_screen_of_each_line(cast: Cast, client: Client) -> None:
    close_2025(cast)
    _text, html = home(client, cast)
    links = re.findall(r'href="([^"]*)"[^>]*><span>(2026年\d月：[^<]*)<', html)
    month = reverse("workbench:month")
    assert [unescape(link) for link, _words in links] == [
        f"{month}?branch={cast.branch_a.pk}&month=2026-0{number}" for number in (1, 2, 3)
    ]
    for link, _words in links:
        assert client.get(unescape(link)).status_code == 200


def test_the_most_urgent_comes_first(cast: Cast) -> None:
    close_2025(cast)
    orders = [task.order for task in read_tasks(cast.recorder_a, on=TODAY)]
    assert orders == sorted(orders)
    tasks = [task for task in read_tasks(cast.recorder_a, on=TODAY) if "2026年" in task.text]
    assert [(task.text[:7], task.is_late) for task in tasks] == [
        ("2026年1月", True),
        ("2026年2月", True),
        ("2026年3月", False),
    ]


def test_the_days_left_to_submit_the_half_are_said(cast: Cast) -> None:
    set_review_dates(
        actor=cast.staff,
        now=NOW,
        town=cast.town,
        year=2025,
        half="H2",
        submit_by=date(2026, 3, 20),
        approve_by=date(2026, 3, 25),
        post_by=date(2026, 3, 30),
    )
    texts = [task.text for task in read_tasks(cast.recorder_a, on=TODAY)]
    assert any("一支部 2025年下半年" in text and "还有5天" in text for text in texts), texts


def test_findings_wait_with_a_number_and_without_a_ground(cast: Cast, client: Client) -> None:  # D21
    propose_deduction(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        item="gambling",
        date=TODAY,
        particulars="核实情况",
        papers="派出所2026年3月12日情况说明",
    )
    text, _html = home(client, cast)
    assert "扣分1件待告知本人（今天起）" in text
    assert "赌" not in text
    assert "张伟的扣分" not in text


def test_applications_for_exemption_wait_for_who_decides(cast: Cast, client: Client) -> None:
    ExemptionApplication.objects.create(member=cast.member_a, ground="unable", applied_on=TODAY, at=NOW)
    assert "不实行积分制申请1件待决定" in home(client, cast, "secretary_a")[0]
    assert "申请1件" not in home(client, cast)[0]
    assert "申请1件" not in home(client, cast, "secretary_b")[0]


def test_claims_and_drafts_wait_for_the_recorder(cast: Cast, client: Client) -> None:
    Claim.objects.create(member=cast.member_a, item="volunteering", date=TODAY, deed="清扫", filed_at=NOW)
    Draft.objects.create(branch=cast.branch_a, kind="events", payload={}, made_by=cast.committee_a, made_at=NOW)
    own = make_member(cast.branch_a, "记录人")  # whose claim somebody else answers
    User.objects.filter(pk=cast.recorder_a.pk).update(member=own)
    cast.recorder_a.refresh_from_db()
    Claim.objects.create(member=own, item="volunteering", date=TODAY, deed="清扫", filed_at=NOW)
    links = {task.text: task.url for task in read_tasks(cast.recorder_a, on=TODAY)}
    client.force_login(cast.recorder_a)
    for text in ("积分申报1件待答复（今天起）", "草稿1件待确认（今天起）"):
        assert client.get(links[text]).status_code == 200
    for user in (cast.recorder_b, cast.committee_a):
        assert not [task for task in read_tasks(user, on=TODAY) if "待答复" in task.text or "待确认" in task.text]


def test_nothing_due_says_so(cast: Cast, client: Client) -> None:
    close_2025(cast)
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)
    for member in cast.members_a:
        for month in ("2026-01", "2026-02", "2026-03"):
            make_event(batch, member, "dues", month)
            make_event(batch, member, "party_day", month)
        make_event(batch, member, "lecture", "2026Q1")
        make_event(batch, member, "assembly", "2026Q1")
    assert read_tasks(cast.recorder_a, on=TODAY) == []
    assert "没有待办事项。" in home(client, cast)[0]


def test_a_branch_reads_only_its_own(cast: Cast) -> None:
    assert {line.branch for line in read_owed_months([cast.branch_b], on=TODAY)} == {cast.branch_b}
    for user in (cast.committee_a, cast.supervisor, cast.staff):
        assert not [task for task in read_tasks(user, on=TODAY) if "交纳党费" in task.text]


def test_what_is_owed_costs_the_same_queries_for_6_and_60(cast: Cast, clock: FrozenClock) -> None:
    clock.now = JULY
    batch = make_batch(cast.recorder_a, cast.town, cast.branch_a)

    def grow(more: int) -> None:
        for number in range(more):
            make_event(batch, make_member(cast.branch_a, f"党员{number}"), "dues", "2026-01")

    def cost() -> int:
        assert len(read_owed_months([cast.branch_a], on=TODAY)) > 3
        return count_queries(lambda: read_owed_months([cast.branch_a], on=TODAY))

    grow(3)
    few = cost()
    grow(54)
    assert cost() == few
