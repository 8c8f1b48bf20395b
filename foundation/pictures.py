"""Pictures taken in as what they really are: read and written anew as JPEG, without whatever hid in them.

A picture's place, device and other data are gone, and so is anything appended to it.
"""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from foundation.errors import DomainError

LIMIT_PIXELS = 60_000_000
LONGEST_SIDE = 2400
"""Pixels: enough to read a notice on a photo of its board, small enough to keep for years."""
THUMBNAIL_SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow's readers stumble over in damaged files.
_DAMAGED = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError)


class EvidenceRefused(DomainError):
    """The file is too large, of a kind that is not taken, dangerous or damaged; the message says which."""


class PictureRefused(EvidenceRefused):
    """The file is too large, is no JPEG, PNG or WebP picture, or is damaged."""


def encode_picture(data: bytes) -> bytes:
    """A picture as clean JPEG, upright, no side longer than `LONGEST_SIDE`.

    Raises:
        PictureRefused.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > LIMIT_PIXELS:
                raise PictureRefused(_("The picture has too many pixels. Take it again with a lower resolution."))
            return _write(_shrink(picture, LONGEST_SIDE))
    except _DAMAGED as error:
        raise PictureRefused(
            _("This file is not a JPEG, PNG or WebP picture, or it is damaged. Choose another one.")
        ) from error


def make_thumbnail(data: bytes) -> bytes:
    """A small JPEG of a picture that `encode_picture` made."""
    with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
        return _write(_shrink(picture, THUMBNAIL_SIDE))


def _shrink(picture: Image.Image, side: int) -> Image.Image:
    """A small copy: shrunk before anything else, so that a large picture is never in memory twice."""
    picture.draft("RGB", (side, side))  # a JPEG is then decoded at a fraction of its size
    small: Image.Image = picture
    if small.mode not in ("L", "RGB", "RGBA"):
        small = small.convert("RGBA" if "transparency" in small.info or small.mode in ("PA", "LA") else "RGB")
    small.thumbnail((side, side))
    small = ImageOps.exif_transpose(small)
    clean = Image.new("RGB", small.size, "white")
    clean.paste(small, mask=small if small.mode == "RGBA" else None)
    return clean


def _write(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()
