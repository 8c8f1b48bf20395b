"""What is kept, small: of a picture the picture, of a PDF its first page."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from foundation.pdf_pages import SIDE, draw_first_page
from foundation.pictures import make_thumbnail
from members.models import StoredFile


def make_preview(data: bytes, kind: StoredFile.Kind) -> bytes:
    """A small JPEG of a kept picture or PDF; of a PDF that cannot be drawn an empty sheet that says what it is."""
    if kind == StoredFile.Kind.IMAGE:
        return make_thumbnail(data)
    return draw_first_page(data) or _draw_empty_sheet()


@cache
def _draw_empty_sheet() -> bytes:
    size = round(SIDE / 2**0.5), SIDE
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline="#999")
    pen.text((size[0] / 2, size[1] / 2), "PDF", fill="#666", anchor="mm", font_size=48)
    written = BytesIO()
    sheet.save(written, "JPEG", quality=80)
    return written.getvalue()
