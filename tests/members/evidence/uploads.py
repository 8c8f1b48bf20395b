"""Files as people upload them for evidence."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from weasyprint import HTML

from members.evidence.store import store_files
from members.models import StoredFile

PDF = b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\nendobj\ntrailer\n%%EOF\n"
SHEET = "<style>@page {{ size: {size}; margin: 0; background: {colour} }}</style><p>一</p>"


def make_pdf(*colours: str, size: str = "A4") -> bytes:
    """A page of each colour."""
    first, *rest = [HTML(string=SHEET.format(size=size, colour=colour)).render() for colour in colours]
    pages = [*first.pages, *(page for document in rest for page in document.pages)]
    return bytes(first.copy(pages).write_pdf())


def upload(data: bytes, name: str = "x.bin", content_type: str = "text/plain") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=content_type)


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), name: str = "现场.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def store_file(*, upload: SimpleUploadedFile, **values: object) -> StoredFile:
    """Keep one file."""
    [stored] = store_files(uploads=[upload], **values)  # type: ignore[arg-type]
    return stored
