"""Uploads told from their bytes: what is kept, cleaned or refused, whatever it is called."""

from __future__ import annotations

import hashlib
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from PIL import Image

from foundation import pictures
from foundation.file_store import StoreFailed, keep_bytes, read_bytes
from foundation.pictures import EvidenceRefused
from foundation.workbooks import limits, uploaded
from members.evidence.documents import LIMIT_BYTES, NAME_LENGTH, clean_name, inspect_upload
from members.evidence.store import read_file
from members.models import StoredFile
from tests.cast import Cast
from tests.factories import NOW
from tests.members.evidence.uploads import PDF, store_file, upload

Kind = StoredFile.Kind
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def word(types: str = f"{WORD}.document.main+xml", **more: bytes) -> bytes:
    """A small .docx; `more` are further parts, `__` standing for a slash."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types><Override PartName="/word/document.xml" ContentType="{types}"/></Types>',
        )
        package.writestr("word/document.xml", "<document>佐证</document>")
        for name, data in more.items():
            package.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def excel() -> bytes:
    out = BytesIO()
    Workbook().save(out)
    return out.getvalue()


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "name"),
    [
        (photo("PNG"), Kind.IMAGE, "签到.jpg"),
        (photo("WEBP"), Kind.IMAGE, "签到.jpg"),
        (PDF, Kind.PDF, "签到.pdf"),
        (word(), Kind.WORD, "签到.docx"),
        (excel(), Kind.EXCEL, "签到.xlsx"),
    ],
    ids=["png", "webp", "pdf", "docx", "xlsx"],
)
def test_the_kind_is_told_from_the_bytes_not_from_name_or_header(data: bytes, kind: Kind, name: str) -> None:
    found = inspect_upload(upload(data, "签到.html", "text/html"))
    assert (found.kind, found.name) == (kind, name)
    assert (found.data == data) == (kind != Kind.IMAGE)


def test_a_photo_loses_where_and_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[29] = "N", (31.0, 12.0, 34.5), "2026:03:15"
    data = photo(exif=exif, comment=b"hidden") + b"<script>alert(1)</script>"
    assert b"2026:03:15" in data
    kept = inspect_upload(upload(data, "x.jpg", "image/jpeg")).data
    for secret in (b"SecretCamera", b"2026:03:15", b"hidden", b"<script>", b"Exif"):
        assert secret not in kept
    assert dict(Image.open(BytesIO(kept)).getexif()) == {}


def rels(target: str, kind: str = f"{OFFICE}/attachedTemplate") -> bytes:
    return (
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{kind}" Target="{target}" '
        'TargetMode="External"/></Relationships>'
    ).encode()


REFUSED = {
    "empty": (b"", "空的"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "只收"),
    "html": (b"<html><body>x</body></html>", "只收"),
    "gif-and-script": (b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "只收"),
    "eicar": (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "只收"),
    "program": (b"MZ" + b"\0" * 200, "只收"),
    "old-word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
    "half-a-pdf": (PDF[:-8], "PDF已损坏"),
    "html-before-pdf": (b"<html>" + PDF, "只收"),
    "half-a-photo": (photo()[:200], "已经损坏"),
    "pixel-bomb": (photo("PNG", (9000, 9000)), "像素太多"),
    "half-a-zip": (word()[:-40], "不完整"),
    "other-zip": (excel().replace(b"xl/workbook.xml", b"xl/workbooq.xml"), "只收"),
    "word-with-macros": (word(word__vbaProject_dot_bin=b"x"), "宏"),
    "macro-type": (word(types="application/vnd.ms-word.document.macroEnabled.main+xml"), "宏"),
    "embedded-file": (word(word__embeddings__object_dot_bin=b"MZ"), "嵌有"),
    "active-x": (word(word__activeX__activeX1_dot_xml=b"<x/>"), "嵌有"),
    "template-from-elsewhere": (word(word___rels__settings_dot_xml_dot_rels=rels("http://evil/t.dotm")), "嵌有"),
    "entities": (word(word__bomb_dot_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "另存为"),
    "lists-of-25-mb": (
        word(
            f"{WORD}.document.main+xml",
            **{f"word___rels__{number}_dot_rels": b"<R/>" + b" " * 4_900_000 for number in range(5)},
        ),
        "不完整",
    ),
    "zip-bomb": (word(word__bomb_dot_xml=b" " * (limits.INFLATED_BYTES + 1)), "解压"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_hostile_or_damaged_is_refused_in_words(case: str) -> None:
    data, said = REFUSED[case]
    with pytest.raises(EvidenceRefused, match=said) as refusal:
        inspect_upload(upload(data, "照片.jpg", "image/jpeg"))
    assert any("\u4e00" <= character <= "\u9fff" for character in str(refusal.value))


def test_a_link_in_a_document_is_no_danger() -> None:
    data = word(word___rels__document_dot_xml_dot_rels=rels("https://example.org/", f"{OFFICE}/hyperlink"))
    assert inspect_upload(upload(data)).kind == Kind.WORD


def test_a_part_with_the_name_of_a_folder_above_is_refused() -> None:
    out = BytesIO(word())
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("../evil.xml", "<x/>")
    with pytest.raises(EvidenceRefused, match="不安全"):
        inspect_upload(upload(out.getvalue()))


def test_a_document_that_waits_for_others_is_not_to_be_saved_anew(settings: Any) -> None:
    settings.FILE_SECONDS = 1
    with uploaded.READER._lock, pytest.raises(EvidenceRefused) as refusal:
        inspect_upload(upload(word(), "x.docx"))
    assert str(refusal.value) == "正在读取其他文件。请过一分钟再试。"


def test_documents_and_pictures_are_looked_into_in_processes_of_their_own(settings: Any) -> None:
    settings.FILE_SECONDS = 60
    try:
        assert inspect_upload(upload(word(), "x")).kind == Kind.WORD
        assert inspect_upload(upload(photo("PNG"), "x")).kind == Kind.IMAGE
        with pytest.raises(EvidenceRefused, match=r"宏.*另存为"):
            inspect_upload(upload(word(word__vbaProject_dot_bin=b"x"), "x"))
        assert None not in (uploaded.READER._child, pictures.DARKROOM._child)
    finally:
        uploaded.READER.stop()
        pictures.DARKROOM.stop()


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(EvidenceRefused, match="10MB"):
        inspect_upload(upload(b"%PDF-" + b"0" * LIMIT_BYTES))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\证据\\a.jpg.html", "a.jpg.pdf"),
        ('a\r\nX: "b".pdf', "aX b.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("....", "pdf.pdf"),
        ("", "pdf.pdf"),
        ("字" * 255 + ".pdf", "字" * (NAME_LENGTH - 4) + ".pdf"),
    ],
)
def test_names_are_made_harmless(name: str, clean: str) -> None:
    assert clean_name(name, Kind.PDF) == clean


def test_the_same_bytes_are_one_file_and_one_row_per_town(cast: Cast, evidence_dir: Path) -> None:
    first, second = (
        store_file(actor=actor, now=NOW, town=cast.town, upload=upload(PDF, name))
        for actor, name in ((cast.recorder_a, "一.pdf"), (cast.recorder_b, "二.pdf"))
    )
    other = store_file(actor=cast.other_recorder, now=NOW, town=cast.other_town, upload=upload(PDF, "三.pdf"))
    assert first == second
    assert first != other
    assert [file.name for file in StoredFile.objects.order_by("pk")] == ["一.pdf", "三.pdf"]
    assert len([path for path in evidence_dir.rglob("*") if path.is_file()]) == 1
    assert read_file(first) == PDF


def test_a_name_that_could_tell_a_ground_is_not_kept(cast: Cast, evidence_dir: Path) -> None:
    kept = store_file(actor=cast.recorder_a, now=NOW, town=cast.town, upload=upload(PDF, "赌博.pdf"), keep_names=False)
    assert kept.name == "pdf.pdf"


def test_a_full_disk_is_said_and_leaves_nothing(cast: Cast, evidence_dir: Path) -> None:
    place = evidence_dir / hashlib.sha256(PDF).hexdigest()[:2]
    place.write_bytes(b"in the way")  # no directory can be made here
    with pytest.raises(StoreFailed, match="磁盘已满"):
        store_file(actor=cast.recorder_a, now=NOW, town=cast.town, upload=upload(PDF))
    assert StoredFile.objects.count() == 0


def test_bytes_are_whole_before_they_have_their_name(evidence_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", crash)
        with pytest.raises(StoreFailed):
            keep_bytes(b"evidence")
    assert [path for path in evidence_dir.rglob("*") if path.is_file()] == []
    assert read_bytes(keep_bytes(b"evidence")) == b"evidence"
