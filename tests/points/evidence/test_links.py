"""Who may see, add and void evidence: one rule, by role and by subject; constant queries (D21)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from members.errors import AlreadyVoided, MissingReason, NotAllowed
from members.evidence.documents import inspect_upload
from members.models import AuditEntry, User
from points.claims.claims import Deed, accept_claim, file_claim
from points.evidence.links import FINDINGS, attach_evidence, evidence_for, evidence_of, own_evidence, void_evidence_link
from points.meetings.holding import record_meeting
from points.models import Attendance, EvidenceLink, PointEvent
from points.records.recording import record_events
from points.records.voiding import void_event
from tests.cast import Cast, build_cast, write_again, write_cast
from tests.clock import FrozenClock
from tests.factories import NOW, TODAY, incentive_entry, permit_grounds
from tests.foundation.test_pdf_pages import look_at
from tests.members.evidence.uploads import PDF, make_pdf, picture, upload
from tests.veto.hearings import tell as tell_member
from tests.work import count_queries
from veto.deciding import propose_deduction, propose_veto

RECEIPTS = ("receipt of the deduction", "receipt of the veto")
"""The signed receipts of the telling: kept beside the finding's other files, and seen as they are."""
READERS = {"recorder_a", "secretary_a", "committee_a", "staff", "supervisor"}
PARTS = {*READERS, "member_user_a", "member_user_b", "recorder_b", "other_staff", "outsider"}
WHO: dict[str, set[str]] = {
    "batch": READERS,
    "meeting": READERS,
    "event": READERS | {"member_user_a"},
    "deduction": {"recorder_a", "secretary_a", "committee_a", "member_user_a"},
    "veto": {"recorder_a", "secretary_a", "committee_a", "member_user_a"},
    **{name: {"recorder_a", "secretary_a", "committee_a", "member_user_a"} for name in RECEIPTS},
    "claim": {"recorder_a", "secretary_a", "staff", "member_user_a"},
    "accepted": READERS | {"member_user_a"},
}


@dataclass
class Proved:
    """A subject of each kind in branch A, about its first member, with one file each; of a finding also the receipt."""

    links: dict[str, EvidenceLink]


def build_proved() -> tuple[Cast, Proved]:
    cast = build_cast()
    by: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    batch = record_events(town=cast.town, branch=cast.branch_a, entries=[incentive_entry(cast.member_a)], **by)
    meeting = record_meeting(
        branch=cast.branch_a,
        held_on=TODAY,
        kinds=[("lecture", "2026Q1")],
        statuses={cast.member_a.pk: Attendance.Status.ATTENDED},
        **by,
    )
    found: dict[str, Any] = {
        "member": cast.member_a,
        "date": TODAY,
        "particulars": "核实",
        "papers": "镇纪字〔2026〕1号",
    }
    subjects: dict[str, Any] = {
        "batch": batch,
        "meeting": meeting,
        "event": batch.events.get(),
        "deduction": propose_deduction(item="gambling", **found, **by),
        "veto": propose_veto(ground="disciplined", **found, **by),
    }
    links: dict[str, EvidenceLink] = {}
    for name in FINDINGS:
        tell_member(finding=subjects[name], notified_on=TODAY, **by)
        links[f"receipt of the {name}"] = subjects[name].evidence.get()
    links |= {
        name: attach_evidence(subject=subject, files=[picture(size=(30, 30 + number), name="赌博.jpg")], **by)[0]
        for number, (name, subject) in enumerate(subjects.items())
    }
    for number, name in enumerate(("claim", "accepted")):
        claim = file_claim(
            actor=cast.member_user_a,
            now=NOW,
            deed=Deed("heritage", TODAY, "讲革命故事", points=5),
            files=[inspect_upload(picture(size=(60, 60 + number)))],
        )
        links[name] = claim.evidence.get()
    accept_claim(claim=links["accepted"].claim, points=5, led=False, **by)  # type: ignore[arg-type]
    return cast, Proved(links)


@pytest.fixture
def built(db: None, clock: FrozenClock, evidence_dir: Path) -> tuple[Cast, Proved]:
    clock.now = NOW
    return write_again(build_proved)


@pytest.fixture
def cast(built: tuple[Cast, Proved]) -> Cast:
    return built[0]


@pytest.fixture
def proved(built: tuple[Cast, Proved]) -> Proved:
    return built[1]


