"""Photos of meetings, scans of confirmations, and a final half opened again, through the review's pages (D10, D26)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.evidence.store import read_picture
from members.models import AccessEntry, AuditEntry
from points.models import Confirmation
from points.reviews.steps import mark_final, mark_published, reopen_review
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.factories import make_member
from tests.members.evidence.uploads import PDF, picture, upload
from tests.points.half_stages import HOUR, JANUARY, JULY, bring_to
from tests.scoring_site.screens import get, status, visible
from tests.scoring_site.workbench.reviews.addresses import url

pytestmark = pytest.mark.django_db

MEETING = {
    "met_on": "2025-07-05", "met_at": "村部", "expected": "3", "present": "3", "minutes": "逐人核定，一致通过。",
}  # fmt: skip


# The photo of the meeting


def test_the_meetings_photo_is_kept_and_shown_to_who_may_see_the_review(
    july: Cast, client: Client, evidence_dir: Path
) -> None:
    review = bring_to(july, "submitted")
    client.force_login(july.secretary_a)
    page = visible(client.post(url("approve", review.pk), {**MEETING, "photo": picture()}, follow=True))
    assert "会议照片或记录扫描件 打开文件" in page
    review.refresh_from_db()
    assert (review.state, len(review.photo)) == ("approved", 64)
    assert AuditEntry.objects.get(verb="approve_review").new["photo"] == review.photo
    address = url("photo", review.pk)
    for user in (july.secretary_a, july.recorder_a, july.committee_a, july.supervisor, july.staff):
        client.force_login(user)
        response = client.get(address)
        assert (response.content, response["Content-Type"]) == (read_picture(review.photo), "image/jpeg")
        assert "no-store" in response["Cache-Control"]
    for user in (july.secretary_b, july.other_staff):
        assert status(client, user, address) == 404
    assert status(client, july.member_user_a, address) == 302
    final = mark_final(
        actor=july.secretary_a,
        now=JULY + 3 * HOUR,
        review=mark_published(actor=july.secretary_a, now=JULY + 2 * HOUR, review=review),
    )
    reopened = reopen_review(actor=july.staff, now=JULY + 4 * HOUR, review=final, reason="上级核查")
    assert reopened.photo == mark_final(actor=july.staff, now=JULY + 5 * HOUR, review=reopened).photo == review.photo


def test_the_signed_minutes_are_kept_as_a_pdf(july: Cast, client: Client, evidence_dir: Path) -> None:
    review = bring_to(july, "submitted")
    client.force_login(july.secretary_a)
    minutes = upload(PDF, "会议记录.pdf", "application/pdf")
    assert client.post(url("approve", review.pk), {**MEETING, "photo": minutes}).status_code == 302
    client.force_login(july.supervisor)
    answer = client.get(url("photo", review.pk))
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert status(client, july.secretary_b, url("photo", review.pk)) == 404
    small = f"{url('photo', review.pk)}?small=1"
    assert status(client, july.secretary_b, small) == 404
    client.force_login(july.supervisor)
    assert f'<img src="{small}"' in client.get(url("change", review.pk)).content.decode()
    taken_out = AccessEntry.objects.filter(kind=AccessEntry.Kind.TAKEN_OUT).count()
    answer = client.get(small)
    assert (answer.content[:3], answer["Content-Type"]) == (b"\xff\xd8\xff", "image/jpeg")
    assert "Content-Disposition" not in answer
    # A page asks for it by itself: that is no file taken out.
    assert AccessEntry.objects.filter(kind=AccessEntry.Kind.TAKEN_OUT).count() == taken_out


def test_a_damaged_file_is_refused_and_the_rest_stays(july: Cast, client: Client, evidence_dir: Path) -> None:
    review = bring_to(july, "submitted")
    client.force_login(july.secretary_a)
    fake = SimpleUploadedFile("现场.jpg", b"%PDF-1.7", content_type="image/jpeg")
    response = client.post(url("approve", review.pk), {**MEETING, "photo": fake})
    assert "PDF已损坏或不完整" in visible(response)
    assert response.context["form"]["minutes"].value() == MEETING["minutes"]
    review.refresh_from_db()
    assert (review.state, review.photo) == ("submitted", "")


def test_without_a_photo_nothing_is_served(july: Cast, client: Client) -> None:
    review = bring_to(july, "approved")
    assert "会议照片或记录扫描件 —" in get(client, july.secretary_a, url("change", review.pk))
    assert client.get(url("photo", review.pk)).status_code == 404


# Confirmations with their scan


def test_signed_slips_are_kept_as_a_pdf_of_several_pages(july: Cast, client: Client, evidence_dir: Path) -> None:
    review = bring_to(july, "published")
    client.force_login(july.recorder_a)
    scan = upload(PDF, "签收表.pdf", "application/pdf")
    data = {"how": "slip", "confirmed_on": "2025-07-05", "members": [july.member_a.pk], "scan": scan}
    assert client.post(url("confirm", review.pk), data).status_code == 302
    answer = client.get(url("scan", review.pk), {"name": Confirmation.objects.get().scan})
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="scan.pdf"'


def test_a_meetings_confirmations_with_one_scan(july: Cast, client: Client, evidence_dir: Path) -> None:
    review = bring_to(july, "published")
    first, second, third = july.members_a
    client.force_login(july.recorder_a)
    data = {"how": "meeting", "confirmed_on": "2025-07-05", "members": [first.pk, second.pk], "scan": picture()}
    page = visible(client.post(url("confirm", review.pk), data, follow=True))
    assert "2名党员的确认方式 张伟 2025-07-05 会上集体反馈 扫描件 甲记录员" in page
    scans = set(Confirmation.objects.values_list("scan", flat=True))
    assert len(scans) == 1
    (name,) = scans
    address = url("scan", review.pk)
    assert f"{address}?name={name}" in client.get(url("change", review.pk)).content.decode()
    assert client.get(address, {"name": name}).content == read_picture(name)
    assert client.get(address).status_code == client.get(address, {"name": "0" * 64}).status_code == 404
    assert client.get(address, {"name": "\0"}).status_code == 404
    other = bring_to(july, "approved", branch=july.branch_b)
    assert client.get(url("scan", other.pk), {"name": name}).status_code == 404
    client.force_login(july.staff)
    assert client.get(url("scan", other.pk), {"name": name}).status_code == 404
    for user in (july.recorder_b, july.other_staff):
        client.force_login(user)
        assert client.get(address, {"name": name}).status_code == 404
    assert third.name in get(client, july.recorder_a, url("confirm", review.pk))


def test_entering_forms_costs_the_same_for_any_number(july: Cast, client: Client) -> None:
    for number in range(30):
        make_member(july.branch_a, f"党员{number}")
    review = bring_to(july, "published")
    ids = list(review.lines.order_by("member").values_list("member", flat=True))
    client.force_login(july.recorder_a)
    counts = []
    for chosen in (ids[:1], ids[1:3], ids[3:]):  # the first one fills what is read once
        with CaptureQueriesContext(connection) as queries:
            response = client.post(
                url("confirm", review.pk), {"how": "form", "confirmed_on": "2025-07-05", "members": chosen}
            )
        assert response.status_code == 302
        counts.append(len(queries))
    assert counts[1] == counts[2]
    assert Confirmation.objects.filter(how="form").count() == len(ids) == 34


def test_a_day_before_the_approval_is_refused_and_what_was_ticked_stays(july: Cast, client: Client) -> None:
    review = bring_to(july, "approved")
    client.force_login(july.recorder_a)
    data = {"how": "slip", "confirmed_on": "2025-07-04", "members": [july.member_a.pk]}
    response = client.post(url("confirm", review.pk), data)
    assert "核定" in visible(response)
    form = response.context["form"]
    assert (form["how"].value(), form["members"].value()) == ("slip", [str(july.member_a.pk)])
    assert not Confirmation.objects.exists()


# A final half opened again


def test_town_staff_open_a_final_half_again_and_everybody_sees_it(
    july: Cast, client: Client, clock: FrozenClock
) -> None:
    bring_to(july, "final")
    review = bring_to(july, "final", half="H2")
    clock.now = JANUARY + 5 * HOUR
    page = get(client, july.staff, url("reopen", review.pk))
    assert "重新打开一支部 2025年下半年" in page
    assert "该半年回到公示状态" in page
    assert "年度不再是定稿：暂停评定等次" in page
    response = client.post(url("reopen", review.pk), {"reason": " "})
    assert response.context["form"].errors["reason"]
    review.refresh_from_db()
    assert review.state == "final"
    page = visible(client.post(url("reopen", review.pk), {"reason": "上级核查，赌博"}, follow=True))
    assert "已重新打开" in page
    assert "状态 重新公示" in page
    assert "重新打开 镇干部 2026-01-08 重新打开的原因 上级核查，赌博" in page
    review.refresh_from_db()
    assert (review.state, review.final_at, review.reopened_by) == ("published", None, july.staff)
    # The reason may name a ground (D21).
    assert "重新打开的原因 上级核查" in get(client, july.secretary_a, url("change", review.pk))
    assert "赌博" not in get(client, july.recorder_a, url("change", review.pk))
    assert "重新公示" in get(client, july.recorder_a, url("changelist"))
    again = client.post(url("reopen", review.pk), {"reason": "再来"})
    assert again.status_code == 403  # as the recorder


def test_a_first_half_says_that_the_second_is_final_too(july: Cast, client: Client, clock: FrozenClock) -> None:
    first = bring_to(july, "final")
    assert "请一并重新打开下半年" not in get(client, july.staff, url("reopen", first.pk))
    bring_to(july, "final", half="H2")
    clock.now = JANUARY + 5 * HOUR
    page = get(client, july.staff, url("reopen", first.pk))
    assert "请一并重新打开下半年" in page
    assert "暂停评定等次" not in page


def test_who_is_offered_to_open_it_again(july: Cast, client: Client) -> None:
    review = bring_to(july, "final")
    address = url("reopen", review.pk)
    for user in (july.secretary_a, july.recorder_a, july.committee_a, july.supervisor):
        client.force_login(user)
        assert address not in client.get(url("change", review.pk)).content.decode()
    client.force_login(july.staff)
    assert address in client.get(url("change", review.pk)).content.decode()
    published = bring_to(july, "published", branch=july.branch_b)
    assert url("reopen", published.pk) not in client.get(url("change", published.pk)).content.decode()
    refused = client.post(url("reopen", published.pk), {"reason": "改"})
    assert "只有已定稿的半年" in " ".join(refused.context["form"].non_field_errors())
