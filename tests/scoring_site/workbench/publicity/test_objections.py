"""The pages of objections and corrections: who gets which, what they say and never say (D10, D11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from points.models import Correction, PointEvent, Review
from points.scoring.freezing import current_lines, read_payload
from publicity.corrections.corrections import correct_line
from publicity.models import Notice, Objection
from publicity.notices.publication import close_notice
from publicity.objections.objections import answer_objection, raise_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.stages import at, browse, corrected, dues, posted, prepared, record

POSTED = at(7, 7)
LATER = at(7, 8)
TEXT = "三月的党课没有给我登记。"
OBJECTOR = "刘群众"

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Cast, clock: FrozenClock) -> Notice:
    """The first half's notice went up on Monday 7 July; 张伟 has the dues of March; now it is Tuesday."""
    record(cast, dues(cast.member_a))
    found = posted(cast)
    clock.now = LATER
    return found


def page(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def work(name: str, *args: Any) -> str:
    return reverse(f"workbench:publicity_objection_{name}", args=args)


def correct_url(review: Review) -> str:
    return reverse("workbench:points_correction_new", args=[review.pk])


def raise_it(cast: Cast, notice: Notice, **more: Any) -> Objection:
    return raise_objection(actor=cast.member_user_a, now=LATER, notice=notice, text=TEXT, **more)


def take_it_down(cast: Cast, notice: Notice, **more: Any) -> Objection:
    values = {"actor": cast.recorder_a, "via": Objection.Via.PHONE, "objector_name": OBJECTOR, **more}
    return raise_objection(now=LATER, notice=notice, text=TEXT, **values)


# The portal


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_member_raises_one_and_follows_it_to_its_answer(cast: Cast, notice: Notice, language: str) -> None:
    client = browse(cast.member_user_a, language)
    form = client.get(page("object_to_notice", notice.uuid))
    said = form.content.decode()
    assert ("十个工作日" in said) == (language == "zh-hans")
    assert ("ten working days" in said) == (language == "en")
    token = form.context["form"]["token"].value()
    sent = client.post(
        page("object_to_notice", notice.uuid), {"text": TEXT, "about": str(cast.member_a.pk), "token": token}
    )
    objection = Objection.objects.get()
    assert sent.url == page("objection", objection.uuid)
    assert (objection.uuid, objection.about, objection.objector) == (UUID(token), cast.member_a, cast.member_user_a)
    shown = client.get(sent.url).content.decode()
    assert objection.receipt in shown
    assert "2025-07-22" in shown
    assert TEXT in shown
    assert objection.receipt in client.get(page("objections")).content.decode()
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对签到表，登记无误。")
    assert "已核对签到表，登记无误。" in client.get(sent.url).content.decode()
    client.post(page("objection_dissatisfied", objection.uuid), {"text": "签到表不全"})
    objection.refresh_from_db()
    assert objection.dissatisfaction == "签到表不全"
    assert "签到表不全" in client.get(sent.url).content.decode()


def test_nothing_typed_is_lost(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    long = "很长的异议。" * 1000
    answer = client.post(page("object_to_notice", notice.uuid), {"text": long, "about": "", "token": uuid4()})
    assert answer.status_code == 200
    assert long in answer.content.decode()
    assert "6000" in answer.content.decode()
    assert "maxlength" not in answer.content.decode()
    assert not Objection.objects.exists()


def test_sent_twice_it_is_one(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    values = {"text": TEXT, "about": "", "token": uuid4()}
    first = client.post(page("object_to_notice", notice.uuid), values)
    assert client.post(page("object_to_notice", notice.uuid), values).url == first.url
    assert Objection.objects.count() == 1


def test_after_the_notice_is_closed_one_can_still_object(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    clock.now = at(8, 4)
    close_notice(actor=cast.secretary_a, now=clock.now, notice=notice)
    client = browse(cast.member_user_a)
    assert client.get(page("object_to_notice", notice.uuid)).status_code == 200
    client.post(page("object_to_notice", notice.uuid), {"text": TEXT, "about": "", "token": uuid4()})
    assert Objection.objects.get().received_on == clock.now.date()


def test_somebody_elses_line_only_of_the_notice(cast: Cast, notice: Notice) -> None:
    client = browse(cast.member_user_a)
    values = {"text": TEXT, "about": str(cast.member_b.pk), "token": uuid4()}
    assert client.post(page("object_to_notice", notice.uuid), values).status_code == 200
    assert not Objection.objects.exists()


@pytest.mark.parametrize("who", ["member_user_b", "outsider", "recorder_b", "other_staff"])
def test_a_notice_that_is_not_open_to_one_does_not_exist(cast: Cast, notice: Notice, who: str) -> None:
    assert browse(getattr(cast, who)).get(page("object_to_notice", notice.uuid)).status_code == 404


@pytest.mark.parametrize("who", ["member_user_b", "outsider", "recorder_a", "secretary_a", "staff", "supervisor"])
def test_only_ones_own_objection_is_followed_in_the_portal(cast: Cast, notice: Notice, who: str) -> None:
    objection = raise_it(cast, notice)
    answer_objection(actor=cast.secretary_a, now=LATER, objection=objection, answer="已核对。")
    client = browse(getattr(cast, who))
    assert client.get(page("objection", objection.uuid)).status_code == 404
    assert client.post(page("objection_dissatisfied", objection.uuid)).status_code == 404
    assert objection.receipt not in client.get(page("objections")).content.decode()


def test_without_an_account_one_is_sent_to_log_in(notice: Notice) -> None:
    for address in (page("objections"), page("object_to_notice", notice.uuid), page("objection", uuid4())):
        answer: Any = Client().get(address)
        assert answer.status_code == 302
        assert answer.url.startswith(page("login"))


def test_overdue_is_said_kindly(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    objection = raise_it(cast, notice)
    clock.now = at(7, 23)
    said = browse(cast.member_user_a).get(page("objection", objection.uuid)).content.decode()
    assert "很抱歉" in said


# The workbench


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("staff", 200), ("secretary_a", 200), ("recorder_a", 200), ("committee_a", 200), ("supervisor", 200),
        ("recorder_b", 404), ("secretary_b", 404), ("committee_b", 404), ("other_staff", 404), ("other_recorder", 404),
    ],
)  # fmt: skip
def test_who_opens_it(cast: Cast, notice: Notice, who: str, status: int) -> None:
    objection = take_it_down(cast, notice)
    client = browse(getattr(cast, who))
    assert client.get(work("change", objection.pk)).status_code == status
    listed = client.get(work("changelist")).content.decode()
    assert (objection.receipt in listed) == (status == 200)


@pytest.mark.parametrize(
    ("who", "status"),
    [("staff", 200), ("supervisor", 200), ("secretary_a", 404), ("recorder_a", 404), ("committee_a", 404)],
)
def test_about_the_officers_it_does_not_exist_for_the_branch(cast: Cast, notice: Notice, who: str, status: int) -> None:
    objection = take_it_down(cast, notice, actor=cast.staff, about_officers=True)
    client = browse(getattr(cast, who))
    assert client.get(work("change", objection.pk)).status_code == status
    assert (objection.receipt in client.get(work("changelist")).content.decode()) == (status == 200)
    if status == 404:
        for name in ("note", "answer", "to_town", "dissatisfied", "reply", "receipt", "answer_pdf", "taken"):
            assert client.get(work(name, objection.pk)).status_code == 404


@pytest.mark.parametrize("in_portal", [True, False])
def test_the_objectors_name_stands_on_no_page_of_others(cast: Cast, notice: Notice, *, in_portal: bool) -> None:
    other = cast.members_a[1]
    objection = raise_it(cast, notice, about=other) if in_portal else take_it_down(cast, notice, about=other)
    name = cast.member_a.name if in_portal else OBJECTOR
    answer_objection(actor=cast.staff, now=LATER, objection=objection, answer="已核对。")
    readers = ("recorder_a", "committee_a", "supervisor")
    for who in (*readers, "staff", "secretary_a"):
        client = browse(getattr(cast, who))
        said = client.get(work("change", objection.pk)).content.decode()
        assert (name in said) == (who not in readers), who
        assert name not in client.get(work("changelist")).content.decode()
    log = browse(cast.supervisor).get(reverse("workbench:members_auditentry_changelist"))
    assert log.status_code == 200
    assert name not in log.content.decode()


@pytest.mark.parametrize("who", ["recorder_a", "committee_a", "supervisor"])
def test_readers_do_nothing_with_it(cast: Cast, notice: Notice, who: str) -> None:
    objection = raise_it(cast, notice)
    client = browse(getattr(cast, who))
    for name in ("note", "answer", "to_town", "reply", "receipt", "answer_pdf", "taken"):
        assert client.get(work(name, objection.pk)).status_code == 403, name
    assert "调查核实记录" not in client.get(work("change", objection.pk)).content.decode()


def test_taking_one_down_leads_to_its_receipt(cast: Cast, notice: Notice) -> None:
    client = browse(cast.recorder_a)
    form = client.get(work("take_down"))
    assert form.status_code == 200
    values = {
        "via": "paper",
        "received_on": "2025-07-07",
        "objector_name": OBJECTOR,
        "about": str(cast.members_a[1].pk),
        "text": TEXT,
        "token": form.context["form"]["token"].value(),
    }
    answer = client.post(work("take_down"), values)
    objection = Objection.objects.get()
    assert answer.url == work("taken", objection.pk)
    assert (objection.via, objection.objector_name, objection.taken_by) == ("paper", OBJECTOR, cast.recorder_a)
    taken = client.get(answer.url).content.decode()
    assert objection.receipt in taken
    assert "2025-07-21" in taken
    pdf = b"".join(client.get(work("receipt", objection.pk)))
    text = squeeze("".join(read_pages(pdf)))
    for words in (
        objection.receipt,
        "异议受理回执",
        OBJECTOR,
        "书面",
        "李娜",
        squeeze(TEXT),
        "2025年7月21日前",
        "签字",
        "盖章",
    ):
        assert words in text


def test_what_is_about_the_recorder_keeps_only_its_receipt_for_them(cast: Cast, notice: Notice) -> None:
    objection = take_it_down(cast, notice, about_officers=True)
    client = browse(cast.recorder_a)
    assert client.get(work("change", objection.pk)).status_code == 404
    assert "镇里办理" in client.get(work("taken", objection.pk)).content.decode()
    text = squeeze("".join(read_pages(b"".join(client.get(work("receipt", objection.pk))))))
    assert "甲镇党建办" in text


def test_an_incomplete_form_keeps_what_was_typed(cast: Cast, notice: Notice) -> None:
    client = browse(cast.recorder_a)
    values = {"via": "phone", "received_on": "2025-06-01", "objector_name": OBJECTOR, "text": TEXT, "token": uuid4()}
    said = client.post(work("take_down"), values).content.decode()
    assert TEXT in said
    assert OBJECTOR in said
    assert not Objection.objects.exists()


def test_before_any_notice_there_is_nothing_to_take_down(cast: Cast, clock: FrozenClock) -> None:
    clock.now = LATER
    prepared(cast)
    assert "还没有公示" in browse(cast.recorder_a).get(work("take_down")).content.decode()


def test_investigate_and_explain(cast: Cast, notice: Notice) -> None:
    objection = take_it_down(cast, notice)
    client = browse(cast.secretary_a)
    client.post(work("note", objection.pk), {"text": "查了三月的签到表。"})
    assert "查了三月的签到表。" in client.get(work("change", objection.pk)).content.decode()
    client.post(work("answer", objection.pk), {"answer": "签到表上没有本人签名。"})
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.answered_by) == ("explained", cast.secretary_a)
    text = squeeze("".join(read_pages(b"".join(client.get(work("answer_pdf", objection.pk))))))
    for words in ("异议答复书", objection.receipt, OBJECTOR, "签到表上没有本人签名。", "解释说明"):
        assert words in text
    assert "查了三月的签到表" not in text


def test_the_town_takes_over_and_replies(cast: Cast, notice: Notice) -> None:
    objection = take_it_down(cast, notice)
    assert browse(cast.secretary_a).post(work("to_town", objection.pk)).url == work("changelist")
    assert browse(cast.secretary_a).get(work("change", objection.pk)).status_code == 404
    staff = browse(cast.staff)
    staff.post(work("answer", objection.pk), {"answer": "镇里核实，登记无误。"})
    staff.post(work("dissatisfied", objection.pk), {"text": ""})
    staff.post(work("reply", objection.pk), {"reply": "镇党委研究，维持答复。"})
    objection.refresh_from_db()
    assert (objection.dissatisfaction, objection.town_reply) == ("", "镇党委研究，维持答复。")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_list_shows_the_days_left(cast: Cast, notice: Notice, clock: FrozenClock, language: str) -> None:
    take_it_down(cast, notice)
    words = {"zh-hans": ("还有10个工作日", "已超期"), "en": ("10 working days left", "overdue")}[language]
    assert words[0] in browse(cast.secretary_a, language).get(work("changelist")).content.decode()
    clock.now = at(7, 23)
    assert words[1] in browse(cast.secretary_a, language).get(work("changelist")).content.decode()


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_lists_cost_the_same_for_one_and_for_many(cast: Cast, notice: Notice) -> None:
    raise_it(cast, notice)
    clients = [(browse(cast.secretary_a), work("changelist")), (browse(cast.member_user_a), page("objections"))]
    before = [count_queries(*asked) for asked in clients]
    for member in (*cast.members_a, None, None):
        raise_it(cast, notice, about=member)
        take_it_down(cast, notice, about=member)
    assert [count_queries(*asked) for asked in clients] == before


# Correcting


def decision(**more: Any) -> dict[str, Any]:
    return {"decided_on": "2025-07-08", "reason": "四月党费漏登", "token": uuid4(), **more}


def add_dues(month: int = 4) -> dict[str, Any]:
    return {"item": "dues", "date": f"2025-{month:02d}-10", "period": f"2025-{month:02d}"}


def scores(review: Review, cast: Cast) -> tuple[int, int]:
    line = next(line for line in current_lines(review) if line.member_id == cast.member_a.pk)
    return line.revision, read_payload(line.payload).cumulative


def test_a_correction_is_shown_before_it_is_saved(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    event = PointEvent.objects.get(period="2025-03")
    values = decision(void=[str(event.uuid)], **add_dues(5))
    values["points"] = ""
    shown = client.post(address, values)
    assert shown.status_code == 200
    (line,) = shown.context["revised"]
    assert (line.old.annual, line.new.annual) == ("1.0", "1.0")
    assert scores(notice.review, cast) == (1, 10)
    assert not Correction.objects.exists()
    assert PointEvent.objects.get(pk=event.pk).voided_at is None
    saved = client.post(address, values | {"seen": shown.context["seen"], "save": "1"})
    correction = Correction.objects.get()
    assert saved.url == reverse("workbench:points_correction_change", args=[correction.pk])
    assert scores(notice.review, cast) == (2, 10)
    assert PointEvent.objects.get(pk=event.pk).void_reason == "四月党费漏登"
    assert PointEvent.objects.get(period="2025-05").voided_at is None
    detail = client.get(saved.url).content.decode()
    assert "四月党费漏登" in detail


def test_what_changed_since_it_was_shown_is_shown_again(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    values = decision(**add_dues(4))
    seen = client.post(address, values).context["seen"]
    corrected(cast, notice.review, cast.member_a, now=LATER, month=5)
    again = client.post(address, values | {"seen": seen, "save": "1"})
    assert again.status_code == 200
    assert again.context["revised"][0].new.annual == "3.0"
    assert Correction.objects.count() == 1
    client.post(address, values | {"seen": again.context["seen"], "save": "1"})
    assert scores(notice.review, cast) == (3, 30)


def test_saving_without_having_seen_shows_first(cast: Cast, notice: Notice) -> None:
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    answer = browse(cast.secretary_a).post(address, decision(save="1", **add_dues()))
    assert answer.status_code == 200
    assert not Correction.objects.exists()


def test_a_refusal_keeps_what_was_typed(cast: Cast, notice: Notice) -> None:
    client = browse(cast.secretary_a)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    nothing = client.post(address, decision())
    assert "没有任何改动" in nothing.content.decode() or nothing.context["form"].errors
    assert "四月党费漏登" in nothing.content.decode()
    half_a_record = client.post(address, decision(item="dues"))
    assert "date" in half_a_record.context["form"].errors
    only_a_date = client.post(address, decision(date="2025-04-10"))
    assert "item" in only_a_date.context["form"].errors
    double = client.post(address, decision(**add_dues(3)))
    assert double.context["form"].non_field_errors()
    assert not Correction.objects.exists()


def test_a_correction_settles_the_objection_it_came_from(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice, about=cast.member_a)
    client = browse(cast.secretary_a)
    buttons = client.get(work("change", objection.pk)).content.decode()
    address = f"{correct_url(notice.review)}?objection={objection.uuid}&member={cast.member_a.pk}"
    assert address.replace("&", "&amp;") in buttons
    values = decision(**add_dues())
    assert "answer" in client.post(address, values).context["form"].errors
    values["answer"] = "确系漏登，已更正。"
    seen = client.post(address, values).context["seen"]
    client.post(address, values | {"seen": seen, "save": "1"})
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.answer) == ("corrected", "确系漏登，已更正。")
    assert objection.correction == Correction.objects.get()
    assert scores(notice.review, cast) == (2, 20)
    portal = browse(cast.member_user_a).get(page("objection", objection.uuid)).content.decode()
    assert "1.0" in portal
    assert "2.0" in portal
    assert "四月党费漏登" not in portal


def test_an_objection_hidden_from_the_secretary_is_no_ground_for_a_form(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice, about_officers=True)
    for wrong in (objection.uuid, uuid4(), "nonsense"):
        address = f"{correct_url(notice.review)}?objection={wrong}&member={cast.member_a.pk}"
        assert browse(cast.secretary_a).get(address).status_code == 404
    address = f"{correct_url(notice.review)}?objection={objection.uuid}&member={cast.member_a.pk}"
    assert browse(cast.staff).get(address).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("secretary_a", 200), ("staff", 200), ("recorder_a", 403), ("committee_a", 403), ("supervisor", 403),
     ("secretary_b", 404), ("other_staff", 404)],
)  # fmt: skip
def test_who_corrects(cast: Cast, notice: Notice, who: str, status: int) -> None:
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    assert browse(getattr(cast, who)).get(address).status_code == status


def test_once_final_the_town_corrects(cast: Cast, notice: Notice, clock: FrozenClock) -> None:
    clock.now = at(8, 4)
    close_notice(actor=cast.secretary_a, now=clock.now, notice=notice)
    address = f"{correct_url(notice.review)}?member={cast.member_a.pk}"
    values = decision(**add_dues())
    refused = browse(cast.secretary_a).post(address, values)
    assert refused.context["form"].non_field_errors()
    staff = browse(cast.staff)
    assert "登记即为同意" in staff.get(address).content.decode()
    seen = staff.post(address, values).context["seen"]
    staff.post(address, values | {"seen": seen, "save": "1"})
    correction = Correction.objects.get()
    assert correction.consent_by == cast.staff
    notice.review.refresh_from_db()
    assert notice.review.state == "published"


@pytest.mark.parametrize(
    ("who", "opens", "reads_reason"),
    [("secretary_a", 200, True), ("committee_a", 200, True), ("staff", 200, True), ("recorder_a", 200, False),
     ("supervisor", 200, False), ("secretary_b", 404, False), ("other_staff", 404, False)],
)  # fmt: skip
def test_who_reads_a_correction_and_its_reason(
    cast: Cast, notice: Notice, who: str, opens: int, *, reads_reason: bool
) -> None:
    correction = corrected(cast, notice.review, cast.member_a, now=LATER)
    client = browse(getattr(cast, who))
    answer = client.get(reverse("workbench:points_correction_change", args=[correction.pk]))
    assert answer.status_code == opens
    assert ("漏登党费" in answer.content.decode()) == reads_reason
    listed = client.get(reverse("workbench:points_correction_changelist")).content.decode()
    assert (cast.member_a.name in listed) == (opens == 200)
    assert "漏登党费" not in listed


def test_the_correction_notice_shows_old_and_new_and_no_reason(cast: Cast, notice: Notice) -> None:
    correction = correct_line(
        actor=cast.secretary_a,
        now=LATER,
        review=notice.review,
        member=cast.member_a,
        decided_on=LATER.date(),
        reason="机密的原因",
        record=[dues(cast.member_a, 4)],
        void=list(PointEvent.objects.filter(period="2025-03")),
        token=uuid4(),
    )
    corrected(cast, notice.review, cast.member_a, now=LATER + timedelta(hours=1), month=5)
    second = Correction.objects.latest("pk")
    address = reverse("workbench:points_correction_notice_pdf", args=[second.pk])
    text = squeeze("".join(read_pages(b"".join(browse(cast.secretary_a).get(address)))))
    for words in (
        "党员积分更正公示",
        "张伟",
        "2025年上半年",
        "更正前",
        "更正后",
        "1.0",
        "2.0",
        "签字",
        "盖章",
        "第3号",
    ):
        assert words in text
    assert second.lines.get().freeze.hash in text
    assert "漏登党费" not in text
    first = reverse("workbench:points_correction_notice_pdf", args=[correction.pk])
    assert "机密的原因" not in squeeze("".join(read_pages(b"".join(browse(cast.staff).get(first)))))
    assert browse(cast.committee_a).get(address).status_code == 403
    assert browse(cast.secretary_b).get(address).status_code == 404


def test_the_notice_page_leads_to_objecting(cast: Cast, notice: Notice) -> None:
    said = browse(cast.member_user_a).get(page("notice", notice.uuid)).content.decode()
    assert page("object_to_notice", notice.uuid) in said
