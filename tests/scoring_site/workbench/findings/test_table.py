"""Findings in the workbench: every step of D18, and grounds only for who may read them (D21)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from members.models import Appointment, AuditEntry, User
from points.models import EvidenceLink
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, appoint, forbid_grounds, make_user, permit_grounds
from tests.members.evidence.uploads import PDF, picture, upload
from tests.pages import browse
from tests.scoring_site.workbench.findings.addresses import page
from tests.veto.hearings import confirm as confirm_finding
from tests.veto.hearings import hear as hear_member
from tests.veto.hearings import let_through
from veto.deciding import propose_deduction, propose_veto
from veto.models import Deduction, VetoRecord

GROUND = "信仰邪教、参与邪教活动"
PARTICULARS = "公安机关认定书第七号"


@pytest.fixture
def veto(cast: Cast) -> VetoRecord:
    return propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.member_a,
        ground="cult",
        date=TODAY,
        particulars=PARTICULARS,
        papers="核实材料",
    )


def telling(**fields: str) -> dict[str, str]:
    """The form of who told the member on 15 March of the committee's meeting on 23 March."""
    return {
        "told_on": "2026-03-15",
        "way": "handed",
        "meets_on": "2026-03-23",
        "meets_at": "15:00",
        "place": "村部会议室",
    } | fields


def vote(day: str, **fields: str) -> dict[str, str]:
    """The form of a decision carried by all of three."""
    numbers = {"expected": "3", "present": "3", "in_favour": "3", "against": "0", "abstained": "0"}
    return {"decision": "confirm", "met_on": day, "minutes": "表决", "is_unrelated": "on"} | numbers | fields


def test_the_receipt_of_a_notice_is_kept_in_its_step_as_pages_of_a_pdf_and_a_photo(
    cast: Cast, veto: VetoRecord, evidence_dir: Path
) -> None:
    """R8, as it was seen: the receipt had no place, and scans were one JPEG or PNG."""
    let_through(veto, now=NOW)
    recorder = browse(cast.recorder_a)
    form = recorder.get(page(veto, "tell")).content.decode()
    field = re.findall(r'<input type="file" name="receipt"[^>]*>', form)[0]  # the other one is the camera
    assert ("application/pdf" in field, " multiple" in field) == (True, True)
    sent = telling() | {"receipt": [upload(PDF, "回执.pdf"), picture(name="回执.jpg")]}
    assert recorder.post(page(veto, "tell"), sent).status_code == 302
    kept = EvidenceLink.objects.filter(veto=veto)
    assert sorted(kept.values_list("file__kind", flat=True)) == ["image", "pdf"]
    shown = browse(cast.secretary_a).get(page(veto)).content.decode()
    for link in kept:
        assert reverse("workbench:points_evidencelink_change", args=[link.pk]) in shown


def test_from_proposal_to_revocation(cast: Cast, clock: FrozenClock) -> None:
    recorder, secretary = browse(cast.recorder_a), browse(cast.secretary_a)
    propose = reverse("workbench:veto_deduction_propose")
    form = recorder.get(propose).content.decode()
    assert "民族风俗" in form
    assert "信访" in form
    data = {"token": str(uuid4()), "member": cast.member_a.pk, "ground": "gambling", "date": "2026-03-01"}
    assert {"particulars", "papers"} <= set(recorder.post(propose, data).context["form"].errors)
    without = recorder.post(propose, data | {"particulars": PARTICULARS}).context["form"]
    assert list(without.errors) == ["papers"]
    data |= {"particulars": PARTICULARS, "papers": "派出所登记表3月1日"}
    recorder.post(propose, data)
    recorder.post(propose, data)  # a double click
    deduction = Deduction.objects.get()
    assert (deduction.item, deduction.state, deduction.papers) == ("gambling", "proposed", "派出所登记表3月1日")

    decide = vote("2026-03-14")
    early = secretary.post(page(deduction, "decide"), decide)
    assert early.context["form"].non_field_errors()

    answer = {"answered_on": "2026-03-15", "kind": "statement", "statement": ""}
    assert recorder.post(page(deduction, "answer"), answer | {"statement": "早"}).context["form"].non_field_errors()
    recorder.post(page(deduction, "tell"), telling())
    assert recorder.post(page(deduction, "answer"), answer).context["form"].non_field_errors()
    recorder.post(page(deduction, "answer"), answer | {"statement": "情况属实"})
    early = secretary.post(page(deduction, "decide"), vote("2026-03-15")).context["form"]
    assert "2026-03-23" in str(early.non_field_errors())
    clock.now = NOW + timedelta(days=8)
    without = secretary.post(page(deduction, "decide"), vote("2026-03-23") | {"is_unrelated": ""}).context["form"]
    assert list(without.errors) == ["is_unrelated"]
    secretary.post(page(deduction, "decide"), vote("2026-03-23"))
    deduction.refresh_from_db()
    assert deduction.answered is not None
    assert (deduction.state, deduction.answered.statement, deduction.decided_by) == (
        "confirmed",
        "情况属实",
        cast.secretary_a,
    )

    revoke = {"reason": "", "is_unrelated": "on"}
    assert "reason" in secretary.post(page(deduction, "revoke"), revoke).context["form"].errors
    secretary.post(page(deduction, "revoke"), revoke | {"reason": "认定有误"})
    deduction.refresh_from_db()
    assert deduction.state == "revoked"
    secretary.post(page(deduction, "void"), {"reason": "重复录入", "is_unrelated": "on"})
    deduction.refresh_from_db()
    assert deduction.state == "void"


