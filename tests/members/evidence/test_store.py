"""Pictures as proof: taken in as what they really are, cleaned, kept privately under their hash."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from foundation.pictures import LONGEST_SIDE, EvidenceRefused, PictureRefused
from members.evidence.documents import LIMIT_BYTES
from members.evidence.store import read_picture, store_picture, store_scan
from tests.members.evidence.uploads import PDF, picture, upload


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_kept_as_jpeg_under_the_hash_of_their_bytes(kind: str, evidence_dir: Path) -> None:
    name = store_picture(picture(kind))
    data = read_picture(name)
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == name
    assert Image.open(BytesIO(data)).format == "JPEG"
    files = [path for path in evidence_dir.rglob("*") if path.is_file()]
    assert files == [evidence_dir / name[:2] / name]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_the_same_picture_is_kept_once(evidence_dir: Path) -> None:
    assert store_picture(picture()) == store_picture(picture())
    assert len([path for path in evidence_dir.rglob("*") if path.is_file()]) == 1


def test_what_a_camera_or_a_person_hid_in_it_is_gone(evidence_dir: Path) -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (40, 20), (1, 2, 3)).save(out, "JPEG", exif=exif, comment=b"hidden comment")
    upload = SimpleUploadedFile("x.jpg", out.getvalue() + b"<script>appended</script>")
    data = read_picture(store_picture(upload))
    assert data is not None
    for secret in (b"SecretCamera", b"hidden comment", b"appended"):
        assert secret not in data
    assert Image.open(BytesIO(data)).size == (20, 40)


def test_large_pictures_become_smaller(evidence_dir: Path) -> None:
    data = read_picture(store_picture(picture(size=(5000, 100))))
    assert data is not None
    assert Image.open(BytesIO(data)).size == (LONGEST_SIDE, 48)


def gif() -> bytes:
    out = BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"<html><body>x</body></html>",
        b"%PDF-1.7",
        gif(),
        picture().read()[:200],
        b"\xff\xd8\xff\xe0" + b"0" * 100,
    ],
    ids=["empty", "svg", "html", "pdf", "gif", "half", "only-the-head"],
)
def test_anything_else_is_refused_whatever_it_calls_itself(data: bytes, evidence_dir: Path) -> None:
    with pytest.raises(PictureRefused, match="不是JPEG"):
        store_picture(SimpleUploadedFile("x.jpg", data, content_type="image/jpeg"))
    assert not list(evidence_dir.iterdir())


def test_a_scan_is_a_picture_or_a_pdf_and_kept_as_it_came(evidence_dir: Path) -> None:
    name = store_scan(upload(PDF, "回执.pdf"))
    assert read_picture(name) == PDF
    assert store_scan(picture()) == store_picture(picture())
    with pytest.raises(EvidenceRefused, match="PDF已损坏"):
        store_scan(upload(b"%PDF-1.7", "回执.pdf"))
    with pytest.raises(EvidenceRefused):
        store_scan(upload(b"<svg/>", "回执.pdf"))


def test_too_many_bytes_or_pixels_are_refused(evidence_dir: Path) -> None:
    with pytest.raises(PictureRefused, match="10MB"):
        store_picture(SimpleUploadedFile("x.jpg", b"0" * (LIMIT_BYTES + 1)))
    out = BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(PictureRefused, match="像素太多"):
        store_picture(SimpleUploadedFile("x.png", out.getvalue()))


@pytest.mark.parametrize("name", ["", "../settings.py", "a" * 63, "A" * 64, "b" * 64])
def test_no_other_file_is_ever_read(name: str, evidence_dir: Path) -> None:
    assert read_picture(name) is None
