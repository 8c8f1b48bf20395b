"""The scan of a paper objection, for those who handle it alone (D11), and the photos on the paper of a notice (3.3)."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from members.evidence.store import read_picture, store_picture
from publicity.models import Notice, Objection
from publicity.notices.publication import close_notice, post_notice, post_revised_lines
from publicity.notices.summary import write_summary
from publicity.objections.objections import hand_to_town, raise_objection
from tests.cast import Cast
from tests.clock import FrozenClock
from tests.members.evidence.uploads import PDF, picture, upload
from tests.points.papers.pdf_text import read_pages, squeeze
from tests.publicity.stages import JULY_7, at, corrected, posted, prepared
from tests.scoring_site.objecting import LATER, work
from tests.scoring_site.screens import get, status, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Cast, clock: FrozenClock, evidence_dir: Path) -> Notice:
    """The first half's notice went up on 7 July 2025; now it is the day after."""
    found = posted(cast)
    clock.now = LATER
    return found


def register(client: Client, notice: Notice, **more: object) -> Any:
    data = {
        "via": "paper",
        "received_on": "2025-07-08",
        "objector_name": "刘群众",
        "text": "三月党课漏登。",
        "token": str(uuid4()),
        **more,
    }
    return client.post(f"{work('register')}?notice={notice.pk}", data, follow=True)


def test_the_scan_of_a_paper_objection_is_for_who_handles_it(cast: Cast, notice: Notice, client: Client) -> None:
    client.force_login(cast.recorder_a)
    assert "受理编号" in visible(register(client, notice, scan=picture()))
    objection = Objection.objects.get()
    assert len(objection.scan) == 64
    address = work("scan", objection.pk)
    for handler in (cast.secretary_a, cast.staff):
        assert "书面材料的扫描件（照片） 查看扫描件" in get(client, handler, work("change", objection.pk))
        assert client.get(address).content == read_picture(objection.scan)
    for reader in (cast.recorder_a, cast.committee_a, cast.supervisor):  # they read it without the objector's name
        page = get(client, reader, work("change", objection.pk))
        assert "刘群众" not in page
        assert "扫描件" not in page
        assert status(client, reader, address) == 403
    for stranger in (cast.secretary_b, cast.other_staff):
        assert status(client, stranger, address) == 404
    hand_to_town(actor=cast.secretary_a, now=LATER, objection=objection)
    assert status(client, cast.secretary_a, address) == 404
    assert status(client, cast.staff, address) == 200


def test_a_pdf_of_several_pages_is_sent_as_a_file_that_names_nobody(cast: Cast, notice: Notice, client: Client) -> None:
    client.force_login(cast.recorder_a)
    register(client, notice, scan=upload(PDF, "刘群众的材料.pdf", "application/pdf"))
    client.force_login(cast.staff)
    answer = client.get(work("scan", Objection.objects.get().pk))
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_without_a_scan_there_is_none(cast: Cast, notice: Notice, client: Client) -> None:
    client.force_login(cast.recorder_a)
    register(client, notice)
    objection = Objection.objects.get()
    assert objection.scan == ""
    assert "扫描件" not in get(client, cast.secretary_a, work("change", objection.pk))
    assert client.get(work("scan", objection.pk)).status_code == 404


def test_a_file_that_is_no_picture_keeps_what_was_typed(cast: Cast, notice: Notice, client: Client) -> None:
    client.force_login(cast.recorder_a)
    response = register(client, notice, scan=SimpleUploadedFile("材料.jpg", b"%PDF-1.7", content_type="image/jpeg"))
    assert "PDF已损坏" in visible(response)
    assert not Objection.objects.exists()
    form = response.context["form"]
    assert (form["text"].value(), form["objector_name"].value()) == ("三月党课漏登。", "刘群众")


def test_an_objection_from_the_portal_has_no_scan(cast: Cast, notice: Notice) -> None:
    objection = raise_objection(actor=cast.member_user_a, now=LATER, notice=notice, text="漏登", scan="a" * 64)
    assert objection.scan == ""


# The paper of a closed notice


def photo(colour: tuple[int, int, int], size: tuple[int, int] = (2400, 1800)) -> str:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return store_picture(SimpleUploadedFile("现场.jpg", out.getvalue(), content_type="image/jpeg"))


def test_the_summary_prints_each_photo_once_with_what_it_shows(cast: Cast, evidence_dir: Path, tmp_path: Path) -> None:
    board, chat, end = photo((200, 30, 30)), photo((30, 200, 30), (1200, 2400)), photo((30, 30, 200))
    notice = prepared(cast)
    post_notice(actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=["chat"], posted_on=JULY_7, photo=chat)
    notice = post_notice(
        actor=cast.secretary_a, now=at(7, 7), notice=notice, channels=["board"], posted_on=JULY_7, photo=board
    )
    corrected(cast, notice.review, cast.member_a, now=at(7, 10))
    post_revised_lines(actor=cast.secretary_a, now=at(7, 10), notice=notice, posted_on=at(7, 10).date(), photo=board)
    notice = close_notice(actor=cast.secretary_a, now=at(7, 17), notice=notice, photo=end)
    pdf = write_summary(notice=notice)
    pages = [squeeze(page) for page in read_pages(pdf)]
    assert "现场照片3张附后。" in pages[0]
    last = pages[-1]
    assert "附：公示现场照片" in last
    for part in (
        "1．微信群2025年7月7日发布",
        "2．公开栏2025年7月7日发布；更正后的积分2025",
        "3．公示期满2025年7月17日",
    ):
        assert part in last
    path = tmp_path / "summary.pdf"
    path.write_bytes(pdf)
    listed = subprocess.run(["pdfimages", "-list", str(path)], capture_output=True, check=True, text=True).stdout
    resolutions = [int(line.split()[12]) for line in listed.splitlines()[2:]]
    assert len(resolutions) == 3
    assert max(resolutions) <= 201  # printed small, not with all the dots that were kept


def test_a_photo_whose_file_is_gone_is_named_as_missing(cast: Cast, evidence_dir: Path) -> None:
    notice = close_notice(actor=cast.secretary_a, now=at(7, 15), notice=posted(cast), photo="b" * 64)
    text = squeeze("".join(read_pages(write_summary(notice=notice))))
    assert "现场照片1张附后。" in text
    assert "（照片文件缺失）" in text