@pytest.mark.django_db
def test_a_member_opens_the_files_of_their_finding_only_once_told(clock: FrozenClock, evidence_dir: Path) -> None:
    clock.now = NOW
    cast = write_cast()
    by: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    finding = propose_deduction(
        member=cast.member_a, item="gambling", date=TODAY, particulars="核实", papers="材料", **by
    )
    [link] = attach_evidence(subject=finding, files=[picture()], **by)
    assert not own_evidence(cast.member_user_a, on=TODAY).exists()
    assert not evidence_for(cast.member_user_a, on=TODAY).exists()
    tell_member(finding=finding, notified_on=TODAY, **by)
    receipt = EvidenceLink.objects.exclude(pk=link.pk).get()
    assert receipt.file == finding.tellings.get().scan
    assert set(own_evidence(cast.member_user_a, on=TODAY)) == {link, receipt}
    assert not own_evidence(cast.member_user_b, on=TODAY).exists()


@pytest.mark.parametrize("part", sorted(PARTS))
def test_whoever_may_see_the_subject_may_see_its_files(part: str, cast: Cast, proved: Proved, client: Any) -> None:
    user = getattr(cast, part)
    seen = set(evidence_for(user, on=TODAY))
    assert seen == {link for name, link in proved.links.items() if part in WHO[name]}
    client.force_login(user)
    own = set(own_evidence(user, on=TODAY))
    assert own == (
        {link for name, link in proved.links.items() if name not in ("batch", "meeting")}
        if part == "member_user_a"
        else set()
    )
    for name, link in proved.links.items():
        works = part in WHO[name] and not part.startswith("member_user")
        address = reverse("workbench:points_evidencelink_file", args=[link.pk])
        assert (client.get(address).status_code == 200) is works, name
        assert (client.get(address.replace("file", "thumbnail")).status_code == 200) is (
            works and name not in (*FINDINGS, *RECEIPTS)
        )
        for address in (reverse("evidence", args=[link.uuid]), reverse("evidence_thumbnail", args=[link.uuid])):
            expected = link in own and not (name in (*FINDINGS, *RECEIPTS) and "thumbnail" in address)
            assert (client.get(address).status_code == 200) is expected, address
            assert client.post(address).status_code == 405
            assert (client.head(address).status_code == 200) is expected


def test_a_file_is_only_ever_an_attachment_that_names_nobody(cast: Cast, proved: Proved, client: Any) -> None:
    client.force_login(cast.recorder_a)
    response = client.get(reverse("workbench:points_evidencelink_file", args=[proved.links["event"].pk]))
    assert response["Content-Disposition"].startswith('attachment; filename="evidence-20260315-')
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private, no-store")
    assert response["Content-Type"] == "image/jpeg"


def test_of_a_pdf_the_list_shows_the_first_page(cast: Cast, client: Any, evidence_dir: Path) -> None:
    event = record_events(
        actor=cast.recorder_a, now=NOW, town=cast.town, entries=[incentive_entry(cast.member_a)]
    ).events.get()
    scan = upload(make_pdf("red", "blue"), "签到表.pdf", "application/pdf")
    [link] = attach_evidence(actor=cast.recorder_a, now=NOW, files=[scan], subject=event)
    client.force_login(cast.recorder_a)
    answer = client.get(reverse("workbench:points_evidencelink_thumbnail", args=[link.pk]))
    assert look_at(answer.content) == ((227, 320), "red")
    client.force_login(cast.recorder_b)
    assert client.get(reverse("workbench:points_evidencelink_thumbnail", args=[link.pk])).status_code == 404


def test_a_findings_file_tells_no_ground_and_each_one_opened_is_logged(cast: Cast, proved: Proved, client: Any) -> None:
    link = proved.links["deduction"]
    assert link.file.name == "image.jpg"
    looks = AuditEntry.objects.filter(verb="read_grounds")
    client.force_login(cast.committee_a)
    address = reverse("workbench:points_evidencelink_file", args=[link.pk])
    client.get(address)
    assert looks.filter(actor=cast.committee_a).count() == 1
    for method in ("head", "options", "put", "patch", "delete"):
        assert not getattr(client, method)(address).content, method
    assert looks.filter(actor=cast.committee_a).count() == 1  # without the file, nothing was looked at
    # Whoever holds the permission says why, each time; without a reason, or without the permission, it is not there.
    client.force_login(cast.supervisor)
    assert client.get(address).status_code == client.post(address, {"reason": "核查"}).status_code == 404
    permit_grounds(cast.supervisor)
    assert client.post(address, {"reason": " "}).status_code == 404
    grounds = reverse("workbench:veto_deduction_grounds", args=[link.deduction_id])
    page = client.post(grounds, {"reason": "年度核查"}).content.decode()
    assert f'action="{address}"' in page
    assert 'name="reason" value="年度核查"' in page
    assert client.post(address, {"reason": "核查"}).status_code == 200
    assert [look.new for look in looks.filter(actor=cast.supervisor).order_by("pk")] == [
        {"reason": "年度核查"},
        {"reason": "核查"},
    ]
    assert (
        client.post(reverse("workbench:points_evidencelink_file", args=[proved.links["event"].pk])).status_code == 404
    )


