"""What the member, the branch and the town see of a finding on its way; the ground for nobody else (D18, D21)."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from members.models import AuditEntry, Member, Notification, User
from points.errors import NothingToPrint
from points.models import EvidenceLink
from tests.cast import Cast
from tests.factories import NOW, TODAY, forbid_grounds, make_batch
from tests.pages import browse
from tests.points.papers.pdf_text import read_text
from tests.scoring_site.screens import name_of
from tests.scoring_site.workbench.findings.addresses import page
from tests.scoring_site.workbench.findings.test_table import telling
from tests.veto.hearings import PAPER, hear, let_through
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import revoke as revoke_finding
from tests.veto.hearings import tell as tell_member
from tests.work import count_queries
from veto.deciding import propose_veto, void_finding
from veto.hearings import Delivery, give_decision, record_answer
from veto.letters import write_decision_letter, write_hearing_notice, write_report
from veto.models import Answer, Appeal, Deduction, Finding, VetoRecord

GROUND, CODE = "信仰邪教、参与邪教活动", "cult"
PARTICULARS, PAPERS, STATEMENT = "某年某月在某处聚集", "公安机关认定书第七号", "我当时在外地务工"
SECRETS = (GROUND, "邪教", PARTICULARS, PAPERS, STATEMENT, f'"{CODE}"', f"={CODE}")


@pytest.fixture
def veto(cast: Cast) -> VetoRecord:
    return propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground=CODE,
        date=TODAY,
        particulars=PARTICULARS,
        papers=PAPERS,
    )


def read(user: User, address: str) -> str:
    response = browse(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def told(cast: Cast, finding: Finding) -> str:
    """Tell the member and return the address of their page."""
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=TODAY, receipt=[])
    return reverse("hearing", args=[finding.uuid])


# The member


def test_the_member_reads_what_it_is_about_and_answers(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    shown = read(cast.member_user_a, address)
    for text in (
        GROUND,
        PARTICULARS,
        PAPERS,
        "甲记录员",
        "目前没有作出任何决定",
        "2026-03-20",
        "2026-03-21 15:00",
        "村部会议室",
    ):
        assert text in shown
    assert "不合格" not in shown
    assert Notification.objects.get(user=cast.member_user_a).read_at == NOW
    client = browse(cast.member_user_a)
    for wrong in ({}, {"statement": STATEMENT, "waives": "on"}, {"statement": " "}):
        assert client.post(address, wrong).context["form"].errors
    kept = client.post(address, {"statement": STATEMENT, "waives": "on"}).content.decode()
    assert STATEMENT in kept
    assert client.post(address, {"statement": STATEMENT}).status_code == 302
    given = Answer.objects.get()
    assert (given.kind, given.statement, given.answered_on) == ("statement", STATEMENT, TODAY)
    shown = read(cast.member_user_a, address)
    assert STATEMENT in shown
    assert "<textarea" not in shown
    assert client.post(address, {"waives": "on"}).context["form"].non_field_errors()
    assert GROUND not in read(cast.member_user_a, reverse("hearings"))


def test_a_decision_says_who_when_and_that_one_may_appeal(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    browse(cast.member_user_a).post(address, {"waives": "on", "agrees": "on"})
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    shown = read(cast.member_user_a, address)
    for text in ("党支部委员会于2026-03-15召开会议作出认定", "2026年度考评积分为0分", "向镇党委申诉"):
        assert text in shown
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=veto, reason="认定有误")
    shown = read(cast.member_user_a, address)
    assert "2026-03-15原认定已撤销，不再计入积分。" in shown
    assert "认定有误" in shown


def test_before_being_told_the_portal_says_nothing(cast: Cast, veto: VetoRecord) -> None:
    client = browse(cast.member_user_a)
    assert client.get(reverse("hearing", args=[veto.uuid])).status_code == 404
    assert "没有需要您说明的事项" in read(cast.member_user_a, reverse("hearings"))


def test_one_taken_back_is_said_to_be(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    void_finding(actor=cast.secretary_a, now=NOW, finding=veto, reason="录错人", is_unrelated=True)
    assert "因录入有误作废" in read(cast.member_user_a, address)


def test_the_list_costs_the_same_for_one_and_for_many(cast: Cast, veto: VetoRecord) -> None:
    told(cast, veto)
    client = browse(cast.member_user_a)

    def shown() -> int:
        return int(client.get(reverse("hearings")).content.decode().count("/hearings/"))

    def add(number: int) -> None:
        Deduction.objects.create(
            batch=veto.batch,
            member=cast.member_a,
            item="gambling",
            date=TODAY,
            particulars=str(number),
            notified_on=TODAY,
        )

    add(0)
    one = shown()
    few = count_queries(shown)
    for number in range(12):
        add(number)
    assert count_queries(shown) == few
    assert shown() == one + 12


# The papers


def test_the_notice_says_all_that_d18_asks_for(cast: Cast, veto: VetoRecord) -> None:
    text = read_text(write_hearing_notice(finding=veto, on=TODAY))
    for words in (
        "张伟同志",
        PARTICULARS,
        PAPERS,
        GROUND,
        "一支部",
        "5个工作日内",
        "见证人",
        "盖章",
        "拒绝签收",
        "申诉",
        "信访",
    ):
        assert words in text
    assert "3月20日" not in text
    assert "有情况反映您" in text
    assert "目前尚未作出决定" in text
    assert "发现您" not in text  # P5: nobody was heard yet
    told(cast, veto)
    veto.refresh_from_db()
    text = read_text(write_hearing_notice(finding=veto, on=TODAY))
    for words in ("2026年3月20日", "2026年3月21日15时00分在村部会议室召开", "带人到会作证"):
        assert words in text


def test_a_notice_printed_again_after_the_decision_says_so(cast: Cast, veto: VetoRecord) -> None:
    """P5: it still said "no decision yet"."""
    decided(cast, veto)
    text = read_text(write_hearing_notice(finding=veto, on=TODAY))
    assert "尚未作出决定" not in text
    assert "该事项已于2026年3月15日作出认定" in text


def test_the_decision_letter_says_who_decided_how_and_how_to_appeal(cast: Cast, veto: VetoRecord) -> None:
    with pytest.raises(NothingToPrint):
        write_decision_letter(finding=veto, on=TODAY)
    decided(cast, veto)
    text = read_text(write_decision_letter(finding=veto, on=TODAY))
    for words in (
        "认定结果通知书",
        "张伟同志",
        GROUND,
        "本人书面放弃申辩",
        "应到3人，实到3人，赞成认定3票",
        "30日内",
        "甲镇党委",
        "送达回执",
        "不是党纪处分",
    ):
        assert words in text
    assert "决定书" not in text.replace("处分决定书", "")
    give_decision(actor=cast.recorder_a, now=NOW, finding=veto, delivery=Delivery(TODAY))
    veto.refresh_from_db()
    assert "2026年4月14日" in read_text(write_decision_letter(finding=veto, on=TODAY))
    for who, status in (("secretary_a", 200), ("recorder_a", 200), ("committee_a", 403), ("staff", 403)):
        assert browse(getattr(cast, who)).get(page(veto, "letter")).status_code == status


def decided(cast: Cast, veto: VetoRecord) -> None:
    """Told, waived and confirmed on one day, with an earlier meeting agreed to."""
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY)
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    veto.refresh_from_db()


def test_the_report_decides_no_sanction(cast: Cast, veto: VetoRecord) -> None:
    hear(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY, answer=Answer.Kind.WAIVED)
    assert browse(cast.secretary_a).get(page(veto, "report")).status_code == 404
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    veto.refresh_from_db()
    text = read_text(write_report(finding=veto, on=TODAY))
    for asked in ("移送", "请按照", "请研究", "建议"):
        assert asked not in text
    for words in (
        "情况报告",
        "一票否决的有关情况报告如下",
        "特此报告",
        "中共甲镇委员会",
        "张伟",
        "2026年3月15日",
        "放弃申辩",
        "应到3人",
        "是否给予党纪处分、组织处置（包括除名）",
        "另行决定",
    ):
        assert words in text
    assert name_of(browse(cast.secretary_a).get(page(veto, "report"))) == f"一支部-2026年-情况报告-否{veto.pk}号.pdf"
    assert AuditEntry.objects.get(verb="read_grounds").actor == cast.secretary_a


def test_who_prints_the_notice_has_looked_at_the_ground(cast: Cast, veto: VetoRecord) -> None:
    assert browse(cast.recorder_a).get(page(veto, "notice")).status_code == 403
    assert not AuditEntry.objects.filter(verb="read_grounds").exists()
    let_through(veto, now=NOW)
    answer = browse(cast.recorder_a).get(page(veto, "notice"))
    assert name_of(answer) == f"一支部-2026年-党员积分事项告知书-否{veto.pk}号.pdf"
    assert AuditEntry.objects.get(verb="read_grounds").actor == cast.recorder_a


# The workbench


def test_the_filter_tells_the_steps_apart(cast: Cast, veto: VetoRecord) -> None:
    held = VetoRecord.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=cast.members_a[1],
        ground=CODE,
        year=2026,
        date=TODAY,
        particulars=PARTICULARS,
        needs_clearance=True,
    )

    def listed(state: str) -> list[str]:
        shown = read(cast.secretary_a, reverse("workbench:veto_vetorecord_changelist") + f"?state={state}")
        return [name for name, row in (("veto", veto), ("held", held)) if page(row) in shown]

    assert (listed("to_tell"), listed("to_clear"), listed("proposed")) == ([], ["veto", "held"], ["veto", "held"])
    let_through(veto, now=NOW)
    assert (listed("to_tell"), listed("to_clear")) == (["veto"], ["held"])
    told(cast, veto)
    assert (listed("to_tell"), listed("to_answer")) == ([], ["veto"])
    browse(cast.member_user_a).post(reverse("hearing", args=[veto.uuid]), {"waives": "on"})
    assert (listed("to_answer"), listed("to_decide")) == ([], ["veto"])


def test_a_held_proposal_offers_nothing_but_the_towns_word(cast: Cast) -> None:
    held = VetoRecord.objects.create(
        batch=make_batch(cast.recorder_a, cast.town, cast.branch_a),
        member=cast.members_a[1],
        ground=CODE,
        year=2026,
        date=TODAY,
        particulars=PARTICULARS,
        needs_clearance=True,
    )
    shown = read(cast.secretary_a, page(held))
    assert "先由镇党建办查看" in shown
    for name in ("tell", "notice", "decide", "clear"):
        assert page(held, name) not in shown
    for text in ("异议", "信访"):
        assert text not in shown.partition('class="wb"')[2]
    assert browse(cast.secretary_a).get(page(held, "notice")).status_code == 403
    refused = browse(cast.recorder_a).post(page(held, "tell"), telling())
    assert "镇党建办" in str(refused.context["form"].non_field_errors())
    assert page(held, "clear") in read(cast.staff, page(held))
    assert "is_unrelated" in browse(cast.staff).post(page(held, "clear")).context["form"].errors
    assert browse(cast.staff).post(page(held, "clear"), {"is_unrelated": "on"}).status_code == 302
    assert page(held, "tell") in read(cast.recorder_a, page(held))


def test_a_refusal_names_its_witnesses(cast: Cast, veto: VetoRecord) -> None:
    let_through(veto, now=NOW)
    recorder = browse(cast.recorder_a)
    form = telling(way="refused", first_witness="李娜")
    assert "两名" in str(recorder.post(page(veto, "tell"), form).context["form"].non_field_errors())
    assert recorder.post(page(veto, "tell"), form | {"second_witness": "曾国华"}).status_code == 302
    assert "李娜、曾国华" in read(cast.secretary_a, page(veto))


def test_a_waiver_is_entered_with_a_photo_of_the_paper(cast: Cast, veto: VetoRecord) -> None:
    told(cast, veto)
    recorder = browse(cast.recorder_a)
    form = {"kind": "waived", "answered_on": "2026-03-15", "statement": ""}
    assert "照片" in str(recorder.post(page(veto, "answer"), form).context["form"].non_field_errors())
    picture = BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    form["papers"] = SimpleUploadedFile("放弃.png", picture.getvalue())  # type: ignore[assignment]
    assert recorder.post(page(veto, "answer"), form).status_code == 302
    assert Answer.objects.get().scan == EvidenceLink.objects.get(veto=veto).file


def test_who_decides_sees_ground_papers_and_statement(cast: Cast, veto: VetoRecord) -> None:
    """P5: the decision page showed neither ground nor statement."""
    address = told(cast, veto)
    browse(cast.member_user_a).post(address, {"statement": STATEMENT})
    shown = read(cast.secretary_a, page(veto, "decide"))
    for text in (GROUND, PARTICULARS, PAPERS, STATEMENT, "回避声明"):
        assert text in shown
    assert AuditEntry.objects.filter(verb="read_grounds", actor=cast.secretary_a).count() == 1
    forbid_grounds(cast.staff)
    assert [secret for secret in SECRETS if secret in read(cast.staff, page(veto, "decide"))] == []


def test_another_committee_member_decides_what_the_secretary_proposed(cast: Cast, veto: VetoRecord) -> None:
    assert browse(cast.committee_a).get(page(veto, "decide")).status_code == 403
    theirs = propose_veto(
        actor=cast.secretary_a,
        now=NOW,
        member=cast.member_a,
        ground=CODE,
        date=TODAY,
        particulars=PARTICULARS,
        papers=PAPERS,
    )
    let_through(theirs, now=NOW)
    assert page(theirs, "decide") not in read(cast.secretary_a, page(theirs))
    assert page(theirs, "decide") in read(cast.committee_a, page(theirs))
    assert browse(cast.committee_a).get(page(theirs, "decide")).status_code == 200


def test_a_probationary_members_veto_reminds_of_the_probation(cast: Cast, veto: VetoRecord) -> None:
    let_through(veto, now=NOW)
    reminder = "预备期问题"
    assert reminder not in read(cast.secretary_a, page(veto))
    Member.objects.filter(pk=cast.member_a.pk).update(category="probationary")
    assert reminder in read(cast.secretary_a, page(veto))
    assert reminder in read(cast.secretary_a, page(veto, "decide"))
    decided(cast, veto)
    assert reminder in read(cast.secretary_a, page(veto))
    assert "发展党员" in read_text(write_report(finding=veto, on=TODAY))


def test_the_member_sees_who_entered_the_answer_and_says_that_it_is_not_theirs(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    hear_only: dict[str, Any] = {"answered_on": TODAY, "kind": Answer.Kind.WAIVED, "papers": [PAPER]}
    record_answer(actor=cast.recorder_a, now=NOW, finding=veto, **hear_only)
    shown = read(cast.member_user_a, address)
    for text in ("甲记录员 2026-03-15登记", "这不是我的答复", "放弃申辩"):
        assert text in shown
    disown = reverse("disown_answer", args=[veto.uuid])
    assert disown in shown
    for who in ("recorder_a", "secretary_a", "staff", "member_user_b"):
        assert browse(getattr(cast, who)).post(disown).status_code == 404
    assert browse(cast.member_user_a).post(disown).status_code == 302
    shown = read(cast.member_user_a, address)
    assert "不是我的答复，已撤销" in shown
    assert "<textarea" in shown
    assert Notification.objects.get(user=cast.staff).kind == "answer_disowned"
    assert "不是其答复" in read(cast.staff, page(veto))


def test_an_appeal_from_the_portal_to_the_towns_answer(cast: Cast, veto: VetoRecord) -> None:
    """P5: "you may appeal" was printed, and nothing received an appeal."""
    address = reverse("hearing", args=[veto.uuid])
    decided(cast, veto)
    appeal = reverse("appeal", args=[veto.uuid])
    assert appeal in read(cast.member_user_a, address)
    member = browse(cast.member_user_a)
    assert member.post(appeal, {"text": " "}).context["form"].errors
    for who in ("secretary_a", "staff", "member_user_b"):
        assert browse(getattr(cast, who)).get(appeal).status_code == 404
    assert member.post(appeal, {"text": "证人当时不在场"}).status_code == 302
    filed = Appeal.objects.get()
    shown = read(cast.member_user_a, address)
    for text in (filed.receipt, "证人当时不在场"):
        assert text in shown
    assert member.get(appeal).status_code == 302
    assert page(veto) in read(cast.staff, reverse("workbench:veto_vetorecord_changelist") + "?state=appealed")
    assert "1 件一票否决有申诉" in read(cast.staff, reverse("workbench:index"))
    assert page(veto, "answer_appeal") in read(cast.staff, page(veto))
    assert browse(cast.secretary_a).get(page(veto, "answer_appeal")).status_code == 403
    form = {"outcome": "revoked", "answer": "证人证言不成立", "is_unrelated": "on"}
    assert browse(cast.staff).post(page(veto, "answer_appeal"), form).status_code == 302
    veto.refresh_from_db()
    assert veto.state == "revoked"
    shown = read(cast.member_user_a, address)
    for text in ("撤销原认定", "证人证言不成立", "镇干部"):
        assert text in shown


def test_a_proposal_brings_its_evidence(cast: Cast) -> None:
    picture = BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    data: dict[str, Any] = {
        "token": str(uuid4()),
        "member": cast.member_a.pk,
        "ground": "gambling",
        "date": "2026-03-01",
        "particulars": PARTICULARS,
        "papers": PAPERS,
        "evidence": [SimpleUploadedFile("赌博现场.png", picture.getvalue())],
    }
    response = browse(cast.recorder_a).post(reverse("workbench:veto_deduction_propose"), data)
    assert response.status_code == 302
    link = EvidenceLink.objects.get()
    assert link.deduction == Deduction.objects.get()
    assert "赌" not in link.file.name  # D21
    shown = read(cast.member_user_a, told(cast, Deduction.objects.get()))
    assert f'href="{reverse("evidence", args=[link.uuid])}"' in shown


def test_no_response_outside_d21_holds_the_ground(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    browse(cast.member_user_a).post(address, {"statement": STATEMENT, "agrees": "on"})
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    names = ("veto_vetorecord_changelist", "candidates", "members_auditentry_changelist", "index")
    addresses = [page(veto), *(reverse(f"workbench:{name}") for name in names), address]
    addresses += [reverse("workbench:members_member_change", args=[cast.member_a.pk])]
    addresses += [reverse("hearings"), reverse("notifications")]
    for who in ("staff", "supervisor", "member_user_b", "recorder_b", "outsider", "other_staff"):
        for each in addresses:
            body = browse(getattr(cast, who)).get(each, follow=True).content.decode()
            assert [secret for secret in SECRETS if secret in body] == [], (who, each)
    logged = str(list(AuditEntry.objects.values_list("verb", "object_type", "object_id", "old", "new")))
    logged += str(list(Notification.objects.values_list("kind", "link", "period")))
    assert [secret for secret in SECRETS if secret in logged] == []