def test_a_dismissed_finding_never_counts(cast: Cast, veto: VetoRecord) -> None:
    let_through(veto, now=NOW)
    against = {"decision": "dismiss", "in_favour": "0", "against": "3"}
    browse(cast.secretary_a).post(page(veto, "decide"), vote("2026-03-15", **against))
    veto.refresh_from_db()
    assert veto.state == "dismissed"
    assert not VetoRecord.objects.confirmed().exists()


@pytest.mark.parametrize("who", ["recorder_a", "secretary_a", "committee_a"])
def test_the_committee_and_the_proposer_read_the_ground_and_it_is_logged(
    who: str, cast: Cast, veto: VetoRecord
) -> None:
    shown = browse(getattr(cast, who)).get(page(veto)).content.decode()
    assert GROUND in shown
    assert PARTICULARS in shown
    entry = AuditEntry.objects.get(verb="read_grounds")
    assert (entry.actor, entry.object_id, entry.new) == (getattr(cast, who), str(veto.uuid), {})


@pytest.mark.parametrize("who", ["staff", "supervisor"])
def test_others_see_that_there_is_something_and_not_what(who: str, cast: Cast, veto: VetoRecord) -> None:
    client = browse(getattr(cast, who))
    for address in (
        page(veto),
        reverse("workbench:veto_vetorecord_changelist"),
        reverse("workbench:members_member_change", args=[cast.member_a.pk]),
        reverse("workbench:members_recordbatch_change", args=[veto.batch.pk]),
        reverse("workbench:members_auditentry_changelist"),
    ):
        shown = client.get(address).content.decode()
        assert GROUND not in shown, address
        assert PARTICULARS not in shown, address
        assert "cult" not in shown, address
    assert "（依权限查看）" in client.get(page(veto)).content.decode()
    assert not AuditEntry.objects.filter(verb="read_grounds").exists()


def test_with_the_permission_a_reason_is_stated_and_logged(cast: Cast, veto: VetoRecord) -> None:
    permit_grounds(cast.supervisor)
    client = browse(User.objects.get(pk=cast.supervisor.pk))
    shown = client.get(page(veto)).content.decode()
    assert GROUND not in shown
    assert page(veto, "grounds") in shown
    assert GROUND not in client.get(page(veto, "grounds")).content.decode()
    assert GROUND not in client.post(page(veto, "grounds"), {"reason": " "}).content.decode()
    assert not AuditEntry.objects.filter(verb="read_grounds").exists()
    shown = client.post(page(veto, "grounds"), {"reason": "半年抽查"}).content.decode()
    assert GROUND in shown
    assert AuditEntry.objects.get(verb="read_grounds").new == {"reason": "半年抽查"}


def test_an_assistant_knows_of_no_finding(cast: Cast, veto: VetoRecord) -> None:
    user = make_user("assistant-a", town=cast.town)
    appoint(user, Appointment.Role.ASSISTANT, branch=cast.branch_a)
    client = browse(user)
    assert client.get(page(veto)).status_code == 404
    assert client.get(page(veto, "grounds")).status_code == 404
    assert client.get(reverse("workbench:members_recordbatch_change", args=[veto.batch.pk])).status_code == 404
    shown = client.get(reverse("workbench:members_member_change", args=[cast.member_a.pk])).content.decode()
    assert page(veto) not in shown


