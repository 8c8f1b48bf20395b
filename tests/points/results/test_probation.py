"""A veto or a failing year of who is on probation reminds the branch, and concludes nothing (预备期, D18)."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

from django.urls import reverse

from members.models import Member, Membership, User
from points.results.probation import read_probation_reminders
from points.roster.moves import change_membership
from scoring_site.workbench.tasks import read_tasks
from tests.cast import Cast
from tests.factories import NOW, TODAY
from tests.pages import browse
from tests.points.half_stages import JANUARY
from tests.points.results.finished_year import earn, finish
from tests.veto.hearings import confirm, hear, revoke
from tests.work import count_queries
from veto.deciding import propose_veto
from veto.models import VetoRecord

ASKED = "请按规定研究其预备期问题（提示，不作结论）"


def on_probation(*members: Member, **values: object) -> None:
    given = values or {"category": "probationary"}
    Member.objects.filter(pk__in=[member.pk for member in members]).update(**given)


def vetoed(cast: Cast, member: Member) -> VetoRecord:
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=member,
        ground="disrepute",
        date=TODAY,
        particulars="当场查实",
        papers="上级认定",
    )
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY)
    return veto


def reminded(user: User, on: date = TODAY) -> dict[str, str]:
    tasks = read_tasks(User.objects.get(pk=user.pk), on=on)
    return {task.text: task.url for task in tasks if "预备期" in task.text}


def test_a_confirmed_veto_reminds_the_secretary_alone(cast: Cast) -> None:
    on_probation(cast.member_a)
    veto = vetoed(cast, cast.member_a)
    assert reminded(cast.secretary_a) == {}  # nothing is decided yet
    confirm(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    address = reverse("workbench:veto_vetorecord_change", args=[veto.pk])
    assert reminded(cast.secretary_a) == {f"张伟为预备党员，2026年度被一票否决，{ASKED}": address}
    for user in (cast.recorder_a, cast.committee_a, cast.staff, cast.secretary_b, cast.supervisor):
        assert reminded(user) == {}
    assert ASKED in browse(cast.secretary_a).get(reverse("workbench:index")).content.decode()
    assert "预备期问题" in browse(cast.secretary_a).get(urlsplit(address).path).content.decode()
    revoke(actor=cast.secretary_a, now=NOW, finding=veto, reason="证据有误")
    assert reminded(cast.secretary_a) == {}


def test_it_ends_with_the_probation_or_with_the_leaving(cast: Cast) -> None:
    on_probation(cast.member_a)
    confirm(actor=cast.secretary_a, now=NOW, finding=vetoed(cast, cast.member_a), decided_on=TODAY)
    on_probation(cast.member_a, category="full", full_since=TODAY + timedelta(days=1))
    assert len(reminded(cast.secretary_a)) == 1  # full from tomorrow on
    assert reminded(cast.secretary_a, TODAY + timedelta(days=1)) == {}
    on_probation(cast.member_a, category="probationary", full_since=None)
    change_membership(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        branch=None,
        from_date=TODAY,
        why=Membership.Why.WITHDRAWN,
    )
    assert reminded(cast.secretary_a) == {}


def test_a_full_member_is_no_case(cast: Cast) -> None:
    confirm(actor=cast.secretary_a, now=NOW, finding=vetoed(cast, cast.member_a), decided_on=TODAY)
    assert reminded(cast.secretary_a) == {}


def test_a_final_year_below_the_pass_mark_reminds_until_the_next_is_over(cast: Cast) -> None:
    """李娜 fails with nothing, 张伟 passes with 60, 曾国华 fails and is a full member."""
    earn(cast, cast.member_a, incentive=0)
    on_probation(*cast.members_a[:2])
    day = JANUARY.date()
    assert reminded(cast.secretary_a, day) == {}
    finish(cast)
    address = reverse("workbench:members_member_change", args=[cast.members_a[1].pk])
    said = f"李娜为预备党员，2025年度积分低于及格线，{ASKED}"
    assert reminded(cast.secretary_a, day + timedelta(days=1)) == {said: address}
    assert [row.veto for row in read_probation_reminders([cast.branch_a.pk], on=day)] == [None]
    assert reminded(cast.secretary_a, date(2027, 1, 1)) == {}


def test_it_costs_the_same_for_three_as_for_one(cast: Cast) -> None:
    finish(cast)
    counts = []
    for members in (cast.members_a[:1], cast.members_a):
        on_probation(*members)
        assert len(read_probation_reminders([cast.branch_a.pk], on=TODAY)) == len(members)
        counts.append(count_queries(lambda: read_probation_reminders([cast.branch_a.pk], on=TODAY)))
    assert counts[0] == counts[1]
