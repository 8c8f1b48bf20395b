"""The demonstration town: made once for this file at a fixed moment, then looked at; no test here changes it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from foundation.id_numbers import check_id_number
from members.access import Action, branches_for, members_for, reach_of
from members.evidence.store import read_picture
from members.models import Appointment, AuditEntry, Branch, Exemption, Member, Membership, RecordBatch, Town, User
from members.models.accounts import DEMONSTRATION_PASSWORD
from members.selectors import branch_on, members_in
from points.integrity.ledger import verify_ledger
from points.meetings.leaves import leaves_to_answer
from points.models import (
    Announcement,
    Attendance,
    Claim,
    Confirmation,
    Meeting,
    MeetingKind,
    PointEvent,
    Review,
    SignIn,
)
from points.rules.periods import first_day, last_day
from points.scoring.scores import ScoredMember, YearStatus
from publicity.models import Objection
from scoring_site.demonstration.accounts import ACCOUNTS
from scoring_site.demonstration.people.roster import invent_people
from scoring_site.demonstration.records.claims import draw_scene
from scoring_site.demonstration.town import TOWN, DemonstrationExists, build_demonstration_town
from tests.points.scoring.scores import score_one, score_town
from tests.scoring_site.demonstration.shown import MOMENT, TODAY, annual, find
from veto.models import Deduction, VetoRecord

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def last_year(town: Town) -> dict[int, ScoredMember]:
    return {scored.member_id: scored for scored in score_town(town, 2025)}


_PARTS_SHOWN = [
    "tireless",
    "gambler",
    "vetoed",
    "fireworks",
    "revoked",
    "newcomer",
    "unable",
    "mover",
    "out_of_touch",
    "office-7",
]


def test_roster_by_the_numbers(town: Town) -> None:
    sizes = {branch.name: members_in([branch.pk], TODAY).count() for branch in town.branches.all()}
    assert sizes == {
        "云岭社区党总支": 0,
        "云岭镇机关党支部": 30,
        "桃源村党支部": 47,
        "石桥村党支部": 39,
        "柳湾村党支部": 33,
        "枫林村党支部": 27,
        "云岭社区第一党支部": 31,
        "云岭社区第二党支部": 23,
        "云岭茶叶专业合作社党支部": 6,
    }
    assert town.members.count() == 239
    assert set(town.branches.filter(parent__name="云岭社区党总支").values_list("name", flat=True)) == {
        "云岭社区第一党支部",
        "云岭社区第二党支部",
    }
    assert town.branches.get(has_committee=False).name == "云岭茶叶专业合作社党支部"


def test_members_claimed_what_they_did(town: Town) -> None:
    claims = Claim.objects.order_by("date", "pk").select_related("event", "member__user")
    assert Counter(claim.state for claim in claims) == {
        "waiting": 3,
        "accepted": 2,
        "returned": 1,
        "rejected": 1,
        "withdrawn": 1,
    }
    assert all(claim.evidence.count() == 1 for claim in claims)
    events = [claim.event for claim in claims if claim.event]
    assert [(event.batch.source, event.points, event.led) for event in events] == [
        ("claim", 5, False),
        ("claim", 5, True),
    ]
    assert draw_scene(1) == draw_scene(1) != draw_scene(2)


def test_photos_and_scans_are_kept_where_the_shown_branch_took_them(town: Town) -> None:
    shown = Review.objects.filter(branch__name="桃源村党支部", approved_at__isnull=False).select_related("notice")
    names = []
    for review in shown:
        board, *others = review.notice.postings.order_by("pk")
        assert [posting.photo for posting in others] == ["", ""]
        closings = [closing.photo for closing in review.notice.closings.all()]
        names += [review.photo, board.photo, *closings]
    names += Objection.objects.filter(via=Objection.Via.PAPER).values_list("scan", flat=True)
    meetings = Confirmation.objects.filter(how=Confirmation.How.MEETING)
    scans = set(meetings.values_list("scan", flat=True))
    assert len(names) == len(set(names)) == 7
    assert len(scans) == len(set(meetings.values_list("line__review", flat=True))) == 8
    for name in (*names, *scans):
        picture = read_picture(name)
        assert picture is not None
        assert len(picture) > 10_000
    assert not Review.objects.exclude(branch__name="桃源村党支部").exclude(photo="").exists()


def test_people_are_plausible_and_invented(town: Town) -> None:
    names = Counter(town.members.values_list("name", flat=True))
    assert {name: count for name, count in names.items() if count > 1} == {"刘建军": 2}
    assert {"阿依努尔·吐尔逊", "向𬭎", "庹㛃"} <= set(names)
    for member in town.members.all():
        number = check_id_number(member.id_number)
        assert number.number.startswith("990101")
        assert (number.birth_date, number.sex) == (member.birth_date, member.sex)
        assert member.phone.startswith("1540000")
        assert member.birth_date is not None
        assert member.joined_on is not None
        assert 18 <= member.joined_on.year - member.birth_date.year <= 41
        assert member.birth_date.year >= 1930
        if member.category == Member.Category.PROBATIONARY:
            assert member.full_since is None
            assert (TODAY - member.joined_on).days <= 365
        else:
            assert member.full_since is not None
            assert member.full_since.year == member.joined_on.year + 1
    assert town.members.filter(category=Member.Category.PROBATIONARY).count() == 2


def test_scores_of_last_year_by_value(last_year: dict[int, ScoredMember]) -> None:
    assert Counter(scored.roster_year.status for scored in last_year.values()) == {
        YearStatus.SCORED: 236,
        YearStatus.EXEMPT: 1,
        YearStatus.LEFT: 2,
    }
    totals = [total for scored in last_year.values() if (total := annual(scored)) is not None]
    assert sum(totals) == 178_840
    bands = Counter(sum(total >= mark for mark in (600, 800, 900)) for total in totals)
    assert bands == {0: 24, 1: 106, 2: 70, 3: 36}


def test_parts_of_last_year_by_value(last_year: dict[int, ScoredMember]) -> None:
    scored = {key: last_year[find(key).pk] for key in _PARTS_SHOWN}
    tireless = scored["tireless"].score
    assert tireless is not None
    assert (tireless.annual.base, tireless.annual.incentive, tireless.annual.total) == (600, 400, 1000)
    assert tireless.annual.incentive_cut > 0
    assert {line.cap for line in tireless.annual.incentive_lines} >= {"awarded_and_lead_caps"}
    vetoed = scored["vetoed"].score
    assert vetoed is not None
    assert (vetoed.annual.total, vetoed.annual.earned_before_veto, vetoed.first_half.total) == (0, 820, 415)
    deducted = {key: each.score.annual.deducted for key, each in scored.items() if each.score}
    assert {key: tenths for key, tenths in deducted.items() if tenths} == {
        "gambler": 50,
        "fireworks": 50,
        "office-7": 50,
    }
    months = {key: each.roster_year.months_in_scope for key, each in scored.items()}
    assert months["newcomer"] == (5, 6, 7, 8, 9, 10, 11, 12)
    assert months["unable"] == (7, 8, 9, 10, 11, 12)
    assert scored["unable"].first_half is None
    assert months["mover"] == tuple(range(1, 13))
    assert annual(scored["out_of_touch"]) == 110


def test_moves_exemptions_and_goodbyes(town: Town) -> None:
    mover = find("mover")
    names = [branch.name for day in ((2025, 8, 31), (2025, 9, 1)) if (branch := branch_on(mover, date(*day)))]
    assert names == ["桃源村党支部", "云岭社区第一党支部"]
    rows = Membership.objects.filter(member__town=town).exclude(why=Membership.Why.REGISTERED)
    assert Counter(rows.values_list("why", flat=True)) == {
        "transferred_in": 1,
        "admitted": 2,
        "moved": 1,
        "deceased": 1,
        "transferred_out": 2,
    }
    exemptions = Exemption.objects.filter(member__town=town).order_by("from_date")
    assert [(row.ground, row.from_date, row.ended_on) for row in exemptions] == [
        ("unable", date(2025, 1, 8), date(2025, 7, 1)),
        ("age", date(2025, 4, 1), None),
    ]
    old = find("old_but_scored")
    assert old.birth_date is not None
    assert TODAY.year - old.birth_date.year > 75
    assert annual(score_one(old, 2025)) is not None


def test_findings_in_every_state(town: Town) -> None:
    deductions = Deduction.objects.filter(member__town=town)
    assert Counter(deduction.state for deduction in deductions) == {
        "confirmed": 3,
        "dismissed": 1,
        "revoked": 1,
        "proposed": 2,
    }
    assert [veto.state for veto in VetoRecord.objects.filter(member__town=town)] == ["confirmed"]
    answers = {deduction.pk: deduction.answered for deduction in deductions}
    assert sum(answer is not None for answer in answers.values()) == 6
    for found in deductions:
        answer = answers[found.pk]
        if answer is not None:
            assert found.notified_on is not None
            assert found.date < found.notified_on < answer.answered_on
    assert answers[deductions.get(member=find("pending")).pk] is None


def test_a_veto_was_let_through_and_decided_by_others_than_who_proposed_it(town: Town) -> None:
    """D18: what the demonstration tells is what the rules allow; the meeting is the one on the notice."""
    veto = VetoRecord.objects.get(member__town=town)
    assert veto.cleared_by == User.objects.get(username="staff")
    assert len({veto.batch.actor_id, veto.cleared_by_id, veto.decided_by_id}) == 3
    assert veto.told is not None
    assert veto.told.meets_at is not None
    assert timezone.localdate(veto.told.meets_at) == veto.decided_on
    assert (veto.expected, veto.present, veto.in_favour, veto.decided_in) == (5, 4, 4, "committee")
    assert veto.decision_given is not None


def test_a_deduction_was_appealed_against_and_upheld(town: Town) -> None:
    found = Deduction.objects.get(member=find("fireworks"))
    assert found.appeal is not None
    assert (found.state, found.appeal.outcome, found.appeal.filed_on) == ("confirmed", "upheld", date(2025, 2, 28))


def test_voided_records_keep_their_reasons(town: Town) -> None:
    voided = PointEvent.objects.voided().filter(member__town=town)
    # one namesake, five of the form entered twice, what one attendance had earned, and the honour of somebody else
    assert Counter(voided.values_list("item", flat=True)) == {
        "governance": 1,
        "volunteering": 5,
        "party_day": 1,
        "commendation": 1,
    }
    assert all(event.void_reason for event in voided)
    assert Attendance.objects.voided().filter(member__town=town).count() == 1
    assert RecordBatch.objects.voided().filter(town=town).count() == 1
    elder, younger = Member.objects.filter(name="刘建军").order_by("birth_date")
    credited = PointEvent.objects.live().filter(note__startswith="村级道路硬化")
    assert [(event.member, event.points, event.led) for event in credited] == [(younger, 20, True)]
    assert PointEvent.objects.filter(member=elder, note__startswith="村级道路硬化").count() == 1


def test_meetings_carry_kinds_and_every_kind_of_attendance(town: Town) -> None:
    kinds: dict[int, set[str]] = defaultdict(set)
    for meeting, item in MeetingKind.objects.filter(meeting__branch__town=town).values_list("meeting", "item"):
        kinds[meeting].add(item)
    assert {"party_day", "assembly", "lecture"} in kinds.values()
    assert {"life_meeting", "appraisal"} in kinds.values()
    assert {"lecture"} in kinds.values()
    statuses = Attendance.objects.filter(member__town=town).values_list("status", flat=True).distinct().order_by()
    assert set(statuses) == set(Attendance.Status) - {Attendance.Status.GUEST}
    held = Meeting.objects.filter(branch__name="枫林村党支部", held_on__year=2025)
    assert sorted({meeting.held_on.month for meeting in held}) == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]


def test_this_year_is_in_progress_with_gaps(town: Town) -> None:
    assert not PointEvent.objects.filter(member__town=town, date__gt=TODAY).exists()
    assert not RecordBatch.objects.filter(town=town, at__gt=MOMENT).exists()
    assert not AuditEntry.objects.filter(town=town, at__gt=MOMENT).exists()
    dues = PointEvent.objects.filter(item="dues", year=2026).values_list("batch__branch__name", "period")
    months: dict[str, set[str]] = defaultdict(set)
    for branch, period in dues:
        months[branch].add(period)
    both = {"2026-01", "2026-02"}
    assert months == {
        "云岭镇机关党支部": both,
        "桃源村党支部": both,
        "石桥村党支部": both,
        "枫林村党支部": both,
        "云岭社区第一党支部": both,
        "云岭社区第二党支部": {"2026-01"},
        "云岭茶叶专业合作社党支部": both,
    }


def test_nobody_earns_while_not_in_the_scheme(town: Town) -> None:
    belongs: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    for member, day, branch in Membership.objects.order_by("from_date").values_list("member", "from_date", "branch"):
        belongs[member].append((day, branch))
    exempt = {row.member_id: (row.from_date, row.ended_on or date.max) for row in Exemption.objects.all()}
    events = PointEvent.objects.filter(member__town=town).values_list("member", "date", "period", "batch__branch")
    assert len(events) > 10_000
    for member, day, period, branch in events:
        assert [where for since, where in belongs[member] if since <= day][-1] == branch
        start, end = exempt.get(member, (date.max, date.max))
        assert not start <= day < end
        if period:
            assert any(since <= last_day(period) and where for since, where in belongs[member])
            assert first_day(period) <= day


def test_the_ledger_agrees_with_itself(town: Town) -> None:
    assert [str(difference) for difference in verify_ledger(town=town)] == []


def test_each_account_reaches_what_its_role_may(town: Town) -> None:
    users = {account.username: User.objects.get(username=account.username) for account in ACCOUNTS}
    assert all(user.check_password(DEMONSTRATION_PASSWORD) for user in users.values())
    assert not User.objects.filter(town=town, is_superuser=True).exists()
    others = User.objects.filter(town=town).exclude(username__in=users)
    assert others.count() == 14
    assert not any(user.has_usable_password() for user in others)
    branches = {name: branches_for(user, on=TODAY).count() for name, user in users.items()}
    assert branches == {
        "staff": 9,
        "supervisor": 9,
        "general": 3,
        "secretary": 1,
        "recorder": 1,
        "committee": 1,
        "assistant": 1,
        "member": 0,
    }
    recordable = {name: members_for(user, on=TODAY, action=Action.RECORD).count() for name, user in users.items()}
    assert {name for name, count in recordable.items() if count} == {"staff", "secretary", "recorder"}
    member = reach_of(users["member"], on=TODAY)
    assert (member.member_id, member.is_worker) == (find("member").pk, False)
    small = Branch.objects.get(town=town, has_committee=False)
    assert set(Appointment.objects.filter(branch=small).values_list("role", flat=True)) == {"secretary"}


def test_second_town_is_refused_in_words(town: Town) -> None:
    before = Town.objects.count(), RecordBatch.objects.count()
    with pytest.raises(DemonstrationExists):
        build_demonstration_town(now=MOMENT)
    out = StringIO()
    with pytest.raises(CommandError, match="演示镇“云岭镇（演示）”已经存在"):
        call_command("demo", stdout=out)
    assert out.getvalue() == ""
    assert (Town.objects.count(), RecordBatch.objects.count()) == before


def test_if_empty_only_tells_the_accounts_again(town: Town) -> None:
    batches = RecordBatch.objects.count()
    out = StringIO()
    call_command("demo", "--if-empty", stdout=out)
    text = out.getvalue()
    assert DEMONSTRATION_PASSWORD in text
    for account in ACCOUNTS:
        assert f"  {account.username}" in text
    assert "组织委员（积分记录员）" in text
    assert RecordBatch.objects.count() == batches
    assert Town.objects.filter(name=TOWN).count() == 1


def test_people_are_the_same_in_any_year() -> None:
    now, later = invent_people(this_year=2026), invent_people(this_year=2031)
    assert [(key, person.details["name"], person.habit) for key, person in now.items()] == [
        (key, person.details["name"], person.habit) for key, person in later.items()
    ]
    assert {later[key].born.year - now[key].born.year for key in now} == {5}


def test_a_meeting_was_signed_in_to_by_phone_and_the_assemblies_have_minutes(town: Town) -> None:
    sign_in = SignIn.objects.get()
    assert sign_in.meeting is not None
    assert set(sign_in.scans.values_list("member", flat=True)) <= set(
        sign_in.meeting.attendances.filter(status=Attendance.Status.ATTENDED).values_list("member", flat=True)
    )
    assert sign_in.scans.count() == 3


def test_a_meeting_to_come_is_announced_and_leave_waits_for_the_recorder(town: Town) -> None:
    announcement = Announcement.objects.get()
    assert announcement.day > TODAY
    assert (announcement.day - TODAY).days <= 31
    [leave] = leaves_to_answer(User.objects.get(username="recorder"), on=TODAY)
    assert (leave.announcement, leave.member) == (announcement, User.objects.get(username="member").member)
    assemblies = Meeting.objects.filter(kinds__item__in=("assembly", "life_meeting"))
    assert assemblies.count() > 40
    assert not assemblies.filter(minutes="").exists()
    assert MeetingKind.objects.exclude(topic="").exists()