def test_a_finding_proposed_by_the_town_is_hidden_from_the_recorder(cast: Cast) -> None:
    finding = propose_deduction(
        actor=cast.staff,
        now=NOW,
        member=cast.member_a,
        item="rumour",
        date=TODAY,
        particulars="通报",
        papers="核实材料",
    )
    recorder = browse(cast.recorder_a)
    assert recorder.get(page(finding)).status_code == 404
    assert recorder.get(reverse("workbench:members_recordbatch_change", args=[finding.batch.pk])).status_code == 404
    void = reverse("workbench:members_recordbatch_void", args=[finding.batch.pk])
    assert recorder.post(void, {"reason": "试"}).status_code == 404
    assert browse(cast.secretary_a).get(page(finding)).status_code == 200


def test_no_heading_and_no_title_names_the_ground(cast: Cast, veto: VetoRecord) -> None:
    response = browse(cast.secretary_a).get(page(veto))
    assert response.context["title"] == "张伟 2026-03-15"
    assert "cult" not in page(veto)


def test_who_prints_a_record_form_and_reads_its_grounds_is_logged(cast: Cast, veto: VetoRecord) -> None:
    hear_member(actor=cast.recorder_a, now=NOW, finding=veto, notified_on=TODAY, answered_on=TODAY, answer="waived")
    confirm_finding(actor=cast.secretary_a, now=NOW, finding=veto, decided_on=TODAY)
    form = reverse("workbench:members_member_record_form", args=[cast.member_a.pk, 2026])
    for user in (cast.secretary_a, cast.staff):
        response = browse(user).get(form)
        assert response.content.startswith(b"%PDF")
        assert "张" not in response["Content-Disposition"]
    assert [entry.actor for entry in AuditEntry.objects.filter(verb="read_grounds")] == [cast.secretary_a]


def test_about_themselves_nobody_is_offered_a_decision_and_a_forged_one_is_refused_in_words(cast: Cast) -> None:
    cast.secretary_a.member = cast.members_a[1]
    cast.secretary_a.save()
    veto = propose_veto(
        actor=cast.recorder_a,
        now=NOW,
        member=cast.members_a[1],
        ground="cult",
        date=TODAY,
        particulars=PARTICULARS,
        papers="核实材料",
    )
    client = browse(cast.secretary_a)
    shown = client.get(page(veto)).content.decode()
    assert page(veto, "tell") not in shown
    assert page(veto, "decide") not in shown
    assert page(veto, "void") not in shown
    let_through(veto, now=NOW)
    response = client.post(page(veto, "decide"), vote("2026-03-15"))
    assert "涉及本人的事项" in response.content.decode()
    response = client.post(page(veto, "void"), {"reason": "录错", "is_unrelated": "on"})
    assert "涉及本人的事项" in response.content.decode()
    batch = reverse("workbench:members_recordbatch_change", args=[veto.batch_id])
    assert "/void/" not in client.get(batch).content.decode()
    own_page = client.get(reverse("workbench:members_member_change", args=[cast.members_a[1].pk])).content.decode()
    assert reverse("workbench:members_exemptionapplication_enter", args=[cast.members_a[1].pk]) not in own_page
    veto.refresh_from_db()
    assert veto.state == "proposed"


def test_who_may_not_read_it_is_not_offered_to_judge_it(cast: Cast, veto: VetoRecord) -> None:
    """Nobody lets through what they cannot read: the page says so, and whom to ask."""
    said = "您没有查看事由的权限，不能审核或认定。"
    told = browse(cast.staff).get(page(veto)).content.decode()
    assert page(veto, "clear") in told
    assert said not in told
    forbid_grounds(cast.staff)
    client = browse(User.objects.get(pk=cast.staff.pk))
    told = client.get(page(veto)).content.decode()
    assert page(veto, "clear") not in told
    assert said in told
    for response in (client.get(page(veto, "clear")), client.post(page(veto, "clear"), {"is_unrelated": "on"})):
        assert said in response.content.decode()
    veto.refresh_from_db()
    assert veto.cleared_at is None