@pytest.mark.parametrize("part", sorted(PARTS - {"recorder_a", "secretary_a", "staff"}))
def test_only_who_records_adds_and_voids(part: str, cast: Cast, proved: Proved) -> None:
    user = getattr(cast, part)
    for name, link in proved.links.items():
        subject = link.meeting or link.event or link.batch or link.deduction or link.veto
        if subject is not None:
            with pytest.raises(NotAllowed):
                attach_evidence(actor=user, now=NOW, files=[upload(PDF)], subject=subject)
        if (part, name) != ("member_user_a", "claim"):  # one's own open claim
            with pytest.raises(NotAllowed):
                void_evidence_link(actor=user, now=NOW, link=link, reason="错")
    assert EvidenceLink.objects.voided().count() == 0


def test_town_staff_without_the_ground_add_nothing_to_a_finding(cast: Cast, proved: Proved) -> None:
    with pytest.raises(NotAllowed):
        attach_evidence(actor=cast.staff, now=NOW, files=[upload(PDF)], subject=proved.links["veto"].veto)  # type: ignore[arg-type]


def test_a_file_is_attached_once_and_voided_once_with_a_reason(cast: Cast, proved: Proved) -> None:
    link = proved.links["event"]
    by: dict[str, Any] = {"actor": cast.recorder_a, "now": NOW}
    again = [picture(size=(30, 32))]
    assert attach_evidence(files=again, subject=link.event, **by) == []  # type: ignore[arg-type]
    with pytest.raises(MissingReason):
        void_evidence_link(link=link, reason=" ", **by)
    void_evidence_link(link=link, reason="传错", **by)
    with pytest.raises(AlreadyVoided):
        void_evidence_link(link=link, reason="传错", **by)
    (fresh,) = attach_evidence(files=[picture(size=(30, 32))], subject=link.event, **by)  # type: ignore[arg-type]
    assert fresh.file == link.file
    void_event(event=link.event, reason="录错", **by)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        attach_evidence(files=[upload(PDF)], subject=PointEvent.objects.get(evidence=link), **by)


def test_an_events_evidence_is_its_own_its_claims_its_meetings_and_its_batchs(cast: Cast, proved: Proved) -> None:
    events = list(PointEvent.objects.order_by("pk"))

    def find(some: list[PointEvent]) -> Callable[[], dict[int, list[EvidenceLink]]]:
        user = User.objects.get(pk=cast.secretary_a.pk)  # whose reach has not been read yet
        return lambda: evidence_of(user, some, on=TODAY)

    assert count_queries(find(events[1:2])) == count_queries(find(events))
    found = find(events)()
    by_item = {event.item: {link.pk for link in found[event.pk]} for event in events}
    links = proved.links
    assert by_item == {
        "volunteering": {links["event"].pk, links["batch"].pk},
        "lecture": {links["meeting"].pk},
        "heritage": {links["accepted"].pk},
    }
    assert evidence_of(cast.recorder_b, events, on=TODAY) == {event.pk: [] for event in events}


def test_the_pages_show_the_files_and_take_more(cast: Cast, proved: Proved, client: Any) -> None:
    client.force_login(cast.recorder_a)
    for name, table in (
        ("event", "points_pointevent"),
        ("meeting", "points_meeting"),
        ("deduction", "veto_deduction"),
        ("veto", "veto_vetorecord"),
    ):
        link = proved.links[name]
        subject: Any = getattr(link, name)
        page = client.get(reverse(f"workbench:{table}_change", args=[subject.pk])).content.decode()
        assert reverse("workbench:points_evidencelink_file", args=[link.pk]) in page, name
        attach = f"{reverse('workbench:points_evidencelink_attach')}?{name}={subject.pk}"
        assert attach in page
        response = client.post(attach, {"evidence": [upload(PDF, "证明.pdf"), picture(size=(77, 77))]}, follow=True)
        assert "已添加2个文件" in response.content.decode()
        receipts = [proved.links[f"receipt of the {name}"]] if name in FINDINGS else []
        assert all(reverse("workbench:points_evidencelink_file", args=[receipt.pk]) in page for receipt in receipts)
        assert EvidenceLink.objects.filter(**{name: subject}).count() == 3 + len(receipts)
    page = client.post(attach, {"evidence": [upload(b"MZ", "坏.exe")]}).content.decode()
    assert "坏.exe" in page
    assert "只收图片" in page
    for query in ("", "?event=abc", "?event=1&meeting=1", f"?event={10**30}", "?claim=1"):
        assert client.get(reverse("workbench:points_evidencelink_attach") + query).status_code == 404
