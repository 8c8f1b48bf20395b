"""Objections: who may raise, see, handle and answer one, and what it never tells others (D11)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from members.errors import DuplicateBatch
from members.models import Appointment, AuditEntry, Notification, User
from points.models import Correction, PointEvent
from points.records.entries import EventEntry
from publicity.corrections.plans import CorrectionPlan
from publicity.errors import ObjectionRefused
from publicity.models import EnteredCorrection, InvestigationNote, Notice, Objection
from publicity.notices.publication import close_notice
from publicity.objections.access import objections_for, objections_to_handle, own_objections
from publicity.objections.objections import (
    answer_objection,
    hand_to_town,
    note_dissatisfaction,
    note_investigation,
    raise_objection,
    reply_for_town,
)
from publicity.rechecking.steps import enter_correction, review_correction
from tests.cast import Cast
from tests.factories import appoint, make_user
from tests.publicity.objections.raising import LATER, POSTED, TODAY, put_up, raise_in_portal
from tests.publicity.stages import corrected, prepared
from tests.threads import run_at_once
from tests.two_officers import MET

EVERYBODY = (
    "staff", "supervisor", "recorder_a", "secretary_a", "committee_a", "member_user_a", "recorder_b", "secretary_b",
    "committee_b", "member_user_b", "outsider", "other_staff", "other_recorder",
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Cast) -> Notice:
    return put_up(cast)


def register(cast: Cast, notice: Notice, **more: object) -> Objection:
    values = {"text": "李娜的志愿服务记多了。", "via": Objection.Via.PHONE, "objector_name": "刘群众", **more}
    return raise_objection(actor=cast.recorder_a, now=LATER, notice=notice, **values)  # type: ignore[arg-type]


def who_sees(cast: Cast, objection: Objection) -> set[str]:
    users = {name: User.objects.get(pk=getattr(cast, name).pk) for name in EVERYBODY}
    return {name for name, user in users.items() if objections_for(user, on=TODAY).contains(objection)}


def who_handles(cast: Cast, objection: Objection) -> set[str]:
    users = {name: User.objects.get(pk=getattr(cast, name).pk) for name in EVERYBODY}
    return {name for name, user in users.items() if objections_to_handle(user, on=TODAY).contains(objection)}


# Raising


def test_a_member_objects_in_the_portal(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice, about=cast.member_a)
    assert (objection.via, objection.objector, objection.objector_name) == ("portal", cast.member_user_a, "")
    assert objection.received_on == TODAY
    assert objection.to_town_at is None
    assert own_objections(cast.member_user_a).get() == objection
    assert not own_objections(cast.member_user_b).exists()


@pytest.mark.parametrize("who", ["outsider", "member_user_b", "recorder_b", "other_staff", "other_recorder"])
def test_nobody_objects_to_a_notice_that_is_not_open_to_them(cast: Cast, notice: Notice, who: str) -> None:
    with pytest.raises(PermissionDenied):
        raise_objection(actor=getattr(cast, who), now=LATER, notice=notice, text="不对")
    assert not Objection.objects.exists()


@pytest.mark.parametrize("who", ["committee_a", "supervisor", "member_user_a", "recorder_b", "other_staff", "outsider"])
def test_only_the_branch_and_the_town_take_objections_down(cast: Cast, notice: Notice, who: str) -> None:
    with pytest.raises(PermissionDenied):
        raise_objection(
            actor=getattr(cast, who), now=LATER, notice=notice, text="不对", via=Objection.Via.PAPER, objector_name="甲"
        )


def test_what_is_registered_needs_a_name_a_text_and_a_possible_day(cast: Cast, notice: Notice) -> None:
    with pytest.raises(ObjectionRefused, match="匿名"):
        register(cast, notice, objector_name="  ")
    with pytest.raises(ObjectionRefused, match="异议"):
        register(cast, notice, text=" \n")
    for day in (TODAY + timedelta(days=1), POSTED.date() - timedelta(days=1)):
        with pytest.raises(ObjectionRefused, match="未来"):
            register(cast, notice, received_on=day)
    with pytest.raises(ObjectionRefused, match="赵敏"):
        register(cast, notice, about=cast.member_b)
    objection = register(cast, notice, received_on=POSTED.date())
    assert (objection.received_on, objection.objector_name, objection.objector) == (POSTED.date(), "刘群众", None)


def test_before_anything_is_up_there_is_nothing_to_object_to(cast: Cast) -> None:
    with pytest.raises(ObjectionRefused, match="尚未公示"):
        register(cast, prepared(cast))


def test_a_late_objection_is_taken_and_reopens_nothing_by_itself(cast: Cast, notice: Notice) -> None:
    weeks_later = POSTED + timedelta(days=21)
    close_notice(actor=cast.secretary_a, now=weeks_later, notice=notice)
    objection = raise_objection(actor=cast.member_user_a, now=weeks_later, notice=notice, text="公示结束后才看到")
    assert objection.received_on == weeks_later.date()
    notice.review.refresh_from_db()
    assert notice.review.state == "final"


def test_a_form_sent_twice_is_one_objection(cast: Cast, notice: Notice) -> None:
    token = uuid4()
    raise_in_portal(cast, notice, token=token)
    with pytest.raises(DuplicateBatch):
        raise_in_portal(cast, notice, token=token)
    assert Objection.objects.get().uuid == token


def test_receipt_numbers_tell_neither_ids_nor_how_many_there_are(cast: Cast, notice: Notice) -> None:
    numbers = [register(cast, notice).receipt for _time in range(8)]
    assert len(set(numbers)) == 8
    for number in numbers:
        half, first, second = number.split("-")
        assert half == "2025H1"
        assert len(first) == len(second) == 4
        assert (first + second).isdecimal()
    assert numbers != sorted(numbers)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_instant_are_two_with_two_receipts(cast: Cast) -> None:
    notice = put_up(cast)
    results = run_at_once(
        lambda: raise_in_portal(cast, notice).receipt,
        lambda: register(cast, notice).receipt,
    )
    assert len(set(results)) == 2
    assert Objection.objects.count() == 2


# Who sees what


def test_the_branch_and_the_town_see_it_and_the_secretary_and_the_town_handle_it(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    assert who_sees(cast, objection) == {"staff", "supervisor", "recorder_a", "secretary_a", "committee_a"}
    assert who_handles(cast, objection) == {"staff", "secretary_a"}


def test_about_the_officers_it_is_the_towns_and_hidden_from_both(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice, about_officers=True)
    assert who_sees(cast, objection) == {"staff", "supervisor"}
    assert who_handles(cast, objection) == {"staff"}
    for who in (cast.secretary_a, cast.recorder_a):
        with pytest.raises(PermissionDenied):
            answer_objection(actor=who, now=LATER, objection=objection, answer="没有问题", is_unrelated=True)


@pytest.mark.parametrize("role", [Appointment.Role.SECRETARY, Appointment.Role.RECORDER])
def test_about_an_officers_own_line_it_goes_to_the_town_unasked(
    cast: Cast, notice: Notice, role: Appointment.Role
) -> None:
    officer = make_user("second-officer", name="李娜", town=cast.town, member=cast.members_a[1])
    appoint(officer, role, branch=cast.branch_a)
    objection = raise_in_portal(cast, notice, about=cast.members_a[1])
    assert objection.to_town_at == LATER
    assert not objections_for(officer, on=TODAY).contains(objection)
    assert who_handles(cast, objection) == {"staff"}


def test_a_former_officers_line_stays_with_the_branch(cast: Cast, notice: Notice) -> None:
    former = make_user("former", name="李娜", town=cast.town, member=cast.members_a[1])
    appoint(former, Appointment.Role.RECORDER, branch=cast.branch_a, until=TODAY)
    assert raise_in_portal(cast, notice, about=cast.members_a[1]).to_town_at is None


def test_town_staff_who_keep_the_branchs_books_do_not_see_what_is_about_them(cast: Cast, notice: Notice) -> None:
    appoint(cast.staff, Appointment.Role.RECORDER, branch=cast.branch_a)
    objection = raise_in_portal(cast, notice, about_officers=True)
    assert who_sees(cast, objection) == {"supervisor"}


def test_nobody_handles_their_own_objection_or_one_about_their_line(cast: Cast, notice: Notice) -> None:
    own = raise_objection(actor=cast.secretary_a, now=LATER, notice=notice, text="我的党费漏记了")
    assert who_handles(cast, own) == {"staff"}
    cast.staff.member = cast.members_a[2]
    cast.staff.save()
    about = raise_in_portal(cast, notice, about=cast.members_a[2])
    assert who_handles(cast, about) == {"secretary_a"}
    assert "staff" not in who_sees(cast, about)


def test_the_secretary_hands_to_the_town_what_turns_out_to_be_about_them(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    hand_to_town(actor=cast.secretary_a, now=LATER, objection=objection)
    assert objection.to_town_at == LATER
    assert who_sees(cast, objection) == {"staff", "supervisor"}
    with pytest.raises(ObjectionRefused):
        hand_to_town(actor=cast.staff, now=LATER, objection=objection)


def test_who_handles_it_is_told_and_nobody_else(cast: Cast, notice: Notice) -> None:
    told = Notification.objects.filter(kind=Notification.Kind.OBJECTION_RAISED)
    raise_in_portal(cast, notice)
    assert [row.user for row in told] == [cast.secretary_a]
    told.delete()
    raise_in_portal(cast, notice, about_officers=True)
    assert [row.user for row in told] == [cast.staff]


def test_the_log_does_not_name_who_objected_in_the_portal(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    answer_objection(
        actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对，登记无误。", is_unrelated=True
    )
    note_dissatisfaction(actor=cast.member_user_a, now=LATER, objection=objection, text="仍不同意")
    entries = AuditEntry.objects.filter(object_type="publicity.objection").order_by("pk")
    assert [(entry.verb, entry.actor) for entry in entries] == [
        ("raise_objection", cast.system),
        ("answer_objection", cast.secretary_a),
        ("note_dissatisfaction", cast.system),
    ]
    assert not AuditEntry.objects.filter(actor=cast.member_user_a).exists()


# Investigating and answering


def test_notes_are_added_and_never_changed(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    note_investigation(actor=cast.secretary_a, now=LATER, objection=objection, text="查签到表，三月党课有其签名。")
    note = note_investigation(actor=cast.staff, now=LATER, objection=objection, text="电话问过记录员。")
    assert [row.by for row in objection.notes.all()] == [cast.secretary_a, cast.staff]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        InvestigationNote.objects.filter(pk=note.pk).update(text="另一说法")
    for who in (cast.recorder_a, cast.committee_a, cast.supervisor, cast.member_user_a, cast.secretary_b):
        with pytest.raises(PermissionDenied):
            note_investigation(actor=who, now=LATER, objection=objection, text="插话")


def test_what_was_objected_cannot_be_changed_in_the_database(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(text="没有异议")
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对。", is_unrelated=True)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(answer="另一答复")


def test_an_explanation_settles_it_once_and_the_objector_is_told(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    with pytest.raises(ObjectionRefused, match="答复"):
        answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer=" ", is_unrelated=True)
    answer_objection(
        actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对签到表，登记无误。", is_unrelated=True
    )
    assert (objection.answer_kind, objection.answer, objection.answered_by) == (
        "explained",
        "已核对签到表，登记无误。",
        cast.secretary_a,
    )
    told = Notification.objects.get(kind=Notification.Kind.OBJECTION_ANSWERED)
    assert (told.user, told.link) == (cast.member_user_a, f"/objections/{objection.uuid}/")
    with pytest.raises(ObjectionRefused):
        answer_objection(actor=cast.staff, now=LATER, objection=objection, answer="再答一次", is_unrelated=True)
    with pytest.raises(ObjectionRefused):
        note_investigation(actor=cast.staff, now=LATER, objection=objection, text="答复之后")


def plan_for(cast: Cast, notice: Notice, *, month: int = 4) -> CorrectionPlan:
    return CorrectionPlan(
        review=notice.review,
        member=cast.member_a,
        decided_on=TODAY,
        reason="四月党费漏登",
        record=(EventEntry(cast.member_a.pk, "dues", date(2025, month, 10), f"2025-{month:02d}"),),
    )


def enter(
    cast: Cast, objection: Objection, plan: CorrectionPlan, *, by: User, answer: str, now: datetime = LATER
) -> EnteredCorrection:
    """Enter a correction that is to answer an objection."""
    entering = enter_correction(
        actor=by, now=now, plan=plan, meeting=MET, is_unrelated=True, objection=objection, answer=answer
    )
    assert entering.entered is not None
    return entering.entered


def settle(
    cast: Cast, objection: Objection, plan: CorrectionPlan, *, by: User, answer: str, now: datetime = LATER
) -> Correction:
    """Correct a line, by two officers, and answer with it."""
    entered = enter(cast, objection, plan, by=by, answer=answer, now=now)
    correction = review_correction(actor=cast.committee_a, now=now, entered=entered, is_unrelated=True)
    objection.refresh_from_db()
    return correction


def test_a_correction_answers_it_once_it_is_reviewed(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    entered = enter(cast, objection, plan_for(cast, notice), by=cast.secretary_a, answer="确系漏登，已更正。")
    objection.refresh_from_db()
    assert (objection.answered_at, PointEvent.objects.filter(period="2025-04").count()) == (None, 0)
    correction = review_correction(
        actor=cast.committee_a, now=LATER + timedelta(hours=1), entered=entered, is_unrelated=True
    )
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.correction, correction.objection) == (
        "corrected",
        correction,
        objection.uuid,
    )
    assert (objection.answered_by, objection.answer) == (cast.secretary_a, "确系漏登，已更正。")
    assert PointEvent.objects.filter(member=cast.member_a, period="2025-04").count() == 1
    (told,) = Notification.objects.filter(kind=Notification.Kind.OBJECTION_ANSWERED)
    assert told.user == cast.member_user_a


def test_answered_otherwise_in_between_the_correction_is_not_carried_out(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    entered = enter(cast, objection, plan_for(cast, notice), by=cast.secretary_a, answer="确系漏登，已更正。")
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    with pytest.raises(ObjectionRefused, match="已经答复"):
        review_correction(actor=cast.committee_a, now=LATER, entered=entered, is_unrelated=True)
    assert notice.review.corrections.count() == 0


def test_without_an_answer_the_correction_is_not_made_either(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    with pytest.raises(ObjectionRefused):
        settle(cast, objection, plan_for(cast, notice), by=cast.secretary_a, answer=" ")
    assert not PointEvent.objects.filter(period="2025-04").exists()
    assert notice.review.corrections.count() == 0


def test_only_a_correction_of_the_notice_and_since_it_is_an_answer(cast: Cast, notice: Notice) -> None:
    earlier = corrected(cast, notice.review, cast.member_a, now=LATER)
    objection = raise_objection(
        actor=cast.member_user_a, now=LATER + timedelta(hours=1), notice=notice, text="党课漏登"
    )
    with pytest.raises(ObjectionRefused, match="更正"):
        answer_objection(
            actor=cast.staff, now=LATER, objection=objection, answer="已更正", correction=earlier, is_unrelated=True
        )
    other = raise_in_portal(cast, notice, about=cast.member_a)
    plan = plan_for(cast, notice, month=5)
    cited = settle(cast, other, plan, by=cast.staff, answer="已更正", now=LATER + timedelta(hours=2))
    with pytest.raises(ObjectionRefused, match="更正"):
        answer_objection(
            actor=cast.staff, now=LATER, objection=objection, answer="已更正", correction=cited, is_unrelated=True
        )


# Not satisfied


def test_dissatisfaction_goes_to_the_town_and_does_not_hold_the_notice(cast: Cast, notice: Notice) -> None:
    objection = raise_in_portal(cast, notice)
    with pytest.raises(ObjectionRefused, match="尚未答复"):
        note_dissatisfaction(actor=cast.member_user_a, now=LATER, objection=objection)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    for who in (cast.member_user_b, cast.committee_a, cast.secretary_b, cast.supervisor, cast.outsider):
        with pytest.raises(PermissionDenied):
            note_dissatisfaction(actor=who, now=LATER, objection=objection)
    note_dissatisfaction(actor=cast.member_user_a, now=LATER, objection=objection, text="签到表不全")
    assert [row.user for row in Notification.objects.filter(kind=Notification.Kind.OBJECTION_TO_TOWN)] == [cast.staff]
    with pytest.raises(ObjectionRefused):
        note_dissatisfaction(actor=cast.recorder_a, now=LATER, objection=objection)
    close_notice(actor=cast.secretary_a, now=POSTED + timedelta(days=10), notice=notice)
    with pytest.raises(PermissionDenied):
        reply_for_town(actor=cast.secretary_a, now=LATER, objection=objection, reply="支部自己回复", is_unrelated=True)
    reply_for_town(
        actor=cast.staff, now=LATER, objection=objection, reply="镇党建办复核：登记无误。", is_unrelated=True
    )
    assert objection.town_reply == "镇党建办复核：登记无误。"
    assert Notification.objects.get(kind=Notification.Kind.OBJECTION_REPLIED).user == cast.member_user_a


def test_the_recorder_enters_dissatisfaction_told_on_the_phone(cast: Cast, notice: Notice) -> None:
    objection = register(cast, notice)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="登记无误。", is_unrelated=True)
    note_dissatisfaction(actor=cast.recorder_a, now=LATER, objection=objection, text="来电表示不满意")
    assert objection.dissatisfied_by == cast.recorder_a
