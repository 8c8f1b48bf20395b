"""The workbench's pages of objections: who gets which, what they say and never say (D11)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from points.models import Correction
from publicity.models import Notice, Objection
from publicity.objections.objections import answer_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.pages import browse
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.stages import at, prepared
from tests.scoring_site.objecting import LATER, OBJECTOR, TEXT, page, raise_it, take_it_down, work
from tests.scoring_site.screens import name_of
from tests.work import count_queries

pytestmark = pytest.mark.django_db


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
        for name in ("note", "answer", "to_town", "dissatisfied", "reply", "receipt", "answer_pdf", "registered"):
            assert client.get(work(name, objection.pk)).status_code == 404


@pytest.mark.parametrize("in_portal", [True, False])
def test_the_objectors_name_stands_on_no_page_of_others(cast: Cast, notice: Notice, *, in_portal: bool) -> None:
    other = cast.members_a[1]
    objection = raise_it(cast, notice, about=other) if in_portal else take_it_down(cast, notice, about=other)
    name = cast.member_a.name if in_portal else OBJECTOR
    answer_objection(actor=cast.staff, now=LATER, objection=objection, answer="已核对。", is_unrelated=True)
    readers = ("recorder_a", "committee_a", "supervisor")
    for who in (*readers, "staff", "secretary_a"):
        client = browse(getattr(cast, who))
        said = client.get(work("change", objection.pk)).content.decode()
        assert (name in said) == (who not in readers), who
        assert name not in client.get(work("changelist")).content.decode()
    log = browse(cast.supervisor).get(reverse("workbench:members_auditentry_changelist"))
    assert log.status_code == 200
    assert name not in log.content.decode()


def test_who_takes_none_down_has_no_receipt_of_it(cast: Cast, notice: Notice) -> None:
    objection = raise_it(cast, notice)
    client = browse(cast.recorder_a)
    for name in ("receipt", "registered"):
        assert client.get(work(name, objection.pk)).status_code == 403, name


@pytest.mark.parametrize("who", ["recorder_a", "committee_a", "supervisor"])
def test_readers_do_not_see_what_was_investigated(cast: Cast, notice: Notice, who: str) -> None:
    objection = raise_it(cast, notice)
    assert "调查核实记录" not in browse(getattr(cast, who)).get(work("change", objection.pk)).content.decode()


def test_taking_one_down_leads_to_its_receipt(cast: Cast, notice: Notice) -> None:
    client = browse(cast.recorder_a)
    form = client.get(work("register"))
    assert form.status_code == 200
    values = {
        "via": "paper",
        "received_on": "2025-07-07",
        "objector_name": OBJECTOR,
        "about": str(cast.members_a[1].pk),
        "text": TEXT,
        "token": form.context["form"]["token"].value(),
    }
    answer = client.post(work("register"), values)
    objection = Objection.objects.get()
    assert answer.url == work("registered", objection.pk)
    assert (objection.via, objection.objector_name, objection.taken_by) == ("paper", OBJECTOR, cast.recorder_a)
    taken = client.get(answer.url).content.decode()
    assert objection.receipt in taken
    assert "2025-07-21" in taken
    answer = client.get(work("receipt", objection.pk))
    assert name_of(answer) == f"一支部-2025年上半年-异议受理回执-{objection.receipt}.pdf"
    text = squeeze("".join(read_pages(answer.content)))
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
    assert "镇里办理" in client.get(work("registered", objection.pk)).content.decode()
    text = squeeze("".join(read_pages(b"".join(client.get(work("receipt", objection.pk))))))
    assert "甲镇党建办" in text


def test_an_incomplete_form_keeps_what_was_typed(cast: Cast, notice: Notice) -> None:
    client = browse(cast.recorder_a)
    values = {"via": "phone", "received_on": "2025-06-01", "objector_name": OBJECTOR, "text": TEXT, "token": uuid4()}
    said = client.post(work("register"), values).content.decode()
    assert TEXT in said
    assert OBJECTOR in said
    assert not Objection.objects.exists()


def test_before_any_notice_there_is_nothing_to_register(cast: Cast, clock: FrozenClock) -> None:
    clock.now = LATER
    prepared(cast)
    assert "还没有公示" in browse(cast.recorder_a).get(work("register")).content.decode()


def test_investigate_and_explain(cast: Cast, notice: Notice) -> None:
    objection = take_it_down(cast, notice)
    client = browse(cast.secretary_a)
    client.post(work("note", objection.pk), {"text": "查了三月的签到表。"})
    assert "查了三月的签到表。" in client.get(work("change", objection.pk)).content.decode()
    client.post(work("answer", objection.pk), {"answer": "签到表上没有本人签名。", "is_unrelated": "on"})
    objection.refresh_from_db()
    assert (objection.answer_kind, objection.answered_by) == ("explained", cast.secretary_a)
    text = squeeze("".join(read_pages(b"".join(client.get(work("answer_pdf", objection.pk))))))
    for words in ("异议答复书", objection.receipt, OBJECTOR, "签到表上没有本人签名。", "解释说明"):
        assert words in text
    assert "查了三月的签到表" not in text


def test_of_an_objection_that_names_a_member_the_recusal_statement_is_asked_for(cast: Cast, notice: Notice) -> None:
    client, answer = browse(cast.secretary_a), {"answer": "登记无误。"}
    about, nobody = take_it_down(cast, notice, about=cast.members_a[1]), take_it_down(cast, notice)
    assert "is_unrelated" not in client.get(work("answer", nobody.pk)).context["form"].fields
    unticked = client.post(work("answer", about.pk), answer)
    assert list(unticked.context["form"].errors) == ["is_unrelated"]
    assert client.post(work("answer", about.pk), answer | {"is_unrelated": "on"}).status_code == 302


def test_the_town_takes_over_and_replies(cast: Cast, notice: Notice) -> None:
    objection = take_it_down(cast, notice)
    assert browse(cast.secretary_a).post(work("to_town", objection.pk)).url == work("changelist")
    assert browse(cast.secretary_a).get(work("change", objection.pk)).status_code == 404
    staff = browse(cast.staff)
    staff.post(work("answer", objection.pk), {"answer": "镇里核实，登记无误。", "is_unrelated": "on"})
    staff.post(work("dissatisfied", objection.pk), {"text": ""})
    staff.post(work("reply", objection.pk), {"reply": "镇党委研究，维持答复。", "is_unrelated": "on"})
    objection.refresh_from_db()
    assert (objection.dissatisfaction, objection.town_reply) == ("", "镇党委研究，维持答复。")


def test_what_the_town_decides_on_can_be_corrected_after_the_answer_and_the_reply(cast: Cast, notice: Notice) -> None:
    """D10: with the town's number at once, or as a branch meeting decided, without a second answer."""
    objection = take_it_down(cast, notice, about=cast.member_a)
    start = reverse("workbench:points_correction_new", args=[notice.review_id])
    address = f"{start}?objection={objection.uuid}&member={cast.member_a.pk}"
    secretary, staff = browse(cast.secretary_a), browse(cast.staff)
    offered = address.replace("&", "&amp;")
    secretary.post(work("answer", objection.pk), {"answer": "登记无误。", "is_unrelated": "on"})
    assert offered not in staff.get(work("change", objection.pk)).content.decode()
    assert staff.get(address).status_code == 404
    secretary.post(work("dissatisfied", objection.pk), {"text": ""})
    staff.post(work("reply", objection.pk), {"reply": "镇党委决定更正。", "is_unrelated": "on"})
    assert offered in staff.get(work("change", objection.pk)).content.decode()
    assert offered not in secretary.get(work("change", objection.pk)).content.decode()
    values = {"decided_on": "2025-07-08", "reason": "四月党费漏登", "token": uuid4(), "is_unrelated": "on"}
    values |= {"item": "dues", "date": "2025-04-10", "period": "2025-04", "town_decision": "云镇组〔2025〕12号"}
    seen = staff.post(address, values).context["seen"]
    staff.post(address, values | {"seen": seen, "save": "1"})
    correction = Correction.objects.get()
    objection.refresh_from_db()
    assert (correction.objection, correction.entered.answer) == (objection.uuid, "")
    assert (objection.answer, objection.correction) == ("登记无误。", None)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_list_shows_the_days_left(cast: Cast, notice: Notice, clock: FrozenClock, language: str) -> None:
    take_it_down(cast, notice)
    words = {"zh-hans": ("还有10个工作日", "已超期"), "en": ("10 working days left", "overdue")}[language]
    assert words[0] in browse(cast.secretary_a, language).get(work("changelist")).content.decode()
    clock.now = at(7, 23)
    assert words[1] in browse(cast.secretary_a, language).get(work("changelist")).content.decode()


def cost(client: Client, address: str) -> int:
    assert client.get(address).status_code == 200
    return count_queries(lambda: client.get(address))


def test_the_lists_cost_the_same_for_one_and_for_many(cast: Cast, notice: Notice) -> None:
    raise_it(cast, notice)
    take_it_down(cast, notice, about=cast.members_a[1])  # who is named is told apart from namesakes: a query for all
    clients = [(browse(cast.secretary_a), work("changelist")), (browse(cast.member_user_a), page("objections"))]
    before = [cost(*asked) for asked in clients]
    for member in (*cast.members_a, None, None):
        raise_it(cast, notice, about=member)
        take_it_down(cast, notice, about=member)
    assert [cost(*asked) for asked in clients] == before
