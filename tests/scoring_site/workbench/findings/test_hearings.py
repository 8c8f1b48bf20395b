"""What the member, the branch and the town see of a finding on its way; the ground for nobody else (D18, D21)."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from members.models import AuditEntry, Notification, User
from points.models import EvidenceLink
from tests.cast import Cast
from tests.factories import NOW, TODAY, make_batch
from tests.pages import browse
from tests.points.papers.pdf_text import read_text
from tests.scoring_site.workbench.findings.addresses import page
from tests.veto.hearings import hear
from tests.work import count_queries
from veto.deciding import confirm_finding, propose_veto, revoke_finding, void_finding
from veto.hearings import tell_member
from veto.letters import write_hearing_notice, write_referral
from veto.models import Deduction, Finding, VetoRecord

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
    tell_member(actor=cast.recorder_a, now=NOW, finding=finding, notified_on=TODAY)
    return reverse("hearing", args=[finding.uuid])


# The member


def test_the_member_reads_what_it_is_about_and_answers(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    shown = read(cast.member_user_a, address)
    for text in (GROUND, PARTICULARS, PAPERS, "甲记录员", "目前没有作出任何决定", "2026-03-20", "向镇党委申诉"):
        assert text in shown
    assert "不合格" not in shown
    assert Notification.objects.get(user=cast.member_user_a).read_at == NOW
    client = browse(cast.member_user_a)
    for wrong in ({}, {"statement": STATEMENT, "waives": "on"}, {"statement": " "}):
        assert client.post(address, wrong).context["form"].errors
    kept = client.post(address, {"statement": STATEMENT, "waives": "on"}).content.decode()
    assert STATEMENT in kept
    assert client.post(address, {"statement": STATEMENT}).status_code == 302
    veto.refresh_from_db()
    assert (veto.answer, veto.statement, veto.answered_on) == ("statement", STATEMENT, TODAY)
    shown = read(cast.member_user_a, address)
    assert STATEMENT in shown
    assert "<textarea" not in shown
    assert client.post(address, {"waives": "on"}).context["form"].non_field_errors()
    assert GROUND not in read(cast.member_user_a, reverse("hearings"))


def test_a_decision_says_who_when_and_that_one_may_appeal(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    browse(cast.member_user_a).post(address, {"waives": "on"})
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    shown = read(cast.member_user_a, address)
    for text in ("党支部委员会于2026-03-15召开会议作出认定", "2026年度考评积分为0分", "向镇党委申诉"):
        assert text in shown
    revoke_finding(actor=cast.secretary_a, now=NOW, finding=veto, reason="认定有误")
    shown = read(cast.member_user_a, address)
    assert "撤销了这一决定" in shown
    assert "认定有误" in shown


def test_before_being_told_the_portal_says_nothing(cast: Cast, veto: VetoRecord) -> None:
    client = browse(cast.member_user_a)
    assert client.get(reverse("hearing", args=[veto.uuid])).status_code == 404
    assert "没有需要您说明的事项" in read(cast.member_user_a, reverse("hearings"))


def test_one_taken_back_is_said_to_be(cast: Cast, veto: VetoRecord) -> None:
    address = told(cast, veto)
    void_finding(actor=cast.secretary_a, now=NOW, finding=veto, reason="录错人")
    assert "因录入有误作废" in read(cast.member_user_a, address)


def test_the_list_costs_the_same_for_one_and_for_many(cast: Cast, veto: VetoRecord) -> None:
    told(cast, veto)
    client = browse(cast.member_user_a)

    def shown() -> int:
        return int(client.get(reverse("hearings")).content.decode().count("/hearings/"))

    one = shown()
    few = count_queries(shown)
    for number in range(12):
        Deduction.objects.create(
            batch=veto.batch,
            member=cast.member_a,
            item="gambling",
            date=TODAY,
            particulars=str(number),
            notified_on=TODAY,
        )
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
    told(cast, veto)
    veto.refresh_from_db()
    assert "2026年3月20日" in read_text(write_hearing_notice(finding=veto, on=TODAY))


def test_the_referral_decides_no_sanction(cast: Cast, veto: VetoRecord) -> None:
    hear(
        actor=cast.recorder_a,
        now=NOW,
        finding=veto,
        notified_on=TODAY,
        answered_on=TODAY,
        answer=Finding.Answer.WAIVED,
    )
    assert browse(cast.secretary_a).get(page(veto, "referral")).status_code == 404
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    veto.refresh_from_db()
    text = read_text(write_referral(finding=veto, on=TODAY))
    for words in (
        "中共甲镇委员会",
        "张伟",
        "2026年3月15日",
        "放弃申辩",
        "是否给予党纪处分、组织处置（包括除名）",
        "另行决定",
    ):
        assert words in text
    response = browse(cast.secretary_a).get(page(veto, "referral"))
    assert response["Content-Disposition"] == f'attachment; filename="referral-{veto.uuid}.pdf"'
    assert AuditEntry.objects.get(verb="read_grounds").actor == cast.secretary_a


def test_who_prints_the_notice_has_looked_at_the_ground(cast: Cast, veto: VetoRecord) -> None:
    response = browse(cast.recorder_a).get(page(veto, "notice"))
    assert response["Content-Disposition"] == f'attachment; filename="notice-{veto.uuid}.pdf"'
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

    assert (listed("to_tell"), listed("to_clear"), listed("proposed")) == (["veto"], ["held"], ["veto", "held"])
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
    refused = browse(cast.recorder_a).post(page(held, "tell"), {"notified_on": "2026-03-15"})
    assert "镇党建办" in str(refused.context["form"].non_field_errors())
    assert page(held, "clear") in read(cast.staff, page(held))
    assert browse(cast.staff).post(page(held, "clear")).status_code == 302
    assert page(held, "tell") in read(cast.recorder_a, page(held))


def test_a_refusal_names_its_witnesses(cast: Cast, veto: VetoRecord) -> None:
    told(cast, veto)
    recorder = browse(cast.recorder_a)
    form = {"answer": "refused", "answered_on": "2026-03-15", "statement": "", "first_witness": "李娜"}
    assert "两名" in str(recorder.post(page(veto, "answer"), form).context["form"].non_field_errors())
    assert recorder.post(page(veto, "answer"), form | {"second_witness": "曾国华"}).status_code == 302
    assert "李娜、曾国华" in read(cast.secretary_a, page(veto))
    decide = {"decision": "confirm", "decided_on": "2026-03-15"}
    assert "2026-03-20" in str(
        browse(cast.secretary_a).post(page(veto, "decide"), decide).context["form"].non_field_errors()
    )


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
    browse(cast.member_user_a).post(address, {"statement": STATEMENT})
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    addresses = [
        page(veto),
        reverse("workbench:veto_vetorecord_changelist"),
        reverse("workbench:candidates"),
        reverse("workbench:members_member_change", args=[cast.member_a.pk]),
        reverse("workbench:members_auditentry_changelist"),
        reverse("workbench:index"),
        address,
        reverse("hearings"),
        reverse("notifications"),
    ]
    for who in ("staff", "supervisor", "member_user_b", "recorder_b", "outsider", "other_staff"):
        for each in addresses:
            body = browse(getattr(cast, who)).get(each, follow=True).content.decode()
            assert [secret for secret in SECRETS if secret in body] == [], (who, each)
    logged = str(list(AuditEntry.objects.values_list("verb", "object_type", "object_id", "old", "new")))
    logged += str(list(Notification.objects.values_list("kind", "link", "period")))
    assert [secret for secret in SECRETS if secret in logged] == []
